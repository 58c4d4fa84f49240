"""The ledger's marks: whose it is, who opened it last, and what it may have forgotten.

    schema        the tables' version
    belongs to    network's charter, epoch and operator
    openings      how often it was opened: a process that lost it for a while, and finds
                  another number, has old records in memory and must not go on
    keeper        which life of the database's keeper (ipse.store.archive) remembers,
                  and since when

What a crash may forget. A request id is committed without waiting for the disk. While
the keeper lives nothing is forgotten, whatever happens to this process. Where the
ledger finds another keeper than the one that is marked, the last ids before that may
be lost. Then, and from the present on, a request counts only if its window began
later (`ipse.operator.admission`): one that was admitted before had a window that had
begun before. So a replay is refused, remembered or not; and the moment stays marked,
so that a second crash does not hide the first.

It rests on the operator's clock, which must not run backwards across a power failure.
"""

from typing import Final

import sqlalchemy as sql

from ipse.ground.errors import Malformed, Unavailable
from ipse.ground.names import Instant
from ipse.ports import Clock
from ipse.store.tables import MARKS, SCHEMA

_SCHEMA: Final = "schema"
_BELONGS_TO: Final = "belongs to"
_OPENINGS: Final = "openings"
_KEEPER: Final = "keeper"

ALWAYS: Final = Instant(-1)
"""Of a new ledger: it has forgotten nothing."""


class Marks:
    """The marks of one ledger, as this process set them."""

    def __init__(self, clock: Clock) -> None:
        """Begin before the ledger is opened."""
        self._clock = clock
        self._openings = 0
        self._keeper = ""
        self.remembers_since = ALWAYS

    @property
    def are_set(self) -> bool:
        """This process opened the ledger."""
        return self._openings > 0

    def set(self, connection: sql.Connection, belongs_to: str, keeper: str) -> None:
        """Check or set all. Raises: Malformed: it is another's, or of another age."""
        _expect(
            connection,
            _SCHEMA,
            SCHEMA,
            "another version of Ipse made it: open it with that one, or enrol anew in "
            "a new home.",
        )
        _expect(
            connection,
            _BELONGS_TO,
            belongs_to,
            "give each operator its own home or database, and restore the right one.",
        )
        marked, _, since = (_read(connection, _KEEPER) or "").rpartition(" ")
        if since:
            is_same = marked == keeper
            self.remembers_since = Instant(int(since)) if is_same else self._clock.now()
        _write(connection, _KEEPER, f"{keeper} {self.remembers_since}")
        openings = int(_read(connection, _OPENINGS) or 0) + 1
        _write(connection, _OPENINGS, str(openings))
        self._keeper, self._openings = keeper, openings

    def renew(self, connection: sql.Connection, belongs_to: str) -> None:
        """Mark the next epoch as the present one."""
        _write(connection, _BELONGS_TO, belongs_to)

    def expect_unopened(self, connection: sql.Connection, keeper: str) -> None:
        """Take a connection that replaces a lost one.

        Raises: Unavailable: somebody else opened the ledger in between.
        """
        if _read(connection, _OPENINGS) != str(self._openings):
            raise Unavailable(
                "Another process had the ledger while this one had lost it: start "
                "this operator anew."
            )
        if keeper != self._keeper:
            self._keeper, self.remembers_since = keeper, self._clock.now()


def _read(connection: sql.Connection, name: str) -> str | None:
    found = connection.execute(sql.select(MARKS.c.content).where(MARKS.c.name == name))
    return found.scalar()


def _write(connection: sql.Connection, name: str, content: str) -> None:
    connection.execute(sql.delete(MARKS).where(MARKS.c.name == name))
    connection.execute(sql.insert(MARKS).values(name=name, content=content))


def _expect(connection: sql.Connection, name: str, content: str, do: str) -> None:
    found = _read(connection, name)
    if found is None:
        _write(connection, name, content)
    elif found != content:
        raise Malformed(f"The ledger's {name} is {found!r}, not {content!r}: {do}")
