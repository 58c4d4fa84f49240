"""What the demonstration proves, as numbers and as one object for programs."""

from typing import Final

from ipse.ground.names import OPERATORS, Outcome
from ipse_lab.demo.noise import uniformity_p
from ipse_lab.demo.story import Seen

EXPECTED: Final = {
    "genuine_accepted": {"enrol": Outcome.ENROLLED, "recognise": Outcome.MATCHED},
    "impostor_refused": {"refuse": Outcome.NOT_MATCHED},
    "duplicate_found": {"duplicate": Outcome.ALREADY_ENROLLED},
    "erased_then_refused": {"erase": Outcome.ERASED, "after": Outcome.UNKNOWN},
}
"""What each claim takes: these outcomes in these scenes."""


def claims(seen: Seen) -> dict[str, bool]:
    """Say which claims came true."""
    return {
        claim: all(seen.outcomes[scene] is outcome for scene, outcome in needed.items())
        for claim, needed in EXPECTED.items()
    }


def disagreements(seen: Seen) -> int:
    """Count the operators' bits that plain arithmetic contradicts."""
    return int((seen.bits != (seen.scores >= seen.threshold)).sum())


def uniformity(seen: Seen) -> tuple[float, ...]:
    """p-values of "these bytes are uniform", over each operator's whole segment."""
    return tuple(uniformity_p(rows.tobytes()) for rows in seen.disks)


def holds(seen: Seen) -> bool:
    """Say whether all that the demonstration claims came true."""
    return all(claims(seen).values()) and is_erased(seen) and not disagreements(seen)


def is_erased(seen: Seen) -> bool:
    """Say whether her row is zeros on every operator's disk."""
    return not any(row.any() for row in seen.erased_rows)


def as_object(seen: Seen, picture: str) -> dict[str, object]:
    """Say all of it to a program."""
    bits = seen.bits
    return {
        **claims(seen),
        "comparisons_checked": int(bits.size),
        "comparisons_matched": int(bits.sum()),
        "oracle_disagreements": disagreements(seen),
        "share_uniformity_p": {
            str(operator): round(p, 6)
            for operator, p in zip(OPERATORS, uniformity(seen), strict=True)
        },
        "erased_on_disk": is_erased(seen),
        "processes": list(seen.pids),
        "records": int(bits.shape[1]),
        "seconds": {**seen.seconds, "all": round(sum(seen.seconds.values()), 3)},
        "picture": picture,
    }
