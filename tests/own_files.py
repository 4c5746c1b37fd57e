"""Files of labelled cases as users have them, written for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from recurbench.reading.table import Table, read_table

HEAD = "@problemName mine\n@timeStamps false\n@univariate true\n@classLabel true a b\n@data\n"


def ts(count: int = 24, steps: int = 8, first: int = 0, classes: str = "ab") -> str:
    """A .ts file: class a has rising series, class b falling ones."""
    rng = np.random.default_rng(first)
    rows = []
    for i in range(count):
        label = classes[i % len(classes)]
        slope = 1 if label == "a" else -1
        values = slope * np.arange(steps) + rng.normal(size=steps) / 10
        rows.append(",".join(f"{value:.4f}" for value in values) + f":{label}")
    return HEAD + "\n".join(rows) + "\n"


def panel(companies: int = 30, years: int = 4, first: int = 0, named: str = "firm") -> str:
    """A long table: company, year, two accounts and status; every third company fails."""
    rng = np.random.default_rng(first)
    rows = ["company,year,sales,debt,status"]
    for i in range(companies):
        fails = int(i % 3 == 0)
        for year in range(years):
            sales, debt = rng.normal(size=2) + np.array([year * fails, 0])
            rows.append(f"{named}{first + i},{2000 + year},{sales:.4f},{debt:.4f},{fails}")
    return "\n".join(rows) + "\n"


def wide(count: int = 30, steps: int = 5, label: str = "class", numbers: bool = False) -> str:
    """A wide table: a case per row with its name, a column per step, and the label."""
    rng = np.random.default_rng(1)
    rows = [",".join(["name", *(f"t{k}" for k in range(steps)), label])]
    for i in range(count):
        values = rng.normal(size=steps) + (i % 2)
        answer = f"{values.sum():.3f}" if numbers else "ab"[i % 2]
        rows.append(",".join([f"n{i}", *(f"{value:.4f}" for value in values), answer]))
    return "\n".join(rows) + "\n"


def tsv(count: int = 24, steps: int = 6) -> str:
    """A file of the UCR archive: class and values, separated by tabs."""
    rng = np.random.default_rng(2)
    rows = ["\t".join([str(i % 2 + 1), *(f"{v:.4f}" for v in rng.normal(size=steps))]) for i in range(count)]
    return "\n".join(rows) + "\n"


def npz(path: Path, count: int = 24, **more: object) -> Path:
    """An .npz file with X [count, 2, 7] and y of two classes; `more` adds or replaces arrays."""
    rng = np.random.default_rng(3)
    arrays = {"X": rng.normal(size=(count, 2, 7)), "y": np.array(["a", "b"] * (count // 2)), **more}
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})  # type: ignore[arg-type]
    return path


def put(folder: Path, **files: str) -> Path:
    """Write files NAME_PART or NAME with their endings (`mine_TRAIN__ts`: two underscores are the dot)."""
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def written_table(file: Path, text: str) -> Table:
    """The table that a file with this text holds."""
    file.write_text(text)
    return read_table(file)
