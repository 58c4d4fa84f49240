"""Uses: grants are used up and receipts written, the same at all three operators.

    try_once     may the record be tried now, at the time of the job?
    may_use      is there a use left of this grant, at the time of the job?
    written      what a change writes: grants, chains, receipts, leaves
    page         a record's receipts from a number on

All of it follows from the ledger and the change, so three operators that have the same
of both write the same, but for their signatures. The ledger stores it in the
transaction that makes the change true (`ipse.store.uses`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ipse.ground.errors import IpseError, Misbehaved, Refused
from ipse.ground.names import Handle, Instant, OperatorId, Outcome, Purpose, RequestId
from ipse.operator.commit import CONVENOR
from ipse.ports import Signing
from ipse.receipt.chain import Chain, Place, add, begin_chain, follow_trail
from ipse.receipt.meter import UNTRIED, Meter, require_allowed, tried
from ipse.receipt.tags import ledger_key
from ipse.store.uses import Kept, Leaf, Used, Written
from ipse.store.uses import Uses as Stored
from ipse.wire import limits
from ipse.wire.change import Change, Use
from ipse.wire.charter import TrustedCharter
from ipse.wire.grant import SignedGrant, check_grant
from ipse.wire.receipt import SIGNED_RECEIPT, SignedReceipt, sign_receipt

MOST_STANDING: Final = 256
"""Grants of one record that hold longer than a request, and of which something was
used: what an operator must remember of them for up to a year, 40 kB."""

WITHDRAWN: Final = "This grant was withdrawn by its owner: ask for a new one."
USED_UP: Final = "This grant is used up: ask its owner for a new one."
TOO_EARLY: Final = "This grant is for later: wait until its window begins."
OVER: Final = "This grant is over: ask its owner for a new one."
TOO_MANY: Final = (
    f"{MOST_STANDING} grants of this record are in use already: wait until one is over."
)


@dataclass(slots=True)
class Tally:
    """What the requests of one job use of grants and meters, in their order."""

    stored: Stored
    at: Instant  # the job's time
    is_metered: bool  # a laboratory counts tries and refuses none
    _used: dict[bytes, Used] = field(default_factory=dict)
    _meters: dict[Handle, Meter] = field(default_factory=dict)

    def try_once(self, handle: Handle) -> str:
        """Take a try of a record. Returns: why that can't be; empty if it can.

        How it ends is not known yet: for whoever comes after it in the job it failed.
        """
        if not self.is_metered:
            return ""
        meter = self._meters.get(handle) or self._meter(handle)
        try:
            require_allowed(meter, self.at)
        except Refused as refusal:
            return str(refusal)
        self._meters[handle] = tried(meter, self.at, is_match=False)
        return ""

    def use(self, signed: SignedGrant) -> str:
        """Take a use of a grant. Returns: why that can't be; empty if it can."""
        grant, digest = signed.grant, signed.digest
        if self.at < grant.not_before:
            return TOO_EARLY
        if self.at > grant.not_after:
            return OVER
        used = self._known(digest)
        if used is None:
            if _is_standing(signed) and (self._standing(grant.handle) >= MOST_STANDING):
                return TOO_MANY
            used = unused(signed)
        if used.is_withdrawn:
            return WITHDRAWN
        if used.uses >= grant.uses:
            return USED_UP
        self._used[digest] = replace(used, uses=used.uses + 1)
        return ""

    def is_withdrawn(self, signed: SignedGrant) -> bool:
        """Say whether a grant was withdrawn before."""
        used = self._known(signed.digest)
        return used is not None and used.is_withdrawn

    def is_owner(self, handle: Handle, owner_key: bytes) -> bool:
        """Say whether a record has receipts, and this key may ask for them."""
        chain = self.stored.chains([handle]).get(handle)
        return chain is not None and chain.owner_key == owner_key

    def _meter(self, handle: Handle) -> Meter:
        chain = self.stored.chains([handle]).get(handle)
        return UNTRIED if chain is None else chain.meter

    def _known(self, digest: bytes) -> Used | None:
        if digest in self._used:
            return self._used[digest]
        return self.stored.grants([digest]).get(digest)

    def _standing(self, handle: Handle) -> int:
        own = sum(
            used.is_standing and used.handle == handle for used in self._used.values()
        )
        return self.stored.standing(handle, self.at) + own


