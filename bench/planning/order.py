"""The order in which a budget takes methods: by kind of task, first the methods that should be in any run."""

from __future__ import annotations

from collections.abc import Collection

from recurbench.registry import Choice, Registry

# The order was fixed before any run with a budget and is the same for every data set. The first group of each
# kind of task comes before anything else: the naive methods, which cost nothing; then one or more classical
# methods that are hard to beat for their cost (theta and ets were among the best single methods of the M3 and
# M4 competitions; nearest neighbours and features with a linear model are the usual baselines of the UCR
# archive); then a linear map or features; then one network without recurrence and one with. The second group
# adds relatives of these, the cheaper first, and ends with methods that cost much or that rarely win.
FIRST = {
    "forecasting": (
        *("seasonal-naive", "last-value", "mean", "drift"),
        *("theta", "ets", "gaussian-ar", "nlinear", "time-domain-ridge", "mlp", "lstm"),
    ),
    "classification": ("most-common", "time-domain-ridge", "euclidean-1nn", "dtw-1nn", "cnn", "lstm"),
    "regression": ("mean", "time-domain-ridge", "euclidean-1nn", "time-domain-forest", "cnn", "lstm"),
    "labelling": ("most-common", "mean", "markov", "hmm", "linear-filter", "cnn", "lstm"),
    "translation": ("most-common", "edit-1nn", "ngram-aligned", "mlp", "lstm"),
    "generation": ("mean", "euclidean-1nn", "mlp", "lstm"),
}
THEN = {
    "forecasting": (
        *("naive2", "damped", "comb", "ses", "local-trend", "local-level", "holt"),
        *("ridge-lags", "quantile-lags", "deepar", "gbm-lags"),
        *("decomposition", "dlinear", "gru", "cnn", "rnn", "sarimax", "analog", "nbeats", "esn"),
        *("fourier-ridge", "wavelet-ridge", "time-domain-forest", "mingru", "tcn", "lru", "transformer"),
        *("s5", "deltanet", "deltanet-signed", "slstm", "mamba"),
        *("auto-theta", "auto-ets", "auto-ces", "mstl", "auto-arima"),
        *("bilstm", "fourier-forest", "wavelet-forest", "sparse-ode", "tbats"),
    ),
    "classification": (
        *("minirocket", "quant", "time-domain-forest", "wavelet-ridge", "fourier-ridge", "gru", "mlp"),
        *("euclidean-knn", "dtw-knn", "dtw-centroid"),
        *("rnn", "fcn", "hmm", "time-domain-logistic", "fourier-logistic", "wavelet-logistic"),
        *("catch22", "multirocket-hydra", "bilstm", "esn", "tcn", "fourier-forest", "wavelet-forest"),
        *("mingru", "lru", "transformer"),
        *("s5", "deltanet", "deltanet-signed", "slstm", "mamba"),
        *("resnet", "inception", "markov", "edit-1nn"),
    ),
    "regression": (
        *("minirocket", "wavelet-ridge", "fourier-ridge", "gru", "mlp", "rnn", "dtw-1nn", "quant", "fcn"),
        *("euclidean-knn", "dtw-knn", "catch22", "multirocket-hydra", "esn", "tcn"),
        *("bilstm", "fourier-forest", "wavelet-forest", "mingru", "lru", "transformer"),
        *("s5", "deltanet", "deltanet-signed", "slstm", "mamba"),
        *("resnet", "inception", "edit-1nn"),
    ),
    "labelling": (
        *("gaussian-ar", "gru", "mlp", "rnn", "esn", "tcn", "mingru", "lru", "transformer"),
        *("s5", "deltanet", "deltanet-signed", "slstm", "mamba"),
        *("bilstm", "fcn", "resnet", "inception"),
    ),
    "translation": (
        "ngram",
        "gru",
        "cnn",
        "rnn",
        "euclidean-1nn",
        "tcn",
        "mingru",
        "lru",
        "transformer",
        *("s5", "deltanet", "deltanet-signed", "slstm", "mamba"),
        "bilstm",
    ),
    "generation": (
        *("gru", "cnn", "rnn", "tcn", "mingru", "lru", "transformer"),
        *("s5", "deltanet", "deltanet-signed", "slstm", "mamba"),
        "bilstm",
    ),
}


def ordered(kinds: Collection[str]) -> tuple[str, ...]:
    """The names of all methods with a place in the order of these kinds of task, each once."""
    first = [name for kind in FIRST if kind in kinds for name in FIRST[kind]]
    return tuple(dict.fromkeys([*first, *(name for kind in THEN if kind in kinds for name in THEN[kind])]))


def first(kinds: Collection[str]) -> frozenset[str]:
    """The names of the methods that a budget takes before all others, and before more seeds."""
    return frozenset(name for kind in FIRST if kind in kinds for name in FIRST[kind])


def every(registry: Registry, kinds: Collection[str]) -> list[Choice]:
    """The methods to choose from where none is named: those with a place in the order, in that order."""
    names = [name for name in ordered(kinds) if name in registry.methods]
    return [choice for choice in registry.select_methods(names) if choice.plugin.kinds & set(kinds)]


def sort(methods: Collection[Choice], kinds: Collection[str]) -> list[Choice]:
    """Methods in the order of these kinds of task; those without a place come last, as they stand."""
    place = {name: i for i, name in enumerate(ordered(kinds))}
    return sorted(methods, key=lambda choice: place.get(choice.plugin.name, len(place)))
