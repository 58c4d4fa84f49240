"""The part of the door where a log is read, and a witness is asked: as C2SP has it.

    GET  /log/checkpoint          the last one that both witnesses cosigned
    GET  /log/tile/...            tiles and entries, which never change
    POST /log/add-checkpoint      a log of the two others wants a cosignature

Anybody may read and copy the log: it holds hashes. What a checkpoint says is not known
here; it is handed to the front.
"""

from typing import Final, Protocol

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from ipse.ground.errors import Unavailable
from ipse.net.received import received

PLAIN: Final = "text/plain; charset=utf-8"
TILE: Final = "application/octet-stream"
NOT_THERE: Final = 404
FRESH: Final = {"cache-control": "no-cache"}
"""A checkpoint is out of date a moment later."""

FOR_GOOD: Final = {"cache-control": "public, max-age=31536000, immutable"}
"""A tile is never out of date: RFC 8246, and a year, which caches take for ever."""


class LogFront(Protocol):
    """An operator's log and witness, as the door sees them."""

    @property
    def most_asked(self) -> int:
        """Bytes of what a witness is asked."""
        ...

    def checkpoint(self) -> bytes | None:
        """Return the checkpoint that everybody may see, if there is one yet."""
        ...

    def tile(self, path: str) -> bytes | None:
        """Return the file at `tile/...`, if the checkpoint covers it."""
        ...

    def add_checkpoint(self, content: bytes) -> tuple[int, str, bytes]:
        """Answer a log: status, media type, text. Raises: IpseError: not now."""
        ...


def add_log(app: FastAPI, front: LogFront) -> None:
    """Describe the log's part of the door."""

    @app.get("/log/checkpoint", response_class=Response, responses=_text("A note."))
    async def checkpoint() -> Response:
        """Return the log's checkpoint with its cosignatures (c2sp.org/tlog-tiles)."""
        note = await run_in_threadpool(front.checkpoint)
        if note is None:
            raise Unavailable("The witnesses have not seen this log yet: try again.")
        return Response(note, headers=FRESH, media_type=PLAIN)

    @app.get("/log/tile/{path:path}", response_class=Response)
    async def tile(path: str) -> Response:
        """Return a tile or a bundle of entries (c2sp.org/tlog-tiles)."""
        content = await run_in_threadpool(front.tile, f"tile/{path}")
        if content is None:
            return Response(status_code=NOT_THERE, headers=FRESH)
        return Response(content, headers=FOR_GOOD, media_type=TILE)

    @app.post(
        "/log/add-checkpoint", response_class=Response, responses=_text("A line.")
    )
    async def add_checkpoint(request: Request) -> Response:
        """Cosign a checkpoint of one of the two other logs (c2sp.org/tlog-witness)."""
        content = await received(request, front.most_asked, "What a witness is asked")
        status, kind, answer = await run_in_threadpool(front.add_checkpoint, content)
        return Response(answer, status, media_type=kind)


def _text(what: str) -> dict[int | str, dict[str, object]]:
    schema = {"schema": {"type": "string"}}
    return {200: {"description": what, "content": {"text/plain": schema}}}
