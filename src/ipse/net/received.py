"""What a request brings, bounded before it is read to the end."""

import asyncio
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException

from ipse.ground.errors import Unavailable

TOO_LARGE: Final = 413

CONTENT_S: Final = 30.0
"""Seconds in which all of it must have come: a slow sender holds a place no longer."""


async def received(request: Request, most: int, what: str) -> bytes:
    """Read what was sent: `what`, of at most `most` bytes.

    Raises: HTTPException: it is larger. Unavailable: it came too slowly.
    """
    read = bytearray()
    try:
        async with asyncio.timeout(CONTENT_S):
            async for piece in request.stream():
                read += piece
                if len(read) > most:
                    raise HTTPException(
                        TOO_LARGE, f"{what} has at most {most} bytes here."
                    )
    except TimeoutError:
        raise Unavailable(f"{what} came too slowly: send it again.") from None
    return bytes(read)
