"""The dials for people: the lift at every value, its crossings in words; in the terminal and as Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench.address import split_address
from recurbench.reports.statistics.constants import LEVEL
from recurbench.reports.statistics.crossover import LEAST_PAIRS, LEAST_VALUES, Crossing
from recurbench.reports.statistics.dial_lifts import Turned, crossings_table, values_table
from recurbench.reports.text.export import for_csv
from recurbench.reports.text.markdown import escaped
from recurbench.reports.text.markdown import table as table_lines
from recurbench.reports.text.numbers import number, signed
from recurbench.reports.text.render import folded
from recurbench.reports.text.translation import Messages
from rich.console import Console
from rich.table import Table

HEADER = ("value", "role", "recurrent", "full-context", f"difference [{LEVEL:.0%}]", "remark")
READING = (
    "Exploratory: nothing here was predicted, and there is no verdict. The difference is the skill of the "
    "best recurrent network minus that of the best full-context network, each chosen on the validation "
    f"scores of the other replicates. Intervals are at {LEVEL:.0%}, not adjusted.",
    "A crossing is the value at which the mean difference over the replicates reaches a level: 0, or the "
    "margin on either side. Between two values the mean is a straight line in the difficulty parameter, "
    f"or in its logarithm if the values span more than a factor of 10. In brackets stands its {LEVEL:.0%} "
    "interval over resampled replicates, then the share of resamples without a crossing. The interval "
    "treats the methods chosen at each value as given: they were chosen once, on the other replicates, "
    "and no resample chooses again. On simulated data with nothing to choose, the interval contained the "
    f"true value in 93 to 100 % of samples, against a nominal {LEVEL:.0%} (docs/verdicts.md).",
    "No mean is taken over the values of a difficulty parameter, because we chose the values.",
)

ENGLISH = Messages()  # the page of the difficulty parameters is written in English


def reading(rows: pd.DataFrame) -> tuple[str, ...]:
    """How to read the dials whose values are `rows`."""
    shared = "shared" in rows and bool((rows["shared"] > 0).any())
    return (*READING, ENGLISH("map.reading_shared")) if shared else READING


def headline(found: Sequence[Turned]) -> str:
    """How many difficulty parameters and settings, and when they were run."""
    settings = {each.dial.settings[value].problem for each in found for value in each.seen}
    first, last = min(each.dates[0] for each in found), max(each.dates[1] for each in found)
    when = first if first == last else f"{first} to {last}"
    parameters = f"{len(found)} difficulty parameter{'s' * (len(found) > 1)}"
    return f"{parameters}, {len(settings)} settings, exploratory, run {when}"


def crossing_text(each: Turned, of: str, one: Crossing) -> str:
    """A crossing, several or none as a sentence."""
    low, high = _span(each)
    if not one.at:
        side = "above" if one.above else "below"
        rest = "" if math.isnan(one.none) else f"; {1 - one.none:.0%} of resamples cross"
        return f"{of}: no crossing in {low:g}..{high:g}, {side} throughout{rest}"
    places = " and ".join(f"{at:.3g}" for at in one.at)
    shares = "" if math.isnan(one.none) else f"; {one.none:.0%} of resamples without one"
    if len(one.at) > 1:
        times = {2: "twice"}.get(len(one.at), f"{len(one.at)} times")
        return f"{of}: crosses {times}, at {places}{shares}"
    if math.isnan(one.low):
        return f"{of}: at {places}, no interval with fewer than {LEAST_PAIRS} replicates"
    ends = (
        f"below {low:g}"
        if one.low == -math.inf
        else f"above {high:g}"
        if one.low > high
        else f"{one.low:.3g}",
        f"above {high:g}"
        if one.high == math.inf
        else f"below {low:g}"
        if one.high < low
        else f"{one.high:.3g}",
    )
    return f"{of}: at {places} [{ends[0]}, {ends[1]}]{shares}"


def lines(each: Turned) -> list[str]:
    """The crossings of a difficulty parameter, and the values without a lift."""
    found = [f"{each.pairs} replicate{'s' * (each.pairs > 1)}"] if each.crossings else []
    found += [crossing_text(each, of, one) for of, one in each.crossings.items()]
    if not each.dial.ordered:
        found.append("the values have no order, so there is no crossing")
    elif not each.crossings:
        left = len(each.dial.settings) - len(each.missing)
        found.append(f"no crossing computed: {left} values with a lift, {LEAST_VALUES} needed")
    return found + [f"{value}: {ENGLISH.reason(why)}" for value, why in each.missing.items()]


def markdown(found: Sequence[Turned]) -> str:
    """A table per dial, its crossings, and how to read them."""
    rows = values_table(found)
    parts = [f"# {headline(found)}", "", *(f"- {escaped(line)}" for line in reading(rows)), ""]
    for each in found:
        own = rows[(rows["problem"] == each.dial.problem) & (rows["dial"] == each.dial.name)]
        parts += [f"## {escaped(f'{each.dial.problem}: {each.dial.name}')}", ""]
        parts += [*table_lines(HEADER, [_cells(row) for _, row in own.iterrows()]), ""]
        parts += [*(f"- {escaped(line)}" for line in lines(each)), ""]
    return "\n".join(parts)


def write(found: Sequence[Turned], folder: Path) -> dict[str, Path]:
    """Write dials.md, dials.csv and crossings.csv; returns their paths by form."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / name for name in ("dials.md", "dials.csv", "crossings.csv")}
    paths["dials.md"].write_text(markdown(found), encoding="utf-8")
    for_csv(values_table(found)).to_csv(paths["dials.csv"], index=False)
    crossings_table(found).to_csv(paths["crossings.csv"], index=False)
    return paths


