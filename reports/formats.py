"""The formats of a report; each is one text and one file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.document import figures, page
from recurbench.reports.statistics.case_scores import case_scores
from recurbench.reports.statistics.comparison_table import comparison, every_method, troubles
from recurbench.reports.statistics.forecast_ratios import BASELINE, CLIP, overall
from recurbench.reports.statistics.forecast_scores import forecast_scores
from recurbench.reports.statistics.registered_standings import table as registered_table
from recurbench.reports.text.answer import answer
from recurbench.reports.text.export import codes_of, for_csv, for_json
from recurbench.reports.text.latex import latex
from recurbench.reports.text.registered_answer import contrasts_in
from recurbench.reports.text.render import markdown
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


class Form(NamedTuple):
    """The default file of a format, and the function for its text, which can reuse drawn figures."""

    file: str
    text: Callable[[Run, Messages, Drawn], str]


def csv(run: Run, say: Messages, drawn: Drawn) -> str:
    """The comparison table."""
    return for_csv(comparison(run)).to_csv(index=False)


def dump(run: Run, say: Messages, drawn: Drawn) -> str:
    """The tables behind the page as JSON: numbers with all digits, null where a number is missing.

    answer: its sentences; comparison: a row per problem; map: a row per registered contrast
    that was run; methods: a row per problem and method; forecasts: by every metric of forecasts, a row per
    problem and method (`forecast_scores`), and all problems together (`overall`); cases: by every metric of
    classification and regression, a row per data set and method (`case_scores`); troubles: the warnings.
    """
    judged, found = contrasts_in(run), answer(run, say)
    said: dict[str, Any] = {
        "suite": run.suite,
        "missing": run.missing,
        "answer": found.sentences,
        "comparison": _records(comparison(run)),
        "map": _records(registered_table(judged)) if judged else [],
        "methods": _records(every_method(run)) if len(run.cells) else [],
        "forecasts": _forecasts(run),
        "cases": _records(case_scores(run).drop(columns="label")),
        "troubles": _records(troubles(run)) if len(run.cells) else [],
    }
    return json.dumps(said, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _forecasts(run: Run) -> dict[str, Any]:
    found = overall(run)
    scored = _records(forecast_scores(run).drop(columns="label"))
    if found is None:
        return {"problems": scored, "overall": None}
    together = {
        "baseline": BASELINE,
        "clip": CLIP,
        "problems": found.problems,
        "with_quantiles": found.with_quantiles,
        "data_sets": found.data_sets,
        "left_out": {problem: codes_of(why) for problem, why in found.left_out.items()},
        "windows": found.windows,
        "undefined": found.undefined,
        "methods": _records(found.methods),
    }
    return {"problems": scored, "overall": together}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(for_json(table).to_json(orient="records", double_precision=15))
    return found


FORMS = {
    "html": Form("index.html", page),
    "md": Form("table.md", lambda run, say, drawn: markdown(run, say)),
    "csv": Form("table.csv", csv),
    "latex": Form("tables.tex", lambda run, say, drawn: latex(run, say)),
    "json": Form("report.json", dump),
}


def write(
    run: Run, say: Messages, folder: Path, forms: Sequence[str], drawn: Drawn | None = None
) -> list[Path]:
    """Write these formats, each to its default file; returns the paths in the same order.

    drawn: figures drawn before; by default the cache in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = figures(folder, say) if drawn is None else drawn
    paths = []
    for name in forms:
        path = folder / FORMS[name].file
        path.write_text(FORMS[name].text(run, say, drawn), encoding="utf-8")
        paths.append(path)
    return paths
