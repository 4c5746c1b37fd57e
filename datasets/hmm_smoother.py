"""Smoothing the Markov chain of hmm-filter: answers may look ahead, and the exact best looks both ways."""

from __future__ import annotations

from recurbench import Problem, dataset
from recurbench.datasets._chain import Dials, problem, smoothed


@dataset("hmm-smoother", kind="labelling")
def hmm_smoother(
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
    """Name the hidden state at every step of a sequence seen whole; chain, dials and draws as in hmm-filter.

    What reads from left to right alone stops at the filter's level, below the best here (Rabiner 1989).
    """
    counts = (n_train, n_valid, n_test)
    return problem("hmm-smoother", Dials(q, sd, missing, length), smoothed, False, counts, seed)
