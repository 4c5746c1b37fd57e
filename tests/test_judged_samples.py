"""Judged samples of the registered problems are refused, before a fit, to all but the judging."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up_contrasts import CHOSEN, PARITY
from recurbench import judged_samples
from recurbench.api import Request, prepare
from recurbench.cli.main import main
from recurbench.contrasts import registration
from recurbench.judged_samples import JUDGED, SUITE, refuse_judged
from recurbench.reports.statistics.registered_rule import LAST

PROBLEM = registration().contrasts[0].problem


def asked(**fields: object) -> Request:
    return Request(**{"datasets": (PROBLEM,), "methods": ("most-common",), "seeds": 1, **fields})  # type: ignore[arg-type]


def test_as_many_samples_are_judged_as_the_rule_has_replicates() -> None:
    assert len(JUDGED) == LAST


@pytest.mark.parametrize("first", [JUDGED[0], JUDGED[-1], JUDGED[0] - 1])
def test_a_judged_sample_of_a_registered_problem_is_refused(first: int) -> None:
    with pytest.raises(ValueError, match="samples 200 to 229, which decide a registered contrast") as caught:
        prepare(asked(first_seed=first, seeds=2))
    assert f"{PROBLEM}: sample {max(first, JUDGED[0])} is" in str(caught.value)
    assert "choose others with --first-seed" in str(caught.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"first_seed": JUDGED[0] - 1},
        {"first_seed": JUDGED[-1] + 1},
        {"first_seed": JUDGED[0], "datasets": ("temporal-order[length=10]",)},
        {"first_seed": JUDGED[0], "datasets": ("gunpoint",)},
    ],
)
def test_other_samples_and_other_problems_are_planned(fields: dict[str, object]) -> None:
    assert prepare(asked(**fields)).jobs


def test_crossed_samples_are_refused_too() -> None:
    with pytest.raises(ValueError, match="sample 200 is one of"):
        prepare(asked(first_seed=150, methods=("rnn",), data_seeds=60))


def test_the_suite_of_pilots_may_not_start_at_a_judged_sample(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", "pilots", "--first-seed", "200", "--datasets", PROBLEM, "--out", str(tmp_path / "run")]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "which decide a registered contrast" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_judging_may_plan_them() -> None:
    jobs = prepare(asked(first_seed=JUDGED[0]), judging=True).jobs
    assert [job.data_seed for job in jobs] == [JUDGED[0]]


def test_the_suite_of_the_registered_contrasts_may_plan_them_with_its_own_methods_once_they_are_frozen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jobs = prepare(asked(first_seed=JUDGED[0]), judging=True).jobs
    monkeypatch.setattr(judged_samples, "agreed", lambda: ((PARITY, CHOSEN),))
    refuse_judged(Request(SUITE), jobs)
    with pytest.raises(ValueError, match="sample 200"):
        refuse_judged(Request(SUITE, methods=("rnn",)), jobs)
    monkeypatch.setattr(judged_samples, "agreed", tuple)
    with pytest.raises(ValueError, match="sample 200"):
        refuse_judged(Request(SUITE), jobs)
