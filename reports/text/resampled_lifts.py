"""What a run says of real data, for people: lifts, tests over data sets and characteristics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from recurbench.reports.statistics.characteristics import TRAITS, characteristics, correlations
from recurbench.reports.statistics.constants import LEVEL, MARGIN
from recurbench.reports.statistics.resampled_lifts import family_skills, lifts
from recurbench.reports.statistics.signed_rank import PAIRS, PRIMARY, over_kinds, over_pairs
from recurbench.reports.text.export import for_csv
from recurbench.reports.text.markdown import escaped
from recurbench.reports.text.markdown import table as table_lines
from recurbench.reports.text.numbers import number, signed
from recurbench.reports.text.render import STYLES
from recurbench.reports.text.translation import Messages
from recurbench.results import Run
from rich.console import Console
from rich.markup import escape
from rich.table import Table

LIFTS = ("data set", "kind", "contrast", "resamples", "recurrent", "other", "L", "interval", "verdict")
SHORT = ("data set", "recurrent\nother", "L", "verdict")
TESTS = ("kind", "contrast", "n", "ties", "median L", "p", "p, Holm", "smallest p")
RHOS = ("kind", "trait", "n", "rho", f"{LEVEL:.0%} interval", "reading")
READING = (
    "Skill: 1 - error / error of the reference method. L, the gain from recurrence: skill of the best "
    "recurrent network minus skill of the best rival, both chosen on the validation part of each "
    "resample. The rivals in the contrast networks are networks without recurrence; in practical they "
    "are all other methods. In brackets: the number of methods times trials that the network or rival "
    "was chosen from.",
    f"Interval: {LEVEL:.0%}, over test cases, resamples and seeds together, paired, never narrower than "
    f"the cases alone allow. A difference within {MARGIN} of skill counts as no difference.",
    "Tests: Wilcoxon signed-rank tests over the data sets of one kind of task, without synthetic tasks. "
    "Holm's correction is over the kinds of a contrast; for pairs of families over all pairs and kinds. "
    "smallest p: the smallest p that n data sets can give. If it is above .05, the test cannot show "
    "anything.",
    "Traits describe the training part alone. Their rank correlation with L is exploratory: few data "
    "sets, many traits, no adjustment.",
)
ENGLISH = Messages()  # the tables of real data are written in English


@dataclass(frozen=True)
class Page:
    """The tables of the real data in a run."""

    lifts: pd.DataFrame
    kinds: pd.DataFrame
    pairs: pd.DataFrame
    traits: pd.DataFrame
    rhos: pd.DataFrame


def page(run: Run) -> Page | None:
    """The tables, None where the run holds no real data."""
    found = lifts(run)
    if not len(found):
        return None
    traits = characteristics(run, found[found["contrast"] == PRIMARY])
    return Page(found, over_kinds(found), over_pairs(family_skills(run)), traits, correlations(traits))


def headline(found: Page) -> str:
    """How many data sets, and which verdicts the primary contrast got."""
    rows = found.lifts[found.lifts["contrast"] == PRIMARY]
    counts = Counter(rows["verdict"]).most_common()
    verdicts = ", ".join(f"{n} {ENGLISH.verdict(verdict)}" for verdict, n in counts)
    return f"{len(rows)} real data sets, {PRIMARY}: {verdicts}"


def markdown(found: Page) -> str:
    """All tables and how to read them."""
    parts = [f"# {headline(found)}", "", *table_lines(LIFTS, [_lift(row) for row in _rows(found.lifts)]), ""]
    named = "; ".join(f"{one} - {other}" for one, other in PAIRS)
    for title, table in (("Over data sets", found.kinds), (f"Pairs of families ({named})", found.pairs)):
        if len(table):
            parts += [f"## {title}", "", *table_lines(TESTS, [_test(row) for row in _rows(table)]), ""]
    header = ("data set", "kind", "L", *TRAITS)
    parts += ["## Traits of the training part", ""]
    parts += [*table_lines(header, [_traits(row) for row in _rows(found.traits)]), ""]
    if len(found.rhos):
        parts += ["## Rank correlation with L, exploratory", ""]
        parts += [*table_lines(RHOS, [_rho(row) for row in _rows(found.rhos)]), ""]
    return "\n".join([*parts, *(f"- {escaped(line)}" for line in READING), ""])


def write(found: Page, folder: Path) -> dict[str, Path]:
    """Write real.md, real.csv (lifts), real-tests.csv and real-traits.csv; returns their paths by form."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {"markdown": "real.md", "csv": "real.csv", "tests": "real-tests.csv", "traits": "real-traits.csv"}
    paths = {form: folder / name for form, name in names.items()}
    paths["markdown"].write_text(markdown(found), encoding="utf-8")
    for_csv(found.lifts).to_csv(paths["csv"], index=False)
    pd.concat([found.kinds, found.pairs]).to_csv(paths["tests"], index=False)
    found.traits.to_csv(paths["traits"], index=False)
    return paths


