"""The kinds of field that several records share: one spelling each."""

from typing import Final

from ipse.crypto import signature
from ipse.crypto.digest import DIGEST_BYTES
from ipse.ground.errors import Malformed
from ipse.ground.names import HANDLE_BYTES, OPERATORS, REQUEST_ID_BYTES, Form
from ipse.wire import limits
from ipse.wire.fields import choice, many, octets, text, whole

_LABEL: Final = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_HOST: Final = rf"({_LABEL}(\.{_LABEL})*|\[[0-9a-f:]+\])"
_PORT: Final = (
    r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}"
    r"|655[0-2][0-9]|6553[0-5])"
)

NETWORK: Final = text(limits.NETWORK, _LABEL)
"""A network's name is one DNS label in lower case: it stands in certificates."""

LOG_ORIGIN: Final = text(limits.TEXT, r"[^\s+]+")
"""A log's name is also the name of a note's key: no space, no plus."""

PEER_ADDRESS: Final = text(limits.TEXT, f"{_HOST}:{_PORT}")
OWNER_ADDRESS: Final = text(limits.TEXT, f"https://{_HOST}:{_PORT}")

OPERATOR: Final = whole(OPERATORS[0], OPERATORS[-1])
EPOCH: Final = whole(0)
INSTANT: Final = whole(0)
REQUEST_ID: Final = octets(REQUEST_ID_BYTES)
HANDLE: Final = octets(HANDLE_BYTES)
DIGEST: Final = octets(DIGEST_BYTES)
SIGNATURE: Final = octets(signature.SIGNATURE_BYTES)
SIGNING_KEY: Final = octets(signature.KEY_BYTES)
FORMS: Final = many(choice(Form), 0, len(Form))


def expect_digest_or_nothing(place: str, found: bytes) -> None:
    """Refuse a digest of which a part is missing; nothing at all is fine."""
    if found and len(found) != DIGEST_BYTES:
        raise Malformed(f"{place} must be a digest of {DIGEST_BYTES} bytes, or empty.")


def expect_ordered(place: str, forms: tuple[Form, ...]) -> None:
    """Refuse a set of forms in any order but face, voice, code, or with one twice."""
    if forms != tuple(form for form in Form if form in forms):
        raise Malformed(f"{place} must name each form once, in their own order.")
