"""The answer of a run of the registered contrasts: groups by verdict, and a line for every contrast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from recurbench.address import split_address
from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.statistics.registered_contrasts import registered
from recurbench.reports.statistics.registered_rule import Counted, Difference
from recurbench.reports.statistics.registered_standings import Standing, Standings, held
from recurbench.reports.text import registered_head
from recurbench.reports.text.method_names import method_names
from recurbench.reports.text.numbers import number, seconds, signed, two_digits
from recurbench.reports.text.registered_head import Budget
from recurbench.reports.text.registered_shown import failures, limits, shown
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
    """The first screen.

    notes: what the run does not hold. about: predictions, budget, error, how to read. counts: what no verdict
    stands behind. unrun: contrasts not run yet, "" if none.
    """

    notes: tuple[str, ...]
    about: tuple[str, ...]
    groups: tuple[Group, ...]
    counts: tuple[str, ...]
    unrun: str

    @property
    def head(self) -> tuple[str, ...]:
        """What stands before the lines of the contrasts."""
        return (*self.notes, *self.about)

    @property
    def short(self) -> tuple[str, ...]:
        """A sentence for each heading: its problems."""
        return tuple(f"{group.heading}: {group.labels}." for group in self.groups)

    @property
    def flat(self) -> tuple[str, ...]:
        """Every sentence in one list, in the order of the first screen."""
        lines = (f"{group.heading}: {line.text}" for group in self.groups for line in group.lines)
        return (*self.short, *self.head, *lines, *self.counts, *filter(None, [self.unrun]))


@lru_cache(maxsize=RUNS)
def contrasts_in(run: Run) -> tuple[Standings, ...]:
    """The registered contrasts that a run holds judged samples of."""
    return held(registered(run)) if len(run.cells) else ()


def registered_answer(run: Run, say: Messages) -> RegisteredAnswer | None:
    """The answer of a run; None where it holds no judged sample of a registered contrast."""
    found = contrasts_in(run)
    if not found:
        return None
    return RegisteredAnswer(
        registered_head.notes(run, say),
        registered_head.about(run, found, say),
        groups(found, Budget.usual(found), say),
        counts(found, say),
        registered_head.unrun(run, say),
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
    """The heading of a contrast: by its verdict; "only" where it helps and nothing else solved any fit."""
    heading = HEADINGS[each.verdict]
    if heading == "helped" and each.all_or_nothing and not _solved(each.of(*RIVALS, "twin")):
        return "only"
    return heading


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
    """Solved fits that no verdict speaks of: of every method if open, else of the recurrent networks.

    Where recurrence lost, the line of the contrast has them already.
    """
    lines = []
    for each in found:
        open_ = each.verdict == ContrastVerdict.UNDECIDED
        told = each.of("recurrent", *(RIVALS if open_ else ()))
        if each.all_or_nothing and _fits(told) and each.verdict != ContrastVerdict.RECURRENCE_HURTS:
            lines.append(_counted(each, told, open_, say))
    return tuple(lines)


def _counted(each: Standings, told: Sequence[Standing], open_: bool, say: Messages) -> str:
    names, contrast = names_of(each, say), each.judged.contrast
    listed = ", ".join(_of(names[one.address], one, say) for one in told if one.counted)
    key = "registered.counted_open" if open_ else "registered.counted"
    return say(key, problem=say.of(contrast.label or contrast.problem), counts=listed)


def _of(name: str, one: Standing, say: Messages) -> str:
    """`lstm 15 of 30`."""
    counted = one.counted
    return say("registered.of", method=name, solved=counted.solved, total=counted.n) if counted else name


def _findings(each: Standings, say: Messages) -> list[str]:
    """What was seen, one sentence each; then what it shows, and what limits it."""
    names = names_of(each, say)
    if not each.replicates:
        return limits(each, names, say)
    sides = {group: _side(each, group, say) for group in ("recurrent", *RIVALS)}
    key = f"finding_{'solved' if each.all_or_nothing else 'skill'}{'_window' if sides['window'] else ''}"
    seen = _counts_of(each, say) if each.all_or_nothing else _gaps(each, say)
    told = [*seen, _twin(each, say), shown(each, names, say), failures(each, names, say)]
    return [say(f"registered.{key}", **sides), *filter(None, told), *limits(each, names, say)]


def _counts_of(each: Standings, say: Messages) -> list[str]:
    """Of an all-or-nothing problem what others than the best methods solved."""
    heading = heading_of(each)
    if heading == "only":
        return [_rivals(each, say)]
    if heading == "lost":
        return [_every_recurrent(each, say)]
    if heading == "neither":
        sides = {group: each.of(group) for group in ("recurrent", "full")}
        solved = {f"{group}_solved": _solved(own) for group, own in sides.items()}
        fits = {f"{group}_fits": _fits(own) for group, own in sides.items()}
        return [say("registered.neither_fits", **solved, **fits)]
    return [_more(each, "full", RIVALS, say), _more(each, "recurrent", (), say)]


def _gaps(each: Standings, say: Messages) -> list[str]:
    """Of a graded problem the differences of mean skill."""
    names = names_of(each, say)
    recurrent, full, window = (
        names[one.address] if (one := each.best(group)) else "" for group in ("recurrent", *RIVALS)
    )
    told = []
    if each.lift:
        told.append(say("registered.gap", one=recurrent, other=full, gap=with_bounds(each.lift)))
    if each.error_ratio is not None:
        ratio = two_digits(each.error_ratio)
        told.append(say("registered.gap_ratio", one=recurrent, other=full, ratio=ratio))
    if each.context:
        roles = each.judged.roles
        memory = names[roles.methods[roles.at.best_memory]]
        told.append(say("registered.gap", one=memory, other=window, gap=with_bounds(each.context)))
    if heading_of(each) == "lost":
        told.append(_every_recurrent(each, say))
    if heading_of(each) == "neither":
        skills = [one.skill for one in each.of("recurrent", "full") if one.skill is not None]
        told.append(say("registered.neither_skill", skill=number(max(skills))))
    return told


def _twin(each: Standings, say: Messages) -> str:
    """What the best recurrent network did without its state, where that decides; else ""."""
    twin, best = each.best("twin"), each.best("recurrent")
    helps = each.verdict == ContrastVerdict.RECURRENCE_HELPS
    if twin is None or best is None or twin.counted is None:
        return ""
    if not helps and (each.verdict != ContrastVerdict.UNDECIDED or not twin.counted.solved):
        return ""
    name = names_of(each, say)[best.address]
    if not each.all_or_nothing:
        return say("registered.twin_skill", method=name, skill=number(twin.skill))
    return say("registered.twin", method=name, solved=twin.counted.solved, n=twin.counted.n)


def _every_recurrent(each: Standings, say: Messages) -> str:
    """Of each recurrent network the solved fits, or the mean skill; "" where there is only one."""
    names, every = names_of(each, say), each.of("recurrent")
    solved = each.all_or_nothing
    listed = [
        _of(names[one.address], one, say) if solved else f"{names[one.address]} {number(one.skill)}"
        for one in every
    ]
    key = "registered.every_solved" if solved else "registered.every_skill"
    return say(key, methods=", ".join(listed)) if len(every) > 1 else ""


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
    twice = sum(one.twice for one in rivals)
    key = f"registered.rivals_none{'_twice' if twice else ''}"
    return say(key, n=len(rivals) - twice, twice=twice, fits=_fits(rivals))


def _fits(methods: Sequence[Standing]) -> int:
    return sum(one.counted.n for one in methods if one.counted)


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
