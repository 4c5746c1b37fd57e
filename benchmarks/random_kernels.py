"""A classifier that is often right and gives badly calibrated probabilities, for `classifier_choice.py`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, Unsupported, method
from recurbench.task import Array
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Floats = NDArray[np.float64]

PENALTIES = np.logspace(-3, 3, 10)
LENGTHS = (7, 9, 11)


@method("random-kernels", family="convolutional", kinds={"classification"})
def random_kernels(task: Task, train: Split, *, kernels: int = 300, seed: int = 0) -> KernelRidge:
    """Ridge classifier on random convolutions in the way of ROCKET (Dempster et al. 2020).

    The probabilities are a softmax of the regression's scores without a temperature. Scores lie near -1 and
    1, so all probabilities are too close to 1 / classes.
    """
    if task.x.symbols:
        raise Unsupported("convolves numbers, and the input holds symbols")
    return KernelRidge(task, train, kernels, seed)


class KernelRidge:
    """The fitted method."""

    def __init__(self, task: Task, train: Split, kernels: int, seed: int) -> None:
        rng = np.random.default_rng([seed, 11])
        longest = max(len(x) for x in train.x)
        self.size = task.y.size
        self.kernels = [_kernel(rng, longest, train.x[0].shape[1]) for _ in range(kernels)]
        self.model = make_pipeline(StandardScaler(), RidgeClassifierCV(alphas=PENALTIES))
        self.model.fit(self.features(train.x), [int(y[0]) for y in train.y])
        self.notes: dict[str, Any] = {"kernels": kernels, "penalty": float(self.model[-1].alpha_)}

    def __call__(self, split: Split) -> list[Array]:
        """Probabilities [1, classes] of every example."""
        # One row at a time: the rounding of a matrix product depends on the number of rows.
        return [self._chances(row) for row in self.features(split.x)]

    def _chances(self, row: Floats) -> Array:
        scores = np.atleast_1d(self.model.decision_function(row[None])[0])
        if len(scores) == 1:
            scores = np.array([-scores[0], scores[0]])
        raised = np.exp(scores - scores.max())
        chances = np.zeros((1, self.size))
        chances[0, self.model.classes_] = raised / raised.sum()
        return chances

    def features(self, series: Any) -> Floats:
        """[examples, 2 kernels]: the largest value of each convolution and its share of positive values."""
        out = np.empty((len(series), 2 * len(self.kernels)))
        lengths = np.array([len(x) for x in series])
        for length in np.unique(lengths):
            rows = np.flatnonzero(lengths == length)
            stacked = np.stack([np.asarray(series[i], dtype=np.float64) for i in rows])
            for k, (weights, bias, dilation, padding) in enumerate(self.kernels):
                found = _convolved(stacked, weights, dilation, padding) + bias
                out[rows, 2 * k], out[rows, 2 * k + 1] = found.max(axis=1), (found > 0).mean(axis=1)
        return out


def _kernel(rng: np.random.Generator, longest: int, channels: int) -> tuple[Floats, float, int, bool]:
    """Weights [length, channels] with mean 0, bias, dilation, and whether the series is padded."""
    length = int(rng.choice(LENGTHS))
    reach = max(0.0, np.log2(max(1, (longest - 1) / (length - 1))))
    weights = rng.normal(size=(length, channels))
    weights -= weights.mean(axis=0)
    used = rng.permutation(channels)[: int(2 ** rng.uniform(0, np.log2(channels + 1)))]
    weights[:, np.setdiff1d(np.arange(channels), used)] = 0
    return weights, float(rng.uniform(-1, 1)), int(2 ** rng.uniform(0, reach)), bool(rng.integers(2))


def _convolved(stacked: Floats, weights: Floats, dilation: int, padding: bool) -> Floats:
    """[examples, positions] of series [examples, T, channels]; padded where it would be shorter than 1."""
    span = dilation * (len(weights) - 1)
    count = stacked.shape[1] - span
    if padding or count < 1:
        before = span // 2
        stacked = np.pad(stacked, ((0, 0), (before, span - before), (0, 0)))
        count = stacked.shape[1] - span
    out = np.zeros((len(stacked), count))
    for k, row in enumerate(weights):
        part = stacked[:, k * dilation : k * dilation + count]
        for channel in np.flatnonzero(row):
            out += row[channel] * part[:, :, channel]
    return out
