"""What leaves the device: a signed request, and one sealed box for each operator.

    vector --split--> three parts --seal--> three boxes --sign--> three submissions

Every vector is cut with seeds of its own, each box opens only at its operator, for
this network, charter, epoch, request, purpose and record, and the owner's signature
covers the header and all three boxes. No template and no score is in what this file
returns; what comes in is forgotten with the call.

Specification: docs/spec/wire.md, section 3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Refused
from ipse.ground.names import (
    OPERATORS,
    REQUEST_ID_BYTES,
    Form,
    Instant,
    OperatorId,
    Purpose,
    RequestId,
)
from ipse.keys.wallet import Wallet
from ipse.owner.grant import CLOCK_SLACK_MS, grant_once
from ipse.ports import Clock, Entropy
from ipse.shares.replicated import split
from ipse.wire import grant
from ipse.wire.charter import TrustedCharter
from ipse.wire.grant import SignedGrant
from ipse.wire.parts import SEED_BYTES, Contents, WirePart
from ipse.wire.request import (
    Header,
    Request,
    Submission,
    seal_contents,
    sign_request,
)

WINDOW_MS: Final = 120_000
"""How long a request holds: a slow network and a queue of others, and no more.
What is recorded today is worth nothing in two minutes."""

Body: TypeAlias = Mapping[Form, npt.NDArray[np.integer]]
"""One body's template, as one integer vector for each form."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A request, and what of it goes to each operator."""

    request: Request
    submissions: Mapping[OperatorId, Submission]


def compose(
    charter: TrustedCharter,
    wallet: Wallet,
    purpose: Purpose,
    bodies: Sequence[Body],
    clock: Clock,
    entropy: Entropy,
    *,
    granted: SignedGrant | None = None,
    since: int = 0,
) -> Dispatch:
    """Make a request of the record's owner, once.

    Args:
        charter: of the network that is asked.
        wallet: names the record, and holds the key that signs.
        purpose: what is asked.
        bodies: none for what needs no body, several only for seeding; all of the
            same forms.
        granted: the grant under which it is asked, or that is withdrawn; without one,
            a verification gets a grant for itself.
        since: the first receipt that is wanted, if receipts are.
        clock: the wallet's, for the window in which the request holds.
        entropy: throws 16 bytes for the request id, twice 32 for each vector, and
            80 for a grant.

    Raises:
        Refused: the network does not compare these forms.
    """
    forms = tuple(form for form in Form if bodies and form in bodies[0])
    if forms:
        charter.charter.thresholds_for(forms)
    if any(set(body) != set(forms) for body in bodies):
        raise Refused("All bodies of one request must have the same forms.")
    now = clock.now()
    if granted is None and purpose in grant.GRANTED:
        granted = grant_once(charter, wallet, purpose, now, entropy).signed
    header = Header(
        network=charter.charter.network,
        charter_digest=charter.digest,
        epoch=charter.charter.epoch,
        request=RequestId(entropy.draw(REQUEST_ID_BYTES)),
        purpose=purpose,
        handle=wallet.handle,
        owner_key=wallet.owner_key,
        not_before=Instant(max(0, now - CLOCK_SLACK_MS)),
        not_after=Instant(now + WINDOW_MS),
        forms=forms,
        grant=granted.digest if granted else b"",
        since=since,
    )
    parts = _parts(forms, bodies, entropy)
    boxes = tuple(
        seal_contents(Contents(held), header, charter.charter.entry(operator))
        if held
        else b""
        for operator, held in parts.items()
    )
    request = sign_request(header, boxes, wallet.sign)
    return Dispatch(
        request,
        {
            operator: Submission(request, (granted,) if granted else (), box)
            for operator, box in zip(parts, boxes, strict=True)
        },
    )


def _parts(
    forms: tuple[Form, ...], bodies: Sequence[Body], entropy: Entropy
) -> dict[OperatorId, tuple[WirePart, ...]]:
    """Cut every vector; return what each operator is to hold."""
    cut = [
        split(form, body[form], (entropy.draw(SEED_BYTES), entropy.draw(SEED_BYTES)))
        for body in bodies
        for form in forms
    ]
    return {
        operator: tuple(parts[seat] for parts in cut)
        for seat, operator in enumerate(OPERATORS)
    }
