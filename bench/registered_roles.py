"""Holds the frozen roles against the registration, so that what is judged is what was registered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from recurbench.contrasts import Registered, Registration, read, twin
from recurbench.packaged import beside
from recurbench.registration import Frozen, FrozenPair, read_frozen, read_pairs, registration_of

Agreed = tuple[tuple[Registered, Frozen], ...]
"""Every registered contrast with its frozen roles, in the order of frozen.toml."""


@lru_cache(maxsize=1)
def agreed() -> Agreed:
    """The contrasts of this release that can be judged; none while frozen.toml is empty.

    Raises ValueError if frozen.toml and registration.toml do not agree.
    """
    return read_agreed(beside("registration.toml"), beside("frozen.toml"))


def read_agreed(registered: Path, frozen: Path) -> Agreed:
    """The same for two files."""
    roles = read_frozen(frozen)
    if not roles:
        return ()
    _same(f"{frozen.name}: registration", registration_of(frozen), fingerprint(registered))
    return held_together(read(registered), roles, read_pairs(frozen))


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def held_together(plan: Registration, roles: Sequence[Frozen], pairs: Sequence[FrozenPair]) -> Agreed:
    """Each contrast with its roles; ValueError names the first field that differs from the registration.

    All contrasts must be frozen, with their predicted words, every candidate and the registered learning
    rates. A rival that was left out would make "recurrence helps" easier to reach.
    """
    by_problem = {each.problem: each for each in plan.contrasts}
    _same("frozen.toml: problems", _set(each.problem for each in roles), _set(by_problem))
    found = tuple((by_problem[chosen.problem], chosen) for chosen in roles)
    for contrast, chosen in found:
        _hold(contrast, chosen, plan.rates)
    wanted = {(each.name, problem): each for each in plan.secondary for problem in each.problems}
    seen = {(each.name, each.problem): each for each in pairs}
    _same("frozen.toml: secondary contrasts", _set(map(str, seen)), _set(map(str, wanted)))
    for place, pair in seen.items():
        for side, allowed in (("one", wanted[place].one), ("other", wanted[place].other)):
            _among(f"frozen.toml, {pair.name}, {pair.problem}: {side}", getattr(pair, side), allowed)
    return found


def _hold(contrast: Registered, chosen: Frozen, rates: Sequence[float]) -> None:
    where = f"frozen.toml, {contrast.problem}"
    lists = contrast.candidates
    doubled = contrast.doubled
    _same(f"{where}: predicted", chosen.predicted, contrast.predicted)
    # Pilots with both solved and lost fits of one method make a graded problem an all-or-nothing one.
    _among(f"{where}: outcome", chosen.outcome, (contrast.outcome, "solved"))
    _same(f"{where}: twice", _set(chosen.twice), _set(doubled.values()))
    for group, wanted in (
        ("recurrent", lists.recurrent),
        ("full", (*lists.full, *doubled.values())),
        ("window", lists.window),
    ):
        _same(f"{where}: {group}", _set(chosen.rates[group]), _set(wanted))
    _same(f"{where}: twin", chosen.twin, twin(chosen.best_recurrent))
    for methods in chosen.rates.values():
        for name, rate in methods.items():
            _among(f"{where}: the rate of {name}", str(rate), [str(each) for each in rates])
    for plain, again in doubled.items():
        _same(f"{where}: the rate of {again}", chosen.rates["full"][again], chosen.rates["full"][plain])


def _set(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _among(what: str, seen: str, allowed: Sequence[str]) -> None:
    if seen not in allowed:
        _same(what, seen, f"one of {', '.join(allowed)}")


def _same(what: str, seen: object, wanted: object) -> None:
    if seen != wanted:
        raise ValueError(
            f"{what} is {seen or 'missing'}, must be {wanted}, because frozen.toml must agree with "
            "registration.toml; take both files from one commit, or, if nothing was judged yet, write "
            "frozen.toml again with benchmarks/freeze.py"
        )
