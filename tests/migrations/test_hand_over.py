"""Moves of earlier runs are read from the journal when the table of moves is made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from old_databases import NOW

from strandline.db.schema.legacy import Takeover
from strandline.db.schema.upgrade import create_fresh, ensure_current

AT = "2026-11-22 15:30:01.000000"
STEPS = [  # run, action, path, source, track, state, kind
    (1, "download", "Playlists/A/x.mp3", None, "1", "done", None),
    (1, "download", "Playlists/B/y.mp3", None, "2", "done", None),
    (1, "download", "Playlists/B/z.mp3", None, "3", "failed", None),
    (2, "rename_folder", "Playlists/B", "Playlists/A", None, "done", None),  # two swap their names
    (2, "rename_folder", "Playlists/A", "Playlists/B", None, "done", None),
    (3, "move", "Playlists/C/x.mp3", "Playlists/B/x.mp3", "old", "done", None),
    (3, "move", "Playlists/D/y.mp3", "Playlists/A/y.mp3", "2", "skipped", None),
    (4, "trash", "Playlists/C/x.mp3", None, "1", "done", None),
    (5, "restore", "Playlists/E/x.mp3", "4/Playlists/C/x.mp3", "1", "done", "primary"),
    (5, "restore", "Playlists/E/y.mp3", "4/Playlists/E/y.mp3", "2", "done", "copy"),
]


def silent(_: str) -> None:
    """Hears nothing."""


def test_moves_renames_and_restores_of_the_journal_become_moves(tmp_path: Path) -> None:
    database = tmp_path / "strandline.db"
    create_fresh(database)
    config = Config()
    config.set_main_option("script_location", "strandline.db:migrations")
    config.set_main_option("sqlalchemy.url", f"sqlite:///{database}")
    config.attributes["takeover"] = Takeover(tmp_path, NOW, silent)
    command.downgrade(config, "0011_reviews")
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("INSERT INTO replaced_ids VALUES ('old', '1')")
        for run in range(1, 6):
            words = "INSERT INTO runs (id, command, started_at, status) VALUES (?, 'x', ?, 'done')"
            db.execute(words, (str(run), AT))
        db.executemany(
            "INSERT INTO run_steps (run_id, action, path, source, track, state, kind, seq, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(str(run), *rest, seq, AT) for seq, (run, *rest) in enumerate(STEPS)],
        )
    ensure_current(database, mp3_dir=tmp_path, now=NOW, note=silent)
    with closing(sqlite3.connect(database)) as db:
        rows = db.execute(
            "SELECT track, old_path, new_path, run, at, offset, in_file FROM moves ORDER BY id"
        ).fetchall()
    assert rows == [
        ("1", "Playlists/A/x.mp3", "Playlists/B/x.mp3", "2", AT, 0.0, 0),
        ("2", "Playlists/B/y.mp3", "Playlists/A/y.mp3", "2", AT, 0.0, 0),
        ("1", "Playlists/B/x.mp3", "Playlists/C/x.mp3", "3", AT, 0.0, 0),
        ("1", "Playlists/C/x.mp3", "Playlists/E/x.mp3", "5", AT, None, 0),
    ]
