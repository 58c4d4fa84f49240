"""Complaints: an operator signs that it was lied to, keeps it, and tells the others.

    complain    a computation ended in a lie: signed and on the disk, before anybody
                is told
    told        when operators meet: the newest complaints of each
    hear        what another told is checked and kept
    kept        all of it, for whoever wants to know

So all three hold what each said of a call, once they met again. It passes from each to
each: who tells one something else than the other is found two-faced
(`ipse.receipt.blame`). An operator can flood nobody but itself: of each other one a
fixed number is kept, and told.
"""

import logging
from collections.abc import Iterator
from typing import Final

from ipse.crypto import digest
from ipse.ground.names import OPERATORS, Instant, OperatorId
from ipse.matching.claims import Lied
from ipse.ports import Signing
from ipse.store.complaints import ComplaintFolder
from ipse.wire.charter import TrustedCharter
from ipse.wire.complaint import (
    SIGNED_COMPLAINT,
    Complained,
    Complaint,
    SignedComplaint,
    check_complaint,
    complaint_digest,
    sign_complaint,
)

NEWEST: Final = 8
"""Complaints of each operator that are told at a meeting: after a lie they meet before
the next call, so one would do unless a process ended in between."""

MOST_KEPT: Final = 4_096
"""Complaints of each other operator that are kept, some 16 MB of small files. Its own
an operator keeps all."""

_log = logging.getLogger(__name__)


class Complaints:
    """What one operator holds against the others, and they against each other."""

    def __init__(
        self,
        operator: OperatorId,
        charter: TrustedCharter,
        signing: Signing,
        folder: ComplaintFolder,
    ) -> None:
        """Begin with what is kept."""
        self._operator = operator
        self._charter = charter
        self._signing = signing
        self._folder = folder

    def complain(self, call: bytes, at: Instant, lied: Lied) -> None:
        """Sign and keep a complaint. Raises: Unavailable: the disk is full."""
        rules = self._charter.charter
        complaint = Complaint(
            rules.network,
            self._charter.digest,
            rules.epoch,
            call,
            self._operator,
            tuple(OperatorId(seat + 1) for seat in lied.suspects),
            lied.falsehood,
            at,
        )
        self._keep(sign_complaint(complaint, self._signing.sign))

    def told(self) -> Complained:
        """Return what the others are told."""
        return Complained(
            self._operator,
            tuple(
                signed
                for operator in OPERATORS
                for signed in _of(self._folder, self._charter, operator, newest=NEWEST)
            ),
        )

    def hear(self, said: Complained) -> None:
        """Keep what another operator told, once each.

        Raises:
            Unproven: a complaint is not its operator's.
            Unavailable: the disk is full.
        """
        for signed in said.complaints:
            operator = signed.complaint.operator
            names = self._folder.names(operator)
            if _name(signed.complaint) in names:
                continue
            check_complaint(signed, self._charter)
            if operator == self._operator or len(names) < MOST_KEPT:
                self._keep(signed)

    def _keep(self, signed: SignedComplaint) -> None:
        complaint = signed.complaint
        content = SIGNED_COMPLAINT.encode(signed)
        self._folder.keep(complaint.operator, _name(complaint), content)
        _log.warning(
            "operator %d suspects %s in call %s: %s",
            complaint.operator,
            " or ".join(map(str, complaint.suspects)),
            complaint.call.hex(),
            complaint.falsehood,
        )


def kept(folder: ComplaintFolder, charter: TrustedCharter) -> list[Complaint]:
    """Return all complaints of a network's operators under its charter.

    Raises: Malformed, Unproven: a file is no complaint of its operator.
    """
    found = []
    for operator in OPERATORS:
        for signed in _of(folder, charter, operator):
            check_complaint(signed, charter)
            found.append(signed.complaint)
    return found


def _of(
    folder: ComplaintFolder,
    charter: TrustedCharter,
    operator: OperatorId,
    newest: int = 0,
) -> Iterator[SignedComplaint]:
    """Read one operator's complaints under a charter: all, or the newest."""
    for name in folder.names(operator)[-newest:]:
        content = folder.read(operator, name, SIGNED_COMPLAINT.most)
        signed = SIGNED_COMPLAINT.decode(content)
        if digest.same(signed.complaint.charter_digest, charter.digest):
            yield signed


def _name(complaint: Complaint) -> str:
    """Return the name of its file: when, and a digest."""
    return f"{complaint.at:016}-{complaint_digest(complaint).hex()}"
