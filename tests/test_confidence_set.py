"""The model confidence set: its p values are those of another implementation, and it keeps what is equal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_up import MadeUp
from recurbench.reports.statistics.confidence_set import (
    LEAST_BLOCKS,
    as_normal,
    block_length,
    losses_of,
    p_values,
    resampled,
    set_of,
)
from recurbench.reports.statistics.long_run import Origins
from recurbench.results import Run, read_run

SEEDS = np.random.default_rng


def losses(n: int = 60, shifts: tuple[float, ...] = (0, 0.05, 0.3, 1.5)) -> np.ndarray:
    rng = SEEDS(3)
    return np.abs(rng.normal(size=(n, len(shifts)))) + np.asarray(shifts)


@pytest.mark.parametrize("block", [1, 3])
def test_blocks_of_neighbours_are_drawn_and_as_many_units_as_there_are(block: int) -> None:
    # The means of indicators are the shares of the units among those drawn.
    shares = resampled(np.eye(10), block, 200, SEEDS(0))
    assert shares.sum(axis=1) == pytest.approx(np.ones(200))
    assert (shares.mean(axis=0) > 0.03).all()
    # The bootstrap of blocks draws two neighbours together most often.
    together = np.corrcoef(shares[:, 4], shares[:, 5])[0, 1]
    assert (together > 0.3) == (block > 1)


def test_many_units_are_drawn_in_parts() -> None:
    values = losses(5_000, (0.0, 1.0))
    again = resampled(values, 1, 1_000, SEEDS(0))
    assert again.mean(axis=0) == pytest.approx(values.mean(axis=0), abs=0.01)
    assert again.std(axis=0) == pytest.approx(values.std(axis=0) / np.sqrt(5_000), rel=0.2)


@pytest.mark.long
def test_the_p_values_are_those_of_arch_on_the_same_resamples() -> None:
    comparison = pytest.importorskip(
        "arch.bootstrap.multiple_comparison", reason="arch is not installed; pip install 'recurbench[arch]'"
    )
    values = losses()
    theirs = comparison.MCS(values, size=0.1, reps=500, block_size=4, bootstrap="moving block", seed=7)
    theirs.compute()
    again = np.stack([values[own].mean(axis=0) for own in theirs._bootstrap_indices])
    ours = p_values(values, again)
    wanted = theirs.pvalues["Pvalue"]
    assert ours == pytest.approx([wanted[i] for i in range(values.shape[1])], abs=1e-12)
    assert [i for i, p in enumerate(ours) if p > 0.1] == theirs.included


def test_a_method_that_is_worse_on_every_unit_leaves_and_equal_ones_stay() -> None:
    base = losses(shifts=(0,))
    values = np.hstack([base, base, base + 0.2])
    found = p_values(values, resampled(values, 2, 200, SEEDS(0)), 30)
    assert list(found) == [1, 1, 0]


def test_hundreds_of_methods_are_compared() -> None:
    shifts = np.linspace(0, 3, 200)
    values = losses(60, tuple(shifts))
    found = p_values(values, resampled(values, 2, 200, SEEDS(0)), 30)
    assert found[0] > 0.1
    assert (found[100:] < 0.1).all()
    # A method removed later has no smaller p value.
    removed = found[np.argsort(values.mean(axis=0))[::-1]]
    assert removed[-1] == 1


def test_with_few_units_a_difference_counts_for_less() -> None:
    statistic = np.array([[0.0, 3.0], [-3.0, 0.0]])
    few, many = as_normal(statistic, 5), as_normal(statistic, 5000)
    assert few[0, 1] < 2.2 < many[0, 1] < 3
    assert few[1, 0] == -few[0, 1]


@pytest.mark.parametrize(
    ("origins", "block"),
    [
        (Origins(10, 6, 6), 2),
        (Origins(40, 6, 12), 3),
        (Origins(10, 3, 12), 4),
        (Origins(100, 1, 1), 5),
    ],
)
def test_a_block_covers_a_horizon(origins: Origins, block: int) -> None:
    assert block_length(origins) == block


def one_series(folder: Path, origins: int, step: int = 6) -> Run:
    made = MadeUp(
        folder,
        kind="forecasting",
        metric="mase",
        higher_is_better=False,
        selectors=["mase"],
        steps=6,
        series=["own"] * origins,
        source="own.csv: 1 series",
        origins=[100 + i * step for i in range(origins)],
    )
    rng = SEEDS(1)
    shared = rng.gamma(8, size=origins)
    for method, shift in (("mlp", 0.0), ("gru", 0.0), ("rnn", 6.0)):
        for seed in (0, 1):
            own = shared + shift + rng.normal(size=origins) * 0.5
            made.cell(method, own, seed=seed, validation={"mase": shift})
    return read_run(made.write())


def test_the_losses_of_a_method_are_the_mean_over_its_seeds(tmp_path: Path) -> None:
    run = one_series(tmp_path, 20)
    found = losses_of(run, "made-up")
    assert found is not None
    scores = run.final.groupby("address")["score"].mean()
    assert dict(zip(found.methods, found.values.mean(axis=0), strict=True)) == pytest.approx(dict(scores))
    assert (found.block, found.independent) == (3, 7)


def test_origins_close_together_are_drawn_in_longer_blocks(tmp_path: Path) -> None:
    found = losses_of(one_series(tmp_path, 20, step=1), "made-up")
    assert found is not None
    assert (found.block, found.independent) == (6, 4)


def test_few_series_with_the_same_origins_are_drawn_by_origin(tmp_path: Path) -> None:
    made = MadeUp(
        tmp_path,
        kind="forecasting",
        steps=6,
        series=[f"s{i // 20}" for i in range(60)],
        source="own.csv: 3 series",
    )
    rng = SEEDS(1)
    for method in ("mlp", "gru"):
        made.cell(method, rng.random(60), validation={"accuracy": 0.5})
    run = read_run(made.write())
    found = losses_of(run, "made-up")
    assert found is not None
    assert found.values.shape == (20, 2)
    assert -found.values.mean(axis=0) == pytest.approx(list(run.final["score"]))


def test_the_set_holds_the_best_methods_and_not_a_worse_one(tmp_path: Path) -> None:
    found = set_of(one_series(tmp_path, 20), "made-up")
    assert found is not None
    assert set(found.members) == {"mlp", "gru"}
    assert found.p_values["rnn"] < 0.1 < found.p_values["gru"]


def test_a_short_test_part_has_no_set(tmp_path: Path) -> None:
    found = set_of(one_series(tmp_path, 2 * LEAST_BLOCKS - 2), "made-up")
    assert found is not None
    assert (found.members, found.independent) == ((), LEAST_BLOCKS - 1)


def test_whole_series_are_the_units_where_there_are_several(tmp_path: Path) -> None:
    made = MadeUp(tmp_path, series=[str(i // 4) for i in range(40)])
    rng = SEEDS(2)
    for method in ("mlp", "gru"):
        made.cell(method, rng.random(40) < 0.5, validation={"accuracy": 0.5})
    run = read_run(made.write())
    found = losses_of(run, "made-up")
    assert found is not None
    assert found.values.shape == (10, 2)
    assert found.block == 1
    # Accuracy is a gain, so its negative is the loss.
    assert -found.values.mean(axis=0) == pytest.approx(list(run.final["score"]))


def test_one_method_alone_has_no_set(tmp_path: Path) -> None:
    made = MadeUp(tmp_path)
    made.cell("mlp", np.ones(40), validation={"accuracy": 1.0})
    assert set_of(read_run(made.write()), "made-up") is None
