"""A template as it leaves the wallet: three components, each operator holding two.

    spelling = component 0 + component 1 + component 2      mod 2^32, bit by bit

    seat 0 holds components 0 and 1
    seat 1 holds components 1 and 2
    seat 2 holds components 2 and 0

Two components together are uniform noise: the third is missing. Every component
is held by two operators, so a wallet that tells them different things is found out
by comparing digests, with certainty and without a word about the template.
Components 0 and 1 are expanded from seeds of 32 bytes; component 2 is explicit.
What a spelling is says `ipse.shares.spelling`.

Source: Cramer, Damgard, Ishai, "Share Conversion, Pseudorandom Secret-Sharing and
Applications to Secure Computation", TCC 2005. docs/adr/0003 says why not Shamir here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ipse.crypto.secret import Secret
from ipse.crypto.stream import KEY_BYTES, Stream
from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.shares.spelling import SPELLED, Spelling, read, spell
from ipse.wire.parts import SEED, VECTOR, WORD_BYTES, WireComponent, WirePart

Vector: TypeAlias = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Part(Secret):
    """What one seat holds of one template: two of its vector's three components.

    Shapes: first and second are uint32[probes, length of the form].
    """

    form: Form
    first: Vector  # component `seat`
    second: Vector  # component `seat + 1`, mod 3

    def of(self, probes: Sequence[int]) -> "Part":
        """Return some of the probes alone."""
        some = np.asarray(probes, np.intp)
        return Part(self.form, self.first[some], self.second[some])


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Upload(Secret):
    """What one seat was sent of one template: two components of its spelling.

    Shapes: first and second are uint32[probes, SPELLED[form]].
    """

    form: Form
    first: Spelling  # component `seat`
    second: Spelling  # component `seat + 1`, mod 3

    def part(self) -> Part:
        """Read the vector that is spelled here. No message."""
        return Part(
            self.form, read(self.form, self.first), read(self.form, self.second)
        )


def split(
    form: Form, values: npt.NDArray[np.integer], seeds: tuple[bytes, bytes]
) -> tuple[WirePart, WirePart, WirePart]:
    """Spell a template's vector, and cut it into what each of the three seats is sent.

    Run by: the wallet.

    Shapes: values is integer[LENGTH[form]], any integer type.
    Randomness: `seeds`, two times 32 bytes, fresh for each vector.

    Raises:
        Malformed: the vector is no template of this form, or the seeds have the wrong
            size.
    """
    return cut(form, spell(form, values), seeds)


def cut(
    form: Form, spelling: Spelling, seeds: tuple[bytes, bytes]
) -> tuple[WirePart, WirePart, WirePart]:
    """Cut a spelling into what each of the three seats is sent.

    Shapes: spelling is uint32[SPELLED[form]].
    Randomness: as `split`. Raises: Malformed: the seeds have the wrong size.
    """
    components = [WireComponent(SEED, seed) for seed in seeds]
    masks = [_expand(component, SPELLED[form]) for component in components]
    explicit = (spelling - masks[0] - masks[1]).astype("<u4").tobytes()
    components.append(WireComponent(VECTOR, explicit))
    first, second, third = (
        WirePart(form, components[seat], components[(seat + 1) % 3])
        for seat in range(3)
    )
    return first, second, third


def read_upload(part: WirePart) -> Upload:
    """Expand what a wallet sent to one seat, as a batch of one.

    Run by: an operator. Whether the spelling is any good is not seen here, nor by
    any single operator: `ipse.matching.wellformed` decides that in secret.

    Raises:
        Malformed: a seed or a vector of the wrong length for the form.
    """
    length = SPELLED[part.form]
    first, second = (
        _expand(component, length)[np.newaxis]
        for component in (part.first, part.second)
    )
    return Upload(part.form, first, second)


def batch(uploads: Sequence[Upload]) -> Upload:
    """Join uploads of one form into one with as many probes."""
    return Upload(
        uploads[0].form,
        np.concatenate([upload.first for upload in uploads]),
        np.concatenate([upload.second for upload in uploads]),
    )


def _expand(component: WireComponent, length: int) -> Vector:
    size = KEY_BYTES if component.kind == SEED else length * WORD_BYTES
    if len(component.data) != size:
        raise Malformed(
            f"component: {size} bytes are due here; send the template anew, whole"
        )
    content = component.data
    if component.kind == SEED:
        content = Stream(content).draw(length * WORD_BYTES).tobytes()
    return np.frombuffer(content, "<u4").astype(np.uint32)
