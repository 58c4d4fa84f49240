"""Every number that two rooms share: value, unit, reason, source.

Bounds of the ring
------------------
Scores are compared in 16 bits, so `score - threshold` must lie in
[-2^15, 2^15). For embeddings whose squared norms pass the well-formedness
check, Cauchy-Schwarz gives |<x, y>| <= NORM_HIGH, hence

    NORM_HIGH[FACE] + NORM_HIGH[VOICE] + |threshold| < 2^15

holds for every vector that passes, honest or not (checked at import below and
by tests/ground/test_params.py). For codes see CODE_SHIFT.
"""

from typing import Final, NamedTuple

from ipse.ground.names import Form

LENGTH: Final = {Form.FACE: 128, Form.VOICE: 256, Form.CODE: 25_600}
"""Entries in a template's vector. SFace gives 128, Resemblyzer 256. A code has
12,800 entries in {-1, 0, 1}, then the 12,800 of its mask in {0, 1} (the size
of open-iris: 16 rows, 200 columns, 2 filters, real and imaginary part)."""

SCALE: Final = {Form.FACE: 112, Form.VOICE: 96}
"""Length to which an embedding is scaled before rounding. Their ratio is the
weight of face against voice in the fused score."""

NORM_SLACK: Final = 2
"""How far a rounded vector's norm may lie from SCALE. Rounding moves the norm by
<u, e> + |e|^2 / 2 SCALE with |e_j| <= 1/2: standard deviation 0.29, so 2 is
seven of them; the wallet checks its own vector before it sends it."""

ENTRY_BOUND: Final = 127
"""Largest |entry| of an embedding."""

NORM_LOW: Final = {form: (scale - NORM_SLACK) ** 2 for form, scale in SCALE.items()}
NORM_HIGH: Final = {form: (scale + NORM_SLACK) ** 2 for form, scale in SCALE.items()}
"""Squared norms that pass the well-formedness check, both ends included."""

THRESHOLD_BOUND: Final = (1 << 15) - 1 - sum(NORM_HIGH.values())
"""Largest |threshold| for which no score that passed the check can wrap."""

CODE_LENGTH: Final = 12_800
"""Entries of a code, and of its mask."""

CODE_SHAPE: Final = (16, 200, 4)
"""Rows, columns, filters with real and imaginary part. A rotation is a roll along
columns, and moves whole pairs, so operators rotate shares by themselves."""

CODE_SHIFT: Final = 4
CODE_WEIGHT: Final = 5
"""Codes match iff 2^CODE_SHIFT * dot > CODE_WEIGHT * valid, that is when the
fractional Hamming distance is below (1 - 5/16) / 2 = 0.34375. Both sides are
linear in what is shared, in a ring of 16 + CODE_SHIFT bits: the difference is at
most (16 + 5) * 12_800 = 268_800 < 2^19 in absolute value."""

CODE_BITS: Final = 16 + CODE_SHIFT
"""Bits of the ring in which codes are compared."""

MIN_VALID_BITS: Final = 6_400
"""Fewest valid bits of a code that may be enrolled or compared: half."""

ROTATIONS: Final = 31
"""Columns -15 to +15, as an iris turns in its socket."""

UPLOAD_BITS: Final = 32
"""Bits of the ring in which a wallet shares a vector: wide enough for the squared
norm of a vector whose entries passed the range check, 512 * 127^2 < 2^23."""


VERIFY_FALSE_MATCH_RATE: Final = 1e-4
"""How often a stranger's face reaches the threshold of a 1:1 comparison: what
THRESHOLDS were chosen for, and what `ipse drill probe` holds hostile probes to."""


class Thresholds(NamedTuple):
    """Least scores that count as the same body; a score is compared by >=."""

    verify: int  # 1:1, against one record
    unique: int  # 1:N, against every record


THRESHOLDS: Final = {
    (Form.FACE,): Thresholds(verify=4_550, unique=5_850),
    (Form.FACE, Form.VOICE): Thresholds(verify=7_500, unique=9_000),
    (Form.CODE,): Thresholds(verify=0, unique=0),
}
"""Defaults for a network's charter, for each set of forms.

Face, verify: FMR 1e-4, read off the 316,135 non-mated pairs of 220 people of LFW by
`ipse evaluate`. Face, unique: FMR 1e-6, which so few pairs cannot show; extrapolated
by a generalised Pareto tail over the highest 1 %, 0.5 % and 0.2 % of the scores
(5,753, 5,824 and 5,930).
Fused: FMR 3e-5 and 1e-6 (7,480 and 8,899) of the sum of independent face and voice
scores, by convolving their measured distributions (voice: 72 speakers of LibriSpeech,
3 s each). Stricter than for a face alone, since the two are not quite independent:
people of one sex and age resemble each other in both; and it costs nothing (FNMR 0.2 %
and 0.5 %).
A code's threshold is CODE_WEIGHT, in its own ring; its 0 here is not looked at."""

METER_TERM_MS: Final = 30 * 86_400_000
"""Milliseconds over which tries against one record are counted: 30 days. Longer terms
are kinder to honest people (their failures even out) and let a thief do more at once.
A refresh of shares ends no term: the template stays, and with it what is known."""

METER_FAILURES: Final = 32
"""Failed tries of one record in a term. Whoever verifies ten times a day at an FNMR of
5 % fails 16 times, and more than 32 times in one term of 10,000. A stranger who holds
the owner's key gets in with a chance of 32 FMR = 0.3 % a term (docs/adr/0013)."""

METER_TRIES: Final = 480
"""Tries of one record in a term, matched or not: 16 a day. It bounds what careful
questions, most of which match, may learn beside METER_FAILURES: at most
log2(sum of C(480, i), i <= 32) = 166 bits."""

METER_FREE_FAILURES: Final = 4
"""Fresh failures without a delay: light that is bad, and three more attempts."""

METER_FADE_MS: Final = 86_400_000
"""Milliseconds in which one fresh failure goes stale, a day: twice as fast as somebody
of ten verifications a day and an FNMR of 5 % makes them, so they seldom add up."""

METER_FIRST_DELAY_MS: Final = 60_000
METER_DELAY_DOUBLINGS: Final = 2
METER_LONGEST_DELAY_MS: Final = 86_400_000
"""Milliseconds of the first delay, a minute; how often it doubles with each further
fresh failure (a minute, 4, 16, 64, 4 hours, 17 hours); and the longest, a day. Who
fails on purpose gets one try a day after the tenth, and the owner has time to see it.
"""

assert THRESHOLD_BOUND > 0  # noqa: S101 (a wrong constant must not start)
