"""`ipse evaluate`: how often the network would err, on a folder of people."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ipse.cli.options import Json
from ipse.cli.terminal import remark, steps, tell

if TYPE_CHECKING:
    from rich.table import Table

    from ipse_lab.evaluate import Subjects

Reading: TypeAlias = dict[str, object]


def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(
            exists=True,
            file_okay=False,
            help="Faces: DIR/NAME/*.jpg. Voices: DIR/SPEAKER-*.flac.",
        ),
    ],
    modality: Annotated[
        str, typer.Option("--modality", help="face, voice or fused.")
    ] = "face",
    voices: Annotated[
        Path | None,
        typer.Option(
            "--voices",
            exists=True,
            file_okay=False,
            help="With fused: the folder of voices.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the DET plot here, a PNG.")
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", min=10, help="Draws of people, for intervals.")
    ] = 200,
    *,
    as_json: Json = False,
) -> None:
    """Measure error rates on a folder of people, all pairs, by the network's integers.

    Reports the equal error rate and the false non-match rate at false match rates of
    1e-2 to 1e-5, with intervals over people. A rate that the folder is too small for is
    null, with the reason. `fused` joins faces and voices of different people.
    """
    from ipse.ground.errors import Refused
    from ipse_lab.det import draw_det
    from ipse_lab.evaluate import measure, report

    if modality not in {"face", "voice", "fused"}:
        raise Refused(f"--modality {modality}: give face, voice or fused")
    if (modality == "fused") != (voices is not None):
        raise Refused("--voices: give the folder of voices with --modality fused")
    start = time.monotonic()
    subjects, read = _read(folder, modality, voices)
    with steps("pairs are weighed anew") as told:
        accuracy = measure(subjects, draws, told)
    answer = {"modality": modality, **read, **report(accuracy)}
    if out is not None:
        draw_det(accuracy, out)
        answer["plot"] = str(out)
        remark(f"plot: {out}")
    answer["seconds"] = round(time.monotonic() - start, 1)
    tell(answer, _table(answer), as_json=as_json)


def _read(
    folder: Path, modality: str, voices: Path | None
) -> tuple["Subjects", Reading]:
    from ipse.ground.names import Form
    from ipse_lab.evaluate import chimeras, subjects_of
    from ipse_lab.gallery import read_gallery

    first = Form.VOICE if modality == "voice" else Form.FACE
    with steps(f"{first}s are read") as told:
        galleries = [read_gallery(folder, first, told)]
    if voices is not None:
        with steps("voices are read") as told:
            galleries.append(read_gallery(voices, Form.VOICE, told))
    read: Reading = {
        "files": sum(gallery.files for gallery in galleries),
        "failures_to_acquire": sum(len(gallery.failures) for gallery in galleries),
        "failed_files": [name for gallery in galleries for name in gallery.failures],
        "refused_by_enrolment": sum(gallery.refused for gallery in galleries),
    }
    if len(galleries) > 1:
        return chimeras(*galleries), read
    return subjects_of(galleries[0]), read


def _table(answer: Reading) -> "Table":
    from rich.table import Table

    table = Table("measured", "value", "95 % over people", title="Error rates")
    for name, value in answer.items():
        if name.endswith("_95") or isinstance(value, dict | list):
            continue
        between = answer.get(f"{name}_95")
        spread = (
            f"{between[0]:.3%} to {between[1]:.3%}"
            if isinstance(between, tuple)
            else ""
        )
        table.add_row(name.replace("_", " "), _worded(name, value), spread)
    for name, point in _points(answer).items():
        worded = f"FMR {point['fmr']:.2g}, FNMR {point['fnmr']:.2%}"
        table.add_row(f"at the {name} threshold, {point['threshold']:,.0f}", worded, "")
    return table


def _points(answer: Reading) -> dict[str, dict[str, float]]:
    points = answer["operating_points"]
    return points if isinstance(points, dict) else {}


def _worded(name: str, value: object) -> str:
    if value is None:
        return "too few pairs"
    is_rate = isinstance(value, float) and name != "seconds"
    return f"{value:.3%}" if is_rate else str(value)
