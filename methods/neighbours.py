"""The nearest neighbour, by Euclidean distance or by dynamic time warping."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numba
import numpy as np
from recurbench import Split, Task, method
from recurbench.methods._preparation import Preparation, refuse_lengths
from recurbench.methods._settings import AtLeast0, Unequal, WholeSeries
from recurbench.methods._tabular import complete, encoded, prepared
from recurbench.methods._warping import band_radius
from recurbench.methods._warping_search import WarpingSearch
from recurbench.task import Array
from recurbench.task.arithmetic import Floats


@method(
    "euclidean-1nn", family="neighbours", kinds={"classification", "regression", "generation", "translation"}
)
def euclidean_1nn(
    task: Task,
    train: Split,
    *,
    unequal: Unequal = "native",
    normalise: WholeSeries = "none",
) -> Neighbours:
    """One nearest neighbour by Euclidean distance (Cover and Hart 1967).

    Parameters
    ----------
    unequal, normalise : str
        See `_preparation`. The distance needs one length: "native" refuses training examples of several, and
        interpolates new examples linearly to the length of the training examples.
    """
    if unequal == "native":
        refuse_lengths("Euclidean distance", train)
        unequal = "resample"
    return Neighbours(task, train, prepared(task, train, unequal, normalise))


@method("dtw-1nn", family="neighbours", kinds={"classification", "regression"})
def dtw_1nn(
    task: Task,
    train: Split,
    *,
    window: Annotated[float, ">= 0", "<= 1"] | AtLeast0 | None = None,
    channels: Literal["together", "separate"] = "together",
    unequal: Unequal = "native",
    normalise: WholeSeries = "none",
) -> WarpingNeighbours:
    """One nearest neighbour by dynamic time warping (Sakoe and Chiba 1978).

    The neighbour is exact: a distance is left out only if a lower bound of it is already too large. Series of
    any length are compared as they are. In a window of r steps, step i of the shorter series is matched
    with steps i - r to i + r + d of the longer one, where d is the difference of their lengths.

    Parameters
    ----------
    window : float, int or None
        Width of the warping band: a share of the length of the longest training example (rounded up), a
        number of steps, or None for no band.
    channels : str
        "together" for one warping path of all channels, "separate" for the sum of the distances of
        each channel (Shokoohi-Yekta et al. 2017).
    unequal, normalise : str
        See `_preparation`.
    """
    if channels not in ("together", "separate"):
        raise ValueError(f'channels must be "together" or "separate", got {channels!r}')
    prepare = prepared(task, train, unequal, normalise)
    longest = prepare.steps or max((len(x) for x in train.x), default=0)
    radius = band_radius(window, longest)
    return WarpingNeighbours(task, train, prepare, radius, channels == "together")


class Neighbours:
    """The fitted method: every answer is that of the nearest training example."""

    def __init__(self, task: Task, train: Split, prepare: Preparation) -> None:
        if not len(train):
            raise ValueError(
                "a nearest neighbour needs at least one training example, the training part has none"
            )
        self.task, self.prepare = task, prepare
        for i, y in enumerate(train.y):
            complete(y, f"the answer of example {i}")
        self.answers = [np.array(y) for y in train.y]
        self.known = [self._prepared(x, i) for i, x in enumerate(train.x)]
        self.notes: dict[str, Any] = {"examples": len(self.known), **prepare.notes}

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example."""
        prepared = [self._prepared(x, i) for i, x in enumerate(split.x)]
        return [self.answers[near].copy() for near, _ in self._nearest(prepared)]

    def nearest(self, x: Array) -> int:
        """The index of the nearest training example; ties go to the first one."""
        return self._nearest([self._prepared(x, 0)])[0][0]

    def components(self, split: Split) -> dict[str, Any]:
        """The nearest training example of every example, for reports.

        Returns
        -------
        dict
            `nearest` has one dict per example: `train`, the index of the neighbour; `distance`, squared;
            `asked` and `found` [channels][T], both series as they were compared, rounded.
        """
        prepared = [self._prepared(x, i) for i, x in enumerate(split.x)]
        found = zip(prepared, self._nearest(prepared), strict=True)
        return {"nearest": [self._compared(x, near, distance) for x, (near, distance) in found]}

    def _compared(self, prepared: Floats, nearest: int, distance: float) -> dict[str, Any]:
        shown = {"asked": prepared, "found": self.known[nearest]}
        rounded = {
            name: [[float(f"{v:.5g}") for v in row] for row in series.T.tolist()]
            for name, series in shown.items()
        }
        return {"train": nearest, "distance": distance, **rounded}

    def _nearest(self, prepared: list[Floats]) -> list[tuple[int, float]]:
        """The nearest training example of every prepared one, and its squared distance."""
        found = []
        for x in prepared:
            distances = np.array([((x - other) ** 2).sum() for other in self.known])
            nearest = int(distances.argmin())
            found.append((nearest, float(distances[nearest])))
        return found

    def _prepared(self, x: Array, i: int) -> Floats:
        return np.array(self.prepare(encoded(self.task, x, i)), order="C")


class WarpingNeighbours(Neighbours):
    """The fitted method with dynamic time warping."""

    def __init__(
        self, task: Task, train: Split, prepare: Preparation, radius: int | None, together: bool
    ) -> None:
        super().__init__(task, train, prepare)
        self.search, self.radius = WarpingSearch(self.known, radius, together), radius
        self.notes["radius"] = "full" if radius is None else radius

    def components(self, split: Split) -> dict[str, Any]:
        """The same, and `radius`: the width of the band in steps, or None."""
        # The picture of the path needs one path of all channels, and within a band one length.
        one_path = self.search.together or self.task.x.size == 1
        lengths = {len(x) for x in (*self.known, *split.x)}
        warped = one_path and (self.radius is None or len(lengths) == 1)
        return {**super().components(split), "warped": warped, "radius": self.radius}

    def _nearest(self, prepared: list[Floats]) -> list[tuple[int, float]]:
        found = self.search.nearest(prepared, threads=numba.config.NUMBA_NUM_THREADS)
        return list(zip(found.indices[:, 0].tolist(), found.distances[:, 0].tolist(), strict=True))
