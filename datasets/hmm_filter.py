"""Filtering a sticky two-state Markov chain in noise: a probe whose exact best is the Bayes filter."""

from __future__ import annotations

from recurbench import Problem, dataset
from recurbench.datasets._chain import Dials, filtered, problem


@dataset("hmm-filter", kind="labelling")
def hmm_filter(
    *,
    q: float = 0.95,
    sd: float = 1.5,
    missing: float = 0.0,
    length: int = 100,
    n_train: int = 500,
    n_valid: int = 200,
    n_test: int = 300,
    seed: int = 0,
) -> Problem:
    """Name the hidden state now: x_t = 2 s_t - 1 + sd N(0, 1), and the state stays with chance q.

    missing: the share of observations absent; value 0, and a second channel that says 1 where there is one.
    """
    counts = (n_train, n_valid, n_test)
    return problem("hmm-filter", Dials(q, sd, missing, length), filtered, True, counts, seed)
