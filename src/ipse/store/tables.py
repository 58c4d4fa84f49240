"""The ledger's tables, as SQLAlchemy Core has them. What they mean: store/ledger.py."""

from typing import Final

import sqlalchemy as sql

SCHEMA: Final = "1"
"""Raised with any change of the tables; a ledger of another schema is refused."""

TABLES: Final = sql.MetaData()
RECORDS: Final = sql.Table(
    "records",
    TABLES,
    sql.Column("handle", sql.LargeBinary, primary_key=True),
    sql.Column("slot", sql.Integer, nullable=False, unique=True),
    sql.Column("owner_key", sql.LargeBinary, nullable=False),
    sql.Column("forms", sql.String, nullable=False),
    sql.Column("epoch", sql.Integer, nullable=False),
    sql.Column("since", sql.Integer, nullable=False),
)
IN_DOUBT: Final = sql.Table(
    "in_doubt",
    TABLES,
    sql.Column("request", sql.LargeBinary, primary_key=True),
    sql.Column("change", sql.LargeBinary, nullable=False),
)
DECISIONS: Final = sql.Table(
    "decisions",
    TABLES,
    sql.Column("request", sql.LargeBinary, primary_key=True),
    sql.Column("unheard", sql.String, nullable=False),
)
SEEN: Final = sql.Table(
    "seen",
    TABLES,
    sql.Column("request", sql.LargeBinary, primary_key=True),
    sql.Column("not_after", sql.Integer, nullable=False, index=True),
)
MARKS: Final = sql.Table(
    "marks",
    TABLES,
    sql.Column("name", sql.String, primary_key=True),
    sql.Column("content", sql.String, nullable=False),
)
