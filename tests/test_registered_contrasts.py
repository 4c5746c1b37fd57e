"""The registered contrasts of a run: which cells count, who is who, what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_up_contrasts import CHOSEN, NAMES, PARITY, ROLES, SOLVED_BY_RECURRENCE, TWICE, filled
from recurbench.contrasts import FIRST, Registration, SecondaryContrast
from recurbench.registration import FrozenPair
from recurbench.reports.statistics import registered_contrasts
from recurbench.reports.statistics.outcomes import ReasonCode
from recurbench.reports.statistics.registered_contrasts import (
    NOT_RUN,
    observe,
    registered,
    secondary_contrasts,
)
from recurbench.reports.statistics.registered_rule import Word
from recurbench.results import read_run


def test_every_method_has_a_column_and_its_role() -> None:
    assert ROLES.methods[NAMES.index("lstm")] == PARITY.address("lstm", 0.01)
    at = ROLES.at
    assert [NAMES[i] for i in at.recurrent] == ["rnn", "lstm"]
    assert [NAMES[i] for i in at.full] == ["tcn", TWICE, "transformer"]
    best = (at.best_recurrent, at.best_full, at.best_window, at.best_memory, at.twin)
    assert [NAMES[i] for i in best if i is not None] == ["lstm", "tcn", "cnn", "lstm", "lstm-state-cut"]


def test_without_windows_and_twins_there_are_none() -> None:
    rates = {**CHOSEN.rates, "window": {}, "twin": {}}
    roles = registered_contrasts.Roles.of(PARITY, replace(CHOSEN, rates=rates, best_window=None, twin=None))
    assert (roles.at.window, roles.at.best_window, roles.at.twin) == ((), None, None)


def test_recurrence_helps_where_it_alone_solves_every_judged_replicate(tmp_path: Path) -> None:
    run = read_run(filled(tmp_path, SOLVED_BY_RECURRENCE, 12).write())
    found = observe(run, PARITY, CHOSEN, 14)
    assert found.ruling is not None
    assert (found.word, found.ruling.n, found.refused) == (Word.HELPS, 12, None)
    assert found.seconds[ROLES.methods[found.column("lstm")]] == 2.0


def test_pilot_samples_do_not_count(tmp_path: Path) -> None:
    run = read_run(filled(tmp_path, SOLVED_BY_RECURRENCE, 12, first=FIRST - 12).write())
    found = observe(run, PARITY, CHOSEN, 14)
    assert (found.ruling, found.refused) == (None, NOT_RUN)


def test_samples_after_the_last_look_do_not_count(tmp_path: Path) -> None:
    skills = {"lstm": [1.0] * 30 + [0.0] * 4, "rnn": 1.0}
    found = observe(read_run(filled(tmp_path, skills, 34).write()), PARITY, CHOSEN, 14)
    assert len(found.skills) == 30


def test_a_replicate_counts_once_every_method_with_a_role_has_run(tmp_path: Path) -> None:
    made = filled(tmp_path, SOLVED_BY_RECURRENCE, 12)
    last = [r for r in made.records if not (r.method == "cnn" and r.seed == FIRST + 11)]
    made.records = last
    found = observe(read_run(made.write()), PARITY, CHOSEN, 14)
    assert len(found.skills) == 11
    assert found.word == Word.UNDECIDED


def test_a_run_of_some_methods_has_no_complete_replicate(tmp_path: Path) -> None:
    made = filled(tmp_path, SOLVED_BY_RECURRENCE, 12)
    made.records = [r for r in made.records if r.method != "cnn"]
    found = observe(read_run(made.write()), PARITY, CHOSEN, 14)
    assert found.refused is not None
    assert (found.ruling, found.refused.code) == (None, ReasonCode.NO_COMPLETE_REPLICATE)


def test_a_failed_fit_of_a_judged_method_leaves_the_contrast_undecided(tmp_path: Path) -> None:
    made = filled(tmp_path, SOLVED_BY_RECURRENCE, 12)
    address = ROLES.methods[NAMES.index("transformer")]
    made.records = [
        replace(record, status="failed", reason="out of memory", score=None, scores={}, units=b"")
        if (record.address, record.seed) == (address, FIRST + 3)
        else record
        for record in made.records
    ]
    found = observe(read_run(made.write()), PARITY, CHOSEN, 14)
    assert found.ruling is not None
    assert found.word == Word.UNDECIDED
    assert [found.roles.methods[i] for i in found.ruling.failed] == [address]
    assert list(found.failed) == [address]


def test_a_run_without_the_problem_has_not_run_it(tmp_path: Path) -> None:
    made = filled(tmp_path, {}, 12, contrast=replace(PARITY, problem="adding"))
    found = observe(read_run(made.write()), PARITY, CHOSEN, 14)
    assert (found.refused, found.hours) == (NOT_RUN, 0.0)


def test_without_frozen_roles_nothing_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registered_contrasts, "agreed", tuple)
    assert registered(read_run(filled(tmp_path, {}, 1).write())) == ()


def test_a_contrast_is_one_of_all_that_are_registered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registered_contrasts, "agreed", lambda: ((PARITY, CHOSEN),))
    more = tuple(replace(PARITY, problem=str(i)) for i in range(10))
    monkeypatch.setattr(registered_contrasts, "registration", lambda: Registration((), 3, more, ()))
    (found,) = registered(read_run(filled(tmp_path, {}, 12).write()))
    assert found.ruling is not None
    assert found.ruling.bar == pytest.approx(0.005)


def test_files_that_do_not_agree_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def differ() -> None:
        raise ValueError("they differ")

    monkeypatch.setattr(registered_contrasts, "agreed", differ)
    with pytest.raises(ValueError, match="they differ"):
        registered(read_run(filled(tmp_path, {}, 1).write()))


def pair_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One secondary contrast that is frozen for parity, in a family of two."""
    pair = FrozenPair("nonlinear against linear", "parity", "lstm", "rnn")
    monkeypatch.setattr(registered_contrasts, "frozen_pairs", lambda: (pair,))
    registered = SecondaryContrast(pair.name, ("parity", "adding"), ("lstm",), ("rnn",))
    plan = Registration((0.003,), 3, (PARITY,), (registered,))
    monkeypatch.setattr(registered_contrasts, "registration", lambda: plan)


