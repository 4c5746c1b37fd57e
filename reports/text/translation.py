"""The texts of the reports in the language asked for, from `messages.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from recurbench.reports.statistics.outcomes import REMARKS, CellReason, Reason, Verdict

LANGUAGES = ("en", "ko")


@cache
def _messages() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(
        files("recurbench.reports.text").joinpath("messages.toml").read_text(encoding="utf-8")
    )


def keys(table: str) -> tuple[str, ...]:
    """The names of the messages of a table, in their order; KeyError where there is no such table."""
    return tuple(_messages()[table])


class Messages:
    """Messages in one language: `say("page.title", suite="quick")`, `say.verdict(LiftVerdict.AHEAD)`."""

    def __init__(self, language: str = "en") -> None:
        if language not in LANGUAGES:
            raise ValueError(f"no messages in {language!r}; known languages: {', '.join(LANGUAGES)}")
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """The message `table.name` with its places filled in; KeyError where there is none.

        Where `of`, or else `n`, is 1 and the message has a text for one thing, that text.
        """
        table, name = key.split(".")
        message = _messages()[table][name]
        one = values.get("of", values.get("n")) == 1
        text = message.get(f"{self.language}_one", message[self.language]) if one else message[self.language]
        return text.format(**values)

    def of(self, value: Any) -> str:
        """A name or a whole sentence of the data in this language; as it is where it is not known."""
        text = str(value)
        return _messages()["data"].get(text, {}).get(self.language, text)

    def status(self, status: str) -> str:
        """How a fit ended, or what else a warning is about, by its code."""
        return self(f"statuses.{status}") if status in _messages()["statuses"] else status

    def verdict(self, verdict: Verdict, reasons: Iterable[Reason | CellReason] = ()) -> str:
        """A verdict and its reasons: `test set too small: only 2 of 10 …; 3 fits hit a limit`."""
        reasons = tuple(reasons)
        head = self(f"verdicts.{verdict}")
        causes = [each for each in reasons if each.code not in REMARKS]
        remarks = [each for each in reasons if each.code in REMARKS]
        head = f"{head}: {self.reasons(causes)}" if causes else head
        return "; ".join([head, *map(self.reason, remarks)])

    def reasons(self, reasons: Iterable[Reason | CellReason]) -> str:
        """Several reasons on one line."""
        return "; ".join(map(self.reason, reasons))

    def reason(self, reason: Reason | CellReason) -> str:
        """The text of a reason.

        Of a fit that is the stored sentence in English. In other languages it is worded by its code; without
        a code, or with one that this version does not know, the stored sentence is quoted.
        """
        if isinstance(reason, Reason):
            return self._worded(reason)
        if self.language == "en" or reason.coded is None:
            return reason.text
        try:
            return self._worded(reason.coded)
        except KeyError:  # written by a newer version, with a code or values that this one does not have
            return reason.text

    def _worded(self, reason: Reason) -> str:
        values = {name: self._filled(name, value) for name, value in reason.values.items()}
        return self(f"reasons.{reason.code}", **values)

    def _filled(self, name: str, value: Any) -> Any:
        """A value as its sentence takes it: lists joined, kinds of task translated, numbers as they are."""
        if isinstance(value, Reason):
            return self._worded(value)
        if isinstance(value, list | tuple):
            return ", ".join(str(self._filled(name, each)) for each in value)
        return self.of(value) if name in ("kind", "kinds") else value
