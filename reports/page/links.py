"""Links from the name of a problem or a method to the place on the page that tells more of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from recurbench.reports.page.section import Folded, Link, Rich
from recurbench.reports.text.method_names import method_name
from recurbench.reports.text.translation import Messages

LISTED = 3  # names of a long list that are shown; the others unfold


def mark_of(address: str) -> str:
    """Six letters that stand for an address in ids."""
    return hashlib.sha256(address.encode()).hexdigest()[:6]


def problem_anchor(problem: str) -> str:
    """The anchor of a problem's section: letters of its address that any link may have, and a mark of it."""
    letters = re.sub(r"[^a-z0-9]+", "-", problem.lower()).strip("-")
    return f"problem-{letters[:40]}-p{mark_of(problem)}"


def problem_row(problem: str) -> str:
    """The anchor of a problem's row in the table of sources and licences."""
    return f"source-{mark_of(problem)}"


def method_row(address: str) -> str:
    """The anchor of a method's row in the table of methods and settings, which holds the whole address."""
    return f"method-{mark_of(address)}"


def problem_link(problem: str, label: str = "") -> Link:
    """A problem's name or another label for it; leads to its pictures, or else to its source and licence."""
    hint = problem if label not in ("", problem) else ""
    return Link(label or problem, problem_anchor(problem), problem_row(problem), hint=hint)


def method_link(address: str, name: str) -> Link:
    """A method's name; leads to its settings, and shows its address on demand."""
    return Link(name, method_row(address), hint=address if name != address else "")


def named_method(address: str, say: Messages) -> Link:
    """A link that names all settings of a method."""
    return method_link(address, method_name(address, say))


def listed(names: Sequence[str], say: Messages) -> str:
    """Names with commas; of many the first ones, and the whole list where the reader opens it."""
    whole = Rich(*[part for name in names for part in (", ", name)][1:])
    if len(names) <= LISTED + 1:
        return whole
    start = say("first.and_more", names=", ".join(names[:LISTED]), n=len(names) - LISTED)
    return Folded(whole, start)
