"""The tables of the registered contrasts, in words: the best methods, every method, secondary contrasts."""

from __future__ import annotations

from collections.abc import Sequence

from recurbench.reports.statistics.outcomes import ContrastVerdict
from recurbench.reports.statistics.registered_contrasts import Compared
from recurbench.reports.statistics.registered_rule import ERROR, SOLVED
from recurbench.reports.statistics.registered_standings import Standing, Standings
from recurbench.reports.text.numbers import number, seconds, two_digits
from recurbench.reports.text.registered_answer import bounds, names_of, prediction, with_bounds
from recurbench.reports.text.translation import Messages

BEST = ("problem", "recurrent", "full", "window", "gap", "verdict", "predicted", "cpu")
METHODS = ("problem", "method", "group", "fits", "skill", "seconds", "parameters")
SECONDARY = ("comparison", "problem", "one", "other", "gap", "verdict")


def header(names: Sequence[str], say: Messages) -> tuple[str, ...]:
    """BEST, METHODS or SECONDARY in words."""
    return tuple(say(f"registered.head_{name}") for name in names)


def best_row(each: Standings, say: Messages) -> tuple[str, ...]:
    """The row of a contrast under BEST."""
    return (
        label(each, say),
        *(side(each, group, say) for group in ("recurrent", "full", "window")),
        gap(each, say),
        say.verdict(each.verdict, each.refused),
        prediction(each, say),
        cpu(each),
    )


def label(each: Standings, say: Messages) -> str:
    """The short name of a problem."""
    return say.of(each.judged.contrast.label or each.judged.contrast.problem)


def side(each: Standings, group: str, say: Messages) -> str:
    """`lstm 12/12 [74-100%]`, on a graded problem `lstm 0.996`; "" where the group is empty."""
    one = each.best(group)
    if one is None:
        return ""
    value = fits(each, one, say) if each.all_or_nothing else skill(each, one, say)
    return f"{names_of(each, say)[one.address]} {value}".strip()


def fits(each: Standings, one: Standing, say: Messages) -> str:
    """`12/12 [74-100%]`: solved fits, and the exact bounds of their share; `11 of 12, 1 failed` without."""
    counted = one.counted
    if not each.replicates:
        return ""
    if counted is None or counted.n < each.replicates:
        return _fits(counted.solved if counted else 0, each.replicates, _failed(each, one), say)
    return f"{counted.solved}/{counted.n} [{bounds(counted)}]"


def skill(each: Standings, one: Standing, say: Messages) -> str:
    """`0.996`, the mean skill of the fits with a score; where others have none `0.996, 1 failed`."""
    return _skill(one.skill, _failed(each, one), say)


def gap(each: Standings, say: Messages) -> str:
    """What the best recurrent network has more than the best one without recurrence."""
    if not each.all_or_nothing:
        if each.lift is None:
            return ""
        ratio = each.error_ratio
        more = "" if ratio is None else f"; {say('registered.ratio', ratio=two_digits(ratio))}"
        return with_bounds(each.lift) + more
    one, other = each.best("recurrent"), each.best("full")
    if not one or not other or not one.counted or not other.counted:
        return ""
    return _more(one.counted.solved - other.counted.solved, each.replicates, say)


def cpu(each: Standings) -> str:
    """`1.9 / 45`: CPU seconds of a fit of the best network with recurrence and of the best one without."""
    best = [each.best(group) for group in ("recurrent", "full")]
    return " / ".join("" if one is None or one.seconds is None else seconds(one.seconds) for one in best)


def method_rows(each: Standings, say: Messages) -> list[tuple[str, ...]]:
    """Every method of a contrast under METHODS; the best of its group is marked."""
    names = names_of(each, say)
    rows: list[tuple[str, ...]] = []
    for one in each.methods:
        group = say(f"registered.group_{one.group}")
        rows.append(
            (
                label(each, say),
                names[one.address],
                say("registered.group_best", group=group) if one.best and one.group != "twin" else group,
                fits(each, one, say),
                skill(each, one, say),
                "" if one.seconds is None else seconds(one.seconds),
                "" if one.parameters is None else f"{one.parameters:,}",
            )
        )
    return rows


def secondary_rows(
    compared: Sequence[Compared], found: Sequence[Standings], say: Messages
) -> list[tuple[str, ...]]:
    """The secondary contrasts under SECONDARY."""
    by_problem = {each.judged.contrast.problem: each for each in found}
    rows: list[tuple[str, ...]] = []
    for pair in compared:
        each = by_problem[pair.problem]
        names = names_of(each, say)
        solved = each.all_or_nothing
        values = [
            _fits(count, pair.n, failed, say) if solved else _skill(mean, failed, say)
            for count, mean, failed in zip(pair.solved, pair.skills, pair.failed, strict=True)
        ]
        difference = with_bounds(pair.lift) if pair.lift else ""
        rows.append(
            (
                say.of(pair.name),
                label(each, say),
                f"{names[pair.one]} {values[0]}",
                f"{names[pair.other]} {values[1]}",
                _more(pair.solved[0] - pair.solved[1], pair.n, say) if solved else difference,
                _winner(pair, say),
            )
        )
    return rows


def notes(found: Sequence[Standings], say: Messages) -> tuple[str, ...]:
    """How to read the table of the best methods."""
    bars = {each.judged.ruling.bar for each in found if each.judged.ruling}
    error = f"{100 * ERROR:.0f} %"
    lines = [say("registered.note_fits", solved=SOLVED)]
    if any(each.error_ratio is not None for each in found):
        lines.append(say("registered.note_ratio", solved=SOLVED))
    for bar in bars:
        lines.append(say("registered.note_rule", bar=f"{bar:.2g}", error=error, n=round(ERROR / bar)))
    return tuple(lines)


def _failed(each: Standings, one: Standing) -> int:
    """The fits of a method that have no score."""
    return each.replicates - (one.counted.n if one.counted else 0)


def _fits(solved: int, n: int, failed: int, say: Messages) -> str:
    return say("registered.with_failed", solved=solved, n=n, failed=failed) if failed else f"{solved}/{n}"


def _skill(mean: float | None, failed: int, say: Messages) -> str:
    told = say("registered.cell_failed", n=failed) if failed else ""
    return ", ".join(filter(None, (number(mean), told)))


def _more(difference: int, n: int, say: Messages) -> str:
    return say("registered.of_fits", gap=f"{difference:+d}" if difference else "0", n=n)


def _winner(pair: Compared, say: Messages) -> str:
    winner = pair.test.winner
    if winner is None:
        return say.verdict(ContrastVerdict.UNDECIDED)
    return say("registered.first_ahead" if winner == "a" else "registered.second_ahead")
