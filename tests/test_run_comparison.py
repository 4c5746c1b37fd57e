"""Two runs beside each other: a planted regression is found and nothing else is."""

from __future__ import annotations

import json
import tempfile
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import MadeUp, right
from recurbench import api
from recurbench.cli.main import main
from recurbench.reports.statistics.outcomes import CellReason, ChangeVerdict, ReasonCode, reason
from recurbench.reports.statistics.run_comparison import Comparison, compare
from recurbench.reports.text.run_comparison import markdown, show
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from rich.console import Console
from scipy.stats import t as student
from scipy.stats import ttest_1samp
from test_document import ENGLISH

EN = Messages("en")
LINE = '''
"""A straight line through the facts of a case, made for a test."""

import numpy as np
from recurbench import method


@method("{name}", family="statistical", kinds={{"regression"}})
def line(task, train):
    """Least squares on all values of an example."""
    rows = np.stack([np.append(x.ravel(), 1.0) for x in train.x])
    weights = np.linalg.lstsq(rows, np.stack([y.ravel() for y in train.y]), rcond=None)[0]

    def answer(x):
        return (np.append(x.ravel(), 1.0) @ weights).reshape(task.steps, -1) + {shift}

    return lambda split: [answer(x) for x in split.x]
'''
REQUEST = {
    "methods": ["own-line", "other-line", "mean", "euclidean-1nn", "seasonal-naive", "drift", "esn"],
    "datasets": ["diabetes", "co2"],
    "seeds": 2,
    "jobs": 0,
}