@dataclass(frozen=True, slots=True)
class Uses:
    """What was used here, and this operator's word for it."""

    operator: OperatorId
    stored: Stored
    charter: TrustedCharter
    signing: Signing

    def leaves(self) -> int:
        """Return how many leaves there are."""
        return self.stored.end()[0]

    def trail(self) -> bytes:
        """Return 32 bytes that name all receipts in their order."""
        return self.stored.end()[1]

    def tally(self, at: Instant) -> Tally:
        """Begin to count what one job uses."""
        return Tally(self.stored, at, not self.charter.charter.laboratory)

    def chain(self, handle: Handle) -> Chain | None:
        """Return a record's chain, if it has a receipt."""
        return self.stored.chains([handle]).get(handle)

    def head(self, handle: Handle) -> bytes:
        """Return the digest of a record's last receipt; empty if there is none."""
        chain = self.chain(handle)
        return b"" if chain is None else chain.head

    def page(self, handle: Handle, since: int) -> tuple[SignedReceipt, ...]:
        """Return a record's receipts from a number on, as many as a verdict holds."""
        kept = self.stored.receipts(handle, since, limits.PAGE)
        return tuple(map(SIGNED_RECEIPT.decode, kept))

    def are_written(self, change: Change) -> bool:
        """Say whether the receipts of a change are here already.

        Raises: Misbehaved: receipts before them are not.
        """
        number, _ = self.stored.end()
        if number < change.leaf:
            raise Misbehaved("The operators do not have the same receipts.")
        return number > change.leaf

    def expect_granted(self, change: Change) -> None:
        """Return if the owners granted a change that was not prepared here.

        Raises: Misbehaved: they did not, so the convenor made it up.
        """
        for use in change.uses:
            for signed in use.granted:
                try:
                    check_grant(signed, self.charter, use.handle, use.owner_key)
                except IpseError as fault:
                    raise Misbehaved(
                        f"Operator {CONVENOR} tells of a use without a grant. {fault}"
                    ) from fault

    def written(self, change: Change, outcomes: Sequence[Outcome]) -> Written:
        """Return what a change writes whose uses ended in these outcomes."""
        rules = self.charter.charter
        place = Place(rules.network, self.charter.digest)
        chains = self.stored.chains({use.handle for use in change.uses})
        trail = self.trail()
        receipts, leaves = list[Kept](), list[Leaf]()
        for use, outcome in zip(change.uses, outcomes, strict=True):
            chain = chains.get(use.handle) or begin_chain(use.owner_key)
            receipt, chains[use.handle] = add(chain, use, outcome, change.at, place)
            signed = sign_receipt(receipt, self.operator, self.signing.sign)
            content = SIGNED_RECEIPT.encode(signed)
            receipts.append(Kept(use.handle, receipt.number, content))
            leaf = ledger_key(use.handle).leaf(receipt)
            trail = follow_trail(trail, leaf)
            leaves.append(Leaf(change.leaf + len(leaves), leaf, trail))
        grants = self._grants(change.uses)
        return Written(change.at, grants, chains, tuple(receipts), tuple(leaves))

    def _grants(self, uses: Sequence[Use]) -> dict[bytes, Used]:
        named = {use.grant for use in uses if use.granted}
        known = self.stored.grants(named) if named else {}
        for use in uses:
            for signed in use.granted:
                used = known.get(use.grant) or unused(signed)
                known[use.grant] = (
                    replace(used, is_withdrawn=True)
                    if use.operation is Purpose.WITHDRAW
                    else replace(used, uses=used.uses + 1)
                )
        return known


def receipts_of(change: Change, written: Written) -> dict[RequestId, SignedReceipt]:
    """Return the receipts of a change, by the request that brought each."""
    return {
        use.request: SIGNED_RECEIPT.decode(kept.content)
        for use, kept in zip(change.uses, written.receipts, strict=True)
    }


def unused(signed: SignedGrant) -> Used:
    """Return what is known of a grant of which nothing was used."""
    grant = signed.grant
    return Used(
        grant.handle,
        0,
        is_withdrawn=False,
        is_standing=_is_standing(signed),
        not_after=grant.not_after,
    )


def _is_standing(signed: SignedGrant) -> bool:
    return signed.grant.not_after - signed.grant.not_before > limits.WINDOW
