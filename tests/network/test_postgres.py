"""An operator with its ledger on a server serves as the others do, through any end."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ipse.ground.names import OPERATORS, OperatorId, Outcome, Purpose
from ipse.operator import local
from ipse.owner.grant import CLOCK_SLACK_MS
from ipse.store.archive import file_url
from ipse_lab.postgres import PASSWORD, PostgresProcess
from ipse_lab.processes import Network, new_body, new_owner, started

pytestmark = pytest.mark.postgres

TWO, THREE = OperatorId(2), OperatorId(3)
DATABASE = "operator-2"


@pytest.fixture(scope="module")
def mixed(
    own: PostgresProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Network]:
    """Three operators: a ledger in the home, one on a server, one in another folder."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "ledger.sqlite"
    ledgers = {TWO: own.fresh(DATABASE), THREE: str(file_url(elsewhere))}
    with started(tmp_path_factory.mktemp("mixed"), ledgers=ledgers) as running:
        yield running
    assert elsewhere.exists()
    assert PASSWORD not in (running.home / "run" / "operator-2.log").read_text()


def test_the_whole_way_of_a_record(mixed: Network, own: PostgresProcess) -> None:
    owner, body = new_owner(mixed), new_body(1)
    assert mixed.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    assert mixed.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    asked = mixed.compose(owner, Purpose.VERIFY, body)
    mixed.deliver(asked)
    for operator in OPERATORS:
        mixed.kill(operator)
    mixed.revive()
    for reply in mixed.deliver(asked).values():
        assert "sent before" in str(reply)
    assert mixed.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    assert own.run("SELECT handle FROM records", DATABASE) == [(owner.handle,)]
    assert not mixed.ledger(TWO).exists()
    assert mixed.outcome(owner, Purpose.ERASE) is Outcome.ERASED
    mixed.kill(TWO)
    mixed.revive()
    assert mixed.outcome(owner, Purpose.STATUS) is Outcome.UNKNOWN
    for table in ("records", "wipes", "in_doubt"):
        assert own.run(f"SELECT * FROM {table}", DATABASE) == []  # noqa: S608 (constants)


def test_a_server_that_crashes_delays_and_loses_nothing(
    mixed: Network, own: PostgresProcess
) -> None:
    owner, body = new_owner(mixed), new_body(2)
    assert mixed.outcome(owner, Purpose.ENROL, body) is Outcome.ENROLLED
    asked = mixed.compose(owner, Purpose.VERIFY, body)
    mixed.deliver(asked)
    own.crash()
    said = mixed.outcome(owner, Purpose.VERIFY, body)
    assert "try again" in str(said)
    own.start()
    mixed.revive()
    # remembered or forgotten, what was sent is not answered twice
    assert "before" in str(mixed.deliver(asked)[TWO])
    time.sleep(CLOCK_SLACK_MS / 1_000 + 0.5)
    assert mixed.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED


AT_COMMIT = """
CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN PERFORM pg_sleep(30); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON records
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION linger();
"""


def test_a_server_that_dies_in_a_commit_ends_the_operator_and_loses_nothing(
    mixed: Network, own: PostgresProcess
) -> None:
    owner, body = new_owner(mixed), new_body(3)
    own.run(AT_COMMIT, DATABASE)
    with ThreadPoolExecutor(1) as wallet:
        asked = wallet.submit(mixed.ask, owner, Purpose.ENROL, body)
        committing = "SELECT 1 FROM pg_stat_activity WHERE query = 'COMMIT'"
        while not own.run(f"{committing} AND state = 'active'"):
            time.sleep(0.05)
        own.crash()
        asked.result()
    deadline = time.monotonic() + 30
    while local.is_running(mixed.home, TWO) and time.monotonic() < deadline:
        time.sleep(0.05)
    log = (mixed.home / "run" / "operator-2.log").read_text()
    assert "An unforeseen fault, logged above, ended it" in log
    own.start()
    own.run("DROP FUNCTION linger CASCADE", DATABASE)
    mixed.revive()
    time.sleep(CLOCK_SLACK_MS / 1_000 + 0.5)
    assert mixed.outcome(owner, Purpose.VERIFY, body) is Outcome.MATCHED
    assert mixed.outcome(owner, Purpose.ERASE) is Outcome.ERASED


def started_with(mixed: Network, operator: OperatorId, url: str) -> str:
    """Start an operator with a ledger that is not its own; return what it says."""
    local.spawn(mixed.home, operator, variables={"IPSE_LEDGER": url}).wait(timeout=60)
    log = mixed.home / "run" / f"operator-{operator}.log"
    return log.read_text().splitlines()[-1]


def test_two_operators_do_not_share_a_database(mixed: Network) -> None:
    url = mixed.ledgers[TWO]
    mixed.kill(THREE)
    assert "in use by another process" in started_with(mixed, THREE, url)
    mixed.kill(TWO)
    assert "own home or database" in started_with(mixed, THREE, url)
    mixed.revive()


def test_a_password_is_not_taken_from_the_arguments(mixed: Network) -> None:
    said = subprocess.run(
        [
            sys.executable,
            *("-m", "ipse.operator", "--operator", "2", "--home", str(mixed.home)),
            *("--ledger", mixed.ledgers[TWO]),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert said.returncode == 1
    assert "give the URL in IPSE_LEDGER" in said.stderr
    assert PASSWORD not in said.stderr
