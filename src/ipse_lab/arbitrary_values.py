"""Arbitrary values that many wire records hold: hypothesis strategies.

For tests alone, as `ipse_lab.arbitrary`, whose records are made of these.
"""

from functools import cache
from typing import Final

from hypothesis import strategies as st

from ipse.crypto import hpke, signature
from ipse.ground.names import OPERATORS, Form, RequestId
from ipse.wire import limits
from ipse_lab.fakes import CountedEntropy

Strategy = st.SearchStrategy

KEYS: Final = 6
"""Keys to choose from: making one costs more than all else here."""


LETTERS: Final = "aZ09-'\"\\/<{ß\u00e9\u4e2d\uac00\U0001f600 "
"""One of each sort: plain, quoted by JSON, accented, wide, beyond 16 bits."""


@cache
def signing_key(number: int) -> bytes:
    """Return one of a few keys that verify."""
    return signature.public_key(CountedEntropy(f"{number}").draw(signature.KEY_BYTES))


@cache
def sealing_key(number: int) -> bytes:
    """Return one of a few keys that seal."""
    return hpke.public_key(CountedEntropy(f"{number}").draw(hpke.PRIVATE_BYTES))


numbers: Final = st.integers(0, KEYS - 1)
counts: Final = st.integers(0, limits.INTEGER)
instants: Final = st.integers(0, limits.INTEGER)
operators: Final = st.sampled_from(OPERATORS)
digests: Final = st.binary(min_size=32, max_size=32)
signatures: Final = st.binary(min_size=64, max_size=64)
identifiers: Final = st.binary(min_size=16, max_size=16)
requested: Final = identifiers.map(RequestId)
networks: Final = st.sampled_from(["example", "a", "0", "my-network-2", "x" * 63])


def texts(most: int) -> Strategy[str]:
    """Return texts that a record takes: printable, composed, trimmed."""
    inner = st.text(LETTERS, max_size=min(most, 12) - 2)
    letter = st.sampled_from(LETTERS.strip())
    return st.tuples(letter, inner, letter).map("".join)


def form_sets(*, least: int) -> Strategy[tuple[Form, ...]]:
    """Return sets of forms in their order."""
    return st.sets(st.sampled_from(Form), min_size=least).map(
        lambda chosen: tuple(form for form in Form if form in chosen)
    )
