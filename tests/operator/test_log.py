"""Three operators publish, watch each other and show their logs over real HTTPS."""

import ssl
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from ipse.ground.names import OPERATORS, OperatorId
from ipse.net.caller import pinned
from ipse.net.doorway import split_address
from ipse.tlog.logs import log_of
from ipse.tlog.tiles import tiles_of
from ipse.tlog.trust import check_cosigned
from ipse.tlog.witness import ASKED_BYTES
from ipse_lab.log_doors import LogDoors, opened_doors
from ipse_lab.logs import MemoryLog, numbered

ONE, TWO, THREE = OPERATORS


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogDoors]:
    with opened_doors(tmp_path_factory.mktemp("logs")) as opened:
        for operator in OPERATORS:
            opened.leaves[operator].listed = numbered(300)
        for operator in OPERATORS:
            opened.wait_for(operator, 300)
        yield opened


def asked(
    doors: LogDoors, operator: OperatorId, path: str, content: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    entry = doors.network.entry(operator)
    context: ssl.SSLContext = pinned(entry.certificate)
    host, port = split_address(entry.owner_address.removeprefix("https://"))
    connection = HTTPSConnection(host, port, timeout=10, context=context)
    try:
        connection.request("GET" if content is None else "POST", path, content)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_checkpoint_is_shown_that_both_others_saw(
    doors: LogDoors, operator: OperatorId
) -> None:
    status, headers, note = asked(doors, operator, "/log/checkpoint")
    assert status == 200
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["cache-control"] == "no-cache"
    log = log_of(doors.network, operator)
    assert check_cosigned(note, log).signed.checkpoint.size == 300


def test_its_tiles_are_shown_and_may_be_kept(doors: LogDoors) -> None:
    memory = MemoryLog(entries=numbered(300))
    for tile in tiles_of(300):
        status, headers, content = asked(doors, ONE, f"/log/{tile.path}")
        assert (status, content) == (200, memory.tiles[tile])
        assert headers["content-type"] == "application/octet-stream"
        assert "immutable" in headers["cache-control"]


HIDDEN = [
    "tile/0/002",
    "tile/0/001.p/43",
    "tile/0/001.p/45",
    "tile/1/000",
    "tile/0/000.p/256",
    "tile/0/../0/000",
    "tile/0/%2e%2e/signed",
    "tile/../signed",
    "signed",
    "witness/1",
    "tile/",
]


@pytest.mark.parametrize("path", HIDDEN)
def test_nothing_else_is_shown(doors: LogDoors, path: str) -> None:
    assert asked(doors, ONE, f"/log/{path}")[0] == 404


def test_what_is_written_and_not_published_is_not_shown(doors: LogDoors) -> None:
    path = doors.folder / "1" / "log" / "tile" / "0" / "002"
    path.write_bytes(bytes(8_192))
    try:
        assert asked(doors, ONE, "/log/tile/0/002")[0] == 404
    finally:
        path.unlink()


def test_a_stranger_is_told_what_is_wrong(doors: LogDoors) -> None:
    status, _, said = asked(doors, ONE, "/log/add-checkpoint", b"hello\n")
    assert (status, said) == (
        400,
        b"A witness is asked: old size, proof, empty line, checkpoint.\n",
    )
    status, _, said = asked(doors, ONE, "/log/add-checkpoint", b"x" * (ASKED_BYTES + 1))
    assert status == 413


def test_what_is_published_survives_a_restart_and_goes_on(tmp_path: Path) -> None:
    doors = LogDoors(tmp_path)
    with doors.running(TWO), doors.running(THREE):
        with doors.running(ONE):
            doors.leaves[ONE].listed = numbered(3)
            doors.wait_for(ONE, 3)
        doors.leaves[ONE].listed = numbered(5)
        with doors.running(ONE):
            doors.wait_for(ONE, 5)


def test_a_log_waits_for_a_witness_that_is_not_there(tmp_path: Path) -> None:
    doors = LogDoors(tmp_path)
    with doors.running(ONE), doors.running(TWO):
        doors.leaves[ONE].listed = numbered(3)
        assert asked(doors, ONE, "/log/checkpoint")[0] == 503
        assert doors.size(ONE) == -1
        with doors.running(THREE):
            doors.wait_for(ONE, 3)
