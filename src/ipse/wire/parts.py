"""What one operator gets for one template: its two of the three components.

A wallet splits a vector x into c0 + c1 + c2 mod 2^32; seat p holds components p and
p + 1, counted mod 3. A component is a seed that expands to a vector, or the vector
itself in little-endian words of 32 bits. These records exist in clear only inside the
wallet and the operator that they are sealed for; on the wire they are in a box.

    [component, kind, data]     [part, form, first, second]     [contents, [part, ...]]

The arithmetic lives in ipse.shares, the box in wire/request.py.
Specification: docs/spec/wire.md, section 4.
"""

from dataclasses import dataclass
from typing import Final

from ipse.crypto.secret import Secret
from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.wire import limits, tags
from ipse.wire.fields import choice, many, octets, whole
from ipse.wire.record import Shape

SEED: Final = 0
"""The kind of a component that is 32 bytes of seed."""

VECTOR: Final = 1
"""The kind of a component that is spelled out, 4 bytes an entry."""

SEED_BYTES: Final = 32
WORD_BYTES: Final = 4


@dataclass(frozen=True, slots=True, repr=False)
class WireComponent(Secret):
    """One of a vector's three addends."""

    kind: int  # SEED or VECTOR
    data: bytes  # 32 bytes of seed, or 4 bytes an entry, little-endian

    def __post_init__(self) -> None:
        """Check that the bytes fit the kind."""
        COMPONENT.check(self)
        if self.kind == SEED and len(self.data) != SEED_BYTES:
            raise Malformed(f"A component's seed must have {SEED_BYTES} bytes.")
        if len(self.data) % WORD_BYTES:
            raise Malformed("A component's vector must have whole words of 4 bytes.")


COMPONENT: Final = Shape(
    tags.COMPONENT,
    WireComponent,
    limits.COMPONENT + 64,
    {
        "kind": whole(SEED, VECTOR),
        "data": octets(WORD_BYTES, limits.COMPONENT),
    },
)


@dataclass(frozen=True, slots=True, repr=False)
class WirePart(Secret):
    """The two components of one template that one operator holds."""

    form: Form
    first: WireComponent  # component p, for the operator at seat p
    second: WireComponent  # component p + 1 mod 3

    def __post_init__(self) -> None:
        """Check the fields."""
        PART.check(self)


PART: Final = Shape(
    tags.PART,
    WirePart,
    2 * limits.COMPONENT + 256,
    {
        "form": choice(Form),
        "first": COMPONENT.nested(),
        "second": COMPONENT.nested(),
    },
)


@dataclass(frozen=True, slots=True, repr=False)
class Contents(Secret):
    """What a box holds: the parts of one body, or of many when seeding.

    The parts of a body follow each other in the order of the header's forms.
    """

    parts: tuple[WirePart, ...]  # 1 to limits.PARTS

    def __post_init__(self) -> None:
        """Check the fields."""
        CONTENTS.check(self)


CONTENTS: Final = Shape(
    tags.CONTENTS,
    Contents,
    limits.BOX,
    {"parts": many(PART.nested(), 1, limits.PARTS)},
)
