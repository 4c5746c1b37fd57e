"""The forms a report may take, each one text and one file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.document import figures, page
from recurbench.reports.statistics.comparison_table import comparison, every_method, troubles
from recurbench.reports.statistics.primary_contrasts import primary
from recurbench.reports.statistics.primary_contrasts import table as map_table
from recurbench.reports.text.answer import answer
from recurbench.reports.text.latex import latex
from recurbench.reports.text.render import markdown
from recurbench.reports.text.translation import Words
from recurbench.results import Run


class Form(NamedTuple):
    """Where a form goes by default, and its text, from the figures drawn so far."""

    file: str
    text: Callable[[Run, Words, Drawn], str]


def csv(run: Run, say: Words, drawn: Drawn) -> str:
    """The comparison table."""
    return comparison(run).to_csv(index=False)


def dump(run: Run, say: Words, drawn: Drawn) -> str:
    """The frames behind the page as JSON: numbers in full, null where there is none.

    answer: its sentences; comparison: a row per problem, lift and all; map: a row per primary contrast
    the run holds; methods: a row per problem and method; troubles: what has no score.
    """
    contrast = map_table(primary(run))
    held = contrast[contrast["pairs"] > 0] if len(contrast) else contrast
    said: dict[str, Any] = {
        "suite": run.suite,
        "missing": run.missing,
        "answer": answer(run, say).sentences,
        "comparison": _records(comparison(run)),
        "map": _records(held),
        "methods": _records(every_method(run)) if len(run.cells) else [],
        "troubles": _records(troubles(run)) if len(run.cells) else [],
    }
    return json.dumps(said, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(table.to_json(orient="records", double_precision=15))
    return found


FORMS = {
    "html": Form("index.html", page),
    "md": Form("table.md", lambda run, say, drawn: markdown(run, say)),
    "csv": Form("table.csv", csv),
    "latex": Form("tables.tex", lambda run, say, drawn: latex(run, say)),
    "json": Form("report.json", dump),
}


def write(run: Run, say: Words, folder: Path, forms: Sequence[str], drawn: Drawn | None = None) -> list[Path]:
    """Write these forms under their own names; returns their paths in the same order.

    drawn: the figures drawn so far; those remembered in the folder where not given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = figures(folder, say) if drawn is None else drawn
    paths = []
    for name in forms:
        path = folder / FORMS[name].file
        path.write_text(FORMS[name].text(run, say, drawn), encoding="utf-8")
        paths.append(path)
    return paths
