"""DeepAR: a recurrent network with a likelihood, which samples paths."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import torch
from recurbench import Split, Task, Unsupported, method
from recurbench.forecast_errors import mase, point, true_steps
from recurbench.methods._history import context_steps
from recurbench.methods._lag_table import FEW, Repeated
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import training_windows
from recurbench.methods._networks.gain import Gain
from recurbench.methods._networks.likelihood_training import Part, fit_likelihood
from recurbench.methods._networks.network import fixed_rng
from recurbench.methods._networks.recurrence import Shape
from recurbench.methods._networks.sampled_paths import PathNet, Reading, spread_evenly
from recurbench.methods._scaling import View, learn_view
from recurbench.methods._settings import AtLeast1, Training
from recurbench.methods._whole_series import whole_series
from recurbench.task import Array, Predictor, arithmetic

TOGETHER = 16  # windows whose paths are sampled at once
JUDGED = 100  # examples of the validation part that say whether the network has learned anything


class SampledPaths:
    """A trained network as a predictor: quantiles of sampled paths, or their median.

    Parameters
    ----------
    net : PathNet
        In double precision.
    reading : Reading
    view : View
    paths, seed : int
        How many paths are sampled, and the seed of their random numbers.
    notes : dict
    """

    def __init__(
        self, net: PathNet, reading: Reading, view: View, paths: int, seed: int, notes: dict[str, Any]
    ) -> None:
        self.net, self.reading, self.view, self.notes = net, reading, view, notes
        # The same for every example, so an answer does not depend on the other examples.
        self.uniform = spread_evenly(paths, view.task.steps, seed)

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with numbers [steps, K], or quantiles [steps, K, Q]."""
        found = self.sampled(split)
        levels = self.view.task.quantiles
        answers = [np.quantile(each, levels or (0.5,), axis=0).T[:, None] for each in found]
        return self.view.answers(answers if levels else [each[..., 0] for each in answers])

    def sampled(self, split: Split) -> list[Array]:
        """The paths [paths, steps] of every example and target, in the unit of the series."""
        asked = self.reading.sequences(
            self.view.split(split.blind(), self.reading.context + self.reading.back)
        )
        found: list[Array] = []
        with fixed_rng(0), torch.no_grad():
            for start in range(0, len(asked), TOGETHER):
                rows = np.arange(start, min(start + TOGETHER, len(asked)))
                some = [asked.every[i] for i in rows]
                paths = self.net.paths(some, asked.batch(rows), self.uniform).numpy()
                found += [one.level + one.unit * path for one, path in zip(some, paths, strict=True)]
        return found


def learn_reading(view: View, seen: Split, context: int | None, scaling: str) -> Reading:
    """Learn context and scale of the covariates known ahead; `seen`: every series once, after the view."""
    known = seen.ahead[0].shape[1] if len(seen.ahead) else 0
    given = np.concatenate([np.asarray(x[:, x.shape[1] - known :], dtype=np.float64) for x in seen.x])
    width = arithmetic.spread(given)
    width = np.where(width > 0, width, np.inf)
    steps = context_steps(view.task, seen) if context is None else context
    return Reading(view.task, steps, known, given.mean(axis=0), width, scaling)


def refuse_no_counts(seen: Split) -> None:
    """Raise Unsupported if a target is no count; for the negative binomial distribution."""
    values = np.concatenate([np.concatenate([x[:, 0], y[:, 0]]) for x, y in zip(seen.x, seen.y, strict=True)])
    known = values[np.isfinite(values)]
    if len(known) and (known.min() < 0 or (known != np.round(known)).any()):
        raise Unsupported("likelihood=negative-binomial needs counts, and train holds other values")


