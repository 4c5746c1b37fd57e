"""The proposal for a file: which kind of problem it holds, decided by its content."""

from __future__ import annotations

from pathlib import Path

from recurbench.reading.proposal import Options, Proposal
from recurbench.reading.series_proposal import propose_series


def propose(path: Path, options: Options) -> Proposal:
    """Propose a problem for a file; see `series_proposal.propose_series`."""
    return propose_series(path, options)
