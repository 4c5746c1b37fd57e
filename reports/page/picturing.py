"""One problem being turned into pictures: names, captions and the cache of figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.figure import Figure
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.links import mark_of, problem_anchor
from recurbench.reports.page.section import Picture
from recurbench.reports.statistics.case_studies import Exhibit, Unit
from recurbench.reports.text.method_names import method_name
from recurbench.reports.text.translation import Messages

NUMBER = "{:.3g}"
# Errors that drawing the notes of a plugin can raise: a plugin can write anything under the names read here.
UNDRAWABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


@dataclass(frozen=True)
class Picturing:
    """An exhibit with the words and the drawn figures of a page.

    names: of methods, by address. label: what the page calls the problem, its address where it is empty.
    """

    exhibit: Exhibit
    say: Messages
    drawn: Drawn
    names: Mapping[str, str] = field(default_factory=dict)
    label: str = ""

    @property
    def problem(self) -> str:
        """What the page calls the problem."""
        return self.label or self.exhibit.problem

    def name(self, address: str) -> str:
        """What the page calls a method."""
        return self.names.get(address) or method_name(address, self.say)

    @property
    def anchor(self) -> str:
        """The anchor of the problem's section."""
        return problem_anchor(self.exhibit.problem)

    @property
    def mark(self) -> str:
        """A short mark of the problem's address; every id of its pictures begins with it."""
        return f"p{mark_of(self.exhibit.problem)}"

    def chosen(self, units: Sequence[Unit]) -> str:
        """Which cases are shown, and the rule that chose them."""
        rule = self.say(f"pictures.rule_{self.exhibit.kept['rule']}")
        if self.exhibit.kept["rule"] == "series":
            names = ", ".join(unit.series for unit in units)
            return self.say("pictures.chosen_series", problem=self.problem, series=names, rule=rule)
        numbers = ", ".join(str(unit.index) for unit in units)
        return self.say("pictures.chosen", problem=self.problem, units=numbers, rule=rule)

    def picture(
        self, name: str, of: Sequence[object], make: Callable[[], Figure], caption: str, alt: str
    ) -> Picture:
        """The figure. of: all that it shows; it is drawn again only when that or the language changes."""
        shown = json.dumps([self.say.language, self.exhibit.problem, *of], default=_plain)
        return Picture(self.drawn(f"{self.mark}-{name}", shown, make), caption, alt)


def number(value: float) -> str:
    """A number in three digits."""
    return NUMBER.format(value)


def _plain(value: object) -> object:
    """Arrays as lists; anything else as its repr, which holds its values."""
    tolist = getattr(value, "tolist", None)
    return tolist() if callable(tolist) else repr(value)
