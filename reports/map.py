"""The map for people: every primary contrast with its verdict, in the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench.reports.recurrence import LEAST, LEVEL, Observed, table
from recurbench.reports.render import folded, grid_lines, number, signed
from recurbench.reports.verdicts import ERROR, HELPS, HURTS, MARGIN, NOT_LEARNED, Verdict
from rich.console import Console
from rich.table import Table

Found = Sequence[tuple[Observed, Verdict]]

HEADER = ("problem", "recurrent", "full", "window", "L", "L_cut", "C", "p", "verdict", "predicted")
FURTHER = ("problem", "practical", "L_window", "L_linear", "L_reset", "L_shuffled", "CPU-h")
READING = (
    "Skill: 0 is the best constant answer, 1 the exact best (where that is unknown, no error at all). Per "
    "side the method chosen most often, its mean skill over the pairs and, in brackets, the share of pairs "
    "solved (skill at least .9). recurrent: learned recurrence; full: networks that see the whole past "
    "without it; window: networks that see less than the task needs.",
    "L: recurrent minus full, each chosen by the validation of the other pairs. L_cut: recurrent minus its "
    "twin trained without a state. C: the best of recurrent and full minus the best of window. Intervals at "
    "the level that Holm leaves; p: of the verdict, adjusted by Holm over all primary contrasts.",
    f"A difference under {MARGIN} of skill is none. The chance of any wrong verdict among all is held to "
    f"{ERROR:.0%}. {NOT_LEARNED}: a side's best is under {LEAST} of skill, and no re-run at twice the steps "
    "says that it stays there; it says nothing of what the architecture can do.",
    f"Further components: without a verdict of their own, intervals at {LEVEL:.0%}, not adjusted. practical: "
    "the best recurrent method of any kind minus the best of everything else.",
)


def headline(found: Found) -> str:
    """Which verdicts fell, and how many predictions came true."""
    rows = table(found)
    words = rows["verdict"].str.partition(":")[0].value_counts()
    counts = ", ".join(f"{n} {word}" for word, n in words.items())
    open_ = rows[~rows["known_before"] & rows["hit"].notna()]
    hits = int(open_["hit"].sum())
    told = (
        f"{hits} of {len(open_)} open predictions came true" if len(open_) else "no open prediction decided"
    )
    return f"{len(rows)} primary contrasts: {counts}; {told}"


def markdown(found: Found) -> str:
    """Both tables and how to read them."""
    rows = [row for _, row in table(found).iterrows()]
    parts = [f"# {headline(found)}", "", *grid_lines(HEADER, [_cells(row) for row in rows]), ""]
    parts += ["## Further components", "", *grid_lines(FURTHER, [_further(row) for row in rows]), ""]
    parts += [*(f"- {line}" for line in READING), ""]
    left_out = [f"- {row['problem']}: {row['left_out']}" for row in rows if row["left_out"]]
    if left_out:
        parts += ["## Methods left out", "", *left_out, ""]
    return "\n".join(parts)


def write(found: Found, folder: Path) -> dict[str, Path]:
    """Write map.md and map.csv; returns their paths by form."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {"markdown": folder / "map.md", "csv": folder / "map.csv"}
    paths["markdown"].write_text(markdown(found), encoding="utf-8")
    table(found).to_csv(paths["csv"], index=False)
    return paths


def show(found: Found, console: Console) -> None:
    """Print the headline and one line of verdict per contrast; the whole table is in map.md."""
    console.print(headline(found), style="bold", highlight=False)
    grid = Table(padding=(0, 1))
    header = ("problem", "recurrent", "full", "lift", "verdict", "predicted")
    room = max(9, (console.width - 19) // len(header))
    for name in header:
        grid.add_column(name, overflow="fold")
    for _, row in table(found).iterrows():
        style = {HELPS: "green", HURTS: "red"}.get(row["verdict"], "")
        sides = [_side(row, side) for side in ("recurrent", "full")]
        texts = [str(row["problem"]), *sides, _component(row, "lift"), str(row["verdict"]), _predicted(row)]
        cells = [folded(text, room) for text in texts]
        cells[4] = f"[{style}]{cells[4]}[/{style}]" if style else cells[4]
        grid.add_row(*cells)
    console.print(grid)


def _cells(row: pd.Series[Any]) -> list[str]:
    sides = [_side(row, side) for side in ("recurrent", "full", "window")]
    parts = [_component(row, name) for name in ("lift", "cut", "context")]
    p = f"{row['p_adjusted']:.2g}" if row["pairs"] and row["p"] < 1 else ""
    verdict = str(row["verdict"])
    if verdict.startswith("undecided") and pd.notna(row["half_width"]):
        verdict += f"; half-width {number(row['half_width'])}"
        if pd.notna(row["pairs_for_margin"]):
            verdict += f", {row['pairs_for_margin']:.0f} pairs for {MARGIN}"
    return [f"{row['problem']} ({row['role']})", *sides, *parts, p, verdict, _predicted(row)]


def _further(row: pd.Series[Any]) -> list[str]:
    names = ("practical", *FURTHER[2:-1])
    return [str(row["problem"]), *(_component(row, name) for name in names), f"{row['cpu_hours']:.2f}"]


def _side(row: pd.Series[Any], side: str) -> str:
    """`gru .998 (1.0)`: without the settings that all methods of the contrast share."""
    if not isinstance(row[side], str):
        return ""
    name = row[side].partition("[")[0]
    return f"{name} {number(row[f'{side}_skill'])} ({row[f'{side}_solved']:.1f})"


def _component(row: pd.Series[Any], name: str) -> str:
    if name not in row or pd.isna(row[name]):
        return ""
    return f"{signed(row[name])} [{signed(row[f'{name}_low'])}, {signed(row[f'{name}_high'])}]"


def _predicted(row: pd.Series[Any]) -> str:
    known = " (known before)" if row["known_before"] else ""
    hit = "" if row["hit"] is None or pd.isna(row["hit"]) else "hit: " if row["hit"] else "miss: "
    return f"{hit}{row['predicted']}{known}"