def show(found: Sequence[Turned], console: Console) -> None:
    """Print the headline and one row per dial: the lift at every value, and where it crosses."""
    console.print(headline(found), style="bold", highlight=False)
    grid = Table(show_lines=True, padding=(0, 1), caption=READING[0], caption_justify="left")
    for name in ("difficulty parameter", "value: difference", "crossing"):
        grid.add_column(name, overflow="fold")
    room = max(16, (console.width - 10) // 3)
    for each in found:
        lifts = [_lift(each, value) for value in each.seen]
        name, _ = split_address(each.dial.problem)
        title = [part for part in (name, each.dial.problem[len(name) :], each.dial.name) if part]
        grid.add_row(
            *("\n".join(folded(line, room) for line in cell) for cell in (title, lifts, lines(each)))
        )
    console.print(grid)


def _lift(each: Turned, value: Any) -> str:
    """`20: -0.215 [-0.251, -0.180]`."""
    skills = each.seen[value].skills
    if skills is None:
        return f"{value}: none"
    low, high = skills.lift.interval(LEVEL)
    return f"{value}: {signed(skills.lift.mean)} [{signed(low)}, {signed(high)}]"


def _span(each: Turned) -> tuple[float, float]:
    """The least and the largest value of a dial that carries a lift."""
    held = [value for value in each.seen if value not in each.missing]
    return min(held), max(held)


def _cells(row: pd.Series[Any]) -> list[str]:
    sides = [
        f"{split_address(row[side])[0]} {number(row[f'{side}_skill'])} ({row[f'{side}_solved']:.1f})"
        if isinstance(row.get(side), str)
        else ""
        for side in ("recurrent", "full")
    ]
    lift = ""
    if pd.notna(row.get("L")):
        lift = f"{signed(row['L'])} [{signed(row['L_low'])}, {signed(row['L_high'])}]"
    remarks = [] if row.get("missing") is None else [ENGLISH.reason(row["missing"])]
    if pd.notna(row.get("shared")) and row["shared"]:
        remarks.append(ENGLISH("map.shared"))
    return [str(row["value"]), row["role"], *sides, lift, "; ".join(remarks)]
