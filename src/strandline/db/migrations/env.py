"""How Alembic reaches the database: all of an upgrade in one transaction, or nothing of it.

``alembic`` in a checkout finds the database and the music as strandline does (environment,
``config.toml``, defaults), or is told: ``alembic -x database_url=… -x mp3=… upgrade head``.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from strandline.config import load_config
from strandline.db.schema.legacy import Takeover
from strandline.db.schema.legacy_versions import disown
from strandline.db.schema.models import Base
from strandline.db.schema.upgrade import REVISIONS
from strandline.db.sqlite.connection import engine_for


def _engine() -> Engine:
    given = context.config.attributes.get("connection")
    if isinstance(given, Engine):
        return given
    return engine_for(_database(), foreign_keys=False, immediate=True)


def _database() -> str | Path:
    flag = context.get_x_argument(as_dictionary=True).get("database_url")
    given = context.config.attributes.get("database")
    url = given or flag or context.config.get_main_option("sqlalchemy.url")
    return url or load_config(os.environ).database_url


def _takeover() -> Takeover:
    given = context.config.attributes.get("takeover")
    if isinstance(given, Takeover):
        return given
    flag = context.get_x_argument(as_dictionary=True).get("mp3")
    mp3 = Path(flag) if flag else load_config(os.environ).mp3_dir
    return Takeover(mp3, datetime.now(UTC).replace(tzinfo=None), _say)


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - the command line of Alembic


def _migrate(connection: Connection, takeover: Takeover) -> None:
    with connection.begin():
        disown(connection, REVISIONS)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_server_default=True,
            render_as_batch=True,
            takeover=takeover,
        )
        context.run_migrations()
    takeover.tell()


if context.is_offline_mode():
    raise CommandError("These migrations look at the music, so they cannot be written out as SQL.")
with _engine().connect() as _connection:
    _migrate(_connection, _takeover())
