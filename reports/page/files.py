"""The figures of a page as files, for papers and slides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure
from recurbench.reports.figures.canvas import FORMS, Drawn, identifier, save
from recurbench.reports.figures.fonts import hangul
from recurbench.reports.page.sections import sections
from recurbench.reports.text.translation import Messages
from recurbench.results import Run


class Saved(Drawn):
    """Stands in for the figures of a page: writes every figure to a file instead."""

    def __init__(self, folder: Path, form: str) -> None:
        super().__init__(None, "")
        self.paths: list[Path] = []
        self.lacking: list[Path] = []
        self._place, self._form = folder, form

    def __call__(self, name: str, of: str, make: Callable[[], Figure]) -> str:
        """Save the figure; returns an empty drawing, because the page itself is thrown away."""
        path = self._place / f"{identifier(name)}.{self._form}"
        if not save(make, path):
            self.lacking.append(path)
        self.paths.append(path)
        return '<svg viewBox="0 0 1 1"></svg>'


def figures(run: Run, say: Messages, folder: Path, form: str) -> tuple[list[Path], list[str]]:
    """Write every figure of the run's page into `folder`, as svg, png or pdf; returns their paths.

    Second: what a reader must know of them, in sentences. Where no installed font has Hangul, the words of a
    Korean png or pdf are English, for they would be boxes. ValueError for another form.
    """
    if form not in FORMS:
        raise ValueError(f"figures can be written as {', '.join(FORMS)}, got {form!r}")
    folder.mkdir(parents=True, exist_ok=True)
    saved, told = Saved(folder, form), []
    boxes = say.language == "ko" and form != "svg" and hangul() is None
    if boxes:
        told.append(say("figures.no_hangul"))
    sections(run, Messages() if boxes else say, saved)
    if saved.lacking:
        names = ", ".join(path.name for path in saved.lacking)
        told.append(say("figures.no_letters", files=names))
    return saved.paths, told
