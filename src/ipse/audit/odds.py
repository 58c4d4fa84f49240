"""The odds: how likely a lying operator is caught by questions with known answers.

For a cheater that cannot tell which questions are tests, and lies in a share f of
those that a test is one of::

    undetected after n tests               (1 - f)^n
    undetected after k lies to people      (1 / (1 + q))^k

n counts the tests that the lie would change: who hides records is caught by canaries
that are presented, who turns people away by invented newcomers. q is the rate of such
tests for one request of a person that ends in the same answer: each lie then meets a
test with chance q / (1 + q), whatever the cheater picked it by.

What it rests on, and what breaks it: docs/threat-model.md, "A lying operator and a
search".
"""

import math


def undetected(share: float, tests: int) -> float:
    """Chance that a cheater who lies in a share of all searches passes all tests."""
    chance: float = (1.0 - share) ** tests
    return chance


def unpunished(lies: int, rate: float) -> float:
    """Chance that so many lies to people are told before one meets a test."""
    return (1.0 / (1.0 + rate)) ** lies


def fooled(rate: float) -> float:
    """How many people are lied to, on average, before the cheater is caught."""
    return 1.0 / rate


def needed(share: float, confidence: float) -> int:
    """Tests after which a cheater of this share is caught with this confidence."""
    return math.ceil(math.log(1.0 - confidence) / math.log(1.0 - share))


def share_excluded(tests: int, confidence: float) -> float:
    """Smallest share of lies that so many right answers rule out, with confidence."""
    share: float = 1.0 - (1.0 - confidence) ** (1.0 / tests)
    return share
