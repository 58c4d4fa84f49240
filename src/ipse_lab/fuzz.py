"""Throw broken bytes at every decoder: `python -m ipse_lab.fuzz SECONDS [SEED]`.

Each decoder must either raise Malformed or return a value that is written exactly as
it was read; anything else is a find, and stops the run with its bytes. Bytes come from
the examples by cutting, doubling, flipping and splicing records into each other, and by
changing one value inside the CBOR, so that most get past the first gate.
"""

import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import cbor2

from ipse.ground.errors import Malformed, Refused, Unproven
from ipse.ground.names import OPERATORS
from ipse.keys.operator import KEYRING
from ipse.keys.passphrase import SEALED, Cost, seal_under
from ipse.tlog.checkpoint import read_checkpoint, write_checkpoint
from ipse.tlog.fork import Fork, find_fork, read_fork, write_fork
from ipse.tlog.note import read_key, read_note, write_note
from ipse.tlog.proof import Proof, read_proof, write_proof
from ipse.tlog.tree import prove_consistency, prove_inclusion
from ipse.tlog.trust import Log
from ipse.tlog.witness import Asked, read_asked, write_asked
from ipse.wire import peer
from ipse.wire.cbor import Value
from ipse.wire.peer import read_message, write_message
from ipse.wire.problem import decode_problem, encode_problem, problem_of
from ipse.wire.record import Shape
from ipse_lab.examples import keyrings, records, shapes
from ipse_lab.fakes import CountedEntropy
from ipse_lab.logs import MemoryLog, numbered

R = TypeVar("R")

INSIDE: Final = 0.5
"""Share of the throws that change one value inside the CBOR."""

CANONICAL: Final = 0.7
"""Share of those that are thrown so, in canonical CBOR, to get past the first gate."""

DEEPER: Final = 0.8
"""Share of the changes that go one array deeper."""

