"""The real archives, where they lie beside the repository: linked into a data folder for a test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from recurbench import catalogue

SHARED = Path(__file__).parents[2] / "shared" / "data"
# Folder of a data set under the data folder -> where its files lie in the shared folder.
PLACES = {
    "cmudict": "sequences/cmudict",
    "ett": "forecasting/ett",
    "household-power": "forecasting/household_power",
    "m4": "forecasting/m4",
    "monash": "forecasting/monash",
    "spoken-digits": "sequences/fsdd",
    "tatoeba": "sequences/tatoeba_en_ko",
    "tser": "ucr",
    "ucr": "ucr",
    "ud-pos/ko_gsd": "sequences/ud_korean_gsd",
    "ud-pos/en_ewt": "sequences/ud_english_ewt",
    "us-bankruptcy": "sequences/bankruptcy_us",
}


def linked(folder: Path) -> Path:
    """A data folder whose entries are links to the shared files; skips the test where there are none."""
    if not SHARED.is_dir():
        pytest.skip("the archives are not beside the repository (../shared/data)")
    for place, source in PLACES.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(SHARED / source, target_is_directory=True)
    return folder


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of this test holds every shared archive."""
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(linked(tmp_path)))
    return tmp_path
