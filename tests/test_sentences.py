"""Every sentence of the answer, over made-up runs of every state and in both languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up import MadeUp, right
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.formats import FORMS
from recurbench.reports.statistics.comparison_table import comparison, every_method, troubles
from recurbench.reports.statistics.constants import LEAST_UNITS, MARGIN
from recurbench.reports.statistics.outcomes import LiftVerdict, ReasonCode, has, reason
from recurbench.reports.statistics.problem_lifts import lifts_of
from recurbench.reports.statistics.validation_part import lacking
from recurbench.reports.text.answer import answer
from recurbench.reports.text.render import tie_notes
from recurbench.reports.text.sentences import OF_LIFTS, OPEN
from recurbench.reports.text.translation import LANGUAGES, Messages
from recurbench.results import Run, read_run

TOO_SHORT = {
    "own": False,
    "unit": "series",
    "held": 0,
    "of": 1,
    "origins": [0, 0],
    "steps": [0, 0],
    "horizon": 12,
    "rows": 72,
    "enough": 42,
    "needs": {"rows": 78, "horizon": 12, "origins": 3},
}
FULL = {**TOO_SHORT, "held": 1, "origins": [3, 3], "steps": [12, 12], "rows": 144}
del FULL["needs"]
SHORTER = {**FULL, "origins": [1, 1], "steps": [11, 11], "rows": 83}
SERIES = {
    "kind": "forecasting",
    "metric": "mase",
    "higher_is_better": False,
    "selectors": ["mase", "mae"],
    "reference": "most-common",
    "steps": 12,
    "n_test": 3,
    "series": ["a"] * 3,
}


def forecasts(folder: Path, held: dict[str, Any] = FULL, **facts: Any) -> MadeUp:
    """One series at three origins, whose reference errs by 1."""
    return MadeUp(folder, **{**SERIES, "source": "a file", "validation": held, **facts})


def cells(
    made: MadeUp, scores: dict[str, float], seeds: int = 3, *, valid: bool = True, **own: Any
) -> MadeUp:
    """A method per name with its score, on three alike test windows or forty cases; validation likewise."""
    forecast = made.facts["kind"] == "forecasting"
    for method, value in {"most-common": 1.0 if forecast else 0.25, **scores}.items():
        for seed in range(seeds) if method in ("gru", "mlp", "lstm") else (None,):
            units = np.full(3, value) if forecast else right(round(40 * value))
            given = {"mase" if forecast else "accuracy": value}
            made.cell(method, units, seed=seed, validation=given if valid else None, **own)
    return made


def series_of(folder: Path, scores: dict[str, float], held: dict[str, Any] = FULL, **own: Any) -> MadeUp:
    return cells(forecasts(folder, held), scores, problem="sales", dials={"origins": 3}, **own)


def cases_of(folder: Path, scores: dict[str, float], **own: Any) -> MadeUp:
    return cells(MadeUp(folder), scores, problem="toy", **own)


def failed_seed(folder: Path) -> MadeUp:
    made = cases_of(folder, {"gru": 0.9, "mlp": 0.3})
    return made.cell("gru", [], problem="toy", seed=3, status="failed", reason="no luck")


def undefined(folder: Path) -> MadeUp:
    made = forecasts(folder, TOO_SHORT, no_scale={"seasonal": 3})
    for method in ("most-common", "dtw-1nn"):
        made.cell(method, [], problem="sales", score=float("nan"), scores={"mase": float("nan"), "mae": 0.0})
    return made


def two_problems(folder: Path) -> MadeUp:
    made = cases_of(folder, {"gru": 0.9, "mlp": 0.3})
    cells(made, {"gru": 0.9, "mlp": 0.3}, problem="short", valid=False)
    return made.about(
        "short",
        validation={
            **TOO_SHORT,
            "unit": "classes",
            "needs": {"unit": "examples", "count": 2, "per_class": True},
        },
    )


def tied(folder: Path, lstm: int) -> MadeUp:
    """Two recurrent methods that are equal on validation; gru has 38 of 40 right on test."""
    made = MadeUp(folder).cell("most-common", right(10), problem="toy", validation={"accuracy": 0.25})
    for seed in range(3):
        made.cell("gru", right(38), problem="toy", seed=seed, validation={"accuracy": 0.9})
        made.cell("lstm", right(lstm), problem="toy", seed=seed, validation={"accuracy": 0.9})
        made.cell("mlp", right(10), problem="toy", seed=seed, validation={"accuracy": 0.3})
    return made


def none_ran(folder: Path) -> MadeUp:
    made = MadeUp(folder)
    return made.cell("gru", [], problem="toy", seed=0, status="failed", reason="no luck")


RUNS: dict[str, Callable[[Path], MadeUp]] = {
    "ahead": lambda folder: cases_of(folder, {"gru": 0.95, "mlp": 0.3}),
    "behind": lambda folder: cases_of(folder, {"gru": 0.3, "mlp": 0.95}),
    "level": lambda folder: cases_of(folder, {"gru": 0.95, "mlp": 0.95}),
    "one seed": lambda folder: cases_of(folder, {"gru": 0.95, "mlp": 0.3}, seeds=1),
    "not chosen": lambda folder: series_of(folder, {"gru": 0.5, "mlp": 0.9}, TOO_SHORT, valid=False),
    "not chosen, of an older run": lambda folder: cases_of(folder, {"gru": 0.9, "mlp": 0.3}, valid=False),
    "not chosen, no rival": lambda folder: series_of(folder, {"mlp": 0.9}, TOO_SHORT, valid=False),
    "only other": lambda folder: cases_of(folder, {"mlp": 0.9}),
    "only recurrent": lambda folder: MadeUp(folder).cell(
        "gru", right(30), problem="toy", seed=0, validation={"accuracy": 0.9}
    ),
    "failed seed": failed_seed,
    "undefined": undefined,
    "three windows": lambda folder: series_of(folder, {"gru": 0.9, "mlp": 0.5}),
    "shorter validation": lambda folder: series_of(folder, {"mlp": 0.5}, SHORTER),
    "chosen and not chosen": two_problems,
    "nothing scored": none_ran,
    "tied": lambda folder: tied(folder, lstm=12),
    "tied and alike": lambda folder: tied(folder, lstm=38),
    "one side validated": lambda folder: cells(MadeUp(folder), {"mlp": 0.9}, problem="toy", valid=False).cell(
        "gru", right(30), problem="toy", seed=0, validation={"accuracy": 0.9}
    ),
}
UNFINISHED = ("unfinished", "ahead")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    made = {name: make(tmp_path_factory.mktemp("run")).write() for name, make in RUNS.items()}
    found = {name: read_run(folder) for name, folder in made.items()}
    whole = RUNS["ahead"](tmp_path_factory.mktemp("run"))
    found["unfinished"] = read_run(whole.write(missing=2))
    return found


STATES = [*RUNS, "unfinished"]


def said(run: Run, language: str = "en") -> str:
    return "\n".join(answer(run, Messages(language)).sentences)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_is_counted_once_and_the_numbers_agree(
    runs: dict[str, Run], state: str, language: str
) -> None:
    run, say = runs[state], Messages(language)
    sentences = answer(run, say).sentences
    rows = lifts_of(run)
    counted = Counter(OF_LIFTS.get(verdict, OPEN) for verdict in rows["verdict"])
    keys = ("unchosen", OPEN, "ahead") if rows["lift"].notna().any() else ("unchosen", OPEN)
    for key in keys:
        n, of = counted[key], len(rows)
        begins = say(f"first.{key}", n=n, of=of, problems="|").partition("|")[0]
        assert any(sentence.startswith(begins) for sentence in sentences) == bool(n), (key, sentences)
    done = say("first.all_decided", of=len(rows))
    assert (done in sentences) == (not counted[OPEN] and not counted["unchosen"])


@pytest.mark.parametrize("state", STATES)
def test_both_languages_say_the_same_numbers_and_names(runs: dict[str, Run], state: str) -> None:
    english, korean = (answer(runs[state], Messages(language)) for language in LANGUAGES)
    assert len(english.sentences) == len(korean.sentences)
    for one, other in zip(english.sentences, korean.sentences, strict=True):
        assert re.search("[가-힣]", other)
        assert not re.search(r"[{}]", one + other)
        assert re.findall(r"[-+]?\d+\.\d+", one) == re.findall(r"[-+]?\d+\.\d+", other)
    kept = "chosen|rows|train|needed|validation|undecided|method"
    assert not re.search(kept, "\n".join(korean.sentences))


@pytest.mark.parametrize("state", STATES)
def test_an_interval_is_shown_only_where_it_fits_its_words(runs: dict[str, Run], state: str) -> None:
    rows = comparison(runs[state])
    known = rows[rows["low"].notna()] if "low" in rows else rows[:0]
    assert ("[" in said(runs[state])) == (len(known) > 0)
    for _, row in known.iterrows():
        assert row["units"] >= LEAST_UNITS
        beyond = row["low"] > MARGIN or row["high"] < -MARGIN
        if row["verdict"] in (LiftVerdict.AHEAD, LiftVerdict.BEHIND):
            assert beyond
        elif not has(row["reasons"], ReasonCode.ONE_SEED):
            assert not beyond


@pytest.mark.parametrize("state", STATES)
def test_the_best_method_is_named_wherever_one_was_chosen_and_nowhere_else(
    runs: dict[str, Run], state: str
) -> None:
    run = runs[state]
    scored = every_method(run)
    chosen = set(scored[scored["validation"].notna()]["problem"]) if len(scored) else set()
    text, say = said(run), Messages()
    tie = state == "tied"
    best, tied = (say(f"first.{key}", problems="").removesuffix(".") for key in ("best", "tied"))
    assert (best in text) == (bool(chosen) and not tie), text
    assert (tied in text) == tie, text
    for problem in chosen:
        assert f" on {problem}" + ("." if tie else " (") in text


def test_methods_equal_on_validation_that_differ_on_test_have_no_best_and_no_verdict(
    runs: dict[str, Run],
) -> None:
    row, tie = lifts_of(runs["tied"]).iloc[0], reason(ReasonCode.TIED_ON_VALIDATION, methods=("gru", "lstm"))
    assert (row["verdict"], row["reasons"]) == (LiftVerdict.UNDECIDED, (tie,))
    assert np.isnan(float(row["lift"] or "nan"))
    assert ": gru and lstm on toy." in said(runs["tied"])
    assert f"toy ({Messages().reason(tie)})" in said(runs["tied"])
    assert f"toy ({Messages('ko').reason(tie)})" in said(runs["tied"], "ko")


def test_methods_equal_on_validation_and_on_test_are_all_named_and_the_verdict_stands(
    runs: dict[str, Run],
) -> None:
    text = said(runs["tied and alike"])
    assert "The best method, chosen on validation: gru and lstm on toy (accuracy 0.950 on test)." in text
    assert lifts_of(runs["tied and alike"]).iloc[0]["verdict"] is LiftVerdict.AHEAD


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_method_that_stands_for_its_equals_is_marked_in_the_table(
    runs: dict[str, Run], language: str
) -> None:
    row = comparison(runs["tied"]).iloc[0]
    tied_with = reason(ReasonCode.TIED_WITH, methods=("lstm",))
    assert (row["recurrent"], row["recurrent_notes"]) == ("gru", (tied_with,))
    (note,) = tie_notes(comparison(runs["tied"]), Messages(language))
    assert note.startswith("† toy, gru: ")
    assert "lstm" in note
    assert tie_notes(comparison(runs["ahead"]), Messages(language)) == []


@pytest.mark.parametrize("state", [name for name in STATES if name.startswith("not chosen")])
def test_where_nothing_was_chosen_no_table_shows_a_choice(runs: dict[str, Run], state: str) -> None:
    run, say = runs[state], Messages()
    row = comparison(run).iloc[0]
    assert {row[family] for family in ("recurrent", "feedforward", "baseline")} == {None}
    assert row["feedforward_notes"] == (reason(ReasonCode.NOTHING_CHOSEN),)
    assert not row.get("lift_recurrent")
    assert not row.get("lift_other")
    for form in ("html", "md", "csv", "latex", "json"):
        text = FORMS[form].text(run, say, Drawn(None, ""))
        whole = " ".join(re.sub(r"<[^>]*>", "", text).split())
        assert "first by name" not in whole
        if state != "not chosen, of an older run":
            for why in lacking(TOO_SHORT):
                assert say.reason(why) in whole, form
    text = said(run)
    assert "The best method" not in text
    assert "ahead" not in text


def test_a_run_of_one_side_says_both_that_nothing_was_chosen_and_that_a_side_is_missing(
    runs: dict[str, Run],
) -> None:
    row = lifts_of(runs["not chosen, no rival"]).iloc[0]
    missing = reason(ReasonCode.NO_RECURRENT_SCORE)
    assert (row["verdict"], row["reasons"]) == (
        LiftVerdict.NOTHING_CHOSEN,
        (*lacking(TOO_SHORT), missing),
    )
    assert said(runs["not chosen, no rival"]).endswith(
        f"sales ({Messages().reasons((*lacking(TOO_SHORT), missing))})."
    )


def test_a_shorter_validation_part_is_told_beside_the_best_method(runs: dict[str, Run]) -> None:
    assert "mlp on sales (MASE 0.500 on test; validation: 1 origin of 11 of 12 steps)." in said(
        runs["shorter validation"]
    )


def test_what_was_chosen_and_what_was_not_are_told_apart(runs: dict[str, Run]) -> None:
    say = Messages()
    first, _, best, unchosen = answer(runs["chosen and not chosen"], say).sentences
    assert first.startswith(
        "The best recurrent network is ahead of the best other method on 1 of 2 problems: toy"
    )
    assert best == "The best method, chosen on validation: gru on toy (accuracy 0.900 on test)."
    why = (reason(ReasonCode.TRAIN_TOO_SMALL), reason(ReasonCode.NEEDS_EXAMPLES_OF_ONE_CLASS, n=2))
    assert unchosen == say("first.unchosen", n=1, of=2, problems=f"short ({say.reasons(why)})")


def test_a_side_whose_method_failed_on_a_seed_is_not_said_to_be_without_scores(runs: dict[str, Run]) -> None:
    row = comparison(runs["failed seed"]).iloc[0]
    why = reason(ReasonCode.NO_RECURRENT_SCORE_ON_EVERY_SEED)
    assert row["reasons"] == (why,)
    assert f"toy ({Messages().reason(why)})" in said(runs["failed seed"])


def test_three_test_windows_show_no_interval_and_say_how_many_would_do(runs: dict[str, Run]) -> None:
    row = comparison(runs["three windows"]).iloc[0]
    assert (row["units"], row["low"], row["high"]) == (3, None, None)
    assert row["verdict"] is LiftVerdict.TEST_SET_TOO_SMALL
    # 10 origins of 12 steps, and 42 steps to train on with a validation part.
    assert row["reasons"] == (
        reason(ReasonCode.FEW_TEST_WINDOWS, n=3, needed=10),
        reason(ReasonCode.MORE_ORIGINS_AND_ROWS, setting="origins=10", rows=162),
    )
    assert f"sales (-0.400, {Messages().reasons(row['reasons'])})" in said(runs["three windows"])


def test_a_perfectly_seasonal_series_is_not_called_constant(runs: dict[str, Run]) -> None:
    seasonal, constant = (reason(code) for code in (ReasonCode.SEASONAL_HISTORY, ReasonCode.CONSTANT_HISTORY))
    reasons = [each for row in troubles(runs["undefined"])["reasons"] for each in row]
    assert seasonal in reasons
    assert constant not in reasons
    assert Messages().reason(seasonal) in said(runs["undefined"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_single_problem_it_is_not_said_what_no_problem_shows(
    runs: dict[str, Run], language: str
) -> None:
    say = Messages(language)
    assert say("first.nothing_behind") not in said(runs["ahead"], language)
    assert say("first.nothing_behind") in said(runs["chosen and not chosen"], language)
