"""Every metric: its name, its direction, and what it measures."""

from __future__ import annotations

from dataclasses import dataclass

from recurbench.class_scores import BINS
from recurbench.forecast_errors import INTERVALS

# How a metric is written in tables and sentences; other names are written with blanks.
SPELLED = {
    "mse": "MSE",
    "mae": "MAE",
    "rmse": "RMSE",
    "r2": "R2",
    "mase": "MASE",
    "rmsse": "RMSSE",
    "smape": "sMAPE",
    "owa": "OWA",
    "pinball": "CRPS",
    "wql": "WQL",
    "auroc": "AUROC",
    "brier": "Brier score",
}


def in_words(name: str) -> str:
    """A metric in English words, from its name: `MASE`, `log loss`, `80 % coverage`."""
    family, _, level = name.rpartition("_")
    if level.isdigit():
        return f"{level} % {family.replace('_', ' ')}"
    return SPELLED.get(name, name.replace("_", " "))


@dataclass(frozen=True)
class Metric:
    """A metric: its name and its direction.

    Parameters
    ----------
    name : str
        The key in `METRICS`, the same as the column of a run's table.
    higher_is_better : bool
        Whether a higher score is the better one.
    description : str
        What is computed, with its unit.
    target : float, optional
        The right value of a score that can be too low and too high, such as .8 for the coverage of an 80 %
        interval. Neither direction is then the better one.
    """

    name: str
    higher_is_better: bool
    description: str
    target: float | None = None

    @property
    def arrow(self) -> str:
        """↑ if a higher score is better, ↓ if a lower one is; → and the target of a score that has one."""
        if self.target is not None:
            return f"→ {self.target:.2f}"
        return "↑" if self.higher_is_better else "↓"


METRICS: dict[str, Metric] = {
    m.name: m
    for m in (
        Metric("log_loss", False, "mean negative log probability of the true class, nats"),
        Metric("accuracy", True, "share of right answers"),
        Metric("balanced_accuracy", True, "recall, averaged over the classes that occur"),
        Metric(
            "auroc",
            True,
            "area under the ROC curve; of several classes, the mean of each class against all others",
        ),
        Metric("brier", False, "squared error of the probabilities, summed over classes, in 0..2"),
        Metric(
            "calibration_error",
            False,
            f"|share of right answers - probability of the predicted class| in {BINS} bins of equal width",
        ),
        Metric("last_step_accuracy", True, "share of sequences with a right last step"),
        Metric(
            "cross_entropy",
            False,
            "mean negative log probability of the true symbol per step, nats; in answers of any length it is "
            "given the true symbols before it, and the end counts as a symbol",
        ),
        Metric("flag_loss", False, "mean negative log-likelihood of all flags of a step, nats"),
        Metric("mse", False, "mean squared error"),
        Metric("mae", False, "mean absolute error"),
        Metric(
            "rmse", False, "root of the mean squared error; of forecasts that of a series, mean over series"
        ),
        Metric("r2", True, "1 - squared error / variance of the answers"),
        Metric(
            "mase",
            False,
            "absolute error / error of seasonal naive on the history; mean over origins, then over series",
        ),
        Metric(
            "rmsse",
            False,
            "root of squared error / squared error of seasonal naive on the history; mean over origins, then "
            "over series",
        ),
        Metric("smape", False, "mean of 200 |y - f| / (|y| + |f|), in 0..200"),
        Metric(
            "pinball",
            False,
            "twice the pinball loss, mean over quantile levels (their CRPS); a point counts at every level",
        ),
        Metric(
            "wql",
            False,
            "weighted quantile loss: 2 x pinball / sum of |y|; a point forecast counts at every level",
        ),
        *(
            metric
            for level in INTERVALS
            for metric in (
                Metric(
                    f"coverage_{100 * level:.0f}",
                    True,
                    f"share of true values within the {100 * level:.0f} % interval",
                    target=level,
                ),
                Metric(
                    f"interval_score_{100 * level:.0f}",
                    False,
                    f"width of the {100 * level:.0f} % interval + {2 / (1 - level):.0f} x the distance of "
                    "true values outside",
                ),
            )
        ),
        Metric("exact_match", True, "share of sequences with every symbol right"),
        Metric("token_error_rate", False, "edit distance / length of the true sequence"),
    )
}
