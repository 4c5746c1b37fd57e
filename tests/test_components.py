"""What a method tells of how it came to an answer: asked once, where it may be shown, at nobody's cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recurbench import api
from recurbench.record import RunFile
from recurbench.running.outcome import COMPONENTS

TELLERS = '''
"""Methods that tell of themselves, well and badly."""

import numpy as np
from recurbench import method
from recurbench.task import Unsupported


class Teller:
    def __init__(self, task, told):
        self.task, self.told = task, told

    def __call__(self, split):
        return [np.zeros(len(x), dtype=int) if self.task.length == "same" else np.zeros(1, dtype=int)
                for x in split.x]

    def components(self, split):
        assert not len(split.y)
        if self.told == "error":
            raise RuntimeError("no picture today")
        if self.told == "exit":
            raise SystemExit(3)
        if self.told == "odd":
            return ["no", "dict"]
        if self.told == "spoil":
            split.x[0][:] = 9
        bulk = "x" * (30_000 if self.told == "big" else 3)
        return {"cases": len(split), "steps": len(split.x[0]), "bulk": bulk}


class Writer(Teller):
    """Of free answers: from its explanation on it can say nothing more."""

    def __call__(self, split):
        return [np.array([1]) for _ in split.x]

    def components(self, split):
        self.told = "all"
        return {"said": 1}

    def log_likelihood(self, split):
        if self.told == "all":
            raise RuntimeError("everything was told already")
        raise Unsupported("no chances")


@method("writer", family="baseline", kinds={"translation"})
def writer(task, train):
    """Answer one symbol and tell."""
    return Writer(task, "well")


@method("teller", family="baseline", kinds={"labelling", "classification"})
def teller(task, train, *, told: str = "well"):
    """Answer 0 and tell."""
    return Teller(task, told)
'''


def told(tmp_path: Path, method: str, dataset: str, source: str = TELLERS) -> list[dict[str, Any]]:
    """The notes of the inner and the final cells of a run, in order, all of them ok."""
    plugin = tmp_path / "teller.py"
    plugin.write_text(source)
    out = tmp_path / "run"
    api.run(methods=method, datasets=dataset, seeds=1, out=out, jobs=0, plugins=[plugin])
    file = RunFile(out / "results.sqlite")
    rows = file.rows(f"method = '{method.partition('[')[0]}'")
    file.close()
    assert {row["status"] for row in rows} == {"ok"}
    return [row["notes"] for row in sorted(rows, key=lambda row: row["stage"] == "final")]


PARITY = "parity[test_length=30,n_train=5,n_valid=3,n_test=4]"


def test_the_final_cell_alone_holds_what_the_method_told_of_the_first_exemplar(tmp_path: Path) -> None:
    inner, final = told(tmp_path, "teller", PARITY)
    assert "components" not in inner
    assert final["components"] == {"cases": 1, "steps": 30, "bulk": "xxx", "unit": 0}


def test_what_goes_wrong_while_telling_is_noted_and_costs_no_row(tmp_path: Path) -> None:
    *_, final = told(tmp_path, "teller[told=error]", PARITY)
    assert final["components"] == {"left out": "RuntimeError: no picture today", "unit": 0}


@pytest.mark.parametrize(
    ("how", "why"), [("exit", "SystemExit: 3"), ("odd", "TypeError: notes must be a dict")]
)
def test_an_explanation_that_ends_the_program_or_is_no_dict_costs_no_row(
    tmp_path: Path, how: str, why: str
) -> None:
    *_, final = told(tmp_path, f"teller[told={how}]", PARITY)
    assert final["components"]["left out"].startswith(why)


def test_nothing_is_told_before_all_is_scored(tmp_path: Path) -> None:
    *_, final = told(tmp_path, "writer", "reversal[n_train=20,n_valid=4,n_test=5]")
    assert final["log_likelihood"] == "not offered: no chances"
    assert final["components"] == {"said": 1, "unit": 0}


def test_the_case_that_is_told_of_is_a_copy(tmp_path: Path) -> None:
    *_, final = told(tmp_path, "teller[told=spoil]", PARITY)
    assert final["components"]["cases"] == 1


def test_too_much_is_left_out_in_words(tmp_path: Path) -> None:
    *_, final = told(tmp_path, "teller[told=big]", PARITY)
    assert f"at most {COMPONENTS} are kept" in final["components"]["left out"]
    assert len(json.dumps(final["components"])) < 200


@pytest.mark.parametrize("dataset", ["gunpoint"])
def test_nothing_is_asked_where_the_licence_allows_no_excerpt(tmp_path: Path, dataset: str) -> None:
    assert all("components" not in notes for notes in told(tmp_path, "teller", dataset))


def test_a_second_run_finds_everything_and_asks_nobody(tmp_path: Path) -> None:
    request: dict[str, Any] = {"methods": "hmm", "datasets": PARITY, "seeds": 1, "out": tmp_path, "jobs": 0}
    plan = api.prepare(api.Request("quick", **{**request, "methods": ["hmm"], "datasets": [PARITY]}))
    first, second = api.perform(plan), api.perform(plan)
    assert (first.cached, second.cached) == (0, second.jobs)
