"""Fresh, upgraded and described: three ways to the same schema."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from old_databases import DIALECTS, NOW, OldDatabase, change, contents, row, schema
from pytest_alembic.tests import (
    test_model_definitions_match_ddl as test_models_match_the_migrations,  # noqa: F401
)
from pytest_alembic.tests import (
    test_single_head_revision,  # noqa: F401
    test_up_down_consistency,  # noqa: F401
)
from pytest_alembic.tests import test_upgrade as test_upgrade_runs  # noqa: F401
from sqlalchemy import Engine, create_engine

from strandline.db.migrations.schema import BASE
from strandline.db.schema.legacy import Takeover
from strandline.db.schema.models import Base
from strandline.db.schema.upgrade import HEAD, REVISIONS, create_fresh, ensure_current, upgrade
from strandline.db.sqlite.connection import engine_for

ROOT = Path(__file__).parents[2]


def silent(line: str) -> None:
    """Hears nothing."""


@pytest.fixture
def alembic_config(tmp_path: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", "strandline.db:migrations")
    config.attributes["takeover"] = Takeover(tmp_path / "mp3", NOW, silent)
    return config


@pytest.fixture
def alembic_engine(tmp_path: Path) -> Engine:
    return engine_for(tmp_path / "alembic.db", foreign_keys=False, immediate=True)


def test_known_revisions_are_those_of_the_migrations(alembic_config: Config) -> None:
    script = ScriptDirectory.from_config(alembic_config)
    assert script.get_current_head() == HEAD
    assert [r.revision for r in script.walk_revisions()] == list(reversed(REVISIONS))


@pytest.mark.parametrize("kind", DIALECTS)
def test_fresh_database_and_upgraded_one_are_the_same_to_the_letter(
    tmp_path: Path, kind: str
) -> None:
    create_fresh(tmp_path / "fresh.db")
    old = OldDatabase(tmp_path / "old.db", DIALECTS[kind])
    change(old.path, "DROP VIEW IF EXISTS loud")
    ensure_current(old.path, mp3_dir=tmp_path, now=NOW, note=silent)
    assert schema(old.path) == schema(tmp_path / "fresh.db")


def test_fresh_database_is_what_the_migrations_make_of_nothing(tmp_path: Path) -> None:
    create_fresh(tmp_path / "fresh.db")
    upgrade(tmp_path / "migrated.db", Takeover(tmp_path, NOW, silent))
    assert schema(tmp_path / "migrated.db") == schema(tmp_path / "fresh.db")
    assert contents(tmp_path / "migrated.db") == contents(tmp_path / "fresh.db")


def test_fresh_database_is_what_the_models_describe(tmp_path: Path) -> None:
    create_fresh(tmp_path / "fresh.db")
    engine = create_engine(f"sqlite:///{tmp_path / 'models.db'}")
    Base.metadata.create_all(engine)
    engine.dispose()
    change(tmp_path / "fresh.db", "DROP TABLE alembic_version")
    assert schema(tmp_path / "models.db") == schema(tmp_path / "fresh.db")


def test_base_revision_is_the_schema_that_is_out_there(tmp_path: Path) -> None:
    old = OldDatabase(tmp_path / "old.db")
    engine = create_engine(f"sqlite:///{tmp_path / 'base.db'}")
    BASE.create_all(engine)
    engine.dispose()
    there, ours = schema(old.path), schema(tmp_path / "base.db")
    del there["text"], ours["text"]  # written by hand there
    assert there == ours


def test_downgrade_goes_back_to_the_old_schema_and_keeps_the_rows(tmp_path: Path) -> None:
    old = OldDatabase(tmp_path / "old.db")
    old.playlist(5, "P")
    old.track(7)
    old.entry(5, 7, id=11, position=0)
    before, there = contents(old.path), schema(old.path)
    ensure_current(old.path, mp3_dir=tmp_path, now=NOW, note=silent)
    config = Config()
    config.set_main_option("script_location", "strandline.db:migrations")
    config.set_main_option("sqlalchemy.url", f"sqlite:///{old.path}")
    config.attributes["takeover"] = Takeover(tmp_path, NOW, silent)
    command.downgrade(config, REVISIONS[0])
    back, after = contents(old.path), schema(old.path)
    assert back.pop("alembic_version") == [(REVISIONS[0],)]
    assert back == before
    for told in (there, after):
        told.pop("text")
        told.pop("alembic_version", None)
    assert after == there


def test_alembic_in_a_checkout_upgrades_an_old_database_and_says_where_the_copy_is(
    tmp_path: Path,
) -> None:
    old = OldDatabase(tmp_path / "strandline.db")
    file = tmp_path / "library/mp3/Playlists/A/x.mp3"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"audio")
    old.track(1, file_path=str(file))
    old.track(2, file_path="/elsewhere/y.mp3")
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "STRANDLINE_DATABASE_URL": f"sqlite:///{old.path}",
            "STRANDLINE_LIBRARY": str(tmp_path / "library"),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    copied, listed = done.stderr.splitlines()
    assert Path(copied.rpartition(" to ")[2]).is_file()
    assert listed.endswith("its file lies outside the library: /elsewhere/y.mp3")
    assert row(old.path, "SELECT file_path, download_status FROM tracks WHERE id = 1") == (
        "Playlists/A/x.mp3",
        "downloaded",
    )


# ---------------------------------------------------------------- no row is lost, whatever it holds

some_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
some_path = st.one_of(
    st.none(),
    some_text,
    st.builds("mp3/Playlists/{}".format, some_text),
    st.builds("/{}".format, some_text),
)
some_track = st.fixed_dictionaries(
    {"title": some_text, "artist": some_text, "normalized_name": some_text, "file_path": some_path},
    optional={
        "year": st.none() | st.integers(-(2**63), 2**63 - 1),
        "genre": st.none() | some_text,
        "explicit": st.none() | st.booleans(),
        "file_last_modified": st.sampled_from([None, "2020-02-29 00:00:00", "0001-01-01 00:00:00"]),
    },
)
some_playlist = st.fixed_dictionaries({"name": some_text, "local_folder_path": some_path})
some_entry = st.tuples(
    st.integers(1, 6), st.integers(1, 6), st.none() | st.integers(-3, 9), st.booleans()
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(some_track, max_size=5),
    st.lists(some_playlist, max_size=5),
    st.lists(some_entry, max_size=8, unique_by=lambda entry: entry[:2]),
)
def test_no_row_and_no_value_is_lost(
    tmp_path: Path,
    tracks: list[dict[str, object]],
    playlists: list[dict[str, object]],
    entries: list[tuple[int, int, int | None, bool]],
) -> None:
    home = Path(tempfile.mkdtemp(dir=tmp_path))
    old = OldDatabase(home / "strandline.db")
    old.add_all("tracks", [{"id": n, "tidal_id": str(n)} | t for n, t in enumerate(tracks, 1)])
    old.add_all(
        "playlists", [{"id": n, "tidal_id": str(n)} | p for n, p in enumerate(playlists, 1)]
    )
    old.add_all(
        "playlist_tracks",
        [
            {"playlist_id": p, "track_id": t, "position": position, "in_tidal": in_tidal}
            for p, t, position, in_tidal in entries
        ],
    )
    before = contents(old.path)
    ensure_current(old.path, mp3_dir=home / "mp3", now=NOW, note=silent)
    after = contents(old.path)
    changing = {"tracks": 23, "playlists": 18}  # the paths, which are brought into one form
    for table, old_rows in before.items():
        new = {r[0]: list(r) for r in after[table]}
        assert len(new) == len(old_rows)
        for old_row in map(list, old_rows):
            kept = new[old_row[0]][: len(old_row)]
            if table in changing:
                path, was = kept.pop(changing[table]), old_row.pop(changing[table])
                assert (path is None) == (was is None)
            assert kept == old_row
