"""Every pair of methods: medians, counts and p values against the libraries, and what is left out."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import MadeUp, right
from matplotlib.backends.backend_agg import FigureCanvasAgg
from recurbench.reports.figures.axes import sure
from recurbench.reports.figures.canvas import STYLE, Drawn, draw
from recurbench.reports.figures.critical import cliques, critical, friedman, why_not
from recurbench.reports.figures.pairwise import alt, pairwise, short_p
from recurbench.reports.page.pairwise import lines, section
from recurbench.reports.statistics.pairwise import Matrix, _pairs, matrices
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from scipy.stats import friedmanchisquare, wilcoxon
from small_run import texts
from statsmodels.stats.multitest import multipletests

EN, KO = Messages("en"), Messages("ko")
METHODS = ("mlp", "rnn", "tcn", "dtw-1nn")


def made(skills: pd.DataFrame) -> Matrix:
    return Matrix("classification", "real", skills, {}, _pairs(skills), {}, {}, {}, {})


def drawn(n: int, k: int, seed: int = 0, step: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, k)) - step * np.arange(k)
    return pd.DataFrame(values, columns=[f"m{i}" for i in range(k)])


def test_the_p_values_are_those_of_scipy_and_statsmodels() -> None:
    skills = drawn(14, 5, step=0.5)
    found = _pairs(skills)
    raw = [wilcoxon(skills[a] - skills[b], method="exact").pvalue for a, b in combinations(skills, 2)]
    np.testing.assert_allclose(found["p"], raw)
    np.testing.assert_allclose(found["p_adjusted"], multipletests(raw, method="holm")[1])
    assert (found["p_adjusted"] < 0.05).any()
    assert (found["p_adjusted"] > 0.05).any()
    gap = skills["m0"] - skills["m3"]
    row = made(skills).pair("m0", "m3")
    assert (row["wins"], row["ties"], row["losses"]) == ((gap > 0).sum(), 0, (gap < 0).sum())
    assert row["median"] == pytest.approx(np.median(gap))


def test_scikit_posthocs_says_the_same() -> None:
    posthocs = pytest.importorskip("scikit_posthocs")
    skills = drawn(12, 6, seed=4, step=0.4)
    theirs = posthocs.posthoc_wilcoxon(list(skills.to_numpy().T), p_adjust="holm").to_numpy()
    matrix = made(skills)
    for i, j in combinations(range(6), 2):
        assert matrix.pair(f"m{i}", f"m{j}")["p_adjusted"] == pytest.approx(theirs[i, j])


@pytest.mark.parametrize("n", [2, 5])
def test_under_six_problems_there_are_medians_and_counts_and_no_test(n: int) -> None:
    skills = drawn(n, 3, step=5.0)
    found = _pairs(skills)
    assert found["p"].isna().all()
    assert found["p_adjusted"].isna().all()
    assert (found["wins"] == n).all()
    assert found["smallest_p"].tolist() == [2.0 ** (1 - n)] * 3


@pytest.mark.parametrize(
    ("n", "words"), [(5, "n too small: smallest p is 0.062"), (6, "0 of 3 pairs differ")]
)
def test_the_picture_says_whether_anything_could_be_tested(n: int, words: str) -> None:
    matrix = made(drawn(n, 3, step=5.0))
    assert words in alt(matrix, EN)
    assert words in lines(matrix, EN)[0]
    assert (n == 6) == ("whatever the scores are" in " ".join(lines(matrix, EN)))


def test_six_problems_can_show_one_pair_and_not_three() -> None:
    assert _pairs(drawn(6, 2, step=5.0))["p_adjusted"].tolist() == pytest.approx([2 / 64])
    three = made(drawn(6, 3, step=5.0))
    assert three.smallest_p == pytest.approx(6 / 64)
    assert not any(three.differ(a, b) for a, b in combinations(three.skills, 2))


def test_a_pair_with_many_ties_is_still_one_of_the_pairs_that_holm_counts() -> None:
    skills = drawn(8, 2, step=9.0).assign(m2=lambda d: d["m0"] - [0.1, 0, 0, 0, 0, 0, 0, 0])
    found = _pairs(skills).set_index(["one", "other"])
    assert (found.loc[("m0", "m2"), "ties"], found.loc[("m0", "m2"), "p"]) == (7, 1.0)
    assert found.loc[("m0", "m1"), "p_adjusted"] == pytest.approx(3 * 2.0**-7)


def test_methods_with_the_same_scores_everywhere_do_not_differ() -> None:
    skills = drawn(8, 1).assign(m1=lambda d: d["m0"])
    (row,) = _pairs(skills).to_dict("records")
    assert (row["ties"], row["p"], row["p_adjusted"], row["median"]) == (8, 1.0, 1.0, 0.0)


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(st.integers(2, 9), st.integers(2, 5), st.integers(0, 999))
def test_a_pair_turned_round_has_the_sign_and_the_counts_turned(n: int, k: int, seed: int) -> None:
    matrix = made(drawn(n, k, seed))
    for a, b in combinations(matrix.skills, 2):
        one, other = matrix.pair(a, b), matrix.pair(b, a)
        assert one["median"] == -other["median"]
        assert (one["wins"], one["losses"]) == (other["losses"], other["wins"])
        assert one["wins"] + one["ties"] + one["losses"] == n
        assert one["p_adjusted"] == other["p_adjusted"] or np.isnan(one["p_adjusted"])
    assert matrix.ranks.sum() == pytest.approx(k * (k + 1) / 2)


def filled(folder: Path, problems: int, **facts: object) -> MadeUp:
    """Problems on which the reference gets 10 of 40 right, mlp 20 and more, rnn one more, tcn fewer."""
    run = MadeUp(folder, **facts)
    for i in range(problems):
        place = {"problem": f"p{i:02}"}
        run.cell("most-common", right(10), **place)
        for seed in range(2):
            run.cell("mlp", right(20 + i), seed=seed, **place)
            run.cell("rnn", right(21 + i + seed), seed=seed, **place)
            run.cell("tcn", right(19), seed=seed, **place)
    return run


def test_a_problem_counts_once_whatever_its_number_of_seeds(tmp_path: Path) -> None:
    (matrix,) = matrices(read_run(filled(tmp_path, 7).write()))
    assert matrix.n == 7
    row = matrix.pair("rnn", "mlp")
    assert row["median"] == pytest.approx(1.5 / 30)
    assert (row["wins"], row["n"]) == (7, 7)
    assert next(iter(matrix.skills)) == "rnn"
    assert (matrix.skills["most-common"] == 0).all()


def test_lower_errors_are_better_skills(tmp_path: Path) -> None:
    run = MadeUp(tmp_path, metric="mse", higher_is_better=False, kind="regression")
    for i in range(3):
        for name, error in (("most-common", 2.0), ("mlp", 1.0), ("rnn", 0.5)):
            run.cell(name, np.full(40, error), problem=f"p{i}")
    (matrix,) = matrices(read_run(run.write()))
    assert matrix.skills["rnn"].tolist() == pytest.approx([0.75] * 3)
    assert matrix.pair("rnn", "mlp")["median"] == pytest.approx(0.25)


def test_methods_that_miss_a_cell_are_named_with_the_count_and_never_averaged_over(tmp_path: Path) -> None:
    run = filled(tmp_path, 7)
    for i in range(7):
        bad = {"status": "failed", "reason": "luck"} if i < 3 else {}
        run.cell("cnn", [] if bad else right(40), problem=f"p{i:02}", **bad)
        if i:
            run.cell("gru", right(40), problem=f"p{i:02}")
    (matrix,) = matrices(read_run(run.write(missing=1)))
    # One job of rnn on the first problem was asked for and never run.
    assert matrix.left_out == {"cnn": 3, "gru": 1, "rnn": 1}
    assert set(matrix.skills) == {"most-common", "mlp", "tcn"}
    found = section(read_run(tmp_path), EN, Drawn(None, "1"))
    assert found is not None
    (prose, *_) = found.within[0].parts
    assert "cnn (on 3)" in "\n".join(prose.lines)


def test_probes_and_real_data_and_kinds_are_never_pooled(tmp_path: Path) -> None:
    run = filled(tmp_path, 4)
    run.about("p00", constant=0.2, best=1.0).about("p01", role="control")
    found = {(m.kind, m.part): list(m.skills.index) for m in matrices(read_run(run.write()))}
    assert found == {
        ("classification", "probes"): ["p00", "p01"],
        ("classification", "real"): ["p02", "p03"],
    }


def test_on_probes_skill_runs_from_the_constant_answer_to_the_exact_best_of_each_draw(tmp_path: Path) -> None:
    run = MadeUp(tmp_path, constant=0.5, best=0.9)
    for i in range(4):
        place = {"data_seed": i % 2, "problem": "one" if i < 2 else "two"}
        run.cell("mlp", right(28 + 4 * (i % 2)), **place).cell("rnn", right(36), **place)
    (matrix,) = matrices(read_run(run.write()))
    assert matrix.skills.loc["one", "rnn"] == pytest.approx(1.0)
    assert matrix.skills.loc["one", "mlp"] == pytest.approx(((0.7 + 0.8) / 2 - 0.5) / 0.4)


def test_resamples_of_one_data_set_are_one_problem(tmp_path: Path) -> None:
    run = MadeUp(tmp_path)
    for name in ("made-up", "made-up[resample=1]", "made-up[resample=2]", "other"):
        for method, count in (("most-common", 10), ("mlp", 20), ("rnn", 30)):
            run.cell(method, right(count), problem=name)
    (matrix,) = matrices(read_run(run.write()))
    assert list(matrix.skills.index) == ["made-up", "other"]


def settings_of(folder: Path, probes: int, each: int) -> MadeUp:
    """Probes of several settings; on the last one of the first probe rnn is far ahead, elsewhere behind."""
    run = MadeUp(folder, constant=0.0, best=1.0)
    for i in range(probes):
        for k in range(each):
            name = f"probe{i}[noise={k}]" if k else f"probe{i}"
            run.cell("mlp", right(20 + i), problem=name)
            run.cell("rnn", right(38 if (i, k) == (0, each - 1) else 12 + i), problem=name)
    return run


def test_settings_of_one_probe_are_one_value_their_mean(tmp_path: Path) -> None:
    (matrix,) = matrices(read_run(settings_of(tmp_path, 7, 3).write()))
    assert list(matrix.skills.index) == [f"probe{i}" for i in range(7)]
    assert matrix.skills.loc["probe0", "rnn"] == pytest.approx((12 + 12 + 38) / 120)
    row = matrix.pair("mlp", "rnn")
    # Twenty of the twenty-one settings are behind; of the seven probes six.
    assert (row["n"], row["wins"], row["losses"]) == (7, 6, 1)
    assert row["p"] > matrix.best_p == 2.0**-6
    assert matrix.settings["probe0"] == ("probe0", "probe0[noise=1]", "probe0[noise=2]")


def test_six_settings_of_one_probe_and_one_other_can_show_nothing(tmp_path: Path) -> None:
    run = settings_of(tmp_path, 2, 6)
    (matrix,) = matrices(read_run(run.write()))
    assert matrix.n == 2
    assert matrix.pairs["p"].isna().all()
    told = "\n".join(lines(matrix, EN))
    assert "n too small: smallest p is 0.5 with 2 data sets" in told
    assert "probe1 (probe1, probe1[noise=1]" in told


def test_a_method_that_misses_one_setting_misses_the_probe(tmp_path: Path) -> None:
    run = settings_of(tmp_path, 3, 2)
    run.cell("tcn", right(30), problem="probe0").cell("tcn", right(30), problem="probe0[noise=1]")
    run.cell("tcn", right(30), problem="probe2")
    (matrix,) = matrices(read_run(run.write()))
    assert matrix.left_out == {"tcn": 2}


def test_resamples_are_averaged_before_settings(tmp_path: Path) -> None:
    run = MadeUp(tmp_path)
    for name, count in (("a", 20), ("a[resample=1]", 30), ("a[horizon=9]", 40), ("b", 20)):
        run.cell("most-common", right(0), problem=name).cell("rnn", right(count), problem=name)
    (matrix,) = matrices(read_run(run.write()))
    assert matrix.skills.loc["a", "rnn"] == pytest.approx((25 + 40) / 80)


def test_a_setting_that_no_problem_compares_makes_no_other_method_and_is_named(tmp_path: Path) -> None:
    run = MadeUp(tmp_path)
    for i, steps in enumerate((100, 200)):
        place = {"problem": f"p{i}"}
        run.cell("most-common", right(10), **place)
        run.cell(f"rnn[max_steps={steps}]", right(30), **place)
        run.cell(f"tcn[max_steps={steps}]", right(20), **place)
        run.cell(f"tcn[learning_rate=0.1,max_steps={steps}]", right(25), **place)
    (matrix,) = matrices(read_run(run.write()))
    assert set(matrix.skills) == {"most-common", "rnn", "tcn", "tcn[learning_rate=0.1]"}
    assert matrix.differing["rnn"] == ("max_steps",)


def test_ablations_and_controls_are_not_ranked_and_a_run_of_one_method_has_no_section(tmp_path: Path) -> None:
    run = MadeUp(tmp_path).cell("most-common", right(10)).cell("rnn-reset", right(30))
    run.cell("window-mlp", right(30))
    assert section(read_run(run.write()), EN, Drawn(None, "1")) is None


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("say", [EN, KO])
def test_the_picture_holds_every_number_and_bold_only_where_the_test_says_so(say: Messages) -> None:
    matrix = made(drawn(12, 4, seed=1, step=0.9))
    svg = draw(lambda: pairwise(matrix, say), "pairwise")
    sure = [p for p in matrix.pairs.to_dict("records") if p["p_adjusted"] < 0.05]
    assert 0 < len(sure) < len(matrix.pairs)
    # Two texts above the diagonal and one below are bold, and two cells are shaded.
    assert len(re.findall(r'font-weight="(?:700|bold)"', svg)) == 3 * len(sure)
    for row in matrix.pairs.to_dict("records"):
        assert f"{row['wins']}/{row['ties']}/{row['losses']}" in svg
        assert short_p(row["p_adjusted"]).replace("<", "&lt;") in svg
    assert str(len(sure)) in alt(matrix, say)


@pytest.mark.parametrize("k", [2, 3, 6, 12])
def test_the_words_below_say_what_the_counts_are_and_stand_within_the_picture(k: int) -> None:
    figure = pairwise(made(drawn(4, k)), EN)
    (note,) = figure.texts
    assert "wins/ties/losses" in " ".join(note.get_text().split())
    with matplotlib.rc_context(STYLE):
        FigureCanvasAgg(figure).draw()
    place, cells = note.get_window_extent(), figure.axes[0].get_window_extent()
    assert 0 <= place.x0 < place.x1 <= figure.bbox.x1
    assert 0 <= place.y0 < place.y1 <= cells.y0


def test_a_dollar_in_a_name_starts_no_formula() -> None:
    names = {"m0": "a$x$b", "m1": r"$\frac{1}{2}$", "m2": "$"}
    matrix = made(drawn(12, 3, step=2.0).rename(columns=names))
    for make in (pairwise, critical):
        words = texts(draw(lambda make=make: sure(make(matrix, EN)), "dollars"))
        assert all(name in words for name in names.values())


def test_the_best_twelve_are_shown_and_said_to_be() -> None:
    skills = drawn(10, 15, step=0.3)
    matrix = made(skills[skills.rank(axis=1, ascending=False).mean().sort_values().index])
    svg = draw(lambda: pairwise(matrix, EN), "pairwise")
    assert all(f"{name}  " in svg for name in matrix.skills.columns[:12])
    assert all(f"{name}  " not in svg for name in matrix.skills.columns[12:])
    assert len(matrix.pairs) == 105


@pytest.mark.parametrize(("n", "k"), [(9, 4), (12, 2)])
def test_there_is_no_diagram_of_few_problems_or_two_methods(n: int, k: int) -> None:
    matrix = made(drawn(n, k, step=2.0))
    assert critical(matrix, EN) is None
    assert f"{k} and {n}" in why_not(matrix, EN)


def test_there_is_no_diagram_where_friedman_sees_no_difference() -> None:
    matrix = made(drawn(12, 4, seed=2))
    assert friedman(matrix) == pytest.approx(friedmanchisquare(*matrix.skills.to_numpy().T).pvalue)
    assert friedman(matrix) > 0.05
    assert critical(matrix, EN) is None
    assert "cannot rule out" in why_not(matrix, EN)


@pytest.mark.long
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 9999))
def test_no_bar_holds_a_pair_that_differs_and_none_could_be_longer(seed: int) -> None:
    matrix = made(drawn(12, 6, seed, step=0.4))
    groups, names = cliques(matrix), list(matrix.skills)
    for group in groups:
        assert not any(matrix.differ(a, b) for a, b in combinations(group, 2))
        assert all(any(matrix.differ(a, b) for b in group) for a in names if a not in group)
    alike = {pair for pair in combinations(names, 2) if not matrix.differ(*pair)}
    assert alike == {pair for group in groups for pair in combinations(sorted(group), 2)}


def test_every_dot_of_a_bar_is_a_method_of_its_group() -> None:
    matrix = made(drawn(14, 6, seed=3, step=0.6))
    figure = critical(matrix, EN)
    assert figure is not None
    dots = [line for line in figure.axes[1].lines if line.get_marker() == "o"]
    names = list(matrix.skills)
    assert [[names[int(y)] for y in line.get_ydata()] for line in dots] == cliques(matrix)
