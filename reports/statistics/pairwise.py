"""Every pair of methods over the problems of one kind: median difference, wins, signed ranks, Holm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from recurbench.address import joined, split_address
from recurbench.reports.statistics.differences import ALPHA, LEAST
from recurbench.reports.statistics.outcomes import Reason
from recurbench.reports.statistics.resampled_lifts import data_set_of, without_resample
from recurbench.reports.statistics.signed_rank import by_data_set, signed_rank
from recurbench.reports.statistics.skill import by_draw, skill_of
from recurbench.results import Run
from statsmodels.stats.multitest import multipletests

PROBES, REAL = "probes", "real"
PAIR = ("one", "other", "n", "wins", "ties", "losses", "median", "p", "p_adjusted", "smallest_p")


@dataclass(frozen=True)
class Matrix:
    """The methods that are complete on all data sets of one kind, probes and controls apart from real data.

    skills: [data sets, methods], the best mean rank first, higher is better: the mean over seeds and draws,
    over resamples, and over the settings of one data set or probe, which are no independent values. families:
    by method. pairs: one row of PAIR for every two methods, in this order; p is NaN for fewer than LEAST data
    sets. left_out: by method without all its cells the number of data sets that lack some.
    dropped: by problem why it has no skill. differing: by method the settings that are not the same on every
    problem. settings: by data set the problems it is the mean of, where there are several.
    """

    kind: str
    part: str
    skills: pd.DataFrame
    families: Mapping[str, str]
    pairs: pd.DataFrame
    left_out: Mapping[str, int]
    dropped: Mapping[str, Reason]
    differing: Mapping[str, tuple[str, ...]]
    settings: Mapping[str, tuple[str, ...]]

    @property
    def n(self) -> int:
        """The number of data sets."""
        return len(self.skills)

    @property
    def ranks(self) -> pd.Series[float]:
        """By method its mean rank over the data sets, 1 being the best; ties share theirs."""
        return self.skills.rank(axis=1, ascending=False).mean()

    @property
    def smallest_p(self) -> float:
        """The smallest adjusted p that so many data sets can give to so many pairs."""
        return min(1.0, len(self.pairs) * self.best_p)

    @cached_property
    def _seen(self) -> dict[tuple[str, str], dict[str, Any]]:
        rows = [{str(key): value for key, value in row.items()} for row in self.pairs.to_dict("records")]
        return {(row["one"], row["other"]): row for row in rows}

    @property
    def best_p(self) -> float:
        """The smallest p that so many data sets can give to one pair, unadjusted."""
        return min(1.0, 2.0 ** (1 - self.n))

    def pair(self, one: str, other: str) -> dict[str, Any]:
        """The row of two methods as seen from the first; KeyError where there is none."""
        if (one, other) in self._seen:
            return self._seen[one, other]
        row = self._seen[other, one]
        turned = {"one": one, "other": other, "wins": row["losses"], "losses": row["wins"]}
        return {**row, **turned, "median": -row["median"]}

    def differ(self, one: str, other: str) -> bool:
        """Whether the adjusted p of two methods is below .05."""
        return bool(self.pair(one, other)["p_adjusted"] < ALPHA)


def matrices(run: Run) -> list[Matrix]:
    """One matrix per kind, probes and controls apart from real data, of contenders alone.

    Only where at least two methods are complete on at least two data sets.
    """
    final = run.final[run.final["role"] == "contender"]
    found = []
    parts: dict[tuple[str, str], list[str]] = {}
    for problem in final["problem"].drop_duplicates():
        about = next(iter(run.draws(str(problem)).values()), None)
        kind = str(final.loc[final["problem"] == problem, "kind"].iloc[0])
        probe = about is not None and (about["best"] is not None or bool(about["role"]))
        parts.setdefault((kind, PROBES if probe else REAL), []).append(str(problem))
    for (kind, part), problems in parts.items():
        matrix = _matrix(run, final[final["problem"].isin(problems)], kind, part)
        if min(matrix.skills.shape) > 1:
            found.append(matrix)
    return found


def _matrix(run: Run, final: pd.DataFrame, kind: str, part: str) -> Matrix:
    names, differing = common_names(final)
    levels = {problem: by_draw(run, str(problem)) for problem in final["problem"].drop_duplicates()}
    dropped = {str(problem): found for problem, found in levels.items() if isinstance(found, Reason)}
    scored = final[~final["problem"].isin(list(dropped))]
    sets = {str(problem): data_set_of(run, str(problem)) for problem in scored["problem"].drop_duplicates()}
    cells = pd.DataFrame(
        {
            "data_set": [sets[problem] for problem in scored["problem"]],
            "setting": [without_resample(str(problem)) for problem in scored["problem"]],
            "place": scored["problem"],
            "method": [names[address] for address in scored["address"]],
            "skill": _skills(scored, levels),
        }
    )
    # A data set stands for itself once: seeds and draws first, then resamples, then its settings; a missing
    # cell is none.
    keys = ["data_set", "setting", "place", "method"]
    means = cells.groupby(keys)["skill"].agg(lambda v: v.mean() if v.notna().all() else np.nan)
    # Sorted: pandas 2.3 mixes up the labels of an incomplete index that it is to unstack unsorted.
    wide = means.unstack("method") if len(means) else pd.DataFrame()
    others = set(run.final["address"]) - set(names)
    for problem, address in run.absent:
        if problem in scored["problem"].array and address not in others:
            place = (sets[problem], without_resample(problem), problem)
            wide.loc[place, names.get(address, address)] = np.nan
    gaps = wide.isna().groupby(level="data_set", sort=False).any() if len(wide) else pd.DataFrame()
    lacking = dict(zip(map(str, gaps.columns), gaps.to_numpy(dtype=int).sum(axis=0), strict=True))
    whole = [name for name, count in lacking.items() if not count]
    skills = pd.DataFrame()
    if whole:
        skills = by_data_set(wide[whole])
    if len(skills):
        skills = skills[skills.rank(axis=1, ascending=False).mean().sort_values(kind="stable").index]
    families = {names[str(row.address)]: str(row.family) for row in final.itertuples()}
    left_out = {name: int(count) for name, count in lacking.items() if count}
    pairs, settings = _pairs(skills), _settings(sets)
    return Matrix(kind, part, skills, families, pairs, left_out, dropped, differing, settings)


def _settings(sets: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """By data set its settings, of those that have several; sets: by problem its data set."""
    found: dict[str, dict[str, None]] = {}
    for problem, data_set in sets.items():
        found.setdefault(data_set, {})[without_resample(problem)] = None
    return {data_set: tuple(own) for data_set, own in found.items() if len(own) > 1}


def _skills(cells: pd.DataFrame, levels: Mapping[Any, Any]) -> pd.Series[float]:
    """[cells]: the skill of each on its problem; NaN where it failed or has no score."""
    parts = [skill_of(rows, levels[problem]) for problem, rows in cells.groupby("problem", sort=False)]
    return pd.concat(parts).reindex(cells.index) if parts else pd.Series(dtype=float)


def common_names(final: pd.DataFrame) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """By address a name that is the same on every problem, and the settings that are not.

    A setting in which no two addresses of a method differ on any one problem is part of how the problem is
    run, such as its budget, and does not make it another method.
    """
    addresses = [str(address) for address in final["address"].drop_duplicates()]
    settings_of = {address: split_address(address) for address in addresses}
    varied_by: dict[str, set[str]] = {}
    for _, cells in final.groupby("problem", sort=False):
        for one, other in combinations([str(each) for each in cells["address"].drop_duplicates()], 2):
            (name, mine), (namesake, its) = settings_of[one], settings_of[other]
            if name == namesake:
                keys = {key for key in {*mine, *its} if mine.get(key) != its.get(key)}
                varied_by.setdefault(name, set()).update(keys)
    names = {
        address: joined(name, {key: value for key, value in its.items() if key in varied_by.get(name, ())})
        for address, (name, its) in settings_of.items()
    }
    differing = {}
    for name in dict.fromkeys(names.values()):
        settings = [its for address, (_, its) in settings_of.items() if names[address] == name]
        every = sorted({key for each in settings for key in each})
        if varied := tuple(key for key in every if len({repr(each.get(key)) for each in settings}) > 1):
            differing[name] = varied
    return names, differing


def _pairs(skills: pd.DataFrame) -> pd.DataFrame:
    """One row of PAIR for every two columns, p adjusted by Holm over all of them."""
    rows = []
    for one, other in combinations(skills.columns, 2):
        gap = skills[one] - skills[other]
        p, ties, smallest = signed_rank(list(gap))
        row = {"one": one, "other": other, "n": len(gap), "wins": int((gap > 0).sum()), "ties": ties}
        row |= {"losses": int((gap < 0).sum()), "median": float(gap.median()), "smallest_p": smallest}
        rows.append({**row, "p": p if len(gap) >= LEAST else float("nan"), "p_adjusted": float("nan")})
    table = pd.DataFrame(rows, columns=list(PAIR))
    if len(skills) < LEAST or not rows:
        return table
    return table.assign(p_adjusted=multipletests(table["p"], method="holm")[1])
