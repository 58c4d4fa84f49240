"""What a ledger keeps of uses: grants, chains, receipts, leaves.

    grants      how much of a grant is used, or that it was withdrawn; until it is over
    chains      where each record's chain ends, and its meter
    receipts    every receipt with this operator's signature, as bytes
    leaves      what the logs say of each, numbered from 0 without a gap, and the trail

A use writes to all four, in the transaction that makes it true (`Ledger.settle`). So
the content of this operator's log follows from its ledger: it is what `since` returns.
Chains and receipts stay when a record is erased. Specification: docs/spec/storage.md,
section 1.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import sqlalchemy as sql

from ipse.ground.names import Handle, Instant
from ipse.receipt.chain import NO_TRAIL, Chain
from ipse.receipt.meter import Meter, Term
from ipse.store.access import Access
from ipse.store.tables import CHAINS, GRANTS, LEAVES, RECEIPTS


@dataclass(frozen=True, slots=True)
class Used:
    """What was used of a grant."""

    handle: Handle  # the record's
    uses: int  # so far
    is_withdrawn: bool
    is_standing: bool  # it holds longer than a request: a record has only so many
    not_after: Instant


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt of a record, as it is kept."""

    handle: Handle
    number: int
    content: bytes  # a signed receipt


@dataclass(frozen=True, slots=True)
class Leaf:
    """One line of the log."""

    number: int  # from 0
    leaf: bytes  # 32 bytes
    trail: bytes  # 32 bytes, after it


@dataclass(frozen=True, slots=True)
class Written:
    """What a change writes of its uses."""

    at: Instant  # the job's time: grants that were over then are forgotten
    grants: Mapping[bytes, Used]  # by digest, as they are then
    chains: Mapping[Handle, Chain]  # as they are then
    receipts: Sequence[Kept]
    leaves: Sequence[Leaf]


class Uses:
    """How an operator looks up what was used."""

    def __init__(self, access: Access) -> None:
        """Look into a ledger."""
        self._access = access

    def grants(self, digests: Collection[bytes]) -> dict[bytes, Used]:
        """Return what is known of some grants; of others nothing was used."""
        rows = self._access.rows(_GRANTS, {"digests": list(digests)})
        return {row.digest: _used(row) for row in rows}

    def standing(self, handle: Handle, now: Instant) -> int:
        """Count a record's standing grants that are not over."""
        rows = self._access.rows(_STANDING, {"handle": handle, "now": now})
        return int(rows[0].standing)

    def chains(self, handles: Collection[Handle]) -> dict[Handle, Chain]:
        """Return the chains of some records; of others there is no receipt."""
        rows = self._access.rows(_CHAINS, {"handles": list(handles)})
        return {Handle(row.handle): _chain(row) for row in rows}

    def receipts(self, handle: Handle, since: int, most: int) -> list[bytes]:
        """Return a record's signed receipts from a number on."""
        asked = {"handle": handle, "since": since, "most": most}
        return [row.content for row in self._access.rows(_RECEIPTS, asked)]

    def since(self, index: int, most: int) -> list[bytes]:
        """Return up to `most` leaves, from an index on: 32 bytes each."""
        rows = self._access.rows(_LEAVES, {"since": index, "most": most})
        return [row.leaf for row in rows]

    def end(self) -> tuple[int, bytes]:
        """Return how many leaves there are, and the trail after the last."""
        rows = self._access.rows(_LAST_LEAF)
        return (rows[0].number + 1, rows[0].trail) if rows else (0, NO_TRAIL)


def write_uses(connection: sql.Connection, written: Written) -> None:
    """Write what a change writes of its uses, within its transaction.

    Grants that are over are forgotten here, by the change's own time and not by this
    operator's clock: so three operators that made the same changes know the same.
    """
    run = connection.execute
    run(_OVER, {"now": written.at})
    if written.grants:
        run(_DROP_GRANT, [{"which": digest} for digest in written.grants])
        run(sql.insert(GRANTS), list(map(_grant_row, written.grants.items())))
    if written.chains:
        run(_DROP_CHAIN, [{"which": handle} for handle in written.chains])
        run(sql.insert(CHAINS), list(map(_chain_row, written.chains.items())))
    if written.receipts:
        run(sql.insert(RECEIPTS), _receipt_rows(written.receipts))
    if written.leaves:
        run(sql.insert(LEAVES), _leaf_rows(written.leaves))


_GRANTS: Final = sql.select(GRANTS).where(
    GRANTS.c.digest.in_(sql.bindparam("digests", expanding=True))
)
_STANDING: Final = sql.select(sql.func.count().label("standing")).where(
    GRANTS.c.handle == sql.bindparam("handle"),
    GRANTS.c.is_standing,
    GRANTS.c.not_after >= sql.bindparam("now"),
)
_CHAINS: Final = sql.select(CHAINS).where(
    CHAINS.c.handle.in_(sql.bindparam("handles", expanding=True))
)
_RECEIPTS: Final = (
    sql.select(RECEIPTS.c.content)
    .where(
        RECEIPTS.c.handle == sql.bindparam("handle"),
        RECEIPTS.c.number >= sql.bindparam("since"),
    )
    .order_by(RECEIPTS.c.number)
    .limit(sql.bindparam("most"))
)
_LEAVES: Final = (
    sql.select(LEAVES.c.leaf)
    .where(LEAVES.c.number >= sql.bindparam("since"))
    .order_by(LEAVES.c.number)
    .limit(sql.bindparam("most"))
)
_LAST_LEAF: Final = sql.select(LEAVES).order_by(LEAVES.c.number.desc()).limit(1)
_DROP_GRANT: Final = sql.delete(GRANTS).where(GRANTS.c.digest == sql.bindparam("which"))
_DROP_CHAIN: Final = sql.delete(CHAINS).where(CHAINS.c.handle == sql.bindparam("which"))
_OVER: Final = sql.delete(GRANTS).where(GRANTS.c.not_after < sql.bindparam("now"))


def _used(row: sql.Row[tuple[object, ...]]) -> Used:
    return Used(
        Handle(row.handle),
        row.uses,
        row.is_withdrawn,
        row.is_standing,
        Instant(row.not_after),
    )


def _grant_row(entry: tuple[bytes, Used]) -> dict[str, object]:
    digest, used = entry
    return {
        "digest": digest,
        "handle": used.handle,
        "uses": used.uses,
        "is_withdrawn": used.is_withdrawn,
        "is_standing": used.is_standing,
        "not_after": used.not_after,
    }


def _chain(row: sql.Row[tuple[object, ...]]) -> Chain:
    return Chain(
        row.owner_key,
        row.number,
        row.head,
        Meter(
            Term(row.term),
            row.tries,
            row.failures,
            Instant(row.stale_at),
            Instant(row.open_from),
        ),
    )


def _chain_row(entry: tuple[Handle, Chain]) -> dict[str, object]:
    handle, chain = entry
    return {
        "handle": handle,
        "owner_key": chain.owner_key,
        "number": chain.number,
        "head": chain.head,
        **asdict(chain.meter),
    }


def _receipt_rows(receipts: Iterable[Kept]) -> list[dict[str, object]]:
    return [
        {
            "handle": kept.handle,
            "number": kept.number,
            "content": kept.content,
        }
        for kept in receipts
    ]


def _leaf_rows(leaves: Iterable[Leaf]) -> list[dict[str, object]]:
    return [
        {"number": one.number, "leaf": one.leaf, "trail": one.trail} for one in leaves
    ]
