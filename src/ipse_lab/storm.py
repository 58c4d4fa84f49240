"""A storm: three real operator processes under load, killed at random, again and again.

    python -m ipse_lab.storm --seconds 300 --json

    (1) wallets enrol, verify, erase and read their ledgers, each in a thread; any of
        the operators is killed at random, sometimes two at once, and started again
    (2) one stays dead: a request says within its deadline who is missing
    (3) all three are there again: everybody asks once more, and is answered
    (4) all three are stopped, and what they stored, ledger and log, is held against
        what was told

What is judged, and by whom, is as in plays on virtual time (`ipse_lab.network.truth`).
It is not to be played again: a failure is told with what is in the operators' logs.
"""

import argparse
import json
import random
import secrets
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ipse.ground.errors import IpseError, Refused
from ipse.ground.names import OPERATORS, OperatorId, Outcome, Purpose
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.operator import local
from ipse.operator.home import OpenHome
from ipse.operator.process import check_home
from ipse.owner.courier import HttpsCourier
from ipse.owner.ledger import ask_ledger
from ipse.owner.logged import NO_LOGS
from ipse.owner.verdict import Reply
from ipse.owner.wallet import Owner
from ipse.wire.request import Submission
from ipse_lab.network.audit import Stored, compare, look_into
from ipse_lab.network.owners import MemoryVault
from ipse_lab.network.truth import Breach, Promise, Question, Truth
from ipse_lab.network.uses import UsesSeen
from ipse_lab.processes import Network, created, new_body

WALLETS: Final = 4

LULL_S: Final = (0.2, 10.0)
"""Seconds between two kills: within a start, and many requests long."""

AWAY_S: Final = (0.0, 4.0)
"""Seconds that a killed operator stays away."""

TWO_AT_ONCE: Final = 1 / 5
"""How often two are killed together."""

NAMED_S: Final = 15.0
"""Seconds within which a wallet is told who is missing: an operator's patience, the
wallet's for the slower ones, and what a busy machine adds."""

PURPOSES: Final = {
    Purpose.VERIFY: 8,
    Purpose.ENROL: 3,
    Purpose.ERASE: 2,
    Purpose.STATUS: 1,
    Purpose.LEDGER: 1,
}
"""How often each is wanted."""


@dataclass(slots=True)
class Report:
    """What a storm was, and what it left."""

    seconds: float
    seed: int
    kills: Counter[int] = field(default_factory=Counter)  # by operator
    outcomes: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)  # wishes, by family of error
    named_s: float = 0.0  # until a wallet was told who is missing
    named: str = ""  # in which words
    records: int = 0  # at the end
    receipts: int = 0
    breaches: list[Breach] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        """Every promise was kept."""
        return not self.breaches

    def as_json(self) -> dict[str, Any]:
        """Say it for machines."""
        broken = Counter(breach.promise for breach in self.breaches)
        return {
            "seconds": self.seconds,
            "seed": self.seed,
            "kills": sum(self.kills.values()),
            "kills_by_operator": {str(n): self.kills[n] for n in OPERATORS},
            "answered": sum(self.outcomes.values()),
            "outcomes": dict(sorted(self.outcomes.items())),
            "refused_or_failed": dict(sorted(self.failed.items())),
            "missing_named_s": round(self.named_s, 2),
            "missing_named": self.named,
            "records": self.records,
            "receipts": self.receipts,
            **{promise.value: broken[promise] for promise in Promise},
            "breaches": [f"{one.promise}: {one.what}" for one in self.breaches],
        }


class Watched:
    """A courier that has the truth look over its shoulder. One thread's."""

    def __init__(self, storm: "Storm", courier: HttpsCourier) -> None:
        """Bring submissions as the courier does."""
        self._storm = storm
        self._courier = courier
        self.presents: int | None = None

    def deliver(
        self, submissions: Mapping[OperatorId, Submission]
    ) -> Mapping[OperatorId, Reply]:
        """See Courier."""
        storm, request = self._storm, submissions[OPERATORS[0]].request
        with storm.lock:
            question = storm.truth.ask(request, self.presents, time.monotonic())
        replies = self._courier.deliver(submissions)
        with storm.lock:
            storm.hear(question, replies)
        return replies


@dataclass(slots=True)
class Wallet:
    """One person's."""

    number: int
    owner: Owner
    vault: MemoryVault
    courier: Watched