def beats_naive(task: Task, predict: SampledPaths, check: Split) -> bool | None:
    """Whether point forecasts are clearly better than the seasonal naive forecast; see `Gain`.

    Errors are scaled as in MASE, so that every series counts the same. At most JUDGED examples are forecast,
    evenly spaced, because sampling costs more than the answer is worth. None where no error can be scaled.
    """
    chosen = np.unique(np.linspace(0, len(check) - 1, min(JUDGED, len(check))).round().astype(int))
    asked = check.take(chosen)
    naive, network, steps = [], [], []
    for x, y, answer in zip(asked.x, asked.y, predict(asked), strict=True):
        known, history = true_steps(y), x[:, : task.y.size]
        season = history[-task.season :]
        repeated = season[np.arange(len(y)) % len(season)]
        count = int(known.sum())
        both = (repeated, point(task, answer)[: len(y)])
        errors = [mase(each[known], y[known], history, task.season) for each in both] if count else [np.nan]
        if np.isfinite(errors).all():
            naive.append(errors[0] * count)
            network.append(errors[1] * count)
            steps.append(count)
    return Gain.of(np.array(naive), np.array(network), np.array(steps)).learned if steps else None


@method(
    "deepar",
    family="recurrent",
    recurrence="learned",
    kinds={"forecasting"},
    search={"hidden": (16, 32, 64), "learning_rate": (0.001, None, 0.01)},
)
def deepar(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    check: Split | None = None,
    steps: int | None = None,
    cell: Literal["lstm", "gru", "rnn"] = "lstm",
    hidden: AtLeast1 = 32,
    layers: AtLeast1 = 1,
    likelihood: Literal["student", "gaussian", "negative-binomial"] = "student",
    scaling: Literal["standard", "mean"] = "standard",
    paths: AtLeast1 = 200,
    training: Training,
) -> Predictor:
    """DeepAR (Salinas et al. 2020): a recurrent network forecasts the distribution of the next value.

    One network for all series and targets. At every step it reads the value before, the value one season
    before and the covariates known ahead; other covariates and other targets are not read. It is trained on
    the log likelihood, given the true values before each step (teacher forcing): of the steps to forecast,
    and with scaling="mean" of all steps of a window, as in the paper. To forecast, it samples paths: each
    value drawn is the next input. The answer is the quantiles of the paths at each step, or their median. It
    corrects no reference forecast: `reference`, `channels` and `normalise` of the training settings have no
    effect. With fewer than 10 windows that are not constant the last season is repeated, with the quantiles
    of a random walk.

    Parameters
    ----------
    cell : str
        "lstm", "gru" or "rnn".
    hidden, layers : int
        Units per layer, and layers.
    likelihood : str
        "student" (degrees of freedom above 2, one number for all series), "gaussian", or "negative-binomial"
        for counts, which takes scaling="mean".
    scaling : str
        "standard": every window minus the mean of its context, over its standard deviation. "mean": over its
        mean absolute value, as in the paper; then the zero of the series has a meaning.
    paths : int
        Sampled paths per forecast.
    """
    if task.x.symbols or task.y.symbols:
        raise Unsupported("this method forecasts numbers, not symbols")
    if not len(train):
        raise Unsupported("the training part has no examples")
    counts = likelihood == "negative-binomial"
    scaling = "mean" if counts else scaling
    view = learn_view(task, train, channels="shared", calendar=training.calendar)
    view = replace(view, normalise="none")
    series = whole_series(task, train)
    reading = learn_reading(view, view.split(series), training.context, scaling)
    if counts:
        refuse_no_counts(view.split(series))

    def encode(part: Split, held: Split | None) -> Part:
        cut = training_windows(view.task, view.split(part), reading.context, training.windows * view.parts)
        stop = reading.sequences(view.split(held)).moving() if held is not None else None
        return Part(reading.sequences(cut).moving(), stop)

    def build() -> PathNet:
        return PathNet(reading.inputs, Shape(cell, hidden, layers), likelihood)

    notes: dict[str, Any] = {"context": reading.context, "scaling": scaling, "likelihood": likelihood}
    notes |= {"follows_shift": False} if scaling == "mean" else {}
    if (moving := len(encode(series, None).fitted)) < FEW:
        return Repeated(task, notes, moving)
    recipe = Recipe(seed, check, steps, training)
    net, learned = fit_likelihood(task, series, encode, build, recipe)
    predict = SampledPaths(net, reading, view, paths, seed, {**notes, **learned})
    better = beats_naive(task, predict, check) if check is not None and len(check) else None
    if better is not None:
        predict.notes["learned"] = better
    return predict
