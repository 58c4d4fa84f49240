"""The demo's second capture is another picture, the same each time, of one face."""

import hashlib
from importlib import resources

import numpy as np
import pytest

from ipse.ground.errors import Malformed
from ipse.sample.image import image_size, read_image
from ipse_lab.captures import second_capture
from ipse_lab.portraits import eileen_collins, grace_hopper


def test_the_portraits_are_the_public_ones() -> None:
    readme = resources.files("ipse_lab.portraits").joinpath("README.md").read_text()
    assert f"`{hashlib.sha256(eileen_collins()).hexdigest()}`" in readme
    assert image_size(eileen_collins()) == (512, 512)
    assert image_size(grace_hopper()) == (512, 600)


def test_a_second_capture_is_the_same_each_time_and_differs_by_its_seed() -> None:
    assert second_capture(eileen_collins()) == second_capture(eileen_collins())
    assert second_capture(eileen_collins()) != second_capture(eileen_collins(), seed=1)


def test_a_second_capture_is_a_jpeg_that_differs_nearly_everywhere() -> None:
    capture = second_capture(eileen_collins())
    assert capture.startswith(b"\xff\xd8\xff")
    before, after = read_image(eileen_collins()), read_image(capture)
    assert after.shape == before.shape
    assert (np.abs(after.astype(int) - before) > 3).any(axis=2).mean() > 0.9


def test_no_picture_gives_no_capture() -> None:
    with pytest.raises(Malformed, match="not a JPEG"):
        second_capture(b"")
