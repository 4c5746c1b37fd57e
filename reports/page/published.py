"""Published figures beside those of the run: what must be met, what is only alike, what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
from recurbench.literature import FIGURES, Published
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.links import named_method, problem_link
from recurbench.reports.page.page_tables import plain_name, problems_of
from recurbench.reports.page.section import Grid, Part, Prose, Rich, Section
from recurbench.reports.text.method_names import method_name
from recurbench.reports.text.metric_tables import metric_name
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

DIFFERENCE = frozenset({5})  # the column that sorts by its number


def section(run: Run, say: Messages, drawn: Drawn) -> Section | None:
    """A table of figures that must be met and one of relatives; None where the run holds neither."""
    final = run.final
    cells = {one: _cells(final, one) for one in FIGURES}
    shown = [one for one, own in cells.items() if _why_not(one, own) is None]
    if not shown:
        return None
    same = [_same(one, cells[one], say) for one in shown if not one.unlike]
    like = [_like(one, cells[one], say) for one in shown if one.unlike]
    parts: list[Part] = [
        Prose((say("published.intro"),)),
        *_grid(same, "same", say),
        *_grid(like, "like", say),
    ]
    apart = (*_other_dials(run, say), *_left_out(run, cells, say))
    if apart:
        parts.append(Prose(apart))
    return Section("published", say("published.title"), tuple(parts))


def _cells(final: pd.DataFrame, one: Published) -> pd.DataFrame:
    """The final cells of a figure's method on its problem."""
    return final[(final["problem"] == one.problem) & (final["address"] == one.method)]


def _scores(one: Published, own: pd.DataFrame) -> pd.Series[float]:
    """What the cells scored by the figure's metric, which need not be the problem's own."""
    return pd.Series([cell.get(one.metric) for cell in own["scores"]], dtype=float).dropna()


def _why_not(one: Published, own: pd.DataFrame) -> str | None:
    """The message that says why a figure has nothing beside it; None where it has."""
    if not len(own):
        return "not_run"
    if not len(_scores(one, own)):
        return "no_score"
    # Settings chosen by validation make it another computation; a relative is another one anyway.
    return "tuned" if not one.unlike and bool((own["trial"] > 0).any()) else None


def _same(one: Published, own: pd.DataFrame, say: Messages) -> tuple[str, ...]:
    """Nothing here is random, so the cells of a figure that must be met are one."""
    ours = float(_scores(one, own).iloc[0])
    return (
        problem_link(one.problem),
        metric_name(one.metric, say),
        Rich(named_method(one.method, say), f" ({one.named})"),
        f"{one.value:.{one.digits}f}",
        f"{ours:.{one.digits}f}",
        _difference(one, ours),
        say("published.met" if one.met_by(ours) else "published.missed"),
        one.source,
    )


def _like(one: Published, own: pd.DataFrame, say: Messages) -> tuple[str, ...]:
    scores = _scores(one, own)
    published = f"{one.value:.{one.digits}f}"
    if one.spread is not None:
        published += f" ± {one.spread:.{one.digits}f} ({one.runs})"
    ours = f"{scores.mean():.{one.digits}f}"
    if len(scores) > 1:
        ours += f" ± {scores.std(ddof=1):.{one.digits}f}"
    ours += f" ({len(scores)})" if len(scores) == len(own) else f" ({len(scores)}/{len(own)})"
    method = Rich(named_method(one.method, say), f" ({one.named})")
    names = problem_link(one.problem), metric_name(one.metric, say), method
    return (*names, published, ours, _difference(one, float(scores.mean())), say.of(one.unlike), one.source)


def _difference(one: Published, ours: float) -> str:
    """Ours minus theirs, in the digits of theirs; 0 bears no sign."""
    gap = round(ours, one.digits) - round(one.value, one.digits)
    return f"{gap:+.{one.digits}f}" if round(gap, one.digits) else f"{0:.{one.digits}f}"


def _grid(rows: list[tuple[str, ...]], sort: str, say: Messages) -> Iterable[Grid]:
    if rows:
        header = tuple(say(f"published.header_{sort}").split("|"))
        note = (say(f"published.{sort}_note"),)
        yield Grid(header, tuple(rows), say(f"published.{sort}"), DIFFERENCE, note)


def _other_dials(run: Run, say: Messages) -> Iterable[str]:
    """Problems whose data set has published figures, but for other dials: another split, another protocol."""
    known = {one.problem for one in FIGURES}
    names = {plain_name(problem) for problem in known}
    other = [each for each in problems_of(run) if plain_name(each) in names and each not in known]
    if other:
        yield say("published.other_dials", problems=", ".join(other))


def _left_out(run: Run, cells: Mapping[Published, pd.DataFrame], say: Messages) -> Iterable[str]:
    """By why a figure of a problem of this run has nothing beside it, the methods and the problems."""
    held = set(problems_of(run))
    found: dict[str, dict[str, list[str]]] = {}
    for one, own in cells.items():
        why = _why_not(one, own)
        if why is not None and one.problem in held:
            problems = found.setdefault(why, {}).setdefault(one.method, [])
            if one.problem not in problems:
                problems.append(one.problem)
    for why, methods in found.items():
        named = "; ".join(
            f"{method_name(method, say)}: {', '.join(problems)}" for method, problems in methods.items()
        )
        yield say(f"published.{why}", methods=named)
