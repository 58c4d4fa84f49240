"""The wallet at work: performs what `ipse.owner.flow` decides.

    want -> step -> effects: draw, keep, ask, forget, tell
              ^                         |
              +------- answered --------+

Everything that touches the world comes in through a port: the vault (file), the
courier (network), the clock and the dice.
"""

from dataclasses import dataclass, replace
from typing import Final, TypeVar

from ipse.crypto.signature import KEY_BYTES
from ipse.ground.errors import Malformed, Misbehaved, OutOfTurn, Refused
from ipse.ground.names import HANDLE_BYTES, Form, Handle, Outcome, Purpose
from ipse.keys.wallet import Wallet
from ipse.owner import flow
from ipse.owner.courier import Courier
from ipse.owner.flow import Standing
from ipse.owner.grant import Terms, grant_once, make_grant
from ipse.owner.notebook import EMPTY
from ipse.owner.pin import expect_pinned
from ipse.owner.request import Body, compose
from ipse.owner.vault import Vault
from ipse.owner.verdict import Answer, Split, conclude
from ipse.ports import Clock, Entropy
from ipse.wire.charter import TrustedCharter
from ipse.wire.grant import GRANTED, SignedGrant
from ipse.wire.receipt import NAMING

T = TypeVar("T")

_NEEDS_BODY: Final = frozenset({Purpose.ENROL, Purpose.VERIFY})


@dataclass(frozen=True, slots=True)
class Told:
    """How one run ended."""

    outcome: Outcome
    answer: Answer  # the last one, with who signed it
    handle: Handle
    evidence: str  # where evidence against an operator is; empty if there is none


@dataclass(slots=True)
class Owner:
    """One person's wallet, towards one network."""

    charter: TrustedCharter
    vault: Vault
    courier: Courier
    clock: Clock
    entropy: Entropy

    def grant(self, terms: Terms) -> SignedGrant:
        """Grant verifications of this body, and note for whom and why.

        Raises: Refused: there is no record. Malformed: the terms are out of bounds.
        """
        wallet = self.vault.load()
        if wallet is None or _standing(wallet) is not Standing.CONFIRMED:
            raise Refused("This wallet holds no record to grant anything of: enrol.")
        expect_pinned(wallet, self.charter)
        made = make_grant(self.charter, wallet, Purpose.VERIFY, terms, self.entropy)
        self.vault.note(wallet, self.vault.read(wallet).with_note(made))
        return made.signed

    def want(
        self,
        purpose: Purpose,
        body: Body | None = None,
        *,
        granted: SignedGrant | None = None,
        since: int = 0,
    ) -> Told:
        """Run what the person wants to its end.

        Args:
            purpose: what is wanted.
            body: whose, where one is needed.
            granted: the grant under which a verification is asked, or that is
                withdrawn; without one, a verification gets a grant for itself.
            since: the first receipt that is wanted, if receipts are.

        Raises:
            Refused: the wallet's standing, or an operator's policy, says no.
            Unproven: the charter changed, or no two operators signed.
            Misbehaved: operators contradict each other; the evidence is kept.
            Unavailable: the network or the disk fails; ask again later.
        """
        if (purpose in _NEEDS_BODY) is not bool(body):
            raise OutOfTurn(f"Whoever wants to {purpose} brings a body, or must not.")
        wallet = self.vault.load()
        if wallet is not None:
            expect_pinned(wallet, self.charter)
        state, effects = flow.step(
            flow.Resting(_standing(wallet)), flow.Wanted(purpose)
        )
        run = _Run(self, body, wallet, granted, since)
        while True:
            for effect in effects:
                if (told := run.perform(effect)) is not None:
                    return told
            answered = flow.Answered(_there(run.answer).finding.outcome)
            state, effects = flow.step(state, answered)


@dataclass(slots=True)
class _Run:
    """What one run has in hand."""

    owner: Owner
    body: Body | None
    wallet: Wallet | None
    granted: SignedGrant | None
    since: int
    answer: Answer | None = None
    evidence: str = ""

    def perform(self, effect: flow.Effect) -> Told | None:
        """Perform one effect; the last one of a run returns what to tell."""
        match effect:
            case flow.Draw():
                self.wallet = self._draw()
                self.owner.vault.note(self.wallet, EMPTY)
            case flow.Keep(standing):
                self.wallet = replace(_there(self.wallet), standing=standing.value)
                self.owner.vault.save(self.wallet)
            case flow.Forget():
                self.owner.vault.forget()
            case flow.Ask(purpose):
                self.answer = self._ask(_there(self.wallet), purpose)
            case flow.Tell(outcome):
                handle = _there(self.wallet).handle
                return Told(outcome, _there(self.answer), handle, self.evidence)
        return None

    def _draw(self) -> Wallet:
        """Begin a record: a fresh name, a fresh key, the network as it is now."""
        charter, entropy = self.owner.charter, self.owner.entropy
        return Wallet(
            charter.charter.network,
            charter.digest,
            Handle(entropy.draw(HANDLE_BYTES)),
            entropy.draw(KEY_BYTES),
            tuple(form for form in Form if form in (self.body or {})),
            Standing.PENDING.value,
        )

    def _ask(self, wallet: Wallet, purpose: Purpose) -> Answer:
        owner = self.owner
        bodies = [_there(self.body)] if purpose in _NEEDS_BODY else []
        dispatch = compose(
            owner.charter,
            wallet,
            purpose,
            bodies,
            owner.clock,
            owner.entropy,
            granted=self._grant(wallet, purpose),
            since=self.since if purpose is Purpose.LEDGER else 0,
        )
        replies = owner.courier.deliver(dispatch.submissions)
        try:
            answer = conclude(dispatch.request, owner.charter, replies)
        except Split as split:
            place = owner.vault.keep_evidence(split.evidence)
            raise Misbehaved(
                f"{split} The evidence is in {place}: publish it."
            ) from split
        if answer.evidence:
            self.evidence = owner.vault.keep_evidence(answer.evidence)
        self._keep_receipts(wallet, answer)
        return answer

    def _grant(self, wallet: Wallet, purpose: Purpose) -> SignedGrant | None:
        """Return the grant that goes with a request, and note it before it leaves."""
        if purpose not in GRANTED or self.granted is not None:
            return self.granted if purpose in NAMING else None
        owner = self.owner
        now = owner.clock.now()
        made = grant_once(owner.charter, wallet, purpose, now, owner.entropy)
        owner.vault.note(wallet, owner.vault.read(wallet).with_note(made))
        return made.signed

    def _keep_receipts(self, wallet: Wallet, answer: Answer) -> None:
        """Keep what was told of receipts, whoever told it."""
        told = [each for verdict in answer.verdicts for each in verdict.receipts]
        before = self.owner.vault.read(wallet)
        after = before.with_receipts(told)
        if after is not before:
            self.owner.vault.note(wallet, after)


def _standing(wallet: Wallet | None) -> Standing:
    if wallet is None:
        return Standing.BLANK
    try:
        return Standing(wallet.standing)
    except ValueError:
        raise Malformed(
            f"This wallet's standing, {wallet.standing}, is of a newer Ipse: update."
        ) from None


def _there(thing: T | None) -> T:
    """Return what the flow's order of effects put there."""
    if thing is None:
        raise OutOfTurn("The wallet's flow has a fault: please report this.")
    return thing
