"""Freezing what pilots chose: which fits count, what is missing, what is written. The runs are made up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_up import MadeUp
from made_up_contrasts import PARITY, TWICE
from recurbench.contrasts import (
    FIRST,
    Candidates,
    Registered,
    Registration,
    SecondaryContrast,
    judged_methods,
)
from recurbench.registration import FrozenPair, read_frozen, read_pairs, registration_of
from recurbench.results import read_run
from scripts import script

FREEZE = script("benchmarks/freeze.py")
PAIRS = (SecondaryContrast("nonlinear against linear", ("parity",), ("lstm",), ("rnn", "mingru")),)
PLAN = Registration((0.001, 0.003), 2, (PARITY,), PAIRS)
TWIN = "lstm-state-cut"
# By method its skills at the two rates, two samples each; (0, 0) where left out.
SKILLS: Mapping[str, Sequence[Sequence[float]]] = {
    "rnn": ((0.5, 0.3), (0.2, 0.1)),
    "lstm": ((0.4, 0.6), (1.0, 0.95)),
    "tcn": ((0.1, 0.2), (0.0, 0.0)),
}


def pilots(
    folder: Path,
    methods: Sequence[str] = PARITY.candidates.methods,
    contrast: Registered = PARITY,
    skills: Mapping[str, Sequence[Sequence[float]]] = SKILLS,
) -> MadeUp:
    """A run of the pilots of some methods, not written yet; a score is a skill and its validation score."""
    made = MadeUp(folder, constant=0.0, best=1.0, selectors=["accuracy"])
    for name in methods:
        for rate, own in zip(PLAN.rates, skills.get(name, ((0, 0), (0, 0))), strict=True):
            for sample, skill in enumerate(own):
                made.cell(
                    contrast.address(name, rate),
                    [skill],
                    validation={"accuracy": skill},
                    problem=contrast.problem,
                    seed=sample,
                    data_seed=sample,
                    cpu_seconds=3.0,
                    versions={"numpy": "2.1"},
                    code=f"code-of-{name}",
                )
    return made


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the file is written; it has no roles yet."""
    path = tmp_path / "frozen.toml"
    path.write_text("frozen = []\n")
    (tmp_path / "registration.toml").write_text("# stands for the contrasts of PLAN\n")
    monkeypatch.setattr(FREEZE, "beside", lambda name: tmp_path / name)
    monkeypatch.setattr(FREEZE, "registration", lambda: PLAN)
    return path


def both(folder: Path) -> list[str]:
    """The folders of both stages, written."""
    return [
        str(pilots(folder / "pilots").write()),
        str(pilots(folder / "twins", [TWIN], skills={TWIN: ((0, 0), (0.1, 0.1))}).write()),
    ]


