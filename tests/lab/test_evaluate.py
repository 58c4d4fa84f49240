"""`evaluate` measures what is there, says what is not, and speaks JSON alone."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from ipse.cli.evaluate import evaluate
from ipse.ground.errors import Refused
from ipse.ground.names import Form
from ipse.template.distance import scores
from ipse_lab.captures import Changes, second_capture
from ipse_lab.det import draw_det
from ipse_lab.evaluate import (
    Subjects,
    all_pairs,
    chimeras,
    measure,
    operating_points,
    report,
    templates_of,
)
from ipse_lab.gallery import Gallery, people_files, read_gallery
from ipse_lab.people import people
from ipse_lab.portraits import eileen_collins, grace_hopper
from ipse_lab.voices import invented_voice, recorded


def invented(form: Form, count: int) -> Subjects:
    drawn = people(1, count, form)
    rows = np.concatenate([drawn.references, drawn.probes])
    return Subjects((form,), (rows,), np.tile(np.arange(count), 2))


def gallery(form: Form, counts: list[int]) -> Gallery:
    dice = np.random.default_rng(len(counts))
    owners = np.repeat(np.arange(len(counts)), counts)
    length = 128 if form is Form.FACE else 256
    names = tuple(str(each) for each in range(len(counts)))
    embeddings = dice.normal(size=(len(owners), length))
    return Gallery(form, embeddings, owners, names, len(owners), (), 0)


@pytest.fixture(scope="module")
def portraits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faces")
    for name, photo in (("Eileen", eileen_collins()), ("Grace", grace_hopper())):
        (folder / name).mkdir()
        (folder / name / "1.jpg").write_bytes(photo)
        (folder / name / "2.jpg").write_bytes(second_capture(photo))
        (folder / name / "3.jpg").write_bytes(second_capture(photo, Changes(roll=-9.0)))
    _, blank = cv2.imencode(".jpg", np.full((200, 200, 3), 90, np.uint8))
    (folder / "Eileen" / "4.jpg").write_bytes(bytes(blank))
    return folder


@pytest.fixture(scope="module")
def speakers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voices")
    for speaker in (7, 8):
        voice = recorded(invented_voice(speaker, 7.0), kind="FLAC")
        (folder / f"{speaker}-1-0000.flac").write_bytes(voice)
    short = recorded(invented_voice(9, 2.0), kind="FLAC")
    (folder / "9-1-0000.flac").write_bytes(short)
    return folder


def asked(*arguments: str) -> dict[str, object]:
    app = typer.Typer()
    app.command()(evaluate)
    done = CliRunner().invoke(app, [*arguments, "--json", "--draws", "10"])
    assert done.exit_code == 0, done.output
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_every_pair_is_scored_once_by_the_networks_integers() -> None:
    subjects = invented(Form.FACE, 6)
    pairs = all_pairs(subjects)
    assert len(pairs.scores) == 12 * 11 // 2
    assert int(pairs.is_mated.sum()) == 6
    (rows,) = subjects.templates
    every = scores(rows, rows)[np.triu_indices(12, 1)]
    assert np.array_equal(pairs.scores, every)


def test_a_rate_that_the_pairs_cannot_show_is_null_with_the_reason() -> None:
    found = report(measure(invented(Form.FACE, 40), draws=10))
    assert isinstance(found["fnmr_at_fmr_1e-2"], float)
    assert found["fnmr_at_fmr_1e-5"] is None
    assert "1,000,000 non-mated pairs" in str(found["unresolved"])
    low, high = found["eer_95"]
    assert low <= found["eer"] <= high


def test_the_shipped_thresholds_are_tried_on_the_people() -> None:
    points = operating_points(measure(invented(Form.FACE, 150), draws=10))
    assert points["verify"]["fmr"] < 1e-3
    assert points["verify"]["fnmr"] <= points["unique"]["fnmr"] < 0.5


def test_one_person_or_single_samples_are_refused() -> None:
    lonely = Subjects((Form.FACE,), (people(1, 3).references,), np.zeros(3, np.int64))
    with pytest.raises(Refused, match="two or more"):
        measure(lonely, draws=10)


def test_a_chimera_has_one_face_and_one_voice_and_as_many_samples_as_both() -> None:
    faces, voices = gallery(Form.FACE, [2, 1, 3]), gallery(Form.VOICE, [2, 4])
    joined = chimeras(faces, voices)
    assert joined.people.tolist() == [0, 0, 0, 1, 1]
    face_rows, voice_rows = joined.templates
    assert np.array_equal(face_rows[:3], templates_of(faces)[3:])
    assert np.array_equal(voice_rows[:3], templates_of(voices)[2:5])


def test_names_of_people_come_from_folders_and_from_numbers(
    portraits: Path, speakers: Path
) -> None:
    assert {name for name, _ in people_files(portraits, Form.FACE)} == {
        "Eileen",
        "Grace",
    }
    assert {name for name, _ in people_files(speakers, Form.VOICE)} == {"7", "8", "9"}
    with pytest.raises(Refused, match="holds no files"):
        read_gallery(speakers, Form.FACE)


def test_faces_are_measured_and_a_picture_without_one_is_reported(
    portraits: Path, tmp_path: Path
) -> None:
    plot = tmp_path / "det.png"
    answer = asked(str(portraits), "--modality", "face", "--out", str(plot))
    assert answer["eer"] == 0
    assert (answer["people"], answer["samples"]) == (2, 6)
    assert answer["failed_files"] == ["Eileen/4.jpg"]
    assert answer["failures_to_acquire"] == 1
    assert answer["refused_by_enrolment"] >= 1
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_voices_are_cut_into_segments_and_fused_with_faces(
    portraits: Path, speakers: Path
) -> None:
    answer = asked(str(speakers), "--modality", "voice")
    assert (answer["people"], answer["samples"]) == (2, 4)
    assert answer["failed_files"] == ["9-1-0000.flac"]
    fused = asked(str(portraits), "--modality", "fused", "--voices", str(speakers))
    assert "chimeras" in str(fused["protocol"])
    assert (fused["people"], fused["samples"]) == (2, 4)


def test_fused_wants_both_folders_and_no_other_modality_exists(portraits: Path) -> None:
    app = typer.Typer()
    app.command()(evaluate)
    for wrong in (["--modality", "fused"], ["--modality", "gait"]):
        done = CliRunner().invoke(app, [str(portraits), *wrong])
        assert isinstance(done.exception, Refused)


def test_the_plot_is_drawn_for_rates_great_and_small(tmp_path: Path) -> None:
    mixed = invented(Form.FACE, 60)
    shuffled = Subjects(mixed.forms, mixed.templates, np.repeat(np.arange(60), 2))
    for name, subjects in (("good", mixed), ("useless", shuffled)):
        draw_det(measure(subjects, draws=10), tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000
