"""Which method stands for its family: chosen on validation, never on test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from recurbench import trained_on
from recurbench.choosing import compared
from recurbench.packing import unpack_units


@dataclass(frozen=True)
class Chosen:
    """A method of a family on one problem, and by which validation metric it was chosen; "" before.

    tied: the addresses of all other methods that validation does not tell apart from it.
    """

    address: str
    family: str
    recurrence: str
    by: str
    tied: tuple[str, ...] = ()


def contenders(final: pd.DataFrame) -> pd.DataFrame:
    """The final cells of methods that may stand for a family: role contender and every seed ok and scored.

    A model that was trained on the data it is tested on may not.
    """
    good = final["score"].notna() & (final["status"] == "ok")
    whole = good.groupby(final["address"]).transform("all")
    return final[whole & (final["role"] == "contender") & ~trained_before(final)]


def trained_before(cells: pd.DataFrame) -> pd.Series[bool]:
    """By cell whether the model of its method was trained on this data set before the run."""
    notes: Iterable[Any] = cells["notes"] if "notes" in cells else [{}] * len(cells)
    found = [isinstance(one, Mapping) and one.get(trained_on.NOTE) is True for one in notes]
    return pd.Series(found, index=cells.index, dtype=bool)


def fits_of(cells: pd.DataFrame) -> int:
    """How many configurations the contenders among these cells tried, those that dropped out included."""
    able = contenders(cells[cells["stage"] == "final"])["address"]
    tried = cells[cells["address"].isin(able)].groupby("address")["trial"].nunique()
    return int(tried.sum())


def validation(cells: pd.DataFrame, metric: str) -> pd.Series[float]:
    """By method address, the mean of a metric over its inner cells; only methods with all of them scored.

    Of a tuned method the cells of the settings that each of its jobs chose.
    """
    inner = cells[(cells["stage"] == "inner") & cells["chosen"]]
    if metric not in inner or not len(inner):
        return pd.Series(dtype=float)
    # A cell that is not ok has no score, and takes its method out.
    values = inner[metric].astype(float).groupby(inner["address"])
    return values.mean().where(values.count() == values.size()).dropna()


def unlearned(cells: pd.DataFrame) -> pd.Series[int]:
    """By method address, how many of its jobs learned nothing in their budget; methods with none left out.

    A job did when more than half of its inner cells say that no answer on validation was better than the best
    constant one, or the naive forecast (`learned` in the notes of a network).
    """
    inner = cells[(cells["stage"] == "inner") & cells["chosen"]]
    if not len(inner):
        return pd.Series(dtype=int)
    missed = inner.assign(missed=[notes.get("learned") is False for notes in inner["notes"]])
    jobs = missed.groupby(["address", "job"])["missed"].mean() > 0.5
    counts = jobs[jobs].astype(int).groupby("address").sum()
    return counts.astype(int)


def scores_of(
    cells: pd.DataFrame, addresses: Iterable[str], names: Sequence[str]
) -> dict[str, dict[str, float]]:
    """By method address, its mean validation scores among these metrics; methods without any left out."""
    means = {name: validation(cells, name) for name in names}
    found = {
        address: {name: float(own[address]) for name, own in means.items() if address in own.index}
        for address in addresses
    }
    return {address: own for address, own in found.items() if own}


def best(cells: pd.DataFrame, candidates: Sequence[Chosen], selectors: Sequence[str]) -> Chosen | None:
    """The candidate with the best mean validation score by the first metric that all of them have.

    Equal scores are settled by the next metrics. Methods that are equal by all of them are `tied`: the first
    by name stands for them, so that two runs show the same one, but nothing was chosen among them. A
    candidate without any validation score is left out where another has some. None where none has any (train
    too short to hold a part of it out) or where no metric is shared: nothing was chosen then, and nobody may
    be shown as if it were, not even a candidate that is alone.
    """
    metric, keys = compared(scores_of(cells, [c.address for c in candidates], selectors), selectors)
    if not keys:
        return None
    top = min(keys.values())
    equal = sorted((c for c in candidates if keys.get(c.address) == top), key=lambda one: one.address)
    winner = equal[0]
    tied = {address for one in equal for address in (one.address, *one.tied)} - {winner.address}
    return replace(winner, by=metric, tied=tuple(sorted(tied)))


def best_of_all(cells: pd.DataFrame, facts: Mapping[str, Any]) -> Chosen | None:
    """The best method among these cells of one problem, of whatever family; None where nothing was chosen.

    The best of each family are compared, so that a method that is shown as the best is also shown as the best
    of its family.
    """
    return best(cells, list(of_families(cells, facts).values()), facts["selectors"])


def alike(final: pd.DataFrame, chosen: Chosen) -> bool:
    """Whether the methods that validation does not tell apart have the same scores on every test example.

    Then it does not matter which of them is shown. A method without seeds is compared with every seed.
    """
    found = {_on_test(final[final["address"] == address]) for address in (chosen.address, *chosen.tied)}
    return len(found) == 1


def _on_test(cells: pd.DataFrame) -> tuple[tuple[str, tuple[bytes, ...]], ...]:
    """By draw what the cells scored on each test example, in the order of the seeds; once where all agree."""
    rows = cells.sort_values("seed", kind="stable", na_position="first")
    scores: dict[str, list[bytes]] = {}
    for draw, metric, units in zip(rows["data_seed"], rows["metric"], rows["units"], strict=True):
        own = unpack_units(units).get(metric)
        scores.setdefault(str(draw) if pd.notna(draw) else "", []).append(
            b"" if own is None else own[0].tobytes()
        )
    return tuple((draw, tuple(own if len(set(own)) > 1 else own[:1])) for draw, own in sorted(scores.items()))


def of_families(cells: pd.DataFrame, facts: Mapping[str, Any]) -> dict[str, Chosen]:
    """The method that stands for each family on one problem, from all cells of that problem.

    A family of which nothing was chosen is left out: see `best`.
    """
    ready = contenders(cells[cells["stage"] == "final"]).drop_duplicates("address")
    found: dict[str, Chosen] = {}
    for family, group in ready.groupby("family", sort=False):
        candidates = [
            Chosen(str(row.address), str(family), str(row.recurrence), "")
            for row in group.itertuples(index=False)
        ]
        chosen = best(cells, candidates, facts["selectors"])
        if chosen is not None:
            found[str(family)] = chosen
    return found
