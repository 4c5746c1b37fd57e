"""Tables and names that several sections use; the costly ones are computed once per run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import pandas as pd
from recurbench.address import label, split_address
from recurbench.reports.statistics.selection import of_families
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


@lru_cache(maxsize=1000)
def standing_for(run: Run, problem: str, among: frozenset[str] | None = None) -> dict[str, str]:
    """By family the address of the method chosen on validation; with `among` only these addresses count.

    Empty where the problem could not be built.
    """
    facts = next(iter(run.draws(problem).values()), None)
    if facts is None:
        return {}
    cells = run.cells[run.cells["problem"] == problem]
    if among is not None:
        cells = cells[cells["address"].isin(among)]
    return {family: chosen.address for family, chosen in of_families(cells, facts).items()}


@lru_cache(maxsize=1000)
def gaps(run: Run, problem: str) -> dict[str, tuple[int, int]]:
    """By method of one problem: how many of its final fits failed or are missing, of how many.

    A method that refused the problem as a whole has no gap.
    """
    final = run.final[run.final["problem"] == problem]
    found: dict[str, tuple[int, int]] = {}
    for address, own in final.groupby("address", sort=False):
        lost = int(((own["status"] != "ok") | own["score"].isna()).sum())
        absent = run.absent.get((problem, str(address)), 0)
        if lost + absent and not (own["status"] == "unsupported").all():
            found[str(address)] = (lost + absent, len(own) + absent)
    unbegun = {
        address: (count, count)
        for (name, address), count in run.absent.items()
        if name == problem and address not in set(final["address"])
    }
    return {**found, **unbegun}


def ablated(run: Run) -> set[str]:
    """The addresses of the ablations in a run; they have figures of their own."""
    return {str(address) for address in run.cells[run.cells["role"] == "ablation"]["address"]}


def some(names: Sequence[str], most: int = 12) -> str:
    """Names with commas; of a long list the first ones and the number of the others."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f", … (+{more})" if more > 0 else "")


def problems_of(run: Run) -> list[str]:
    """The addresses of the problems in the order of the run."""
    return [str(name) for name in run.cells["problem"].drop_duplicates()] if len(run.cells) else []


def label_of(run: Run, problem: str) -> str:
    """What the page calls a problem: a file by its bare name, anything else by its address."""
    first = run.cells[run.cells["problem"] == problem].iloc[0]
    return label(first["dataset"], first["dials"], problem)


def names_on(run: Run, problem: str, say: Messages) -> Mapping[str, str]:
    """By address the names of the methods on one problem: as long as it takes to tell them apart there."""
    return method_names(_asked(run, problem), say)


@lru_cache(maxsize=1000)
def _asked(run: Run, problem: str) -> tuple[str, ...]:
    """The addresses of the methods that a run was asked for on one problem, run or not."""
    held = run.cells[run.cells["problem"] == problem]["address"].unique()
    return (*map(str, held), *(address for name, address in run.absent if name == problem))


def skill_axis(run: Run, problem: str, say: Messages) -> str:
    """The label of a skill axis: which score is 0 and which is 1 (`skill.by_draw`)."""
    facts = next(iter(run.draws(problem).values()))
    low = "reference" if facts["constant"] is None else "constant"
    high = "no_error" if facts["best"] is None else "best"
    return say("figures.axis_skill", low=say(f"figures.axis_{low}"), high=say(f"figures.axis_{high}"))


def plain_name(address: str) -> str:
    """An address without its settings."""
    return split_address(address)[0]


def stable(say: Messages, *frames: pd.DataFrame | str) -> str:
    """A text that changes when, and only when, what the figure shows changes."""
    shown = [
        each if isinstance(each, str) else each.to_csv(index=False, float_format="%.6g") for each in frames
    ]
    return "\0".join((say.language, *shown))
