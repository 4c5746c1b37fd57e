"""The answer of a run on data of one's own: the method to use, and how sure that is, in short sentences.

One paragraph each: the method to use, the methods that cannot be told from it, classical or neural, what the
best recurrent network adds, and what would settle what is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recurbench.reports.statistics.confidence_set import LEVEL_OF_SET
from recurbench.reports.statistics.constants import LEVEL
from recurbench.reports.statistics.decision import Decision, decisions
from recurbench.reports.statistics.lift import Lift
from recurbench.reports.statistics.outcomes import REMARKS, LiftVerdict
from recurbench.reports.statistics.validation_part import partial
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.numbers import measure, percent, seconds
from recurbench.reports.text.sentences import enumerated
from recurbench.reports.text.settling import DECIDED, SETTINGS, remedy
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

NAMED = ("mae", "rmse", "accuracy", "log_loss")  # units with a sentence of their own
LISTED = 6  # methods that a sentence names; of more, the first ones

# What the remedy of a reason says again, as a command.
SAID_BY_REMEDY = frozenset(SETTINGS)


def paragraphs(run: Run, say: Messages) -> tuple[str, ...]:
    """The paragraphs of every problem of the run, one after the other."""
    found = decisions(run)
    if not found:
        if len(run.cells):
            return (say("first.without_score"),)
        return say("first.empty"), say("first.nothing_open")
    return tuple(text for one in found for text in _Told(run, one, say, len(found) > 1).paragraphs())


def _leaning(lift: Lift) -> int:
    """1 or -1 where only the margin is in doubt: an interval of an open verdict above or below 0; else 0."""
    explained = any(each.code not in REMARKS | SAID_BY_REMEDY for each in lift.reasons)
    if lift.low is None or lift.high is None or explained or lift.verdict is LiftVerdict.NOT_TRAINED:
        return 0
    return 1 if lift.low > 0 else -1 if lift.high < 0 else 0


class _Told:
    """The words for one decision. several: whether a run has more problems, so that each is named."""

    def __init__(self, run: Run, found: Decision, say: Messages, several: bool) -> None:
        self.run, self.found, self.say, self.several = run, found, say, several
        asked = [str(name) for name in run.cells[run.cells["problem"] == found.problem]["address"].unique()]
        self.names: Mapping[str, str] = method_names(asked, say)

    def paragraphs(self) -> Iterator[str]:
        told = (self.use(), self.equals(), self.sides(), self.recurrent(), self.settle())
        yield from (" ".join(sentences) for sentences in map(tuple, told) if sentences)

    def word(self, key: str, **values: object) -> str:
        return self.say(f"decision.{key}", **values)

    def value(self, address: str) -> str:
        """The score of a method in the user's unit."""
        value = self.found.values[address]
        return f"{100 * value:.1f} %" if self.found.unit.name == "accuracy" else measure(value)

    def scored(self, address: str) -> str:
        """`error 10.4`, or `accuracy 98.4 %`."""
        words = {"mae": "error", "rmse": "error", "accuracy": "accuracy", "log_loss": "log_loss"}
        return self.word(f"value_{words.get(self.found.unit.name, 'score')}", value=self.value(address))

    def cost(self, address: str) -> str:
        return seconds(self.found.seconds[address])

    def listed(self, addresses: Sequence[str]) -> str:
        """Names of methods; all of them where they are few enough to read."""
        names = [self.names[address] for address in addresses]
        if 1 < len(names) <= LISTED:
            return self.say("first.and", names=", ".join(names[:-1]), last=names[-1])
        return enumerated(names, self.say)

    # The method to use.

    def use(self) -> Iterator[str]:
        """The best method on validation, its error, and how that compares with the naive method."""
        chosen = self.found.chosen
        prefix = self.word("of_problem", problem=self.found.label) if self.several else ""
        if chosen is None:
            yield prefix + self.word("none", why=self.say.reasons(self.found.lift.reasons))
            return
        if self.found.open:
            yield prefix + self.word("use_tied", methods=self.listed([chosen.address, *chosen.tied]))
        else:
            yield prefix + self.word("use", method=self.names[chosen.address])
        facts = next(iter(self.run.draws(self.found.problem).values()))
        if part := partial(facts.get("validation", {})):
            yield self.word("part", part=self.say.reasons(part))
        yield self.word(
            f"error_{self._unit()}", method=self.names[chosen.address], value=self.value(chosen.address)
        )
        yield self._against()

    def _unit(self) -> str:
        return self.found.unit.name if self.found.unit.name in NAMED else "score"

    def _against(self) -> str:
        """How much less error the method has than the naive one."""
        found, reference = self.found, self.names.get(self.found.reference, self.found.reference)
        if found.chosen and found.chosen.address == found.reference:
            return self.word("naive_itself", reference=reference)
        if found.saved is None:
            return self.word("naive_not_run", reference=reference)
        share = percent(abs(found.saved))
        if share == percent(0):
            return self.word("naive_same", reference=reference)
        scaled = "_scaled" if found.unit.name == "mae" and found.unit.apart is None else ""
        errors = "_errors" if found.unit.name == "accuracy" else scaled
        return self.word(
            f"naive_{'less' if found.saved > 0 else 'more'}{errors}", percent=share, reference=reference
        )

    # The methods that cannot be told from it.

    def equals(self) -> Iterator[str]:
        """The members of the model confidence set, and the cheapest of them."""
        found, alike = self.found, self.found.alike
        if found.chosen is None or alike is None:
            return
        if not alike.members:
            yield self.word(f"few_{self._units()}", n=alike.independent, needed=alike.needed)
            return
        chosen, level = found.chosen.address, percent(LEVEL_OF_SET)
        others = [name for name in alike.members if name != chosen]
        inside = len(others) < len(alike.members)
        if not inside:
            values = {"method": self.names[chosen], "members": self.listed(others), "level": level}
            yield self.word("outside" if len(others) > 1 else "outside_one", **values)
        elif len(alike.members) == len(alike.p_values):
            yield self.word("alike_all", level=level)
        elif others:
            yield self.word("alike", n=len(others), methods=self.listed(others), level=level)
        else:
            yield self.word("alone", level=level)
        if len(alike.members) > 1:
            cheap = found.cheapest
            key = "cheapest_itself" if self.cost(cheap) == self.cost(chosen) and inside else "cheapest"
            named = self.names[cheap if key == "cheapest" else chosen]
            yield self.word(key, method=named, seconds=self.cost(cheap), own=self.cost(chosen))

    def _units(self) -> str:
        facts = next(iter(self.run.draws(self.found.problem).values()))
        names = list(facts["series"])
        if self.found.kind == "forecasting":
            return "windows" if len(set(names)) == 1 else "series"
        return "cases" if len(set(names)) == len(names) else "groups"

    # Classical or neural.

    def sides(self) -> Iterator[str]:
        """The best classical and the best neural method, and which of them is better."""
        lift = self.found.sides
        neural, classical = lift.recurrent, lift.other
        if not neural or not classical:
            return
        yield self.word(
            "sides",
            classical=self.names[classical],
            classical_value=self.scored(classical),
            neural=self.names[neural],
            neural_value=self.scored(neural),
        )
        if lift.lift is not None:
            yield self._difference(lift, self.names[neural])
            if self.found.unit.apart is None:
                yield self.word("of_reference", reference=self.found.reference)
        if self.found.fell_back(neural):
            some, fits = self.found.fell[neural]
            yield self.word("fell_back_neural", n=some, fits=fits, method=self.names[neural])
            if lift.verdict not in DECIDED:
                return
        heads = {
            LiftVerdict.AHEAD: "neural",
            LiftVerdict.BEHIND: "classical",
            LiftVerdict.NO_DIFFERENCE: "level",
        }
        if lift.verdict in heads:
            yield self.word(f"sides_{heads[lift.verdict]}")
        elif way := _leaning(lift):
            yield self.word("sides_neural_maybe" if way > 0 else "sides_classical_maybe")
        else:
            yield self.word("sides_open", why=self._why(lift))
        yield from self._but(lift)

    def _but(self, lift: Lift) -> Iterator[str]:
        """The first method of the worse side in the confidence set, where a side was called better."""
        way = {LiftVerdict.AHEAD: 1, LiftVerdict.BEHIND: -1}.get(lift.verdict, _leaning(lift))
        members = self.found.alike.members if self.found.alike else ()
        worse = [name for name in members if (name in self.found.networks) == (way < 0)]
        if way and worse and not {lift.recurrent, lift.other} & {worse[0]}:
            yield self.word(f"sides_but_{'classical' if way > 0 else 'neural'}", methods=self.names[worse[0]])

    def _difference(self, lift: Lift, subject: str) -> str:
        """`gru has 1.2 less error than theta (95 % interval: 0.4 more to 2.1 less).`"""
        text = self.word(
            "difference",
            method=subject,
            amount=self._amount(lift.lift or 0.0),
            other=self.names[lift.other],
        )
        if lift.low is None or lift.high is None:
            return self.word("without_interval", text=text)
        # The end with the smaller amount stands first where both ends say "more".
        ends = (lift.high, lift.low) if lift.high < 0 else (lift.low, lift.high)
        values = dict(zip(("low", "high"), map(self._side, ends), strict=True))
        level = percent(LEVEL)
        return self.word("with_interval", text=text, level=level, **values)

    def _amount(self, gain: float) -> str:
        """`1.2 less error` for a difference of skill."""
        return self.word(self._key("amount", gain), value=self._size(gain))

    def _side(self, gain: float) -> str:
        """`1.2 less`: an end of an interval."""
        return self.word(self._key("side", gain), value=self._size(gain))

    def _key(self, stem: str, gain: float) -> str:
        points = self.found.unit.name == "accuracy" and self.found.unit.apart is not None
        return f"{stem}_{'better' if gain >= 0 else 'worse'}{'_points' if points else ''}"

    def _size(self, gain: float) -> str:
        apart = self.found.unit.apart
        if apart is None:
            return percent(abs(gain))
        value = abs(gain) * abs(apart)
        return f"{100 * value:.1f}" if self.found.unit.name == "accuracy" else measure(value)

    def _open(self, lift: Lift) -> bool:
        """Whether `sides` gives a reason why there is no verdict."""
        known = lift.verdict in DECIDED or _leaning(lift) or self.found.fell_back(lift.recurrent)
        return bool(lift.recurrent and lift.other) and not known

    def _why(self, lift: Lift) -> str:
        """Why there is no verdict; what the command below says is left out."""
        reasons = [each for each in lift.reasons if each.code not in SAID_BY_REMEDY | REMARKS]
        if lift.verdict is LiftVerdict.NOT_TRAINED:
            return self.say.verdict(lift.verdict, reasons)
        return self.say.reasons(reasons) or self.word("wide")

    # What the best recurrent network adds.

    def recurrent(self) -> Iterator[str]:
        """The best recurrent network against the best other method, and whether that is evidence."""
        lift = self.found.lift
        if not lift.recurrent or not lift.other:
            yield self.word("no_recurrent", why=self.say.reasons(lift.reasons))
            return
        network, other = self.names[lift.recurrent], self.names[lift.other]
        same = (lift.recurrent, lift.other) == (self.found.sides.recurrent, self.found.sides.other)
        if lift.lift is not None and not same:
            yield self._difference(lift, self.word("recurrent_network", method=network))
        else:
            yield self.word("recurrent", method=network)
        yield self.word(
            "costs", method=network, seconds=self.cost(lift.recurrent), other=other, own=self.cost(lift.other)
        )
        if self.found.fell_back(lift.recurrent):
            some, fits = self.found.fell[lift.recurrent]
            yield self.word("fell_back", n=some, fits=fits)
        elif lift.verdict is LiftVerdict.NOT_TRAINED:
            yield self.word("no_evidence", why=self.say.verdict(lift.verdict, lift.reasons))
        elif lift.verdict in DECIDED:
            yield self.word(f"recurrent_{lift.verdict}")
        elif way := _leaning(lift):
            yield self.word("recurrent_better_maybe" if way > 0 else "recurrent_worse_maybe")
        elif same or (self._open(self.found.sides) and self._why(lift) == self._why(self.found.sides)):
            yield self.word("recurrent_open_too", other=other)
        else:
            yield self.word("recurrent_open", other=other, why=self._why(lift))

    # What would settle what is open.

    def settle(self) -> Iterator[str]:
        """The command for what is open, from the reason of the verdict."""
        found = remedy(self.run, self.found)
        if found is not None:
            yield self.word(found.key, command=found.command, **found.values)
