"""Named sets of problems and methods, chosen by cost before their tables were printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recurbench import predictions
from recurbench.registry import unknown


@dataclass(frozen=True)
class Block:
    """Every one of these methods on every one of these problems, with so many seeds."""

    datasets: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: int


@dataclass(frozen=True)
class Suite:
    """What `recurbench run NAME` runs: patterns as `--methods` and `--datasets` take them, and seeds."""

    name: str
    summary: str
    blocks: tuple[Block, ...]

    @property
    def datasets(self) -> tuple[str, ...]:
        """The problems of all blocks, each once."""
        return tuple(dict.fromkeys(name for block in self.blocks for name in block.datasets))

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods of all blocks, each once."""
        return tuple(dict.fromkeys(name for block in self.blocks for name in block.methods))


PROBES = (
    "parity",
    "word-problem",
    "hmm-filter",
    "hmm-filter[q=0.99,sd=3]",
    "hmm-smoother",
    "adding",
    "copy-memory",
    "delayed-recall",
    "arma",
    "arma[phi=0.999,theta=0.98]",
    "arma[missing=0.5]",
    "mackey-glass",
    "mackey-glass[noise=0]",
    "lorenz",
    "lorenz[noise=0]",
    "narma",
    "narma[order=30]",
    "temporal-order",
    "temporal-order[shuffle=True]",
    "firm-default",
    "variable-length",
    "sequential-digits",
    "trajectory",
)
CLASSES = ("italy-power-demand", "gunpoint", "arrowhead", "trace", "basic-motions", "japanese-vowels")
FREE = ("reversal", "dates", "digit-caption")
CONTROLS = ("diabetes", "breast-cancer")
SERIES = ("airline", "co2", "sunspots", "elnino", "macrodata", "known-regressor")

_BASELINES = ("most-common", "mean", "last-value", "seasonal-naive", "drift")
_STATISTICAL = ("sarimax", "decomposition", "ets", "theta", "gaussian-ar", "markov", "hmm")
_DYNAMICS = ("analog", "sparse-ode")
_FEATURES = tuple(
    f"{kind}-{head}" for kind in ("time-domain", "fourier", "wavelet") for head in ("ridge", "forest")
)
_NEIGHBOURS = ("euclidean-1nn", "dtw-1nn")
_CLASSICAL = (*_BASELINES, *_STATISTICAL, *_DYNAMICS, *_FEATURES, *_NEIGHBOURS)
_LINEAR = ("nlinear", "dlinear", "linear-filter")
_WRITERS = ("edit-1nn", "ngram", "ngram-aligned")
_NETWORKS = ("mlp", "cnn", "rnn", "lstm")
_MORE_NETWORKS = ("cnn-gap", "tcn", "inception", "nbeats", "transformer", "gru", "mingru", "lru", "esn")
_ABLATIONS = (
    "window-mlp",
    "mingru-state-cut",
    *(f"{cell}-{cut}" for cell in ("rnn", "gru", "lstm") for cut in ("state-cut", "reset", "shuffled")),
)

# The first look: probes whose outcome a few minutes can show, with three pairs and every ablation.
_SMALL = (
    "parity",
    "delayed-recall",
    "hmm-filter[q=0.99,sd=3]",
    "temporal-order",
    "sequential-digits",
)


def _predicted(problems: tuple[str, ...] = (), pairs: int | None = None) -> tuple[Block, ...]:
    """A block per primary contrast (of these problems), with the pools that it was registered with."""
    return tuple(
        Block((each.problem,), each.pools.methods, pairs or each.pairs)
        for each in predictions.contrasts()
        if not problems or each.problem in problems
    )


SUITES: Mapping[str, Suite] = {
    suite.name: suite
    for suite in (
        Suite(
            "quick",
            "one probe that needs recurrence, one control, five real problems; minutes",
            (
                Block(
                    (
                        "parity",
                        "hmm-filter",
                        "italy-power-demand",
                        "gunpoint",
                        "japanese-vowels",
                        "airline",
                        "co2",
                    ),
                    (*_CLASSICAL, *_NETWORKS),
                    seeds=3,
                ),
            ),
        ),
        Suite(
            "offline",
            "every built-in problem, method and ablation; no limit on time",
            (
                Block(
                    (*PROBES, *CLASSES, *CONTROLS, "covid-3-month", *SERIES, "date-tags", *FREE),
                    (*_CLASSICAL, *_LINEAR, *_WRITERS, *_NETWORKS, *_MORE_NETWORKS, *_ABLATIONS),
                    seeds=3,
                ),
            ),
        ),
        Suite("probes", "the primary contrasts on recurrence, ten pairs each; hours", _predicted()),
        Suite("probes-small", "five of them with three pairs, a first look", _predicted(_SMALL, 3)),
    )
}


def suite(name: str) -> Suite:
    """The suite of that name; ValueError names the nearest."""
    if name not in SUITES:
        raise ValueError(unknown(name, SUITES, "suite"))
    return SUITES[name]
