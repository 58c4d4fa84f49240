"""What lies on an operator's disk: the bytes of its segment file, as they are.

The file is read from outside, as a thief of the disk would, and not through the
operator's own code.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ipse.ground.names import Form, OperatorId
from ipse.operator.home import operator_folder, read_charter
from ipse.shares.shamir import FIELDS
from ipse.store.home import SEGMENTS
from ipse.store.segment import HEADER_BYTES, ROWS


def face_rows(home: Path, operator: OperatorId, count: int) -> npt.NDArray[np.uint8]:
    """Return the first rows of an operator's face segment: uint8[count, bytes]."""
    (field,) = FIELDS[Form.FACE]
    width = np.dtype(field.dtype).itemsize * field.length
    epoch = read_charter(home).charter.epoch
    folder = operator_folder(home, operator) / SEGMENTS / str(epoch)
    path = folder / f"{field.name}{ROWS}"
    with path.open("rb") as file:
        file.seek(HEADER_BYTES)
        content = file.read(count * width)
    return np.frombuffer(content, np.uint8).reshape(count, width)
