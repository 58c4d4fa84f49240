"""The stance: that a request is here, and what this operator was sent with it.

Beside the request's digest goes a tag of each component that the operator was sent,
under the key that it shares with the component's other holder. So the three see
whether a wallet told two operators different things, and a component that is the sum
of something known and the template gives nobody a digest to guess against.

A stance says nothing of the records: those are looked at when a request is called
(`ipse.operator.position`). So it is taken as soon as a request arrives.
"""

import hmac
from collections.abc import Iterable
from hashlib import sha256

from ipse.crypto.digest import tagged
from ipse.ground.names import OperatorId
from ipse.net.links import Links
from ipse.operator.admission import Admitted
from ipse.wire import tags
from ipse.wire.parts import WireComponent
from ipse.wire.peer import Stance


def take_stance(operator: OperatorId, admitted: Admitted, links: Links) -> Stance:
    """Say what was sent here. Good on these links alone: their keys are in it."""
    return Stance(
        operator,
        admitted.id,
        admitted.request.digest,
        component_tag(
            links.prev.pair_key, admitted.id, (part.first for part in admitted.sent)
        ),
        component_tag(
            links.next.pair_key, admitted.id, (part.second for part in admitted.sent)
        ),
    )


def component_tag(
    key: bytes, context: bytes, components: Iterable[WireComponent]
) -> bytes:
    """Return the 32 bytes by which two holders of components compare them.

    `key` is the pair's; `context` names the request.
    """
    state = hmac.new(key, tagged(tags.COMPONENT_TAG, context), sha256)
    for component in components:
        state.update(bytes([component.kind]) + len(component.data).to_bytes(8, "big"))
        state.update(component.data)
    return state.digest()
