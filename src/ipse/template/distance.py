"""The plain oracle: what the network must answer, computed in the open.

    embeddings   match iff  sum over the forms of <probe, reference>      >= threshold
    codes        match iff  2^CODE_SHIFT dot - CODE_WEIGHT valid           > 0
                 for at least one rotation of the probe

The same integers, in the same order of sides, as `ipse.matching.compare` on shares; so
tests compare answers, not closeness. Run on an owner's device, by tests, by the drill
and by `evaluate`; no operator ever holds what these functions take.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ipse.ground.errors import Malformed
from ipse.ground.names import Form
from ipse.ground.params import CODE_SHIFT, CODE_WEIGHT, ROTATIONS
from ipse.template.code import Integers, halves, rotated
from ipse.template.vector import Template

Scores = npt.NDArray[np.int64]
Templates = Mapping[Form, Template]


def matches(probe: Templates, reference: Templates, threshold: int) -> bool:
    """Whether two bodies' templates match, by the forms that both have.

    The threshold is that of those forms (`ipse.template.fusion`); a code has its own
    in its ring, and `threshold` is not looked at.

    Raises:
        Malformed: they have no form in common, or a code beside an embedding.
    """
    forms = probe.keys() & reference.keys()
    if not forms or (Form.CODE in forms and len(forms) > 1):
        raise Malformed("templates: not comparable; give the same forms for both")
    pairs = [(probe[form].values, reference[form].values) for form in forms]
    if Form.CODE in forms:
        ((asked, stored),) = pairs
        return bool(code_scores(asked[None], stored[None])[0, 0] > 0)
    return sum(int(scores(x[None], y[None])[0, 0]) for x, y in pairs) >= threshold


def scores(probes: Integers, references: Integers) -> Scores:
    """Inner products of embeddings.

    Shapes: [p, length] and [r, length] give int64[p, r]. Exact: a product is below
        2^15 and a double holds integers up to 2^53, so the fast product of floating
        numbers may be used.
    """
    product = probes.astype(np.float64) @ references.astype(np.float64).T
    return product.astype(np.int64)


def code_scores(
    probes: Integers, references: Integers, turns: int = ROTATIONS
) -> Scores:
    """The best over all rotations of 2^CODE_SHIFT dot - CODE_WEIGHT valid.

    Shapes: [p, LENGTH[CODE]] and [r, LENGTH[CODE]] give int64[p, r]; above 0 matches.
    """
    first = -(turns // 2)
    stored, seen = (half.astype(np.float32) for half in halves(references))
    best = np.full((len(probes), len(references)), np.iinfo(np.int64).min)
    for turn in range(first, first + turns):
        asked, shown = (
            half.astype(np.float32) for half in halves(rotated(probes, turn))
        )  # float32 is exact here: no sum exceeds 12,800 < 2^24
        agreement = (asked @ stored.T).astype(np.int64) << CODE_SHIFT
        best = np.maximum(best, agreement - CODE_WEIGHT * (shown @ seen.T).astype(int))
    return best
