"""Smoothing the Markov chain of hmm-filter: answers may use later observations, too."""

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
    """The hidden states of the chain of hmm-filter, from past and later observations (Rabiner 1989).

    Settings and samples are those of hmm-filter. A method that reads from left to right cannot be better than
    the filter, which is below the exact best here.
    """
    counts = (n_train, n_valid, n_test)
    return problem("hmm-smoother", Dials(q, sd, missing, length), smoothed, False, counts, seed)
