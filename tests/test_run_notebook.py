"""docs/notebook.ipynb: it runs from a clean state, and what is stored of it is of no single machine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from nbformat import NotebookNode
from scripts import script

FILE = Path(__file__).resolve().parents[1] / "docs" / "run_notebook.py"


@pytest.fixture(scope="module")
def runner() -> ModuleType:
    return script("docs/run_notebook.py")


@pytest.fixture(scope="module")
def stored(runner: ModuleType) -> NotebookNode:
    return nbformat.read(runner.NOTEBOOK, as_version=4)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def kinds(cell: NotebookNode) -> list[set[str]]:
    """Of each output of a cell the forms that it has, such as text and HTML."""
    return [set(output.get("data", {"text": ""})) for output in cell.outputs]


@pytest.mark.long
def test_it_runs_from_a_clean_state_and_shows_what_is_stored(
    runner: ModuleType, stored: NotebookNode, tmp_path: Path
) -> None:
    run = runner.cleaned(runner.executed(tmp_path), tmp_path)
    assert [kinds(cell) for cell in code(run)] == [kinds(cell) for cell in code(stored)]
    (folder,) = (tmp_path / "runs").iterdir()
    assert (folder / "results.sqlite").is_file()


def test_what_is_stored_names_no_path_and_no_time_of_a_machine(
    runner: ModuleType, stored: NotebookNode
) -> None:
    nbformat.validate(stored)
    text = runner.NOTEBOOK.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(?:home|root|tmp|work|usr|opt|Users)/", text)
    assert not re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d|iopub|\"execution\"", text)
    assert all(not cell.metadata for cell in stored.cells)
    assert json.loads(text)["metadata"]["language_info"] == {"name": "python"}


def test_the_folder_of_a_run_is_named_by_its_end_alone(runner: ModuleType, tmp_path: Path) -> None:
    said = nbformat.v4.new_output("stream", name="stdout", text=f"read {tmp_path}/runs/a/data.csv")
    hidden = nbformat.v4.new_output("stream", name="stderr", text="progress")
    cell = nbformat.v4.new_code_cell("f()", outputs=[said, hidden], metadata={"tags": ["made"]})
    (kept,) = runner.cleaned(nbformat.v4.new_notebook(cells=[cell]), tmp_path).cells
    assert [output.text for output in kept.outputs] == ["read runs/a/data.csv"]
    assert not kept.metadata


def test_its_cells_were_run_once_in_their_order_and_without_errors(stored: NotebookNode) -> None:
    cells = code(stored)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert {output.output_type for output in outputs} <= {"execute_result", "stream", "display_data"}
    assert any("text/html" in output.get("data", {}) for output in outputs)
