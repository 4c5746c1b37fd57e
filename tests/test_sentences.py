"""Every sentence of the answer, over made-up runs of every state and in both languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up import MadeUp, right
from recurbench.datasets.csv_series import read_csv
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.formats import FORMS
from recurbench.reports.statistics.comparison_table import comparison, every_method, troubles
from recurbench.reports.statistics.lift import blocks
from recurbench.reports.statistics.problem_lifts import lifts_of
from recurbench.reports.text.answer import answer
from recurbench.reports.text.render import tie_notes
from recurbench.reports.text.sentences import (
    BY_SIZE,
    LEAST_UNITS,
    MARGIN,
    NO_SCALE,
    NOTHING_CHOSEN,
    ONE_SEED,
    State,
    no_scale,
    origins_needed,
    state_of,
    too_few_units,
    undefined_score,
)
from recurbench.reports.text.translation import LANGUAGES, Words
from recurbench.results import Run, read_run
from recurbench.task import holdout
from recurbench.validation import described, lacking

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
    return MadeUp(folder, **{**SERIES, "validation": held, **facts})


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
    "two windows": lambda folder: series_of(folder, {"gru": 0.9, "mlp": 0.5}),
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
    return "\n".join(answer(run, Words(language)).sentences)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_is_counted_once_and_the_numbers_agree(
    runs: dict[str, Run], state: str, language: str
) -> None:
    run, say = runs[state], Words(language)
    sentences = answer(run, say).sentences
    rows = lifts_of(run)
    counted = Counter(state_of(words) for words in rows["words"])
    keys = {State.UNCHOSEN: "unchosen", State.OPEN: "open"}
    if rows["lift"].notna().any():
        keys[State.AHEAD] = "ahead"
    for one, key in keys.items():
        n, of = counted[one], len(rows)
        begins = say(f"first.{key}", n=n, of=of, problems="|").partition("|")[0]
        assert any(sentence.startswith(begins) for sentence in sentences) == bool(n), (key, sentences)
    done = say("first.all_decided", of=len(rows))
    assert (done in sentences) == (not counted[State.OPEN] and not counted[State.UNCHOSEN])


@pytest.mark.parametrize("state", STATES)
def test_both_languages_say_the_same_numbers_and_names(runs: dict[str, Run], state: str) -> None:
    english, korean = (answer(runs[state], Words(language)) for language in LANGUAGES)
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
        if state_of(row["words"]) in (State.AHEAD, State.BEHIND):
            assert beyond
        elif not row["words"].startswith(ONE_SEED):
            assert not beyond


@pytest.mark.parametrize("state", STATES)
def test_the_best_method_is_named_wherever_one_was_chosen_and_nowhere_else(
    runs: dict[str, Run], state: str
) -> None:
    run = runs[state]
    scored = every_method(run)
    chosen = set(scored[scored["validation"].notna()]["problem"]) if len(scored) else set()
    text = said(run)
    tie = state == "tied"
    assert ("The best method, chosen on validation: " in text) == (bool(chosen) and not tie), text
    assert ("Not told apart on validation: " in text) == tie, text
    for problem in chosen:
        assert f" on {problem}" + ("." if tie else " (") in text


def test_methods_equal_on_validation_that_differ_on_test_have_no_best_and_no_verdict(
    runs: dict[str, Run],
) -> None:
    text, row = said(runs["tied"]), lifts_of(runs["tied"]).iloc[0]
    assert "Not told apart on validation: gru and lstm are equal on toy." in text
    assert (row["words"], state_of(row["words"])) == (
        "undecided: validation does not tell gru, lstm apart",
        State.OPEN,
    )
    assert np.isnan(float(row["lift"] or "nan"))
    assert "Undecided on 1 of 1: toy (validation does not tell gru, lstm apart)." in text
    korean = said(runs["tied"], "ko")
    assert "검증 점수로 가려지지 않은 방법: toy의 gru, lstm(검증 점수가 같음)." in korean
    assert "toy (검증 점수로 가려지지 않음: gru, lstm)" in korean


def test_methods_equal_on_validation_and_on_test_are_all_named_and_the_verdict_stands(
    runs: dict[str, Run],
) -> None:
    text = said(runs["tied and alike"])
    assert "The best method, chosen on validation: gru and lstm on toy (accuracy 0.950 on test)." in text
    assert state_of(lifts_of(runs["tied and alike"]).iloc[0]["words"]) is State.AHEAD


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_method_that_stands_for_its_equals_is_marked_in_the_table(
    runs: dict[str, Run], language: str
) -> None:
    row = comparison(runs["tied"]).iloc[0]
    assert (row["recurrent"], row["recurrent_note"]) == ("gru", "tied on validation with lstm")
    (note,) = tie_notes(comparison(runs["tied"]), Words(language))
    assert note.startswith("† toy, gru: ")
    assert "lstm" in note
    assert tie_notes(comparison(runs["ahead"]), Words(language)) == []


@pytest.mark.parametrize("state", [name for name in STATES if name.startswith("not chosen")])
def test_where_nothing_was_chosen_no_table_shows_a_choice(runs: dict[str, Run], state: str) -> None:
    run, say = runs[state], Words()
    row = comparison(run).iloc[0]
    assert {row[family] for family in ("recurrent", "feedforward", "baseline")} == {None}
    assert row["feedforward_note"] == NOTHING_CHOSEN
    assert not row.get("lift_recurrent")
    assert not row.get("lift_other")
    for form in ("html", "md", "csv", "latex", "json"):
        text = FORMS[form].text(run, say, Drawn(None, ""))
        whole = " ".join(re.sub(r"<[^>]*>", "", text).split())
        assert "first by name" not in whole
        if state != "not chosen, of an older run":
            assert lacking(TOO_SHORT).partition(";")[0] in whole, form
            assert "needs 78 rows at horizon 12, origins 3" in whole, form
    text = said(run)
    assert "The best method" not in text
    assert "ahead" not in text


def test_a_run_of_one_side_says_both_that_nothing_was_chosen_and_that_a_side_is_missing(
    runs: dict[str, Run],
) -> None:
    assert said(runs["not chosen, no rival"]).splitlines()[1:] == [
        "Nothing was chosen on the only problem, so no method is the best there and there is no verdict: "
        "sales (undecided: train too short to hold out a validation part; needs 78 rows at horizon 12, "
        "origins 3; no recurrent method with a score)."
    ]


def test_a_shorter_validation_part_is_told_beside_the_best_method(runs: dict[str, Run]) -> None:
    assert "mlp on sales (mase 0.500 on test; validation: 1 origin of 11 of 12 steps)." in said(
        runs["shorter validation"]
    )


def test_what_was_chosen_and_what_was_not_are_told_apart(runs: dict[str, Run]) -> None:
    first, _, best, unchosen = answer(runs["chosen and not chosen"], Words()).sentences
    assert first.startswith(
        "The best recurrent network is ahead of the best other method on 1 of 2 problems: toy"
    )
    assert best == "The best method, chosen on validation: gru on toy (accuracy 0.900 on test)."
    assert unchosen.startswith("Nothing was chosen on 1 of 2 problems, ")
    assert unchosen.endswith(
        "short (undecided: train too small to hold out a validation part; needs 2 examples of one class)."
    )


def test_a_side_whose_method_failed_on_a_seed_is_not_said_to_be_without_scores(runs: dict[str, Run]) -> None:
    row = comparison(runs["failed seed"]).iloc[0]
    assert row["words"] == "no recurrent method with a score on every seed"
    assert "toy (no recurrent method with a score on every seed)" in said(runs["failed seed"])


def test_two_test_windows_show_no_interval_and_say_how_many_would_do(runs: dict[str, Run]) -> None:
    row = comparison(runs["two windows"]).iloc[0]
    assert (row["units"], row["low"], row["high"]) == (2, None, None)
    words = f"{BY_SIZE}: only 2 independent test windows, 10 needed; "
    # 28 origins of 12 steps, and 42 steps to train on with a validation part.
    assert row["words"] == f"{words}origins=28 gives them, with 378 rows or more"
    assert "sales (-0.400, only 2 independent test windows, 10 needed; origins=28" in said(
        runs["two windows"]
    )


def test_a_perfectly_seasonal_series_is_not_called_constant(runs: dict[str, Run]) -> None:
    reasons = "\n".join(troubles(runs["undefined"])["reason"])
    assert "every value of the history equals the one a season before" in reasons
    assert "constant" not in reasons + said(runs["undefined"])
    assert "every value of the history equals the one a season before" in said(runs["undefined"])


def test_one_example_without_a_scale_is_one_example_in_both_languages() -> None:
    for facts in ({}, {"no_scale": {"short": 1}}):
        (reason,) = no_scale(facts, 1)
        assert reason.startswith("MASE is undefined on 1 test example: ")
        assert Words("ko").reason(reason).startswith("시험 사례 1개에서 MASE가 정의되지 않음: ")


@pytest.mark.parametrize("cause", NO_SCALE)
def test_each_cause_of_an_undefined_score_is_told_in_korean_as_a_whole(cause: str) -> None:
    facts, one = ({"metric": "mase", "no_scale": {cause: count}} for count in (2, 1))
    for reason in (undefined_score(facts), *no_scale(facts, 2), *no_scale({}, 2), *no_scale(one, 1)):
        assert re.search("[가-힣]", Words("ko").reason(reason))


@pytest.mark.parametrize(
    ("series", "kind", "words"),
    [
        (["a"] * 2, "forecasting", "only 1 independent test window, 10 needed"),
        (["a", "a", "b", "b"], "forecasting", "only 2 independent test series, 10 needed"),
        (["a", "b", "c"], "classification", "only 3 independent test cases, 10 needed"),
        (["a", "a", "b"], "regression", "only 2 independent test groups, 10 needed"),
    ],
)
def test_what_there_is_too_little_of_has_its_name(series: Sequence[str], kind: str, words: str) -> None:
    units = len(np.unique(blocks(series, kind)))
    told = too_few_units(units, {"series": series, "kind": kind}, "any", {})
    assert told == f"{BY_SIZE}: {words}"
    assert str(units) in Words("ko").told(told)
    assert "independent" not in Words("ko").told(told)


def test_the_origins_that_are_needed_give_the_windows_and_one_less_does_not() -> None:
    n = origins_needed(LEAST_UNITS)
    assert len(np.unique(blocks(["a"] * n, "forecasting"))) >= LEAST_UNITS
    assert len(np.unique(blocks(["a"] * (n - 1), "forecasting"))) < LEAST_UNITS


def test_the_rows_that_more_origins_take_are_enough_to_choose_methods_too(tmp_path: Path) -> None:
    def problem(rows: int, origins: int) -> Any:
        months = np.datetime64("1900-01", "M") + np.arange(rows)
        values = np.random.default_rng(0).normal(size=rows)
        lines = [f"a,{month},{value}" for month, value in zip(months, values, strict=True)]
        path = tmp_path / f"{rows}.csv"
        path.write_text("\n".join(["unique_id,ds,y", *lines]) + "\n")
        return read_csv(path, 12, None, origins)

    few = problem(144, 3)
    facts = {**SERIES, "validation": described(few)}
    told = too_few_units(2, facts, "csv", {"origins": 3})
    found = re.search(r"--origins (\d+) gives them, with (\d+) rows or more", told)
    assert found is not None
    more = problem(int(found[2]), int(found[1]))
    assert len(np.unique(blocks(more.test.series, "forecasting"))) >= LEAST_UNITS
    assert len(holdout(more.task, more.train, 0)[1]) == 1
    less = problem(int(found[2]) - 1, int(found[1]))
    assert len(holdout(less.task, less.train, 0)[1]) == 0
    # Where the rows are there, none are asked for.
    facts = {**SERIES, "validation": described(problem(600, 3))}
    assert too_few_units(2, facts, "csv", {"origins": 3}).endswith("; --origins 28 gives them")
