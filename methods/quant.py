"""Quantiles of the intervals of a series, of its differences and of its spectrum."""

from __future__ import annotations

from typing import Annotated

from aeon.transformations.collection.interval_based import QUANTTransformer
from recurbench import Split, Task, method
from recurbench.methods._batch_features import BatchFeatures, Transform, fit_on_batch, in_blocks
from recurbench.methods._heads import Model, head
from recurbench.methods._settings import AtLeast1, OneLength, WholeSeries
from recurbench.task.arithmetic import Floats

SHORTEST = 3  # steps, so that a second difference exists


@method("quant", family="features", kinds={"classification", "regression"})
def quant(
    task: Task,
    train: Split,
    *,
    depth: Annotated[int, ">= 1"] = 6,
    divisor: AtLeast1 = 4,
    model: Model = "extra-trees",
    trees: AtLeast1 = 200,
    unequal: OneLength = "resample",
    normalise: WholeSeries = "none",
    seed: int = 0,
) -> BatchFeatures:
    """QUANT (Dempster, Schmidt and Webb 2024), computed by aeon, with extra trees as published.

    Series of several lengths are interpolated linearly to the longest training example, unless `unequal` says
    otherwise; they need 3 steps then.

    Parameters
    ----------
    depth : int
        How often the series is halved into intervals.
    divisor : int
        An interval of m steps has 1 + (m - 1) // divisor quantiles.
    model : str
        What predicts from the features: "ridge", "logistic" (classes only), "forest" or "extra-trees".
    trees : int
        Of the forest or the extra trees.
    unequal, normalise : str
        See `_preparation`.
    """

    def learn(series: Floats) -> Transform:
        fitted = QUANTTransformer(interval_depth=depth, quantile_divisor=divisor).fit(series)
        return lambda x: in_blocks(fitted.transform, x)

    fit = head(model, trees=trees, seed=seed)
    return fit_on_batch(
        task, train, learn, fit, name="QUANT", shortest=SHORTEST, unequal=unequal, normalise=normalise
    )
