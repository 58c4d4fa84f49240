"""The ledger's tables, as SQLAlchemy Core has them. What they mean: store/ledger.py."""

from typing import Final

import sqlalchemy as sql

SCHEMA: Final = "4"
"""Raised with any change of the tables; a ledger of another schema is refused."""

TABLES: Final = sql.MetaData()
RECORDS: Final = sql.Table(
    "records",
    TABLES,
    sql.Column("handle", sql.LargeBinary, primary_key=True),
    sql.Column("slot", sql.BigInteger, nullable=False, unique=True),
    sql.Column("owner_key", sql.LargeBinary, nullable=False),
    sql.Column("forms", sql.String, nullable=False),
    sql.Column("since", sql.BigInteger, nullable=False),
)
PAGES: Final = sql.Table(
    "pages",
    TABLES,
    sql.Column("part", sql.String, primary_key=True),
    sql.Column("number", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("content", sql.LargeBinary, nullable=False),
)
WIPES: Final = sql.Table(
    "wipes",
    TABLES,
    sql.Column("slot", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("forms", sql.String, nullable=False),
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
    sql.Column("content", sql.LargeBinary, nullable=False),
)
GRANTS: Final = sql.Table(
    "grants",
    TABLES,
    sql.Column("digest", sql.LargeBinary, primary_key=True),
    sql.Column("handle", sql.LargeBinary, nullable=False, index=True),
    sql.Column("uses", sql.BigInteger, nullable=False),
    sql.Column("is_withdrawn", sql.Boolean, nullable=False),
    sql.Column("is_standing", sql.Boolean, nullable=False),
    sql.Column("not_after", sql.BigInteger, nullable=False, index=True),
)
CHAINS: Final = sql.Table(
    "chains",
    TABLES,
    sql.Column("handle", sql.LargeBinary, primary_key=True),
    sql.Column("owner_key", sql.LargeBinary, nullable=False),
    sql.Column("number", sql.BigInteger, nullable=False),
    sql.Column("head", sql.LargeBinary, nullable=False),
    sql.Column("term", sql.BigInteger, nullable=False),
    sql.Column("tries", sql.BigInteger, nullable=False),
    sql.Column("failures", sql.BigInteger, nullable=False),
    sql.Column("stale_at", sql.BigInteger, nullable=False),
    sql.Column("open_from", sql.BigInteger, nullable=False),
)
RECEIPTS: Final = sql.Table(
    "receipts",
    TABLES,
    sql.Column("handle", sql.LargeBinary, primary_key=True),
    sql.Column("number", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("content", sql.LargeBinary, nullable=False),
)
LEAVES: Final = sql.Table(
    "leaves",
    TABLES,
    sql.Column("number", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("leaf", sql.LargeBinary, nullable=False),
    sql.Column("trail", sql.LargeBinary, nullable=False),
)
SEEN: Final = sql.Table(
    "seen",
    TABLES,
    sql.Column("request", sql.LargeBinary, primary_key=True),
    sql.Column("not_after", sql.BigInteger, nullable=False, index=True),
)
MARKS: Final = sql.Table(
    "marks",
    TABLES,
    sql.Column("name", sql.String, primary_key=True),
    sql.Column("content", sql.String, nullable=False),
)
