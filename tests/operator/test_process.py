"""Where the ledger is kept is told by an argument or a variable, a password by one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ipse.ground.errors import IpseError, Malformed, Refused, Unavailable
from ipse.ground.names import OPERATORS, OperatorId
from ipse.operator.check import Checked
from ipse.operator.home import LEDGER_VARIABLE
from ipse.operator.process import check_home, chosen_ledger
from ipse.store.archive import file_url
from ipse.store.home import home_lock
from ipse_lab.processes import Network, created

TWO = OperatorId(2)
PLAIN = "postgresql+psycopg://ipse@example.org/two"
SECRET = "postgresql+psycopg://ipse:hunter@example.org/two"  # noqa: S105 (of nobody)


def test_an_argument_comes_before_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(LEDGER_VARIABLE, raising=False)
    assert chosen_ledger(None) is None
    monkeypatch.setenv(LEDGER_VARIABLE, "")
    assert chosen_ledger(None) is None
    monkeypatch.setenv(LEDGER_VARIABLE, SECRET)
    assert chosen_ledger(None) == SECRET
    assert chosen_ledger(PLAIN) == PLAIN


@pytest.mark.parametrize("url", [SECRET, "mysql://me:hunter@example.org/two"])
def test_an_argument_with_a_password_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises((Refused, Malformed)) as raised:
        chosen_ledger(url)
    assert "hunter" not in str(raised.value)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with created(tmp_path_factory.mktemp("asleep")) as asleep:
        yield asleep


def test_a_home_is_checked_wherever_its_ledger_is(
    network: Network, tmp_path: Path
) -> None:
    for operator in OPERATORS:
        assert check_home(network.home, operator) == Checked(0, 0)
        elsewhere = str(file_url(tmp_path / f"{operator}.sqlite"))
        assert check_home(network.home, operator, elsewhere) == Checked(0, 0)
    with pytest.raises(Malformed, match="own home or database"):
        check_home(network.home, TWO, str(file_url(tmp_path / "1.sqlite")))


def test_a_home_that_is_in_use_is_not_checked(network: Network) -> None:
    lock = home_lock(network.home / "operators" / "2")
    with pytest.raises(Unavailable, match="in use by another process"):
        check_home(network.home, TWO)
    lock.release()
    assert check_home(network.home, TWO).records == 0


def test_what_fails_to_open_leaves_the_home_free(network: Network) -> None:
    rows = network.segments(TWO) / "face.rows"
    good = rows.read_bytes()
    rows.write_bytes(bytes(10_000))
    with pytest.raises(IpseError, match="not this operator's"):
        check_home(network.home, TWO)
    rows.write_bytes(good)
    assert check_home(network.home, TWO).records == 0
