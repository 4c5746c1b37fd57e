"""The primary contrasts: verdicts, components, and the skill of every method in them."""

from __future__ import annotations

import pandas as pd
from recurbench.predictions import Contrast
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.links import method_link
from recurbench.reports.page.page_tables import gaps
from recurbench.reports.page.section import Grid, Section
from recurbench.reports.statistics.outcomes import Reason
from recurbench.reports.statistics.paired_tests import SOLVED
from recurbench.reports.statistics.primary_contrasts import NOT_RUN, primary, table
from recurbench.reports.statistics.replicates import skill_table
from recurbench.reports.statistics.skill import by_draw
from recurbench.reports.text import map as map_
from recurbench.reports.text.export import left_out
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.numbers import number
from recurbench.reports.text.translation import Messages
from recurbench.results import Run, fits


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """The tables of the map; None where no contrast has a complete replicate."""
    found = primary(run)
    held = [pair for pair in found if pair[0].parts.refused != NOT_RUN]
    if not any(seen.pairs for seen, _ in held):
        return None
    rows = [row for _, row in table(held).iterrows()]
    cells = [map_.cells_of(row, seen, say) for row, (seen, _) in zip(rows, held, strict=True)]
    missing = tuple(f"{row['problem']}: {left_out(row['left_out'], say)}" for row in rows if row["left_out"])
    parts = (
        Grid(
            map_.header(map_.HEADER, say),
            tuple(map(tuple, cells)),
            say("tables.contrasts"),
            frozenset(range(4, 8)),
            map_.reading(say),
        ),
        Grid(
            map_.header(map_.FURTHER, say),
            tuple(tuple(map_.further_of(row)) for row in rows),
            say("tables.further"),
            frozenset(range(1, len(map_.FURTHER))),
            missing,
        ),
    )
    within = [_skills(run, seen.contrast, say) for seen, _ in held]
    every = Section(
        "contrast-skills", say("tables.skills_title"), tuple(grid for grid in within if grid is not None)
    )
    return Section("contrasts", say("tables.contrasts_title"), parts, (every,))


def _skills(run: Run, contrast: Contrast, say: Messages) -> Grid | None:
    """Every method of one contrast: mean skill, spread and solved replicates; the best mean first.

    A method with a cell that failed or is missing has neither; a note says how many.
    """
    levels = by_draw(run, contrast.problem)
    if isinstance(levels, Reason):
        return None
    cells = run.cells[run.cells["problem"] == contrast.problem]
    skills, lacking = skill_table(cells, levels), gaps(run, contrast.problem)
    whole = [
        address for address in skills.mean().sort_values(ascending=False).index if address not in lacking
    ]
    rows = []
    names = method_names([*contrast.pools.methods, *whole, *lacking], say)
    for address in [*whole, *lacking]:
        own = cells[cells["address"] == address]
        final = own[own["stage"] == "final"]
        # A method without a seed on data without samples has one value, whatever it is compared with.
        values = skills[address].dropna().iloc[: final["job"].nunique()] if address in skills else None
        rows.append(
            (
                method_link(address, names[address]),
                say.of(_side(contrast, address)),
                *(_skill(values) if values is not None and address not in lacking else ("", "", "")),
                _size(final["parameters"]),
                f"{fits(own)['cpu_seconds'].sum():.0f}",
            )
        )
    header = tuple(
        say(f"tables.{name}") for name in ("method", "side", "skill", "sd", "solved", "size", "cpu")
    )
    notes = tuple(
        say("tables.lacking", method=names[name], lost=lost, asked=asked)
        for name, (lost, asked) in lacking.items()
    )
    return Grid(header, tuple(rows), contrast.problem, frozenset(range(2, 7)), notes)


def _skill(values: pd.Series[float]) -> tuple[str, str, str]:
    """Mean skill over the replicates, spread, and number of replicates solved."""
    spread = number(values.std(ddof=1)) if len(values) > 1 else ""
    return number(values.mean()), spread, f"{(values >= SOLVED).sum()}/{len(values)}"


def _side(contrast: Contrast, address: str) -> str:
    """The group of a contrast that a method belongs to."""
    pools = contrast.pools
    for name in ("recurrent", "full", "window", "ablations"):
        if address in getattr(pools, name):
            return name
    return "state-cut" if address in pools.cut.values() else "besides"


def _size(parameters: pd.Series[int]) -> str:
    """The mean number of parameters, rounded; empty where it is not known."""
    known = parameters.dropna()
    return f"{known.mean():.0f}" if len(known) else ""
