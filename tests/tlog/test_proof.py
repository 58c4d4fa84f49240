"""A proof that travels shows one entry, in a log that others saw."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.tlog import Checkpoint as Theirs
from tlog_scales.tlog import InclusionProof

from ipse.ground.errors import Malformed, Unproven
from ipse.tlog.note import read_key, read_note, write_note
from ipse.tlog.proof import HASHES, Proof, read_proof, write_proof
from ipse.tlog.tree import hash_leaf, prove_inclusion
from ipse.tlog.trust import Log, check_cosigned
from ipse_lab.arbitrary import mutated
from ipse_lab.logs import MemoryLog, numbered

VECTORS = Path(__file__).parents[1] / "vectors" / "tlog"
GO = Log(
    "go.sum database tree",
    read_key("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"),
    (),
)
LOG = MemoryLog(entries=numbered(300))
PROOF = Proof(
    257, prove_inclusion(257, 300, LOG.reader().span), read_note(LOG.cosigned())
)
GOOD = write_proof(PROOF)


def test_a_real_proof_of_the_go_checksum_database_holds() -> None:
    """Entry 43,930,254 of 58,253,265, as its checkpoint of that day has it."""
    content = (VECTORS / "sumdb.tlog-proof").read_bytes()
    entry = (VECTORS / "sumdb.entry").read_bytes()
    proof = read_proof(content)
    assert write_proof(proof) == content
    assert (
        check_cosigned(write_note(proof.note), GO).signed.checkpoint.size == 58_253_265
    )
    proof.check(hash_leaf(entry))
    with pytest.raises(Unproven):
        proof.check(hash_leaf(entry[:-1]))


def test_ours_holds_and_another_implementation_agrees() -> None:
    leaf = hash_leaf(LOG.entries[257])
    read_proof(GOOD).check(leaf)
    theirs = Theirs.from_text(GOOD.decode().partition("\n\n")[2])
    InclusionProof(257, theirs.size, list(PROOF.siblings)).check(leaf, theirs.root_hash)


@pytest.mark.parametrize("index", [0, 256, 258, 299, 300])
def test_an_entry_is_in_one_place(index: int) -> None:
    with pytest.raises(Unproven):
        Proof(index, PROOF.siblings, PROOF.note).check(hash_leaf(LOG.entries[257]))


@given(mutated(st.just(GOOD)))
def test_whatever_is_read_has_no_other_spelling(content: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert write_proof(read_proof(content)) == content


BROKEN = {
    "nothing": b"",
    "another version": GOOD.replace(b"@v1", b"@v2"),
    "extra data": GOOD.replace(b"index", b"extra AAAA\nindex"),
    "no index": GOOD.replace(b"index 257\n", b""),
    "another index": GOOD.replace(b"index 257", b"index 0257"),
    "no checkpoint": GOOD.partition(b"\n\n")[0] + b"\n\n",
    "too many hashes": GOOD.replace(
        b"index 257\n", b"index 257\n" + (HASHES + 1) * (b"A" * 43 + b"=\n")
    ),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_is_no_proof_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        read_proof(content)
