"""Once an erasure is answered, nobody holds the row: no segment, and no worker."""

from pathlib import Path

from ipse.crypto.signature import KEY_BYTES
from ipse.ground.names import HANDLE_BYTES, Handle, Outcome, Purpose
from ipse.keys.system import SystemEntropy
from ipse.keys.wallet import Wallet
from ipse.owner.request import Body, compose
from ipse_lab.processes import FACE, new_body
from ipse_lab.trio import Trio, trio

WORKERS = 2


def new_wallet(three: Trio) -> Wallet:
    draw, charter = SystemEntropy().draw, three.charter
    handle = Handle(draw(HANDLE_BYTES))
    return Wallet(
        charter.charter.network, charter.digest, handle, draw(KEY_BYTES), FACE, "new"
    )


def ask(three: Trio, owner: Wallet, purpose: Purpose, *bodies: Body) -> Outcome:
    dispatch = compose(
        three.charter, owner, purpose, bodies, three.clock, SystemEntropy()
    )
    answers = three.enter(dispatch)
    three.serve()
    (found,) = {each.result(timeout=0).finding.outcome for each in answers.values()}
    return found


def rows_of(three: Trio, slot: int) -> list[bool]:
    """Whether there is anything in a slot, at every worker that has room for it."""
    return [
        bool(held["face"][slot - stripe.start].any())
        for desk in three.desks.values()
        for hand in desk.search._workers._cluster.hands.values()  # type: ignore[attr-defined]  # a SpreadSearch of threads
        for stripe, held in hand.stripe._rows.values()
        if "face" in held and slot in stripe
    ]


def test_an_erased_row_is_held_by_no_worker(tmp_path: Path) -> None:
    with trio(tmp_path, WORKERS) as three:
        owner = new_wallet(three)
        assert ask(three, owner, Purpose.ENROL, new_body(1)) is Outcome.ENROLLED
        # the next search ships the row
        assert ask(three, new_wallet(three), Purpose.ENROL, new_body(2))
        assert rows_of(three, 0) == [True] * 3
        assert ask(three, owner, Purpose.ERASE) is Outcome.ERASED
        assert rows_of(three, 0) == [False] * 3
        again = ask(three, new_wallet(three), Purpose.ENROL, new_body(1))
        assert again is Outcome.ENROLLED
