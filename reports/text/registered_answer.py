"""The answer of a run of the registered contrasts: groups by verdict, and a line for every contrast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from recurbench.address import split_address
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.statistics.registered_contrasts import NOT_RUN, registered
from recurbench.reports.statistics.registered_rule import ERROR, LAST, Counted, Difference
from recurbench.reports.statistics.registered_standings import Standing, Standings, held
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.numbers import number, seconds, signed
from recurbench.reports.text.translation import Messages
from recurbench.results import RUNS, Run

RIVALS = ("full", "window")
# The headings in their order, by the verdict that earns each.
HEADINGS: Mapping[ContrastVerdict, str] = {
    ContrastVerdict.RECURRENCE_HELPS: "helped",
    ContrastVerdict.MEMORY_HELPS: "memory",
    ContrastVerdict.NOT_NEEDED: "needless",
    ContrastVerdict.NO_DIFFERENCE: "equal",
    ContrastVerdict.RECURRENCE_HURTS: "lost",
    ContrastVerdict.NEITHER_LEARNED: "neither",
    ContrastVerdict.UNDECIDED: "open",
}
ORDER = ("only", *HEADINGS.values())


@dataclass(frozen=True)
class Line:
    """One contrast in words.

    label: short name of the problem; task: what it asks. finding: what was seen; detail: budget, cost and
    prediction; theory: "" if it says nothing.
    """

    problem: str
    label: str
    task: str
    finding: str
    detail: str
    theory: str

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.task}: {self.finding} ({self.detail}) {self.theory}".rstrip()


@dataclass(frozen=True)
class Group:
    """The contrasts under one heading."""

    heading: str
    lines: tuple[Line, ...]

    @property
    def labels(self) -> str:
        """The short names of its problems."""
        return "; ".join(line.label for line in self.lines)


@dataclass(frozen=True)
class RegisteredAnswer:
    """The first screen. counts: what no verdict stands behind. unrun: contrasts not run yet, "" if none."""

    head: tuple[str, ...]
    groups: tuple[Group, ...]
    counts: tuple[str, ...]
    unrun: str

    @property
    def short(self) -> tuple[str, ...]:
        """A sentence for each heading: its problems."""
        return tuple(f"{group.heading}: {group.labels}." for group in self.groups)

    @property
    def flat(self) -> tuple[str, ...]:
        """Every sentence, in one list."""
        lines = (f"{group.heading}: {line.text}" for group in self.groups for line in group.lines)
        return (*self.head, *lines, *self.counts, *filter(None, [self.unrun]))


@dataclass(frozen=True)
class Budget:
    """What most contrasts of a run may spend."""

    steps: int
    parameters: int

    @classmethod
    def usual(cls, found: Sequence[Standings]) -> Budget:
        """That of the most contrasts."""
        each = [(one.judged.contrast.steps, one.judged.contrast.parameters) for one in found]
        return cls(*Counter(each).most_common(1)[0][0])


@lru_cache(maxsize=RUNS)
def contrasts_in(run: Run) -> tuple[Standings, ...]:
    """The registered contrasts that a run holds judged samples of."""
    return held(registered(run)) if len(run.cells) else ()


def registered_answer(run: Run, say: Messages) -> RegisteredAnswer | None:
    """The answer of a run; None where it holds no judged sample of a registered contrast."""
    found = contrasts_in(run)
    if not found:
        return None
    unrun = [
        say.of(each.contrast.label or each.contrast.problem)
        for each in registered(run)
        if each.refused == NOT_RUN
    ]
    budget = Budget.usual(found)
    usual = {"steps": f"{budget.steps:,}", "parameters": f"{budget.parameters:,}"}
    return RegisteredAnswer(
        (headline(found, say), say("registered.scope", error=f"{100 * ERROR:.0f} %", **usual)),
        groups(found, budget, say),
        counts(found, say),
        say("registered.not_run", problems=", ".join(unrun)) if unrun else "",
    )


def headline(found: Sequence[Standings], say: Messages) -> str:
    """How many contrasts there are, and how the predictions fared."""
    fresh = [each.hit for each in found if not each.judged.contrast.known_before]
    hits, misses, open_ = (fresh.count(came) for came in (True, False, None))
    return say(
        "registered.headline",
        n=len(found),
        of=len(fresh),
        hits=hits,
        misses=misses,
        open=open_,
    )


def groups(found: Sequence[Standings], budget: Budget, say: Messages) -> tuple[Group, ...]:
    """The contrasts by heading."""
    by_heading: dict[str, list[Line]] = {name: [] for name in ORDER}
    for each in found:
        by_heading[heading_of(each)].append(line(each, budget, say))
    return tuple(
        Group(say(f"registered.{name}"), tuple(lines)) for name, lines in by_heading.items() if lines
    )


def heading_of(each: Standings) -> str:
    """The heading of a contrast: by its verdict, and "only" where it helps and no rival solved any fit."""
    heading = HEADINGS[each.verdict]
    return (
        "only" if heading == "helped" and each.all_or_nothing and not _solved(each.of(*RIVALS)) else heading
    )


def line(each: Standings, budget: Budget, say: Messages) -> Line:
    """One contrast in words; its budget where it is not the usual one."""
    contrast = each.judged.contrast
    theory = say("registered.theory", text=say.of(contrast.theory)) if contrast.theory else ""
    return Line(
        contrast.problem,
        say.of(contrast.label or contrast.problem),
        say.of(contrast.task or contrast.problem),
        " ".join(_findings(each, say)),
        "; ".join([_budget(each, budget, say), *_cost(each, say), prediction(each, say)]),
        theory,
    )


def names_of(each: Standings, say: Messages) -> Mapping[str, str]:
    """By address what methods are called: their plain name, and what tells two of one name apart."""
    usual = [one.address for one in each.methods if not one.twice]
    names = {address: _bracketed(name) for address, name in method_names(usual, say).items()}
    plain = {address: split_address(address)[0] for address in usual}
    names |= {a: p for a, p in plain.items() if list(plain.values()).count(p) == 1}
    contrast = each.judged.contrast
    rates = each.judged.frozen.rates
    for methods in rates.values():
        for name, rate in methods.items():
            longer = contrast.twice(name)
            if longer != name and longer in methods:
                base = names[contrast.address(name, rate)]
                names[contrast.address(longer, methods[longer])] = _with(base, say("registered.twice"))
    return {**{one.address: one.address for one in each.methods}, **names}


def _with(name: str, more: str) -> str:
    return f"{name[:-1]}, {more})" if name.endswith(")") else f"{name} ({more})"


def _bracketed(name: str) -> str:
    """`transformer (positions none)` for `transformer, positions none`."""
    head, comma, rest = name.partition(", ")
    return f"{head} ({rest})" if comma else name


def bounds(counted: Counted) -> str:
    """`74-100%`: the exact 95 % bounds of a share of solved fits."""
    return f"{100 * counted.low:.0f}\N{EN DASH}{100 * counted.high:.0f}%"


def with_bounds(gap: Difference) -> str:
    """`+0.004 [-0.001, +0.009]`."""
    return f"{signed(gap.mean)} [{signed(gap.low)}, {signed(gap.high)}]"


def prediction(each: Standings, say: Messages) -> str:
    """Whether the verdict was predicted, and whether its outcome was known before."""
    verdict = say.verdict(each.predicted)
    key = {True: "as_predicted", False: "not_predicted", None: "predicted_open"}[each.hit]
    text = say(f"registered.{key}", verdict=verdict)
    known = each.judged.contrast.known_before
    return say("registered.known", prediction=text) if known else text


def counts(found: Sequence[Standings], say: Messages) -> tuple[str, ...]:
    """Solved fits that no verdict speaks of: of every method if open, else of the recurrent ones.

    Where all of them are solved, or none is, the line of the contrast says it already.
    """
    lines = []
    for each in found:
        open_ = each.verdict == ContrastVerdict.UNDECIDED
        shown = each.of("recurrent", *RIVALS) if open_ else each.of("recurrent")
        fits = sum(one.counted.n for one in shown if one.counted)
        if each.all_or_nothing and 0 < _solved(shown) < fits:
            lines.append(_counted(each, shown, open_, say))
    return tuple(lines)


def _counted(each: Standings, shown: Sequence[Standing], open_: bool, say: Messages) -> str:
    names = names_of(each, say)
    every: dict[str, list[str]] = {"all_fits": [], "some_fits": [], "no_fits": []}
    for one in shown:
        if one.counted is None:
            continue
        solved, n = one.counted.solved, one.counted.n
        name = names[one.address]
        if 0 < solved < n:
            every["some_fits"].append(f"{name} {solved}/{n}")
        else:
            every["all_fits" if solved else "no_fits"].append(name)
    parts = [
        say(f"registered.{key}", names=", ".join(listed), n=each.replicates)
        for key, listed in every.items()
        if listed
    ]
    contrast = each.judged.contrast
    key = "registered.counted_open" if open_ else "registered.counted"
    return say(key, problem=say.of(contrast.label or contrast.problem), counts="; ".join(parts))


def _findings(each: Standings, say: Messages) -> list[str]:
    """What was seen, one sentence each."""
    if not each.replicates:
        return [say("registered.refused", reasons=say.reasons(each.refused))]
    solved = each.all_or_nothing
    sides = {group: _side(each, group, say) for group in ("recurrent", *RIVALS)}
    key = f"finding_{'solved' if solved else 'skill'}{'_window' if sides['window'] else ''}"
    found = [say(f"registered.{key}", **sides)]
    if solved and heading_of(each) == "only":
        found.append(_rivals(each, say))
    elif solved:
        found += filter(None, (_more(each, "full", RIVALS, say), _more(each, "recurrent", (), say)))
    elif each.lift:
        ratio = f"; {say('registered.ratio', ratio=f'{each.error_ratio:.1f}')}" if each.error_ratio else ""
        found.append(say("registered.gap", gap=with_bounds(each.lift) + ratio))
        if each.context:
            found.append(say("registered.gap_window", gap=with_bounds(each.context)))
    if each.refused:
        found.append(say("registered.refused", reasons=say.reasons(each.refused)))
    elif each.verdict == ContrastVerdict.UNDECIDED and each.replicates < LAST:
        found.append(say("registered.unfinished", n=each.replicates, last=LAST))
    if each.failure_possible is not None:
        key = "failure" if solved else "failure_unseen"
        rate = f"{100 * each.failure_possible:.0f} %"
        found.append(say(f"registered.{key}", rate=rate, methods=_able(each, say)))
    return found


def _side(each: Standings, group: str, say: Messages) -> str:
    one = each.best(group)
    if one is None:
        return ""
    name = names_of(each, say)[one.address]
    if one.counted is None:
        return say("registered.side_none", method=name)
    if not each.all_or_nothing:
        return say("registered.side_skill", method=name, skill=number(one.skill))
    key = "side_first" if group == "recurrent" else "side_solved"
    seen = {"solved": one.counted.solved, "n": one.counted.n, "bounds": bounds(one.counted)}
    return say(f"registered.{key}", method=name, **seen)


def _able(each: Standings, say: Messages) -> str:
    """The best methods that a word of absence rests on."""
    names = names_of(each, say)
    groups = ("recurrent", *RIVALS) if each.verdict == ContrastVerdict.NO_DIFFERENCE else ("full",)
    return ", ".join(names[one.address] for group in groups if (one := each.best(group)))


def _more(each: Standings, group: str, others: Sequence[str], say: Messages) -> str:
    """The method that solved more than the best on pilots did; "" where none did."""
    best = each.best(group)
    known = [one for one in each.of(group, *others) if one.counted]
    if best is None or best.counted is None:
        return ""
    most = max(known, key=lambda one: one.counted.solved if one.counted else 0)
    if most.counted is None or most.counted.solved <= best.counted.solved:
        return ""
    name = names_of(each, say)[most.address]
    return say(f"registered.more_{group}", method=name, solved=most.counted.solved, n=most.counted.n)


def _rivals(each: Standings, say: Messages) -> str:
    rivals = each.of(*RIVALS)
    fits = sum(one.counted.n for one in rivals if one.counted)
    more = "_twice" if any(one.twice for one in rivals) else ""
    return say(f"registered.rivals_none{more}", n=len(rivals), fits=fits)


def _solved(methods: Sequence[Standing]) -> int:
    return sum(one.counted.solved for one in methods if one.counted)


def _budget(each: Standings, usual: Budget, say: Messages) -> str:
    contrast = each.judged.contrast
    if Budget(contrast.steps, contrast.parameters) == usual:
        return say("registered.budget", n=each.replicates)
    values = {"steps": f"{contrast.steps:,}", "parameters": f"{contrast.parameters:,}"}
    return say("registered.budget_own", n=each.replicates, **values)


def _cost(each: Standings, say: Messages) -> list[str]:
    names = names_of(each, say)
    best = [one for group in ("recurrent", "full") if (one := each.best(group)) and one.seconds is not None]
    costs = [
        say("registered.cost_of", method=names[one.address], seconds=seconds(one.seconds or 0))
        for one in best
    ]
    return [say("registered.cost", costs=", ".join(costs))] if costs else []
