"""Clauses on how a method behaves: repeatable, independent of other fits, no changes to process or disk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from recurbench import answers
from recurbench.contract.clauses import fitted
from recurbench.contract.subject import ContractError, NotTried, Seen, Subject, ask, equal
from recurbench.contract.toy_problems import Tiny, decoy
from recurbench.isolation import third_party
from recurbench.task import Array, Unsupported

SEEDS = (1, 2)  # compared with seed 0
TOGETHER, STEPS = (0, 1), (3, 5)  # seeds of one fit, and the number of training steps given for each
LONGEST_NOTES = 1_000_000  # characters; every row of a run stores them
MOST_PARAMETERS = 10**9  # of a method fitted on a dozen examples


def repeats(subject: Subject, tiny: Tiny) -> None:
    """Two fits with the same seed give exactly the same answers."""
    if equal(subject.ready(tiny.name).answers, subject.again(tiny.name).answers):
        return
    if _moved_by_globals(subject, tiny):
        raise NotTried("not tried: global random state decides the answers, see the check random-state")
    raise ContractError(
        "two fits on the same training with the same seed gave different answers, wanted the same ones "
        "exactly; take the argument `seed`, and draw only from generators made from it"
    )


def leaves_global_generators(subject: Subject, tiny: Tiny) -> None:
    """Global random generators change no answer, and the method draws nothing from them."""
    mend = (
        "take the argument `seed` and draw from a generator made from it: np.random.default_rng(seed), "
        "torch.Generator, random_state=seed"
    )
    _blame(subject.ready(tiny.name), "drew", "moved the global generator of", f"it left alone; {mend}")
    if _moved_by_globals(subject, tiny):
        raise ContractError(f"global random generators that start elsewhere changed the answers; {mend}")


def _moved_by_globals(subject: Subject, tiny: Tiny) -> bool:
    first, again = subject.ready(tiny.name).answers, subject.again(tiny.name).answers
    return not equal(first, again) and equal(first, subject.third(tiny.name).answers)


def uses_its_seed(subject: Subject, tiny: Tiny) -> None:
    """A method that takes `seed` reads it, and another seed changes an answer if the method is random.

    On a tiny problem the answers of a random method may agree. So a method that reads its seed and answers
    the same gets a remark and does not fail.
    """
    if "seed" not in subject.plugin.takes:
        return
    if not subject.reads("seed"):
        raise ContractError(
            "takes `seed` and never reads it, wanted every random draw made from it; make a generator from "
            "it, or leave the argument out, and the method runs once"
        )
    first = subject.ready(tiny.name).answers
    for seed in SEEDS:
        if not equal(first, subject.seeded(tiny, seed)):
            return
    raise Unsupported(
        f"answers the same for the seeds 0, {', '.join(map(str, SEEDS))} on a tiny problem; leave `seed` out "
        "if nothing in it is random, and the method runs once instead of once per seed"
    )


def trains_seeds_alike(subject: Subject, tiny: Tiny) -> None:
    """Seeds fitted together give the answers of separate fits, both with `check` and with `steps`."""
    takes = subject.plugin.takes
    if "seeds" not in takes:
        raise Unsupported("takes no `seeds`: one fit per seed")
    stages: list[dict[str, Sequence[int]]] = [{}]
    if "steps" in takes:
        stages.append({"steps": STEPS})
    for given in stages:
        together = subject.fits(tiny, TOGETHER, watched=not given, **given)
        for place, seed in enumerate(TOGETHER):
            alone = subject.seeded(tiny, seed, **{name: values[place] for name, values in given.items()})
            if not all(map(answers.same, ask(tiny.task, together[place], tiny.test), alone)):
                raise ContractError(
                    f"seed {seed} of seeds={TOGETHER} answered otherwise than seed={seed} alone, wanted the "
                    "same but for rounding, for no row may depend on who shared the fit; draw for each seed "
                    "from a generator of its own, or leave `seeds` out"
                )


def leaves_input(subject: Subject, tiny: Tiny) -> None:
    """Fitting and answering change no array that they are given."""
    before, fitted_, asked, answered = subject.ready(tiny.name).fingerprints
    for what, one, two in (("fitting", before, fitted_), ("answering", asked, answered)):
        if one != two:
            raise ContractError(
                f"{what} changed the arrays it was given, wanted them as they were; work on copies"
            )


def gives_away_answers(subject: Subject, tiny: Tiny) -> None:
    """Writing into an answer changes neither the next answer nor the data."""
    # The second fit: no other check uses its predictor.
    seen, split = subject.again(tiny.name), tiny.test.blind()
    if seen.predict is None:
        raise NotTried("not tried: a second fit gave no answers, see the check seed")
    given = ask(tiny.task, seen.predict, split)
    first = [np.array(answer) for answer in given]
    before = answers.fingerprint(seen.tiny.train, split)
    for answer in given:
        if answer.flags.writeable:
            _overwrite(answer)
    if answers.fingerprint(seen.tiny.train, split) != before:
        raise ContractError(
            "writing into an answer changed an array of train or of the question, wanted memory of its own; "
            "answer with .copy()"
        )
    if not all(map(answers.same, ask(tiny.task, seen.predict, tiny.test), first)):
        raise ContractError(
            "writing into an answer changed the next one, for both are the same memory; answer with .copy()"
        )


def _overwrite(answer: Array) -> None:
    answer[...] = 0 if answer.any() else 1


def keeps_no_state(subject: Subject, tiny: Tiny) -> None:
    """A predictor gives exactly the same answers again, also after other examples."""
    first, predict = subject.ready(tiny.name).answers, fitted(subject, tiny)
    ask(tiny.task, predict, tiny.watch)
    if not equal(first, ask(tiny.task, predict, tiny.test)):
        raise ContractError(
            "asked the same once more, the predictor gave other answers, wanted the same ones exactly; start "
            "each call from what was fitted and keep nothing from the call before"
        )


def forgets_earlier_fits(subject: Subject, tiny: Tiny) -> None:
    """A fit does not depend on earlier fits: after a new import of its package, the answers are the same.

    What a method keeps in modules outside its package, or on disk, is not found.
    """
    subject.ready(tiny.name)
    late = subject.late_imports()
    if late:
        raise ContractError(late)
    other = decoy(tiny)
    used, anew = ask(other.task, subject.fit(other), other.test), subject.anew(other)
    if equal(used, anew):
        return
    if not equal(anew, subject.anew(other)):
        raise NotTried("not tried: two fits give different answers, see the check seed")
    raise ContractError(
        "a fit gave other answers after fits on other data than in modules imported anew, wanted the same "
        "ones; keep what is learnt in the predictor, and nothing in a module or a class"
    )


def leaves_settings(subject: Subject, tiny: Tiny) -> None:
    """A fit does not change the settings that the method is given."""
    seen, plugin = subject.ready(tiny.name), subject.plugin
    for name, value in subject.given(seen.tiny).items():
        if name in plugin.settings and repr(seen.settings[name]) != repr(value):
            raise ContractError(
                f"the setting {name} was {value!r} and is {seen.settings[name]!r} after the fit, wanted it "
                "as it was, for the next cell gets the same object; work on a copy"
            )


def keeps_fit_notes(subject: Subject, tiny: Tiny) -> None:
    """Notes, if there are any, can be stored as JSON, are short, and hold plausible counts."""
    notes = getattr(fitted(subject, tiny), "notes", {})
    if not isinstance(notes, Mapping):
        raise ContractError(f"notes must be a dict, got {type(notes).__name__}")
    try:
        text = json.dumps(dict(notes), default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise ContractError(
            f"notes cannot be stored as JSON ({error}); use text, numbers, lists and dicts with text as keys"
        ) from error
    if len(text) > LONGEST_NOTES:
        raise ContractError(
            f"notes take {len(text):,} characters, at most {LONGEST_NOTES:,} fit into a row; note a summary"
        )
    _check_count(notes, "parameters", 0)
    if "steps" in subject.plugin.takes:
        _check_count(notes, "steps", 1)


def _check_count(notes: Mapping[str, Any], name: str, least: int) -> None:
    value = notes.get(name, least)
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not least <= value <= MOST_PARAMETERS:
        raise ContractError(
            f"the note {name} is {value!r}, wanted a whole number from {least} to {MOST_PARAMETERS:,}; "
            "convert with int()"
        )


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy, which a run file stores too."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"it holds a {type(value).__name__}")


def leaves_surroundings(subject: Subject, tiny: Tiny) -> None:
    """The settings that all code of a process shares are unchanged."""
    wanted = (
        "as before, for all code shares it; change it in a `with` block that brings it back, or not at all"
    )
    seen = subject.ready(tiny.name)
    if subject.importing.changed:
        changed = " and ".join(subject.importing.changed[:4])
        raise ContractError(f"importing its file changed {changed}, wanted {wanted}")
    _blame(seen, "changed", "changed", wanted)


def leaves_libraries(subject: Subject, tiny: Tiny) -> None:
    """No function, class or constant of a library, of Python or of recurbench is replaced."""
    wanted = (
        "all names as before, for every method uses them; wrap what you need in a function of your own, or "
        "subclass it"
    )
    subject.ready(tiny.name)
    for what, found in (
        ("importing its file", subject.importing.replaced),
        ("fitting or answering", subject.replaced()),
    ):
        if found:
            raise ContractError(f"{what} {third_party.listed(found)}, wanted {wanted}")


def prints_nothing(subject: Subject, tiny: Tiny) -> None:
    """Nothing is printed to standard output or standard error, which the runner uses."""
    _blame(
        subject.early(tiny.name),
        "printed",
        "printed",
        "nothing on stdout and stderr; put it into `notes`, and switch off what a library prints (verbose=0)",
    )


def writes_nothing(subject: Subject, tiny: Tiny) -> None:
    """Files are written in the temporary folder only."""
    _blame(
        subject.early(tiny.name),
        "wrote",
        "wrote or removed",
        "no file touched; keep it in memory, or use the module tempfile",
    )


def reaches_nobody(subject: Subject, tiny: Tiny) -> None:
    """No connection is opened."""
    _blame(
        subject.early(tiny.name),
        "reached",
        "reached for the network:",
        "no connection, for a run is offline and repeatable; ship what is needed with the package",
    )


def leaves_nothing_running(subject: Subject, tiny: Tiny) -> None:
    """Threads and child processes end before the call that started them returns."""
    _blame(
        subject.early(tiny.name),
        "left",
        "left running:",
        "all ended when the call ends; join or close it, a `with` block does",
    )


def _blame(seen: Seen, trace: str, did: str, wanted: str) -> None:
    """Raise the error for the first call with this side effect; `trace` is a field of Conduct."""
    for what, conduct in (("fitting", seen.fitting), ("answering", seen.answering)):
        found = getattr(conduct, trace)
        if found:
            words = repr(found.strip()[:80]) if isinstance(found, str) else " and ".join(found[:4])
            raise ContractError(f"{what} {did} {words}, wanted {wanted}")
