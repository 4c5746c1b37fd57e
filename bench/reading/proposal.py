"""What is proposed for a file of the user: the problem made of it, how each choice was made, and faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

# For missing values of series and of labelled cases; the first of each is the default.
POLICIES = ("carry", "drop", "refuse")
OF_CASES = ("interpolate", "keep")


@dataclass(frozen=True)
class Fact:
    """One line of the table of a proposal.

    Attributes
    ----------
    topic : str
        What was chosen, such as "target".
    value : str
        Such as "Passengers".
    how : str
        Why, such as "the only numeric column".
    option : str
        The option that chooses otherwise, such as "--target"; empty if there is none.
    """

    topic: str
    value: str
    how: str = ""
    option: str = ""


@dataclass(frozen=True)
class Remark:
    """Something unusual in the data, with its rows, and what was done about it."""

    text: str


@dataclass(frozen=True)
class Proposal:
    """A problem made of a file.

    Attributes
    ----------
    dataset : str
        The name of the data set that builds it.
    settings : mapping
        The settings of the data set that build exactly this problem again.
    facts : tuple of Fact
    remarks : tuple of Remark
    """

    dataset: str
    settings: Mapping[str, Any]
    facts: tuple[Fact, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Options:
    """What the user fixed; None where the choice is left to the proposal.

    Attributes
    ----------
    id, time : str or None
        The column that names the series (several, separated by commas), and that of the time stamps.
    target, covariates, ahead : sequence of str or None
        The columns to forecast, the covariates known up to the origin, and those known ahead.
    label, group : str or None
        For cases: the column of the answer, and the column whose values must not be in both parts.
    task : str or None
        "classification" or "regression", for cases.
    rate : int or None
        For a folder of wav files: the samples per second that all are brought to.
    horizon, origins, step, period : int or None
        Steps to forecast, test origins per series, their distance, and rows in a season.
    refit : bool or None
        Whether methods are fitted again at every test origin.
    of_horizon : int or None
        Only the series for which a .tsf file names this horizon.
    frequency, series : str or None
        Only the series of this frequency; only the first so many series, or those that fit a glob pattern.
    missing : str or None
        What to do with missing values, one of POLICIES or, for labelled cases, of OF_CASES.
    excerpts : bool or None
        Whether reports may show parts of the data.
    """

    id: str | None = None
    time: str | None = None
    target: tuple[str, ...] | str | None = None
    covariates: tuple[str, ...] | str | None = None
    ahead: tuple[str, ...] | str | None = None
    label: str | None = None
    group: str | None = None
    task: str | None = None
    rate: int | None = None
    horizon: int | None = None
    origins: int | None = None
    step: int | None = None
    refit: bool | None = None
    period: int | None = None
    of_horizon: int | None = None
    frequency: str | None = None
    series: str | None = None
    missing: str | None = None
    excerpts: bool | None = None


# The options that a user gives; `of_horizon` names one of several problems that a file makes.
GIVEN = tuple(each.name for each in fields(Options) if each.name != "of_horizon")
