"""What is in a box is well-formed, and does not show itself."""

import pickle

import pytest

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.wire import limits
from ipse.wire.parts import CONTENTS, SEED, VECTOR, Contents, WireComponent, WirePart
from ipse_lab.examples import contents

BAD = {
    "a seed too short": (SEED, bytes(28)),
    "a seed too long": (SEED, bytes(36)),
    "no seed": (SEED, b""),
    "no vector": (VECTOR, b""),
    "half a word": (VECTOR, bytes(6)),
    "more than a code": (VECTOR, bytes(limits.COMPONENT + 4)),
    "a third kind": (2, bytes(32)),
    "true for a kind": (True, bytes(32)),
}


@pytest.mark.parametrize(("kind", "data"), BAD.values(), ids=BAD)
def test_a_component_that_is_neither_seed_nor_vector_is_refused(
    kind: int, data: bytes
) -> None:
    with pytest.raises(Malformed):
        WireComponent(kind, data)


def test_contents_hold_something() -> None:
    with pytest.raises(Malformed, match="parts"):
        Contents(())


def test_a_box_for_seeding_a_thousand_fused_records_fits() -> None:
    def part(form: Form, length: int) -> WirePart:
        seed, vector = bytes(32), bytes(4 * length)
        return WirePart(form, WireComponent(SEED, seed), WireComponent(VECTOR, vector))

    body = (part(Form.FACE, 128), part(Form.VOICE, 256))
    encoded = CONTENTS.encode(Contents(body * 1_000))
    assert len(encoded) < limits.BOX
    assert len(CONTENTS.decode(encoded).parts) == 2_000


@pytest.mark.parametrize(
    "secret", [contents(), contents().parts[0], contents().parts[0].first]
)
def test_shares_do_not_show_themselves_and_are_not_pickled(secret: object) -> None:
    assert repr(secret) == f"<{type(secret).__name__}: secret>"
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(secret)


def test_a_malformed_box_does_not_show_its_content() -> None:
    """Shares are bytes; no message holds a run of them, as text or as Python's."""
    with pytest.raises(Malformed) as malformed:
        WireComponent(SEED, b"a share that is too long to be a seed")
    assert "share" not in str(malformed.value)
    encoded = CONTENTS.encode(contents()) + b"share"
    with pytest.raises(Malformed) as malformed:
        CONTENTS.decode(encoded)
    assert "share" not in str(malformed.value)
