"""Registered contrasts in a made-up run: roles without a file, and a cell for every method and replicate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from made_up import MadeUp
from recurbench.contrasts import FIRST, Candidates, Registered, Registration, SecondaryContrast
from recurbench.registration import Frozen, FrozenPair
from recurbench.reports.statistics import registered_contrasts
from recurbench.reports.statistics.registered_contrasts import Roles

PARITY = Registered(
    "parity",
    "positive",
    "solved",
    "recurrence helps",
    "one bit of state",
    "a book",
    known_before=False,
    steps=40,
    patience=10,
    parameters=500,
    candidates=Candidates(("rnn", "lstm"), ("tcn", "transformer"), ("cnn",), ("tcn",)),
)
TWICE = PARITY.twice("tcn")
CHOSEN = Frozen(
    "parity",
    "solved",
    "recurrence helps",
    {
        "recurrent": {"rnn": 0.003, "lstm": 0.01},
        "full": {"tcn": 0.001, TWICE: 0.001, "transformer": 0.003},
        "window": {"cnn": 0.003},
        "twin": {"lstm-state-cut": 0.01},
    },
    best_recurrent="lstm",
    best_full="tcn",
    best_memory="lstm",
    best_window="cnn",
    twin="lstm-state-cut",
    twice=(TWICE,),
)
NAMES = tuple(name for methods in CHOSEN.rates.values() for name in methods)
ROLES = Roles.of(PARITY, CHOSEN)
SOLVED_BY_RECURRENCE = {"rnn": 1.0, "lstm": 1.0}


def filled(
    folder: Path,
    skills: Mapping[str, float | Sequence[float]],
    replicates: int,
    *,
    first: int = FIRST,
    contrast: Registered = PARITY,
    chosen: Frozen = CHOSEN,
    made: MadeUp | None = None,
    **facts: Any,
) -> MadeUp:
    """A run of one contrast in which a score is a skill: by name of a method its skills, 0 where left out."""
    made = made or MadeUp(folder, **{"constant": 0.0, "best": 1.0, "selectors": ["accuracy"], **facts})
    roles = Roles.of(contrast, chosen)
    names = [name for methods in chosen.rates.values() for name in methods]
    for name, address in zip(names, roles.methods, strict=True):
        own = skills.get(name, 0.0)
        for i in range(replicates):
            skill = own if isinstance(own, int | float) else own[i]
            made.cell(
                address,
                [skill],
                problem=contrast.problem,
                seed=first + i,
                data_seed=first + i,
                cpu_seconds=2.0,
            )
    return made


def as_registered(
    monkeypatch: pytest.MonkeyPatch,
    contrast: Registered = PARITY,
    chosen: Frozen = CHOSEN,
    pairs: tuple[FrozenPair, ...] = (),
) -> None:
    """Let reports take this contrast and these roles for the only registered ones."""
    all_registered(monkeypatch, [(contrast, chosen)], pairs)


def all_registered(
    monkeypatch: pytest.MonkeyPatch,
    found: Sequence[tuple[Registered, Frozen]],
    pairs: tuple[FrozenPair, ...] = (),
) -> None:
    """Let reports take these contrasts and roles for the registered ones."""
    asked = tuple(SecondaryContrast(each.name, (each.problem,), (each.one,), (each.other,)) for each in pairs)
    plan = Registration((0.001,), 1, tuple(contrast for contrast, _ in found), asked)
    monkeypatch.setattr(registered_contrasts, "registration", lambda: plan)
    monkeypatch.setattr(registered_contrasts, "agreed", lambda: tuple(found))
    monkeypatch.setattr(registered_contrasts, "frozen_pairs", lambda: pairs)
