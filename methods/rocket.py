"""Random convolutions with a ridge regression: MiniROCKET, and MultiROCKET with Hydra."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import torch
from aeon.classification.convolution_based._hydra import _SparseScaler
from aeon.transformations.collection.convolution_based import HydraTransformer, MiniRocket, MultiRocket
from recurbench import Split, Task, method
from recurbench.methods._batch_features import (
    BatchFeatures,
    Transform,
    fit_on_batch,
    in_blocks,
    unmoved_generators,
)
from recurbench.methods._heads import Model, head
from recurbench.methods._settings import AtLeast1, OneLength, WholeSeries
from recurbench.task import Array
from recurbench.task.arithmetic import Floats
from sklearn.preprocessing import StandardScaler

KERNEL = 9  # steps of every kernel


@method("minirocket", family="features", kinds={"classification", "regression"})
def minirocket(
    task: Task,
    train: Split,
    *,
    kernels: Annotated[int, ">= 84"] = 10_000,
    model: Model = "ridge",
    trees: AtLeast1 = 200,
    unequal: OneLength = "resample",
    normalise: WholeSeries = "none",
    seed: int = 0,
) -> BatchFeatures:
    """MiniROCKET (Dempster, Schmidt and Webb 2021), computed by aeon, with a ridge regression as published.

    The series are convolved with fixed kernels of 9 steps; a feature is the share of steps above a random
    bias. Series of several lengths are interpolated linearly to the longest training example, unless
    `unequal` says otherwise; they need 9 steps then. The first fit on a machine compiles the convolutions,
    which can take a minute.

    Parameters
    ----------
    kernels : int
        Features, rounded down to a multiple of 84.
    model : str
        What predicts from the features: "ridge", "logistic" (classes only), "forest" or "extra-trees".
    trees : int
        Of the forest or the extra trees.
    unequal, normalise : str
        See `_preparation`.
    """

    def learn(series: Floats) -> Transform:
        with unmoved_generators():
            transform: Transform = (
                MiniRocket(n_kernels=kernels, n_jobs=1, random_state=seed).fit(series).transform
            )
        return transform

    fit = head(model, trees=trees, seed=seed)
    return fit_on_batch(
        task, train, learn, fit, name="MiniROCKET", shortest=KERNEL, unequal=unequal, normalise=normalise
    )


@method("multirocket-hydra", family="features", kinds={"classification", "regression"})
def multirocket_hydra(
    task: Task,
    train: Split,
    *,
    model: Model = "ridge",
    trees: AtLeast1 = 200,
    unequal: OneLength = "resample",
    normalise: WholeSeries = "none",
    seed: int = 0,
) -> BatchFeatures:
    """MultiROCKET (Tan et al. 2022) and Hydra (Dempster, Schmidt and Webb 2023) together, computed by aeon.

    About 50,000 features of MultiROCKET (four statistics of the convolutions of a series and of its
    differences) and those of Hydra (how often each of 8 competing kernels fits best), with a ridge regression
    as published. Series of several lengths are interpolated linearly to the longest training example, unless
    `unequal` says otherwise; they need 10 steps then. The first fit on a machine compiles the convolutions,
    which can take some minutes.

    Parameters
    ----------
    model : str
        What predicts from the features: "ridge", "logistic" (classes only), "forest" or "extra-trees".
    trees : int
        Of the forest or the extra trees.
    unequal, normalise : str
        See `_preparation`.
    """
    fit = head(model, trees=trees, seed=seed, scaled=True)
    # The differences of the series need the steps of a kernel, too.
    return fit_on_batch(
        task,
        train,
        lambda x: _Both(x, seed),
        fit,
        name="MultiROCKET-Hydra",
        shortest=KERNEL + 1,
        unequal=unequal,
        normalise=normalise,
    )


class _Both:
    """The features of Hydra and MultiROCKET, each scaled in its published way."""

    def __init__(self, series: Floats, seed: int) -> None:
        with unmoved_generators():
            self._hydra = HydraTransformer(n_jobs=1, random_state=seed, output_type="numpy").fit(series)
            self._scale_hydra = _SparseScaler()
            self._scale_hydra.fit(torch.from_numpy(in_blocks(self._hydra.transform, series)))
            self._rocket = MultiRocket(n_jobs=1, random_state=seed).fit(series)
            self._scale_rocket = StandardScaler().fit(self._rocket.transform(series))

    def __call__(self, series: Floats) -> Array:
        """Features [n, p] of series [n, channels, T]."""
        hydra = self._scale_hydra.transform(torch.from_numpy(in_blocks(self._hydra.transform, series)))
        rocket = self._scale_rocket.transform(self._rocket.transform(series))
        return np.concatenate((hydra.numpy(), rocket), axis=1)
