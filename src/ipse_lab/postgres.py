"""A real PostgreSQL server, for tests: in a temporary folder, gone at the end.

    with postgres_process() as running:
        running.fresh("ledger-2")   ->  the URL of a new, empty database
        running.crash(); running.start()

It listens on a socket in that folder and nowhere else, asks for a password, and waits
for its disk as a server in earnest does. PostgreSQL refuses to run as root, so root
starts it as `postgres`, the user that Debian's package brings.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sql

from ipse.ground.errors import Unavailable

PACKAGED: Final = "/usr/lib/postgresql"
"""Where Debian puts the programs of each version, off the PATH."""

USER: Final = "postgres"
PASSWORD: Final = "hunter-of-clouds"  # noqa: S105 (of servers that hold nothing)
READY_S: Final = 30.0
PAUSE_S: Final = 0.02


class PostgresProcess:
    """One server, and its folder."""

    def __init__(self, folder: Path) -> None:
        """Make a cluster in an empty folder that the server's user owns."""
        self._programs = programs()
        self._folder = folder
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)  # in a folder that nobody else may enter
        self._run(
            "initdb",
            *("--pgdata", str(self._data), "--username", USER, "--no-sync"),
            *("--auth", "scram-sha-256", "--pwfile", str(password)),
            *("--encoding", "UTF8", "--no-locale"),
        )

    def start(self, *options: str) -> None:
        """Start the server, and return once it answers. Raises: Unavailable."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 (a program of the package)
                [
                    self._programs / "postgres",
                    *("-D", str(self._data), "-k", str(self._folder)),
                    *("-c", "listen_addresses="),
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **_as_nobody_special(),
            )
        deadline = time.monotonic() + READY_S
        while True:
            try:
                self.run("SELECT 1")
            except sql.exc.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    said = (self._folder / "log").read_text(errors="replace")
                    raise Unavailable(f"PostgreSQL does not start: {said}") from None
                time.sleep(PAUSE_S)
            else:
                return

    def stop(self) -> None:
        """Stop it as one does before a machine is turned off."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """End it as a power failure would, as far as a process can."""
        self._end(signal.SIGQUIT)

    def fresh(self, name: str) -> str:
        """Make an empty database. Returns: its URL, with the password."""
        self.run(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database, with the password."""
        url = sql.URL.create(
            "postgresql+psycopg",
            username=USER,
            password=PASSWORD,
            database=database,
            query={"host": str(self._folder)},
        )
        return url.render_as_string(hide_password=False)

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement outside a transaction. Returns: its rows, if it has any."""
        engine = sql.create_engine(self.url(database), poolclass=sql.pool.NullPool)
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as at:
            result = at.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(READY_S)
            self._process = None

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 (a program of the package)
            [self._programs / program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            **_as_nobody_special(),
        )
        if done.returncode:
            raise Unavailable(f"PostgreSQL's {program} failed: {done.stderr}")


@contextmanager
def postgres_process() -> Iterator[PostgresProcess]:
    """Start a server; stop and remove it at the end.

    Raises: Unavailable: PostgreSQL is not installed, or does not start.
    """
    programs()
    # not below pytest's folder: that one is closed to the server's user
    with tempfile.TemporaryDirectory(prefix="ipse-postgres-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, *_unprivileged())
        running = PostgresProcess(folder)
        try:
            running.start()
            yield running
        finally:
            running.stop()


def programs() -> Path:
    """Return the folder of PostgreSQL's programs. Raises: Unavailable: none here."""
    packaged = sorted(
        Path(PACKAGED).glob("*/bin/initdb"), key=lambda each: float(each.parts[-3])
    )
    on_path = shutil.which("initdb")
    found = [*packaged[-1:], *([Path(on_path).resolve()] if on_path else [])]
    if not found:
        raise Unavailable(
            "PostgreSQL is not installed: `apt-get install postgresql`, or leave out "
            "what needs it with `pytest -m 'not postgres'`."
        )
    return found[0].parent


def _as_nobody_special() -> Mapping[str, Any]:
    if os.geteuid() != 0:
        return {}
    user, group = _unprivileged()
    return {"user": user, "group": group, "extra_groups": ()}


def _unprivileged() -> tuple[int, int]:
    entry = pwd.getpwnam(USER)
    return entry.pw_uid, entry.pw_gid
