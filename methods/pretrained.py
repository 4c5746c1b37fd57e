"""A forecaster that somebody else trained, from a local folder; nothing is trained or downloaded."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from recurbench import Split, Task, Values, method
from recurbench.methods._pipelines import Pipeline, Point, from_pipeline, require_interface
from recurbench.methods._settings import AtLeast1
from recurbench.task import Predictor

CHRONOS = "chronos:ChronosBoltPipeline"
DISTRIBUTIONS = {"chronos": "chronos-forecasting"}  # what pip calls an import package
# Read by huggingface_hub and transformers: no connection, and nothing printed.
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}
HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w.-]+")
LONGEST = 200  # characters of an error of another library
TRIED = (40, 24)  # lengths of the two series that a model is tried with before a run


@method("pretrained", family="attention", kinds={"forecasting"}, files=("folder", "pipeline"))
def pretrained(
    task: Task,
    _train: Split,
    *,
    folder: str = "",
    pipeline: str = "chronos:ChronosBoltPipeline",
    trained_on: tuple[str, ...] = (),  # noqa: ARG001  (the runner reads it)
    point: Point = "median",
    context: AtLeast1 | None = None,
    batch: AtLeast1 = 64,
    standardise: bool = True,
) -> Predictor:
    """A forecaster that was trained before on other series, such as Chronos-Bolt (Ansari et al. 2024).

    Its weights are in a local folder, in the form of Hugging Face: a file config.json beside the weights.
    Every channel is forecast from its own history. Nothing is trained here, and nothing is downloaded.

    Parameters
    ----------
    task : Task
    folder : str
        The folder of the weights. A hash of its files is part of the key of a result.
    pipeline : str
        The class that loads them, as module:Class, with a class method `from_pretrained(folder)`. What it
        returns has the method `predict_quantiles`, see `from_pipeline`.
    trained_on : tuple of str
        Data sets that the model was trained on. The runner marks results on them.
    point, context, batch, standardise
        See `from_pipeline`.

    Raises
    ------
    ValueError
        If the folder, its configuration or the class is missing, or does not fit.
    """
    loaded = loaded_pipeline(folder, pipeline)
    return from_pipeline(task, loaded, point=point, context=context, batch=batch, standardise=standardise)


def tried(settings: dict[str, Any]) -> None:
    """Load the model and forecast two short series; ValueError says what is wrong.

    The runner calls it once before a run, because every fit would fail for the same reason.
    """
    task = Task("forecasting", x=Values(1), y=Values(1), length="fixed", steps=3, quantiles=(0.1, 0.5, 0.9))
    own = {name: settings[name] for name in ("point", "context", "batch", "standardise")}
    predict = from_pipeline(task, loaded_pipeline(settings["folder"], settings["pipeline"]), **own)
    series = [np.sin(np.arange(length))[:, None] for length in TRIED]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            predict(Split(series))
        except ValueError as error:
            raise ValueError(f"{settings['folder']}: {error}") from None
        except Exception as error:  # whatever the model raises, no fit could go well
            raise ValueError(
                f"{settings['folder']}: the model cannot forecast a sine of {TRIED[0]} steps, it raised "
                f"{type(error).__name__}: {_short(error)}"
            ) from None


def loaded_pipeline(folder: str, pipeline: str) -> Pipeline:
    """The pipeline from its folder of weights; ValueError says what is missing or does not fit."""
    _require_folder(folder)
    with _offline(), _quiet(), torch.random.fork_rng(devices=[]):
        loads = _class(pipeline)
        # A model draws weights before it loads others over them.
        torch.manual_seed(0)
        try:
            loaded: Pipeline = loads.from_pretrained(folder)
        except Exception as error:  # whatever the class raises, the folder is not one of its own
            raise ValueError(
                f"{folder}: {pipeline} cannot load these weights, it raised {type(error).__name__}: "
                f"{_short(error)}"
            ) from None
    try:
        require_interface(loaded)
    except ValueError as error:
        raise ValueError(f"{pipeline}.from_pretrained returned something else than wanted: {error}") from None
    return loaded


def _short(error: Exception) -> str:
    """The first line of what a library says; some add pages."""
    return str(error).strip().partition("\n")[0][:LONGEST]


def _require_folder(folder: str) -> None:
    if not folder:
        raise ValueError("pretrained has no folder of weights; write pretrained[folder=PATH]")
    place = Path(folder)
    if place.is_file():
        raise ValueError(f"{folder} is a file, wanted the folder that holds it; write its folder")
    if not place.is_dir():
        hub = (
            " It looks like a name on a model hub, and nothing is downloaded."
            if HUB_NAME.fullmatch(folder)
            else ""
        )
        raise ValueError(
            f"there is no folder {folder}.{hub} Give the path of a folder on this machine that holds "
            "config.json and the weights"
        )
    if not (place / "config.json").is_file():
        held = ", ".join(sorted(one.name for one in place.iterdir())[:5]) or "nothing"
        raise ValueError(
            f"{folder} holds no config.json, it holds {held}; give the folder with config.json and the "
            "weights"
        )


def _class(pipeline: str) -> Any:
    """The class `module:Class`, which has a class method `from_pretrained`."""
    module, _, name = pipeline.partition(":")
    if not module or not name:
        raise ValueError(f"pipeline is {pipeline!r}, wanted module:Class; write for example {CHRONOS}")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        top = module.partition(".")[0]
        raise ValueError(
            f"{pipeline} cannot be imported ({error}); install it, for example with pip install "
            f"{DISTRIBUTIONS.get(top, top)}"
        ) from None
    if not callable(getattr(found, "from_pretrained", None)):
        lack = "no such class" if found is None else "no class method from_pretrained(folder)"
        raise ValueError(f"{pipeline}: there is {lack}; write module:Class of a class that has it")
    return found


@contextlib.contextmanager
def _offline() -> Iterator[None]:
    """Variables that keep libraries from connecting; set back at the end."""
    before = {name: os.environ.get(name) for name in OFFLINE}
    os.environ.update(OFFLINE)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing printed, such as a bar of progress, and no warnings: those of loading concern no forecast."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
