"""Why a fit has no score: a code with its values, and the English sentence that they make.

A row that is not ok has the sentence in its column `reason`, and the code with its values in
`notes["reason"]`: `{"code": "time_limit", "values": {"seconds": 60}}`. Reports read the code; a sentence is
never cut apart. The codes are stable: a code keeps its meaning and its values.

| code            | values                 | the fit has no score because
|---|---|---|
| raised          | text                   | a method, a library or a machine raised an error with this text
| no_reason       |                        | the method raised `Unsupported` without a text
| other_kind      | method, kinds, kind    | the method answers other kinds of task; kinds is a list
| missing_metric  | metric                 | answers of this form do not have the metric of the problem
| bad_answer      | text                   | the answer is not in the form that the task asks for, or leaks
| changed_data    |                        | the method changed the arrays it was given
| changed_library | changes                | the method changed what scores are computed with
| hidden_import   | imports                | the method imported a file that its cache key does not include
| not_built       | text                   | the dataset could not be built; text says why
| time_limit      | seconds                | it took longer than its limit
| time_limit_each | seconds, seeds         | seeds fitted together took longer than the sum of their limits
| memory_limit    | used, limit            | its worker used more memory than its limit, in MB
| process_limit   | used, limit            | its worker started more threads and processes than its limit
| worker_exit     | exit                   | its worker process ended with this exit code
| worker_signal   | signal                 | its worker process ended by this signal
| worker_printed  | reason, text           | reason, and text is the end of what the worker printed
| during_build    | reason                 | reason, while its problem was built
| inner_stage     | reason                 | reason, while a fit on a fold of train was at work
| inner_cut       | cut, reason            | its fit on fold `cut` of train has no score, for this reason
| no_trial_left   | trials, method, reason | no trial has a validation score; reason: of the first one
| uncoded         | text                   | an older version wrote the row, and wrote the sentence alone

`reason` is a reason of its own, with a code and values. Every other value is a text, a number or a list of
texts. A text from outside is a value and is never read for a meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NOTE = "reason"  # the key in a row's notes

TEMPLATES: Mapping[str, str] = {
    "raised": "{text}",
    "no_reason": "no reason given",
    "other_kind": "{method} answers {kinds}, not {kind}",
    "missing_metric": "the problem is scored by {metric}, which answers of this form do not have",
    "bad_answer": "{text}",
    "changed_data": "the method changed the arrays it was given; work on copies",
    "changed_library": "the method {changes}, which scores are computed with; leave it as it is",
    "hidden_import": "the method {imports}",
    "not_built": "the dataset cannot be built: {text}",
    "time_limit": "more than {seconds} s of wall-clock time",
    "time_limit_each": "more than {seconds} s of wall-clock time for each of {seeds} seeds fitted together",
    "memory_limit": "{used} MB resident, limit {limit} MB",
    "process_limit": "{used} threads and processes, limit {limit}",
    "worker_exit": "the worker ended with exit code {exit}",
    "worker_signal": "the worker ended with signal {signal}",
    "worker_printed": "{reason}; it printed: {text}",
    "during_build": "while its problem was built: {reason}",
    "inner_stage": "inner stage: {reason}",
    "inner_cut": "inner stage, cut {cut}: {reason}",
    "no_trial_left": "all of {trials} trials dropped out, {method}: {reason}",
    "uncoded": "{text}",
}


@dataclass(frozen=True)
class Reason:
    """Why a fit has no score; `str` gives the English sentence.

    code: a key of TEMPLATES. values: what the sentence is filled with; "reason" is a Reason itself.
    """

    code: str
    values: Mapping[str, str | int | float | Sequence[str] | Reason] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in English; lists are joined by commas."""
        filled = {
            name: str(value) if isinstance(value, str | int | float | Reason) else ", ".join(value)
            for name, value in self.values.items()
        }
        return TEMPLATES[self.code].format(**filled)

    @property
    def cause(self) -> Reason:
        """The innermost reason, without the codes that say where it arose."""
        inner = self.values.get("reason")
        return inner.cause if isinstance(inner, Reason) else self

    def stored(self) -> dict[str, Any]:
        """The reason as JSON in a row's notes."""
        values = {
            name: value.stored() if isinstance(value, Reason) else value
            for name, value in self.values.items()
        }
        return {"code": self.code, "values": values}


def read(stored: Mapping[str, Any]) -> Reason:
    """The reason that `stored` gave."""
    values = stored["values"]
    return Reason(
        stored["code"],
        {name: read(value) if isinstance(value, Mapping) else value for name, value in values.items()},
    )


def of_row(notes: Mapping[str, Any], text: str) -> Reason:
    """The reason of a row that is not ok; `uncoded` where an older version wrote it.

    notes, text: the columns `notes` and `reason` of the row.
    """
    noted = notes.get(NOTE)
    return read(noted) if isinstance(noted, Mapping) else Reason("uncoded", {"text": text})


def raised(error: BaseException) -> Reason:
    """The type and the text of an error."""
    return Reason("raised", {"text": f"{type(error).__name__}: {error}"})


def whole(number: float) -> int | float:
    """A number as a sentence shows it: 60 and not 60.0."""
    return int(number) if number == int(number) else number
