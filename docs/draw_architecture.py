"""Draw docs/architecture.svg: the layers of the package, and the way of one fit through them.

    python docs/draw_architecture.py            # write the picture
    python docs/draw_architecture.py --check    # exit with 1 where the written picture is another one

The layers are read from `.importlinter`, so that the picture cannot show others than those that are checked.
`--check` also reads docs/architecture.md: it must name every module of WAY, in the same order.
"""

from __future__ import annotations

import argparse
import configparser
import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "architecture.svg"
TEXT = ROOT / "docs" / "architecture.md"

# The way of one fit, part by part: a module or a folder, and what happens there.
PARTS = (
    (
        "In the main process",
        "#1f5fa8",
        (
            ("cli.main", "reads the command line"),
            ("api", "turns the request into jobs"),
            ("registry", "finds methods and data sets"),
            ("running.runner", "leaves out what the run file has"),
            ("running.job", "names each fit by a key"),
            ("running.pool", "starts workers, watches limits"),
        ),
    ),
    (
        "In a worker process",
        "#b4530a",
        (
            ("running.worker", "takes jobs, sends rows back"),
            ("running.serve", "loops over the fits of a job"),
            ("running.problem_cache", "keeps the problem"),
            ("datasets", "build the problem"),
            ("running.cell", "decides which fit comes next"),
            ("running.fit_and_score", "fits, measures the cost"),
            ("methods", "train and return a predictor"),
            ("running.outcome", "asks for the answers"),
            ("answers", "checks their form and for leaks"),
            ("metrics", "computes the scores"),
            ("reasons", "says why there is no score"),
        ),
    ),
    (
        "In the run file and the report",
        "#2f7d4f",
        (
            ("record", "stores one row per fit"),
            ("results", "reads the rows as a data frame"),
            ("reports.statistics", "chooses, compares and tests"),
            ("reports.text", "writes tables and sentences"),
            ("reports.figures", "draws the pictures"),
            ("reports.page", "puts all on one page"),
        ),
    ),
)
WAY = [module for _, _, part in PARTS for module, _ in part]
COLOURS = {module: colour for _, colour, part in PARTS for module, _ in part}
NUMBERS = {module: number for number, module in enumerate(WAY, 1)}

ROW = 0.27  # inches, as are all lengths
LETTER = 0.075
LEFT, MAP, WIDTH = 0.45, 4.75, 8.9
OTHER, FRAME, FOLDER = "#5f5f5f", "#b5b5b5", "#f4f4f4"


@dataclass(frozen=True)
class Row:
    """One layer: its modules, and the folder that it lies in, "" at the top."""

    modules: Sequence[str]
    folder: str = ""


def layers() -> dict[str, list[list[str]]]:
    """The layers of each container, the topmost first."""
    file = configparser.ConfigParser()
    file.read(ROOT / ".importlinter", encoding="utf-8")
    found = {}
    for name in file.sections():
        section = file[name]
        if section.get("type") == "layers":
            lines = section["layers"].split("\n")
            found[section["containers"].strip()] = [
                [module.strip() for module in line.split("|")] for line in lines if line.strip()
            ]
    return found


def rows() -> list[Row]:
    """The layers from top to bottom; a folder that a fit passes through is opened up."""
    by_container = layers()
    found = []
    for modules in by_container["recurbench"]:
        opened = [name for name in modules if any(module.startswith(f"{name}.") for module in NUMBERS)]
        plain = [name for name in modules if name not in opened]
        for folder in opened:
            found += [
                Row([f"{folder}.{name}" for name in inner], folder)
                for inner in by_container[f"recurbench.{folder}"]
            ]
        if plain:
            found.append(Row(plain))
    known = {module for row in found for module in row.modules}
    if missing := [module for module in NUMBERS if module not in known]:
        raise ValueError(f".importlinter has no {', '.join(missing)}; mend WAY in {Path(__file__).name}")
    return found


def short(module: str) -> str:
    """The name without its folder."""
    return module.rpartition(".")[2]


def box(axes: Axes, x: float, y: float, module: str) -> float:
    """Draw a module that a fit passes through, with its number; returns where the box ends."""
    width = LETTER * len(short(module)) + 0.38
    shape = FancyBboxPatch(
        (x, y - 0.1), width, 0.2, boxstyle="round,pad=0,rounding_size=0.05", fc=COLOURS[module], ec="none"
    )
    axes.add_patch(shape)
    number(axes, x + 0.15, y, NUMBERS[module], "white", COLOURS[module])
    axes.text(x + 0.29, y, short(module), color="white", fontsize=8.5, va="center_baseline")
    return x + width + 0.1


