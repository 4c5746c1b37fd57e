"""One small real run with a problem of every kind, for the tests of what is drawn of single cases."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from recurbench import api
from recurbench.reports.statistics.case_studies import Exhibit, exhibits
from recurbench.results import Run, read_run

METHODS = (
    "most-common",
    "mean",
    "seasonal-naive",
    "theta",
    "gaussian-ar",
    "hmm[rounds=2,states=2]",
    "markov",
    "linear-filter",
    "time-domain-ridge",
    "euclidean-1nn",
    "dtw-1nn",
    "edit-1nn",
)
PROBLEMS = {
    "co2": "co2[quantiles=True]",
    "filter": "hmm-filter[length=60,n_train=20,n_valid=5,n_test=6]",
    "parity": "parity[test_length=60,n_train=20,n_valid=5,n_test=5]",
    "lorenz": "lorenz[length=60,n_train=8,n_valid=4,n_test=4]",
    "trajectory": "trajectory[steps=30,n_train=30,n_valid=5,n_test=5]",
    "digits": "sequential-digits[n_train=60]",
    "order": "temporal-order[n_train=60,n_valid=10,n_test=20]",
    "adding": "adding[n_train=50]",
    "reversal": "reversal[n_train=50,n_valid=10,n_test=10]",
    "caption": "digit-caption",
    "gunpoint": "gunpoint",
    "tags": "date-tags[n_train=60,n_valid=10,n_test=10]",
}
_kept: list[tempfile.TemporaryDirectory[str]] = []


@cache
def folder() -> Path:
    """The directory of the run, which is made once."""
    _kept.append(tempfile.TemporaryDirectory())
    out = Path(_kept[-1].name)
    api.run(methods=METHODS, datasets=tuple(PROBLEMS.values()), seeds=1, out=out, jobs=0)
    return out


@cache
def run() -> Run:
    """The run as reports read it."""
    return read_run(folder())


@cache
def shown() -> dict[str, Exhibit]:
    """What is shown of every problem, by the short names above."""
    by_problem = {one.problem.partition("[")[0]: one for one in exhibits(run())}
    return {short: by_problem[address.partition("[")[0]] for short, address in PROBLEMS.items()}
