"""The problems that are made of a user's own data, and why they are made so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from recurbench.given_table import with_file
from recurbench.reading.proposal import Options, Proposal
from recurbench.reading.propose import problems_in, propose
from recurbench.registry import Choice, Registry, discover
from recurbench.request import Request
from recurbench.request_fields import fitted
from recurbench.task import Several, hyphenated

OF_CASES = ("label", "group", "task", "rate")  # options that files of series have no use for


def proposals(request: Request) -> list[Proposal]:
    """What `prepare` would make of the caller's own data, and why; one for each problem.

    Raises
    ------
    ValueError
        If no data are given, or they cannot be used.
    """
    if request.data is None:
        raise ValueError("--dry-run shows what is made of your own file; name it with --data FILE")
    request = with_file(request)
    request = replace(request, **fitted(vars(request)))
    return [proposal for _, proposal in problems_of(request, discover(request.plugins))]


def problems_of(request: Request, registry: Registry) -> list[tuple[Choice, Proposal]]:
    """The problems made of the caller's own data.

    One for each frequency and horizon of the series in a file, and one for each set of cases in a folder.
    """
    if request.data is None:
        if request.dials:
            raise ValueError(
                f"{', '.join(request.dials)}: only for your own file; name the file with --data FILE"
            )
        return []
    if request.datasets:
        raise ValueError("--data and --datasets name two sources of problems; give one of them")
    path = Path(str(request.data))
    dials = dict(request.dials)
    if isinstance(dials.get("frequency"), str):
        dials["frequency"] = hyphenated(dials["frequency"])
    # The data set converts and checks what is written as text.
    cases = {name: dials.pop(name) for name in OF_CASES if name in dials}
    read = registry.datasets["csv"].choose({"path": str(path), **dials}).settings
    options = Options(**cases, **{name: read[name] for name in dials})
    found = [one for each in problems_in(path, options) for one in _each(each, options)]
    return [(registry.datasets[one.dataset].choose(dict(one.settings)), one) for one in found]


def _each(path: Path, options: Options) -> list[Proposal]:
    """The proposal for a file, or one for each choice; series of one frequency may have several horizons."""
    try:
        return [propose(path, options)]
    except Several as several:
        return [one for choice in several.choices for one in _each(path, replace(options, **choice))]