HEADS: Final = bytes.fromhex(
    "0018191a1b20383940585b6078807f9f98a0bfc0d9f4f5f6f7f9fb1cff"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A decoder, and something that it reads."""

    name: str
    example: bytes
    again: Callable[[bytes], bytes]  # decode, then encode
    is_cbor: bool = True  # and not text


def targets() -> list[Target]:
    """Return every decoder of bytes that come from elsewhere."""
    sealed = seal_under("passphrase", b"plain", CountedEntropy(), Cost(1, 8, 1))
    problem = encode_problem(problem_of(Refused("No: wait."), OPERATORS[0]))
    found = [
        *(_record(shapes()[tag], records()[tag]) for tag in shapes()),
        _record(KEYRING, keyrings()[0]),
        _record(SEALED, SEALED.decode(sealed)),
        Target(
            "problem",
            problem,
            lambda thrown: encode_problem(decode_problem(thrown)),
            is_cbor=False,
        ),
        *_logged(),
    ]
    return found + [
        Target(
            f"message {tag}",
            shapes()[tag].encode(message),
            lambda thrown: write_message(read_message(thrown)),
        )
        for tag, message in records().items()
        if isinstance(message, peer.Message)  # what stands in one is thrown above
    ]


class Found(AssertionError):
    """A decoder read what its encoder does not write."""


def fuzz(seconds: float, seed: int) -> Counter[str]:
    """Return how often what was thrown was read, and how often refused.

    Raises: Found, or whatever came out of a decoder, with the bytes in a note.
    """
    dice = random.Random(seed)  # noqa: S311 (bytes to throw, not secrets)
    chosen, counts = targets(), Counter[str]()
    examples = [target.example for target in chosen]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        target = dice.choice(chosen)
        is_read = throw(target, _break(target, examples, dice))
        counts["read" if is_read else "refused"] += 1
    return counts


def throw(target: Target, thrown: bytes) -> bool:
    """Return whether the bytes were read rather than refused. Raises as `fuzz`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of libraries, about what is thrown
            read = target.again(thrown)
    except Malformed:
        return False
    except BaseException as error:
        error.add_note(f"{target.name} was thrown {thrown.hex()}")
        raise
    if read != thrown:
        raise Found(f"{target.name} has a second spelling: {thrown.hex()}")
    return True


def _record(shape: Shape[R], example: R) -> Target:
    return Target(
        shape.tag,
        shape.encode(example),
        lambda thrown: shape.encode(shape.decode(thrown)),
    )


def _logged() -> list[Target]:
    """Return the decoders of what logs and witnesses say."""
    log, other = MemoryLog(entries=numbered(9)), MemoryLog(entries=numbered(5, "x"))
    fork = find_fork(other.signed(), log.signed(), log.reader().span)
    span, note = log.reader().span, read_note(log.cosigned())
    asked = Asked(5, prove_consistency(5, 9, span), log.note())
    proof = Proof(3, prove_inclusion(3, 9, span), note)
    found: list[tuple[str, bytes, Callable[[bytes], bytes]]] = [
        ("note", write_note(note), lambda thrown: write_note(read_note(thrown))),
        (
            "checkpoint",
            note.text,
            lambda thrown: write_checkpoint(read_checkpoint(thrown)),
        ),
        ("proof", write_proof(proof), lambda thrown: write_proof(read_proof(thrown))),
        ("asked", write_asked(asked), lambda thrown: write_asked(read_asked(thrown))),
        (
            "fork",
            write_fork(fork),
            lambda thrown: write_fork(_forked(thrown, log.log)),
        ),
        (
            "key of a note",
            log.log.key.spell().encode(),
            lambda thrown: read_key(thrown.decode("latin-1")).spell().encode("latin-1"),
        ),
    ]
    return [Target(*one, is_cbor=False) for one in found]


def _forked(thrown: bytes, log: Log) -> Fork:
    """Read evidence; that it does not convict is a refusal like any other."""
    try:
        return read_fork(thrown, log)
    except Unproven as fault:
        raise Malformed(str(fault)) from fault


def _break(target: Target, others: list[bytes], dice: random.Random) -> bytes:
    """Return something near to good bytes."""
    good = target.example
    if dice.random() < INSIDE and target.is_cbor:
        value = _replace(cbor2.loads(good, immutable=True), dice)
        good = cbor2.dumps(value, canonical=True)
        if dice.random() < CANONICAL:
            return good
    thrown = bytearray(good)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(thrown) + 1)
        match dice.randrange(6):
            case 0:
                thrown[at : at + 1] = bytes([dice.choice(HEADS)])
            case 1:
                thrown[at : at + 1] = bytes([dice.randrange(256)])
            case 2:
                del thrown[at : at + dice.randint(1, 40)]
            case 3:
                thrown[at:at] = thrown[at : at + dice.randint(1, 40)]
            case 4:
                other = dice.choice(others)
                cut = dice.randrange(len(other))
                thrown[at : at + 20] = other[cut : cut + 20]
            case _:
                thrown[at:at] = dice.randbytes(dice.randint(1, 9))
    return bytes(thrown)


def _replace(value: Value, dice: random.Random) -> object:
    """Change one value somewhere inside an array."""
    if isinstance(value, tuple) and value and dice.random() < DEEPER:
        place = dice.randrange(len(value))
        inner = _replace(value[place], dice)
        return (*value[:place], inner, *value[place + 1 :])
    strange: list[object] = [
        None,
        True,
        0,
        -1,
        2**53,
        2**64,
        1.0,
        "",
        "e\u0301",
        "a\n",
        b"",
        (),
        {},
        (value, value),
        (value,),
    ]
    match value:
        case bool():
            strange += [not value, int(value)]
        case int():
            strange += [value + 1, -value, float(value), value << 8]
        case str():
            strange += [value.encode(), value + "x", value.upper(), value[:-1]]
        case bytes():
            strange += [value + b"\0", value[:-1], value.hex(), bytes(len(value))]
        case _:
            strange += [value[:-1], value[::-1], (*value, 0)]
    return dice.choice(strange)


if __name__ == "__main__":
    print(dict(fuzz(float(sys.argv[1]), int((*sys.argv[2:], "0")[0]))))  # noqa: T201 (what it is run for)
