"""Settings of libraries that all code of a process shares: defaults, modes, options, loggers."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import eq
from typing import Any

from recurbench.isolation.replaced import watched


@dataclass(frozen=True)
class Setting:
    """A setting that all code of the process shares: how it is read and set (None: it cannot be set).

    module: read only if this module is loaded. starts: its value when the module is imported.
    """

    name: str
    get: Callable[[], Any]
    put: Callable[[Any], object] | None
    module: str = ""
    starts: Any = None
    same: Callable[[Any, Any], bool] = eq


def _torch(name: str, get: str, put: str, starts: Any = None) -> Setting:
    """A setting that functions of torch read and set."""
    return Setting(
        name,
        lambda: getattr(sys.modules["torch"], get)(),
        lambda value: getattr(sys.modules["torch"], put)(value),
        "torch",
        starts,
    )


def _loggers() -> dict[str, tuple[Any, ...]]:
    """The state of the loggers of libraries, without loggers of plugins and of the calling program."""
    known = logging.root.manager.loggerDict
    return {
        name: (one.level, one.disabled, one.propagate, tuple(one.handlers), tuple(one.filters))
        for name, one in list(known.items())
        if isinstance(one, logging.Logger) and watched(name)
    }


def _put_loggers(values: Mapping[str, tuple[Any, ...]]) -> None:
    for name, (level, disabled, propagate, handlers, filters) in values.items():
        one = logging.getLogger(name)
        one.setLevel(level)
        one.disabled, one.propagate = disabled, propagate
        one.handlers[:], one.filters[:] = handlers, filters


def _holds(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the earlier loggers are unchanged; a library that is imported later adds new ones."""
    return all(now.get(name, value) == value for name, value in before.items())


def _parallel() -> dict[str, Any]:
    """What `joblib.parallel_config` sets."""
    joblib = sys.modules["joblib.parallel"]
    return dict(getattr(joblib._backend, "config", joblib.default_parallel_config))


def _put_parallel(values: Mapping[str, Any]) -> None:
    sys.modules["joblib.parallel"]._backend.config = dict(values)


def _pandas() -> dict[str, Any]:
    def leaves(options: Any, start: str) -> Iterator[tuple[str, Any]]:
        for key, value in options.items():
            name = f"{start}{key}"
            yield from leaves(value, f"{name}.") if isinstance(value, dict) else [(name, value)]

    return dict(leaves(getattr(sys.modules["pandas"].options, "d", {}), ""))


def _put_pandas(values: Mapping[str, Any]) -> None:
    now = _pandas()
    for name, value in values.items():
        if now.get(name) != value:
            sys.modules["pandas"].set_option(name, value)


def _plots() -> dict[str, Any]:
    """The defaults of plots, without the backend, which matplotlib chooses at the first plot."""
    found = dict.copy(sys.modules["matplotlib"].rcParams)
    return {key: value for key, value in found.items() if not key.startswith("backend")}


def _put_plots(values: Mapping[str, Any]) -> None:
    sys.modules["matplotlib"].rcParams.update(values)


def _learning() -> dict[str, Any]:
    found: dict[str, Any] = sys.modules["sklearn"].get_config()
    return found


def _put_learning(values: Mapping[str, Any]) -> None:
    sys.modules["sklearn"].set_config(**values)


def _type() -> str:
    return str(sys.modules["torch"].get_default_dtype()).rpartition(".")[2]


def _put_type(name: str) -> None:
    torch = sys.modules["torch"]
    torch.set_default_dtype(getattr(torch, name))


def _device() -> str:
    return str(sys.modules["torch"].get_default_device())


def _put_device(name: str) -> None:
    # None ends the mode in which torch has another default device.
    sys.modules["torch"].set_default_device(None if name == "cpu" else name)


def _tensors() -> dict[str, Any]:
    return dict(vars(getattr(sys.modules["torch"], "_tensor_str").PRINT_OPTS))  # noqa: B009


def _put_tensors(values: Mapping[str, Any]) -> None:
    sys.modules["torch"].set_printoptions(**values)


# The parts of `torch.backends` that decide how it computes, each with its initial values.
BACKENDS = {
    "cudnn": {"enabled": True, "benchmark": False, "deterministic": False},
    "mkldnn": {"enabled": True, "deterministic": False},
}


def _backends() -> dict[str, Any]:
    backends = sys.modules["torch"].backends
    return {f"{part}.{key}": getattr(getattr(backends, part), key) for part, key, _ in _flags()}


def _put_backends(values: Mapping[str, Any]) -> None:
    backends = sys.modules["torch"].backends
    for part, key, _ in _flags():
        setattr(getattr(backends, part), key, values[f"{part}.{key}"])


def _flags() -> list[tuple[str, str, bool]]:
    return [(part, key, value) for part, keys in BACKENDS.items() for key, value in keys.items()]


LIBRARIES = (
    Setting("the loggers of libraries", _loggers, _put_loggers, same=_holds),
    Setting("torch's default type", _type, _put_type, "torch", "float32"),
    _torch("torch's gradient mode", "is_grad_enabled", "set_grad_enabled", True),
    _torch(
        "torch's determinism", "are_deterministic_algorithms_enabled", "use_deterministic_algorithms", False
    ),
    _torch("torch's threads", "get_num_threads", "set_num_threads"),
    _torch("torch's precision", "get_float32_matmul_precision", "set_float32_matmul_precision", "highest"),
    Setting("torch's default device", _device, _put_device, "torch", "cpu"),
    Setting(
        "torch's backends",
        _backends,
        _put_backends,
        "torch",
        {f"{part}.{key}": value for part, key, value in _flags()},
    ),
    Setting("torch's printing", _tensors, _put_tensors, "torch"),
    Setting("joblib's configuration", _parallel, _put_parallel, "joblib.parallel"),
    Setting("pandas's options", _pandas, _put_pandas, "pandas"),
    Setting("matplotlib's rcParams", _plots, _put_plots, "matplotlib"),
    Setting("scikit-learn's configuration", _learning, _put_learning, "sklearn"),
)
