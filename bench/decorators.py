"""The decorators that make a function a method or a data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from recurbench.settings import flat

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R")


def method(
    name: str,
    *,
    family: str,
    kinds: set[str],
    recurrence: str = "none",
    role: str = "contender",
    search: Mapping[str, Sequence[Any]] | None = None,
    overrides: Mapping[str, Sequence[str]] | None = None,
    variants: Mapping[str, Mapping[str, Any]] | None = None,
    files: Sequence[str] = (),
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Register the decorated function as a method.

    The function is called as ``function(task, train, **settings)``: a `Task` and a `Split` with answers. It
    trains, and returns a predictor: a callable that takes a `Split` without answers and returns one array per
    example (`recurbench.answers.form_error` lists the shapes). Settings are keyword-only arguments with
    literal defaults.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens; the name on the command line.
    family : str
        One of `registry.FAMILIES`. Tables show the best method of each family.
    kinds : set of str
        The kinds of task that the method can answer, from `task.KINDS`.
    recurrence : {"none", "linear", "learned"}
        Whether the method has a state that it passes on from step to step, and whether it learns how.
    role : {"contender", "control", "ablation"}
        A control or an ablation cannot be the best of its family.
    search : mapping of str to tuple, optional
        Values to choose from, by setting, for `--trials`.
    overrides : mapping of str to tuple of str, optional
        By setting, other settings that have no effect once it differs from its default. Tuning skips them.
    variants : mapping of str to mapping, optional
        More methods from the same function: by name, the settings that differ. "role" may differ too.
    files : tuple of str
        Names of the settings that hold the path of a file or folder, or a class as module:Class. If what they
        name changes, the results are outdated. Patterns such as ``*`` leave such a method out.

    Returns
    -------
    callable
        A decorator. The decorated function takes the fields of shared settings one by one.

    Raises
    ------
    ValueError
        When plugins are listed or run, not here: if an argument is no literal, has a value not listed above,
        or names a setting that the function does not have.

    Notes
    -----
    Plugin files are read as text before they are imported. Every argument and every default must therefore
    be a literal. The function may also take these keyword-only arguments, which the runner fills in: `seed`
    (it runs once per seed), `check` (the validation part, or None), `steps` (optimizer steps chosen on
    validation, or None), `seeds` (several seeds in one call, answered by a list of predictors) and `device`.

    A setting `trained_on`, a tuple of names of data sets, says what a model was trained on before. Results on
    these data sets are marked, and such a result never makes a method the best of its family.

    A keyword-only argument without a default and annotated with a dataclass, such as ``training: Training``,
    stands for the fields of that dataclass: each becomes a setting of its own.

    Examples
    --------
    >>> @method("my-mean", family="baseline", kinds={"regression"})
    ... def my_mean(task, train, *, scale: float = 1.0):
    ...     mean = scale * np.mean([y[0] for y in train.y], axis=0)
    ...     return lambda split: [mean[None, :] for _ in split.x]
    """
    return flat


def dataset(name: str, *, kind: str, files: Sequence[str] = ()) -> Callable[[F], F]:
    """Register the decorated function as a data set.

    The function takes keyword-only settings with literal defaults and returns a `Problem`. It must not use
    the network.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens; the name on the command line.
    kind : str
        The kind of task, one of `task.KINDS`.
    files : tuple of str
        Names of the settings that hold paths of files. A changed file makes the results of its fits outdated.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    ValueError
        When plugins are listed or run, not here: if an argument is no literal or not one of those above.

    Notes
    -----
    A function that takes `seed` generates its examples: each seed gives another sample.

    Examples
    --------
    >>> @dataset("my-data", kind="forecasting")
    ... def my_data(*, horizon: int = 12) -> Problem:
    ...     ...
    """
    return lambda function: function
