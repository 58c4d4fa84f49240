"""A cosignature holds for one witness, one checkpoint and one time."""

import base64

import pytest
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint as Theirs

from ipse.ground.errors import Unproven
from ipse.tlog.cosignature import check_cosignature, cosigned_text
from ipse.tlog.note import Kind, Signature
from ipse_lab.logs import AT, MemoryLog, cosigned_by, key_of, numbered

WITNESS = key_of("example/2", Kind.WITNESS)
TEXT = MemoryLog(entries=numbered(3)).note().split(b"\n\n")[0] + b"\n"
GOOD = cosigned_by("example/2", TEXT)


def test_a_witness_signs_what_c2sp_says() -> None:
    """The example of c2sp.org/tlog-cosignature, whose key nobody has."""
    checkpoint = (
        b"example.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    line = base64.b64decode(
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5"
        "nNo0xUe+mbIUBkBIfZ+qnA=="
    )
    assert int.from_bytes(line[4:12]) == 1679315147
    assert len(line) == 4 + 8 + 64
    assert cosigned_text(checkpoint, 1679315147) == (
        b"cosignature/v1\ntime 1679315147\n" + checkpoint
    )


def test_a_cosignature_says_when() -> None:
    assert check_cosignature(GOOD, TEXT, WITNESS) == AT


def test_another_implementation_believes_it() -> None:
    note = MemoryLog(entries=numbered(3)).cosigned()
    Theirs.from_text(note.decode()).verify(Vkey.from_string(WITNESS.spell()))


CHANGED = {
    "another time": Signature(GOOD.name, GOOD.id, bytes(8) + GOOD.proof[8:]),
    "another witness": cosigned_by("example/3", TEXT),
    "another checkpoint": cosigned_by("example/2", b"o\n" + TEXT),
    "a byte less": Signature(GOOD.name, GOOD.id, GOOD.proof[:-1]),
    "a time beyond all times": cosigned_by("example/2", TEXT, 2**63),
    "the log's key": Signature("example/2", key_of("example/2").id, GOOD.proof),
}


@pytest.mark.parametrize("changed", CHANGED.values(), ids=CHANGED)
def test_nothing_else_is_a_cosignature(changed: Signature) -> None:
    with pytest.raises(Unproven, match="example/2"):
        check_cosignature(changed, TEXT, WITNESS)


def test_every_bit_of_it_counts() -> None:
    for place in range(len(GOOD.proof)):
        for bit in range(8):
            proof = bytearray(GOOD.proof)
            proof[place] ^= 1 << bit
            with pytest.raises(Unproven):
                check_cosignature(
                    Signature(GOOD.name, GOOD.id, bytes(proof)), TEXT, WITNESS
                )