def number(axes: Axes, x: float, y: float, value: int, back: str, front: str) -> None:
    """A number on a disc."""
    axes.plot([x], [y], "o", color=back, markersize=11, markeredgecolor="none")
    axes.text(x, y, str(value), color=front, fontsize=7, weight="bold", ha="center", va="center_baseline")


def frames(every: Sequence[Row]) -> Iterator[tuple[str, int, int]]:
    """Every opened folder with its first and its last row."""
    for folder in dict.fromkeys(row.folder for row in every if row.folder):
        own = [i for i, row in enumerate(every) if row.folder == folder]
        yield folder, own[0], own[-1]


def draw() -> bytes:
    """The picture as SVG: the same bytes wherever it is drawn."""
    every = rows()
    height = ROW * (len(every) + 3)
    settings = {"svg.hashsalt": "recurbench", "svg.fonttype": "none", "font.family": "DejaVu Sans"}
    with mpl.rc_context(settings):
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, WIDTH), ylim=(0, height))
        axes.axis("off")
        top = height - 2 * ROW
        title = {"fontsize": 10, "weight": "bold", "va": "center_baseline"}
        axes.text(LEFT, height - ROW * 0.8, "The layers: a module imports from lower rows only", **title)
        axes.text(MAP + 0.35, height - ROW * 0.8, "The way of one fit", **title)
        for folder, first, last in frames(every):
            low, high = top - (last + 0.47) * ROW, top - (first - 0.47) * ROW
            shape = FancyBboxPatch(
                (LEFT, low),
                MAP - LEFT,
                high - low,
                boxstyle="round,pad=0,rounding_size=0.06",
                fc=FOLDER,
                ec=FRAME,
            )
            axes.add_patch(shape)
            axes.text(
                MAP - 0.1,
                high - 0.12,
                f"{folder}/",
                color=OTHER,
                fontsize=8.5,
                weight="bold",
                ha="right",
                va="center_baseline",
            )
        for i, row in enumerate(every):
            _row(axes, row, top - i * ROW)
        _arrow(axes, top + ROW * 0.4, top - (len(every) - 0.6) * ROW)
        _legend(axes, top)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def _row(axes: Axes, row: Row, y: float) -> None:
    """The modules on the way, and behind them the names of the others."""
    x = LEFT + 0.1
    for module in sorted((m for m in row.modules if m in NUMBERS), key=NUMBERS.__getitem__):
        x = box(axes, x, y, module)
    others = [short(module) for module in row.modules if module not in NUMBERS]
    room = int((MAP - x - (0.75 if row.folder else 0.0)) / 0.056)
    shown = list(others)
    while len(_listed(shown, others)) > room:
        shown.pop()
    axes.text(x, y, _listed(shown, others), color=OTHER, fontsize=7, va="center_baseline")


def _listed(shown: Sequence[str], others: Sequence[str]) -> str:
    left = len(others) - len(shown)
    return ", ".join([*shown, *([f"{left} more"] if left else [])])


def _arrow(axes: Axes, top: float, low: float) -> None:
    axes.annotate("", (0.22, low), (0.22, top), arrowprops={"arrowstyle": "-|>", "color": OTHER, "lw": 1.2})
    axes.text(
        0.14, (top + low) / 2, "imports", color=OTHER, fontsize=8, rotation=90, ha="center", va="center"
    )


def _legend(axes: Axes, top: float) -> None:
    y = top
    for title, colour, part in PARTS:
        axes.text(MAP + 0.35, y, title, color=colour, fontsize=8.5, weight="bold", va="center_baseline")
        y -= ROW
        for module, what in part:
            number(axes, MAP + 0.45, y, NUMBERS[module], colour, "white")
            axes.text(MAP + 0.62, y, short(module), fontsize=8.5, va="center_baseline")
            axes.text(MAP + 1.75, y, what, color=OTHER, fontsize=8.5, va="center_baseline")
            y -= ROW


def named(text: str) -> list[str]:
    """The modules of the way that the text names, each where it is named first."""
    places = {}
    for module in NUMBERS:
        path = module.replace(".", "/")
        match = re.search(rf"`[a-z/]*\b{path}(\.py|/)`", text)
        if match:
            places[module] = match.start()
    return sorted(places, key=places.__getitem__)


def main() -> int:
    """Write the picture, or compare; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the written picture and text")
    check = parser.parse_args().check
    picture = draw()
    if not check:
        PICTURE.write_bytes(picture)
        return 0
    wrong = []
    if not PICTURE.exists() or PICTURE.read_bytes() != picture:
        wrong.append(
            f"{PICTURE.name} is not what the layers say; draw it again: python docs/{Path(__file__).name}"
        )
    if (order := named(TEXT.read_text(encoding="utf-8"))) != list(NUMBERS):
        wrong.append(f"{TEXT.name} names {', '.join(order)}; name these in this order: {', '.join(NUMBERS)}")
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
