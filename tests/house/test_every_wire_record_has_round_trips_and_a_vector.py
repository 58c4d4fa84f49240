"""What may leave a device is written down: one encoding, both round trips, a vector.

The round trips are tests/wire/test_record.py, for every record that has a strategy;
the vectors are tests/wire/test_vectors.py. Here nobody is forgotten.
"""

import importlib
import pkgutil
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import ipse.wire
from ipse.wire.problem import Problem
from ipse.wire.record import Shape
from ipse_lab.arbitrary import RECORDS
from ipse_lab.examples import records, shapes
from ipse_lab.vectors import file_name

ROOT = Path(__file__).parents[2]
VERIFIED = {"TrustedCharter", "VerifiedRequest", "VerifiedVerdict"}
"""What verification returns: never sent, and so without an encoding."""
MACHINERY = {"Shape", "Codec"}


def _dataclasses() -> dict[str, type]:
    return {
        name: value
        for module in pkgutil.iter_modules(ipse.wire.__path__, "ipse.wire.")
        for name, value in vars(importlib.import_module(module.name)).items()
        if isinstance(value, type)
        and is_dataclass(value)
        and value.__module__ == module.name
    }


@pytest.mark.parametrize("tag", shapes())
def test_every_record_has_an_example_and_a_strategy_and_a_vector(tag: str) -> None:
    assert tag in records()
    assert tag in RECORDS
    assert (ROOT / "tests" / "vectors" / "wire" / file_name(tag)).is_file()


def test_every_dataclass_of_the_wire_is_a_record_or_says_why_not() -> None:
    shaped = {shape.record for shape in shapes().values()}
    for name, kind in _dataclasses().items():
        if name not in VERIFIED | MACHINERY and kind is not Problem:
            assert kind in shaped, f"{name} has no encoding"


@pytest.mark.parametrize("tag", shapes())
def test_every_field_of_a_record_is_in_the_specification(tag: str) -> None:
    text = (ROOT / "docs" / "spec" / "wire.md").read_text(encoding="utf-8")
    shape: Shape[object] = shapes()[tag]
    assert f"`{tag}`" in text
    section = text.split(f"`{tag}`", 1)[1].split("\n\n", 2)
    for field in fields(shape.record):  # type: ignore[arg-type]  # records are dataclasses
        assert f"`{field.name}`" in section[0] + section[1], f"{tag}: {field.name}"
