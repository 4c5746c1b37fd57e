"""The proposal for a file: which kind of problem it holds, decided by its content."""

from __future__ import annotations

from pathlib import Path

from recurbench.reading.cases_proposal import holds_cases, propose_cases
from recurbench.reading.proposal import Options, Proposal
from recurbench.reading.series_proposal import propose_series


def propose(path: Path, options: Options) -> Proposal:
    """Propose a problem: of labelled cases (`propose_cases`) or of series (`propose_series`)."""
    return propose_cases(path, options) if holds_cases(path, options) else propose_series(path, options)
