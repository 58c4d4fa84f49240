"""Face and voice together: concatenation, so the scales are the weights.

    score = <face, face'> + <voice, voice'>,   |face| = SCALE[FACE], |voice| likewise

Which of the two counts how much is SCALE's ratio, and which score is enough stands in
THRESHOLDS, both fitted by `ipse evaluate`. A set of forms has its own thresholds.
"""

from collections.abc import Collection

from ipse.ground.errors import Refused
from ipse.ground.names import Form
from ipse.ground.params import THRESHOLDS, Thresholds


def thresholds_for(forms: Collection[Form]) -> Thresholds:
    """Default thresholds for exactly these forms.

    Raises:
        Refused: the network compares no such set of forms.
    """
    for known, thresholds in THRESHOLDS.items():
        if set(known) == set(forms):
            return thresholds
    raise Refused(
        f"forms {', '.join(sorted(forms)) or 'none'}: not compared together; give a "
        "face, a face and a voice, or a code"
    )
