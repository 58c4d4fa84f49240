"""A longer way between two parties: every byte arrives some time later.

    python -m ipse_lab.bench.relay DELAY_MS PORT:TARGET ...

It listens on each loopback port and hands on to the target, both ways, each byte after
the delay, which is half of a round trip. A new connection is accepted at once, as
loopback does; its first bytes wait a whole round trip more, as TCP's handshake would
make them. Nothing is dropped, bandwidth has no bound and windows are open: what is
measured is the waiting, not the line.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from ipse.ground.errors import Unavailable

LOOPBACK: Final = "127.0.0.1"
CHUNK: Final = 1 << 16  # bytes
PATIENCE_S: Final = 60.0  # until a target listens
RETRY_S: Final = 0.05

Arriving = asyncio.Queue[tuple[float, bytes]]


@contextmanager
def relayed(delay_ms: float, ports: Collection[tuple[int, int]]) -> Iterator[None]:
    """Run a relay in a process of its own.

    Args:
        delay_ms: how long a byte is held up, one way.
        ports: where it listens, and whereto it hands on.

    Raises: Unavailable: it does not listen.
    """
    pairs = [f"{port}:{target}" for port, target in ports]
    process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
        [sys.executable, "-m", __name__, str(delay_ms), *pairs],
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    try:
        if process.stdout is None or not process.stdout.readline():
            raise Unavailable("The relay can't listen: its ports are taken; try again.")
        yield
    finally:
        process.kill()
        process.communicate()


async def relay(delay_s: float, port: int, target: int) -> asyncio.Server:
    """Serve one port. Returns: the listening socket, to be served for ever."""

    async def handed_on(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        shaken_s = time.monotonic() + 2 * delay_s
        there, back = await _reached(target)
        await asyncio.gather(
            _carried(reader, back, delay_s, shaken_s),
            _carried(there, writer, delay_s, shaken_s),
        )
        for end in (back, writer):
            end.close()

    return await asyncio.start_server(handed_on, LOOPBACK, port)


async def _reached(target: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect as soon as the target listens."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with suppress(ConnectionError):
                return await asyncio.open_connection(LOOPBACK, target)
            await asyncio.sleep(RETRY_S)


async def _carried(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    delay_s: float,
    shaken_s: float,
) -> None:
    """Hand on what is read, each piece `delay_s` after it came; empty is the end.

    What came before the handshake would have been over, at `shaken_s`, came then.
    """
    arriving: Arriving = asyncio.Queue()
    leaving = asyncio.create_task(_left(arriving, writer))
    piece = b"?"
    while piece:
        piece = b""
        with suppress(OSError):
            piece = await reader.read(CHUNK)
        came_s = max(time.monotonic(), shaken_s)
        arriving.put_nowait((came_s + delay_s, piece))
    await leaving


async def _left(arriving: Arriving, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # whoever was to have it is gone
        while True:
            due_s, piece = await arriving.get()
            await asyncio.sleep(max(due_s - time.monotonic(), 0))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        writer.write_eof()


async def _main(delay_s: float, pairs: list[str]) -> None:
    servers = [
        await relay(delay_s, *(int(port) for port in pair.split(":"))) for pair in pairs
    ]
    print("listening", flush=True)  # noqa: T201 (whoever started it waits for this)
    await asyncio.gather(*(each.serve_forever() for each in servers))


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1]) / 1_000, sys.argv[2:]))
