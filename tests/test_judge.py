"""Judging the frozen contrasts: looks, stopping, going on, what is refused. The problem is tiny."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up import FACTS
from made_up_contrasts import CHOSEN, PARITY
from recurbench.contrasts import FIRST, Registration, judged_methods
from recurbench.record import Record, RunFile
from recurbench.request import Plan
from recurbench.results import read_run
from recurbench.running.job import Job, blank
from recurbench.running.runner import RETRIES, Step
from scripts import script

JUDGE = script("benchmarks/judge.py")

TINY = "temporal-order[length=10,n_test=20,n_train=20,n_valid=20]"
OTHER = "temporal-order[length=10,n_test=20,n_train=24,n_valid=20]"
SKILLS = {"rnn": 1.0, "lstm": 1.0}
Tell = Callable[[Step], None]


class Fits:
    """Stands in for `recurbench.api.perform`: writes made-up skills by method, at most `most` of them.

    As in a run, cells with a status that the plan retries are fitted again. crashes: a method, and how often
    its fit of the first sample of TINY crashes.
    """

    def __init__(
        self,
        skills: Mapping[str, float],
        most: float = float("inf"),
        seconds: float = 2.0,
        crashes: tuple[str, int] = ("", 0),
    ) -> None:
        self.skills, self.most, self.seconds, self.crashes = skills, most, seconds, crashes
        self.ran: list[tuple[str, str, int | None]] = []

    def __call__(self, plan: Plan, tell: Tell) -> None:
        file = RunFile(plan.folder / "results.sqlite")
        try:
            keys = [job.key("final", 0) for job in plan.jobs]
            names = [(job.dataset.address, job.method.address) for job in plan.jobs]
            file.ask(plan.name, [(key, *name) for key, name in zip(keys, names, strict=True)])
            stored = file.statuses()
            again = RETRIES[plan.retry]
            due = [
                job
                for job, key in zip(plan.jobs, keys, strict=True)
                if key not in stored or stored[key] in again
            ]
            rows: list[Record] = []
            try:
                for job in due:
                    if len(self.ran) >= self.most:
                        raise KeyboardInterrupt
                    rows.append(self.fitted(job))
                    tell(Step(job, rows[-1:]))
            finally:
                file.write(rows)  # at once, because each write waits for the disk
                for key in {row.problem_key for row in rows}:
                    file.write_problem(key, {**FACTS, "constant": 0.0, "best": 1.0}, b"")
        finally:
            file.close()

    def fitted(self, job: Job) -> Record:
        self.ran.append((job.dataset.address, job.method.address, job.data_seed))
        skill = self.skills.get(job.method.plugin.name, 0.0)
        row = blank(job, "final", 0)
        row.cpu_seconds, row.started, row.metric = self.seconds, "2026-01-01", "accuracy"
        place = (job.dataset.address, job.method.plugin.name, job.data_seed)
        tried = sum(each == (TINY, job.method.address, FIRST) for each in self.ran)
        if place == (TINY, self.crashes[0], FIRST) and tried <= self.crashes[1]:
            row.status, row.reason = "crashed", "killed"
        elif np.isnan(skill):
            row.status, row.reason = "failed", "no memory"
        else:
            row.score, row.scores = skill, {"accuracy": skill}
        return row


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[int, Fits]]:
    """Judges two made-up contrasts, one solved and one graded, in a folder."""
    lists = (PARITY, replace(PARITY, outcome="graded", predicted="no difference"))
    plan = tuple(replace(each, problem=name) for each, name in zip(lists, (TINY, OTHER), strict=True))
    roles = tuple(
        replace(CHOSEN, problem=each.problem, outcome=each.outcome, predicted=each.predicted) for each in plan
    )
    monkeypatch.setattr(JUDGE, "registration", lambda: Registration((0.003,), 3, plan, ()))
    monkeypatch.setattr(JUDGE, "agreed", lambda: tuple(zip(plan, roles, strict=True)))
    monkeypatch.setattr(JUDGE, "commit_of", lambda folder: "abc")

    def run(skills: Mapping[str, float], *more: str, **how: Any) -> tuple[int, Fits]:
        fits = Fits(skills, **how)
        monkeypatch.setattr(JUDGE, "perform", fits)
        return JUDGE.main([str(tmp_path / "judged"), *more]), fits

    return run


def asked(folder: Path) -> dict[str, int]:
    """By problem how many replicates the run shows."""
    final = read_run(folder).final
    return {str(name): int(own["data_seed"].nunique()) for name, own in final.groupby("problem")}


def test_a_contrast_stops_at_the_first_look_where_its_predicted_word_passes(
    judge: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, fits = judge(SKILLS)
    assert code == 0
    # Solved by recurrence alone: 12. "No difference" is predicted of the other one and false: 30.
    assert asked(tmp_path / "judged") == {TINY: 12, OTHER: 30}
    assert {seed for problem, _, seed in fits.ran if problem == TINY} == set(range(FIRST, FIRST + 12))
    lines = capsys.readouterr().out.splitlines()
    assert [f": {n} replicates" in each for n, each in zip((12, 16, 30), lines[1:], strict=False)] == [
        True
    ] * 3
    assert "lstm 12 of 12, tcn 0 of 12, cnn 0 of 12, lstm-state-cut 0 of 12" in lines[1]
    assert '"recurrence helps" p 0.00098, at most 0.025: passed; ends: recurrence helps' in lines[1]
    assert "not passed; goes on" in lines[2]
    assert "not passed; ends: recurrence helps" in lines[3]


def test_nothing_runs_but_the_methods_with_a_role_and_the_reference(judge: Any) -> None:
    _, fits = judge(SKILLS)
    roles = set(judged_methods(PARITY, CHOSEN))
    assert {method for _, method, _ in fits.ran} == {*roles, "most-common"}


def test_contrasts_run_in_the_order_of_the_file(judge: Any) -> None:
    _, fits = judge(SKILLS)
    problems = [problem for problem, _, _ in fits.ran]
    assert problems == sorted(problems, key=(TINY, OTHER).index)


@pytest.mark.parametrize("most", [1, 30, 140, 260])
def test_the_same_command_goes_on_after_an_interruption(judge: Any, tmp_path: Path, most: int) -> None:
    code, first = judge(SKILLS, most=most)
    assert code == 130
    code, second = judge(SKILLS)
    assert code == 0
    assert not set(first.ran) & set(second.ran)
    assert asked(tmp_path / "judged") == {TINY: 12, OTHER: 30}
    assert len(first.ran) + len(second.ran) == 42 * 8  # seven methods with a role and the reference


def test_an_interrupted_run_still_shows_what_ended_before(judge: Any, tmp_path: Path) -> None:
    judge(SKILLS, most=140)
    assert asked(tmp_path / "judged")[TINY] == 12
    judge(SKILLS, most=1)
    assert asked(tmp_path / "judged")[TINY] == 12


def test_hours_bound_the_cpu_time_of_one_call(judge: Any, capsys: pytest.CaptureFixture[str]) -> None:
    code, fits = judge(SKILLS, "--hours", "0.01", seconds=9.0)
    assert (code, len(fits.ran)) == (3, 4)  # 36 seconds hold four fits of 9
    assert "the same command continues" in capsys.readouterr().out


def test_a_finished_run_runs_nothing_again(judge: Any) -> None:
    judge(SKILLS)
    code, fits = judge(SKILLS)
    assert (code, fits.ran) == (0, [])


def test_a_failed_fit_ends_a_contrast_without_a_word(
    judge: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge({**SKILLS, "cnn": float("nan")})
    assert asked(tmp_path / "judged") == {TINY: 12, OTHER: 16}
    assert "undecided, because fits failed" in capsys.readouterr().out


def test_a_fit_that_crashed_is_tried_once_more_by_the_next_call_and_then_judged(
    judge: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, first = judge(SKILLS, crashes=("cnn", 1))
    assert code == 0
    assert f"{TINY}: 12 replicates; undecided, because fits failed" in capsys.readouterr().out
    # The other contrast ran to two looks afterwards, and the crashed fit was not repeated.
    assert asked(tmp_path / "judged") == {TINY: 12, OTHER: 30}
    assert len(first.ran) == len(set(first.ran))
    code, second = judge(SKILLS)
    assert code == 0
    assert [(problem, seed) for problem, _, seed in second.ran] == [(TINY, FIRST)]
    assert f"{TINY}: 12 replicates; solved lstm 12 of 12" in capsys.readouterr().out


def test_a_contrast_that_becomes_judgeable_goes_on_to_its_later_looks(judge: Any, tmp_path: Path) -> None:
    judge({}, crashes=("cnn", 1))
    assert asked(tmp_path / "judged")[TINY] == 12
    judge({})
    assert asked(tmp_path / "judged")[TINY] == 30


def test_a_call_tries_a_crashed_fit_once_however_often_it_crashes(judge: Any) -> None:
    judge(SKILLS, most=230, crashes=("cnn", 9))  # in the middle of the second contrast
    _, fits = judge(SKILLS, crashes=("cnn", 9))
    assert [problem for problem, _, _ in fits.ran].count(TINY) == 1
    assert {problem for problem, _, _ in fits.ran} == {TINY, OTHER}


def test_judged_contrasts_are_one_family_of_all_that_are_registered(
    judge: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    more = tuple(replace(PARITY, problem=str(i)) for i in range(10))
    monkeypatch.setattr(JUDGE, "registration", lambda: Registration((0.003,), 3, more, ()))
    judge(SKILLS)
    assert "at most 0.005: passed" in capsys.readouterr().out


def test_the_frozen_word_decides_when_to_stop(
    judge: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ((contrast, chosen), other) = JUDGE.agreed()
    contrast = replace(contrast, predicted="recurrence hurts")
    monkeypatch.setattr(JUDGE, "agreed", lambda: ((contrast, chosen), other))
    judge(SKILLS)
    assert f"{TINY}: 12 replicates; solved lstm 12 of 12, tcn 0 of 12" in (out := capsys.readouterr().out)
    assert '"recurrence helps" p 0.00098, at most 0.025: passed; ends' in out


def test_the_directory_says_what_its_fits_were_judged_by(
    judge: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    judge(SKILLS, most=1)
    monkeypatch.setattr(JUDGE, "commit_of", lambda folder: "def")
    judge(SKILLS, most=1)
    written = json.loads((tmp_path / "judged" / "judged.json").read_text())
    own = JUDGE.basis(2)
    assert written == {
        "commits": ["abc", "def"], "frozen": own.frozen, "registration": own.registration, "contrasts": 2,
    }  # fmt: skip


def test_fits_of_another_registration_are_not_continued(
    judge: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judge(SKILLS, most=1)
    monkeypatch.setattr(JUDGE, "basis", lambda family: JUDGE.Basis("1", "2", family))
    code, fits = judge(SKILLS)
    assert (code, fits.ran) == (2, [])
    assert "fits of two registrations must not be mixed" in capsys.readouterr().err


def test_frozen_roles_that_do_not_agree_end_the_call(
    judge: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def differ() -> None:
        raise ValueError("they differ")

    monkeypatch.setattr(JUDGE, "agreed", differ)
    assert judge(SKILLS)[0] == 2
    assert capsys.readouterr().err == "they differ\n"


def test_two_rows_of_one_fit_count_once() -> None:
    row = blank_row()
    meter = JUDGE.Meter(100.0)
    meter(Step(None, [row, replace(row, stage="inner")]))  # type: ignore[arg-type]
    assert meter.used == 2.0
    meter(Step(None, [replace(row, started="later")]))  # type: ignore[arg-type]
    assert meter.used == 4.0


def blank_row() -> Any:
    plan = JUDGE.plan_of(TINY, ["rnn"], 0, 1, Path("unused"), 1)
    return replace(blank(plan.jobs[0], "final", 0), cpu_seconds=2.0, started="now")


def test_without_frozen_roles_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(JUDGE, "agreed", tuple)
    assert JUDGE.main([str(tmp_path)]) == 2
    assert "nothing is frozen" in capsys.readouterr().err


def test_a_checkout_that_moves_to_another_commit_ends_the_call(
    judge: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commits = iter(["one", "one", "two"])
    monkeypatch.setattr(JUDGE, "commit_of", lambda folder: next(commits))
    code, fits = judge(SKILLS)
    assert (code, {problem for problem, _, _ in fits.ran}) == (2, {TINY})
    assert "the checkout went from commit one to two" in capsys.readouterr().err


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def test_results_come_from_a_commit(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no checkout of git"):
        JUDGE.commit_of(tmp_path)
    git(tmp_path, "init")
    (tmp_path / "method.py").write_text("a = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    assert len(JUDGE.commit_of(tmp_path)) == 40
    (tmp_path / "method.py").write_text("a = 2\n")
    with pytest.raises(ValueError, match=r"differs from its commit in method\.py"):
        JUDGE.commit_of(tmp_path)
    git(tmp_path, "checkout", "method.py")
    (tmp_path / "new.py").write_text("")
    with pytest.raises(ValueError, match=r"differs from its commit in new\.py"):
        JUDGE.commit_of(tmp_path)


@pytest.mark.long
def test_real_fits_are_run_and_judged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contrast = replace(PARITY, problem=TINY, steps=2, patience=2, parameters=300)
    rates = {"recurrent": {"rnn": 0.003}, "full": {"mlp": 0.003}, "window": {}, "twin": {}}
    roles = replace(
        CHOSEN, problem=TINY, rates=rates, twice=(), twin=None, best_window=None,
        best_recurrent="rnn", best_memory="rnn", best_full="mlp",
    )  # fmt: skip
    monkeypatch.setattr(JUDGE, "registration", lambda: Registration((0.003,), 3, (contrast,), ()))
    monkeypatch.setattr(JUDGE, "agreed", lambda: ((contrast, roles),))
    monkeypatch.setattr(JUDGE, "commit_of", lambda folder: "abc")
    assert JUDGE.main([str(tmp_path / "judged"), "--jobs", "0"]) == 0
    assert asked(tmp_path / "judged") == {TINY: 30}
    assert f"{TINY}: 30 replicates; solved rnn 0 of 30, mlp 0 of 30" in capsys.readouterr().out