def run_of(folder: Path, shift: float, **request: object) -> Path:
    """A real run of nine methods and problems, one of them a plugin off by `shift`."""
    folder.mkdir()
    for name, by in (("own-line", shift), ("other-line", 0.0)):
        (folder / f"{name}.py").write_text(LINE.format(name=name, shift=by))
    plugins = [folder / "own-line.py", folder / "other-line.py"]
    api.run(**{**REQUEST, **request}, plugins=plugins, out=folder / "run")
    return folder / "run"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two runs that differ in one method, whose answers are 50 points off in the second."""
    folder = tmp_path_factory.mktemp("planted")
    return run_of(folder / "a", 0.0), run_of(folder / "b", 50.0)


def test_a_planted_regression_is_found_and_nothing_else(planted: tuple[Path, Path]) -> None:
    found = compare(*map(read_run, planted))
    assert list(found.regressions["method"]) == ["own-line"]
    (row,) = found.regressions.to_dict("records")
    assert row["verdict"] == ChangeVerdict.WORSE
    assert row["high"] < 0
    rest = found.cells[found.cells["method"] != "own-line"]
    assert len(rest) == 8
    assert set(rest["verdict"]) == {ChangeVerdict.IDENTICAL}
    assert found.changes.to_dict("list")["where"] == ["own-line"]
    assert found.changes.to_dict("list")["what"] == ["code"]


def test_the_other_way_round_it_is_an_improvement(planted: tuple[Path, Path]) -> None:
    found = compare(*map(read_run, reversed(planted)))
    assert not len(found.regressions)
    assert (
        dict(zip(found.cells["method"], found.cells["verdict"], strict=True))["own-line"]
        == ChangeVerdict.BETTER
    )


def test_a_run_beside_itself_is_identical_in_every_cell(planted: tuple[Path, Path]) -> None:
    found = compare(*[read_run(planted[1])] * 2)
    assert set(found.cells["verdict"]) == {ChangeVerdict.IDENTICAL}
    assert not len(found.changes)


@pytest.mark.parametrize(
    ("words", "code"),
    [((), 0), (("--fail-on-regression",), 1), (("--fail-on-regression", "--margin", "5"), 0)],
)
def test_the_command_fails_on_a_regression_only_where_it_is_asked_to(
    planted: tuple[Path, Path], words: tuple[str, ...], code: int
) -> None:
    result = CliRunner().invoke(main, ["compare", *map(str, planted), *words])
    assert result.exit_code == code, result.output
    assert max(map(len, result.output.splitlines())) <= 80
    assert "own-line" in result.output


def test_what_is_no_run_is_refused_in_words_with_exit_2(planted: tuple[Path, Path], tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["compare", str(planted[0]), str(tmp_path)])
    assert result.exit_code == 2
    assert "holds no results.sqlite" in result.output
    result = CliRunner().invoke(main, ["compare", *map(str, planted), "--margin", "-1"])
    assert result.exit_code == 2
    assert "margin is of skill" in result.output


def test_no_korean_heading_promises_a_list_that_does_not_follow(planted: tuple[Path, Path]) -> None:
    words = ["compare", *map(str, [planted[1]] * 2), "--format", "md", "--lang", "ko"]
    heads = [line for line in CliRunner().invoke(main, words).output.splitlines() if line.startswith("## ")]
    assert heads
    assert not any(line.endswith(":") for line in heads)


def test_json_and_markdown_hold_the_regression(planted: tuple[Path, Path]) -> None:
    words = ["compare", *map(str, planted), "--format"]
    told = json.loads(CliRunner().invoke(main, [*words, "json"]).output)
    assert told["regressions"] == 1
    (row,) = [row for row in told["cells"] if row["regression"]]
    assert (row["method"], row["verdict"], row["verdict_code"]) == ("own-line", "worse", "worse")
    page = CliRunner().invoke(main, [*words, "md"]).output
    assert page.startswith("# Regressions: 1. ")
    assert "| diabetes: own-line | worse: REGRESSION | MSE ↓" in page
    assert "퇴보" in CliRunner().invoke(main, [*words, "md", "--lang", "ko"]).output


def both(tmp_path: Path, *sides: MadeUp, margin: float = 0.0) -> Comparison:
    return compare(*(read_run(side.write()) for side in sides), margin=margin)


def side(tmp_path: Path, name: str, **facts: object) -> MadeUp:
    """A run with the reference alone, which gets 20 of 40 right."""
    return MadeUp(tmp_path / name, **facts).cell("most-common", right(20))


def verdicts(found: Comparison) -> dict[str, ChangeVerdict]:
    return dict(zip(found.cells["method"], found.cells["verdict"], strict=True))


def test_the_difference_is_in_skill_measured_from_the_reference_of_the_first_run(tmp_path: Path) -> None:
    found = both(
        tmp_path,
        side(tmp_path, "a").cell("mlp", right(30)),
        MadeUp(tmp_path / "b").cell("most-common", right(10)).cell("mlp", right(38)),
    )
    rows = found.cells.set_index("method")
    assert rows.loc["mlp", "difference"] == pytest.approx((38 - 30) / 20)
    assert rows.loc["most-common", "difference"] == pytest.approx(-10 / 20)
    assert verdicts(found) == {"mlp": ChangeVerdict.BETTER, "most-common": ChangeVerdict.WORSE}


@pytest.mark.parametrize(
    ("changed", "verdict"), [(5, ChangeVerdict.TOO_FEW_TO_TEST), (6, ChangeVerdict.WORSE)]
)
def test_a_shift_that_is_the_same_everywhere_is_found_from_six_units_on(
    tmp_path: Path, changed: int, verdict: ChangeVerdict
) -> None:
    facts = {"metric": "mse", "higher_is_better": False, "kind": "regression", "reference": "most-common"}
    facts["series"] = [str(i) for i in range(changed)]
    sides = [
        MadeUp(tmp_path / name, **facts)
        .cell("most-common", np.ones(changed))
        .cell("mlp", np.full(changed, e))
        for name, e in (("a", 0.5), ("b", 0.6))
    ]
    found = both(tmp_path, *sides)
    assert verdicts(found) == {"most-common": ChangeVerdict.IDENTICAL, "mlp": verdict}
    (row,) = found.cells[found.cells["method"] == "mlp"].to_dict("records")
    assert row["difference"] == pytest.approx(-0.1)
    assert row["smallest_p"] == 2.0 ** (1 - changed)
    if changed < 6:
        assert row["reasons"] == (reason(ReasonCode.FEW_UNITS_DIFFER, needed=6, p=2.0**-4),)
    else:
        assert row["p"] == row["smallest_p"]


def test_one_seed_of_a_random_method_is_shown_and_never_tested(tmp_path: Path) -> None:
    sides = [side(tmp_path, name).cell("rnn", right(n), seed=0) for name, n in (("a", 39), ("b", 1))]
    found = both(tmp_path, *sides)
    assert verdicts(found)["rnn"] == ChangeVerdict.TOO_FEW_TO_TEST
    assert (reason(ReasonCode.ONE_SEED),) in set(found.cells["reasons"])
    assert not len(found.regressions)


def test_only_seeds_in_both_runs_are_paired_and_the_rest_is_said(tmp_path: Path) -> None:
    a, b = side(tmp_path, "a"), side(tmp_path, "b")
    for seed in (0, 1, 2):
        a.cell("rnn", right(20 + seed), seed=seed)
    for seed in (1, 2, 3):
        b.cell("rnn", right(22 + seed), seed=seed)
    (row,) = (found := both(tmp_path, a, b)).cells.query("method == 'rnn'").to_dict("records")
    assert row["pairs"] == 2
    assert row["difference"] == pytest.approx(2 / 20)
    assert row["reasons"][0] == reason(ReasonCode.SOME_PAIRS, some=2, one=3, other=3)
    assert ("seeds", "", None, "0 / 1 / 2", "1 / 2 / 3") in set(
        found.changes.itertuples(index=False, name=None)
    )


def test_cells_that_fail_vanish_come_or_were_not_run_are_named_for_what_they_are(tmp_path: Path) -> None:
    bad = {"status": "failed", "reason": "out of luck"}
    a = side(tmp_path, "a").cell("mlp", right(30)).cell("cnn", [], **bad).cell("gru", right(30))
    b = side(tmp_path, "b").cell("mlp", [], **bad).cell("cnn", right(30)).cell("tcn", right(30))
    a.cell("rnn", right(30)).cell("esn", [], **bad)
    b.cell("esn", [], **bad)
    for one in (a, b):
        one.cell("dtw-1nn", [], status="unsupported", reason="no numbers")
    found = compare(read_run(a.write()), read_run(b.write(missing=1)))
    assert verdicts(found) == {
        "most-common": ChangeVerdict.IDENTICAL,
        "mlp": ChangeVerdict.FAILED_NOW,
        "cnn": ChangeVerdict.MENDED,
        "gru": ChangeVerdict.DISAPPEARED,
        "tcn": ChangeVerdict.APPEARED,
        "rnn": ChangeVerdict.NOT_RUN_YET,
        "esn": ChangeVerdict.FAILED_IN_BOTH,
        "dtw-1nn": ChangeVerdict.REFUSED_IN_BOTH,
    }
    assert list(found.regressions["method"]) == ["mlp"]
    assert list(found.regressions["reasons"]) == [(reason(ReasonCode.SOME_FITS, some=1, all=1),)]
    assert list(found.regressions["ended"]) == [("failed", CellReason("out of luck"))]
    assert "1 of 1 fits; was failed: out of luck" in markdown(found, EN)


def test_a_korean_comparison_quotes_reasons_of_others_and_says_all_else_in_korean(tmp_path: Path) -> None:
    limit = {"code": "time_limit", "values": {"seconds": 5}}
    slow = {"status": "timeout", "reason": "more than 5 s of wall-clock time", "notes": {"reason": limit}}
    other = {"status": "failed", "reason": "out of luck; again"}
    a = side(tmp_path, "a").cell("mlp", right(30)).cell("cnn", [], **slow).cell("tcn", right(30))
    b = side(tmp_path, "b").cell("mlp", [], **slow).cell("cnn", right(30)).cell("tcn", [], **other)
    a.cell("esn", [], **other).cell("dtw-1nn", right(30)).cell("lstm", right(30), seed=1)
    b.cell("esn", [], **other).cell("dtw-1nn", right(28)).cell("lstm", right(9), seed=1)
    for run, seeds in ((a, (0, 1)), (b, (1, 2))):
        for seed in seeds:
            run.cell("gru", right(20 + seeds[0]), seed=seed, machine=f"box {seeds}")
    page = markdown(both(tmp_path, a, b), Messages("ko"))
    left = [line for line in page.splitlines() if ENGLISH.search(line.replace(other["reason"], ""))]
    assert left == []
    assert page.count(other["reason"]) == 2
    for said in (
        "퇴보 2건. 문제와 방법별로: 이번에 실패 2개, ",
        "5초",
        "이전: 시간 초과",
        "시드가 하나뿐",
        "적합 2개와 2개 가운데 1개",
        "컴퓨터",
        "가장 작은 p는",
    ):
        assert said in page, said


def test_what_only_one_run_has_stands_in_a_line_per_verdict(tmp_path: Path) -> None:
    a = side(tmp_path, "a").cell("mlp", right(30)).cell("cnn", right(30))
    page = markdown(both(tmp_path, a, side(tmp_path, "b").cell("tcn", right(9))), EN)
    assert "- disappeared: made-up (mlp, cnn)\n" in page
    assert "- appeared: made-up (tcn)\n" in page


def test_markup_and_pipes_in_names_stay_text(tmp_path: Path) -> None:
    sides = [
        side(tmp_path, name).cell("mlp", right(n), problem="[bold]a|b[/bold]")
        for name, n in (("a", 40), ("b", 1))
    ]
    found, stream = both(tmp_path, *sides), StringIO()
    show(found, EN, Console(file=stream, width=80))
    assert "[bold]a|b[/bol" in stream.getvalue()
    assert "[bold]a\\|b[/bold]: mlp" in markdown(found, EN)


def test_other_data_are_not_compared_and_said_so(tmp_path: Path) -> None:
    sides = [
        side(tmp_path, name, fingerprint=name).cell("mlp", right(count))
        for name, count in (("a", 35), ("b", 5))
    ]
    found = both(tmp_path, *sides)
    assert set(found.cells["verdict"]) == {ChangeVerdict.NOT_COMPARABLE}
    assert not len(found.regressions)
    assert set(found.changes["what"]) == {"data"}
    assert found.cells.iloc[0]["reasons"] == (reason(ReasonCode.DATA_CHANGED),)


def test_what_changed_between_the_runs_is_listed(tmp_path: Path) -> None:
    a = side(tmp_path, "a").cell(
        "mlp", right(30), versions={"numpy": "2.1"}, machine="one", code="x", limit_seconds=10.0
    )
    b = side(tmp_path, "b").cell(
        "mlp", right(30), versions={"numpy": "2.2"}, machine="two", code="y", settings={"units": 64}
    )
    seen = set(both(tmp_path, a, b).changes.itertuples(index=False, name=None))
    assert seen == {
        ("machine", "", None, "one", "two"),
        ("time limit, s", "", None, "10.0", ""),
        ("version", "numpy", None, "2.1", "2.2"),
        ("settings", "mlp", None, "", "units=64"),
        ("code", "mlp", None, "x", "y"),
    }


def test_cpu_time_is_told_apart_and_never_a_regression(tmp_path: Path) -> None:
    a = side(tmp_path, "a").cell("mlp", right(30), cpu_seconds=1.0)
    b = side(tmp_path, "b").cell("mlp", right(30), cpu_seconds=100.0)
    found = both(tmp_path, a, b)
    assert {"problem": "made-up", "method": "mlp", "a": 1.0, "b": 100.0} in found.times.to_dict("records")
    assert not len(found.regressions)


def worse_by(folder: Path, loss: float, n: int = 200, **facts: object) -> tuple[MadeUp, MadeUp]:
    """Two runs on errors around 1, the second larger by `loss` in the mean, spread .1; reference 2."""
    about = {
        "metric": "mse",
        "higher_is_better": False,
        "kind": "regression",
        "series": list(map(str, range(n))),
    }
    noise = np.random.default_rng(11).normal(size=n)
    noise = 0.1 * (noise - noise.mean())
    sides = []
    for name, error in (("a", np.ones(n)), ("b", 1 + loss + noise)):
        made = MadeUp(folder / name, **{**about, **facts}).cell("most-common", np.full(n, 2.0))
        sides.append(made.cell("mlp", error))
    return sides[0], sides[1]


@pytest.mark.parametrize(
    ("loss", "margin", "verdict"),
    # .1 of spread over 200 units: a standard error of .007 in the metric and .0035 of skill.
    [
        (0.02, 0.0, ChangeVerdict.WORSE),
        (0.06, 0.02, ChangeVerdict.WORSE),
        (0.04, 0.02, ChangeVerdict.NOT_TOLD_APART),
        (0.044, 0.02, ChangeVerdict.NOT_TOLD_APART),
    ],
)
def test_p_and_verdict_and_regression_are_one_test_against_the_margin(
    tmp_path: Path, loss: float, margin: float, verdict: ChangeVerdict
) -> None:
    found = both(tmp_path, *worse_by(tmp_path, loss), margin=margin)
    (row,) = found.cells[found.cells["method"] == "mlp"].to_dict("records")
    assert row["difference"] == pytest.approx(-loss / 2)
    assert (row["verdict"], row["regression"]) == (verdict, verdict is ChangeVerdict.WORSE)
    assert (row["p_adjusted"] < 0.05) == row["regression"]
    assert len(found.regressions) == row["regression"]
    # At a loss of exactly the margin, half a chance is the most that a test may claim.
    if loss / 2 == margin:
        assert row["p"] == pytest.approx(1.0)


def test_the_p_of_a_margin_is_twice_that_of_a_one_sided_t_test(tmp_path: Path) -> None:
    found = both(tmp_path, *worse_by(tmp_path, 0.06, n=2000), margin=0.02).cells.set_index("method")
    row = found.loc["mlp"]
    half = (row["high"] - row["low"]) / 2
    spread = half / student.ppf(0.975, 1999)
    want = 2 * student.sf((0.03 - 0.02) / spread, 1999)
    assert row["p"] == pytest.approx(want, rel=1e-6)


def test_a_gain_is_held_against_the_margin_as_a_loss_is(tmp_path: Path) -> None:
    for loss, verdict in ((-0.06, ChangeVerdict.BETTER), (-0.042, ChangeVerdict.NOT_TOLD_APART)):
        found = both(tmp_path / verdict, *worse_by(tmp_path / verdict, loss), margin=0.02)
        assert verdicts(found)["mlp"] == verdict
        assert not len(found.regressions)


def test_without_a_skill_the_margin_which_is_of_skill_is_not_applied_and_that_is_said(tmp_path: Path) -> None:
    sides = worse_by(tmp_path, 0.04, reference="mean")
    (row,) = both(tmp_path, *sides, margin=0.5).cells.query("method == 'mlp'").to_dict("records")
    assert (row["scale"], row["verdict"], row["regression"]) == ("metric", ChangeVerdict.WORSE, True)
    assert row["reasons"] == (reason(ReasonCode.NO_SKILL),)
    (row,) = (
        both(tmp_path, *worse_by(tmp_path, 0.04, reference="mean"))
        .cells.query("method == 'mlp'")
        .to_dict("records")
    )
    assert row["reasons"] == ()


def test_a_score_without_values_per_example_has_a_difference_in_skill_too(tmp_path: Path) -> None:
    sides = [side(tmp_path, name) for name in "ab"]
    for made, count in zip(sides, (30, 20), strict=True):
        for seed in range(8):
            made.cell("rnn", right(count + seed), seed=seed)
    for record in (*sides[0].records, *sides[1].records):
        record.units = b""
    (row,) = both(tmp_path, *sides).cells.query("method == 'rnn'").to_dict("records")
    assert (row["scale"], row["difference"]) == ("skill", pytest.approx(-10 / 20))
    assert row["reasons"] == (reason(ReasonCode.WHOLE_SCORES_ONLY),)


def drawn(folder: Path, losses: list[int], units: bool, **facts: object) -> list[MadeUp]:
    """Two runs of six seeds a draw, the second worse by so many of 40 cases on each draw."""
    sides = [MadeUp(folder / name, **{"constant": 0.25, "best": 1.0, **facts}) for name in "ab"]
    for made, share in zip(sides, (0, 1), strict=True):
        for draw, loss in enumerate(losses):
            for seed in range(6):
                answers = np.random.default_rng([draw, seed]).permutation(right(30 - share * loss + seed % 2))
                made.cell("rnn", answers, seed=seed, data_seed=draw)
        for record in () if units else made.records:
            record.units = b""
    return sides


@pytest.mark.parametrize("facts", [{}, {"constant": None, "reference": "mean"}])
def test_seeds_of_one_draw_are_no_draws_where_whole_scores_alone_are_kept(
    tmp_path: Path, facts: dict[str, object]
) -> None:
    few = both(tmp_path, *drawn(tmp_path / "few", [2, 8], False, **facts))
    (row,) = few.cells.to_dict("records")
    assert (row["verdict"], row["units"], row["regression"]) == (ChangeVerdict.TOO_FEW_TO_TEST, 2, False)
    losses = [2, 8, 3, 5, 4, 6]
    (row,) = both(tmp_path, *drawn(tmp_path / "six", losses, False, **facts)).cells.to_dict("records")
    want = ttest_1samp([-loss / 40 / (1 if facts else 0.75) for loss in losses], 0)
    bounds = want.confidence_interval()
    assert (row["verdict"], row["units"], row["scale"]) == (
        ChangeVerdict.WORSE,
        6,
        "metric" if facts else "skill",
    )
    assert (row["low"], row["high"]) == (pytest.approx(bounds.low), pytest.approx(bounds.high))
    assert row["p"] == pytest.approx(max(want.pvalue, 2 / 2**6))


def test_whole_scores_over_draws_have_the_difference_that_scores_per_example_have(tmp_path: Path) -> None:
    of_scores, of_units = (
        both(tmp_path, *drawn(tmp_path / name, [2, 8], name == "units")).cells.iloc[0]
        for name in ("scores", "units")
    )
    for name in ("difference", "low", "high"):
        assert of_scores[name] == pytest.approx(of_units[name])
    assert of_units["reasons"] == ()


@pytest.mark.parametrize("units", [True, False])
def test_draws_that_share_their_cases_differ_less_surely(tmp_path: Path, units: bool) -> None:
    """By the corrected resampled t test (Nadeau and Bengio 2003), from scores per example or whole ones."""
    losses = [2, 8, 3, 5, 4, 6]
    facts = {"source": "digits of a package", "n_train": 100, "n_test": 40}
    (row,) = both(tmp_path, *drawn(tmp_path / "six", losses, units, **facts)).cells.to_dict("records")
    error = np.sqrt((1 / 6 + 0.4) * np.var(np.array(losses) / 40 / 0.75, ddof=1))
    assert row["high"] - row["difference"] == pytest.approx(student.ppf(0.975, 5) * error)


@pytest.mark.long
@settings(max_examples=3, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_both_directions_say_the_same_with_the_sign_turned(seed: int) -> None:
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        sides = [side(Path(folder), name) for name in "ab"]
        for one in sides:
            for s in range(2):
                one.cell("rnn", rng.random(40) < 0.7, seed=s)
        there, back = (both(Path(folder), *order).cells.set_index("method") for order in (sides, sides[::-1]))
    for name in ("difference", "p_adjusted"):
        one, two = there.loc["rnn", name], back.loc["rnn", name]
        assert (pd.isna(one) and pd.isna(two)) or one == pytest.approx(-two if name == "difference" else two)
