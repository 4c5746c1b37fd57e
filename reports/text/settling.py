"""What would settle a question that a run leaves open, as a command that can be typed."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from recurbench.address import joined, split_address
from recurbench.reports.statistics.constants import LEAST_UNITS
from recurbench.reports.statistics.decision import SIDES, Decision
from recurbench.reports.statistics.lift import PRACTICAL, Lift, prepared
from recurbench.reports.statistics.long_run import Origins
from recurbench.reports.statistics.more_seeds import SEEDS as SEEDS_TRIED
from recurbench.reports.statistics.more_seeds import TIMES, Needed, larger_test
from recurbench.reports.statistics.origin_layout import layout_of
from recurbench.reports.statistics.outcomes import LiftVerdict, ReasonCode
from recurbench.reports.text.repeat import LONGEST, command_of
from recurbench.results import Run

DECIDED = frozenset({LiftVerdict.AHEAD, LiftVerdict.BEHIND, LiftVerdict.NO_DIFFERENCE})
RECURRENT = "gru"  # the recurrent network to add to a run without one
CLASSICAL = {
    "forecasting": "theta",
    "classification": "time-domain-forest",
    "regression": "time-domain-forest",
}
SEEDS, TRIALS = 5, 10

WORSE = ReasonCode.WORSE_THAN_REFERENCE

FEW = {
    ReasonCode.FEW_TEST_SERIES: "more_series",
    ReasonCode.FEW_TEST_CASES: "more_cases",
    ReasonCode.FEW_TEST_GROUPS: "more_groups",
}


# Reasons that name a setting; the first one that is given is taken.
SETTINGS = {
    ReasonCode.MORE_ORIGINS: "more_origins",
    ReasonCode.SHORTER_HORIZON: "shorter_horizon",
    ReasonCode.MORE_ORIGINS_AND_ROWS: "more_rows",
}


@dataclass(frozen=True)
class Remedy:
    """What to do. key: its message; values: of that message, besides the command; command: a line to type."""

    key: str
    command: str
    values: Mapping[str, Any]


def remedy(run: Run, found: Decision) -> Remedy | None:
    """What would settle whether recurrence pays, else whether networks do; None where both are settled."""
    command = command_of(run, found.problem)
    if run.missing:
        return Remedy("again", command, {})
    if not _has(run, found.problem, learned=True):
        return Remedy("add_recurrent", _with_method(command, RECURRENT), {"method": RECURRENT})
    if found.fell_back(found.lift.recurrent):
        return _again("more_trials", command, "--trials", TRIALS)
    for lift in (found.lift, found.sides):
        if lift.verdict not in DECIDED:
            return _of_lift(run, found, lift, command)
    return None


def _has(run: Run, problem: str, learned: bool) -> bool:
    cells = run.cells[run.cells["problem"] == problem]
    return bool(((cells["recurrence"] == "learned") == learned).any())


def _of_lift(run: Run, found: Decision, lift: Lift, command: str) -> Remedy | None:
    """By the reason of the verdict."""
    codes = {each.code: each.values for each in lift.reasons}
    if lift.verdict is LiftVerdict.NOT_TRAINED:
        names = list(codes.get(ReasonCode.UNTRAINED_METHODS, {}).get("methods", ()))
        return Remedy("longer", _longer(run, found.problem, names, command), {})
    if lift.verdict is LiftVerdict.NOT_COMPARED:
        method = CLASSICAL.get(found.kind)
        return Remedy("add_other", _with_method(command, method), {"method": method}) if method else None
    if lift.verdict is LiftVerdict.NOTHING_CHOSEN:
        return _fewer_origins(run, found.problem, command)
    if WORSE in codes:
        return _again("more_trials", command, "--trials", TRIALS)
    if lift.verdict in (LiftVerdict.TOO_FEW_SEEDS, LiftVerdict.UNDECIDED):
        return _again("more_seeds", command, "--seeds", _seeds(run, found.problem))
    for code, key in FEW.items():
        if code in codes:
            values = {"n": codes[code]["n"], "needed": codes[code]["needed"]}
            return Remedy(key, command, values)
    return _of_setting(codes, command) or _larger(run, found, lift, command)


def _again(key: str, command: str, option: str, value: int) -> Remedy:
    """The command with another value of an option; the option alone if the command is too long to read."""
    changed = _with(command, option, str(value))
    if len(changed) <= LONGEST:
        return Remedy(key, changed, {})
    return Remedy(f"{key}_again", changed, {"option": f"{option} {value}"})


def _of_setting(codes: Mapping[str, Mapping[str, Any]], command: str) -> Remedy | None:
    """The command with the setting that a reason names; None where none does."""
    for code, key in SETTINGS.items():
        if code in codes:
            name, value = str(codes[code]["setting"]).replace("=", " ", 1).split(" ")
            if code == ReasonCode.SHORTER_HORIZON:
                # The origins follow from the horizon.
                command = _without(_without(command, "--origins"), "--step")
            rows = next((values["rows"] for values in codes.values() if "rows" in values), None)
            return Remedy(key, _with(command, f"--{name.lstrip('-')}", value), {"rows": rows})
    return None


def _larger(run: Run, found: Decision, lift: Lift, command: str) -> Remedy:
    """A test set that gives a verdict, with more seeds if it takes them; if skills and errors stay as now."""
    draws = prepared(run, found.problem, SIDES if lift is found.sides else PRACTICAL).draws
    need = larger_test(draws) if draws else Needed(0, 2)
    if math.isinf(need.times):
        return Remedy("at_the_margin", command, {"seeds": SEEDS_TRIED[-1], "times": TIMES[-1]})
    if need.seeds:
        command = _with(command, "--seeds", str(need.seeds))
    times = max(2.0, need.times)
    facts = _facts(run, found.problem)
    names = list(facts["series"])
    layout = layout_of(facts)
    if layout is not None:
        wanted = replace(layout.origins, count=math.ceil(layout.origins.count * times))
        return _longer_test(facts, wanted, command)
    key = "more_series" if found.kind == "forecasting" else "more_groups"
    if found.kind != "forecasting" and len(set(names)) == len(names):
        key = "more_cases"
    units = len(set(names))
    return Remedy(key, command, {"n": units, "needed": max(LEAST_UNITS, math.ceil(units * times))})


def _longer_test(facts: Mapping[str, Any], wanted: Origins, command: str) -> Remedy:
    """The command for so many origins, and the rows that they need where the file has less."""
    held = facts.get("validation", {})
    rows = wanted.span + int(held.get("enough", 0))
    changed = _with(command, "--origins", str(wanted.count))
    if int(held.get("rows", 0)) >= rows:
        return Remedy("more_origins", changed, {})
    return Remedy("more_rows", changed, {"rows": rows})


def _fewer_origins(run: Run, problem: str, command: str) -> Remedy | None:
    """As many test origins as leave enough rows for a validation part; None where even one leaves too few."""
    facts, layout = _facts(run, problem), layout_of(_facts(run, problem))
    held = facts.get("validation", {})
    if not {"rows", "enough"} <= held.keys() or layout is None:
        return None
    room = int(held["rows"]) - int(held["enough"]) - layout.origins.horizon
    origins = room // layout.origins.step + 1
    return Remedy("fewer_origins", _with(command, "--origins", str(origins)), {}) if origins > 0 else None


def _longer(run: Run, problem: str, names: Sequence[str], command: str) -> str:
    """The command with twice the steps for the networks named that did not train."""
    final = run.final[run.final["problem"] == problem]
    for address in map(str, final["address"].unique()):
        plain, settings = split_address(address)
        if address not in names and plain not in names:
            continue
        own = final[final["address"] == address]["notes"]
        done = max((int(notes.get("steps") or 0) for notes in own), default=0)
        steps = 2 * max(done, int(settings.get("max_steps") or 0), 200)
        command = _with_method(command, joined(plain, {**settings, "max_steps": steps}), address)
    return command


def _seeds(run: Run, problem: str) -> int:
    seeds = run.final[run.final["problem"] == problem]["seed"].dropna().nunique()
    return max(SEEDS, 2 * int(seeds))


def _facts(run: Run, problem: str) -> Mapping[str, Any]:
    return next(iter(run.draws(problem).values()))


def _with(command: str, option: str, value: str) -> str:
    """The command with another value of an option, which is added where it has none.

    Without --data, an option of the data is a setting in the address of the data set.
    """
    words = shlex.split(command)
    if option == "--origins" and "--data" not in words and "--datasets" in words:
        place = words.index("--datasets") + 1
        name, settings = split_address(words[place])
        words[place] = joined(name, {**settings, "origins": int(value)})
    elif option in words:
        words[words.index(option) + 1] = value
    else:
        words += [option, value]
    return shlex.join(words)


def _without(command: str, option: str) -> str:
    """The command without an option and its value."""
    words = shlex.split(command)
    if option in words:
        place = words.index(option)
        del words[place : place + 2]
    return shlex.join(words)


def _with_method(command: str, address: str, instead: str = "") -> str:
    """The command with one more method, or with a method in place of another."""
    words = shlex.split(command)
    if "--methods" not in words:
        return shlex.join([*words, "--methods", address])
    place = words.index("--methods") + 1
    listed = f",{words[place]},"
    words[place] = (
        listed.replace(f",{instead},", f",{address},", 1) if instead else f"{listed}{address},"
    ).strip(",")
    return shlex.join(words)