def test_without_twins_the_tables_are_printed_and_the_next_command_is_named(
    frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = pilots(tmp_path / "pilots").write()
    assert FREEZE.main([str(folder)]) == 0
    out = capsys.readouterr().out
    assert "| lstm | 0.500, 0 of 2, 3.0 s | **0.975, 2 of 2, 3.0 s** | recurrent, memory |" in out
    assert "| rnn | **0.400, 0 of 2, 3.0 s** | 0.150, 0 of 2, 3.0 s |  |" in out
    assert "Not complete: its twin lacks pilots: lstm-state-cut" in out
    assert f"python benchmarks/freeze.py {folder} --run-twins runs/pilots-twins" in out
    assert "CPU time of the pilots: 0.02 hours. Contrasts with all pilots: 0 of 1." in out


def test_both_stages_write_a_file_that_can_be_read(
    frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert FREEZE.main([*both(tmp_path), "--write"]) == 0
    (found,) = read_frozen(frozen)
    assert found.rates["recurrent"] == {"rnn": 0.001, "lstm": 0.003}
    assert (found.best_recurrent, found.best_full, found.best_window) == ("lstm", "tcn", "cnn")
    assert (found.twin, found.rates["twin"]) == (TWIN, {TWIN: 0.003})
    assert (found.outcome, found.predicted, found.best_memory) == ("solved", "recurrence helps", "lstm")
    assert read_pairs(frozen) == (FrozenPair("nonlinear against linear", "parity", "lstm", "rnn"),)
    out = capsys.readouterr().out
    assert f"{frozen}: 1 contrasts, 1 secondary contrasts" in out
    assert f"| {TWIN} | 0.000, 0 of 2, 3.0 s | **0.100, 0 of 2, 3.0 s** | twin |" in out
    assert "Twins without pilots" not in out


def test_rivals_at_twice_the_budget_keep_the_rate_of_the_plain_ones(frozen: Path, tmp_path: Path) -> None:
    FREEZE.main([*both(tmp_path), "--write"])
    (found,) = read_frozen(frozen)
    assert found.twice == (TWICE,)
    assert found.rates["full"] == {"tcn": 0.001, "transformer": 0.001, TWICE: 0.001}


def test_there_are_no_such_rivals_where_another_word_is_predicted(tmp_path: Path) -> None:
    contrast = replace(PARITY, predicted="no difference")
    run, cut = (read_run(folder) for folder in both(tmp_path))
    found = FREEZE.chosen_of(contrast, PLAN, run, cut)
    assert found.frozen.twice == ()
    assert set(found.frozen.rates["full"]) == {"tcn", "transformer"}


def test_the_head_of_the_file_says_how_it_was_made(frozen: Path, tmp_path: Path) -> None:
    folders = both(tmp_path)
    FREEZE.main([*folders, "--write"])
    head = " ".join(line[2:] for line in frozen.read_text().splitlines() if line.startswith("# "))
    assert f"python benchmarks/freeze.py {folders[0]} {folders[1]} --write" in head
    assert "Packages of the pilot fits: numpy 2.1." in head
    assert "lstm code-of-lstm, lstm-state-cut code-of-lstm-state-cut" in head


def test_the_file_names_the_registration_that_it_belongs_to(frozen: Path, tmp_path: Path) -> None:
    FREEZE.main([*both(tmp_path), "--write"])
    expected = hashlib.sha256((tmp_path / "registration.toml").read_bytes()).hexdigest()
    assert registration_of(frozen) == expected


def test_nothing_is_written_while_a_contrast_lacks_pilots(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = replace(PARITY, problem="adding")
    monkeypatch.setattr(FREEZE, "registration", lambda: replace(PLAN, contrasts=(other, PARITY)))
    assert FREEZE.main([*both(tmp_path), "--write"]) == 2
    assert read_frozen(frozen) == ()
    out, error = capsys.readouterr()
    assert "## adding\n\nNot complete: 10 recipes lack pilot fits: rnn[learning_rate=0.001" in out
    assert "Contrasts with all pilots: 1 of 2." in out
    assert "1 of 2 contrasts lack pilots: adding; nothing was written" in error
    assert "remove these contrasts from registration.toml" in error


def test_one_missing_sample_leaves_a_contrast_incomplete(tmp_path: Path) -> None:
    made = pilots(tmp_path)
    address = PARITY.address("cnn", 0.003)
    made.records = [r for r in made.records if (r.address, r.seed) != (address, 1)]
    found = FREEZE.chosen_of(PARITY, PLAN, read_run(made.write()), None)
    assert (found.frozen, found.missing) == (None, (address,))


def test_samples_beyond_the_pilots_do_not_count(tmp_path: Path) -> None:
    made = pilots(tmp_path)
    made.cell(PARITY.address("rnn", 0.003), [1.0], problem="parity", seed=FIRST, data_seed=FIRST)
    found = FREEZE.chosen_of(PARITY, PLAN, read_run(made.write()), None)
    assert found.frozen.best_recurrent == "lstm"
    assert set(found.fits.table["replicate"]) == {0, 1}


def failed(made: MadeUp, score: float | None) -> MadeUp:
    """One fit of tcn has failed, with the score of a fallback answer or without a score."""
    address = PARITY.address("tcn", 0.001)
    made.records = [
        replace(record, status="failed", reason="diverged", score=score)
        if (record.address, record.seed, record.stage) == (address, 1, "final")
        else record
        for record in made.records
    ]
    return made


def test_a_failed_fit_counts_with_the_score_of_its_fallback(tmp_path: Path) -> None:
    run = read_run(failed(pilots(tmp_path), 0.7).write())
    table = FREEZE.chosen_of(PARITY, PLAN, run, None).fits.table
    row = table[(table["method"] == "tcn") & (table["rate"] == 0.001) & (table["replicate"] == 1)]
    assert list(row["test"]) == [0.7]


def test_a_failed_fit_without_a_score_is_refused_by_name(
    frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = failed(pilots(tmp_path / "pilots"), None).write()
    assert FREEZE.main([str(folder)]) == 2
    error = capsys.readouterr().err
    assert f"parity: {PARITY.address('tcn', 0.001)} has no score on sample 1 (failed: diverged)" in error


def test_validation_decides_between_equal_skills_and_errors_count_reversed(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, constant=0.0, best=1.0, selectors=["log_loss"])
    for name in PARITY.candidates.methods:
        for rate in PLAN.rates:
            for sample in range(2):
                loss = 0.2 if (name, rate) == ("lstm", 0.003) else 0.4
                where: dict[str, Any] = {"problem": "parity", "seed": sample, "data_seed": sample}
                made.cell(PARITY.address(name, rate), [0.5], validation={"log_loss": loss}, **where)
    found = FREEZE.chosen_of(PARITY, PLAN, read_run(made.write()), None).frozen
    assert (found.best_recurrent, found.rates["recurrent"]["lstm"]) == ("lstm", 0.003)


def test_nothing_is_written_while_twins_are_missing(
    frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert FREEZE.main([str(pilots(tmp_path / "pilots").write()), "--write"]) == 2
    assert "1 of 1 contrasts lack pilots: parity; nothing was written" in capsys.readouterr().err
    assert read_frozen(frozen) == ()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('lstm" = 0.003', 'lstm" = 0.001', "other roles"),
        ('other = "rnn"', 'other = "tcn"', "other secondary contrasts"),
    ],
)
def test_other_content_is_not_written_over(
    frozen: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    before: str,
    after: str,
    words: str,
) -> None:
    folders = both(tmp_path)
    assert FREEZE.main([*folders, "--write"]) == 0
    written = frozen.read_text()
    changed = written.replace(before, after)
    assert changed != written
    frozen.write_text(changed)
    capsys.readouterr()
    assert FREEZE.main([*folders, "--write"]) == 2
    assert f"{frozen} holds {words}; if nothing was judged by this file" in capsys.readouterr().err
    assert frozen.read_text() == changed


def test_the_same_roles_are_not_written_again(
    frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = both(tmp_path)
    FREEZE.main([*folders, "--write"])
    text = f"# of an earlier day\n{frozen.read_text()}"
    frozen.write_text(text)
    assert FREEZE.main([*folders, "--write"]) == 0
    assert frozen.read_text() == text
    assert "holds these roles already; nothing was written" in capsys.readouterr().out


def test_a_changed_registration_needs_a_new_file(
    frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = both(tmp_path)
    FREEZE.main([*folders, "--write"])
    (tmp_path / "registration.toml").write_text("# more steps\n")
    assert FREEZE.main([*folders, "--write"]) == 2
    assert "holds another registration" in capsys.readouterr().err


def test_a_run_of_the_twins_asks_for_the_twin_of_the_best_on_pilot_samples(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = "temporal-order[length=10,n_test=20,n_train=20,n_valid=20]"
    contrast = replace(PARITY, problem=tiny)
    folder = pilots(tmp_path / "pilots", contrast=contrast).write()
    monkeypatch.setattr(FREEZE, "registration", lambda: replace(PLAN, contrasts=(contrast,), secondary=()))
    plans = []

    def perform(plan: Any) -> None:
        plans.append(plan)
        pilots(plan.folder, [TWIN], contrast).write()

    monkeypatch.setattr(FREEZE, "perform", perform)
    twins = tmp_path / "twins"
    assert FREEZE.main([str(folder), "--run-twins", str(twins), "--write"]) == 0
    wanted = {(contrast.address(TWIN, rate), sample) for rate in PLAN.rates for sample in range(2)}
    asked = {(job.method.address, job.data_seed) for job in plans[0].jobs}
    assert asked == {*wanted, *(("most-common", sample) for sample in range(2))}
    assert [each.twin for each in read_frozen(frozen)] == [TWIN]


@pytest.mark.long
def test_pilots_and_twins_of_real_fits_are_frozen(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = "temporal-order[length=10,n_test=20,n_train=20,n_valid=20]"
    lists = Candidates(("rnn",), ("mlp",), (), ("mlp",))
    contrast = replace(PARITY, problem=tiny, steps=2, patience=2, parameters=300, candidates=lists)
    monkeypatch.setattr(FREEZE, "registration", lambda: replace(PLAN, contrasts=(contrast,), secondary=()))
    methods = [contrast.address(name, rate) for name in lists.methods for rate in PLAN.rates]
    FREEZE.perform(FREEZE.plan_of(tiny, methods, 0, 2, tmp_path / "pilots", 0))
    folders = [str(tmp_path / "pilots"), str(tmp_path / "twins")]
    assert FREEZE.main([folders[0], "--run-twins", folders[1], "--jobs", "0"]) == 0
    assert FREEZE.main([*folders, "--write"]) == 0
    (found,) = read_frozen(frozen)
    assert (found.best_recurrent, found.best_full, found.best_window) == ("rnn", "mlp", None)
    assert (found.twin, found.twice) == ("rnn-state-cut", (contrast.twice("mlp"),))
    assert judged_methods(contrast, found)[1:3] == tuple(
        contrast.address(name, found.rates["full"]["mlp"]) for name in ("mlp", contrast.twice("mlp"))
    )
