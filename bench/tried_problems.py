"""Problems that are built before a run, so that a mistake is said before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from recurbench import catalogue
from recurbench.contrasts import Registered, hold_against
from recurbench.registry import Choice
from recurbench.running.job import Job, build
from recurbench.running.problem_cache import sound
from recurbench.running.sizes import Size, size_of
from recurbench.task import Several

if TYPE_CHECKING:
    from recurbench.task import Problem

RESAMPLE = "resample"  # another split of the same cases


def tried(
    jobs: Sequence[Job], registered: Mapping[str, Registered], *, named: bool
) -> tuple[dict[tuple[str, int | None], Size], list[str]]:
    """Build the problems of some jobs that a user's files or settings may spoil.

    Parameters
    ----------
    jobs : sequence of Job
    registered : mapping
        By problem, the registered contrasts whose roles are to be checked.
    named : bool
        Whether the user named the problems. Default settings and the problems of suites are tested.

    Returns
    -------
    sizes : dict
        The size of each problem that was built, by its address and sample. Of several resamples of a data set
        only the first is built; the others get its size, for they hold the same cases.
    facts : list of str
        A line for each table of series of the user: what was read from it.

    Raises
    ------
    ValueError
        If a problem cannot be built, or does not have the role that is registered.
    """
    sizes: dict[tuple[str, int | None], Size] = {}
    facts: list[str] = []
    first: dict[str, Size] = {}
    starts: dict[str, Job] = {}
    for job in jobs:
        starts.setdefault(job.dataset.address, job)
    for job in starts.values():
        choice = job.dataset
        contrast = registered.get(choice.address)
        typed = named and choice.settings != choice.plugin.settings
        if not (needs_files(choice) or typed or (contrast is not None and contrast.role == "positive")):
            continue
        place, cases = (choice.address, job.data_seed), _cases(choice)
        if cases in first:
            sizes[place] = first[cases]
            continue
        problem = _tried(choice, job.data_seed)
        sizes[place] = first[cases] = size_of(problem)
        if contrast is not None:
            hold_against(contrast, problem.about.role, problem.about.headroom)
        if choice.plugin.name == "csv":
            facts.append(f"{problem.about.source}, {problem.about.protocol}")
    return sizes, facts


def needs_files(choice: Choice) -> bool:
    """Whether a data set reads a file of the user or of the data folder."""
    return bool(choice.plugin.files) or choice.plugin.name in catalogue.datasets()


def _cases(choice: Choice) -> str:
    """What the resamples of a data set share."""
    if RESAMPLE not in choice.settings:
        return choice.address
    return choice.plugin.address({key: v for key, v in choice.settings.items() if key != RESAMPLE})


def _tried(choice: Choice, data_seed: int | None) -> Problem:
    """Build a problem once; ValueError says what is wrong with it or with its files."""
    try:
        return sound(build(choice, data_seed), choice)
    except Several:
        raise
    except ValueError as error:
        raise ValueError(str(error) if choice.plugin.files else f"{choice.address}: {error}") from error
    except Exception as error:
        remedy = "check its settings"
        if choice.plugin.name in catalogue.datasets():
            remedy = "its files cannot be read; compare them with their known hashes: recurbench data verify"
        raise ValueError(f"{choice.address}: {type(error).__name__}: {error}; {remedy}") from error
