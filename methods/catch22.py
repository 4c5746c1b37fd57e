"""The 22 canonical characteristics of a time series, with mean and standard deviation."""

from __future__ import annotations

from aeon.transformations.collection.feature_based import Catch22
from recurbench import Split, Task, method
from recurbench.methods._batch_features import BatchFeatures, fit_on_lengths
from recurbench.methods._heads import Model, head
from recurbench.methods._settings import AtLeast1, Unequal, WholeSeries

SHORTEST = 3  # steps; aeon divides by zero on fewer


@method("catch22", family="features", kinds={"classification", "regression"})
def catch22(
    task: Task,
    train: Split,
    *,
    model: Model = "forest",
    trees: AtLeast1 = 200,
    unequal: Unequal = "native",
    normalise: WholeSeries = "none",
    seed: int = 0,
) -> BatchFeatures:
    """The 22 canonical characteristics (Lubba et al. 2019) by aeon, with mean and standard deviation.

    Each channel has its own 24 features. A feature that a series does not have is 0. A series of one or two
    steps is interpolated linearly to three.

    Parameters
    ----------
    model : str
        What predicts from the features: "ridge", "logistic" (classes only), "forest" or "extra-trees".
    trees : int
        Of the forest or the extra trees.
    unequal, normalise : str
        See `_preparation`.
    """
    features = Catch22(catch24=True, outlier_norm=True, replace_nans=True, n_jobs=1)
    fit = head(model, trees=trees, seed=seed)
    return fit_on_lengths(
        task,
        train,
        features.fit_transform,
        fit,
        shortest=SHORTEST,
        unequal=unequal,
        normalise=normalise,
    )
