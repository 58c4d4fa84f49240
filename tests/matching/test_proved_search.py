"""A proved search opens what plain arithmetic says, or nothing: no seat changes it."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from ipse.ground.names import Form
from ipse.matching import proved_search
from ipse.matching.claims import Lied
from ipse.matching.proved_search import proved_matches
from ipse.matching.rounds import Blocks, Message, Received, Round, Undertaking
from ipse.matching.seat import Place
from ipse.shares.shamir import Row
from ipse_lab.network import Played
from ipse_lab.people import people
from ipse_lab.table import Table

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.bool_]
Seated = Callable[[Place, Undertaking[Bits]], Undertaking[Bits]]
T = 5_850


def honest(_place: Place, search: Undertaking[Bits]) -> Undertaking[Bits]:
    return search


def searched(
    form: Form,
    body: Ints,
    references: Ints,
    seated: Seated = honest,
    stored: Callable[[Place, Row], Row] = lambda _place, rows: rows,
) -> Played[Bits]:
    table = Table(np.random.default_rng(len(references)))
    parts = table.raw_parts(form, body[np.newaxis])
    rows = table.rows(form, references)

    def computation(place: Place) -> Undertaking[Bits]:
        own = stored(place, rows[place.seat])
        return seated(place, proved_matches(place, parts[place.seat], own, T))

    return table.play(computation)


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 130])
def test_the_rows_opened_are_those_of_plain_arithmetic(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(proved_search.ROWS_IN_BLOCK, Form.FACE, 48)
    references = people(rows, rows).references.astype(np.int64)
    references[rows // 2] = references[0]
    stranger = people(rows + 1_000, 1).references[0].astype(np.int64)
    for body in (references[0], references[rows - 1], stranger):
        expected = (references @ body >= T).tolist()
        for bits in searched(Form.FACE, body, references).results:
            assert bits.tolist() == expected


def test_a_code_is_found_by_its_best_rotation() -> None:
    drawn = people(3, 3, Form.CODE)
    references = drawn.references.astype(np.int64)
    probe = drawn.probes[1].astype(np.int64)
    played = searched(Form.CODE, probe, references)
    assert [bits.tolist() for bits in played.results] == [[False, True, False]] * 3


def test_a_seat_that_changes_one_record_is_found_before_anything_is_opened() -> None:
    """What known answers never catch: it would hide one person and no other."""
    references = people(6, 20).references.astype(np.int64)
    for liar in range(3):

        def lied(place: Place, rows: Row, liar: int = liar) -> Row:
            if place.seat != liar:
                return rows
            changed = {name: field.copy() for name, field in rows.items()}
            for field in changed.values():
                field[7] += field.dtype.type(1)
            return changed

        with pytest.raises(Lied):
            searched(Form.FACE, references[7], references, stored=lied)


@pytest.mark.parametrize("way", ["to_next", "to_prev"])
@pytest.mark.parametrize("liar", range(3))
def test_no_message_of_one_seat_changes_what_is_opened(liar: int, way: str) -> None:
    """Each message of the one block in turn: its first or last byte, or all of it."""
    references = people(8, 9).references.astype(np.int64)
    expected = (references @ references[4] >= T).tolist()
    rounds = searched(Form.FACE, references[4], references).rounds
    stopped = 0
    for at in range(rounds):
        for part in (slice(1), slice(-1, None), slice(None)):
            changed = _Changed(liar, at, way, part)
            try:
                played = searched(
                    Form.FACE, references[4], references, seated=changed.seated
                )
            except Lied:
                stopped += 1
            else:
                for seat in {0, 1, 2} - {liar}:
                    assert played.results[seat].tolist() == expected
    assert stopped > rounds // 2


class _Changed:
    """A seat one of whose messages is changed on its way."""

    def __init__(self, liar: int, at: int, way: str, part: slice) -> None:
        self.liar, self.at, self.way, self.part = liar, at, way, part

    def seated(self, place: Place, search: Undertaking[Bits]) -> Undertaking[Bits]:
        return self._moved(search) if place.seat == self.liar else search

    def _moved(self, search: Undertaking[Bits]) -> Undertaking[Bits]:
        answer: Received | list[object] | None = None
        number = 0
        try:
            while True:
                asked = search.send(answer)
                if isinstance(asked, Blocks):
                    asked = Blocks([self._moved(one) for one in asked.computations])
                elif isinstance(asked, Round):
                    asked = self._change(asked) if number == self.at else asked
                    number += 1
                answer = yield asked
                assert isinstance(answer, Received | list)
        except StopIteration as ended:
            return ended.value

    def _change(self, asked: Round) -> Round:
        sent = {"to_next": asked.to_next, "to_prev": asked.to_prev}
        sent[self.way] = self._flipped(sent[self.way])
        return Round(from_next=asked.from_next, from_prev=asked.from_prev, **sent)

    def _flipped(self, message: Message | None) -> Message | None:
        if message is None:
            return None
        spelled = bytearray(
            message if isinstance(message, bytes) else message.tobytes()
        )
        noise = np.random.default_rng(self.at).bytes(len(spelled[self.part]))
        changed = bytes(
            one ^ other for one, other in zip(spelled[self.part], noise, strict=True)
        )
        spelled[self.part] = changed
        return bytes(spelled)
