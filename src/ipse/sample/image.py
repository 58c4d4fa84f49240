"""Pictures: bytes in, pixels out, and never more pixels than were announced.

A compressed picture of a megabyte can unfold into gigabytes, so the size is read from
its header before anything is unfolded::

    bytes --> format and size, from the header --> size allowed? --> pixels, upright

JPEG, PNG and WebP are read. What is in the pixels is `ipse.sample.face`'s concern.
"""

import re
import struct
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Malformed, Refused

Image: TypeAlias = npt.NDArray[np.uint8]
"""Pixels, uint8[height, width, 3], blue green red, as OpenCV has them."""

MAX_PIXELS: Final = 40_000_000
"""Largest picture that is unfolded: 120 MB of memory. Phones give 12 to 25 million."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_MARK: Final = 0xFF
"""Begins every JPEG marker, and may be repeated before one."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that begin a frame, and so carry its size."""
_BARE: Final = frozenset(range(0xD0, 0xD8)) | {0x01}
"""JPEG markers without a length."""
_NO_IMAGE: Final = "photo: not a JPEG, PNG or WebP picture; give a photo in one of them"


def read_image(data: bytes) -> Image:
    """Unfold a picture, turned upright as its EXIF orientation says.

    Raises:
        Malformed: these bytes are no picture, or a damaged one.
        Refused: the picture has more than MAX_PIXELS.
    """
    width, height = image_size(data)
    if width * height > MAX_PIXELS:
        raise Refused(
            f"photo: {width} x {height} pixels are more than "
            f"{MAX_PIXELS // 1_000_000} million; give a smaller photo"
        )
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        image = None
    if image is None or sorted(image.shape[:2]) != sorted((height, width)):
        raise Malformed("photo: the picture is damaged; copy or take it again")
    return np.asarray(image, np.uint8)


def image_size(data: bytes) -> tuple[int, int]:
    """Width and height that a picture's header announces, both at least 1.

    Raises:
        Malformed: no header of a known format, or one without a size.
    """
    try:
        if data.startswith(b"\xff\xd8\xff"):
            width, height = _jpeg_size(data)
        elif data.startswith(_PNG) and data[12:16] == b"IHDR":
            width, height = struct.unpack_from(">II", data, 16)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            width, height = _webp_size(data)
        else:
            raise Malformed(_NO_IMAGE)
    except (struct.error, IndexError):
        raise Malformed(
            "photo: the picture ends within its header; copy it again"
        ) from None
    if width < 1 or height < 1:
        raise Malformed("photo: the picture's header gives no size; take it again")
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        if data[at] != _MARK:
            raise Malformed("photo: the picture's header is damaged; copy it again")
        marker = data[at + 1]
        if marker == _MARK:
            at += 1
        elif marker in _BARE:
            at += 2
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        else:
            (length,) = struct.unpack_from(">H", data, at + 2)
            at += 2 + length


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[i : i + 3], "little") for i in (24, 27))
        return width + 1, height + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if re.fullmatch(b"VP8 .{7}\x9d\x01\x2a", data[12:26], re.DOTALL):
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise Malformed(_NO_IMAGE)
