"""Public portraits, as bytes: who they are and whence stands in the README beside."""

from importlib import resources
from pathlib import Path

import matplotlib as mpl

from ipse.ground.errors import Unavailable


def eileen_collins() -> bytes:
    """Return the portrait of the astronaut Eileen Collins (NASA), a PNG."""
    return resources.files(__name__).joinpath("eileen-collins.png").read_bytes()


def grace_hopper() -> bytes:
    """Return the portrait of Grace Hopper (US Navy) that ships in matplotlib, a JPEG.

    Raises:
        Unavailable: this matplotlib came without its sample data.
    """
    path = Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    try:
        return path.read_bytes()
    except OSError:
        raise Unavailable(
            "portrait of Grace Hopper: not in this matplotlib; install it anew"
        ) from None
