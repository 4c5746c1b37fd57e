"""A job: a method with one seed on one problem, with the keys and the blank rows of its cells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from recurbench import provenance, trained_on
from recurbench.fetching import known_files
from recurbench.isolation import third_party
from recurbench.reasons import NOTE, Reason
from recurbench.record import Record
from recurbench.registry import Choice, load
from recurbench.task import Problem

FOLDS = "folds"  # the note of a row whose number of folds was given


@dataclass(frozen=True)
class Job:
    """A method with one seed on one problem, by name; it is sent to the process that runs it.

    threads: of BLAS, OpenMP, torch and numba; part of the key where it is not 1, because it changes sums.
    trials: the settings to choose from on validation, the method's own first; empty where nothing is tuned.
    folds: of the inner stage; None where the size of train decides. It is part of the key where it is given.
    0: no validation score is computed, which is for single scores that nothing is chosen by.
    device: given to a method that takes one; part of the key where it is not "cpu", because it changes sums.
    """

    dataset: Choice
    data_seed: int | None
    method: Choice
    seed: int | None
    threads: int = 1
    trials: tuple[Mapping[str, Any], ...] = ()
    device: str = "cpu"
    folds: int | None = None

    def __post_init__(self) -> None:
        if self.dataset.plugin.kinds == {"forecasting"} and self.folds:
            # Its validation part is the last origins of every series, which are cut once.
            object.__setattr__(self, "folds", None)
        if "device" not in self.method.plugin.takes:
            # Its key is the same on every device, and its row says where it ran.
            object.__setattr__(self, "device", "cpu")

    @property
    def tries(self) -> list[Job]:
        """A job per trial, with the trial's settings as its own; the inner cells are theirs."""
        plugin = self.method.plugin
        tried = [replace(self, method=Choice(plugin, settings), trials=()) for settings in self.trials]
        return tried or [self]

    @property
    def answered(self) -> bool:
        """Whether the method declares the dataset's kind."""
        return bool(self.dataset.plugin.kinds & self.method.plugin.kinds)

    @property
    def seen_before(self) -> bool:
        """Whether the model of the method was trained on this data set, as its setting `trained_on` says."""
        return trained_on.names_data(
            self.method.settings.get(trained_on.SETTING), self.dataset.plugin.name, self.dataset.settings
        )

    @property
    def third_party(self) -> frozenset[str]:
        """The third-party plugins whose code the job runs."""
        plugins = (self.method.plugin, self.dataset.plugin)
        return frozenset(f"{one.sort} {one.name} of {one.owner}" for one in plugins if one.foreign)

    @property
    def problem_key(self) -> str:
        """The content address of the job's problem."""
        return _digest(self._problem_identity())

    def key(self, stage: str, cut: int) -> str:
        """The content address of one of the job's cells."""
        identity: dict[str, Any] = {
            **self._problem_identity(),
            "method": [self.method.plugin.name, self.method.plugin.function],
            "settings": dict(self.method.settings),
            "seed": self.seed,
            "stage": stage,
            "cut": cut,
            "method code": provenance.known_code_hash(self.method.plugin),
        }
        if self.method.plugin.files:
            identity["method files"] = provenance.known_data(self.method)
        if self.threads != 1:
            identity["threads"] = self.threads
        if self.device != "cpu":
            identity["device"] = self.device
        if self.folds is not None:
            identity["folds"] = self.folds
        if self.trials and stage == "final":
            identity["trials"] = [dict(settings) for settings in self.trials]
            if "classification" in self.dataset.plugin.kinds:
                # Until 2026-11-30 log loss chose the settings, so such a cell may have others.
                identity["chosen by"] = "accuracy"
        return _digest(identity)

    def _problem_identity(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset.plugin.name,
            "dials": dict(self.dataset.settings),
            "files": provenance.known_data(self.dataset),
            "data_seed": self.data_seed,
            "dataset code": provenance.known_code_hash(self.dataset.plugin),
        }


@dataclass(frozen=True)
class JobGroup:
    """A job, or several that differ in nothing but the seed and share each fit.

    keys: of their final cells, as they were planned. known: the rows that they have already, by key.
    """

    jobs: tuple[Job, ...]
    keys: tuple[str, ...]
    known: Mapping[str, Record] = field(default_factory=dict)

    @classmethod
    def of_jobs(cls, jobs: Sequence[Job], known: Mapping[str, Record] | None = None) -> JobGroup:
        """A group of jobs with the keys that they have now."""
        return cls(tuple(jobs), tuple(job.key("final", 0) for job in jobs), known or {})

    @property
    def third_party(self) -> frozenset[str]:
        """The third-party plugins whose code the group runs."""
        return self.jobs[0].third_party

    @property
    def fits(self) -> Sequence[Job]:
        """The jobs that inner fits are for: those of the group, or the trials of a tuned job."""
        return self.jobs if len(self.jobs) > 1 else self.jobs[0].tries

    def of(self, places: Sequence[int], known: Mapping[str, Record]) -> JobGroup:
        """The group of some of the jobs only."""
        return JobGroup(tuple(self.jobs[i] for i in places), tuple(self.keys[i] for i in places), known)


def _digest(identity: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True, default=str).encode()).hexdigest()[:32]


def build(dataset: Choice, data_seed: int | None) -> Problem:
    """Make the problem a dataset choice names.

    ValueError where its files are not the known ones, or a third party's dataset changes the process.
    """
    known_files.noted(dataset)
    seed = {} if data_seed is None else {"seed": data_seed}
    with third_party.building(dataset.plugin):
        problem: Problem = load(dataset.plugin)(**dataset.settings, **seed)
    return problem


def ended(job: Job, status: str, reason: Reason, stage: str = "final", cut: int = 0) -> Record:
    """The row of a cell that ended without an answer."""
    record = blank(job, stage, cut)
    close(record, status, reason)
    return record


def close(record: Record, status: str, reason: Reason) -> None:
    """Write into a row that its cell has no score, and why: as a sentence and as a code with values."""
    record.status, record.reason = status, str(reason)
    record.notes[NOTE] = reason.stored()


def blank(job: Job, stage: str, cut: int) -> Record:
    """The row of a cell that has not run yet."""
    plugin = job.method.plugin
    return Record(
        key=job.key(stage, cut),
        job=job.key("final", 0),
        problem_key=job.problem_key,
        dataset=job.dataset.plugin.name,
        problem=job.dataset.address,
        dials=dict(job.dataset.settings),
        kind=next(iter(job.dataset.plugin.kinds)),
        method=plugin.name,
        address=job.method.address,
        family=plugin.family,
        recurrence=plugin.recurrence,
        role=plugin.role,
        settings=dict(job.method.settings),
        seed=job.seed,
        data_seed=job.data_seed,
        notes={
            **({trained_on.NOTE: True} if job.seen_before else {}),
            **({FOLDS: job.folds} if job.folds is not None else {}),
        },
        stage=stage,
        cut=cut,
        versions=provenance.versions(),
        code=provenance.known_code_hash(plugin),
        dataset_code=provenance.known_code_hash(job.dataset.plugin),
        threads=job.threads,
        device=job.device,
        machine=provenance.machine(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )
