"""The audit: what three settled operators have stored, held against the truth."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from ipse.ground.errors import Malformed
from ipse.ground.names import Handle, OperatorId
from ipse.operator.check import check
from ipse.operator.roll import Roll
from ipse.receipt.chain import meter_of
from ipse.store.ledger import Ledger
from ipse.store.segments import Segments
from ipse.wire.receipt import SIGNED_RECEIPT, Receipt
from ipse_lab.network.truth import Promise, Standing, Truth
from ipse_lab.network.world import World

MOST: Final = 10_000
"""Receipts of one record that are looked into: all of them."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What one operator has."""

    records: Mapping[Handle, tuple[int, bytes]]  # slot and owner's key
    receipts: Mapping[tuple[Handle, int], Receipt]  # by record and number
    trail: bytes  # 32 bytes: all receipts in their order
    standing: Mapping[bytes, tuple[int, bool]]
    """Uses of each standing grant, and whether it was withdrawn."""


def audit(world: World) -> bool:
    """Look into all three stores. Returns: whether a liar set them at odds."""
    truth, kept = world.truth, list[Stored]()
    for operator, machine in world.machines.items():
        store = machine.store
        if store is None:
            truth.breach(Promise.ALIVE, f"operator {operator} does not come back")
            continue
        kept.append(look_into(operator, store.ledger, store.segments, truth))
        roll = store.records.roll
        if (
            roll.digest()
            != Roll(roll.epoch, store.ledger, store.ledger.pages()).digest()
        ):
            truth.breach(Promise.KEPT, f"operator {operator} remembers another roll")
    world.uses.expect_receipts([one.receipts for one in kept])
    wallets = (person.vault.wallet for person in world.people)
    return compare(kept, truth, {one.handle for one in wallets if one is not None})


def look_into(
    operator: OperatorId, ledger: Ledger, segments: Segments, truth: Truth
) -> Stored:
    """See that nothing is damaged, in doubt or left over at one operator.

    Returns: what it has.
    """
    try:
        strays = check(ledger, segments).strays
    except Malformed as fault:
        truth.breach(Promise.KEPT, f"operator {operator}: {fault}")
        strays = 0
    if strays:
        truth.breach(Promise.GONE, f"operator {operator} has {strays} rows too many")
    if ledger.wipes():
        truth.breach(Promise.GONE, f"operator {operator} has not wiped what is erased")
    if (ledger.doubts() or ledger.decisions()) and not truth.is_lied_to:
        truth.breach(Promise.ALIVE, f"operator {operator} is in doubt")
    receipts = {
        (handle, signed.receipt.number): signed.receipt
        for handle in truth.fates
        for signed in map(SIGNED_RECEIPT.decode, ledger.uses.receipts(handle, 1, MOST))
    }
    for handle, chain in ledger.uses.chains(list(truth.fates)).items():
        told = [receipts[handle, number + 1] for number in range(chain.number)]
        if chain.meter != meter_of(told):
            what = f"operator {operator} has a meter that its receipts don't add up to"
            truth.breach(Promise.ONE_LEDGER, what)
    named = {receipt.grant for receipt in receipts.values()}
    return Stored(
        {one.handle: (one.slot, one.owner_key) for one in ledger.records()},
        receipts,
        ledger.uses.end()[1],
        {
            grant: (used.uses, used.is_withdrawn)
            for grant, used in ledger.uses.grants(named).items()
            if used.is_standing
        },
    )


def compare(kept: Sequence[Stored], truth: Truth, held: AbstractSet[Handle]) -> bool:
    """Hold what the operators have against each other, and against the truth.

    Args:
        kept: what each has.
        truth: what is known.
        held: records whose key somebody has.

    Returns: whether a liar set them at odds.
    """
    if _are_apart(kept, truth):
        return truth.is_lied_to
    stored = kept[0].records if kept else {}
    bodies: defaultdict[int, list[Handle]] = defaultdict(list)
    for handle in stored:
        fate = truth.fates.get(handle)
        if fate is None or fate.standing is Standing.ABSENT:
            truth.breach(Promise.RIGHT, "a record is there that is known to be gone")
        if fate is not None:
            bodies[fate.body].append(handle)
        if handle not in held:
            truth.breach(Promise.KEPT, "a record is there whose key nobody has")
    for handle, fate in truth.fates.items():
        if fate.standing is Standing.THERE and handle not in stored:
            truth.breach(Promise.KEPT, "a confirmed record is at no operator")
    for body, handles in bodies.items():
        if len(handles) > 1:
            truth.breach(Promise.ONCE, f"body {body} has {len(handles)} records")
    return False


def _are_apart(kept: Sequence[Stored], truth: Truth) -> bool:
    """Say whether the operators differ, and in what."""
    apart = {
        promise: what
        for promise, what, parts in (
            (Promise.KEPT, "records", [one.records for one in kept]),
            (Promise.ONE_LEDGER, "receipts", [one.receipts for one in kept]),
            (Promise.ONE_LEDGER, "leaves", [one.trail for one in kept]),
            (Promise.PROVED, "uses of grants", [one.standing for one in kept]),
        )
        if any(part != parts[0] for part in parts)
    }
    for promise, what in apart.items():
        if not truth.is_lied_to:
            truth.breach(promise, f"the operators have different {what}")
    return bool(apart)
