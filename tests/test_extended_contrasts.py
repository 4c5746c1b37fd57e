"""A later look with more pairs: the registered ones judge, all of them are exploratory, with their date."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_up import MadeUp
from made_up_pools import CONTRASTS, FIRST, HELPS, HURTS, NONE, empty, fill, mapped
from recurbench.predictions import contrasts
from recurbench.reports.statistics.extended_contrasts import later
from recurbench.reports.statistics.outcomes import ContrastVerdict, ReasonCode, reason
from recurbench.reports.statistics.primary_contrasts import judged, observe
from recurbench.reports.text.map import looks
from recurbench.results import read_run

ARMA = "arma[length=100]"
CONTRAST = CONTRASTS[ARMA]
PAIRS = CONTRAST.pairs
MORE = PAIRS + 6


def turned(folder: Path, **changes: object) -> MadeUp:
    """A run whose registered pairs say that recurrence helps, and whose six further pairs the contrary."""
    sides = {
        side: np.repeat([HELPS[side], HURTS[side]], [PAIRS, MORE - PAIRS])
        for side in ("recurrent", "full", "window", "cut")
    }
    made = fill(empty(folder), ARMA, sides, pairs=MORE, **changes)
    for record in made.records:
        late = (record.data_seed or 0) - FIRST - PAIRS
        record.started = "2026-01-31T23:00:00+00:00" if late < 0 else f"2026-02-{7 + late:02}T01:00:00+00:00"
    return made


def test_the_registered_pairs_judge_whatever_more_pairs_say(tmp_path: Path) -> None:
    run = read_run(turned(tmp_path / "more").write())
    alone = read_run(fill(empty(tmp_path / "alone"), ARMA, HELPS).write())
    own, first = observe(run, CONTRAST), observe(alone, CONTRAST)
    assert own.pairs == PAIRS
    assert own.parts.lift.values == pytest.approx(0.5 + np.linspace(-0.02, 0.02, MORE)[:PAIRS])
    assert (own.chosen, own.parts.refused) == (first.chosen, None)
    codes = {s.contrast.problem: v.code for s, v in judged(run, contrasts())}
    assert codes[ARMA] == ContrastVerdict.RECURRENCE_HELPS


def test_a_later_look_holds_all_pairs_and_its_dates(tmp_path: Path) -> None:
    run = read_run(turned(tmp_path).write())
    (look,) = later(run, judged(run, contrasts()))
    assert (look.seen.contrast.problem, look.seen.pairs, look.registered) == (ARMA, MORE, PAIRS)
    assert look.dates == ("2026-02-07", "2026-02-12")
    lift = (PAIRS * 0.5 - (MORE - PAIRS) * 0.5) / MORE
    assert look.seen.parts.lift.mean == pytest.approx(lift)
    assert look.verdict.code == ContrastVerdict.UNDECIDED


def test_a_later_look_says_what_its_verdict_allows_for(tmp_path: Path) -> None:
    facts = {"source": "digits of a package", "n_train": 100, "n_test": 40}
    run = read_run(fill(empty(tmp_path, **facts), ARMA, NONE, pairs=MORE).write())
    (line,) = looks(later(run, judged(run, contrasts())))
    assert line.endswith("replicates; shared cases")
    assert "no difference; unseen: up to 0." in line


def test_the_map_prints_both_and_says_which_is_exploratory(tmp_path: Path) -> None:
    folder = turned(tmp_path).write()
    table, text = mapped(folder, width=200)
    assert table.loc[ARMA, "verdict_code"] == ContrastVerdict.RECURRENCE_HELPS
    assert table.loc[ARMA, "pairs"] == PAIRS
    begins = f"exploratory, 2026-02-07 to 2026-02-12: {ARMA} with {MORE} replicates instead of {PAIRS}: "
    assert f"{begins}L +0.125 [" in " ".join(text.split())
    assert f"- {begins}L +0.125 [" in (folder / "report" / "map.md").read_text()


def test_a_later_pair_that_failed_costs_the_verdict_nothing(tmp_path: Path) -> None:
    run = read_run(turned(tmp_path, failed={CONTRAST.pools.full[0]: PAIRS + 2}).write())
    own = observe(run, CONTRAST)
    assert (own.left_out, own.parts.refused) == ({}, None)
    refused = observe(run, CONTRAST, every=True).parts.refused
    assert refused == reason(ReasonCode.UNEQUAL_FITS, one=4, other=3)


def test_a_registered_pair_that_is_missing_is_not_made_up_for_by_a_later_one(tmp_path: Path) -> None:
    made = turned(tmp_path)
    made.records = [record for record in made.records if record.data_seed != FIRST + 3]
    run = read_run(made.write())
    found = judged(run, contrasts())
    (verdict,) = [verdict for seen, verdict in found if seen.contrast.problem == ARMA]
    few = reason(ReasonCode.FEW_REPLICATES, some=PAIRS - 1, needed=PAIRS)
    assert (verdict.code, verdict.reasons) == (ContrastVerdict.UNDECIDED, (few,))
    assert [look.seen.pairs for look in later(run, found)] == [MORE - 1]


def test_pilot_draws_neither_judge_nor_join_a_later_look(tmp_path: Path) -> None:
    made = fill(empty(tmp_path), ARMA, NONE)
    for pair in range(PAIRS):
        for name in CONTRAST.pools.methods:
            made.cell(name, [0.0], problem=ARMA, validation={"accuracy": 0.0}, seed=pair, data_seed=pair)
    run = read_run(made.write())
    assert observe(run, CONTRAST).pairs == PAIRS
    assert observe(run, CONTRAST).means["full"] == pytest.approx(NONE["full"])
    assert later(run, judged(run, contrasts())) == []


def test_a_run_on_pilot_draws_alone_shows_its_means_and_earns_no_verdict(tmp_path: Path) -> None:
    made = fill(empty(tmp_path), ARMA, HELPS)
    for record in made.records:
        record.data_seed, record.seed = record.data_seed - FIRST, record.seed - FIRST
    made.draws = {(problem, draw - FIRST): units for (problem, draw), units in made.draws.items()}
    for record in made.records:
        record.problem_key = f"{ARMA}/{record.data_seed}"
    table, _ = mapped(made.write())
    assert table.loc[ARMA, ["verdict_code", "reason_codes"]].to_list() == ["undecided", "other_samples"]
    assert "samples 0 to 9;" in table.loc[ARMA, "verdict"]
    assert "samples 100 to 109" in table.loc[ARMA, "verdict"]
    assert table.loc[ARMA, "recurrent_skill"] == pytest.approx(HELPS["recurrent"])


def test_without_further_pairs_there_is_no_later_look(tmp_path: Path) -> None:
    folder = fill(empty(tmp_path), ARMA, HELPS).write()
    assert "exploratory" not in mapped(folder)[1]
