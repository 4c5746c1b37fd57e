"""The nearest neighbour, by Euclidean distance or by dynamic time warping."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from recurbench import Split, Task, Unsupported, method
from recurbench.methods._numeric import Floats, divide, resample, spread
from recurbench.methods._settings import AtLeast0
from recurbench.methods._tabular import complete, encoded
from recurbench.methods._warping import band_radius, warping_distances
from recurbench.task import Array


@method(
    "euclidean-1nn", family="neighbours", kinds={"classification", "regression", "generation", "translation"}
)
def euclidean_1nn(
    task: Task,
    train: Split,
    *,
    normalise: Literal["none", "series"] = "none",
    unequal: Literal["refuse", "resample"] = "refuse",
) -> Neighbours:
    """One nearest neighbour by Euclidean distance (Cover and Hart 1967).

    Parameters
    ----------
    normalise : str
        "none", or "series" for mean 0 and standard deviation 1 of each channel of each example.
    unequal : str
        If training examples differ in length: "refuse" the task, or "resample" them to the longest one.
    """
    if unequal not in ("refuse", "resample"):
        raise ValueError(f'unequal must be "refuse" or "resample", got {unequal!r}')
    lengths = {len(x) for x in train.x}
    if len(lengths) > 1 and unequal == "refuse":
        raise Unsupported(
            f"Euclidean distance needs one length, the training examples have {min(lengths)} to "
            f'{max(lengths)} steps; unequal="resample" interpolates them to the longest'
        )
    return Neighbours(task, train, normalise, max(lengths, default=0))


@method("dtw-1nn", family="neighbours", kinds={"classification", "regression"})
def dtw_1nn(
    task: Task,
    train: Split,
    *,
    window: Annotated[float, ">= 0", "<= 1"] | AtLeast0 | None = None,
    normalise: Literal["none", "series"] = "none",
) -> WarpingNeighbours:
    """One nearest neighbour by dynamic time warping (Sakoe and Chiba 1978).

    Parameters
    ----------
    window : float, int or None
        Width of the warping band: a share of the length (rounded up), a number of steps, or None for no band.
    normalise : str
        "none", or "series" for mean 0 and standard deviation 1 of each channel of each example.
    """
    lengths = {len(x) for x in train.x}
    radius = band_radius(window, max(lengths, default=0))
    if window is not None and len(lengths) > 1:
        raise Unsupported(
            f"a warping window needs series of one length, the training examples have "
            f"{min(lengths)} to {max(lengths)} steps; window=None takes them"
        )
    # With a window, new examples are interpolated to the length of the training examples.
    return WarpingNeighbours(task, train, normalise, max(lengths) if window is not None else None, radius)


class Neighbours:
    """The fitted method: every answer is that of the nearest training example."""

    def __init__(self, task: Task, train: Split, normalise: str, length: int | None) -> None:
        if normalise not in ("none", "series"):
            raise ValueError(f'normalise must be "none" or "series", got {normalise!r}')
        if not len(train):
            raise ValueError(
                "a nearest neighbour needs at least one training example, the training part has none"
            )
        self.task, self.normalise, self.length = task, normalise, length
        for i, y in enumerate(train.y):
            complete(y, f"the answer of example {i}")
        self.answers = [np.array(y) for y in train.y]
        self.known = [self._prepared(x, i) for i, x in enumerate(train.x)]
        self.notes: dict[str, Any] = {"examples": len(self.known), "normalise": normalise}
        if length is not None:
            self.notes["unseen lengths"] = f"interpolated linearly to {length} steps"

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example."""
        return [self.answers[self._nearest(x, i)].copy() for i, x in enumerate(split.x)]

    def nearest(self, x: Array) -> int:
        """The index of the nearest training example; ties go to the first one."""
        return self._nearest(x, 0)

    def components(self, split: Split) -> dict[str, Any]:
        """The nearest training example of every example, for reports.

        Returns
        -------
        dict
            `nearest` has one dict per example: `train`, the index of the neighbour; `distance`, squared;
            `asked` and `found` [channels][T], both series as they were compared, rounded.
        """
        return {"nearest": [self._compared(self._prepared(x, i)) for i, x in enumerate(split.x)]}

    def _compared(self, prepared: Floats) -> dict[str, Any]:
        distances = self.distances(prepared)
        nearest = int(distances.argmin())
        shown = {"asked": prepared, "found": self.known[nearest]}
        rounded = {
            name: [[float(f"{v:.5g}") for v in row] for row in series.tolist()]
            for name, series in shown.items()
        }
        return {"train": nearest, "distance": float(distances[nearest]), **rounded}

    def distances(self, prepared: Floats) -> Floats:
        """Squared distances from a prepared example to all training examples."""
        return np.array([((prepared - other) ** 2).sum() for other in self.known])

    def _nearest(self, x: Array, i: int) -> int:
        return int(self.distances(self._prepared(x, i)).argmin())

    def _prepared(self, x: Array, i: int) -> Floats:
        series = encoded(self.task, x, i)
        if self.length is not None:
            series = resample(series, self.length)
        if self.normalise == "series":
            series = divide(series - series.mean(axis=0), spread(series))
        # [channels, T] as aeon needs it, as a copy.
        return np.array(series.T, order="C")


class WarpingNeighbours(Neighbours):
    """The fitted method with dynamic time warping."""

    def __init__(
        self, task: Task, train: Split, normalise: str, length: int | None, radius: int | None
    ) -> None:
        super().__init__(task, train, normalise, length)
        self.radius = radius
        self.notes["radius"] = "full" if radius is None else radius

    def components(self, split: Split) -> dict[str, Any]:
        """The same, and `radius`: the width of the band in steps, or None."""
        return {**super().components(split), "warped": True, "radius": self.radius}

    def distances(self, prepared: Floats) -> Floats:
        """Squared DTW distances from a prepared example to all training examples."""
        return warping_distances(prepared, self.known, self.radius)
