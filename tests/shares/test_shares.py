"""A template's shares: two of three are noise, three are the template."""

import pickle

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.crypto import ring
from ipse.crypto.ring import Words
from ipse.ground.errors import Malformed
from ipse.ground.names import Form, Seat
from ipse.ground.params import CODE_BITS, CODE_LENGTH, LENGTH
from ipse.shares.replicated import read_upload, split
from ipse.shares.shamir import FIELDS, TOP_BITS, Row, asked, mask_of, stored
from ipse.shares.spelling import SPELLED
from ipse.wire.parts import SEED, VECTOR, WireComponent, WirePart
from ipse_lab.people import people
from ipse_lab.table import Table

Ints = npt.NDArray[np.integer]
FORMS = list(Form)
seeds = st.binary(min_size=32, max_size=32)


def vector(form: Form, dice: np.random.Generator) -> np.ndarray:
    return dice.integers(-127, 128, LENGTH[form])


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=20)
@given(first=seeds, second=seeds, seed=st.integers(0, 2**32 - 1))
def test_three_components_add_up_and_neighbours_hold_the_same(
    form: Form, first: bytes, second: bytes, seed: int
) -> None:
    values = people(seed, 1, form).references[0]
    uploads = [read_upload(part) for part in split(form, values, (first, second))]
    for seat in range(3):
        assert (uploads[seat].second == uploads[(seat + 1) % 3].first).all()
    total = sum(upload.part().first for upload in uploads).astype(np.int32)
    assert (total == values).all()


def in_rings(form: Form, fields: Row) -> dict[str, Words]:
    """Read fields as numbers of their rings: a mask is one number in two digits."""
    if form is not Form.CODE:
        return dict(fields)
    return {"code": fields["code"], "mask": mask_of(fields)}


def by_ring(form: Form, values: Ints) -> dict[str, Ints]:
    """Cut a plain vector as its shares are cut."""
    if form is not Form.CODE:
        return {form.value: values}
    return {"code": values[:CODE_LENGTH], "mask": values[CODE_LENGTH:]}


def modulus(name: str) -> int:
    return 1 << (CODE_BITS if name == "mask" else 16)


@pytest.mark.parametrize("form", FORMS)
def test_stored_shares_lie_on_a_line_through_the_template(form: Form) -> None:
    dice = np.random.default_rng(1)
    values = vector(form, dice)
    rows = [in_rings(form, row) for row in Table(dice).rows(form, values[np.newaxis])]
    # f(0) from any two points: no third share is needed for degree 1
    for name, plain in by_ring(form, values).items():
        for i in range(3):
            j = (i + 1) % 3
            a, b = ring.POINTS[i], ring.POINTS[j]
            slope = ring.inverse(ring.subtract(b, a))
            at_a, at_b = rows[i][name][0], rows[j][name][0]
            rise = ring.times(ring.times(at_b - at_a, slope), a)
            found = (at_a - rise).astype(np.int64) % modulus(name)
            assert (found == plain % modulus(name)).all()


@pytest.mark.parametrize("form", FORMS)
def test_inner_products_of_shares_add_up_to_the_inner_product(form: Form) -> None:
    dice = np.random.default_rng(2)
    table = Table(dice)
    reference, probe = vector(form, dice), vector(form, dice)
    rows = [in_rings(form, row) for row in table.rows(form, reference[np.newaxis])]
    parts = table.raw_parts(form, probe[np.newaxis])
    turned = [in_rings(form, asked(parts[seat], Seat(seat))) for seat in range(3)]
    for name, plain in by_ring(form, reference).items():
        addends = [
            int(turned[seat][name][0].astype(object) @ rows[seat][name][0])
            for seat in range(3)
        ]
        expected = int(by_ring(form, probe)[name] @ plain)
        assert (sum(addends) - expected) % modulus(name) == 0


def test_a_mask_is_kept_in_a_signed_digit_and_a_nibble() -> None:
    """Mask + 2^16 mask_top, with mask read as signed, is the share mod 2^20."""
    dice = np.random.default_rng(5)
    part = Table(dice).raw_parts(Form.CODE, vector(Form.CODE, dice)[np.newaxis])[0]
    fields = stored(part, Seat(0))
    assert [field.name for field in FIELDS[Form.CODE]] == list(fields)
    assert fields["mask_top"].max() < 1 << TOP_BITS
    assert (fields["mask"].view(np.int16) < 0).any()
    low = fields["mask"].view(np.int16).astype(np.int64)
    whole = low + (fields["mask_top"].astype(np.int64) << 16)
    assert (whole % modulus("mask") == mask_of(fields) % modulus("mask")).all()


def test_what_a_seat_holds_does_not_depend_on_the_template() -> None:
    """Each seat's view is the same for two templates, if the unseen mask makes up."""
    dice = np.random.default_rng(3)
    one, other = vector(Form.FACE, dice), vector(Form.FACE, dice)
    masks = [dice.integers(0, 2**32, 128, dtype=np.uint32) for _ in range(2)]
    # seat 0 holds components 0 and 1, both drawn; the third takes up any template
    for values in (one, other):
        rest = values.astype(np.int64).astype(np.uint32) - masks[0] - masks[1]
        assert ((masks[0] + masks[1] + rest).astype(np.int32) == values).all()


@pytest.mark.parametrize("form", FORMS)
def test_a_component_of_the_wrong_length_is_refused(form: Form) -> None:
    short = WireComponent(VECTOR, bytes(4 * SPELLED[form] - 4))
    with pytest.raises(Malformed, match="bytes are due"):
        read_upload(WirePart(form, WireComponent(SEED, bytes(32)), short))


def test_neither_upload_nor_part_is_shown_or_pickled() -> None:
    face = people(1, 1, Form.FACE).references[0]
    upload = read_upload(split(Form.FACE, face, (b"\x01" * 32, b"\x02" * 32))[0])
    for secret in (upload, upload.part()):
        assert "[" not in repr(secret)
        with pytest.raises(TypeError):
            pickle.dumps(secret)
