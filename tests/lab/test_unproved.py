"""What proofs cost is seen beside a verification that believes whatever is said."""

from ipse.ground.names import Form
from ipse_lab.unproved import ROUNDS, costs


def test_proofs_take_three_rounds_and_are_most_of_what_is_sent() -> None:
    proved, unproved = costs(Form.FACE)
    assert (proved.rounds, unproved.rounds) == (ROUNDS + 3, ROUNDS)
    assert unproved.sent_bytes < 6_000
    assert 40_000 < proved.sent_bytes < 60_000
