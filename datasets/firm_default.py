"""Will a firm default? Noisy yearly ratios of a hidden distance to default, with the exact best."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from recurbench import About, Problem, Split, Task, Values, dataset
from recurbench.datasets._roles import role
from recurbench.task import Array
from scipy.special import entr, rel_entr
from scipy.stats import norm

# Loadings: each ratio is its loading times the distance, plus noise.
RATIOS = {"leverage": 1.0, "profitability": 0.7, "liquidity": 0.5, "turnover": 0.3}
# The distance of the first year is normal around the target of leverage; firms that are alive then are kept.
TARGET, SPREAD = 1.0, 0.5
GAPS = (1, 2, 3)
# Grid points per standard deviation of the narrowest density, and standard deviations that the grid covers.
FINE, REACH = 6, 6.0
# What windows reach depends on the settings only: it is measured on so many firms, from this random stream.
MEASURED = (2000, 977)


@dataset("firm-default", kind="classification")
def firm_default(
    *,
    years: int = 8,
    ratios: int = 3,
    noise: float = 0.7,
    volatility: float = 0.1,
    drift: float = -0.1,
    reversion: float = 0.0,
    horizon: int = 3,
    missing: float = 0.0,
    irregular: bool = False,
    n_train: int = 2000,
    n_valid: int = 500,
    n_test: int = 1000,
    seed: int = 0,
) -> Problem:
    """Does a firm default in the `horizon` years after its last yearly report? (Merton 1974, simulated.)

    This is a structural model, with default checked at the end of each year (Black and Cox 1976). The
    distance to default, log(assets / debt), is a hidden Gaussian random walk. A year that ends at 0 or below
    is default. All firms are alive in the years reported. Each reported ratio is its loading times the
    distance, plus noise N(0, noise^2).

    The score is log loss, because lenders need probabilities, and accuracy differs little between "no firm
    defaults" (.70 with the default settings) and the exact best (.79).

    Parameters
    ----------
    years : int
        Reports.
    ratios : int
        Ratios per report.
    noise : float
        Standard deviation of the noise.
    volatility, drift : float
        Standard deviation and mean of the yearly change of the distance. By default debt grows by a tenth a
        year more than assets.
    reversion : float
        Share of the distance to its target that is made up in a year.
    horizon : int
        Years.
    missing : float
        Share of the ratios that are not reported. Their value is 0, and a channel per ratio is 1 if it is
        reported.
    irregular : bool
        Whether there are one, two or three years between reports. A channel has the years since the last one.
    n_train, n_valid, n_test : int
        Firms in each part.
    seed : int
    """
    firms = Firms(years, ratios, noise, volatility, drift, reversion, horizon, missing, irregular)
    counts = (n_train, n_valid, n_test)
    if min(counts) < 1:
        raise ValueError(
            f"firm-default needs at least one firm per part, got {n_train=}, {n_valid=}, {n_test=}"
        )
    draws = [firms.draw(count, np.random.default_rng([seed, k])) for k, count in enumerate(counts)]
    train, valid, test = (firms.split(reports, fate) for reports, fate in draws)
    filtered = Grid(firms)
    reports, fate = draws[2]
    chance = filtered.chance(reports)
    given = np.where(fate, chance, 1 - chance)
    headroom = filtered.headroom((4, 16))
    rate = filtered.rate()
    about = About(
        source="generated: structural firm values, default at the barrier, ratios in noise",
        licence="none needed: generated",
        protocol=f"{firms.description()}; {rate:.1%} default in the {horizon} years after the last report; "
        f"train, valid and test are {n_train}, {n_valid} and {n_test} independent firms",
        reference="most-common",
        metric="log_loss",
        version="1",
        constant=float(_entropy(np.array(rate))),
        memoryless=filtered.memoryless(),
        best=float(-np.log(np.maximum(given, np.finfo(float).eps)).mean()),
        headroom=headroom,
        role=role(headroom),
    )
    oracle = [np.array([[1 - p, p]]) for p in chance]
    return Problem(firms.task(), train, test, about, valid, oracle)


@dataclass(frozen=True)
class Reports:
    """The reports of n firms.

    Attributes
    ----------
    values : array [n, years, ratios]
    there : array [n, years, ratios]
        Whether each ratio is reported.
    since : array [n, years]
        Years since the report before; 0 for the first one.
    """

    values: Array
    there: Array
    since: Array


@dataclass(frozen=True)
class Firms:
    """The process that generates firms and reports; its fields are the settings of `firm_default`."""

    years: int
    ratios: int
    noise: float
    volatility: float
    drift: float
    reversion: float
    horizon: int
    missing: float
    irregular: bool

    def __post_init__(self) -> None:
        # With narrower densities the grid would be too fine to be fast.
        least = {"years": 1, "horizon": 1, "noise": 0.1, "volatility": 0.05, "reversion": 0}
        for name, wanted in least.items():
            seen = getattr(self, name)
            if not seen >= wanted:
                raise ValueError(f"firm-default needs {name} >= {wanted}, got {name}={seen}")
        if not 1 <= self.ratios <= len(RATIOS) or self.reversion > 1 or not 0 <= self.missing < 1:
            raise ValueError(
                f"firm-default needs 1 to {len(RATIOS)} ratios, reversion <= 1 and 0 <= missing < 1, "
                f"got ratios={self.ratios}, reversion={self.reversion}, missing={self.missing}"
            )

    @property
    def gaps(self) -> tuple[int, ...]:
        """The possible numbers of years between reports, equally likely."""
        return GAPS if self.irregular else GAPS[:1]

    @property
    def loadings(self) -> Array:
        """The loadings, [ratios]."""
        return np.array(list(RATIOS.values())[: self.ratios])

    def ahead(self, distance: Array) -> Array:
        """The mean of the distance a year later."""
        moved: Array = distance + self.drift + self.reversion * (TARGET - distance)
        return moved

    def draw(self, count: int, rng: np.random.Generator) -> tuple[Reports, Array]:
        """Draw the reports of `count` firms, and which of them default later, [count]."""
        kept: list[tuple[Array, Array, Array]] = []
        while sum(len(fate) for *_, fate in kept) < count:
            kept.append(self._alive(count, rng))
        distance, since, fate = (np.concatenate(part)[:count] for part in zip(*kept, strict=True))
        values = distance[:, :, None] * self.loadings
        values += self.noise * rng.standard_normal(values.shape)
        there = rng.random(values.shape) >= self.missing
        return Reports(values * there, there, since), fate

    def _alive(self, count: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """Draw `count` firms and keep those alive in all years reported: distances, years since, default."""
        since = rng.choice(self.gaps, size=(count, self.years))
        since[:, 0] = 0
        reported = since.cumsum(axis=1)
        path = np.empty((count, self.gaps[-1] * (self.years - 1) + self.horizon + 1))
        path[:, 0] = rng.normal(TARGET, SPREAD, size=count)
        for year in range(1, path.shape[1]):
            path[:, year] = self.ahead(path[:, year - 1]) + self.volatility * rng.standard_normal(count)
        lowest = np.minimum.accumulate(path, axis=1)
        last = reported[:, -1:]
        alive = np.take_along_axis(lowest, last, axis=1)[:, 0] > 0
        fate = np.take_along_axis(lowest, last + self.horizon, axis=1)[:, 0] <= 0
        return np.take_along_axis(path, reported, axis=1)[alive], since[alive], fate[alive]

    def description(self) -> str:
        """The settings in words."""
        return (
            f"{self.years} reports of {self.ratios} ratios, {'1 to 3 years' if self.irregular else 'a year'} "
            f"apart, {self.missing:.0%} of the ratios missing; noise {self.noise}, volatility "
            f"{self.volatility}, drift {self.drift}, reversion {self.reversion}"
        )

    def task(self) -> Task:
        """The task, with the names of the channels."""
        names = tuple(RATIOS)[: self.ratios]
        flags = tuple(f"{name} reported" for name in names) if self.missing else ()
        names = (*names, *flags, *(("years since",) if self.irregular else ()))
        y = Values(2, symbols=True, names=("alive", "default"))
        return Task("classification", x=Values(len(names), names=names), y=y, length="fixed")

    def split(self, reports: Reports, fate: Array) -> Split:
        """The reports as examples [years, channels]; the answer is whether the firm defaults."""
        parts = [reports.values]
        if self.missing:
            parts.append(reports.there)
        if self.irregular:
            parts.append(reports.since[:, :, None])
        x = np.concatenate(parts, axis=2, dtype=np.float64)
        return Split(list(x), list(fate.astype(np.int64)[:, None]))


@dataclass(frozen=True)
class Grid:
    """The Bayes filter of the hidden distance on a grid (Kitagawa 1987), exact up to the step of the grid.

    Attributes
    ----------
    firms : Firms
    fine : int
        Grid points per standard deviation of the narrowest density.
    at : array [cells]
        Midpoints of the cells.
    first : array [cells]
        Probabilities in the first year.
    year : array [cells, cells]
        Transition probabilities of one year; the rest of a row is the probability of default.
    ends : array [cells]
        Probability of default within the horizon.
    """

    firms: Firms
    fine: int = FINE
    at: Array = field(init=False)
    first: Array = field(init=False)
    year: Array = field(init=False)
    ends: Array = field(init=False)

    def __post_init__(self) -> None:
        firms = self.firms
        span = firms.gaps[-1] * (firms.years - 1) + firms.horizon
        sharpest = firms.noise / float(np.sqrt((firms.loadings**2).sum()))
        step = min(firms.volatility, SPREAD, sharpest) / self.fine
        spread = float(np.sqrt(SPREAD**2 + span * firms.volatility**2))
        top = TARGET + max(firms.drift, 0) * span + REACH * spread
        at = step * (np.arange(int(np.ceil(top / step))) + 0.5)
        year = step * norm.pdf(at[None, :], firms.ahead(at)[:, None], firms.volatility)
        alive = np.linalg.matrix_power(year, firms.horizon).sum(axis=1)
        fields = {
            "at": at,
            "first": step * norm.pdf(at, TARGET, SPREAD),
            "year": year,
            "ends": 1 - np.minimum(alive, 1),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def moved(self, masses: Array, gap: int) -> Array:
        """The probabilities [..., cells] `gap` years later."""
        for _ in range(gap):
            masses = masses @ self.year
        return masses

    def prior(self, unseen: int) -> dict[int, Array]:
        """The prior [cells] at the report after `unseen` unknown ones, by the years since the one before.

        It is known how many reports there were, and that the firm was alive.
        """
        if not unseen:
            return {0: self.first}
        masses = self.first
        for _ in range(unseen - 1):
            masses = np.mean([self.moved(masses, gap) for gap in self.firms.gaps], axis=0)
        return {gap: self.moved(masses, gap) for gap in self.firms.gaps}

    def chance(self, reports: Reports, window: int | None = None) -> Array:
        """The probability of default given the last `window` reports, or all, [n]."""
        there = reports.there / self.firms.noise**2
        known = (there * self.firms.loadings**2).sum(axis=2)
        linear = (there * self.firms.loadings * reports.values).sum(axis=2)
        unseen = max(self.firms.years - (window or self.firms.years), 0)
        prior = self.prior(unseen)
        masses = np.stack([prior[gap] for gap in reports.since[:, unseen].tolist()])
        for t in range(unseen, self.firms.years):
            if t > unseen:
                masses = self._each_moved(masses, reports.since[:, t])
            weight = linear[:, t, None] * self.at - 0.5 * known[:, t, None] * self.at**2
            masses = masses * np.exp(weight - weight.max(axis=1, keepdims=True))
            masses /= masses.sum(axis=1, keepdims=True)
        # Rounding may give slightly more than 1.
        chances: Array = np.minimum(masses @ self.ends, 1)
        return chances

    def _each_moved(self, masses: Array, gaps: Array) -> Array:
        out = np.empty_like(masses)
        for gap in np.unique(gaps).tolist():
            out[gaps == gap] = self.moved(masses[gaps == gap], gap)
        return out

    def rate(self) -> float:
        """The share of firms that default within the horizon."""
        masses = np.sum(list(self.prior(self.firms.years - 1).values()), axis=0)
        return float(masses @ self.ends / masses.sum())

    def memoryless(self) -> float:
        """The log loss of the best answer from the last report alone, integrated over all possible reports.

        A report is equivalent to one number with distribution N(v, 1 / known), where v is the distance and
        `known` the information in the report.
        """
        prior = self.prior(self.firms.years - 1)
        alive = sum(masses.sum() for masses in prior.values())
        loss = 0.0
        for pattern in np.ndindex(*(2,) * self.firms.ratios):
            there = np.array(pattern)
            share = float(np.where(there, 1 - self.firms.missing, self.firms.missing).prod())
            known = float((there * self.firms.loadings**2).sum()) / self.firms.noise**2
            for masses in prior.values() if share else ():
                loss += share * self._expected(masses / alive, known)
        return loss

    def _expected(self, masses: Array, known: float) -> float:
        """The log loss, times the sum of `masses`, given a number with the information `known`."""
        if not known:
            return float(masses.sum() * _entropy(masses @ self.ends / masses.sum()))
        sd = known**-0.5
        step = sd / self.fine
        seen = np.arange(-REACH * sd, self.at[-1] + REACH * sd, step)
        density = step * norm.pdf(seen[None, :], self.at[:, None], sd)
        total = masses @ density
        failed = (masses * self.ends) @ density
        share = np.divide(failed, total, out=np.zeros_like(total), where=total > 0)
        return float(total @ _entropy(np.minimum(share, 1)))

    def headroom(self, windows: tuple[int, ...]) -> dict[str, float]:
        """How far each window gets from the answer of the last report (0) to that of all reports (1).

        The loss of a window is the divergence of its probabilities from those of all reports, averaged over
        one sample. `window_16_error` is twice the standard error of the share.
        """
        count, stream = MEASURED
        reports, _ = self.firms.draw(count, np.random.default_rng(stream))
        exact = self.chance(reports)
        lost = {w: _divergence(exact, self.chance(reports, w)) for w in (1, *windows)}
        way = float(lost[1].mean())
        headroom = {}
        for w in windows:
            share = float(lost[w].mean()) / way if way else 0.0
            headroom[f"window_{w}"] = 1 - share
            error = float((lost[w] - share * lost[1]).std()) / way if way else 0.0
            headroom[f"window_{w}_error"] = 2 * error / float(np.sqrt(count))
        return headroom


def _entropy(chance: Array) -> Array:
    nats: Array = entr(chance) + entr(1 - chance)
    return nats


def _divergence(one: Array, other: Array) -> Array:
    """The Kullback-Leibler divergence of two Bernoulli distributions, in nats."""
    nats: Array = rel_entr(one, other) + rel_entr(1 - one, 1 - other)
    return nats
