"""Filtering a two-state Markov chain observed in noise; the Bayes filter is the exact best."""

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
    """The hidden state now of a two-state Markov chain in noise, from past observations (Rabiner 1989).

    x_t = 2 s_t - 1 + sd N(0, 1).

    Parameters
    ----------
    q : float
        Probability that the state stays the same.
    sd : float
        Standard deviation of the noise.
    missing : float
        Share of the observations that are missing. They are 0, and a second channel is 1 for the others.
    length : int
        Steps of a sequence.
    n_train, n_valid, n_test : int
        Sequences in each part.
    seed : int
    """
    counts = (n_train, n_valid, n_test)
    return problem("hmm-filter", Dials(q, sd, missing, length), filtered, True, counts, seed)
