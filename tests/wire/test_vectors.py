"""The bytes on the wire are the stored ones, until someone changes them on purpose.

Each file under tests/vectors/wire has one record that is read, and some thirty that
are refused, each for its reason. They are written by ipse_lab.vectors.
"""

import json
from pathlib import Path
from typing import Any

import cbor2
import pytest

from ipse.ground.errors import Malformed
from ipse_lab.examples import records, shapes
from ipse_lab.vectors import DIGESTS, apply, digests, file_name, vector

FILES = Path(__file__).parents[1] / "vectors" / "wire"
VECTORS: dict[str, dict[str, Any]] = {
    tag: json.loads((FILES / file_name(tag)).read_text(encoding="utf-8"))
    for tag in records()
}
INVALID = [
    pytest.param(tag, entry, id=f"{tag}: {entry['reason']}")
    for tag, found in VECTORS.items()
    for entry in found["invalid"]
]


@pytest.mark.parametrize("tag", VECTORS)
def test_a_stored_record_is_read_and_written_byte_for_byte(tag: str) -> None:
    stored = bytes.fromhex(VECTORS[tag]["valid"]["hex"])
    assert shapes()[tag].decode(stored) == records()[tag]
    assert shapes()[tag].encode(records()[tag]) == stored


@pytest.mark.parametrize("tag", VECTORS)
def test_another_library_reads_the_tag_and_as_many_fields(tag: str) -> None:
    found = cbor2.loads(bytes.fromhex(VECTORS[tag]["valid"]["hex"]))
    assert found[0] == tag == VECTORS[tag]["tag"]
    assert len(found) == 1 + len(VECTORS[tag]["fields"])


@pytest.mark.parametrize(("tag", "edit"), INVALID)
def test_a_broken_record_is_refused(tag: str, edit: dict[str, Any]) -> None:
    broken = apply(bytes.fromhex(VECTORS[tag]["valid"]["hex"]), edit)
    with pytest.raises(Malformed):
        shapes()[tag].decode(broken)


@pytest.mark.parametrize("tag", VECTORS)
def test_the_stored_vectors_are_what_the_code_would_write(tag: str) -> None:
    """After a change on purpose: python -m ipse_lab.vectors tests/vectors/wire."""
    assert vector(tag) == VECTORS[tag]


def test_there_is_no_vector_without_a_record() -> None:
    assert {path.name for path in FILES.iterdir()} == {
        *map(file_name, shapes()),
        DIGESTS,
    }


def test_digests_and_what_a_box_is_bound_to_are_the_stored_ones() -> None:
    assert json.loads((FILES / DIGESTS).read_text(encoding="utf-8")) == digests()
