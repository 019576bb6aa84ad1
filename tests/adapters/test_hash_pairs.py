"""Two hashes of the same bytes: whatever is believed, the facts are sha256's."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from strandline.core.ids import LibPath
from strandline.library.hashing import hash_pairs
from strandline.library.hashing.file_reader import BLOCK, FileReader
from strandline.library.hashing.hash_pairs import LARGE, HashPairs


class File(NamedTuple):
    path: LibPath
    sha256: str | None


def sha(data: bytes) -> str:
    return sha256(data).hexdigest()


def blake(data: bytes) -> str:
    return blake3(data).hexdigest()


contents = st.sampled_from([b"", b"a", b"a" * LARGE, b"b" * LARGE, b"a" * (BLOCK + 1)])


@given(contents, st.none() | contents, st.dictionaries(contents, contents | st.none(), max_size=3))
def test_the_facts_are_those_of_plain_reading(
    there: bytes, stored: bytes | None, believed: dict[bytes, bytes | None]
) -> None:
    """``believed``: the BLAKE3 of other bytes, or (None) a right one. Only a pair that is wrong by
    holding that of the bytes that are there could fool it."""
    told = {sha(of): blake(of if held is None else held) for of, held in believed.items()}
    if stored is not None and stored != there and told.get(sha(stored)) == blake(there):
        del told[sha(stored)]
    with TemporaryDirectory() as folder:
        (Path(folder) / "x").write_bytes(there)
        reader, read = FileReader(folder), HashPairs(told)
        file = File(LibPath("x"), None if stored is None else sha(stored))
        assert read.read(reader, file) == reader.facts("x")
    assert read.learned in ({}, {sha(there): blake(there)})


def test_without_blake3_everything_is_read_with_sha256(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hash_pairs, "BLAKE3", None)
    data = b"x" * LARGE
    (tmp_path / "x").write_bytes(data)
    reader, read = FileReader(str(tmp_path)), HashPairs({sha(data): blake(b"other")})
    assert read.read(reader, File(LibPath("x"), sha(data))) == reader.facts("x")
    assert read.learned == {}


@pytest.mark.parametrize("size", [LARGE - 1, LARGE, 3 * BLOCK + 7])
def test_what_is_learned_is_believed_next_time(tmp_path: Path, size: int) -> None:
    data = b"x" * size
    (tmp_path / "x").write_bytes(data)
    reader, file = FileReader(str(tmp_path)), File(LibPath("x"), sha(data))
    first = HashPairs({})
    assert first.read(reader, file) == reader.facts("x")
    assert first.learned == ({sha(data): blake(data)} if size >= LARGE else {})
    second = HashPairs(first.learned)
    assert second.read(reader, file) == reader.facts("x")
    assert second.learned == first.learned if size < LARGE else not second.learned


def test_what_cannot_be_read_has_no_facts(tmp_path: Path) -> None:
    assert HashPairs({}).read(FileReader(str(tmp_path)), File(LibPath("gone"), None)) is None
