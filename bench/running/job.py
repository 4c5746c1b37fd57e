"""A job: a method with one seed on one problem, in words, with the addresses and blank rows of its cells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from recurbench import provenance
from recurbench.fetching import known_files
from recurbench.isolation import third_party
from recurbench.reasons import NOTE, Reason
from recurbench.record import Record
from recurbench.registry import Choice, load
from recurbench.task import Problem


@dataclass(frozen=True)
class Job:
    """A method with one seed on one problem, in words; it travels to whoever runs it.

    threads: of BLAS, OpenMP, torch and numba; part of the key where it is not 1, for it changes sums.
    trials: the settings to choose from on validation, the method's own first; empty where nothing is tuned.
    device: given to a method that takes one; part of the key where it is not "cpu", for it changes sums.
    """

    dataset: Choice
    data_seed: int | None
    method: Choice
    seed: int | None
    threads: int = 1
    trials: tuple[Mapping[str, Any], ...] = ()
    device: str = "cpu"

    def __post_init__(self) -> None:
        if "device" not in self.method.plugin.takes:
            # So that the cell is the one it always was, and its row says where it ran.
            object.__setattr__(self, "device", "cpu")

    @property
    def tries(self) -> list[Job]:
        """A job per trial, as if its settings stood in the bracket: its inner cells are those of that job."""
        plugin = self.method.plugin
        tried = [replace(self, method=Choice(plugin, settings), trials=()) for settings in self.trials]
        return tried or [self]

    @property
    def answered(self) -> bool:
        """Whether the method declares the dataset's kind."""
        return bool(self.dataset.plugin.kinds & self.method.plugin.kinds)

    @property
    def guests(self) -> frozenset[str]:
        """The third-party plugins whose code the job runs."""
        plugins = (self.method.plugin, self.dataset.plugin)
        return frozenset(f"{one.sort} {one.name} of {one.owner}" for one in plugins if one.foreign)

    @property
    def problem_key(self) -> str:
        """The content address of the job's problem."""
        return _digest(self._problem_words())

    def key(self, stage: str, cut: int) -> str:
        """The content address of one of the job's cells."""
        words = {
            **self._problem_words(),
            "method": [self.method.plugin.name, self.method.plugin.function],
            "settings": dict(self.method.settings),
            "seed": self.seed,
            "stage": stage,
            "cut": cut,
            "method code": provenance.known_code_hash(self.method.plugin),
        }
        if self.threads != 1:
            words["threads"] = self.threads
        if self.device != "cpu":
            words["device"] = self.device
        if self.trials and stage == "final":
            words["trials"] = [dict(settings) for settings in self.trials]
        return _digest(words)

    def _problem_words(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset.plugin.name,
            "dials": dict(self.dataset.settings),
            "files": provenance.known_data(self.dataset),
            "data_seed": self.data_seed,
            "dataset code": provenance.known_code_hash(self.dataset.plugin),
        }


def _digest(words: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(words, sort_keys=True, default=str).encode()).hexdigest()[:32]


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
    """Write into a row that its cell has no score, and why: in words and as a code with values."""
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
