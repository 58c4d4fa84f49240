"""A proof shows what the tree says, and no changed proof shows anything."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales import reader as scales
from tlog_scales.tlog import ConsistencyProof, InclusionProof

from ipse.ground.errors import Malformed, OutOfTurn, Unproven
from ipse.tlog.tree import (
    EMPTY,
    Hash,
    check_consistency,
    check_inclusion,
    hash_leaf,
    hash_node,
    prefix_path,
    prove_consistency,
    prove_inclusion,
    root_of,
    roots_by,
    span_of,
)

# RFC 6962's tree of seven, as the reference implementation of Certificate Transparency
# tests it: entries and the root over the first 1, 2, ... of them.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [hash_leaf(entry) for entry in ENTRIES]


def many(size: int) -> list[Hash]:
    return [hash_leaf(f"{index}".encode()) for index in range(size)]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_no_entries_have_a_root_too() -> None:
    assert root_of([]) == EMPTY == hashlib.sha256(b"").digest()


def test_a_leaf_is_no_node() -> None:
    """Else two hashes side by side would be an entry, and a tree another one's leaf."""
    left, right = LEAVES[:2]
    assert hash_node(left, right) != hash_leaf(left + right)


@pytest.mark.parametrize("size", range(1, 20))
def test_every_entry_of_every_small_tree_is_proved(size: int) -> None:
    leaves = many(size)
    span, root = span_of(leaves), root_of(leaves)
    for index, leaf in enumerate(leaves):
        proof = prove_inclusion(index, size, span)
        check_inclusion(index, size, leaf, proof, root)
        InclusionProof(index, size, list(proof)).check(leaf, root)  # theirs agrees
        for wrong in {*range(size)} - {index}:
            with pytest.raises(Unproven):
                check_inclusion(wrong, size, leaf, proof, root)


@pytest.mark.parametrize("newer", range(20))
def test_every_beginning_of_every_small_tree_is_proved(newer: int) -> None:
    leaves = many(newer)
    span, root = span_of(leaves), root_of(leaves)
    for older in range(newer + 1):
        proof = prove_consistency(older, newer, span)
        was = root_of(leaves[:older])
        check_consistency(older, newer, proof, was, root)
        ConsistencyProof(older, newer, list(proof)).check(was, root)  # theirs agrees
        if 0 < older < newer:
            assert roots_by(older, newer, prefix_path(older, newer, span)) == (
                was,
                root,
            )


def test_proofs_are_those_of_another_implementation() -> None:
    leaves = many(300)
    theirs = scales.TilesReader(backend=None)
    theirs.set_size(300)
    theirs.mth = span_of(leaves)
    for index in (0, 1, 255, 256, 299):
        found = theirs.get_inclusion_proof(index, 300)
        assert prove_inclusion(index, 300, span_of(leaves)) == tuple(found.node_hashes)
    for older in (1, 2, 3, 128, 255, 256, 257, 299):
        found = theirs.get_consistency_proof(older, 300)
        assert prove_consistency(older, 300, span_of(leaves)) == tuple(
            found.node_hashes
        )


sizes = st.integers(2, 600)


@given(sizes, st.data())
def test_no_changed_inclusion_proof_holds(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = many(size)
    proof = prove_inclusion(index, size, span_of(leaves))
    with pytest.raises(Unproven):
        check_inclusion(
            index, size, leaves[index], data.draw(changed(proof)), root_of(leaves)
        )


@given(sizes, st.data())
def test_no_changed_consistency_proof_holds(size: int, data: st.DataObject) -> None:
    older = data.draw(st.integers(1, size - 1))
    leaves = many(size)
    proof = prove_consistency(older, size, span_of(leaves))
    with pytest.raises(Unproven):
        check_consistency(
            older,
            size,
            data.draw(changed(proof)),
            root_of(leaves[:older]),
            root_of(leaves),
        )


@st.composite
def changed(draw: st.DrawFn, proof: tuple[Hash, ...]) -> tuple[Hash, ...]:
    """Return a proof with a bit flipped, a hash left out, or one too many."""
    place = draw(st.integers(0, len(proof) - 1)) if proof else 0
    how = draw(st.sampled_from(["bit", "out", "in"])) if proof else "in"
    before, after = proof[:place], proof[place + 1 :]
    if how == "bit":
        bit = draw(st.integers(0, 255))
        one = int.from_bytes(proof[place]) ^ (1 << bit)
        return (*before, Hash(one.to_bytes(32)), *after)
    if how == "out":
        return (*before, *after)
    return (*before, hash_leaf(b"more"), *proof[place:])


def test_a_log_that_shrank_is_told_so() -> None:
    with pytest.raises(Unproven, match="had 3 entries and now says 2: it shrank"):
        check_consistency(3, 2, (), root_of(LEAVES[:3]), root_of(LEAVES[:2]))


def test_two_roots_for_one_size_are_told_so() -> None:
    with pytest.raises(Unproven, match="two roots for one size"):
        check_consistency(2, 2, (), LEAVES[0], LEAVES[1])


def test_a_rewritten_beginning_is_told_so() -> None:
    other = [hash_leaf(b"other"), *LEAVES[1:3]]
    proof = prove_consistency(3, 8, span_of(LEAVES))
    with pytest.raises(Unproven, match="first 3 of 8 entries are not those"):
        check_consistency(3, 8, proof, root_of(other), root_of(LEAVES))


@pytest.mark.parametrize(("older", "newer"), [(0, 5), (5, 5), (0, 0)])
def test_what_needs_no_proof_has_none(older: int, newer: int) -> None:
    was, now = root_of(LEAVES[:older]), root_of(LEAVES[:newer])
    check_consistency(older, newer, (), was, now)
    with pytest.raises(Unproven, match="needs no hashes"):
        check_consistency(older, newer, (LEAVES[0],), was, now)


def test_nothing_has_one_root() -> None:
    with pytest.raises(Unproven, match="no entries"):
        check_consistency(0, 2, (), LEAVES[0], root_of(LEAVES[:2]))


@pytest.mark.parametrize("index", [-1, 3])
def test_an_entry_beyond_the_end_is_proved_by_nothing(index: int) -> None:
    with pytest.raises(Unproven, match="3 entries"):
        check_inclusion(index, 3, LEAVES[0], (), root_of(LEAVES[:3]))
    with pytest.raises(OutOfTurn):
        prove_inclusion(index, 3, span_of(LEAVES))


def test_a_hash_of_a_proof_has_32_bytes() -> None:
    for short in (b"", bytes(31), bytes(33)):
        with pytest.raises(Malformed, match="32 bytes"):
            check_inclusion(0, 2, LEAVES[0], (Hash(short),), LEAVES[1])


@pytest.mark.parametrize("older", [0, 2, 3])
def test_a_path_between_no_two_sizes_leads_nowhere(older: int) -> None:
    with pytest.raises(Unproven, match="too short"):
        roots_by(older, 2, (LEAVES[0],))
