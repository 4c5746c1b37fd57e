"""A classification or regression problem, proposed for a file or folder of labelled cases."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from recurbench.reading.case_columns import CLEAR, CaseColumns, choose_columns, looks_labelled
from recurbench.reading.case_files import find_parts, format_of
from recurbench.reading.case_parts import SHARE, CaseParts, as_asked, many_numbers, read_files, read_parts
from recurbench.reading.cases import Cases
from recurbench.reading.files import head
from recurbench.reading.proposal import OF_CASES, Fact, Options, Proposal, Remark
from recurbench.reading.table import listed, read_table
from recurbench.reading.wav_folder import choose_wav_columns, names_wavs

TASKS = {"classification": "own-classes", "regression": "own-values"}
SEED = 0
# Options that only a forecast has; with one of them a table is about series.
OF_SERIES = (
    *("target", "covariates", "ahead", "horizon", "origins", "step", "refit", "period", "frequency"),
    "series",
)


def holds_cases(path: Path, options: Options) -> bool:
    """Whether a file or folder is about labelled cases, not about series to forecast.

    Folders, .ts, .npz and .tsv files of the UCR archive are. A table is if a label, a group or a task was
    named, if its rows name wav files, or if it has a column with a clear name whose value does not change
    within the rows of a case.
    """
    if options.label or options.group or options.task is not None or options.rate is not None:
        return True
    of_series = bool(_of_series(options))
    if path.is_dir():
        return not of_series
    if not path.is_file():
        return False
    form = format_of(path)
    if form in ("ts", "npz"):
        return True
    if form == "tsv":  # rows of numbers between tabs, which are series if an option of series is given
        return not of_series
    if names_wavs(path, options.id):
        return True
    return not of_series and _may_be_labelled(path) and looks_labelled(read_table(path))


def _of_series(options: Options) -> list[str]:
    """The options for series that are given; `refit` counts only if it is set."""
    return [name for name in OF_SERIES if getattr(options, name) not in (None, False)]


def _may_be_labelled(path: Path) -> bool:
    """Whether the beginning of a file has the name of a label: files of series may be large."""
    start = head(path).lower()
    return any(name.encode() in start for name in CLEAR)


def propose_cases(path: Path, options: Options) -> Proposal:
    """Propose the problem of a file or folder, and say how each choice was made.

    Raises
    ------
    ValueError
        If the files cannot be used, or a choice must be made by the user.
    """
    wrong = [f"--{name}" for name in _of_series(options)]
    if wrong:
        raise ValueError(
            f"{path}: holds labelled cases, and {', '.join(wrong)} is for series; leave it out, or leave out "
            "--label, --group and --task to forecast series"
        )
    missing = options.missing or OF_CASES[0]
    if missing not in OF_CASES:
        raise ValueError(
            f"{path}: holds labelled cases, and missing is {missing!r}, which is for series; write one of "
            f"{', '.join(OF_CASES)}"
        )
    told = path.is_file() and format_of(path) == "table" and names_wavs(path, options.id)
    files = {"": path.parent} if told else find_parts(path)
    first = files.get("") or files["train"]
    columns, facts = _columns(first, options, path.name * told)
    read, _ = read_files({"": first}, columns)
    cases = read.get("") or read["train"]
    as_numbers, how = _task(cases, options)
    settings: dict[str, Any] = {
        # With its folder, so that the problem can be built from anywhere.
        "path": str(first.absolute()),
        **{part: str(files[part].absolute()) for part in ("test", "valid") if part in files},
        **(vars(columns) if columns else {}),
        "split_seed": SEED,
        **({"missing": missing} if missing != OF_CASES[0] else {}),
        **({"excerpts": True} if options.excerpts else {}),
    }
    keep = missing == "keep"
    parts = read_parts(files, columns, as_numbers=as_numbers, share=SHARE, seed=SEED, keep=keep)
    task = "regression" if as_numbers else "classification"
    values = as_asked(cases, as_numbers).answers
    what = f"{task}, {len(set(values))} classes" if not as_numbers else task
    facts = [Fact("task", what, how, "--task"), *facts, *_described(parts, files)]
    return Proposal(TASKS[task], settings, tuple(facts), tuple(map(Remark, parts.remarks)))


def _columns(file: Path, options: Options, told: str) -> tuple[CaseColumns | None, list[Fact]]:
    """The columns of a table; None for a format that has none. told: a table that names wav files."""
    form = format_of(file)
    if form == "wav":
        return choose_wav_columns(file, options, told)
    if options.rate is not None:
        raise ValueError(f"{file}: --rate is for folders of wav files; leave it out")
    if form == "table":
        return choose_columns(read_table(file), options)
    named = [f"--{name}" for name in ("label", "group", "id", "time") if getattr(options, name)]
    if named:
        raise ValueError(
            f"{file}: a .{form} file has no columns, so {', '.join(named)} cannot be used; leave it out"
            f"{', and save groups as an array groups' if form == 'npz' else ''}"
        )
    return None, []


def _task(cases: Cases, options: Options) -> tuple[bool, str]:
    """Whether the answers are numbers to predict, and why."""
    if options.task is not None:
        if options.task not in TASKS:
            raise ValueError(f"--task {options.task}: is none of {', '.join(TASKS)}; write one of them")
        return options.task == "regression", "named"
    if cases.asks_numbers:
        return True, "the header says that the answers are numbers"
    if cases.path.suffix == ".tsv" and format_of(cases.path) == "tsv":
        return False, "files of the UCR archive have classes"
    different = len(set(cases.answers))
    if many_numbers(cases.answers):
        return True, f"the label is a number with {different} different values"
    return False, f"the label has {different} different values"


def _names(files: dict[str, Path]) -> str:
    return ", ".join(files[part].name for part in ("train", "valid", "test") if part in files)


def _described(parts: CaseParts, files: dict[str, Path]) -> list[Fact]:
    """What was read, in a table of facts."""
    every = [each for each in (parts.train, parts.valid, parts.test) if each is not None]
    lengths = [len(values) for each in every for values in each.series]
    low, high = min(lengths), max(lengths)
    channels = parts.train.channels
    size = parts.train.series[0].shape[1]
    valid = "" if parts.valid is None else f", {len(parts.valid.series)} validation"
    counts = f"{len(parts.train.series)} training{valid} and {len(parts.test.series)} test cases"
    facts = [
        Fact("length", f"{low} steps" if low == high else f"{low} to {high} steps", "of each case"),
        Fact(
            "channels",
            f"{size}: {listed(channels, 6)}" if channels else str(size),
            "columns of numbers" * bool(channels),
        ),
        Fact("parts", counts, parts.split, ""),
    ]
    if len(files) > 1:
        facts.append(Fact("files", _names(files), "by their names"))
    if not parts.train.asks_numbers:
        shares = Counter(map(str, parts.train.answers)).most_common(4)
        total = len(parts.train.answers)
        text = ", ".join(f"{name} ({100 * count / total:.0f} %)" for name, count in shares)
        facts.append(Fact("classes", text, "of the training cases"))
    return facts
