"""Who is lied to keeps its word for it, and all three hold what each said."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ipse.ground.errors import Unproven
from ipse.ground.names import OPERATORS, Falsehood, Instant, OperatorId, Seat
from ipse.matching.claims import Lied
from ipse.matching.seat import Place
from ipse.operator import complaints
from ipse.operator.complaints import Complaints, kept
from ipse.receipt.blame import who_lied
from ipse.store.complaints import ComplaintFolder
from ipse.wire.complaint import SIGNED_COMPLAINT, Complained, Complaint, sign_complaint
from ipse_lab.examples import complaint, keyrings, signed_complaint, trusted_charter
from ipse_lab.table import Table

ONE, TWO, THREE = OPERATORS
CALL = bytes(range(32))
AT = Instant(5)


@pytest.fixture
def places() -> list[Place]:
    return Table(np.random.default_rng(1)).places()


def opened(folder: Path, operator: OperatorId) -> Complaints:
    keyring = keyrings()[operator - 1]
    own = ComplaintFolder(folder / str(operator))
    return Complaints(operator, trusted_charter(), keyring, own)


def all_of(folder: Path, operator: OperatorId) -> list[Complaint]:
    return kept(ComplaintFolder(folder / str(operator)), trusted_charter())


def lied(place: Place, *suspects: OperatorId) -> Lied:
    seats = [Seat(operator - 1) for operator in suspects]
    return Lied(place, seats, Falsehood.MESSAGE)


def test_who_is_lied_to_keeps_a_complaint_also_when_started_anew(
    tmp_path: Path, places: list[Place]
) -> None:
    opened(tmp_path, TWO).complain(CALL, AT, lied(places[1], ONE))
    (said,) = all_of(tmp_path, TWO)
    assert (said.call, said.at, said.operator) == (CALL, AT, TWO)
    assert said.suspects == (ONE,)
    assert said.falsehood is Falsehood.MESSAGE


def test_when_operators_meet_all_hold_what_each_said(
    tmp_path: Path, places: list[Place]
) -> None:
    three = {operator: opened(tmp_path, operator) for operator in OPERATORS}
    three[ONE].complain(CALL, AT, lied(places[0], TWO))
    three[THREE].complain(CALL, AT, lied(places[2], TWO))
    for _ in range(2):  # to be told twice changes nothing
        told = {operator: each.told() for operator, each in three.items()}
        for listener, own in three.items():
            for speaker, said in told.items():
                if speaker != listener:
                    own.hear(said)
    for operator in OPERATORS:
        found = all_of(tmp_path, operator)
        assert [said.operator for said in found] == [ONE, THREE]
        assert who_lied(found) == (TWO,)


def test_who_tells_two_operators_different_things_is_found_two_faced(
    tmp_path: Path,
) -> None:
    """Each hands on what it was told."""
    one, three = opened(tmp_path, ONE), opened(tmp_path, THREE)
    sign = keyrings()[1].sign
    one.hear(Complained(TWO, (sign_complaint(complaint(), sign),)))
    other = replace(complaint(), suspects=(ONE,))
    three.hear(Complained(TWO, (sign_complaint(other, sign),)))
    three.hear(one.told())
    assert who_lied(all_of(tmp_path, THREE)) == (TWO,)


def test_what_another_did_not_sign_is_not_kept(tmp_path: Path) -> None:
    one = opened(tmp_path, ONE)
    forged = replace(signed_complaint(), signature=bytes(64))
    with pytest.raises(Unproven):
        one.hear(Complained(THREE, (forged,)))
    assert all_of(tmp_path, ONE) == []


def test_an_operator_floods_nobody_but_itself(
    tmp_path: Path, places: list[Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complaints, "MOST_KEPT", 10)
    one, sign = opened(tmp_path, ONE), keyrings()[1].sign
    one.complain(CALL, AT, lied(places[0], TWO))
    for number in range(20):
        made_up = replace(complaint(), at=Instant(1_000 + number))
        one.hear(Complained(TWO, (sign_complaint(made_up, sign),)))
    assert [said.operator for said in all_of(tmp_path, ONE)].count(TWO) == 10
    told = [signed.complaint.operator for signed in one.told().complaints]
    assert told.count(ONE) == 1
    assert told.count(TWO) == complaints.NEWEST


def test_complaints_of_a_charter_of_before_are_neither_told_nor_counted(
    tmp_path: Path,
) -> None:
    folder = ComplaintFolder(tmp_path / "1")
    older = replace(complaint(), charter_digest=bytes(32))
    content = sign_complaint(older, keyrings()[1].sign)
    folder.keep(TWO, "1", SIGNED_COMPLAINT.encode(content))
    one = opened(tmp_path, ONE)
    assert all_of(tmp_path, ONE) == []
    assert one.told() == Complained(ONE, ())
