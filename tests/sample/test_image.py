"""A picture unfolds only if its header allows it, and then upright."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import Malformed, Refused
from ipse.sample.image import image_size, read_image
from ipse_lab.portraits import grace_hopper

PIXELS = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)


def written(kind: str) -> bytes:
    _, encoded = cv2.imencode(kind, PIXELS)
    return bytes(encoded)


def png_that_announces(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(header))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
    )


def jpeg_with_orientation(turn: int) -> bytes:
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">H", turn)
    exif = b"Exif\0\0" + tiff + b"\0\0\0\0\0\0"
    plain = written(".jpg")
    marker = b"\xff\xe1" + struct.pack(">H", len(exif) + 2)
    return plain[:2] + marker + exif + plain[2:]


@pytest.mark.parametrize("kind", [".jpg", ".png", ".webp"])
def test_the_header_gives_the_size_of_each_format(kind: str) -> None:
    assert image_size(written(kind)) == (30, 20)
    assert read_image(written(kind)).shape == (20, 30, 3)


def test_a_lossless_webp_has_another_header_that_is_read_too() -> None:
    _, encoded = cv2.imencode(".webp", PIXELS, [cv2.IMWRITE_WEBP_QUALITY, 101])
    assert image_size(bytes(encoded)) == (30, 20)
    assert np.array_equal(read_image(bytes(encoded)), PIXELS)


def test_a_photo_that_lies_on_its_side_is_turned_upright() -> None:
    assert read_image(jpeg_with_orientation(1)).shape == (20, 30, 3)
    assert read_image(jpeg_with_orientation(6)).shape == (30, 20, 3)


@pytest.mark.parametrize(
    ("width", "height"), [(10_000, 10_000), (1, 40_000_001), (2**31 - 1, 2**31 - 1)]
)
def test_a_hundred_megapixels_are_refused_before_they_are_unfolded(
    width: int, height: int
) -> None:
    with pytest.raises(Refused, match="give a smaller photo"):
        read_image(png_that_announces(width, height))


def test_a_real_bomb_of_a_hundred_megapixels_is_refused() -> None:
    _, bomb = cv2.imencode(
        ".png", np.zeros((10_000, 10_000), np.uint8), [cv2.IMWRITE_PNG_COMPRESSION, 9]
    )
    assert len(bomb) < 200_000
    with pytest.raises(Refused, match="10000 x 10000 pixels"):
        read_image(bytes(bomb))


NO_PICTURES = {
    "empty": b"",
    "text": b"not a picture",
    "gif": b"GIF89a" + bytes(100),
    "png without header": b"\x89PNG\r\n\x1a\n" + bytes(30),
    "jpeg that ends": b"\xff\xd8\xff\xe0",
    "jpeg out of step": b"\xff\xd8\xff\xe0\x00\x04ab" + bytes(20),
    "webp of no kind": b"RIFF\0\0\0\0WEBPVP9 " + bytes(30),
    "no pixels": png_that_announces(0, 10),
    "header alone": png_that_announces(10, 10),
    "cut in half": written(".png")[:200],
}


@pytest.mark.parametrize("data", NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_is_no_picture_is_named_so(data: bytes) -> None:
    with pytest.raises(Malformed, match=r"^photo: "):
        read_image(data)


@given(st.data())
def test_no_damage_to_a_header_gives_anything_but_a_size_or_an_error(
    data: st.DataObject,
) -> None:
    whole = bytearray(data.draw(st.sampled_from([written(".png"), grace_hopper()])))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(2, min(700, len(whole) - 1)))
        whole[at] = data.draw(st.integers(0, 255))
    try:
        width, height = image_size(bytes(whole[: data.draw(st.integers(0, 700))]))
    except Malformed:
        return
    assert width > 0
    assert height > 0
