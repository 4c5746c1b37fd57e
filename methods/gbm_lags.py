"""Gradient-boosted trees on lags, one model for all series: pooled and nonlinear, but without recurrence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, method
from recurbench.methods._lag_table import FEW, Repeated, asked, learn_table, unpooled
from recurbench.methods._lags import Frame, Windows
from recurbench.methods._quantile_regression import pinball, uncrossed
from recurbench.methods._settings import AtLeast0, AtLeast1
from recurbench.task import Array, Predictor
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]
Loss = Callable[[Floats, Floats], float]

ROWS = 30_000  # training rows, one per window and step of the horizon; more take time and hardly help
PATIENCE = 20  # rounds without a smaller error on the part held out
ALONE = 50  # rounds if no part can be held out


@dataclass(frozen=True)
class Boosted:
    """Boosted trees as a predictor: one model, or one per level.

    Attributes
    ----------
    task : Task
    frame : Frame
    models : list of HistGradientBoostingRegressor
    notes : dict
    """

    task: Task
    frame: Frame
    models: list[HistGradientBoostingRegressor]
    notes: dict[str, Any]

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example with numbers [steps, targets], or quantiles [steps, targets, Q]."""
        if not len(split):
            return []
        return unpooled(self.task, np.concatenate([self._answer(cut) for cut in asked(self.frame, split)]))

    def _answer(self, cut: Windows) -> Floats:
        found = np.zeros((len(cut), self.task.steps, max(1, len(self.task.quantiles))))
        with threadpool_limits(limits=1):
            for step in range(self.task.steps):
                rows = stepped_row(cut, step)
                for i, model in enumerate(self.models):
                    found[:, step, i] = model.predict(rows)
        answer = cut.forecast(uncrossed(found, self.task.quantiles or (0.5,)))
        return answer if self.task.quantiles else answer[..., 0]


def stepped_row(cut: Windows, step: int) -> Floats:
    """The rows [N, features] for one step, with the same columns at every step: the last is the step.

    The lags of earlier seasons are those of the step itself, so one model serves all steps.
    """
    frame = cut.frame
    columns = frame.recent() + frame.seasonal(step)
    known = cut.known[:, frame.context + step]
    start = cut.scaled_start([step])
    return np.concatenate([cut.row(step, columns), known, start, np.full((len(cut), 1), step)], axis=1)


def stacked(cut: Windows, steps: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """The rows and answers of each window at the step [N] drawn for it."""
    rows = [stepped_row(cut.take(np.flatnonzero(steps == s)), int(s)) for s in np.unique(steps)]
    answers = [cut.answers[steps == s, s] for s in np.unique(steps)]
    return np.concatenate(rows), np.concatenate(answers)


def repeated_steps(cut: Windows, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Rows and answers of about ROWS pairs of a window and a step, each pair once, drawn at random."""
    steps = cut.frame.task.steps
    pairs = np.arange(len(cut) * steps)
    if len(pairs) > ROWS:
        pairs = np.sort(rng.choice(pairs, ROWS, replace=False))
    return stacked(cut.take(pairs // steps), pairs % steps)


def pinball_of(level: float) -> Loss:
    """The mean pinball loss at a level, of answers and forecasts [N]."""

    def loss(answers: Floats, forecasts: Floats) -> float:
        return float(pinball((answers - forecasts)[:, None], [level]).mean())

    return loss


def squared(answers: Floats, forecasts: Floats) -> float:
    """The mean squared error of answers and forecasts [N]."""
    return float(((answers - forecasts) ** 2).mean())


def best_rounds(forecasts: Iterator[Floats], answers: Floats, loss: Loss) -> int:
    """The number of rounds with the smallest loss; PATIENCE rounds without a smaller one end the search."""
    best, least = 1, np.inf
    for done, each in enumerate(forecasts, start=1):
        now = loss(answers, each)
        if now < least:
            best, least = done, now
        elif done - best >= PATIENCE:
            break
    return best


@method(
    "gbm-lags",
    family="features",
    kinds={"forecasting"},
    search={"context": (0, 48, 96), "shrinkage": (0.03, 0.1), "leaves": (7, 15, 31)},
)
def gbm_lags(
    task: Task,
    train: Split,
    *,
    seed: int = 0,
    context: AtLeast0 = 0,
    windows: AtLeast1 = 20_000,
    rounds: AtLeast1 = 200,
    shrinkage: Annotated[float, "> 0", "<= 1"] = 0.1,
    leaves: Annotated[int, ">= 2"] = 15,
) -> Predictor:
    """Gradient-boosted trees (Friedman 2001) on lags, one model for all series, targets and steps together.

    The trees are those of scikit-learn's HistGradientBoostingRegressor. Lags, scaling and covariates are
    those of ridge-lags; the step of the horizon is a feature, and the lags of earlier seasons are those of
    that step. So every step is forecast directly from the history, not from other forecasts. Without levels
    the loss is the squared error; with levels there is one model per level (pinball loss), and quantiles that
    cross are sorted. The number of rounds is the best one on what ridge-lags holds out. A few windows are
    treated as in ridge-lags.

    Parameters
    ----------
    context, windows : int
        See ridge-lags. Of the pairs of a window and a step at most 30,000 are used, drawn with the seed.
    rounds : int
        The largest number of trees per model.
    shrinkage : float
        The factor of each tree, which scikit-learn calls learning_rate.
    leaves : int
        The largest number of leaves of a tree.
    """
    table = learn_table(task, train, context, windows, seed)
    if len(table.every) < FEW:
        return Repeated(task, table.notes, len(table.every))
    rng = np.random.default_rng(seed)
    rows, answers = repeated_steps(table.every, rng)
    early = repeated_steps(table.early, rng) if len(table.late) else None
    late = repeated_steps(table.late, rng) if len(table.late) else None
    common = {"learning_rate": shrinkage, "max_leaf_nodes": leaves, "random_state": seed}
    models, chosen = [], []
    with threadpool_limits(limits=1):
        for level in task.quantiles or (None,):
            how = {"loss": "quantile", "quantile": level} if level else {"loss": "squared_error"}
            most = min(rounds, ALONE)
            if early is not None and late is not None:
                tried = HistGradientBoostingRegressor(
                    max_iter=rounds, early_stopping=False, **common, **how
                ).fit(*early)
                loss = pinball_of(level) if level else squared
                most = best_rounds(tried.staged_predict(late[0]), late[1], loss)
            model = HistGradientBoostingRegressor(max_iter=most, early_stopping=False, **common, **how)
            models.append(model.fit(rows, answers))
            chosen.append(most)
    notes = table.notes | {"rows": len(rows), "rounds": chosen}
    return Boosted(task, table.frame, models, notes)
