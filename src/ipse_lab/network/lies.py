"""Lies: an operator that says something else than it should, in one message.

It changes one field to another value that the message may have; so the message is well
formed, and signed and sealed as any other. What it does besides is honest.
"""

import random
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from ipse.ground.errors import IpseError, Malformed
from ipse.net.frames import HEAD_BYTES, Kind, read_head, write_head
from ipse.wire.peer import Message, read_message, write_message

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


class Liar:
    """One operator's mouth."""

    def __init__(self, lies: dict[int, float], at_lie: Callable[[str], None]) -> None:
        """Lie in these messages, counted from 0; each with a choice of its own."""
        self._lies = lies
        self._at_lie = at_lie
        self._said = 0

    def stop(self) -> None:
        """Be honest from now on."""
        self._lies.clear()

    def speak(self, content: bytes) -> bytes:
        """Say what is to be sent, or something else."""
        message = _message_in(content)
        if message is None:
            return content
        number, self._said = self._said, self._said + 1
        choice = self._lies.pop(number, None)
        if choice is None:
            return content
        false = lie(message, random.Random(choice))  # noqa: S311 (to be told again)
        self._at_lie(f"{type(message).__name__}: {false} instead of {message}")
        body = write_message(false)
        return write_head(Kind.MESSAGE, len(body)) + body


def lie(message: T, dice: random.Random) -> T:
    """Change one field of a message, which stays well-formed."""
    names = [each.name for each in fields(message)]
    while True:
        name = dice.choice(names)
        try:
            false = replace(message, **{name: _other(getattr(message, name), dice)})
        except (Malformed, ValueError):
            continue
        if false != message:
            return false


def _other(  # noqa: PLR0911 (a table reads best whole)
    value: object, dice: random.Random
) -> object:
    """Return another value of the same kind."""
    match value:
        case bool():
            return not value
        case Enum():
            return dice.choice([*type(value)])
        case int():
            return max(0, value + dice.choice((-1, 1, 1_000)))
        case str():
            return f"{value}x"
        case bytes() if value:
            place = dice.randrange(8 * len(value))
            changed = bytearray(value)
            changed[place // 8] ^= 1 << place % 8
            return bytes(changed)
        case tuple() if value:
            place = dice.randrange(len(value))
            other = _other(value[place], dice)
            return (*value[:place], other, *value[place + 1 :])
        case _ if is_dataclass(value) and not isinstance(value, type):
            return lie(value, dice)
        case _:
            return value


def _message_in(content: bytes) -> Message | None:
    """Return the message that is sent, if it is one."""
    if len(content) < HEAD_BYTES:
        return None
    try:
        kind, length = read_head(content[:HEAD_BYTES])
        if kind is not Kind.MESSAGE or len(content) != HEAD_BYTES + length:
            return None
        return read_message(content[HEAD_BYTES:])
    except IpseError:
        return None  # the rest of a large round, which looks like anything
