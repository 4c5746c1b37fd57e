"""Named sets of problems and methods, chosen by cost before their tables were printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recurbench import predictions
from recurbench.dials import dials
from recurbench.registry import unknown


@dataclass(frozen=True)
class Block:
    """Every one of these methods on every one of these problems, with so many seeds, counted from `first`."""

    datasets: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: int
    first: int = 0


@dataclass(frozen=True)
class Suite:
    """What `recurbench run NAME` runs: patterns as `--methods` and `--datasets` take them, and seeds.

    registered: its problems stand for primary contrasts, so they must be what these say of them.
    """

    name: str
    summary: str
    blocks: tuple[Block, ...]
    registered: bool = False

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
    "word-problem",
    "arma[length=100]",
    "temporal-order",
    "sequential-digits",
    "firm-default",
)


def _predicted() -> tuple[Block, ...]:
    """A block per primary contrast, with the pools and pairs that it was registered with."""
    return tuple(
        Block((each.problem,), each.pools.methods, each.pairs, predictions.FIRST)
        for each in predictions.contrasts()
    )


def _twice() -> tuple[Block, ...]:
    """Both sides of every primary contrast at twice the steps, on its first pairs."""
    return tuple(
        Block((each.problem,), each.twice, predictions.AGAIN, predictions.FIRST)
        for each in predictions.contrasts()
    )


def _turned() -> tuple[Block, ...]:
    """A block per setting of the dials; a reference that several dials share stands once."""
    every = {each.problem: each for dial in dials() for each in dial.contrasts.values()}
    return tuple(
        Block((each.problem,), each.pools.methods, each.pairs, predictions.FIRST) for each in every.values()
    )


# Both sides hold as many networks, so that neither is the best of more.
_RECURRENT = ("rnn", "gru", "lstm", "mingru")
_FULL = ("mlp", "cnn", "tcn", "transformer")
_TWINS = ("rnn-shuffled", "gru-shuffled", "lstm-shuffled")
_CHEAP_CLASSIFIERS = ("time-domain-ridge", "fourier-forest", "wavelet-ridge", "euclidean-1nn", "dtw-1nn")
_CHEAP_FORECASTS = ("ets", "theta", "decomposition", "gaussian-ar", "nlinear", "dlinear", "drift")
DEALT = 5  # resamples of a data set whose cases can be dealt anew, the published split among them


def _resamples(names: tuple[str, ...]) -> tuple[str, ...]:
    """Every data set on its published split and on DEALT - 1 others."""
    return tuple(f"{name}[resample={k}]" if k else name for name in names for k in range(DEALT))


def _real() -> tuple[Block, ...]:
    """Real problems by kind: both sides, the cheap rivals, and twins on shuffled steps."""
    networks = (*_RECURRENT, *_FULL)
    return (
        Block(
            _resamples((*CLASSES, "breast-cancer")),
            ("most-common", *_CHEAP_CLASSIFIERS, *networks, *_TWINS),
            1,
        ),
        Block(
            _resamples(("covid-3-month", "diabetes")), ("mean", *_CHEAP_CLASSIFIERS, *networks, *_TWINS), 1
        ),
        Block(SERIES, ("last-value", "seasonal-naive", *_CHEAP_FORECASTS, *networks), 3),
        Block(("date-tags",), ("most-common", "markov", "hmm", *networks, *_TWINS), 5),
    )


def _first_look() -> tuple[Block, ...]:
    """The small ones with every ablation, three pairs each, on draws for pilots."""
    found = []
    for each in predictions.contrasts():
        if each.problem in _SMALL:
            methods = dict.fromkeys((*each.pools.methods, *each.pools.ablations))
            found.append(Block((each.problem,), tuple(methods), 3))
    return tuple(found)


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
        Suite("probes", "the primary contrasts on recurrence, ten pairs each; hours", _predicted(), True),
        Suite(
            "probes-twice", "both sides of them at twice the steps, where one learned nothing", _twice(), True
        ),
        Suite("map", "the probes over their dials, one at a time, ten pairs each; days", _turned()),
        Suite("real", "real problems over five resamples, both sides with as many networks; hours", _real()),
        Suite("probes-small", "five of them with three pairs, a first look", _first_look(), True),
    )
}


def suite(name: str) -> Suite:
    """The suite of that name; ValueError names the nearest."""
    if name not in SUITES:
        raise ValueError(unknown(name, SUITES, "suite"))
    return SUITES[name]
