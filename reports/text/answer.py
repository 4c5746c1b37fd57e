"""Where recurrence helps, in a few sentences from the data, and which method is the best.

`sentences` words them; this module takes what they need out of a run. A run on data of the user's own has
another answer: which method to use (`decided`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from recurbench.reports.statistics.comparison_table import every_method
from recurbench.reports.statistics.decision import decides
from recurbench.reports.statistics.problem_lifts import lifts_of
from recurbench.reports.statistics.resampled_lifts import without_resample
from recurbench.reports.statistics.selection import Chosen, alike, best_of_all
from recurbench.reports.statistics.validation_part import partial
from recurbench.reports.text import decided, open_lifts, sentences
from recurbench.reports.text.budget_note import budget_note, unfinished
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.metric_tables import metric_word
from recurbench.reports.text.numbers import number
from recurbench.reports.text.registered_answer import RegisteredAnswer, registered_answer
from recurbench.reports.text.sentences import Best, enumerated
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


@dataclass(frozen=True)
class Answer:
    """The first screen, in the reader's language.

    sentences: what the run shows. alarm: that the run is unfinished, "" where it is not. exploratory: whether
    they stand on lifts and not on contrasts; aside: what that means, "" where they do not. registered: of a
    run of the registered contrasts the same sentences in groups, with what is missing among them.
    """

    question: str
    sentences: tuple[str, ...]
    alarm: str
    exploratory: bool
    aside: str
    registered: RegisteredAnswer | None = None


def answer(run: Run, say: Messages) -> Answer:
    """The answer of a run: from the verdicts of its contrasts, else from the lift of its problems.

    Resamples of one data set are one problem. On data of the user's own: which method to use, and how sure
    that is.
    """
    judged = registered_answer(run, say)
    if judged is not None:
        return Answer(say("first.question"), judged.flat, "", False, "", judged)
    own = decides(run)
    answered, exploratory = (decided.paragraphs(run, say), False) if own else _where_it_helps(run, say)
    question = say("decision.question" if own else "first.question")
    aside = say("first.exploratory") if exploratory else ""
    return Answer(question, (*answered, *budget_note(run, say)), unfinished(run, say), exploratory, aside)


def _where_it_helps(run: Run, say: Messages) -> tuple[tuple[str, ...], bool]:
    """The sentences of a run on the data of the suite, and whether they stand on lifts."""
    lifts = lifts_of(run)
    rows = _rows(lifts)
    told = (*sentences.of_lifts(rows, list(_best(run, say)), say), *open_lifts.notes(run, rows, say))
    return told, bool(lifts["lift"].notna().any())


def _rows(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]


def _best(run: Run, say: Messages) -> Iterator[Best]:
    """By problem the method that validation chooses among all: `mlp on sales.csv (mase 0.465 on test)`.

    Of resamples of one data set the method that is chosen most often. Methods that are equal on validation
    are named together: as the best if they are equal on test, too, else as equal on validation.
    """
    scored = every_method(run)
    groups: dict[str, dict[str, Chosen]] = {}
    for problem in scored["problem"].drop_duplicates() if len(scored) else ():
        cells = run.cells[run.cells["problem"] == problem]
        facts = next(iter(run.draws(str(problem)).values()))
        found = best_of_all(cells, facts)
        if found is not None:
            groups.setdefault(without_resample(str(problem)), {})[str(problem)] = found
    for group, members in groups.items():
        if len(members) > 1:
            yield _of_resamples(run, group, members, say)
            continue
        problem, one = next(iter(members.items()))
        name = _names(run, problem, one, say)
        row = scored[(scored["problem"] == problem) & (scored["method"] == one.address)].iloc[0]
        if _open(run, problem, one):
            yield Best(problem, say("first.tied_on", methods=name, problem=row["label"]), tied=True)
            continue
        part = partial(next(iter(run.draws(problem).values())).get("validation", {}))
        key, more = ("best_checked_on", {"part": say.reasons(part)}) if part else ("best_of", {})
        score = f"{metric_word(row['metric'], say)} {number(row['score'])}"
        yield Best(problem, say(f"first.{key}", method=name, problem=row["label"], score=score, **more))


def _of_resamples(run: Run, group: str, members: Mapping[str, Chosen], say: Messages) -> Best:
    """The method chosen on most resamples; a resample with equal methods counts for none of them."""
    decided = [(problem, one) for problem, one in members.items() if not _open(run, problem, one)]
    names = [_names(run, problem, one, say) for problem, one in decided or members.items()]
    often = max(sorted(set(names)), key=names.count)
    if not decided:
        return Best(group, say("first.tied_on", methods=often, problem=group), tied=True)
    counts = {"some": names.count(often), "all": len(members)}
    return Best(group, say("first.best_of_resamples", method=often, problem=group, **counts))


def _open(run: Run, problem: str, one: Chosen) -> bool:
    """Whether it would matter on test which of the methods that are equal on validation is taken."""
    return bool(one.tied) and not alike(run.final[run.final["problem"] == problem], one)


def _names(run: Run, problem: str, one: Chosen, say: Messages) -> str:
    """A method as the tables name it, together with those that are equal on validation."""
    asked = list(run.cells[run.cells["problem"] == problem]["address"].unique())
    names = method_names(asked, say)
    return enumerated([names[address] for address in (one.address, *one.tied)], say)
