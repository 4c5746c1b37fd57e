"""Run files with scores made up for a test: real SQLite files, no training."""

from pathlib import Path

import numpy as np
from recurbench.packing import pack_units
from recurbench.record import Record, RunFile

FACTS = {
    "source": "generated: made up",
    "licence": "none",
    "protocol": "none",
    "version": "1",
    "reference": "most-common",
    "metric": "accuracy",
    "higher_is_better": True,
    "selectors": ["log_loss", "accuracy"],
    "constant": None,
    "memoryless": None,
    "best": None,
    "role": "",
    "kind": "classification",
    "n_train": 50,
    "n_test": 40,
    "series": [str(i) for i in range(40)],
}
FAMILIES = {
    "most-common": ("baseline", "none"),
    "seasonal-naive": ("baseline", "none"),
    "theta": ("statistical", "linear"),
    "dtw-1nn": ("neighbours", "none"),
    "euclidean-1nn": ("neighbours", "none"),
    "mlp": ("feedforward", "none"),
    "rnn": ("recurrent", "learned"),
    "lstm": ("recurrent", "learned"),
    "gru": ("recurrent", "learned"),
    "mingru": ("recurrent", "learned"),
    "esn": ("recurrent", "learned"),
    "linear-filter": ("feedforward", "none"),
    "time-domain-forest": ("features", "none"),
    "fourier-forest": ("features", "none"),
    "window-mlp": ("feedforward", "none"),
    "cnn": ("convolutional", "none"),
    "tcn": ("convolutional", "none"),
    "transformer": ("attention", "none"),
}

ABLATIONS = ("state-cut", "reset", "shuffled")


class MadeUp:
    """A run directory that is filled cell by cell."""

    def __init__(self, folder: Path, **facts):
        self.folder = folder
        self.facts = {**FACTS, **facts}
        self.records = []
        self.draws = {}
        self.own = {}

    def about(self, problem, **facts):
        """What else than the rest's facts is true of a problem."""
        self.own[problem] = facts
        return self

    def cell(
        self,
        method,
        units,
        *,
        validation=None,
        problem="made-up",
        seed=None,
        data_seed=None,
        learned=None,
        **changes,
    ):
        """A final cell with one score per test example, and its inner cell with the `validation` scores.

        method: an address. learned: what the inner cell's notes say of it.
        """
        metric = self.facts["metric"]
        values = np.asarray(units, dtype=float)
        plain = method.partition("[")[0]
        twin = next((f"-{cut}" for cut in ABLATIONS if plain.endswith(f"-{cut}")), "")
        family, recurrence = FAMILIES[plain.removesuffix(twin)]
        name = f"{problem}/{data_seed}/{method}/{seed}"
        common = {
            "job": name,
            "problem_key": f"{problem}/{data_seed}",
            "dataset": problem,
            "problem": problem,
            "dials": {},
            "kind": self.facts["kind"],
            "method": plain,
            "address": method,
            "family": family,
            "recurrence": recurrence,
            "role": "ablation" if twin else "control" if plain == "window-mlp" else "contender",
            "settings": {},
            "seed": seed,
            "data_seed": data_seed,
            "cut": 0,
            "metric": metric,
        }
        # What is true of the problem is true of its inner cells as well.
        common.update({name: changes[name] for name in ("dataset", "dials") if name in changes})
        score = float(values.mean()) if len(values) else None
        final = {
            "score": score,
            "scores": {metric: score},
            "units": pack_units({metric: values}, {metric: np.ones(len(values))}),
        }
        self.records.append(Record(key=name, stage="final", **{**common, **final, **changes}))
        if validation:
            notes = {} if learned is None else {"learned": learned}
            inner = Record(key=f"{name}/inner", stage="inner", **common, scores=validation, notes=notes)
            self.records.append(inner)
        self.draws[problem, data_seed] = b""
        return self

    def write(self, *, missing=0, exact=None):
        """Write the run file; `exact` are the exact best's scores per example; returns the folder.

        missing: jobs of rnn that were asked for and never run.
        """
        file = RunFile(self.folder / "results.sqlite")
        file.write(self.records)
        jobs = dict.fromkeys((record.job, record.problem, record.address) for record in self.records)
        problem = self.records[0].problem if self.records else ""
        file.ask("made up", [*jobs, *((f"missing {i}", problem, "rnn") for i in range(missing))])
        metric = self.facts["metric"]
        units = b"" if exact is None else pack_units({metric: exact}, {metric: np.ones(len(exact))})
        for problem, seed in self.draws:
            file.write_problem(f"{problem}/{seed}", {**self.facts, **self.own.get(problem, {})}, units)
        file.close()
        return self.folder


def right(count, of=40):
    """Per-example accuracy: the first `count` of `of` examples right."""
    return np.arange(of) < count
