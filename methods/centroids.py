"""The nearest centroid under dynamic time warping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._preparation import Preparation
from recurbench.methods._settings import AtLeast1, Unequal, WholeSeries
from recurbench.methods._tabular import as_prepared, complete, prepared, require_examples
from recurbench.methods._warping_search import WarpingSearch
from recurbench.task import Array
from recurbench.task.arithmetic import Floats
from tslearn.barycenters import dtw_barycenter_averaging


@method("dtw-centroid", family="neighbours", kinds={"classification"})
def dtw_centroid(
    task: Task,
    train: Split,
    *,
    iterations: AtLeast1 = 30,
    unequal: Unequal = "native",
    normalise: WholeSeries = "none",
) -> NearestCentroid:
    """The class whose mean under dynamic time warping is nearest (Petitjean et al. 2014).

    The mean of a class is its barycentre: the series with the least sum of squared distances to all training
    examples of the class, as far as DTW barycentre averaging (DBA: Petitjean et al. 2011) of tslearn finds
    it. The search starts from the mean of each step and is not random. A new series is compared with one
    series for each class, so answers cost much less than those of nearest neighbours. There is no warping
    band: that of tslearn 0.10 has no effect on barycentres.

    Parameters
    ----------
    iterations : int
        At most so many rounds of averaging; it stops earlier where the sum no longer falls.
    unequal, normalise : str
        See `_preparation`. With "native" the barycentre of a class is as long as its longest example.
    """
    if not task.y.symbols:
        raise Unsupported("a centroid stands for a class, and this task asks for numbers")
    require_examples(train)
    prepare = prepared(task, train, unequal, normalise)
    series = [as_prepared(task, prepare, x, i) for i, x in enumerate(train.x)]
    for i, y in enumerate(train.y):
        complete(y, f"the answer of example {i}")
    return NearestCentroid(task, series, np.array([y.item() for y in train.y]), prepare, iterations)


class NearestCentroid:
    """The fitted method: the class of the nearest barycentre answers, of equally near ones the first."""

    def __init__(
        self,
        task: Task,
        series: Sequence[Floats],
        codes: NDArray[np.int64],
        prepare: Preparation,
        iterations: int,
    ) -> None:
        self.task, self.prepare = task, prepare
        self.classes = np.unique(codes)
        # Averaging stops by the size of an improvement, so that it must not depend on the unit of the data.
        unit = float(np.concatenate(series).std()) or 1.0
        self.centroids = [
            barycentre([x / unit for x, code in zip(series, codes, strict=True) if code == one], iterations)
            * unit
            for one in self.classes
        ]
        self.search = WarpingSearch(self.centroids)
        self.notes: dict[str, Any] = {
            "examples": len(series),
            "centroids": len(self.centroids),
            **prepare.notes,
        }

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example."""
        asked = [as_prepared(self.task, self.prepare, x, i) for i, x in enumerate(split.x)]
        found = self.search.nearest(asked, threads=numba.config.NUMBA_NUM_THREADS)
        return [self.classes[[near]] for near in found.indices[:, 0]]


def barycentre(series: Sequence[Floats], iterations: int) -> Floats:
    """The barycentre [longest, channels] of series [T, channels]; a single series is its own.

    Parameters
    ----------
    series : sequence of arrays [T, channels]
    iterations : int
    """
    if len(series) == 1:
        return series[0]
    found = dtw_barycenter_averaging(list(series), max_iter=iterations)
    return np.ascontiguousarray(found, dtype=np.float64)
