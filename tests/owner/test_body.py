"""A photo becomes a vector that the network accepts, or a sentence."""

from pathlib import Path

import pytest

from ipse.ground.errors import Malformed, Refused, Unavailable
from ipse.ground.names import Form
from ipse.ground.params import NORM_HIGH, NORM_LOW
from ipse.owner import body
from ipse.owner.body import body_of
from ipse.owner.encoder import ENCODER, SERVED, default_thresholds
from ipse.wire.charter import CHARTER
from ipse_lab.examples import charter
from ipse_lab.portraits import eileen_collins


def photo(folder: Path, content: bytes) -> Path:
    path = folder / "photo.png"
    path.write_bytes(content)
    return path


def test_a_portrait_becomes_a_well_formed_vector(tmp_path: Path) -> None:
    made = body_of(photo(tmp_path, eileen_collins()))
    assert set(made) == {Form.FACE}
    wide = made[Form.FACE].astype(int)
    assert NORM_LOW[Form.FACE] <= int(wide @ wide) <= NORM_HIGH[Form.FACE]


def test_the_same_photo_gives_the_same_vector(tmp_path: Path) -> None:
    path = photo(tmp_path, eileen_collins())
    one, other = body_of(path), body_of(path)
    assert (one[Form.FACE] == other[Form.FACE]).all()


def test_a_photo_that_is_none_is_malformed(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="photo"):
        body_of(photo(tmp_path, b"no photo"))


def test_a_recording_that_is_none_is_malformed(tmp_path: Path) -> None:
    path = photo(tmp_path, eileen_collins())
    with pytest.raises(Malformed, match=r"recording|voice|sound"):
        body_of(path, path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"none\.jpg.*check the file's name"):
        body_of(tmp_path / "none.jpg")


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "FILE_BYTES", 1_000)
    with pytest.raises(Refused, match="give a smaller one"):
        body_of(photo(tmp_path, bytes(1_001)))


def test_a_new_networks_charter_can_say_all_of_it() -> None:
    fields = charter()
    made = CHARTER.record(
        fields.network,
        fields.version,
        fields.epoch,
        fields.laboratory,
        (Form.FACE, Form.VOICE),
        default_thresholds(),
        ENCODER,
        fields.proved_search,
        fields.operators,
    )
    assert [thresholds.forms for thresholds in made.thresholds] == list(SERVED)
