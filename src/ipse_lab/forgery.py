"""Requests that no honest wallet composes, signed by their owner all the same."""

from collections.abc import Sequence

from ipse.crypto import hpke
from ipse.ground.names import OPERATORS
from ipse.keys.wallet import Wallet
from ipse.owner.request import Dispatch
from ipse.wire.charter import TrustedCharter
from ipse.wire.parts import CONTENTS, Contents, WirePart
from ipse.wire.request import Submission, box_info, sign_request


def resealed(
    charter: TrustedCharter,
    dispatch: Dispatch,
    owner: Wallet,
    parts: Sequence[WirePart] | Sequence[tuple[WirePart, ...]],
) -> Dispatch:
    """Put other parts into the boxes of a request, and sign it anew.

    `parts` are what each operator is to hold: of one body, or of many.
    """
    header = dispatch.request.header
    boxes = tuple(
        hpke.seal(
            entry.sealing_key,
            box_info(header, entry.operator),
            CONTENTS.encode(Contents(held if isinstance(held, tuple) else (held,))),
        )
        for held, entry in zip(parts, charter.charter.operators, strict=True)
    )
    request = sign_request(header, boxes, owner.sign)
    return Dispatch(
        request,
        {
            n: Submission(request, dispatch.submissions[n].granted, box)
            for n, box in zip(OPERATORS, boxes, strict=True)
        },
    )
