"""The tree: one hash for a list of entries, and short proofs about the list.

    leaf(e)     = SHA-256(0x00 ‖ e)
    node(l, r)  = SHA-256(0x01 ‖ l ‖ r)
    span(a, b)  = leaf(entry a)                        where b = a + 1
                  node(span(a, a + k), span(a + k, b)) where k is the largest power of
                                                       two below b - a
    root of n   = span(0, n), and SHA-256 of nothing for no entries

An inclusion proof holds the siblings from a leaf up to the root; a consistency proof
holds the spans from which both the older and the newer root are computed. Proofs are
made by whoever can hash a span, and checked by anyone.

Source: RFC 6962, section 2.1; the checks are those of RFC 9162, sections 2.1.3.2 and
2.1.4.2. Specification: docs/spec/log.md, section 1.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, NewType, TypeAlias

from ipse.ground.errors import Malformed, OutOfTurn, Unproven

Hash = NewType("Hash", bytes)
"""32 bytes, SHA-256, of a leaf or of a node."""

Span: TypeAlias = Callable[[int, int], Hash]
"""Hashes entries `start` to `end` (not included) of a tree."""

HASH_BYTES: Final = 32
EMPTY: Final = Hash(hashlib.sha256().digest())
"""The root of a tree that holds nothing."""


def hash_leaf(entry: bytes) -> Hash:
    """Hash an entry."""
    return Hash(hashlib.sha256(b"\x00" + entry).digest())


def hash_node(left: bytes, right: bytes) -> Hash:
    """Hash two neighbours into what stands above them."""
    return Hash(hashlib.sha256(b"\x01" + left + right).digest())


def split(size: int) -> int:
    """Return the largest power of two below a size of 2 or more."""
    return 1 << (size - 1).bit_length() - 1


def span_of(leaves: Sequence[Hash]) -> Span:
    """Return what hashes spans of leaves that are all at hand."""

    def span(start: int, end: int) -> Hash:
        if end - start == 1:
            return leaves[start]
        middle = start + split(end - start)
        return hash_node(span(start, middle), span(middle, end))

    return span


def root_of(leaves: Sequence[Hash]) -> Hash:
    """Return the root over leaves that are all at hand."""
    return span_of(leaves)(0, len(leaves)) if leaves else EMPTY


# --- proving, by whoever has the tree ------------------------------------------------


def prove_inclusion(index: int, size: int, span: Span) -> tuple[Hash, ...]:
    """Return the siblings on the way from an entry to the root of the first `size`."""
    if not 0 <= index < size:
        raise OutOfTurn(f"Entry {index} is not among {size}.")
    siblings: list[Hash] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            siblings.append(span(middle, end))
            end = middle
        else:
            siblings.append(span(start, middle))
            start = middle
    return tuple(reversed(siblings))


def prove_consistency(older: int, newer: int, span: Span) -> tuple[Hash, ...]:
    """Return what shows that the first `older` of `newer` entries are unchanged."""
    path = prefix_path(older, newer, span)
    return path[1:] if _is_power(older) else path


def prefix_path(older: int, newer: int, span: Span) -> tuple[Hash, ...]:
    """Return the spans from which both roots follow, the first one always spelled out.

    A consistency proof leaves the first out where it is the older root itself: then
    whoever checks it must have that root already. For evidence nothing may be left out.
    """
    if not 0 <= older <= newer:
        raise OutOfTurn(f"A tree of {older} is no beginning of one of {newer}.")
    if older in (0, newer):
        return ()
    path: list[Hash] = []
    start, end = 0, newer
    while older < end:
        middle = start + split(end - start)
        if older <= middle:
            path.append(span(middle, end))
            end = middle
        else:
            path.append(span(start, middle))
            start = middle
    path.append(span(start, end))
    return tuple(reversed(path))


# --- checking, by anyone -------------------------------------------------------------


def check_inclusion(
    index: int, size: int, leaf: Hash, proof: Sequence[Hash], root: Hash
) -> None:
    """Return if a leaf is entry `index` of the tree of `size` entries with this root.

    Raises: Unproven: it is not, or this does not show it.
    """
    if not 0 <= index < size:
        raise Unproven(f"Entry {index} can't be in a log of {size} entries.")
    _expect_hashes(proof)
    place, last, computed, left = index, size - 1, leaf, list(proof)
    while last:
        if place & 1 or place < last:
            if not left:
                raise Unproven(f"The proof for entry {index} of {size} is too short.")
            sibling = left.pop(0)
            computed = (
                hash_node(sibling, computed)
                if place & 1
                else hash_node(computed, sibling)
            )
        place, last = place >> 1, last >> 1
    if left:
        raise Unproven(f"The proof for entry {index} of {size} is too long.")
    if computed != root:
        raise Unproven(
            f"Entry {index} is not in the log of {size} entries: its proof leads to "
            "another root."
        )


def check_consistency(
    older: int, newer: int, proof: Sequence[Hash], older_root: Hash, newer_root: Hash
) -> None:
    """Return if the older tree is the beginning of the newer one.

    Raises: Unproven: it is not, or this does not show it.
    """
    if older > newer:
        raise Unproven(f"The log had {older} entries and now says {newer}: it shrank.")
    if older in (0, newer):
        if proof:
            raise Unproven("A proof that needs no hashes has some.")
        if older == newer and older_root != newer_root:
            raise Unproven(f"The log has two roots for one size, {older} entries.")
        if older == 0 and older_root != EMPTY:
            raise Unproven("A log of no entries has another root than that.")
        return
    path = [older_root, *proof] if _is_power(older) else list(proof)
    was, now = roots_by(older, newer, path)
    if now != newer_root:
        raise Unproven(
            f"The proof from {older} to {newer} entries leads to another root than the "
            "newer one."
        )
    if was != older_root:
        raise Unproven(
            f"The log's first {older} of {newer} entries are not those that it had "
            "before: it was rewritten."
        )


def roots_by(older: int, newer: int, path: Sequence[Hash]) -> tuple[Hash, Hash]:
    """Compute the older and the newer root from a whole path (see `prefix_path`).

    Since nobody finds two inputs of one hash, whoever knows the newer root knows by
    this what the older one must have been.

    Raises: Unproven: the path has another length than these sizes ask for.
    """
    too_short = Unproven(f"The proof from {older} to {newer} entries is too short.")
    _expect_hashes(path)
    if not 0 < older < newer or not path:
        raise too_short
    place, last = older - 1, newer - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    left = list(path)
    was = now = left.pop(0)
    while last:
        if place & 1 or place < last:
            if not left:
                raise too_short
            sibling = left.pop(0)
            if place & 1:
                was, now = hash_node(sibling, was), hash_node(sibling, now)
            else:
                now = hash_node(now, sibling)
        place, last = place >> 1, last >> 1
    if left:
        raise Unproven(f"The proof from {older} to {newer} entries is too long.")
    return was, now


def _is_power(size: int) -> bool:
    return size > 0 and size & (size - 1) == 0


def _expect_hashes(proof: Sequence[Hash]) -> None:
    if any(len(one) != HASH_BYTES for one in proof):
        raise Malformed(f"A hash of a proof must have {HASH_BYTES} bytes.")
