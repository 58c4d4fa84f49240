"""Owners: people with wallets, who want things of the network, one after the other.

    wallet      the real one (`ipse.owner.wallet`), with dice that can be thrown again
    vault       what is kept outlives a crash of the device, before a write or after it
    script      what the owner wants, and how long it thinks between

Two owners may have one body, which is enrolled once at most.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from ipse.ground.errors import IpseError, Refused
from ipse.ground.names import Instant, Outcome, Purpose
from ipse.keys.wallet import Wallet
from ipse.owner.grant import CLOCK_SLACK_MS, Terms
from ipse.owner.ledger import ask_ledger
from ipse.owner.logged import NO_LOGS
from ipse.owner.notebook import EMPTY, Notebook
from ipse.owner.request import Body
from ipse.owner.wallet import Owner
from ipse.receipt.check import Proof
from ipse.wire.grant import SignedGrant
from ipse_lab.failing import Struck
from ipse_lab.network.stage import Killed, Stage

RETRY_S: Final = 2.0
"""Seconds until an owner who got no answer asks again."""

TRIES: Final = 3
"""Times that an owner asks for one thing while things go wrong."""


USES: Final = 2
"""Uses of a standing grant: soon used up."""

HOLD_MS: Final = (8_000, 1_800_000)
"""Milliseconds that a grant holds that is for more than one use: some end within a run,
at three clocks that do not agree."""


@dataclass(slots=True)
class MemoryVault:
    """A vault (`ipse.owner.vault.Vault`) on a device that may crash."""

    at_save: Callable[[int, bool], None]
    """Is told of each write: its number, and whether it is before it took hold."""

    wallet: Wallet | None = None
    notebook: Notebook = EMPTY
    evidence: list[bytes] = field(default_factory=list)
    saves: int = 0  # so far

    def load(self) -> Wallet | None:
        """See Vault."""
        return self.wallet

    def save(self, wallet: Wallet) -> None:
        """See Vault. Raises: Struck: the device crashed."""
        self._keep(wallet)

    def forget(self) -> None:
        """See Vault. Raises: Struck: the device crashed."""
        self._keep(None)

    def read(self, wallet: Wallet) -> Notebook:
        """See Vault."""
        del wallet
        return self.notebook

    def note(self, wallet: Wallet, notebook: Notebook) -> None:
        """See Vault. Raises: Struck: the device crashed."""
        del wallet
        number, self.saves = self.saves, self.saves + 1
        self.at_save(number, True)  # noqa: FBT003 (before)
        self.notebook = notebook
        self.at_save(number, False)  # noqa: FBT003 (after)

    def keep_evidence(self, evidence: bytes) -> str:
        """See Vault."""
        self.evidence.append(evidence)
        return f"evidence {len(self.evidence)}"

    def _keep(self, wallet: Wallet | None) -> None:
        number, self.saves = self.saves, self.saves + 1
        self.at_save(number, True)  # noqa: FBT003 (before)
        self.wallet = wallet
        self.at_save(number, False)  # noqa: FBT003 (after)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an owner wants."""

    purpose: Purpose
    body: int | None  # whose it presents; none where none is needed
    after_s: float  # of thought
    is_granted: bool = False  # under the grant that the owner made, or makes now


Tell = Callable[["Person", Wish, Outcome | IpseError], None]
"""Is told how a wish ended: with an outcome, or an error."""


@dataclass(slots=True)
class Person:
    """Somebody with a body and a wallet."""

    name: str
    body: int
    owner: Owner
    vault: MemoryVault
    body_of: Callable[[int], Body]
    stage: Stage
    tell: Tell
    at_proof: Callable[["Person", Proof], None]
    """Is told what the ledger proves, when it was asked for."""

    presents: int | None = None  # whose body, at the moment
    granted: SignedGrant | None = None  # the standing grant that was made last
    is_at_rest: bool = True  # wants nothing at the moment

    def follow(self, script: Sequence[Wish], tries: int = TRIES) -> None:
        """Want one thing after the other; each some times, while it gets no answer."""
        self.is_at_rest = False
        self.stage.enter(self.name, lambda: self._act(script, tries))

    def _act(self, script: Sequence[Wish], tries: int) -> None:
        for wish in script:
            self._think(wish.after_s)
            for _ in range(tries):
                if self._want(wish):
                    break
                self._think(RETRY_S)
        self.is_at_rest = True

    def _want(self, wish: Wish) -> bool:
        """Want one thing, once. Returns: whether there was an answer."""
        body = None if wish.body is None else self.body_of(wish.body)
        self.presents = wish.body
        said: Outcome | IpseError
        try:
            said = self._ask(wish, body)
        except IpseError as fault:
            said = fault
        except Struck:
            self.stage.note(f"{self.name}'s device crashes")
            return False
        words = said if isinstance(said, Outcome) else f"{type(said).__name__}: {said}"
        self.stage.note(f"{self.name} wants to {wish.purpose}: {words}")
        self.tell(self, wish, said)
        return isinstance(said, Outcome | Refused)

    def _ask(self, wish: Wish, body: Body | None) -> Outcome:
        """Ask the network. Raises: IpseError, Struck."""
        if wish.purpose is Purpose.LEDGER:
            proof = ask_ledger(self.owner, NO_LOGS).proof
            self.at_proof(self, proof)
            return Outcome.LISTED
        granted = self._grant() if wish.is_granted else None
        return self.owner.want(wish.purpose, body, granted=granted).outcome

    def _grant(self) -> SignedGrant:
        """Return the present record's standing grant; make it if there is none."""
        wallet, made = self.vault.wallet, self.granted
        if made is None or wallet is None or made.grant.handle != wallet.handle:
            now = self.owner.clock.now()
            begins, ends = (
                Instant(now - CLOCK_SLACK_MS),
                Instant(now + HOLD_MS[self.body % len(HOLD_MS)]),
            )
            made = self.owner.grant(Terms("a clinic", "visits", begins, ends, USES))
            self.granted = made
        return made

    def _think(self, seconds: float) -> None:
        actor = self.stage.acting
        if actor is None:
            raise Killed
        actor.sleep(self.stage.now_s + seconds)
