"""Without Ray, or without its cluster, an operator says so in a sentence, at once.

What Ray does where it is there is played in tests/network/test_workers.py.
"""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ipse.ground.errors import IpseError, Malformed, Refused, Unavailable
from ipse.ground.names import OperatorId
from ipse.operator.cluster import RayCluster
from ipse.operator.search import Order, order_of
from ipse.operator.stripe import Post
from ipse_lab.examples import trusted_charter
from ipse_lab.processes import free_ports

POST = Post(OperatorId(1), 0, "127.0.0.1", trusted_charter())


def test_without_ray_it_is_said_how_to_have_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "drawn before")
    with pytest.raises(Unavailable, match=r"pip install 'ipse\[workers\]'"):
        RayCluster(None, 2, POST)


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (Exception("The node timed out.\nIt says more."), Unavailable),
        (RuntimeError("No GCS."), Unavailable),
        (KeyError("a fault of ours"), KeyError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_ray_that_does_not_start_is_told_in_a_sentence_and_a_defect_is_not(
    monkeypatch: pytest.MonkeyPatch, fault: BaseException, raised: type[BaseException]
) -> None:
    over = []

    def fail(**_settings: object) -> None:
        raise fault

    ray = SimpleNamespace(init=fail, shutdown=lambda: over.append(True))
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "drawn before")
    with pytest.raises(raised) as told:
        RayCluster(None, 2, POST)
    assert over
    if raised is Unavailable:
        assert "try again" in str(told.value)
        assert "It says more" not in str(told.value)


def test_a_cluster_that_is_not_there_is_missed_at_once() -> None:
    address = f"127.0.0.1:{free_ports()[0].peers}"
    with pytest.raises(Unavailable, match=f"Nobody listens at {address}"):
        RayCluster(address, 2, POST)


@pytest.mark.parametrize(
    ("size", "address", "order"),
    [
        (None, None, None),
        (0, None, None),
        (0, "10.0.0.5:6379", None),
        (3, None, Order(3, None)),
        (None, "10.0.0.5:6379", Order(None, "10.0.0.5:6379")),
        (3, "10.0.0.5:6379", Order(3, "10.0.0.5:6379")),
    ],
)
def test_workers_are_wanted_or_not(
    size: int | None, address: str | None, order: Order | None
) -> None:
    assert order_of(size, address) == order


@pytest.mark.parametrize(
    ("size", "address", "fault"),
    [
        (-1, None, Refused),
        (1_025, None, Refused),
        (None, "auto", Malformed),
        (None, "ray://10.0.0.5:10001", Malformed),
    ],
)
def test_what_can_not_be_wanted_is_refused(
    size: int | None, address: str | None, fault: type[IpseError]
) -> None:
    with pytest.raises(fault):
        order_of(size, address)


def test_only_one_file_knows_ray() -> None:
    sources = Path(__file__).parents[2] / "src" / "ipse"
    knowing = [
        path.name
        for path in sources.rglob("*.py")
        if "import ray" in path.read_text() or '"ray' in path.read_text()
    ]
    assert knowing == ["cluster.py"]