def show(found: Page, console: Console) -> None:
    """Print the headline, the lifts of every data set and the tests; the rest is in real.md."""
    console.print(headline(found), style="bold", highlight=False)
    styles = [STYLES.get(row["verdict"], "") for row in _rows(found.lifts)]
    _print(console, SHORT, [_stacked(_lift(row)) for row in _rows(found.lifts)], styles)
    for table in (found.kinds, found.pairs):
        if len(table):
            _print(console, TESTS, [_test(row) for row in _rows(table)])
    if len(found.rhos):
        _print(console, RHOS, [_rho(row) for row in _rows(found.rhos)])


def _stacked(cells: list[str]) -> list[str]:
    """The cells of a lift in the columns of SHORT, which 80 signs hold."""
    name, kind, contrast, count, one, other, lift, bounds, verdict = cells
    resamples = f"\n{count} resamples" if int(count) > 1 else ""
    return [f"{name}\n{kind}{resamples}", f"{one}\n{other}", f"{lift}\n{bounds}", f"{contrast}:\n{verdict}"]


def _print(
    console: Console, header: tuple[str, ...], rows: list[list[str]], styles: Sequence[str] = ()
) -> None:
    grid = Table(padding=(0, 0), show_lines=any("\n" in cell for row in rows for cell in row))
    for place, name in enumerate(header):
        # A name in the first columns must stay whole; numbers need little room.
        pieces = (piece for row in rows for piece in row[place].split())
        widest = max((len(piece) for piece in pieces), default=0)
        grid.add_column(name, overflow="fold", min_width=min(widest, 14))
    for place, row in enumerate(rows):
        grid.add_row(*(escape(cell) for cell in row), style=styles[place] if styles else "")
    console.print(grid)


def _rows(table: pd.DataFrame) -> list[pd.Series[Any]]:
    return [row for _, row in table.iterrows()]


def _lift(row: pd.Series[Any]) -> list[str]:
    sides = [
        f"{row[side]} {number(row[f'skill_{side}'])} ({row[f'fits_{side}']})" if row[side] else ""
        for side in ("recurrent", "other")
    ]
    bounds = f"[{signed(row['low'])}, {signed(row['high'])}]" if pd.notna(row["low"]) else ""
    count = f"{row['resamples']}"
    kind = f"{row['kind']} ({row['role']})" if row["role"] else str(row["kind"])
    return [
        str(row["problem"]),
        kind,
        str(row["contrast"]),
        count,
        *sides,
        signed(row["lift"]),
        bounds,
        ENGLISH.verdict(row["verdict"], row["reasons"]),
    ]


def _test(row: pd.Series[Any]) -> list[str]:
    counts = [str(row[name]) for name in ("kind", "contrast", "n", "ties")]
    return [
        *counts,
        signed(row["median"]),
        *(f"{row[name]:.3g}" for name in ("p", "p_adjusted", "smallest_p")),
    ]


def _traits(row: pd.Series[Any]) -> list[str]:
    return [
        str(row["problem"]),
        str(row["kind"]),
        signed(row["lift"]),
        *(number(row[name]) for name in TRAITS),
    ]


def _rho(row: pd.Series[Any]) -> list[str]:
    bounds = f"[{signed(row['low'])}, {signed(row['high'])}]"
    return [
        str(row["kind"]),
        str(row["trait"]),
        str(row["n"]),
        signed(row["rho"]),
        bounds,
        str(row["reading"]),
    ]
