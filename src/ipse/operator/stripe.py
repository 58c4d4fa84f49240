"""A worker, from inside: the rows of one stripe, and the links to its two twins.

    wait     hang up, draw a key for this once, listen
    meet     meet both twins, stop listening, and answer what all three know
    hold     make room for a stripe of a form's rows
    take     write rows that were shipped
    clear    overwrite rows that were erased
    scan     compare probes with the stripe, among the three twins

A worker has no key of its operator and no disk. What it is given is noise to its
operator already: shares of rows, and two components of each probe. Any fault hangs up
on the twins, who hear of it at once, and leaves the rows as they are.

Arguments are plain values, because this runs where the operator's cluster placed it
(`ipse.operator.cluster`): in another process, on another machine.
"""

import hashlib
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from ipse.crypto.ring import Words
from ipse.ground.errors import Malformed, OutOfTurn, Unavailable
from ipse.ground.names import Form, OperatorId, Seat
from ipse.keys import certificate as tls
from ipse.keys.system import SystemClock, SystemEntropy
from ipse.matching.rounds import Undertaking
from ipse.matching.search import search_sums
from ipse.net import drive
from ipse.net.doorway import Doorway
from ipse.net.links import Links
from ipse.net.twins import Meeting, Twin
from ipse.operator import trial
from ipse.operator.places import place_for
from ipse.shares.replicated import Part, Vector
from ipse.shares.shamir import FIELDS
from ipse.wire.charter import TrustedCharter

SUM_BYTES: Final = 16

Result = TypeVar("Result")

Told = tuple[str, bytes, bytes]
"""A twin, as plain values: address, certificate, seed."""


@dataclass(frozen=True, slots=True)
class Post:
    """Which worker this is, and of whom."""

    operator: OperatorId
    number: int  # from 0
    host: str  # where to listen; an IPv6 host in brackets
    charter: TrustedCharter


class Stripe:
    """One worker."""

    def __init__(self, post: Post) -> None:
        """Take up a post, with no rows and no links."""
        self._post = post
        self._rows: dict[Form, tuple[range, dict[str, Words]]] = {}
        self._doorway: Doorway | None = None
        self._meeting: Meeting | None = None
        self._links: Links | None = None

    def wait(self) -> tuple[str, bytes]:
        """Listen for the twins.

        Returns: the address, and a certificate for this meeting alone.
        """
        self.hang_up()
        post, entropy = self._post, SystemEntropy()
        key = tls.tls_key(entropy.draw(tls.SCALAR_BYTES))
        serial = entropy.draw(tls.SERIAL_BYTES)
        now = SystemClock().now()
        network = post.charter.charter.network
        certificate = tls.certify(key, network, post.operator, now, serial)
        context = post.charter.digest + post.number.to_bytes(8, "big")
        self._meeting = Meeting(
            post.operator,
            f"{post.host}:0",
            tls.read_key(key),
            certificate,
            context,
            entropy,
            {},
        )
        self._doorway = Doorway(self._meeting)
        return f"{post.host}:{self._doorway.port}", certificate

    def meet(self, twins: Mapping[OperatorId, Told], within_s: float) -> None:
        """Meet the twins, and try out what they compute.

        Raises: Unavailable: one did not come, or is another. Misbehaved: the three
            give a wrong answer to a question whose answer they know.
        """
        if self._meeting is None or self._doorway is None:
            raise OutOfTurn("A worker must wait before it meets.")
        self._meeting.twins = {other: Twin(*told) for other, told in twins.items()}
        try:
            self._links = self._doorway.wait(time.monotonic() + within_s)
        finally:
            self._stop_listening()
        if self._links is None:
            raise Unavailable(f"Worker {self._post.number} did not meet its twins.")
        place = place_for(self._links, self._seat, trial.JOB)
        asked = trial.try_out(place, self._post.charter.charter)
        self._run(asked, self._links, trial.ROUND_S)

    def hold(self, form: Form, start: int, length: int) -> None:
        """Make room for the rows of a stripe, all zeros, and drop what was held."""
        self._rows.pop(form, None)
        rows = {
            field.name: np.zeros((length, field.length), field.dtype)
            for field in FIELDS[form]
        }
        self._rows[form] = range(start, start + length), rows

    def take(
        self, form: Form, slots: npt.NDArray[np.int64], rows: Mapping[str, Words]
    ) -> bytes:
        """Write rows, by slot. Returns: the sum of what is held now in these slots."""
        stripe, held = self._rows[form]
        places = slots - stripe.start
        for name, field in rows.items():
            held[name][places] = field
        return sum_of(slots, {name: field[places] for name, field in held.items()})

    def clear(self, slots: Collection[int]) -> None:
        """Overwrite erased rows with zeros, in every form."""
        for stripe, held in self._rows.values():
            places = [slot - stripe.start for slot in slots if slot in stripe]
            for field in held.values():
                field[places] = 0

    def scan(
        self,
        number: int,
        form: Form,
        components: tuple[Vector, Vector],
        alive: npt.NDArray[np.bool_],
        threshold: int,
        within_s: float,
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
        """Search the stripe's first rows, as many as `alive` has.

        Args:
            number: of this scan on these links; it rises, and the trial had the first.
            form: of the probes and rows.
            components: this seat's two, uint32[probes, length].
            alive: which rows count.
            threshold: from which score on they match.
            within_s: how long a twin may be silent; one that is dead is missed at once.

        Returns: this seat's two components of the sums.

        Raises: Unavailable, Misbehaved: a twin is missing, or sent what it must not.
        """
        links = self._links
        if links is None:
            raise Unavailable(f"Worker {self._post.number} has no twins.")
        place = place_for(links, self._seat, number)
        parts = {form: Part(form, *components)}
        rows = {
            name: _read_only(field[: len(alive)])
            for name, field in self._rows[form][1].items()
        }
        asked = search_sums(place, parts, rows, alive, threshold)
        sums = self._run(asked, links, within_s)
        return sums.own, sums.following

    def hang_up(self) -> None:
        """Leave the twins, or the doorway."""
        self._stop_listening()
        if self._links is not None:
            self._links.close()
            self._links = None

    @property
    def _seat(self) -> Seat:
        return Seat(self._post.operator - 1)

    def _run(self, asked: Undertaking[Result], links: Links, round_s: float) -> Result:
        """Compute with the twins, and hang up on them if it comes to nothing."""
        is_done = False
        try:
            result = drive.run(asked, links, round_s)
            is_done = True
        finally:
            if not is_done:
                self.hang_up()
        return result

    def _stop_listening(self) -> None:
        if self._doorway is not None:
            self._doorway.close()
            self._doorway.shut()
        self._doorway = self._meeting = None


def sum_of(slots: npt.NDArray[np.int64], rows: Mapping[str, Words]) -> bytes:
    """Return 16 bytes that tell rows in these slots from any others."""
    state = hashlib.blake2b(slots.tobytes(), digest_size=SUM_BYTES)
    for name in sorted(rows):
        state.update(rows[name].data)
    return state.digest()


def expect_sum(found: bytes, expected: bytes) -> None:
    """Refuse rows that did not arrive as they left. Raises: Malformed."""
    if found != expected:
        raise Malformed("Rows did not reach a worker as they were sent.")


def _read_only(field: Words) -> Words:
    """Return rows as segments give them: kernels are compiled for that."""
    view = field[:]
    view.flags.writeable = False
    return view
