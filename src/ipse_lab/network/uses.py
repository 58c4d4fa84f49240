"""Uses, as they were seen from outside: each must have its receipt, and one alone.

heard       what any operator signed, whether or not its wallet believed it
computed    a bit is known to somebody: the use is in doubt, or true, at all three
audited     each operator holds a receipt of all that was signed, as it was told
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ipse.ground.names import Handle, OperatorId, Purpose
from ipse.owner.verdict import Reply
from ipse.wire.change import Kind
from ipse.wire.receipt import RECEIPTED, Receipt, receipt_digest
from ipse.wire.verdict import Verdict
from ipse_lab.network.machine import Machine
from ipse_lab.network.truth import Promise, Truth

Place = tuple[Handle, int]
"""A record, and the number of one of its receipts."""


@dataclass(slots=True)
class UsesSeen:
    """What was seen of uses."""

    truth: Truth
    _signed: set[bytes] = field(default_factory=set)  # digests of receipts
    _told: dict[tuple[OperatorId, Place], Receipt] = field(default_factory=dict)

    def hear(self, operator: OperatorId, reply: Reply) -> None:
        """Hear what an operator told a wallet."""
        if not isinstance(reply, Verdict):
            return
        finding = reply.finding
        if finding.outcome in RECEIPTED.get(finding.purpose, ()):
            if finding.receipt:
                self._signed.add(finding.receipt)
            elif not (self.truth.is_lied_to or finding.purpose is Purpose.WITHDRAW):
                # what is withdrawn already has its receipt; a lie stops an answer
                what = f"operator {operator} signed {finding.outcome} without a receipt"
                self.truth.breach(Promise.PROVED, what)
        for signed in reply.receipts:
            place = finding.handle, signed.receipt.number
            known = self._told.setdefault((signed.operator, place), signed.receipt)
            if known != signed.receipt:
                what = f"operator {signed.operator} signed two receipts for one place"
                self.truth.breach(Promise.ONE_LEDGER, what)

    def see_computed(self, machines: Mapping[OperatorId, Machine], by: Machine) -> None:
        """See that a use is in doubt at all three, once one of them knows its bit.

        Who is dead at this moment is looked into at the end.
        """
        if by.store is None:
            return
        for change in by.store.records.doubts():
            if change.kind is not Kind.USE:
                continue
            for operator, machine in machines.items():
                if machine.store is None:
                    continue
                ledger = machine.store.ledger
                if change.request in ledger.doubts():
                    continue
                if ledger.uses.end()[0] <= change.leaf:
                    what = f"a bit is known, and operator {operator} knows of no use"
                    self.truth.breach(Promise.PROVED, what)

    def expect_receipts(self, kept: Sequence[Mapping[Place, Receipt]]) -> None:
        """Hold what was signed and told against what each operator has, at the end."""
        if self.truth.is_lied_to:
            return
        for receipts in kept:
            if not self._signed <= {*map(receipt_digest, receipts.values())}:
                what = "something was signed whose receipt is not there"
                self.truth.breach(Promise.PROVED, what)
            for (_, place), receipt in self._told.items():
                if receipts.get(place, receipt) != receipt:
                    what = "a receipt is another one than was told"
                    self.truth.breach(Promise.ONE_LEDGER, what)
