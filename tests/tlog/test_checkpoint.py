"""Checkpoints have one spelling."""

import base64
import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground.errors import Malformed
from ipse.tlog.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from ipse.tlog.note import read_key
from ipse.tlog.tree import EMPTY, Hash
from ipse.tlog.trust import Log, check_cosigned
from ipse_lab.arbitrary import mutated

VECTORS = Path(__file__).parents[1] / "vectors" / "tlog"
GO = Log(
    "go.sum database tree",
    read_key("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"),
    (),
)
ROOT = base64.b64encode(bytes(32)).decode()
checkpoints = st.builds(
    Checkpoint,
    origin=st.text("aZ09/. -\u00e9", min_size=1, max_size=20),
    size=st.integers(1, 2**63 - 1),
    root=st.binary(min_size=32, max_size=32).map(Hash),
) | st.just(Checkpoint("empty", 0, EMPTY))


@pytest.mark.parametrize("size", [756_113, 6_476_701, 63_096_908])
def test_real_checkpoints_of_the_go_checksum_database_hold(size: int) -> None:
    content = (VECTORS / f"sumdb-{size}.checkpoint").read_bytes()
    assert check_cosigned(content, GO).signed.checkpoint.size == size


@given(checkpoints)
def test_what_is_written_is_read_back(checkpoint: Checkpoint) -> None:
    assert read_checkpoint(write_checkpoint(checkpoint)) == checkpoint


@given(st.binary() | mutated(checkpoints.map(write_checkpoint)))
def test_whatever_is_read_has_no_other_spelling(content: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert write_checkpoint(read_checkpoint(content)) == content


SIZES = ["", "-1", "+1", "01", " 1", "1_0", "1.0", "\u0661", "9223372036854775808"]


@pytest.mark.parametrize("size", SIZES)
def test_sizes_that_int_would_forgive_are_refused(size: str) -> None:
    with pytest.raises(Malformed, match="size must be a decimal"):
        read_checkpoint(f"o\n{size}\n{ROOT}\n".encode())


FORGIVEN = {
    "stray last bits": ROOT[:-2] + "B=",
    "a space": ROOT[:4] + " " + ROOT[4:],
    "no padding": ROOT[:-1],
    "more padding": ROOT + "=",
    "the alphabet of URLs": "-" + ROOT[1:],
    "31 bytes": base64.b64encode(bytes(31)).decode(),
    "no ASCII": "\u00e9" + ROOT[1:],
}


@pytest.mark.parametrize("root", FORGIVEN.values(), ids=FORGIVEN)
def test_roots_that_base64_would_forgive_are_refused(root: str) -> None:
    with pytest.raises(Malformed, match="A log's root"):
        read_checkpoint(f"o\n1\n{root}\n".encode())


@pytest.mark.parametrize("tail", ["", "\n\n", "\nmore", "\nmore\n"])
def test_there_are_three_lines_and_each_is_ended(tail: str) -> None:
    with pytest.raises(Malformed, match="exactly three lines"):
        read_checkpoint(f"o\n1\n{ROOT}{tail}".encode())


@pytest.mark.parametrize("origin", ["", "a\x7fb", "a\u2028b", "a" * 256])
def test_a_log_has_a_name_that_can_be_read(origin: str) -> None:
    with pytest.raises(Malformed, match="origin"):
        read_checkpoint(f"{origin}\n1\n{ROOT}\n".encode())


def test_a_log_of_nothing_has_the_root_of_nothing() -> None:
    with pytest.raises(Malformed, match="no entries"):
        read_checkpoint(f"o\n0\n{ROOT}\n".encode())


def test_a_checkpoint_is_not_read_to_the_end_before_its_length_is() -> None:
    with pytest.raises(Malformed, match="at most"):
        read_checkpoint(b"o" * 2_000)