def test_a_failed_fit_of_one_method_leaves_a_secondary_contrast_undecided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair_up(monkeypatch)
    made = filled(tmp_path, {"lstm": 1.0}, 12)
    address = ROLES.methods[NAMES.index("rnn")]
    made.records = [
        replace(record, status="failed", reason="out of memory", score=None, scores={}, units=b"")
        if (record.address, record.seed) == (address, FIRST + 3)
        else record
        for record in made.records
    ]
    (found,) = secondary_contrasts([observe(read_run(made.write()), PARITY, CHOSEN, 14)])
    # The other eleven replicates would have been enough.
    assert (found.n, found.failed, found.solved) == (12, (0, 1), (12, 0))
    assert found.skills == (1.0, 0.0)
    assert (found.lift, found.test.winner, found.test.a_ahead) == (None, None, 1.0)


def test_a_secondary_contrast_is_judged_on_the_replicates_of_its_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair_up(monkeypatch)
    run = read_run(filled(tmp_path, {"lstm": 1.0}, 14).write())
    # Recurrence helps after twelve, so the two others do not count.
    (found,) = secondary_contrasts([observe(run, PARITY, CHOSEN, 14)])
    assert (found.n, found.solved, found.test.winner, found.failed) == (12, (12, 0), "a", (0, 0))
    assert found.test.bar == pytest.approx(0.025)
    assert found.lift is not None
    assert found.lift.mean == pytest.approx(1.0)
    assert secondary_contrasts([]) == ()
