"""Run docs/notebook.ipynb from a clean state and store its outputs, without times and paths of the machine.

    python docs/run_notebook.py

Needs the packages of the extra `test`. The runs of the notebook go into a folder that is removed afterwards.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

NOTEBOOK = Path(__file__).resolve().with_name("notebook.ipynb")
LIMIT = 300  # seconds of one cell


def executed(folder: Path) -> NotebookNode:
    """The notebook with its outputs, run in an empty `folder`; nbclient raises the error of a cell."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(
        notebook, timeout=LIMIT, record_timing=False, resources={"metadata": {"path": str(folder)}}
    )
    return client.execute()


def cleaned(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Without what differs from machine to machine: metadata, texts on stderr, the path of `folder`."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
    text = nbformat.writes(notebook).replace(f"{folder.resolve()}/", "")
    return nbformat.reads(text, as_version=4)


def main() -> None:
    """Run the notebook and write it."""
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(cleaned(executed(Path(folder)), Path(folder)), NOTEBOOK)
    print(f"{NOTEBOOK.name}: outputs stored")


if __name__ == "__main__":
    main()
