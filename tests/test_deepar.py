"""DeepAR: padding, teacher forcing, paths of a process with known quantiles, and what is held out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench import Split, Task, Unsupported, Values
from recurbench.methods._networks.likelihood_training import check_loss
from recurbench.methods._networks.recurrence import Shape
from recurbench.methods._networks.sampled_paths import PathNet, Reading, spread_evenly
from recurbench.methods.deepar import deepar
from scipy import stats

LEVELS = (0.1, 0.5, 0.9)
ONE = Task("forecasting", Values(1), Values(1), "fixed", steps=3, period=4, quantiles=LEVELS)
PLAIN = Task("forecasting", Values(1), Values(1), "fixed", steps=3, quantiles=LEVELS)
NONE = np.empty(0)


def autoregression(steps: int, seed: int) -> Any:
    noise, x = np.random.default_rng(seed).normal(size=steps + 50), np.zeros(steps + 50)
    for t in range(1, len(x)):
        x[t] = 0.8 * x[t - 1] + noise[t]
    return x[50:, None]


def cut(*series: Any, steps: int = 3) -> Split:
    return Split([x[:-steps] for x in series], [x[-steps:] for x in series], series=tuple(range(len(series))))


def network(reading: Reading, likelihood: str = "student") -> PathNet:
    torch.manual_seed(0)
    return PathNet(reading.inputs, Shape("lstm", 8), likelihood).double()


def test_padded_steps_count_neither_in_the_likelihood_nor_in_its_gradient() -> None:
    reading = Reading(ONE, 12, 0, NONE, NONE)
    windows = reading.sequences(cut(*(autoregression(n, n) for n in (40, 9, 12))))
    assert len(set(windows.lengths)) == 3
    net = network(reading)

    def summed(*batches: Any) -> tuple[float, int, list[Any]]:
        net.zero_grad()
        parts = [net.loss(batch) for batch in batches]
        total = sum(part[0] for part in parts)
        total.backward()
        return total.item(), sum(part[1] for part in parts), [w.grad.clone() for w in net.parameters()]

    alone = summed(*(windows.batch(np.array([i])) for i in range(3)))
    for pad in (0, 7):
        together = summed(windows.batch(np.arange(3), pad=pad))
        assert together[1] == alone[1] == windows.lengths.sum()
        assert together[0] == pytest.approx(alone[0], abs=1e-10)
        for one, other in zip(together[2], alone[2], strict=True):
            assert torch.allclose(one, other, atol=1e-10)


def test_every_step_reads_the_value_before_and_the_one_a_season_before() -> None:
    x = autoregression(40, 0)
    (window,) = Reading(ONE, 12, 0, NONE, NONE).sequences(cut(x)).every
    seen = x[37 - 12 : 37, 0]
    scaled = (x[:, 0] - seen.mean()) / seen.std()
    assert np.allclose(window.wanted, scaled[25:40])
    assert np.allclose(window.inputs, np.stack([scaled[24:39], scaled[21:36]], axis=1))
    assert np.allclose(window.past, scaled[33:37])


def test_a_network_that_knows_the_process_samples_its_exact_quantiles() -> None:
    """An LSTM cannot be set to an exact AR(1), so the readout is replaced by the process itself."""
    reading = Reading(PLAIN, 12, 0, NONE, NONE)
    net = network(reading, "gaussian")

    class Known(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last: Any = None

        def forward(self, x: Any, state: Any = None) -> tuple[Any, Any]:
            self.last = x
            size = len(x) if isinstance(x, torch.Tensor) else int(x.batch_sizes[0])
            return x, (torch.zeros(1, size, 8, dtype=torch.float64),) * 2

    class Process(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            # softplus of this and the least scale make a standard deviation of .5.
            raw = torch.full_like(x[:, 0], float(np.log(np.expm1(0.5 - 1e-3))))
            return torch.stack([0.8 * x[:, 0], raw], dim=1)

    net.cell.loop, net.readout = Known(), Process()
    windows = reading.sequences(Split([autoregression(30, 0)]))
    paths = net.paths(windows.every, windows.batch(np.array([0])), spread_evenly(2000, 3, 0))[0].numpy()
    last = windows.every[0].past[-1]
    for step in range(3):
        spread = 0.5 * np.sqrt(sum(0.64**k for k in range(step + 1)))
        exact = stats.norm.ppf(LEVELS, 0.8 ** (step + 1) * last, spread)
        assert np.quantile(paths[:, step], LEVELS) == pytest.approx(exact, abs=0.04)


@pytest.mark.long
def test_trained_on_an_autoregression_it_samples_quantiles_near_the_exact_ones() -> None:
    train = cut(*(autoregression(150, k) for k in range(8)))
    predict = deepar(PLAIN, train, steps=100, context=40, likelihood="gaussian")
    test = autoregression(2000, 99)
    origins = range(100, 1900, 20)
    answers = np.array(predict(Split([test[:o] for o in origins])))[:, :, 0]
    truth = np.array([test[o : o + 3, 0] for o in origins])
    assert (truth[..., None] < answers).mean(axis=0) == pytest.approx(np.tile(LEVELS, (3, 1)), abs=0.1)
    assert np.abs(answers[:, 0, 1] - 0.8 * test[np.array(origins) - 1, 0]).mean() < 0.35
    width = (answers[..., 2] - answers[..., 0]).mean(axis=0)
    exact = [2 * 1.2816 * np.sqrt(sum(0.64**k for k in range(step + 1))) for step in range(3)]
    assert width == pytest.approx(exact, rel=0.2)


@settings(max_examples=5)
@given(factor=st.floats(1e-2, 1e2), shift=st.floats(-1e2, 1e2))
def test_forecasts_follow_the_unit_and_the_shift(factor: float, shift: float) -> None:
    x = autoregression(60, 0)
    plain = deepar(ONE, cut(x), max_steps=5)(Split([x[:40]]))[0]
    moved = deepar(ONE, cut(factor * x + shift), max_steps=5)(Split([factor * x[:40] + shift]))[0]
    assert np.allclose(moved, factor * plain + shift, atol=1e-3 * factor * x.std())


def test_the_seed_decides_weights_and_paths() -> None:
    train, asked = cut(autoregression(60, 0)), Split([autoregression(30, 1)])
    answers = [deepar(ONE, train, seed=seed, max_steps=3)(asked)[0] for seed in (0, 0, 1)]
    assert np.array_equal(answers[0], answers[1])
    assert not np.allclose(answers[0], answers[2])


def test_what_is_held_out_is_known_from_no_other_example_of_its_series() -> None:
    """A second example of the same series, an earlier origin, changes neither steps nor weights."""
    x = autoregression(80, 0)
    several = Split([x[:77], x[:60]], [x[77:], x[60:63]], series=("a", "a"))
    asked = Split([x[:50]])
    once, more = (deepar(ONE, train, max_steps=40) for train in (cut(x), several))
    assert once.notes["stopped_on"].startswith("the last origins of train")
    assert once.notes["curve"] == more.notes["curve"]
    assert np.array_equal(once(asked)[0], more(asked)[0])


def test_the_steps_that_were_chosen_are_the_steps_of_the_final_network() -> None:
    predict = deepar(ONE, cut(autoregression(80, 0)), max_steps=60)
    assert 0 < predict.notes["steps"] <= 60
    assert predict.notes["steps_done"] == predict.notes["curve"][-1][0]
    again = deepar(ONE, cut(autoregression(80, 0)), max_steps=60, steps=predict.notes["steps"])
    asked = Split([autoregression(30, 1)])
    assert np.array_equal(predict(asked)[0], again(asked)[0])


def test_the_check_loss_counts_the_steps_to_forecast_only() -> None:
    reading = Reading(ONE, 12, 0, NONE, NONE)
    windows = reading.sequences(cut(autoregression(40, 0), autoregression(20, 1)))
    net = network(reading)
    loss, steps = net.loss(windows.batch(np.arange(2), forecast_only=True))
    assert steps == 6
    assert check_loss(net, windows) == pytest.approx(loss.item() / 6)


def test_a_history_of_one_step_and_a_constant_one_are_answered() -> None:
    predict = deepar(ONE, cut(autoregression(60, 0)), max_steps=3)
    answers = predict(Split([np.array([[3.0]]), np.full((20, 1), 0.1), autoregression(5, 2)]))
    assert np.allclose(answers[0], 3)
    assert np.allclose(answers[1], 0.1, atol=1e-12)
    assert (np.diff(answers[2], axis=-1) >= 0).all()
    assert "fallback" in deepar(ONE, cut(np.full((60, 1), 0.1)), max_steps=3).notes


def test_counts_are_forecast_as_counts_and_other_values_refused() -> None:
    x = np.random.default_rng(0).poisson(3, (80, 1)).astype(float)
    predict = deepar(ONE, cut(x), max_steps=3, likelihood="negative-binomial")
    (paths,) = predict.sampled(Split([x[:50]]))
    assert paths.min() >= 0
    assert paths == pytest.approx(np.round(paths), abs=1e-6)
    assert predict.notes["follows_shift"] is False
    with pytest.raises(Unsupported, match="needs counts, and train holds other values"):
        deepar(ONE, cut(x + 0.5), likelihood="negative-binomial")


def test_random_numbers_cover_every_part_of_the_range_at_every_step() -> None:
    uniform = spread_evenly(50, 4, 0).numpy()
    assert np.array_equal(np.sort(np.floor(uniform * 50), axis=0), np.tile(np.arange(50.0)[:, None], 4))
    assert not np.array_equal(uniform[:, 0].argsort(), uniform[:, 1].argsort())


@pytest.mark.parametrize(("kind", "learned"), [("walk", False), ("alternating", True)])
def test_a_network_that_is_no_better_than_the_naive_forecast_says_that_it_has_not_learned(
    kind: str, learned: bool
) -> None:
    """A random walk has no better forecast than its last value; of alternating values any mean is better."""
    noise = np.random.default_rng(0).normal(size=(30, 60, 1))
    signs = (-1.0) ** np.arange(60)[:, None]
    series = np.cumsum(noise, axis=1) if kind == "walk" else 5 * signs + noise
    train, check = cut(*series[:20]), cut(*series[20:])
    assert deepar(PLAIN, train, check=check, max_steps=20).notes["learned"] is learned
    assert "learned" not in deepar(PLAIN, train, max_steps=3).notes
