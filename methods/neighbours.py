"""The nearest neighbours, by Euclidean distance or by dynamic time warping."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numba
import numpy as np
from numpy.typing import NDArray
from recurbench import Split, Task, method
from recurbench.methods._neighbour_answers import NeighbourAnswers
from recurbench.methods._preparation import Preparation, refuse_lengths
from recurbench.methods._settings import AtLeast0, AtLeast1, Unequal, WholeSeries
from recurbench.methods._tabular import as_prepared, complete, prepared
from recurbench.methods._warping import band_radius
from recurbench.methods._warping_search import WarpingSearch
from recurbench.methods._warping_windows import neighbours_by_radius
from recurbench.task import Array
from recurbench.task.arithmetic import Floats

Numbers = NDArray[np.int64]
Window = float | Literal["learned"] | None

LEARNED = tuple(percent / 100 for percent in range(101))  # the windows to learn from, shares of the length


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
    return Neighbours(task, train, _of_one_length(task, train, unequal, normalise))


@method("euclidean-knn", family="neighbours", kinds={"classification", "regression"})
def euclidean_knn(
    task: Task,
    train: Split,
    *,
    k: AtLeast1 = 5,
    unequal: Unequal = "native",
    normalise: WholeSeries = "none",
) -> Neighbours:
    """Several nearest neighbours by Euclidean distance (Fix and Hodges 1951).

    Classes are chosen by a vote, and a tie is won by the class of the nearest example. Probabilities are the
    shares of the votes, after one more vote was spread evenly over all classes. The answer to a regression is
    the mean.

    Parameters
    ----------
    k : int
        How many neighbours, at most all training examples.
    unequal, normalise : str
        As in `euclidean_1nn`.
    """
    return Neighbours(task, train, _of_one_length(task, train, unequal, normalise), k)


def _of_one_length(task: Task, train: Split, unequal: Unequal, normalise: WholeSeries) -> Preparation:
    if unequal == "native":
        refuse_lengths("Euclidean distance", train)
        unequal = "resample"
    return prepared(task, train, unequal, normalise)


@method("dtw-1nn", family="neighbours", kinds={"classification", "regression"})
def dtw_1nn(
    task: Task,
    train: Split,
    *,
    window: Annotated[float, ">= 0", "<= 1"] | AtLeast0 | Literal["learned"] | None = None,
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
    window : float, int, "learned" or None
        Width of the warping band: a share of the length of the longest training example (rounded up), a
        number of steps, or None for no band. "learned": of 0, 1, ... 100 percent of the length, the one with
        the least error when each training example is answered by the others; of equal errors the
        smallest window, as in the UCR archive (Dau et al. 2019).
    channels : str
        "together" for one warping path of all channels, "separate" for the sum of the distances of
        each channel (Shokoohi-Yekta et al. 2017).
    unequal, normalise : str
        See `_preparation`.
    """
    return WarpingNeighbours(
        task, train, prepared(task, train, unequal, normalise), window, _together(channels)
    )


@method("dtw-knn", family="neighbours", kinds={"classification", "regression"})
def dtw_knn(
    task: Task,
    train: Split,
    *,
    k: AtLeast1 = 5,
    window: Annotated[float, ">= 0", "<= 1"] | AtLeast0 | Literal["learned"] | None = None,
    channels: Literal["together", "separate"] = "together",
    unequal: Unequal = "native",
    normalise: WholeSeries = "none",
) -> WarpingNeighbours:
    """Several nearest neighbours by dynamic time warping.

    They answer together as those of `euclidean_knn`.

    Parameters
    ----------
    k : int
        How many neighbours, at most all training examples.
    window, channels, unequal, normalise
        As in `dtw_1nn`. A window is learned with k neighbours.
    """
    return WarpingNeighbours(
        task, train, prepared(task, train, unequal, normalise), window, _together(channels), k
    )


def _together(channels: str) -> bool:
    if channels not in ("together", "separate"):
        raise ValueError(f'channels must be "together" or "separate", got {channels!r}')
    return channels == "together"


