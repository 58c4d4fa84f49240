"""A longer way between a peer's processes: every byte arrives some time later.

Run by `drive`, as `python -m ipse_lab.bench.peers.relay DELAY_MS PORT:TARGET ...`. It
listens on each loopback port and hands on to the target, both ways, each byte after
the delay: half of a round trip. Nothing is dropped, and bandwidth is not limited.
"""

import asyncio
import sys
from contextlib import suppress
from typing import Final

LOOPBACK: Final = "127.0.0.1"
CHUNK: Final = 1 << 16  # bytes
PATIENCE_S: Final = 60.0  # until a target listens
RETRY_S: Final = 0.05

Arriving = asyncio.Queue[tuple[float, bytes]]


async def relay(delay_s: float, port: int, target: int) -> asyncio.Server:
    """Serve one port. Returns: the listening socket, to be served for ever."""

    async def handed_on(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        there, back = await _reached(target)
        await asyncio.gather(
            _carried(reader, back, delay_s), _carried(there, writer, delay_s)
        )

    return await asyncio.start_server(handed_on, LOOPBACK, port)


async def _reached(target: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect as soon as the target listens."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with suppress(ConnectionError):
                return await asyncio.open_connection(LOOPBACK, target)
            await asyncio.sleep(RETRY_S)


async def _carried(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float
) -> None:
    """Hand on what is read, each piece `delay_s` after it came; empty is the end."""
    arriving: Arriving = asyncio.Queue()
    leaving = asyncio.create_task(_left(arriving, writer))
    clock = asyncio.get_running_loop()
    piece = b"?"
    while piece:
        piece = b""
        with suppress(ConnectionError):
            piece = await reader.read(CHUNK)
        arriving.put_nowait((clock.time() + delay_s, piece))
    await leaving


async def _left(arriving: Arriving, writer: asyncio.StreamWriter) -> None:
    clock = asyncio.get_running_loop()
    with suppress(ConnectionError):
        while True:
            due, piece = await arriving.get()
            await asyncio.sleep(max(due - clock.time(), 0))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
    writer.close()


async def _main(delay_s: float, pairs: list[str]) -> None:
    servers = [
        await relay(delay_s, *(int(port) for port in pair.split(":"))) for pair in pairs
    ]
    await asyncio.gather(*(each.serve_forever() for each in servers))


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1]) / 1_000, sys.argv[2:]))
