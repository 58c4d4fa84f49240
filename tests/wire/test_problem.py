"""A problem tells an error in JSON, in one spelling, and says who sends it."""

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipse.ground import errors
from ipse.ground.errors import IpseError, Malformed, Misbehaved, Refused
from ipse.ground.names import OperatorId
from ipse.wire import limits
from ipse.wire.problem import (
    ERRORS,
    STATUS,
    TITLES,
    Family,
    Problem,
    decode_problem,
    encode_problem,
    error_of,
    problem_of,
)
from ipse_lab.arbitrary import mutated, problems

SECOND = OperatorId(2)
PROBLEM = problem_of(Refused("This request is over: sign a new one."), SECOND)
ENCODED = (
    b'{"detail":"This request is over: sign a new one.","family":"refused",'
    b'"operator":2,"title":"The network\'s policy says no"}'
)


def test_a_problem_has_these_bytes() -> None:
    assert encode_problem(PROBLEM) == ENCODED
    assert decode_problem(ENCODED) == PROBLEM


@given(problems)
def test_what_is_written_is_read_back(problem: Problem) -> None:
    assert decode_problem(encode_problem(problem)) == problem


@given(st.binary(max_size=80) | mutated(problems.map(encode_problem)))
def test_whatever_is_read_has_no_other_spelling(encoded: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert encode_problem(decode_problem(encoded)) == encoded


OTHERWISE = {
    "spaces": ENCODED.replace(b":2", b": 2"),
    "a line break after it": ENCODED + b"\n",
    "a float": ENCODED.replace(b":2", b":2.0"),
    "an exponent": ENCODED.replace(b":2", b":2e0"),
    "true": ENCODED.replace(b":2", b":true"),
    "an escape": ENCODED.replace(b"This", b"\\u0054his"),
    "a key twice": ENCODED.replace(b'"operator":2', b'"operator":1,"operator":2'),
    "another key": ENCODED.replace(b'"operator":2', b'"operator":2,"other":2'),
    "a key that is missing": ENCODED.replace(b'"operator":2,', b""),
    "another order": (
        b'{"family":"refused","detail":"This request is over: sign a new one.",'
        b'"operator":2,"title":"The network\'s policy says no"}'
    ),
    "another family": ENCODED.replace(b'"refused"', b'"Refused"'),
    "a fourth operator": ENCODED.replace(b":2", b":4"),
    "NaN": ENCODED.replace(b":2", b":NaN"),
    "a byte order mark": b"\xef\xbb\xbf" + ENCODED,
    "UTF-16": ENCODED.decode().encode("utf-16"),
    "a control character": ENCODED.replace(b"This", b"Th\\u0000is"),
    "half a character": ENCODED.replace(b"This", b"\\ud800"),
    "an array": b"[]",
    "an array of the keys": b'["detail","family","operator","title"]',
    "text": b'"detail"',
    "a deep array": b"[" * limits.PROBLEM,
    "a number with many digits": ENCODED.replace(b":2", b":" + b"9" * 5_000),
    "too long": b" " * (limits.PROBLEM + 1),
    "nothing": b"",
}


@pytest.mark.parametrize("encoded", OTHERWISE.values(), ids=OTHERWISE)
def test_what_json_would_forgive_is_refused(encoded: bytes) -> None:
    with pytest.raises(Malformed):
        decode_problem(encoded)


def test_what_is_too_long_is_not_even_parsed() -> None:
    with pytest.raises(Malformed, match="at most 8192 bytes"):
        decode_problem(b" " * (limits.PROBLEM + 1))
    with pytest.raises(Malformed, match="must have family"):
        decode_problem(b"{}".ljust(limits.PROBLEM))


@pytest.mark.parametrize("name", ["family", "title", "detail", "operator"])
def test_no_problem_exists_with_a_field_of_another_kind(name: str) -> None:
    with pytest.raises(Malformed, match=f"problem: {name} must"):
        replace(PROBLEM, **{name: None})


def test_every_family_of_the_error_tree_has_its_problem() -> None:
    tree = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, IpseError)
    }
    assert set(ERRORS.values()) == tree - {IpseError}
    assert set(ERRORS) == set(STATUS) == set(TITLES) == set(Family)


@pytest.mark.parametrize("family", Family)
def test_an_error_comes_back_as_its_family_and_names_the_operator(
    family: Family,
) -> None:
    told = problem_of(ERRORS[family]("The thing broke."), SECOND)
    error = error_of(decode_problem(encode_problem(told)))
    assert type(error) is ERRORS[family]
    assert str(error) == "Operator 2: The thing broke."


class Caught(Misbehaved):
    """A narrower error than its family."""


@given(st.text(max_size=2 * limits.DETAIL))
def test_any_error_can_be_told(message: str) -> None:
    told = problem_of(Caught(message), SECOND)
    assert told.family is Family.MISBEHAVED
    assert decode_problem(encode_problem(told)) == told


def test_an_error_without_words_is_told_by_its_title() -> None:
    assert problem_of(Refused(" \n"), SECOND).detail == TITLES[Family.REFUSED]


def test_the_longest_problem_is_within_its_limit() -> None:
    longest = Problem(
        Family.OUT_OF_TURN, "\U00010400" * limits.TEXT, '"' * limits.DETAIL, SECOND
    )
    assert len(encode_problem(longest)) <= limits.PROBLEM
    assert json.loads(encode_problem(longest))["operator"] == 2
