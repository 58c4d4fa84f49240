"""A lie is a well-formed message that says something else; every message can lie."""

import random

import pytest

from ipse.ground.names import RequestId
from ipse.net.frames import HEAD_BYTES, Kind, write_head
from ipse.wire.peer import Gone, Message, read_message, write_message
from ipse_lab.example_messages import MESSAGES as EXAMPLES
from ipse_lab.network.lies import Liar, lie

MESSAGES: list[Message] = [
    example for example in EXAMPLES.values() if isinstance(example, Message)
]
GONE = Gone(RequestId(bytes(16)))


def framed(message: Message) -> bytes:
    body = write_message(message)
    return write_head(Kind.MESSAGE, len(body)) + body


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: type(one).__name__)
def test_each_message_lies_in_each_of_its_fields_some_day(message: Message) -> None:
    dice = random.Random(1)  # noqa: S311 (to be told again)
    lies = [lie(message, dice) for _ in range(60)]
    for false in lies:
        assert false != message
        assert type(false) is type(message)
        assert read_message(write_message(false)) == false
    names = message.__dataclass_fields__
    assert {
        name
        for name in names
        for false in lies
        if getattr(false, name) != getattr(message, name)
    } == {*names}


def test_a_liar_lies_when_it_is_its_time_and_never_besides() -> None:
    told: list[str] = []
    liar = Liar({1: 5.0}, told.append)
    true = framed(GONE)
    rounds = write_head(Kind.ROUND, 3) + b"abc"
    said = [liar.speak(content) for content in (true, rounds, true, true)]
    assert [
        one == other
        for one, other in zip(said, (true, rounds, true, true), strict=True)
    ] == [True, True, False, True]
    assert read_message(said[2][HEAD_BYTES:]) != GONE
    assert len(told) == 1


def test_a_liar_that_stopped_is_honest() -> None:
    liar = Liar({0: 5.0}, lambda _what: None)
    liar.stop()
    assert liar.speak(framed(GONE)) == framed(GONE)
