"""What the verdict of a registered contrast has shown, and what limits it: sentences for its line."""

from __future__ import annotations

from collections.abc import Mapping

from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.statistics.registered_rule import LAST, LEAST, LOOKS, LOST, MARGIN, SOLVED, Outcome
from recurbench.reports.statistics.registered_standings import Standings
from recurbench.reports.text.translation import Messages

Names = Mapping[str, str]


def shown(each: Standings, names: Names, say: Messages) -> str:
    """What the tests of a verdict claim, which differs by the kind of problem; "" where undecided."""
    if each.verdict == ContrastVerdict.UNDECIDED:
        return ""
    kind = "solved" if each.all_or_nothing else "graded"
    return say(
        f"registered.shown_{each.verdict}_{kind}",
        **_best(each, names),
        margin=MARGIN,
        least=LEAST,
        rate=_rate(each),
    )


def failures(each: Standings, names: Names, say: Messages) -> str:
    """Beside absence on a graded problem: which share of fits may still fail; else "".

    On all-or-nothing problems `shown` says it.
    """
    ruling = each.judged.ruling
    if ruling is None or ruling.failure_possible is None or each.all_or_nothing:
        return ""
    if not ruling.both_rules:
        return say("registered.failure_unseen", rate=_rate(each))
    best = _best(each, names)
    groups = ("recurrent", "full", "window") if each.verdict == ContrastVerdict.NO_DIFFERENCE else ("full",)
    mixed = say("registered.mixed", solved=SOLVED, lost=LOST)
    able = ", ".join(best[group] for group in groups)
    return f"{mixed} {say('registered.failure_mixed', methods=able, rate=_rate(each))}"


def limits(each: Standings, names: Names, say: Messages) -> list[str]:
    """What keeps a contrast from a verdict or from "recurrence helps": failed fits, or too few replicates."""
    ruling, said = each.judged.ruling, []
    if each.judged.refused is not None:
        said.append(say("registered.refused", reasons=say.reasons(each.refused)))
    if each.failed:
        fits = ", ".join(_with_reason(names[address], address, each, say) for address in each.failed)
        said.append(say("registered.failed", methods=fits))
    if each.failed_twin:
        verdict = say.verdict(ContrastVerdict.RECURRENCE_HELPS)
        reason = _with_reason("", each.failed_twin, each, say)
        method = _best(each, names)["recurrent"]
        said.append(say("registered.failed_twin", method=method, reason=reason, verdict=verdict))
    if ruling and not each.failed and each.verdict == ContrastVerdict.UNDECIDED:
        said.append(say("registered.none_passed"))
        if ruling.both_rules:
            said.append(say("registered.mixed", solved=SOLVED, lost=LOST))
    if each.goes_on:
        first = LOOKS[Outcome(each.judged.frozen.outcome)][0][0]
        key = "unfinished" if each.replicates >= first else "too_few"
        said.append(say(f"registered.{key}", n=each.replicates, last=LAST, first=first))
    return said


def _with_reason(name: str, address: str, each: Standings, say: Messages) -> str:
    """`tcn (out of memory)`; without a name ` (out of memory)`; the name alone where no reason is known."""
    reason = each.judged.failed.get(address)
    return f"{name} ({say.reason(reason)})" if reason else name


def _best(each: Standings, names: Names) -> dict[str, str]:
    """By group the name of its best method; `memory`: the better of the first two on pilots."""
    best = {
        group: names[one.address]
        for group in ("recurrent", "full", "window")
        if (one := each.best(group)) is not None
    }
    roles = each.judged.roles
    return {"window": "", **best, "memory": names[roles.methods[roles.at.best_memory]]}


def _rate(each: Standings) -> str:
    possible = each.failure_possible
    return "" if possible is None else f"{100 * possible:.0f} %"
