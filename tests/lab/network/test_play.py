"""Whatever strikes three operators, nothing is lost, and who asks again is answered.

The normal run plays a few seeds of each class, from a number that it draws and prints;
`ipse drill faults` plays as many as one likes.
"""

import os
import secrets
import subprocess
import sys

import pytest

from ipse_lab.network.plan import CLASSES, Fault, Kind, Plan, drawn
from ipse_lab.network.play import play

DRAWN = 2
"""Seeds of each class."""


def first_seed() -> int:
    seed = int(os.environ.get("IPSE_FAULTS_SEED", secrets.randbelow(1 << 31)))
    print(f"IPSE_FAULTS_SEED={seed}")  # noqa: T201 (to play the same draw again)
    return seed


FIRST = first_seed()


@pytest.mark.parametrize("seed", range(FIRST, FIRST + DRAWN * len(CLASSES)))
def test_every_promise_is_kept(seed: int) -> None:
    played = play(drawn(seed))
    assert played.breaches == ()
    assert played.answered > 0


def test_a_seed_is_one_story_wherever_it_is_played() -> None:
    seed = FIRST + [*CLASSES].index("storm") - FIRST % len(CLASSES) + len(CLASSES)
    program = (
        "from ipse_lab.network.plan import drawn\n"
        "from ipse_lab.network.play import play\n"
        f"print(play(drawn({seed})).digest)\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": order},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for order in ("1", "2")
    }
    assert len(told) == 1


def test_without_faults_everybody_is_answered() -> None:
    played = play(Plan(3, "calm", ()), is_noting=True)
    assert played.breaches == ()
    assert not played.injected
    assert not [note for note in played.notes if "Unavailable" in note]


@pytest.mark.parametrize(
    ("who", "missing"), [(1, "operator 1"), (2, "operator 2"), (3, "operator 3")]
)
def test_while_one_is_away_wallets_hear_who_and_that_nothing_is_lost(
    who: int, missing: str
) -> None:
    away = Fault(Kind.KILLED, who, 0.05, 40.0)
    played = play(Plan(11, "kills", (away,)), is_noting=True)
    assert played.breaches == ()
    failed = [note for note in played.notes if "Unavailable" in note]
    assert failed
    assert all(missing in note.lower() for note in failed)


def test_a_bug_in_the_store_is_found_by_the_one_fault_that_shows_it() -> None:
    loses_power = Fault(Kind.POWER_AFTER, 2, 24, 1.0)  # some rows were written before
    plan = Plan(11, "power", (loses_power,))
    assert play(plan).breaches == ()
    assert play(plan, is_planted=True).breaches
    assert play(Plan(11, "power", ()), is_planted=True).breaches == ()
