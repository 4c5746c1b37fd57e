"""The results of a run of the registered contrasts as a Markdown page with its figures beside it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from recurbench.compact import slim
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import (
    ablations,
    gradients,
    lengths,
    overview,
    registered,
    what_ran,
)
from recurbench.reports.page.section import Section
from recurbench.reports.page.sections import Builder, sections
from recurbench.reports.page.text import markdown
from recurbench.reports.statistics.gradients import NAME
from recurbench.reports.text.answer import answer
from recurbench.reports.text.markdown import escaped
from recurbench.reports.text.registered_map import lines_of
from recurbench.reports.text.translation import Messages
from recurbench.results import Run

BUILDERS: tuple[Builder, ...] = (
    overview.section,
    registered.section,
    ablations.section,
    lengths.section,
    gradients.section,
    what_ran.section,
)

# Of the cells of the run, and of what was measured of its networks.
COPIES = ("cells.sqlite.xz", NAME)


def write(run: Run, say: Messages, path: Path, command: str) -> Path:
    """Write the page to `path`, its figures and cells into the folder of its name without suffix.

    command: what made it, which the page shows. Returns the path; ValueError where the run holds no contrast.
    """
    built = sections(run, say, Drawn(None, ""), BUILDERS)
    if all(section.anchor != "contrasts" for section in built):
        raise ValueError(
            f"{path} would have nothing to show: the run holds no judged sample of a registered contrast; "
            "give a run of the suite registered"
        )
    pictures = path.with_suffix("")
    if (pictures / "results.sqlite").exists():
        raise ValueError(f"{pictures} is a run, and the figures of {path} would go there; name another page")
    found = answer(run, say)
    head = [f"# {found.question}", f"*{escaped(say('page.made_by', command=command))}*"]
    assert found.registered is not None
    head += lines_of(found.registered, say)
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("*.svg"):
        old.unlink()
    for name in COPIES:
        (pictures / name).unlink(missing_ok=True)
    body = markdown([_short(section) for section in built], pictures)
    copies = [f"[{copy.name}]({pictures.name}/{copy.name})" for copy in _cells(run, pictures)]
    tail = [say("page.cells_behind", files=", ".join(copies))] if copies else []
    path.write_text("\n\n".join([*head, body, *tail]) + "\n", encoding="utf-8")
    return path


def _cells(run: Run, folder: Path) -> list[Path]:
    """A slim copy of the run, and its gradients: to check, or to go on."""
    copies = []
    if run.file is not None:
        slim(run.file, folder / COPIES[0])
        copies.append(folder / COPIES[0])
    if run.file is not None and (run.file.parent / NAME).is_file():
        copies.append(Path(shutil.copy(run.file.parent / NAME, folder)))
    return copies


def _short(section: Section) -> Section:
    """A section without the list of every method's settings, which frozen.toml holds."""
    return replace(section, within=tuple(part for part in section.within if part.anchor != "ran-methods"))
