"""Three lists that are complete are proved to be, and whatever is wrong is named."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ipse.ground.names import Outcome
from ipse.receipt.check import Proof, check_lists
from ipse.receipt.evidence import Wrong, convict
from ipse.wire.receipt import SignedReceipt
from ipse.wire.verdict import Verdict
from ipse_lab.chains import KEY, end, receipts_of, sign, signed_by_all
from ipse_lab.examples import NOW, trusted_charter

M, N = Outcome.MATCHED, Outcome.NOT_MATCHED
RECEIPTS = receipts_of(M, N, M)
LATER = NOW + 60_000
ENDS = [end(operator, RECEIPTS[-1], LATER) for operator in (1, 2, 3)]
OTHER = receipts_of(M, M, M)
"""The same record, had its third receipt said something else."""


def proved(signed: list[SignedReceipt], ends: list[Verdict]) -> Proof:
    return check_lists(signed, ends, KEY, trusted_charter())


def without(*gone: tuple[int, int]) -> list[SignedReceipt]:
    """All that is told, but for some receipts of some operators."""
    return [
        each
        for each in signed_by_all(RECEIPTS)
        if (each.operator, each.receipt.number) not in gone
    ]


def test_what_three_tell_alike_is_complete() -> None:
    proof = proved(signed_by_all(RECEIPTS), ENDS)
    assert proof.is_complete
    assert [entry.receipt for entry in proof.entries] == list(RECEIPTS)
    assert all(entry.signed_by == (1, 2, 3) for entry in proof.entries)


def test_no_receipts_are_complete_where_all_say_there_are_none() -> None:
    assert proved([], [end(operator, None, LATER) for operator in (1, 2)]).is_complete
    assert not proved([], ENDS).is_complete


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_one_operator_that_is_away_hides_nothing(missing: int) -> None:
    gone = [(missing, number) for number in (1, 2, 3, 4)]
    ends = [each for each in ENDS if each.operator != missing]
    assert proved(without(*gone), ends).is_complete


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_chain_that_is_cut_in_the_middle_is_no_ledger(number: int) -> None:
    proof = proved(without(*((n, number) for n in (1, 2, 3))), ENDS)
    assert [(fault.number, fault.operators) for fault in proof.faults] == [
        (number, (1, 2, 3))
    ]
    assert "is missing, and a later one is there" in proof.faults[0].sentence


def test_a_chain_that_is_cut_at_its_end_is_no_ledger() -> None:
    proof = proved(without(*((n, 4) for n in (1, 2, 3))), ENDS)
    assert {fault.operators for fault in proof.faults} == {(1,), (2,), (3,)}


def test_what_one_alone_signed_is_not_proved() -> None:
    proof = proved(without((1, 2), (2, 2)), ENDS)
    assert [fault.sentence for fault in proof.faults] == [
        "Receipt 2 has no second signature."
    ]


def test_an_operator_that_forks_convicts_itself() -> None:
    signed = [*signed_by_all(RECEIPTS), sign(2, OTHER[2])]
    (fault,) = proved(signed, ENDS).faults
    assert (fault.operators, fault.number) == ((2,), 3)
    assert fault.evidence is not None
    convicted = convict(fault.evidence, trusted_charter())
    assert (convicted.wrong, convicted.operators) == (Wrong.FORKED, (2,))


def test_who_tells_a_receipt_differently_contradicts_the_two_others() -> None:
    signed = [*without((2, 3), (2, 4)), sign(2, OTHER[2]), sign(2, OTHER[3])]
    proof = proved(signed, [ENDS[0], end(2, OTHER[3], LATER), ENDS[2]])
    assert [entry.receipt for entry in proof.entries] == list(RECEIPTS)
    assert not proof.is_complete
    assert all(2 in fault.operators for fault in proof.faults)
    for fault in proof.faults:
        if fault.evidence is not None:
            convicted = convict(fault.evidence, trusted_charter())
            assert convicted.wrong is Wrong.CONTRADICTED
            assert 2 in convicted.operators


def test_who_tells_an_old_ledger_is_stale() -> None:
    """It signed the last receipt before, which the wallet kept."""
    ends = [ENDS[0], end(2, RECEIPTS[2], LATER), ENDS[2]]
    (fault,) = proved(signed_by_all(RECEIPTS), ends).faults
    assert (fault.operators, fault.number) == ((2,), 4)
    assert fault.evidence is not None
    convicted = convict(fault.evidence, trusted_charter())
    assert (convicted.wrong, convicted.operators) == (Wrong.STALE, (2,))


def test_a_ledger_that_was_told_before_the_last_use_is_not_stale() -> None:
    before = RECEIPTS[3].at - 1
    ends = [ENDS[0], end(2, RECEIPTS[2], before), ENDS[2]]
    (fault,) = proved(signed_by_all(RECEIPTS), ends).faults
    assert fault.evidence is None


BROKEN: dict[str, tuple[Callable[[SignedReceipt], SignedReceipt], str]] = {
    "a signature": (
        lambda each: replace(each, signature=bytes(64)),
        "does not hold",
    ),
    "an outcome": (
        lambda each: replace(each, receipt=replace(each.receipt, outcome=N)),
        "does not hold",
    ),
    "of another record": (
        lambda each: sign(each.operator, replace(each.receipt, tag=bytes(32))),
        "of another record",
    ),
    "of another charter": (
        lambda each: sign(
            each.operator, replace(each.receipt, charter_digest=bytes(32))
        ),
        "another network or charter",
    ),
}


@pytest.mark.parametrize(("spoil", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_receipt_that_is_not_its_operators_word_is_named(
    spoil: Callable[[SignedReceipt], SignedReceipt], reason: str
) -> None:
    signed = signed_by_all(RECEIPTS)
    signed[4] = spoil(signed[4])
    (fault,) = proved(signed, ENDS).faults
    assert (fault.operators, fault.number) == ((2,), 2)
    assert reason in fault.sentence


def test_a_receipt_that_does_not_follow_the_one_before_is_named() -> None:
    """All three wrote it so: then all three broke their own word."""
    torn = replace(RECEIPTS[3], previous=OTHER[3].previous)
    signed = [each for each in signed_by_all(RECEIPTS) if each.receipt.number < 4]
    signed += [sign(operator, torn) for operator in (1, 2, 3)]
    proof = proved(signed, [end(operator, torn, LATER) for operator in (1, 2, 3)])
    (fault,) = proof.faults
    assert (fault.operators, fault.number) == ((1, 2, 3), 4)
    assert fault.evidence is not None
    assert convict(fault.evidence, trusted_charter()).wrong is Wrong.FORKED
