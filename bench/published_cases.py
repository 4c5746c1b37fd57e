"""Published scores of a user's table beside ours: the same computation, and similar methods."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from statistics import NormalDist, fmean

from recurbench import catalogue
from recurbench.address import joined, split_address
from recurbench.published import Compared
from recurbench.published_score import Published
from recurbench.published_table import Printed
from recurbench.registry import Choice, Registry
from recurbench.running.job import Job, build

LEVEL = 0.95
SEED = 0
BAND = 0.1  # of the length, of the published warping distance for regression
# By the name in a table, without a prefix such as `tsml:` and in small letters. The first are the same
# computation as ours; the others are similar methods.
SAME = {
    "1nn-ed": "euclidean-1nn",
    "1nn-dtw(w=100)": "dtw-1nn",
    "1nn-dtw": "dtw-1nn",
    "1nn-dtw-d": "dtw-1nn",
}
# The warping distance in the window that was best on train, a whole percentage of the length.
LEARNED = re.compile(r"1nn-dtw\(learned_w=(\d+)%\)")
ROUNDED_DOWN = {
    "ToeSegmentation1": "8 % of its length are 22.2 steps; the published score is that of 22, and all others "
    "are of windows rounded up"
}
SIMILAR = {
    "mlp": "mlp",
    "cnn": "cnn",
    "fcn": "fcn",
    "resnet": "resnet",
    "twiesn": "esn",
    "inceptiont": "inception",
    "inceptiontime": "inception",
    "lstm-fcn": "lstm-fcn",
    "minirocket": "minirocket",
    "minirocket(orig)": "minirocket",
    "mr-hydra": "multirocket-hydra",
    "catch22": "catch22",
    "quant": "quant",
}
UNLIKE = "a similar method, with settings and training of its own"
# Data sets of which several versions go round under one name, and what is known of them.
OTHER_COPIES = {
    "Chinatown": "another version of the files: 343 test cases were published, and 345 go round",
    "MelbournePedestrian": "another version of the files: 1194 + 2439 cases were published, and 1200 + 2450 "
    "go round",
    "PLAID": "another version of the files",
    "AllGestureWiimoteX": "another version of the files",
    "DodgerLoopWeekend": "another version of the files",
}


@dataclass
class Paired:
    """The scores of a table, each with the job that computes ours.

    Attributes
    ----------
    jobs : list
        Each score with its job.
    without_files : set of str
        Data sets whose files are not on this machine.
    other_splits : int
        How many scores are not of the default split.
    others : Counter of str
        By method of the table that has no counterpart here, or was not asked for, its number of scores.
    """

    jobs: list[tuple[Published, Job]] = field(default_factory=list)
    without_files: set[str] = field(default_factory=set)
    other_splits: int = 0
    others: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Outlier:
    """A problem whose difference from the published score is larger than chance on its test cases allows.

    Attributes
    ----------
    one : Compared
    low, high : float
        The interval of ours - published.
    """

    one: Compared
    low: float
    high: float


@dataclass(frozen=True)
class Likeness:
    """How close the scores of one of our methods are to those of a similar published one.

    Attributes
    ----------
    method, named, source : str
        Ours, the published one, and where its scores were printed.
    problems : int
        How many problems have both scores.
    equal : int
        On how many of them both are equal in every published digit.
    outside : tuple of Outlier
        The problems on which the interval of the difference does not hold 0.
    mean : float
        The mean over the problems of ours - published.
    """

    method: str
    named: str
    source: str
    problems: int
    equal: int
    outside: tuple[Outlier, ...]
    mean: float

    @property
    def inside(self) -> int:
        """On how many of the problems the interval of the difference holds 0."""
        return self.problems - len(self.outside)


def paired(scores: Sequence[Printed], registry: Registry, methods: Sequence[str] = ()) -> Paired:
    """Find the job for each published score.

    Parameters
    ----------
    scores : sequence of Printed
    registry : Registry
    methods : sequence of str
        Names or glob patterns of our methods. By default only those whose score must be the same; similar
        methods take long.

    Returns
    -------
    Paired
        Scores that say that series were z-normalised are compared with ours of ``ucr[normalise=series]``,
        and series of several lengths get zeros at their end before (``unequal=pad``), as the archive did.
    """
    found = Paired()
    for one in scores:
        if not one.default_split:
            found.other_splits += 1
            continue
        plain = one.method.rpartition(":")[2].lower()
        learned = LEARNED.fullmatch(plain)
        exact = "dtw-1nn" if learned else SAME.get(plain)
        ours = exact or SIMILAR.get(plain)
        asked = exact is not None if not methods else any(fnmatchcase(ours or "", name) for name in methods)
        if ours is None or ours not in registry.methods or not asked:
            found.others[one.method] += 1
            continue
        archive = "ucr" if one.metric in ("accuracy", "balanced_accuracy") else "tser"
        if not re.fullmatch(catalogue.SAFE, one.dataset) or not _present(archive, one.dataset):
            found.without_files.add(one.dataset)
            continue
        dials = {"name": one.dataset, **({"normalise": "series", "unequal": "pad"} if one.normalised else {})}
        problem = joined(archive, dials)
        (dataset,) = registry.select_datasets([problem])
        address = f"dtw-1nn[window={int(learned[1]) / 100}]" if learned else ours
        if (archive, ours) == ("tser", "dtw-1nn"):
            address = _banded(dataset)
        (method,) = registry.select_methods([address])
        seed = SEED if "seed" in method.plugin.takes else None
        unlike = UNLIKE if not exact else ROUNDED_DOWN.get(one.dataset, "") if learned else ""
        figure = Published(
            problem,  # with its name; the address of the default problem is short
            method.address,
            one.metric,
            one.value,
            one.source,
            named=one.method,
            unlike=unlike,
        )
        found.jobs.append((figure, Job(dataset, None, method, seed)))
    return found


def _banded(dataset: Choice) -> str:
    """The nearest neighbour that was published for regression: in a band of a tenth of the length.

    Unlike the archive's own scores of classification it has a band, and its width is rounded down.
    """
    longest = max(len(x) for x in build(dataset, None).train.x)
    return f"dtw-1nn[window={int(BAND * longest)}]"


def _present(archive: str, name: str) -> bool:
    entry = catalogue.entry(archive, {"name": name})
    return bool(entry.present(catalogue.data_folder()))


def explained(compared: Sequence[Compared]) -> list[Compared]:
    """The same scores; one that differs because the files are another version says so."""
    return [
        replace(one, figure=replace(one.figure, unlike=reason))
        if one.verdict == "differs" and one.ours is not None and (reason := _copies(one.figure.problem))
        else one
        for one in compared
    ]


def values_of(problem: str) -> str:
    """Which values of the archive a score is of, in English: as in the files or normalised, padded or not.

    "" for a problem of another source, which has no such setting.
    """
    name, settings = split_address(problem)
    if name not in ("ucr", "tser"):
        return ""
    scale = "z-normalised" if settings.get("normalise") == "series" else "as read"
    return f"{scale}, padded" if settings.get("unequal") == "pad" else scale


def _copies(problem: str) -> str:
    named = re.search(r"\bname=([\w.-]+)", problem)
    return OTHER_COPIES.get(named[1], "") if named else ""


def likenesses(compared: Sequence[Compared]) -> list[Likeness]:
    """Summarise the similar methods: one entry for each pair of ours and one of a source.

    Only accuracies are summarised, for other scores have no binomial interval.
    """
    pairs: dict[tuple[str, str, str], list[Compared]] = {}
    for one in compared:
        if one.figure.unlike == UNLIKE and one.ours is not None and one.figure.metric == "accuracy":
            figure = one.figure
            pairs.setdefault((figure.method, figure.named, figure.source), []).append(one)
    found = []
    for (method, named, source), those in pairs.items():
        gaps = [float(one.ours or 0.0) - one.figure.value for one in those]
        bounds = [difference(float(one.ours or 0.0), one.figure.value, one.cases) for one in those]
        outside = tuple(
            Outlier(one, *bound)
            for one, bound in zip(those, bounds, strict=True)
            if not bound[0] <= 0 <= bound[1]
        )
        equal = sum(one.equal for one in those)
        found.append(Likeness(method, named, source, len(those), equal, outside, fmean(gaps)))
    return found


def difference(one: float, other: float, cases: int) -> tuple[float, float]:
    """Compute an interval of the difference of two accuracies, each on so many test cases.

    Parameters
    ----------
    one, other : float
        Shares of right answers.
    cases : int
        Test cases of each.

    Returns
    -------
    low, high : float
        The LEVEL interval of one - other. Both shares count as independent, which makes it wider than for the
        same test cases.

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions, Statistics in
    Medicine 17, method 10: from the intervals of Wilson (1927).
    """
    (low, high), (other_low, other_high) = (_wilson(share, cases) for share in (one, other))
    gap = one - other
    return (
        gap - math.hypot(one - low, other_high - other),
        gap + math.hypot(high - one, other - other_low),
    )


def _wilson(share: float, cases: int) -> tuple[float, float]:
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    centre = share + z * z / (2 * cases)
    half = z * math.sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases))
    scale = 1 + z * z / cases
    return (centre - half) / scale, (centre + half) / scale
