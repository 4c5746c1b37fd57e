"""All published scores: those of classifiers and regressors, which stand here, and those of forecasts."""

from __future__ import annotations

from recurbench.forecast_literature import FORECASTS
from recurbench.published_score import Published

UCR = "UCR archive 2018, DataSummary.csv, default split"
TSML = "tsml-eval b716654, resample 0 (the default split)"
REVIEW = "Ismail Fawaz et al. 2019, dl-4-tsc e0233ef, results/results-uea.csv"


# By the name in the file: the most similar method here, the name in the paper, and what differs.
_REVIEWED = {
    "mlp": ("mlp", "MLP", "three layers of 500 units with dropout, 5000 epochs, no check part"),
    "fcn": ("fcn", "FCN", "2000 epochs in batches of 16, no check part"),
    "cnn": ("cnn", "Time-CNN", "two layers of 6 and 12 filters with sigmoids, 2000 epochs, no check part"),
    "twiesn": ("esn", "TWIESN", "every step is classified by itself; size and radius are searched"),
}


def _reviewed(problem: str, name: str, value: float, spread: float) -> Published:
    """Mean and standard deviation of the ten runs in the file."""
    method, named, unlike = _REVIEWED[name]
    return Published(problem, method, "accuracy", value, REVIEW, 4, named, spread, 10, unlike)


def _inception(problem: str, value: float) -> Published:
    unlike = "the mean of five networks, 1500 epochs, no check part"
    return Published(problem, "inception", "accuracy", value, TSML, 4, "InceptionTime", unlike=unlike)


# The UCR files are already z-normalised, so the published protocol uses their values unchanged.
FIGURES = (
    Published("gunpoint", "euclidean-1nn", "accuracy", 0.9133, UCR, named="ED"),
    Published("arrowhead", "euclidean-1nn", "accuracy", 0.8000, UCR, named="ED"),
    Published("italy-power-demand", "euclidean-1nn", "accuracy", 0.9553, UCR, named="ED"),
    Published("trace", "euclidean-1nn", "accuracy", 0.7600, UCR, named="ED"),
    Published("gunpoint", "dtw-1nn", "accuracy", 0.9067, UCR, named="DTW w=100"),
    Published("arrowhead", "dtw-1nn", "accuracy", 0.7029, UCR, named="DTW w=100"),
    Published("italy-power-demand", "dtw-1nn", "accuracy", 0.9504, UCR, named="DTW w=100"),
    Published("trace", "dtw-1nn", "accuracy", 1.0000, UCR, named="DTW w=100"),
    Published("basic-motions", "dtw-1nn", "accuracy", 0.975, TSML, digits=3, named="1NN-DTW-D"),
    # The source prints the square root: .05306021662.
    Published("covid-3-month", "euclidean-1nn", "mse", 0.00281539, TSML, digits=8, named="1NN-ED"),
    *FORECASTS,
    _reviewed("gunpoint", "mlp", 0.9273, 0.0111),
    _reviewed("arrowhead", "mlp", 0.7783, 0.0117),
    _reviewed("italy-power-demand", "mlp", 0.9540, 0.0024),
    _reviewed("trace", "mlp", 0.8070, 0.0067),
    _reviewed("gunpoint", "fcn", 1.0000, 0.0000),
    _reviewed("arrowhead", "fcn", 0.8429, 0.0151),
    _reviewed("italy-power-demand", "fcn", 0.9610, 0.0031),
    _reviewed("trace", "fcn", 1.0000, 0.0000),
    _reviewed("gunpoint", "cnn", 0.9320, 0.0188),
    _reviewed("arrowhead", "cnn", 0.7229, 0.0262),
    _reviewed("italy-power-demand", "cnn", 0.9548, 0.0045),
    _reviewed("trace", "cnn", 0.9500, 0.0249),
    _reviewed("gunpoint", "twiesn", 0.9607, 0.0232),
    _reviewed("arrowhead", "twiesn", 0.6589, 0.0942),
    _reviewed("italy-power-demand", "twiesn", 0.8804, 0.0220),
    _reviewed("trace", "twiesn", 0.9590, 0.0191),
    _inception("gunpoint", 1.0000),
    _inception("arrowhead", 0.8629),
    _inception("italy-power-demand", 0.9660),
    _inception("trace", 1.0000),
)

__all__ = ["FIGURES", "Published"]