class Neighbours:
    """The fitted method.

    Parameters
    ----------
    task : Task
    train : Split
    prepare : Preparation
    k : int, optional
        The number of neighbours that answer together; by default the answer is a copy of that of the nearest.
    """

    def __init__(self, task: Task, train: Split, prepare: Preparation, k: int | None = None) -> None:
        if not len(train):
            raise ValueError(
                "a nearest neighbour needs at least one training example, the training part has none"
            )
        self.task, self.prepare = task, prepare
        for i, y in enumerate(train.y):
            complete(y, f"the answer of example {i}")
        self.answers = NeighbourAnswers(task, train.y, k is not None)
        self.known = [self._prepared(x, i) for i, x in enumerate(train.x)]
        self.k = min(k or 1, len(self.known))
        self.notes: dict[str, Any] = {"examples": len(self.known), **prepare.notes}
        if k is not None:
            self.notes["neighbours"] = self.k

    def __call__(self, split: Split) -> list[Array]:
        """Answer every example."""
        indices, _ = self._nearest([self._prepared(x, i) for i, x in enumerate(split.x)])
        return [self.answers(near) for near in indices]

    def nearest(self, x: Array) -> int:
        """The index of the nearest training example; ties go to the first one."""
        return int(self._nearest([self._prepared(x, 0)])[0][0, 0])

    def components(self, split: Split) -> dict[str, Any]:
        """The nearest training example of every example, for reports.

        Returns
        -------
        dict
            `nearest` has one dict per example: `train`, the index of the neighbour; `distance`, squared;
            `asked` and `found` [channels][T], both series as they were compared, rounded.
        """
        prepared = [self._prepared(x, i) for i, x in enumerate(split.x)]
        indices, distances = self._nearest(prepared)
        found = zip(prepared, indices[:, 0].tolist(), distances[:, 0].tolist(), strict=True)
        return {"nearest": [self._compared(x, near, distance) for x, near, distance in found]}

    def _compared(self, prepared: Floats, nearest: int, distance: float) -> dict[str, Any]:
        shown = {"asked": prepared, "found": self.known[nearest]}
        rounded = {
            name: [[float(f"{v:.5g}") for v in row] for row in series.T.tolist()]
            for name, series in shown.items()
        }
        return {"train": nearest, "distance": distance, **rounded}

    def _nearest(self, prepared: list[Floats]) -> tuple[Numbers, Floats]:
        """The k nearest training examples of every prepared one, and their squared distances, [n, k]."""
        indices, distances = np.empty((len(prepared), self.k), np.int64), np.empty((len(prepared), self.k))
        for place, x in enumerate(prepared):
            far = np.array([((x - other) ** 2).sum() for other in self.known])
            indices[place] = np.argsort(far, kind="stable")[: self.k]
            distances[place] = far[indices[place]]
        return indices, distances

    def _prepared(self, x: Array, i: int) -> Floats:
        return as_prepared(self.task, self.prepare, x, i)


class WarpingNeighbours(Neighbours):
    """The fitted method with dynamic time warping; see `dtw_1nn`."""

    def __init__(
        self,
        task: Task,
        train: Split,
        prepare: Preparation,
        window: Window,
        together: bool,
        k: int | None = None,
    ) -> None:
        super().__init__(task, train, prepare, k)
        if window == "learned":
            window, error = self._learned(together)
            self.notes |= {"window": window, "error_left_out": error}
        self.radius = band_radius(window, max(len(x) for x in self.known))
        self.search = WarpingSearch(self.known, self.radius, together)
        self.notes["radius"] = "full" if self.radius is None else self.radius

    def _learned(self, together: bool) -> tuple[float, float]:
        """The window of LEARNED with the least error when one example is left out, and this error."""
        if len(self.known) < 2:
            raise ValueError(
                "a window is learned by answering each training example by the others, and there is 1 "
                "training example; give a window, such as window=0.1"
            )
        longest = max(len(x) for x in self.known)
        radii = [band_radius(window, longest) for window in LEARNED]
        whole = [longest if radius is None else radius for radius in radii]
        different = sorted(set(whole))
        found = neighbours_by_radius(
            self.known,
            different,
            min(self.k, len(self.known) - 1),
            together,
            numba.config.NUMBA_NUM_THREADS,
        )
        errors = [self.answers.error(near) for near in found.indices]
        best = int(np.argmin(errors))
        return LEARNED[whole.index(different[best])], errors[best]

    def components(self, split: Split) -> dict[str, Any]:
        """The same, and `radius`: the width of the band in steps, or None."""
        # The picture of the path needs one path of all channels, and within a band one length.
        one_path = self.search.together or self.task.x.size == 1
        lengths = {len(x) for x in (*self.known, *split.x)}
        warped = one_path and (self.radius is None or len(lengths) == 1)
        return {**super().components(split), "warped": warped, "radius": self.radius}

    def _nearest(self, prepared: list[Floats]) -> tuple[Numbers, Floats]:
        found = self.search.nearest(prepared, self.k, threads=numba.config.NUMBA_NUM_THREADS)
        return found.indices, found.distances
