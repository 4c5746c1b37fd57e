"""Every remedy that a refusal names is carried out as it is written, and mends the case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import remedies_csv
import remedies_files
from recurbench import catalogue, provenance
from remedies import Remedy, goes_well, refused

TABLE: list[Remedy] = [*remedies_csv.TABLE, *remedies_files.TABLE]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with a data folder of its own."""
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    # The code of methods stays as it is while these tests run; to read it anew takes half their time.
    monkeypatch.setattr(provenance, "forget", lambda: None)
    return tmp_path


@pytest.mark.parametrize("remedy", TABLE, ids=lambda remedy: remedy.name)
def test_the_remedy_mends_the_case(remedy):
    sentence = refused(remedy.bad())
    said = re.search(remedy.says, sentence)
    assert said, f"{sentence!r} does not say {remedy.says!r}"
    goes_well(remedy.mend(said))
