"""Runs as pages show them, made up: whole, failed, small, unfinished, hostile and large."""

import functools
import html
import re
from pathlib import Path

import numpy as np
from made_up import MadeUp, right
from recurbench.reports.page.document import figures, page
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run

HOSTILE = '<script>document.title="owned"</script>'
REASON = "\"><img src=x onerror=alert(1)> 'quoted' & <b>bold</b>"
METHODS = ("most-common", "dtw-1nn", "fourier-forest", "mlp", "cnn", "transformer", "lstm", "gru")
RANDOM = METHODS[3:]


def whole(folder: Path, problems=("parity-like", "control"), methods=METHODS, seeds=3):
    """Every method on every problem, the recurrent ones ahead on the first problem."""
    made = MadeUp(folder)
    for place, problem in enumerate(problems):
        for rank, method in enumerate(methods):
            for seed in range(seeds) if method in RANDOM else (None,):
                ahead = 12 if place == 0 and method in ("lstm", "gru") else 0
                count = 20 + rank + ahead + (seed or 0) % 2
                made.cell(
                    method,
                    right(count),
                    validation={"log_loss": 1.0 - count / 50, "accuracy": count / 40},
                    problem=problem,
                    seed=seed,
                    cpu_seconds=0.5 + rank,
                    started=f"2026-11-24T12:00:{rank:02d}+00:00",
                    machine="a machine, 2 cores",
                    versions={"python": "3.11", "numpy": "2.3"},
                    settings={"hidden": 64} if method in RANDOM else {},
                    code="c0de" * 6,
                    dataset_code="da7a" * 6,
                    parameters=1000 if method in RANDOM else None,
                )
    return made


def failing(folder: Path):
    """A hostile name, a method that failed with markup in its reason, one that timed out, one refused."""
    made = whole(folder, problems=("parity-like", HOSTILE))
    for method, status in (("tcn", "failed"), ("rnn", "timeout"), ("esn", "unsupported")):
        made.cell(method, [], problem=HOSTILE, seed=0, status=status, reason=REASON)
    return made


def large(folder: Path, problems=20, settings=125, seeds=2):
    """20,000 rows: an inner and a final cell of every setting of two methods."""
    made = MadeUp(folder)
    rng = np.random.default_rng(7)
    for problem in range(problems):
        for seed in range(seeds):
            for k in range(settings):
                for method in ("mlp", "lstm"):
                    made.cell(
                        f"{method}[hidden={k}]",
                        rng.random(40) < 0.5 + 0.001 * k,
                        validation={"log_loss": float(rng.random())},
                        problem=f"problem-{problem}",
                        seed=seed,
                        cpu_seconds=1.0,
                    )
    return made


def text(folder: Path, language="en"):
    """The page of a run directory."""
    say = Messages(language)
    return page(read_run(folder), say, figures(folder / "report", say))


@functools.cache
def written(folder: Path, language="en"):
    """The page as a file in the run directory, made once: a run directory is not written to again."""
    path = folder / f"{language}.html"
    path.write_text(text(folder, language), encoding="utf-8")
    return path


def words_of(page):
    """All that a page says, shown or read aloud: its texts and the attributes that hold words."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    told = re.findall(r'\b(?:aria-label|alt|title|data-words|placeholder)="([^"]*)"', bare)
    whole = re.sub(r"</?(?:code|wbr|tspan)\b[^>]*>", "", bare)
    return "\n".join(html.unescape(part) for part in (re.sub(r"<[^>]*>", "\n", whole), *told))
