"""Tables for papers: bold only where the test says so, failures with reasons, and pdflatex takes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_up import MadeUp, right
from made_up_contrasts import SOLVED_BY_RECURRENCE, as_registered
from made_up_contrasts import filled as filled_contrast
from recurbench.reports.statistics.best_significance import bests
from recurbench.reports.statistics.comparison_table import comparison
from recurbench.reports.statistics.outcomes import ReasonCode, reason
from recurbench.reports.text.latex import latex
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from statsmodels.stats.multitest import multipletests
from test_tex import COMPILER, HOSTILE, compiled

EN, KO = Messages("en"), Messages("ko")
VALID = {"log_loss": 1.0}


def filled(folder: Path) -> MadeUp:
    """Three problems: mlp clearly ahead, ahead by one example of 40, and with a family that failed."""
    run = MadeUp(folder)
    for name, best in (("clear", 38), ("close_call", 21), ("50%_off", 38)):
        run.cell("most-common", right(10), validation=VALID, problem=name)
        for seed in range(3):
            run.cell("rnn", right(20), validation=VALID, problem=name, seed=seed)
            run.cell("mlp", right(best), validation=VALID, problem=name, seed=seed)
    return run.cell("cnn", [], problem="50%_off", status="failed", reason="out of {luck}")


def test_only_a_best_that_the_paired_test_tells_from_each_rival_is_bold(tmp_path: Path) -> None:
    run = read_run(filled(tmp_path).write())
    found = bests(run, comparison(run)).set_index("problem")
    assert found["best"].tolist() == ["feedforward"] * 3
    assert found["rival"].tolist() == ["recurrent"] * 3
    assert found["sure"].to_dict() == {"clear": True, "close_call": False, "50%_off": True}
    assert found.loc["close_call", "why_not"] == reason(ReasonCode.SMALLEST_P, p=1.0)
    tested = found[found["p"].notna()]
    np.testing.assert_allclose(
        tested["p_adjusted"].astype(float), multipletests(tested["p"].astype(float), method="holm")[1]
    )
    text = latex(run, EN)
    assert text.count(r"\textbf{") == 2
    assert r"\textbf{0.950} $\pm$ 0.000" in text
    assert "close\\_call & 0.250 & 0.525" in text


def test_a_failed_family_carries_a_letter_and_its_reason_and_names_are_escaped(tmp_path: Path) -> None:
    text = latex(read_run(filled(tmp_path).write()), EN)
    assert "failed$^{a}$" in text
    assert "$^{a}$ 1 of 1 fits failed" in text
    assert "50\\%\\_off" in text
    assert "50%" not in text


def test_one_seed_of_a_random_method_earns_no_bold_face(tmp_path: Path) -> None:
    run = MadeUp(tmp_path).cell("most-common", right(10), validation=VALID)
    run.cell("mlp", right(38), validation=VALID, seed=0).cell("rnn", right(12), validation=VALID, seed=0)
    found = read_run(run.write())
    assert bests(found, comparison(found))["why_not"].tolist() == [reason(ReasonCode.ONE_SEED)]
    assert r"\textbf" not in latex(found, EN)


def test_metric_direction_n_and_the_test_stand_with_every_table(tmp_path: Path) -> None:
    text = latex(read_run(filled(tmp_path).write()), EN)
    assert r"accuracy $\uparrow$" in text
    assert "n = 40 independent test units" in text
    assert "over the 2 of 3 problems" in text
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == text.count(r"\toprule") == 2
    assert r"95\,\% interval" in text
    for line in text.splitlines():
        if line.endswith(r"\\") and not line.startswith("%"):
            assert line.replace(r"\&", "").count("&") in (4, 5)


def test_the_metric_is_korean_with_the_english_beside_it(tmp_path: Path) -> None:
    run = MadeUp(tmp_path, best=0.95).cell("most-common", right(10), validation=VALID)
    text = latex(read_run(run.write()), KO)
    both = r"\scriptsize \rbtext{정확도 $\uparrow$, 최선 0.950}{accuracy $\uparrow$, best 0.950}"
    assert both in text
    assert r"\scriptsize accuracy $\uparrow$, best 0.950" in latex(read_run(tmp_path), EN)


def test_the_notes_below_a_korean_table_have_the_english_beside_them(tmp_path: Path) -> None:
    text = latex(read_run(filled(tmp_path).write()), KO)
    note = reason(ReasonCode.FITS_FAILED, some=1, all=1)
    assert rf"$^{{a}}$ \rbtext{{{KO.reason(note)}}}{{{EN.reason(note)}}}" in text


def test_errors_are_best_where_they_are_least(tmp_path: Path) -> None:
    run = MadeUp(tmp_path, metric="mse", higher_is_better=False, kind="regression", selectors=["mse"])
    noise = np.random.default_rng(0).random(40) / 10
    for name, error in (("most-common", 4.0), ("dtw-1nn", 2.0), ("fourier-forest", 1.0)):
        run.cell(name, error + noise * error, validation={"mse": error})
    found = read_run(run.write())
    (row,) = bests(found, comparison(found)).to_dict("records")
    assert (row["best"], row["rival"], row["sure"]) == ("features", "neighbours", True)


def test_registered_contrasts_have_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_registered(monkeypatch)
    run = read_run(filled_contrast(tmp_path, SOLVED_BY_RECURRENCE, 12, series=["0"], n_test=1).write())
    text = latex(run, EN)
    assert r"\label{tab:map}" in text
    assert r"lstm 12/12" in text
    assert r"a chance of a false verdict of at most 5\,\%." in text
    assert r"\label{tab:map}" in latex(run, KO)


def test_a_run_without_cells_gives_no_table(tmp_path: Path) -> None:
    assert r"\begin" not in latex(read_run(MadeUp(tmp_path).write()), EN)


@pytest.mark.skipif(COMPILER is None, reason="pdflatex is not installed here")
@pytest.mark.parametrize("say", [EN, KO])
def test_pdflatex_takes_the_tables_of_a_run_with_hostile_names(tmp_path: Path, say: Messages) -> None:
    run = filled(tmp_path / "run")
    for name in filter(None, HOSTILE):
        run.cell("most-common", right(10), validation=VALID, problem=name)
        run.cell("rnn", [], problem=name, status="failed", reason=name)
    done = compiled(latex(read_run(run.write()), say), tmp_path)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
