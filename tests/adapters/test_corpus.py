"""Audio files that others made for their own tests: mutagen's, from its source distribution.

It is fetched through pip, from whatever registry that is set to use, and nothing is kept.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

import pytest
from test_audio import fault_of

from strandline.library.audio.check import quick_check

CUT = {
    "106-invalid-streaminfo.flac", "106-short-picture-block-size.flac",
    "52-overwritten-metadata.flac", "52-too-short-block-size.flac", "almostempty.mpc",
    "bad-POPM-frame.mp3", "emptyfile.mp3",
    "flac_application.flac", "issue_29.wma", "mac-390-hdr.ape", "nero-chapters.m4b",
    "ooming-header.flac", "truncated-64bit.mp4", "variable-block.flac", "vbri.mp3", "64bit.mp4",
}  # fmt: skip
"""Beginnings of files, or headers alone, which is all that a test of tags needs."""
AUDIO = (
    ".mp3", ".flac", ".m4a", ".m4b", ".mp4", ".3g2", ".aac", ".aif", ".wav", ".ogg", ".opus",
    ".oggflac", ".spx", ".wma", ".wv", ".ape", ".mpc", ".tta", ".tak", ".ac3", ".eac3", ".dsf",
    ".dff", ".ofr", ".ofs",
)  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("corpus")
    wanted = f"mutagen=={version('mutagen')}"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    asked = subprocess.run(
        [*pip, "--dest", str(folder), wanted], capture_output=True, check=False, timeout=300
    )
    archives = list(folder.glob("mutagen-*.tar.gz"))
    if asked.returncode or not archives:
        pytest.skip("the source distribution of mutagen cannot be fetched here")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, filter="data")
    return sorted(folder.glob("mutagen-*/tests/data/*"))


def test_no_good_file_of_the_corpus_is_damaged(corpus: list[Path]) -> None:
    good = [path for path in corpus if path.suffix in AUDIO and path.name not in CUT]
    assert len(good) > 60

    found = {(path.name, fault_of(path), quick_check(path).playable) for path in good}

    assert {said for said in found if said[1:] not in (("", True), ("unsupported", True))} == set()


def test_what_is_cut_off_in_the_corpus_is_noticed(corpus: list[Path]) -> None:
    cut = [path for path in corpus if path.name in CUT]
    assert len(cut) == len(CUT)

    assert {path.name for path in cut if fault_of(path) == ""} == set()
