"""One network for all channels, each by itself, and other settings of forecasts, through real networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recurbench import Split, Task, Values
from recurbench.methods.esn import esn
from recurbench.methods.mlp import mlp
from recurbench.methods.nbeats import nbeats
from recurbench.methods.recurrent import gru, lstm
from recurbench.methods.tcn import tcn

TASK = Task("forecasting", Values(3), Values(2), "fixed", steps=4, period=8)
FEW: dict[str, Any] = {"max_steps": 20, "channels": "shared"}


def waves(swap: bool = False) -> Split:
    """Two seasons of different phase and size, beside a covariate known ahead."""
    t, rng = np.arange(120), np.random.default_rng(0)
    y = np.stack([np.sin(t * np.pi / 4), 30 * np.cos(t * np.pi / 4) + 100], axis=1)
    values = np.hstack([y[:, ::-1] if swap else y, rng.normal(size=(120, 1))])
    return Split([values[:-4]], [values[-4:, :2]], [values[-4:, 2:]], series=("one",))


@pytest.mark.parametrize("fit", [mlp, gru, lstm, tcn, nbeats, esn], ids=lambda fit: fit.__name__)
def test_an_answer_for_a_channel_does_not_depend_on_the_others(fit: Any) -> None:
    predict = fit(TASK, waves(), **({"channels": "shared"} if fit is esn else FEW))
    (plain,) = predict(waves().blind())
    (swapped,) = predict(waves(swap=True).blind())
    assert plain.shape == (4, 2)
    assert plain == pytest.approx(swapped[:, ::-1])
    other = waves().blind()
    other.x[0][:, 1] = 7.0
    assert predict(other)[0][:, 0] == pytest.approx(plain[:, 0])
    assert predict.notes["channels"].startswith("shared: one network answers each of the 2 channels")
    joint = fit(TASK, waves(), **({} if fit is esn else {"max_steps": 20}))
    assert "channels" not in joint.notes


def test_quantiles_of_shared_channels_are_answered_in_the_form_asked() -> None:
    task = Task("forecasting", Values(3), Values(2), "fixed", steps=4, period=8, quantiles=(0.1, 0.5, 0.9))
    (answer,) = gru(task, waves(), **FEW)(waves().blind())
    assert answer.shape == (4, 2, 3)
    assert (np.diff(answer, axis=2) >= 0).all()


def test_seeds_trained_together_share_channels_too() -> None:
    both = gru(TASK, waves(), seeds=(0, 1), **FEW)
    (alone,) = gru(TASK, waves(), seeds=(1,), **FEW)
    assert both[1].notes["trained_together"] == 2
    assert np.array_equal(both[1](waves().blind())[0], alone(waves().blind())[0])


def test_windows_are_cut_up_to_the_number_asked_for_and_counted_per_channel() -> None:
    few, many = (mlp(TASK, waves(), windows=n, **FEW).notes["windows"] for n in (10, 1000))
    assert few <= 20 < many
    assert many == 2 * mlp(TASK, waves(), max_steps=20).notes["windows"]


def test_a_decoder_answers_shared_channels() -> None:
    (answer,) = gru(TASK, waves(), decoder="recurrent", **FEW)(waves().blind())
    assert answer.shape == (4, 2)


@pytest.mark.parametrize("normalise", ["train", "none"])
def test_a_network_forecasts_in_other_units(normalise: str) -> None:
    predict = mlp(TASK, waves(), max_steps=20, normalise=normalise)
    assert predict(waves().blind())[0] == pytest.approx(waves().y[0], abs=3)
