"""The map for people: every primary contrast with its verdict, in the terminal and as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench.address import short, split_address
from recurbench.reports.statistics.constants import LEVEL, MARGIN
from recurbench.reports.statistics.extended_contrasts import Later
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.statistics.primary_contrasts import LEAST, NOT_RUN, Observed, table
from recurbench.reports.statistics.verdicts import ERROR, Verdict
from recurbench.reports.text.export import for_csv, left_out
from recurbench.reports.text.markdown import escaped
from recurbench.reports.text.markdown import table as table_lines
from recurbench.reports.text.numbers import number, signed
from recurbench.reports.text.render import folded
from recurbench.reports.text.translation import Messages
from rich.console import Console
from rich.markup import escape
from rich.table import Table

Found = Sequence[tuple[Observed, Verdict]]

HEADER = ("problem", "recurrent", "full", "window", "L", "L_cut", "C", "p", "verdict", "predicted")
INTERVAL = 16  # characters of the bounds of an interval
CAPTION = (
    "Recurrent above, full-context below: the method chosen most often, the mean skill of the methods "
    "chosen, and in brackets the share of replicates solved. L: recurrent minus full-context, with its "
    "interval."
)
LOOK = "Exploratory: the verdict of a contrast comes from its registered replicates alone."
ENGLISH = Messages()  # the map is written in English; its tables stand on pages of both languages
STYLES = {ContrastVerdict.RECURRENCE_HELPS: "green", ContrastVerdict.RECURRENCE_HURTS: "red"}
FURTHER = ("problem", "L_chosen", "practical", "L_window", "L_linear", "L_reset", "L_shuffled", "CPU-h")
READINGS = ("sides", "components", "margin", "further", "unseen", "shared")


def header(names: Sequence[str], say: Messages) -> tuple[str, ...]:
    """HEADER or FURTHER in the reader's language; the names of components stay."""
    return tuple(say.of(name) for name in names)


def reading(say: Messages) -> tuple[str, ...]:
    """How to read both tables."""
    values = {"margin": MARGIN, "least": LEAST, "error": f"{ERROR:.0%}", "level": f"{LEVEL:.0%}"}
    not_trained = say.verdict(ContrastVerdict.NOT_TRAINED).capitalize()
    return tuple(say(f"map.reading_{name}", not_trained=not_trained, **values) for name in READINGS)


def smallest(contrasts: pd.DataFrame) -> str:
    """The smallest p that the numbers of replicates allow, in a sentence; "" where nothing was run."""
    run = contrasts[contrasts["pairs"] > 0]
    if not len(run):
        return ""
    least = dict(zip(run["pairs"], run["smallest_p"], strict=True))
    values = ", ".join(f"{p:.2g} with {n} replicate{'s' * (n > 1)}" for n, p in sorted(least.items()))
    bar = ERROR / len(contrasts)
    return (
        f"Smallest possible p: {values}. Holm's correction requires {bar:.2g} or less of the first of "
        f"{len(contrasts)} contrasts."
    )


def looks(more: Sequence[Later]) -> list[str]:
    """A line for every contrast with more replicates than registered; exploratory, with the date."""
    lines = []
    for each in more:
        lift, (first, last) = each.seen.parts.lift, each.dates
        low, high = lift.interval(each.verdict.level)
        when = first if first == last else f"{first} to {last}"
        row = table([(each.seen, each.verdict)]).iloc[0]
        verdict = "; ".join([_verdict(row, ENGLISH), *_cautions(row, ENGLISH)])
        lines.append(
            f"exploratory, {when}: {each.seen.contrast.problem} with {each.seen.pairs} replicates instead of "
            f"{each.registered}: L {signed(lift.mean)} [{signed(low)}, {signed(high)}], {verdict}"
        )
    return lines


def headline(found: Found) -> str:
    """Which verdicts fell, and how many of the predictions not known before came true and did not."""
    return _headline(table(found))


def _headline(rows: pd.DataFrame) -> str:
    counts = ", ".join(
        f"{n} {ENGLISH.verdict(verdict)}" for verdict, n in Counter(rows["verdict"]).most_common()
    )
    open_ = rows[~rows["known_before"]]
    hits, misses = (int((open_["hit"] == came).sum()) for came in (True, False))
    rest = len(open_) - hits - misses
    predictions = (
        f"of {len(open_)} predictions whose outcome was not known before, {hits} came true, "
        f"{misses} did not, {rest} are open"
    )
    return f"{len(rows)} primary contrasts: {counts}; {predictions}"


def markdown(found: Found, more: Sequence[Later] = ()) -> str:
    """Both tables, later looks, and how to read them."""
    return _markdown(found, table(found), more)


def _markdown(found: Found, contrasts: pd.DataFrame, more: Sequence[Later]) -> str:
    rows = [row for _, row in contrasts.iterrows()]
    cells = [cells_of(row, seen, ENGLISH) for row, (seen, _) in zip(rows, found, strict=True)]
    parts = [f"# {_headline(contrasts)}", "", *table_lines(header(HEADER, ENGLISH), cells), ""]
    parts += ["## Further components", "", *table_lines(FURTHER, [further_of(row) for row in rows]), ""]
    if more:
        parts += ["## More replicates than registered", "", LOOK, ""]
        parts += [*(f"- {escaped(line)}" for line in looks(more)), ""]
    parts += [*(f"- {escaped(line)}" for line in filter(None, (smallest(contrasts), *reading(ENGLISH)))), ""]
    missing = [f"{row['problem']}: {left_out(row['left_out'], ENGLISH)}" for row in rows if row["left_out"]]
    if missing:
        parts += ["## Methods left out", "", *(f"- {escaped(line)}" for line in missing), ""]
    return "\n".join(parts)


