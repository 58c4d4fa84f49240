"""A wallet believes the charter that it saw first, signed by all three."""

from dataclasses import replace
from pathlib import Path

import pytest

from ipse.ground.errors import Malformed, Unavailable, Unproven
from ipse.ground.names import Epoch
from ipse.owner.pin import read_charter
from ipse.wire.charter import SIGNED_CHARTER
from ipse_lab.examples import signed_charter, trusted_charter


def written(folder: Path, content: bytes) -> Path:
    path = folder / "charter.cbor"
    path.write_bytes(content)
    return path


def test_a_charter_that_all_three_signed_is_read(tmp_path: Path) -> None:
    content = SIGNED_CHARTER.encode(signed_charter())
    assert read_charter(written(tmp_path, content)) == trusted_charter()


def test_a_charter_that_was_changed_by_one_number_is_not(tmp_path: Path) -> None:
    later = replace(signed_charter().charter, epoch=Epoch(8))
    forged = SIGNED_CHARTER.encode(replace(signed_charter(), charter=later))
    with pytest.raises(Unproven, match="Operator 1 did not sign"):
        read_charter(written(tmp_path, forged))


def test_a_charter_that_one_operator_did_not_sign_is_not(tmp_path: Path) -> None:
    first, second, _ = signed_charter().signatures
    forged = replace(signed_charter(), signatures=(first, second, second))
    with pytest.raises(Unproven, match="Operator 3 did not sign"):
        read_charter(written(tmp_path, SIGNED_CHARTER.encode(forged)))


def test_a_file_that_is_no_charter_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"charter\.cbor is no charter: get it"):
        read_charter(written(tmp_path, b"hello"))


def test_a_charter_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="'ipse up'"):
        read_charter(tmp_path / "charter.cbor")
