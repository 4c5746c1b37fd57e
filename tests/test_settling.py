"""What would settle what is open: a command, by the reason of the verdict."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up import MadeUp
from own_data import classes, forecasts
from recurbench.reports.statistics.decision import decisions
from recurbench.reports.statistics.outcomes import LiftVerdict
from recurbench.reports.text.answer import answer
from recurbench.reports.text.settling import Remedy, remedy
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import Run, read_run

CLEAR = {"seasonal-naive": 1.0, "theta": 0.5, "mlp": 0.8, "gru": 0.9}


def found(run: Run) -> Remedy | None:
    return remedy(run, decisions(run)[0])


def option(command: str, name: str) -> str:
    words = shlex.split(command)
    return words[words.index(name) + 1]


def own_file(run: Run) -> Run:
    return replace(run, suite="csv-sales")


def test_what_is_decided_needs_nothing(tmp_path: Path) -> None:
    assert found(forecasts(tmp_path, CLEAR)) is None


def test_too_few_windows_ask_for_more_origins(tmp_path: Path) -> None:
    got = found(own_file(forecasts(tmp_path, CLEAR, origins=6)))
    assert got is not None
    assert got.key == "more_origins"
    assert got.command.startswith("recurbench run --data sales.csv")
    assert int(option(got.command, "--origins")) >= 10


def test_a_file_that_is_too_short_for_them_is_told_so(tmp_path: Path) -> None:
    got = found(own_file(forecasts(tmp_path, CLEAR, origins=6, rows=60)))
    assert got is not None
    # A shorter horizon needs fewer rows than the file has.
    assert got.key == "shorter_horizon"
    assert got.values["rows"] > 60
    assert int(option(got.command, "--horizon")) < 6
    assert "--origins" not in got.command


def test_without_data_the_origins_are_a_setting_of_the_data_set(tmp_path: Path) -> None:
    run = replace(forecasts(tmp_path, CLEAR, origins=6), suite="custom")
    got = found(run)
    assert got is not None
    assert "--origins" not in got.command
    assert "origins=" in option(got.command, "--datasets")


def test_an_interval_that_is_too_wide_asks_for_a_longer_test_part(tmp_path: Path) -> None:
    close = {"seasonal-naive": 1.0, "theta": 0.5, "gru": 0.52}
    run = own_file(forecasts(tmp_path, close, origins=60, spread=0.6))
    assert decisions(run)[0].lift.verdict is LiftVerdict.TEST_SET_TOO_SMALL
    got = found(run)
    assert got is not None
    assert got.key in ("more_origins", "more_rows")
    assert int(option(got.command, "--origins")) >= 120


def test_few_series_ask_for_more_of_them(tmp_path: Path) -> None:
    got = found(own_file(forecasts(tmp_path, CLEAR, series=[f"s{i}" for i in range(4)])))
    assert got is not None
    assert (got.key, got.values["n"]) == ("more_series", 4)
    assert got.values["needed"] >= 10


def test_one_seed_asks_for_more_seeds(tmp_path: Path) -> None:
    got = found(own_file(forecasts(tmp_path, CLEAR, seeds=1)))
    assert got is not None
    assert got.key == "more_seeds"
    assert int(option(got.command, "--seeds")) > 1


def test_a_command_that_is_too_long_to_read_is_told_by_its_option(tmp_path: Path) -> None:
    many = {f"mlp[hidden={width}]": 0.8 for width in range(8, 40)}
    got = found(own_file(forecasts(tmp_path, {**CLEAR, **many}, seeds=1)))
    assert got is not None
    assert (got.key, got.values["option"]) == ("more_seeds_again", "--seeds 5")
    assert len(got.command) > 300
    assert Messages()(f"decision.{got.key}", command=got.command, **got.values) == (
        "More seeds can decide this. Type the same command again with `--seeds 5`."
    )


def test_a_run_without_a_recurrent_network_gets_one(tmp_path: Path) -> None:
    got = found(own_file(forecasts(tmp_path, {"seasonal-naive": 1.0, "theta": 0.5})))
    assert got is not None
    assert option(got.command, "--methods") == "seasonal-naive,theta,gru"


def test_networks_that_did_not_train_get_twice_the_steps(tmp_path: Path) -> None:
    got = found(own_file(forecasts(tmp_path, CLEAR, learned=False)))
    assert got is not None
    assert got.key == "longer"
    assert option(got.command, "--methods") == "seasonal-naive,theta,mlp,gru[max_steps=800]"


def test_networks_that_gave_the_simple_forecast_get_more_settings(tmp_path: Path) -> None:
    got = found(own_file(forecasts(tmp_path, CLEAR, notes={"reference_used": True})))
    assert got is not None
    assert int(option(got.command, "--trials")) > 1


def test_an_unfinished_run_is_completed_first(tmp_path: Path) -> None:
    got = found(own_file(forecasts(tmp_path, CLEAR, missing=2)))
    assert got is not None
    assert got.key == "again"


def test_few_cases_ask_for_more_of_them(tmp_path: Path) -> None:
    got = found(classes(tmp_path, {"most-common": 2, "dtw-1nn": 4, "gru": 5}, cases=8))
    assert got is not None
    assert (got.key, got.values["n"]) == ("more_cases", 8)


def of_cases(folder: Path, lift: float, by_seed: float, by_case: float = 0.2, cases: int = 40) -> Run:
    """The lift of a gru over another network on own classes; by_case alternates, so its mean is 0."""
    made = MadeUp(folder, constant=0.0, best=1.0, series=[str(i) for i in range(cases)], n_test=cases)
    for seed in range(3):
        for address, score in {"gru": 0.5 + lift + by_seed * (seed - 1), "mlp": 0.5, "dtw-1nn": 0.2}.items():
            apart = by_case * (-1.0) ** np.arange(cases) if address == "gru" else 0.0
            values = list(score + 0.01 * np.linspace(-1, 1, cases) + apart)
            made.cell(
                address,
                values,
                problem="own-classes",
                dataset="own-classes",
                seed=seed,
                validation={"accuracy": score, "log_loss": 1 - score},
                scores={"accuracy": float(np.mean(values))},
            )
    return read_run(made.write())


@pytest.mark.parametrize(("by_seed", "times"), [(0.001, 2), (0.02, 3)])
def test_more_cases_leave_the_variance_over_seeds(tmp_path: Path, by_seed: float, times: int) -> None:
    run = of_cases(tmp_path, 0.0, by_seed)
    lift = decisions(run)[0].lift
    assert lift.low is not None
    assert lift.high is not None
    # All of the variance divided by the times as many cases would leave half an interval within the margin.
    assert ((lift.high - lift.low) / 2 / 0.05) ** 2 < 2
    got = found(run)
    assert got is not None
    assert (got.key, got.values["n"], got.values["needed"]) == ("more_cases", 40, 40 * times)
    assert "--seeds 3" in got.command


def test_where_cases_alone_are_not_enough_more_seeds_are_asked_for_too(tmp_path: Path) -> None:
    got = found(of_cases(tmp_path, 0.0, 0.03))
    assert got is not None
    assert (got.key, got.values["needed"], option(got.command, "--seeds")) == ("more_cases", 80, "7")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_difference_at_the_margin_is_said_to_stay_open(tmp_path: Path, language: str) -> None:
    run = of_cases(tmp_path, 0.05, 0.0)
    got = found(run)
    assert got is not None
    assert got.key == "at_the_margin"
    said = Messages(language)("decision.at_the_margin", command=got.command, **got.values)
    assert said in " ".join(answer(run, Messages(language)).sentences)


@pytest.mark.parametrize("suite", ["csv-sales", "custom"])
def test_every_command_is_one_line_that_a_shell_reads(tmp_path: Path, suite: str) -> None:
    got = found(replace(forecasts(tmp_path, CLEAR, origins=6), suite=suite))
    assert got is not None
    assert "\n" not in got.command
    assert shlex.split(got.command)[:2] == ["recurbench", "run"]


def test_methods_that_are_worse_than_the_naive_forecast_get_more_settings(tmp_path: Path) -> None:
    errors = {"seasonal-naive": 0.5, "theta": 1.0, "gru": 1.2}
    got = found(own_file(forecasts(tmp_path, errors, validation={**errors, "seasonal-naive": 3.0})))
    assert got is not None
    assert got.key == "more_trials"