class Storm:
    """One storm over one network."""

    def __init__(self, network: Network, seconds: float, seed: int) -> None:
        """Prepare wallets; nobody asks yet."""
        self.network = network
        self.lock = threading.Lock()
        self.truth = Truth(network.charter, {})
        self.uses = UsesSeen(self.truth)
        self.report = Report(seconds, seed)
        self._dice = random.Random(seed)  # noqa: S311 (who is killed)
        self._is_over = threading.Event()

    def run(self) -> Report:
        """Let it pass. Returns: what it was."""
        with ExitStack() as stack:
            wallets = [self._wallet(number, stack) for number in range(WALLETS)]
            self._pass(wallets, stack.enter_context(ThreadPoolExecutor(WALLETS)))
        local.stop(self.network.home)
        self._look_into(wallets)
        self.report.breaches = self.truth.breaches
        return self.report

    def _pass(self, wallets: list[Wallet], pool: ThreadPoolExecutor) -> None:
        """Kill while they ask; then see that they are answered."""
        asking = [pool.submit(self._ask_on, wallet) for wallet in wallets]
        try:
            self._kill_on()
        finally:
            self._is_over.set()
        for one in asking:
            one.result()
        self.network.revive()
        self._miss_one(wallets[0])
        self.network.revive()
        list(pool.map(self._ask_once_more, wallets))

    def hear(self, question: Question, replies: Mapping[OperatorId, Reply]) -> None:
        """Hear what was answered; the lock is held."""
        self.truth.hear(question, replies, time.monotonic())
        for operator, reply in replies.items():
            self.uses.hear(operator, reply)

    # --- wallets ----------------------------------------------------------------------

    def _wallet(self, number: int, stack: ExitStack) -> Wallet:
        charter = self.network.charter
        https = stack.enter_context(HttpsCourier(charter.charter))
        courier = Watched(self, https)
        vault = MemoryVault(lambda _number, _is_before: None)
        owner = Owner(charter, vault, courier, SystemClock(), SystemEntropy())
        return Wallet(number, owner, vault, courier)

    def _ask_on(self, wallet: Wallet) -> None:
        """Want one thing after the other, until it is over."""
        dice = random.Random(f"{self.report.seed} {wallet.number}")  # noqa: S311 (what is wanted)
        while not self._is_over.is_set():
            if wallet.vault.wallet is None:
                purpose = Purpose.ENROL
            else:
                (purpose,) = dice.choices([*PURPOSES], [*PURPOSES.values()])
            self._want(wallet, purpose)
            self._is_over.wait(dice.uniform(0.0, 0.3))

    def _want(self, wallet: Wallet, purpose: Purpose) -> Outcome | IpseError:
        is_body = purpose in (Purpose.ENROL, Purpose.VERIFY)
        wallet.courier.presents = wallet.number if is_body else None
        body = new_body(self.report.seed + wallet.number) if is_body else None
        said: Outcome | IpseError
        try:
            if purpose is Purpose.LEDGER:
                said = self._read_ledger(wallet)
            else:
                said = wallet.owner.want(purpose, body).outcome
        except IpseError as fault:
            said = fault
        with self.lock:
            if isinstance(said, Outcome):
                self.report.outcomes[said.value] += 1
            else:
                self.report.failed[type(said).__name__] += 1
        return said

    def _read_ledger(self, wallet: Wallet) -> Outcome:
        proof = ask_ledger(wallet.owner, NO_LOGS).proof
        with self.lock:
            for fault in proof.faults:
                self.truth.breach(Promise.ONE_LEDGER, fault.sentence)
        return Outcome.LISTED

    def _ask_once_more(self, wallet: Wallet) -> None:
        """See that who asks is answered, now that all is well."""
        for purpose in (Purpose.STATUS, Purpose.VERIFY, Purpose.LEDGER):
            said = self._want(wallet, purpose)
            if not isinstance(said, Outcome | Refused):
                with self.lock:
                    self.truth.breach(Promise.ALIVE, f"{purpose}: {said}")

    # --- kills ------------------------------------------------------------------------

    def _kill_on(self) -> None:
        """Kill and start operators until the time is over."""
        ends_s = time.monotonic() + self.report.seconds
        while time.monotonic() < ends_s:
            time.sleep(self._dice.uniform(*LULL_S))
            count = 2 if self._dice.random() < TWO_AT_ONCE else 1
            for operator in self._dice.sample(OPERATORS, count):
                self.network.kill(operator)
                self.report.kills[operator] += 1
            time.sleep(self._dice.uniform(*AWAY_S))
            for operator in OPERATORS:
                if not local.is_running(self.network.home, operator):
                    self.network.spawn(operator)

    def _miss_one(self, wallet: Wallet) -> None:
        """See that whoever is missing is named in time."""
        gone = self._dice.choice(OPERATORS)
        self.network.kill(gone)
        began_s = time.monotonic()
        said = self._want(wallet, Purpose.STATUS)
        if wallet.vault.wallet is None:
            said = self._want(wallet, Purpose.ENROL)
        self.report.named_s = time.monotonic() - began_s
        self.report.named = str(said)
        is_named = f"perator {gone}" in str(said) and "nothing was lost" in str(said)
        if self.report.named_s > NAMED_S or not is_named:
            what = f"operator {gone} is missing, and a wallet is told: {said}"
            self.truth.breach(Promise.ALIVE, what)

    # --- afterwards -------------------------------------------------------------------

    def _look_into(self, wallets: list[Wallet]) -> None:
        kept = [self._stored(operator) for operator in OPERATORS]
        self.uses.expect_receipts([one.receipts for one in kept])
        own = (wallet.vault.wallet for wallet in wallets)
        compare(kept, self.truth, {one.handle for one in own if one is not None})
        self.report.records = len(kept[0].records)
        self.report.receipts = len(kept[0].receipts)

    def _stored(self, operator: OperatorId) -> Stored:
        network = self.network
        try:
            check_home(network.home, operator)
        except IpseError as fault:
            self.truth.breach(Promise.ONE_LEDGER, f"operator {operator}: {fault}")
        home = OpenHome(network.home, operator, network.charter, SystemClock())
        try:
            return look_into(operator, home.ledger, home.segments, self.truth)
        finally:
            home.close()


def storm(folder: Path, seconds: float, seed: int) -> Report:
    """Let a storm pass over a new network."""
    with created(folder) as network:
        network.revive()
        return Storm(network, seconds, seed).run()


def main() -> int:
    """Run a storm from the command line. Returns: 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="ipse_lab.storm", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31))
    parser.add_argument("--json", action="store_true", dest="as_json")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ipse-storm-") as folder:
        report = storm(Path(folder), chosen.seconds, chosen.seed)
    told = report.as_json()
    lines = [json.dumps(told)]
    if not chosen.as_json:
        lines = [f"{name.replace('_', ' ')}: {value}" for name, value in told.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if report.is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
