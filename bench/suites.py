"""Suites: named sets of problems and methods, chosen by their cost before any result was known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from recurbench.contrasts import judged_methods, registration
from recurbench.dials import FIRST as FIRST_TURNED
from recurbench.dials import dials
from recurbench.judged_samples import JUDGED
from recurbench.registration import frozen
from recurbench.registry import unknown

Channels = Literal["any", "one", "several"]
SEEDS = 3  # of problems that stand in no block of a suite
# By kind of task the reference method, which has skill 0. It is added to every run.
REFERENCES = {
    "classification": "most-common",
    "labelling": "most-common",
    "regression": "mean",
    "forecasting": "seasonal-naive",
    "translation": "most-common",
    "generation": "mean",
}


@dataclass(frozen=True)
class Block:
    """A part of a suite: every method on every problem.

    Parameters
    ----------
    datasets, methods : tuple of str
        Patterns as `--datasets` and `--methods` take them.
    seeds : int
        Seeds per method with random numbers.
    first : int
        The first seed.
    """

    datasets: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: int
    first: int = 0


@dataclass(frozen=True)
class Suite:
    """What `recurbench run NAME` runs.

    Parameters
    ----------
    name : str
        The name on the command line.
    summary : str
        One line for `recurbench list suites`.
    blocks : tuple of Block
        Methods and problems that belong together.
    registered : bool
        Whether the problems are those of the registered contrasts. Their roles are then checked before a run.
    others : tuple of str
        The methods for problems that are in no block, with three seeds; empty: such problems are refused.
    channels : {"any", "one", "several"}
        Of a suite over an archive of labelled cases: only its problems with so many channels.
    """

    name: str
    summary: str
    blocks: tuple[Block, ...]
    registered: bool = False
    others: tuple[str, ...] = ()
    channels: Channels = "any"

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
    "automaton[machine=tomita-5]",
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
MORE_SERIES = ("elec-equip", "nile", "lynx", "many-series")
# Their files are in the data folder: bench/suite_files.py leaves out what is not there.
M4 = ("m4", *(f"m4[group={group}]" for group in ("Weekly", "Daily", "Monthly", "Quarterly", "Yearly")))
ETT = (
    *("ett", "ett[horizon=192]", "ett[horizon=336]", "ett[horizon=720]"),
    *(f"ett[name={name}]" for name in ("ETTh2", "ETTm1", "ETTm2")),
    *(f"ett[horizon={h},name={name}]" for name in ("ETTh2", "ETTm1", "ETTm2") for h in (192, 336, 720)),
)
# The sets whose files can be fetched; those of m4 are in the suite m4.
MONASH = (
    "monash",
    *(f"monash[name={name}]" for name in ("m3_yearly", "cif_2016", "tourism_yearly", "tourism_quarterly")),
    *("monash[name=electricity_weekly]", "monash[name=sample]"),
)

_BASELINES = ("most-common", "mean", "last-value", "seasonal-naive", "drift")
_STATISTICAL = ("sarimax", "decomposition", "ets", "theta", "gaussian-ar", "markov", "hmm")
_SMOOTHING = ("naive2", "ses", "holt", "damped", "comb", "local-level", "local-trend")
# They need the extra nixtla; without it their rows say so.
_STATSFORECAST = ("auto-arima", "auto-ets", "auto-theta", "auto-ces", "mstl", "tbats")
_DYNAMICS = ("analog", "sparse-ode")
_FEATURES = tuple(
    f"{kind}-{head}" for kind in ("time-domain", "fourier", "wavelet") for head in ("ridge", "forest")
)
_LOGISTIC = ("time-domain-logistic", "fourier-logistic", "wavelet-logistic")
_ARCHIVE = ("minirocket", "multirocket-hydra", "catch22", "quant")  # known from the UCR archive
_NEIGHBOURS = ("euclidean-1nn", "dtw-1nn")
_MORE_NEIGHBOURS = ("euclidean-knn", "dtw-knn", "dtw-centroid")
_CLASSICAL = (*_BASELINES, *_STATISTICAL, *_DYNAMICS, *_FEATURES, *_NEIGHBOURS)
_LINEAR = ("nlinear", "dlinear", "linear-filter")
_POOLED = ("ridge-lags", "quantile-lags", "gbm-lags", "deepar")
_WRITERS = ("edit-1nn", "ngram", "ngram-aligned")
_NETWORKS = ("mlp", "cnn", "rnn", "lstm")
_CONVOLUTIONAL = ("fcn", "resnet", "tcn", "inception")
_MORE_NETWORKS = (
    *_CONVOLUTIONAL,
    *("nbeats", "transformer", "gru", "bilstm", "lstm-fcn", "mingru", "lru", "esn"),
    *("s5", "deltanet", "deltanet-signed", "slstm", "mamba"),
)
_ABLATIONS = (
    "window-mlp",
    "mingru-state-cut",
    *(f"{cell}-state-cut" for cell in ("lru", "s5", "deltanet", "slstm", "mamba")),
    *(f"{cell}-{cut}" for cell in ("rnn", "gru", "lstm") for cut in ("state-cut", "reset", "shuffled")),
)


def _pilots() -> tuple[Block, ...]:
    """Every candidate of the registration with every learning rate, on samples that are never judged."""
    plan = registration()
    return tuple(Block((problem,), methods, plan.replicates) for problem, methods in plan.pilots())


def _registered() -> tuple[Block, ...]:
    """Every contrast with a frozen role for each method, on the judged samples; none before the freeze."""
    contrasts = {each.problem: each for each in registration().contrasts}
    return tuple(
        Block((each.problem,), judged_methods(contrasts[each.problem], each), len(JUDGED), JUDGED[0])
        for each in frozen()
    )


def _turned() -> tuple[Block, ...]:
    """One block per value of a difficulty parameter; the reference setting they share is there once."""
    every = {each.problem: each for dial in dials() for each in dial.settings.values()}
    return tuple(
        Block((each.problem,), each.pools.methods, each.pairs, FIRST_TURNED) for each in every.values()
    )


# As many recurrent as full-context networks: the best of more candidates has a better score by chance.
_RECURRENT = ("rnn", "gru", "lstm", "mingru")
_FULL = ("mlp", "cnn", "tcn", "transformer")
_TWINS = ("rnn-shuffled", "gru-shuffled", "lstm-shuffled")
_CHEAP_CLASSIFIERS = (
    *("time-domain-ridge", "fourier-forest", "wavelet-ridge", "euclidean-1nn", "dtw-1nn"),
    *("minirocket", "quant"),
)
_CHEAP_FORECASTS = ("ets", "theta", "decomposition", "gaussian-ar", "nlinear", "dlinear", "drift")
# What forecasts series: simple references, statistics, linear maps and trees over all series, and networks
# with and without recurrence. All but `tbats`, which `recurbench plan m4` estimates at 70 CPU-hours on the
# hourly series alone: docs/decisions/0004-scores-seen-before.md.
_FORECASTERS = (
    *("last-value", "seasonal-naive", "drift", *_SMOOTHING),
    *("ets", "theta", "sarimax", "decomposition", "gaussian-ar"),
    *(name for name in _STATSFORECAST if name != "tbats"),
    *("analog", "nlinear", "dlinear", "time-domain-ridge", *_POOLED),
    *(*_FULL, *_RECURRENT, "nbeats"),
)
# What answers labelled cases: nearest neighbours, features, and networks with and without recurrence.
_OF_CASES = (
    *(*_NEIGHBOURS, *_MORE_NEIGHBOURS, *_FEATURES, *_LOGISTIC, *_ARCHIVE),
    *(*_FULL, "fcn", "resnet", "inception"),
    *(*_RECURRENT, "lstm-fcn", "esn"),
)
DEALT = 5  # resamples of a data set, including the published split


def _resamples(names: tuple[str, ...]) -> tuple[str, ...]:
    """Every data set with its published split and DEALT - 1 random splits."""
    return tuple(f"{name}[resample={k}]" if k else name for name in names for k in range(DEALT))


def _real() -> tuple[Block, ...]:
    """Real problems by kind: networks, cheap classical methods, and twins with shuffled steps."""
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


def _quick() -> tuple[Block, ...]:
    """Problems chosen by what their size can decide, with the seeds for it: docs/decisions/0008-quick.md."""
    general = (*_BASELINES, *_STATISTICAL, *_NETWORKS)
    every = (*_CLASSICAL, *_NETWORKS)
    return (
        Block(
            (
                "parity[n_test=1000,test_length=100,train_length=20]",
                "temporal-order[length=20,n_test=1000]",
                "hmm-filter[length=20]",
            ),
            general,
            3,
        ),
        Block(("italy-power-demand",), every, 4),
        Block(("japanese-vowels", "sequential-digits[order=rows]"), every, 5),
        # An estimate above 30 CPU-seconds per seed: sarimax searches the orders of every series.
        Block(("m1-yearly[horizon=4,origins=2]",), tuple(name for name in every if name != "sarimax"), 3),
    )


SUITES: Mapping[str, Suite] = {
    suite.name: suite
    for suite in (
        Suite(
            "quick",
            "tasks that need recurrence, memory or neither, and four real problems; minutes",
            _quick(),
            others=(*_CLASSICAL, *_NETWORKS),
        ),
        Suite(
            "offline",
            "every built-in problem, method and ablation, whatever they cost",
            (
                Block(
                    (
                        *(*PROBES, *CLASSES, *CONTROLS, "covid-3-month"),
                        *(*SERIES, *MORE_SERIES, "m1-yearly", "date-tags", *FREE),
                    ),
                    (
                        *(*_CLASSICAL, *_MORE_NEIGHBOURS, *_LOGISTIC, *_ARCHIVE, *_SMOOTHING),
                        *(*_STATSFORECAST, *_LINEAR, *_POOLED, *_WRITERS),
                        *(*_NETWORKS, *_MORE_NETWORKS, *_ABLATIONS),
                    ),
                    seeds=3,
                ),
            ),
        ),
        Suite(
            "pilots",
            "synthetic tasks: three learning rates for the candidates of the second registration; hours",
            _pilots(),
        ),
        Suite(
            "registered",
            "synthetic tasks: the contrasts of the second registration, up to 30 replicates; hours",
            _registered(),
            True,
        ),
        Suite(
            "map", "synthetic tasks over one difficulty parameter at a time, ten replicates; days", _turned()
        ),
        Suite(
            "forecasting",
            "series to forecast, bundled and generated: one, several or many series; an hour",
            (Block((*SERIES, *MORE_SERIES, "m1-yearly"), _FORECASTERS, 3),),
        ),
        Suite(
            "m4",
            "the M4 competition by frequency, as far as its files are in the data folder; hours",
            (Block(M4, _FORECASTERS, 3),),
        ),
        Suite(
            "ett",
            "the ETT files that are in the data folder, at four horizons; hours",
            (Block(ETT, _FORECASTERS, 3),),
        ),
        Suite(
            "monash",
            "the sets of the Monash archive that are in the data folder; hours",
            (Block(MONASH, _FORECASTERS, 3),),
        ),
        Suite(
            "classification",
            "the classification problems that come with the packages; nothing is fetched; hours",
            (Block(CLASSES, ("most-common", *_OF_CASES), 3),),
        ),
        Suite(
            "ucr",
            "the problems of the UCR archive (one channel) that are in the data folder; hours to days",
            (Block(("ucr[name='*']",), ("most-common", *_OF_CASES), 1),),
            channels="one",
        ),
        Suite(
            "uea",
            "the problems of the UEA archive (several channels) that are in the data folder; hours to days",
            (Block(("ucr[name='*']",), ("most-common", *_OF_CASES), 1),),
            channels="several",
        ),
        Suite(
            "tser",
            "the problems of extrinsic regression that are in the data folder; hours",
            (Block(("tser[name='*']",), ("mean", *_OF_CASES), 1),),
        ),
        Suite("real", "real problems: five train-test splits, or three to five seeds; hours", _real()),
    )
}


def suite(name: str) -> Suite:
    """Return a suite by its name.

    Parameters
    ----------
    name : str
        A key of `SUITES`, such as "quick".

    Returns
    -------
    Suite
        Its problems, methods and seeds.

    Raises
    ------
    ValueError
        If there is no such suite; the message lists the nearest names. If a suite has no methods yet.
    """
    if name not in SUITES:
        raise ValueError(unknown(name, SUITES, "suite"))
    if not SUITES[name].blocks:
        raise ValueError(
            f"the suite {name} has nothing to run: nothing is frozen yet in datasets/frozen.toml. "
            "The fits of `recurbench run pilots` decide what is frozen."
        )
    return SUITES[name]
