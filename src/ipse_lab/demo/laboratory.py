"""What only a laboratory network serves: many references at once, and match bits.

Both are real requests through the real courier, signed with a key that is drawn for
the one request and thrown away. A network for people refuses them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipse.crypto.signature import KEY_BYTES
from ipse.ground.errors import Refused
from ipse.ground.names import HANDLE_BYTES, Form, Handle, Outcome, Purpose
from ipse.keys.wallet import Wallet
from ipse.owner.courier import Courier
from ipse.owner.request import Body, compose
from ipse.owner.verdict import conclude
from ipse.ports import Clock, Entropy
from ipse.wire.charter import TrustedCharter
from ipse.wire.verdict import Finding


@dataclass(frozen=True, slots=True)
class Laboratory:
    """One laboratory network, and who asks it."""

    charter: TrustedCharter
    courier: Courier
    clock: Clock
    entropy: Entropy

    def seed(self, bodies: Sequence[Body]) -> None:
        """Enrol many references at once; they take the lowest free slots, in order.

        Raises: Refused: the operators found one that is not well-formed.
        """
        finding = self._ask(Purpose.SEED, bodies)
        if finding.outcome is not Outcome.SEEDED:
            raise Refused(f"Seeding ended in {finding.outcome}: nothing was stored.")

    def match_bits(self, probe: Body, records: int) -> npt.NDArray[np.bool_]:
        """Compare one probe with every record, in secret; return bool[records].

        Shapes: records is how many are enrolled; the bits are in the order of slots.
        """
        finding = self._ask(Purpose.BITS, [probe])
        if finding.outcome is not Outcome.BITS:
            raise Refused(f"The comparison ended in {finding.outcome}.")
        packed = np.frombuffer(finding.bits, np.uint8)
        return np.unpackbits(packed, count=records, bitorder="little").astype(np.bool_)

    def _ask(self, purpose: Purpose, bodies: Sequence[Body]) -> Finding:
        throwaway = Wallet(
            self.charter.charter.network,
            self.charter.digest,
            Handle(self.entropy.draw(HANDLE_BYTES)),
            self.entropy.draw(KEY_BYTES),
            tuple(form for form in Form if form in bodies[0]),
            "throwaway",
        )
        dispatch = compose(
            self.charter, throwaway, purpose, bodies, self.clock, self.entropy
        )
        replies = self.courier.deliver(dispatch.submissions)
        return conclude(dispatch.request, self.charter, replies).finding
