"""The proposals for a path: how many problems it holds, and of which kind each is, decided by its content."""

from __future__ import annotations

from pathlib import Path

from recurbench.reading.case_files import sets_in
from recurbench.reading.cases_proposal import holds_cases, propose_cases
from recurbench.reading.proposal import Options, Proposal
from recurbench.reading.series_proposal import propose_series


def problems_in(path: Path, options: Options) -> list[Path]:
    """The paths of the problems that a path holds: several for a folder with several sets of cases."""
    return sets_in(path) if path.is_dir() and holds_cases(path, options) else [path]


def propose(path: Path, options: Options) -> Proposal:
    """Propose a problem: of labelled cases (`propose_cases`) or of series (`propose_series`)."""
    return propose_cases(path, options) if holds_cases(path, options) else propose_series(path, options)
