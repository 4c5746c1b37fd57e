"""What was run and on what: methods with settings, problems with licences; and how to repeat it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.links import method_row, problem_anchor, problem_row
from recurbench.reports.page.page_tables import some
from recurbench.reports.page.section import Command, Grid, Link, Prose, Section
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.repeat import commands
from recurbench.reports.text.translation import Messages
from recurbench.results import Run, fits


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """The facts behind the numbers; None where nothing ran."""
    if not len(run.cells):
        return None
    parts = (Prose((say("page.repeat"),)), Command(commands(run)), _whole(run, say))
    within = (
        Section("ran-problems", say("page.ran_problems"), (_problems(run, say),)),
        Section("ran-methods", say("page.ran_methods"), (_methods(run, say),)),
    )
    return Section("ran", say("page.ran_title"), parts, within)


def _whole(run: Run, say: Messages) -> Grid:
    """Facts of the whole run, a row each."""
    cells = run.cells
    statuses = ", ".join(
        f"{count} {say.status(status)}" for status, count in Counter(cells["status"]).most_common()
    )
    started = sorted(filter(None, cells["started"]))
    limits = [f"{value:g} s" for value in _known(cells["limit_seconds"])]
    limits += [f"{value / 1000:.3g} GB" for value in _known(cells["limit_mb"])]
    facts = {
        "suite": run.suite,
        "cells": f"{len(cells)}: {statuses}",
        "time": f"{float(fits(cells)['cpu_seconds'].sum()) / 3600:.3g}",
        "started": f"{started[0]} – {started[-1]}" if started else "",
        "machine": _several(cells["machine"]),
        "device": _several(cells["device"]),
        "threads": _several(cells["threads"]),
        "limits": ", ".join(limits) or say("page.no_limits"),
        "seeds": _range(cells["seed"]),
        "draws": _range(cells["data_seed"]),
        "versions": _versions(cells),
    }
    rows = tuple((say(f"page.fact_{name}"), words) for name, words in facts.items() if words)
    return _grid((say("page.fact"), say("page.value")), rows, say("page.ran"), say)


def _versions(cells: pd.DataFrame) -> str:
    """Each package with the version, or the versions, that cells ran with."""
    found: dict[str, set[str]] = {}
    for versions in {tuple(sorted(row.items())): row for row in cells["versions"]}.values():
        for name, version in versions.items():
            if version:
                found.setdefault(str(name), set()).add(str(version))
    return ", ".join(f"{name} {' / '.join(sorted(versions))}" for name, versions in found.items())


def _problems(run: Run, say: Messages) -> Grid:
    """A row per problem: where it comes from, under which licence, its sizes and what it was built by."""
    rows = []
    for problem in run.cells["problem"].drop_duplicates():
        draws = run.draws(str(problem))
        about: Any = next(iter(draws.values()), {})
        code = run.cells[run.cells["problem"] == problem]["dataset_code"]
        prints = [str(facts.get("fingerprint", "")) for facts in draws.values()]
        rows.append(
            (
                Link(str(problem), problem_anchor(str(problem))),
                str(about.get("licence", "")),
                str(about.get("source", "")),
                str(about.get("protocol", "")),
                f"{about.get('n_train', '')} / {about.get('n_test', '')}",
                _several(prints) + _files(draws.values(), say),
                _several(code),
            )
        )
    names = ("problem", "licence", "source", "protocol", "sizes", "fingerprint", "code")
    notes = (say("page.quoted_facts"),)
    header = [say(f"page.{name}") for name in names]
    anchors = [problem_row(problem) for problem, *_ in rows]
    return _grid(header, rows, say("page.problems_ran"), say, notes, anchors)


def _files(draws: Iterable[Mapping[str, Any]], say: Messages) -> str:
    """How the files that a data set read stand against the known ones; "" where it read none."""
    found = {tuple(sorted(facts["files"].items())) for facts in draws if facts.get("files")}
    words = (say(f"page.files_{dict(files)['state']}", since=dict(files).get("since", "")) for files in found)
    return "".join(f"; {word}" for word in sorted(words))


def _methods(run: Run, say: Messages) -> Grid:
    """A row per method: its settings, seeds, size and the hash of its code."""
    rows = []
    names = method_names([*map(str, run.cells["address"].unique())], say)
    for address, cells in run.cells.groupby("address", sort=False):
        first = cells.iloc[-1]  # of its stages the final one
        settings = ", ".join(f"{key}={value}" for key, value in first["settings"].items())
        rows.append(
            (
                names[str(address)],
                str(address),
                say.of(first["family"]),
                settings if int(cells["trial"].max()) == 0 else say("page.tuned"),
                _range(cells["seed"]),
                _range(cells["parameters"]),
                _several(cells["code"]),
            )
        )
    columns = ("method", "address", "family", "settings", "fact_seeds", "parameters", "code")
    header = [say(f"page.{name}") for name in columns]
    anchors = [method_row(address) for _, address, *_ in rows]
    return _grid(header, rows, say("page.methods_ran"), say, anchors=anchors)


def _grid(
    header: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    caption: str,
    say: Messages,
    notes: tuple[str, ...] = (),
    anchors: Sequence[str] = (),
) -> Grid:
    """A table that says where the rest is of values that were only counted."""
    counted = any(re.search(r", … \(\+\d+\)$", cell) for row in rows for cell in row)
    counts = (say("page.counted"),) if counted else ()
    return Grid(tuple(header), tuple(rows), caption, notes=(*notes, *counts), anchors=tuple(anchors))


def _known(values: pd.Series[Any]) -> list[float]:
    return sorted({float(value) for value in values.dropna()})


def _several(values: Iterable[Any]) -> str:
    """The distinct values; of many the first ones and how many more."""
    return some(list(dict.fromkeys(str(value) for value in values if str(value))))


def _range(values: pd.Series[Any]) -> str:
    known = values.dropna()
    if not len(known):
        return ""
    low, high = int(known.min()), int(known.max())
    return str(low) if low == high else f"{low}–{high}"
