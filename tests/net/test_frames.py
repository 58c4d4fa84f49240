"""A frame says what it is and where it ends, and nothing may claim too much."""

import pytest

from ipse.ground.errors import Malformed
from ipse.net.frames import HEAD_BYTES, MOST, Kind, read_head, write_head


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("length", [0, 1, 65_536, 1 << 20])
def test_what_is_written_is_read_back(kind: Kind, length: int) -> None:
    head = write_head(kind, length)
    assert len(head) == HEAD_BYTES
    assert read_head(head) == (kind, length)


@pytest.mark.parametrize("kind", Kind)
def test_a_longer_body_than_the_limit_is_neither_sent_nor_read(kind: Kind) -> None:
    too_long = MOST[kind] + 1
    with pytest.raises(Malformed, match="limit"):
        write_head(kind, too_long)
    with pytest.raises(Malformed, match="limit"):
        read_head(bytes([kind]) + too_long.to_bytes(4, "big"))


@pytest.mark.parametrize("number", [0, 3, 0x16, 255])
def test_a_kind_without_a_meaning_is_refused(number: int) -> None:
    with pytest.raises(Malformed, match="no meaning"):
        read_head(bytes([number, 0, 0, 0, 0]))
