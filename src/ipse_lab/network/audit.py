"""The audit: what three settled operators have stored, held against the truth."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ipse.ground.errors import Malformed
from ipse.ground.names import Handle, OperatorId
from ipse.operator.check import check
from ipse.store.ledger import Record
from ipse_lab.network.machine import Store
from ipse_lab.network.truth import Promise, Standing, Truth
from ipse_lab.network.world import World

Stored = Mapping[Handle, tuple[int, bytes]]
"""Slot and owner's key, by handle."""


def audit(world: World) -> bool:
    """Look into all three stores. Returns: whether a liar set them at odds."""
    truth = world.truth
    stores: dict[OperatorId, Store] = {}
    for operator, machine in world.machines.items():
        if machine.store is None:
            truth.breach(Promise.ALIVE, f"operator {operator} does not come back")
        else:
            stores[operator] = machine.store
            _look_into(operator, machine.store, truth)
    kept = [_stored(store.ledger.records()) for store in stores.values()]
    if any(one != kept[0] for one in kept):
        if truth.is_lied_to:
            return True
        truth.breach(Promise.KEPT, "the operators have different records")
    elif kept:
        _compare(kept[0], world)
    return False


def _look_into(operator: OperatorId, store: Store, truth: Truth) -> None:
    """See that nothing is damaged, in doubt or left over at one operator."""
    ledger = store.ledger
    try:
        strays = check(ledger, store.segments).strays
    except Malformed as fault:
        truth.breach(Promise.KEPT, f"operator {operator}: {fault}")
        return
    if (
        store.records.roll.digest()
        != type(store.records.roll)(
            store.records.roll.epoch, ledger, ledger.pages()
        ).digest()
    ):
        truth.breach(Promise.KEPT, f"operator {operator} remembers another roll")
    if strays:
        truth.breach(Promise.GONE, f"operator {operator} has {strays} rows too many")
    if ledger.wipes():
        truth.breach(Promise.GONE, f"operator {operator} has not wiped what is erased")
    if ledger.doubts() or ledger.decisions():
        truth.breach(Promise.ALIVE, f"operator {operator} is in doubt")


def _compare(stored: Stored, world: World) -> None:
    """Hold what all three have against what is known."""
    truth = world.truth
    held = {
        person.vault.wallet.handle
        for person in world.people
        if person.vault.wallet is not None
    }
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


def _stored(records: Iterator[Record]) -> Stored:
    return {one.handle: (one.slot, one.owner_key) for one in records}
