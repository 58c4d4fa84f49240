"""A sealed file opens with its passphrase, and costs a guesser, not its reader."""

import contextlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipse.ground.errors import Malformed, Refused
from ipse.keys.passphrase import (
    COST,
    FILE_BYTES,
    OVERHEAD_BYTES,
    SEALED,
    Cost,
    Sealed,
    open_under,
    seal_under,
)
from ipse_lab.arbitrary import mutated
from ipse_lab.fakes import CountedEntropy

CHEAP = Cost(passes=1, memory=8, lanes=1)
DICE = CountedEntropy("passphrase")
FILE = seal_under("correct horse", b"battery staple", DICE, CHEAP)


def test_the_default_cost_is_the_one_that_rfc_9106_recommends_second() -> None:
    assert (COST.passes, COST.memory, COST.lanes) == (3, 2**16, 4)
    file = SEALED.decode(seal_under("correct horse", b"", DICE))
    assert file.cost == COST


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=20), st.binary(max_size=500))
def test_what_is_sealed_opens(passphrase: str, plain: bytes) -> None:
    file = seal_under(passphrase, plain, DICE, CHEAP)
    assert open_under(passphrase, file) == plain
    assert len(plain) < len(file) <= len(plain) + OVERHEAD_BYTES


@pytest.mark.parametrize("guess", ["Correct horse", "correct horse ", "x", "correct"])
def test_a_wrong_passphrase_is_refused_in_one_plain_sentence(guess: str) -> None:
    with pytest.raises(Refused, match=r"^This passphrase does not open .*\.$"):
        open_under(guess, FILE)


def test_however_an_accent_was_typed_the_file_opens() -> None:
    file = seal_under("caf\u00e9", b"plain", DICE, CHEAP)
    assert open_under("cafe\u0301", file) == b"plain"


@pytest.mark.parametrize("passphrase", ["", "\ud800"])
def test_what_is_no_passphrase_is_refused(passphrase: str) -> None:
    for use in (
        lambda: seal_under(passphrase, b"plain", DICE, CHEAP),
        lambda: open_under(passphrase, FILE),
    ):
        with pytest.raises(Refused, match="passphrase"):
            use()


def test_no_two_files_share_a_salt_or_a_nonce() -> None:
    files = [
        SEALED.decode(seal_under("correct horse", b"", DICE, CHEAP)) for _ in range(20)
    ]
    assert len({file.salt for file in files}) == 20
    assert len({file.nonce for file in files}) == 20


CHANGES: dict[str, Any] = {
    "salt": bytes(16),
    "passes": 2,
    "memory": 9,
    "nonce": bytes(12),
    "ciphertext": bytes(30),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_file_changed_in_any_field_does_not_open(name: str) -> None:
    changed = replace(SEALED.decode(FILE), **{name: CHANGES[name]})
    with pytest.raises(Refused):
        open_under("correct horse", SEALED.encode(changed))


def test_lanes_are_bound_too() -> None:
    file = seal_under("correct horse", b"plain", DICE, Cost(1, 16, 2))
    changed = replace(SEALED.decode(file), lanes=1)
    with pytest.raises(Refused):
        open_under("correct horse", SEALED.encode(changed))


HOSTILE: dict[str, dict[str, int]] = {
    "no pass": {"passes": 0},
    "passes for a week": {"passes": 11},
    "all the memory": {"memory": 256 * 1_024 + 1},
    "more memory than there is": {"memory": 2**32 - 1},
    "too little memory": {"memory": 7},
    "too little memory for its lanes": {"lanes": 2},
    "no lane": {"lanes": 0},
    "a thousand lanes": {"memory": 8_000, "lanes": 1_000},
}


@pytest.mark.parametrize("changes", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_asks_for_too_much_work_is_not_even_tried(
    changes: dict[str, int],
) -> None:
    with pytest.raises(Malformed):
        replace(SEALED.decode(FILE), **changes)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    "cost",
    [(0, 8, 1), (11, 8, 1), (1, 7, 1), (1, 2**18 + 1, 1), (1, 999, 17), (1, 9, 2)],
)
def test_a_cost_is_within_bounds(cost: tuple[int, int, int]) -> None:
    with pytest.raises(Malformed, match="An argon2id cost's"):
        Cost(*cost)


def test_a_file_that_lies_about_its_cost_is_refused_when_read() -> None:
    """The bytes, not only the record: 5 is the place of `memory` after the tag."""
    encoded = SEALED.encode(replace(SEALED.decode(FILE), memory=255))
    assert encoded.count(b"\x18\xff") == 1
    hostile = encoded.replace(b"\x18\xff", b"\x1a\xff\xff\xff\xff")
    with pytest.raises(Malformed, match="memory"):
        open_under("correct horse", hostile)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=50) | mutated(st.just(FILE)))
def test_a_damaged_file_is_refused_and_nothing_else_happens(content: bytes) -> None:
    with contextlib.suppress(Malformed):
        costly = SEALED.decode(content).cost.memory > 1_024
        if costly:
            return
    with contextlib.suppress(Malformed, Refused):
        assert open_under("correct horse", content) == b"battery staple"
        assert content == FILE


def test_a_file_that_is_too_long_is_not_read() -> None:
    with pytest.raises(Malformed, match="more than"):
        open_under("correct horse", bytes(FILE_BYTES + 1))
    with pytest.raises(Malformed, match="ciphertext"):
        seal_under("correct horse", bytes(FILE_BYTES), DICE, CHEAP)


def test_a_sealed_file_is_no_secret_and_may_be_shown() -> None:
    assert isinstance(SEALED.decode(FILE), Sealed)
    assert b"battery" not in FILE