def write(found: Found, folder: Path, more: Sequence[Later] = ()) -> dict[str, Path]:
    """Write map.md and map.csv; returns their paths by form."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {"markdown": folder / "map.md", "csv": folder / "map.csv"}
    contrasts = table(found)
    paths["markdown"].write_text(_markdown(found, contrasts, more), encoding="utf-8")
    for_csv(contrasts).to_csv(paths["csv"], index=False)
    return paths


def show(found: Found, console: Console, more: Sequence[Later] = ()) -> None:
    """Print the headline, one row per contrast and later looks; the other components are in map.md."""
    contrasts = table(found)
    console.print(_headline(contrasts), style="bold", highlight=False)
    grid = Table(show_lines=True, padding=(0, 1), caption=CAPTION, caption_justify="left")
    for name in ("problem", "recurrent\nfull-context", "L", "verdict\nprediction"):
        grid.add_column(name, overflow="fold", no_wrap=name == "L")
    # What an interval takes and the borders, then what is left shared out.
    room = max(12, (console.width - INTERVAL - 13) // 3)
    unrun = []
    for (_, row), (seen, _) in zip(contrasts.iterrows(), found, strict=True):
        if seen.parts.refused == NOT_RUN:
            unrun.append(str(row["problem"]))
            continue
        sides = [folded(_side(row, side, seen), room) for side in ("recurrent", "full")]
        verdict = folded(_verdict(row, ENGLISH), room)
        style = STYLES.get(row["verdict"])
        shown = f"[{style}]{verdict}[/{style}]" if style else verdict
        grid.add_row(
            "\n".join(folded(part, room) for part in _halves(str(row["problem"]))),
            "\n".join(filter(None, sides)),
            escape(_component(row, "lift").replace(" ", "\n", 1)),
            "\n".join([shown, *(f"[dim]{folded(line, room)}[/dim]" for line in _below(row, ENGLISH))]),
        )
    console.print(grid)
    for line in (smallest(contrasts), *looks(more)):
        console.print(line, markup=False, highlight=False)
    if unrun:
        console.print(f"Not run: {', '.join(unrun)}", markup=False, highlight=False)


def _halves(problem: str) -> list[str]:
    """A problem's name and its settings, each on a line."""
    name, _ = split_address(problem)
    return [name, problem[len(name) :]] if problem != name else [name]


def cells_of(row: pd.Series[Any], seen: Observed, say: Messages) -> list[str]:
    """The row of a contrast under HEADER."""
    sides = [_side(row, side, seen) for side in ("recurrent", "full", "window")]
    parts = [_component(row, name) for name in ("lift", "cut", "context")]
    p = f"{row['p_adjusted']:.2g}" if row["pairs"] and row["p"] < 1 else ""
    verdict = _verdict(row, say)
    open_ = row["verdict"] == ContrastVerdict.UNDECIDED and not row["reasons"]
    if open_ and pd.notna(row["half_width"]):
        verdict += f"; {say('map.half_width', half=number(row['half_width']))}"
        if pd.notna(row["pairs_for_margin"]):
            wanted = f"{row['pairs_for_margin']:.0f}"
            verdict += f", {say('map.pairs_for', pairs=wanted, margin=MARGIN)}"
    verdict = "; ".join([verdict, *_cautions(row, say)])
    name = f"{row['problem']} ({say.of(row['role'])})"
    return [name, *sides, *parts, p, verdict, _predicted(row, say)]


def further_of(row: pd.Series[Any]) -> list[str]:
    """The row of a contrast under FURTHER."""
    return [
        str(row["problem"]),
        *(_component(row, name) for name in FURTHER[1:-1]),
        f"{row['cpu_hours']:.2f}",
    ]


def _side(row: pd.Series[Any], side: str, seen: Observed) -> str:
    """`gru 0.998 (1.0)`: the method chosen most often, its skill and the share of pairs solved."""
    if not isinstance(row[side], str):
        return ""
    name = short(row[side], seen.contrast.pools.methods)
    return f"{name} {number(row[f'{side}_skill'])} ({row[f'{side}_solved']:.1f})"


def _component(row: pd.Series[Any], name: str) -> str:
    if name not in row or pd.isna(row[name]):
        return ""
    return f"{signed(row[name])} [{signed(row[f'{name}_low'])}, {signed(row[f'{name}_high'])}]"


def _verdict(row: pd.Series[Any], say: Messages) -> str:
    return say.verdict(row["verdict"], row["reasons"])


def _below(row: pd.Series[Any], say: Messages) -> list[str]:
    """What stands under a verdict in the terminal."""
    return [*_cautions(row, say), _predicted(row, say)]


def _cautions(row: pd.Series[Any], say: Messages) -> list[str]:
    """What a verdict leaves out or allows for."""
    unseen = [say("map.unseen", rate=f"{row['unseen']:.2f}")] if pd.notna(row["unseen"]) else []
    return [*unseen, *([say("map.shared")] if row["shared"] else [])]


def _predicted(row: pd.Series[Any], say: Messages) -> str:
    """`hit: no difference (known before)`; without a decision, the prediction alone."""
    hit = "predicted" if row["hit"] is None or pd.isna(row["hit"]) else "hit" if row["hit"] else "miss"
    prediction = say(f"map.{hit}", verdict=say.verdict(row["predicted"]))
    return say("map.known_before", prediction=prediction) if row["known_before"] else prediction
