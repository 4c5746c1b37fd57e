"""Imports point one way: which module of ours may import which."""

from __future__ import annotations

import ast
import graphlib
import importlib
from pathlib import Path

import pytest
import recurbench

# Written down whole: a new module says here what it stands on. The command line stands on everything.
ATTEMPT = {
    "guests",
    "task",
    "registry",
    "record",
    "packing",
    "metrics",
    "answers",
    "memory",
    "job",
    "exemplars",
}
CELL = {"task", "record", "metrics", "job", "tune", "attempt", "validation"}
WORK = {"task", "registry", "record", "job", "cell", "desk", "limits"}
READ = {"__init__", "first", "forms", "render", "words", "frame", "map", "later", "along", "dials_page"}
READ |= {"real_page", "ceiling", "recurrence", "page.__init__", "page.document", "page.results", "page.files"}
ARROWS = {
    "task": set(),
    "address": set(),
    "plugin_files": set(),
    "settings": {"plugin_files"},
    "setting_types": {"address"},
    "signature": {"settings", "setting_types"},
    "request_fields": {"address", "setting_types"},
    "registry": {"address", "plugin_files", "settings", "setting_types", "signature"},
    "__init__": {"registry"},
    "packing": {"task"},
    "record": set(),
    "metrics": {"task"},
    "answers": {"task"},
    "provenance": {"registry", "plugin_files", "settings", "catalogue"},
    "refusal": set(),
    "predictions": {"address", "settings"},
    "dials": {"address", "predictions"},
    "suites": {"registry", "predictions", "dials"},
    "_tiny": {"task"},
    "_watch": {"process_state", "replaced"},
    "apart": {"check", "registry"},
    "_subject": {"_tiny", "_watch", "task", "registry", "plugin_files", "answers", "guests", "process_state"},
    "_problems": {"task", "registry", "answers", "metrics"},
    "_clauses": {"_tiny", "_subject", "task", "registry", "answers"},
    "_leaks": {"_clauses", "_tiny", "_subject", "task", "answers"},
    "_conduct": {"_clauses", "_tiny", "_subject", "task", "answers", "guests"},
    "_units": {"_clauses", "_tiny", "_subject", "task"},
    "check": {
        "_clauses",
        "_leaks",
        "_conduct",
        "_units",
        "_subject",
        "_problems",
        "_watch",
        "_tiny",
        "task",
        "registry",
    },
    "scaffold": {"__init__", "registry"},
    "cli_show": {"registry", "refusal"},
    "cli_new": {"scaffold", "registry", "refusal"},
    "slim": {"record", "refusal"},
    "cli_report": {"refusal", "api", "slim", *(f"reports.{name}" for name in READ)},
    "cli_compare": {
        "refusal",
        "reports.__init__",
        "reports.compare",
        "reports.compare_page",
        "reports.frame",
        "reports.words",
    },
    "tune": {"task", "registry", "metrics"},
    "memory": set(),
    "limits": set(),
    "library_settings": {"replaced"},
    "process_state": {"plugin_files", "library_settings"},
    "replaced": {"plugin_files", "provenance"},
    "guests": {"plugin_files", "process_state", "provenance", "registry", "replaced"},
    "job": {"task", "registry", "record", "provenance", "guests", "known"},
    "attempt": ATTEMPT,
    "cell": CELL,
    "traits": {"task"},
    "exemplars": {"task"},
    "validation": {"task"},
    "sizes": {"task", "cell"},
    "desk": {
        "_problems",
        "task",
        "packing",
        "registry",
        "metrics",
        "answers",
        "job",
        "known",
        "traits",
        "exemplars",
        "sizes",
        "validation",
    },
    "worker": {"record", "job", "cell", "desk", "guests", "process_state"},
    "pool": {*WORK, "memory"},
    "cluster": {"job", "limits", "pool"},
    "runner": {*WORK, "guests", "pool", "tune", "suites"},
    "costs": {"registry", "sizes"},
    "evidence": {"address", "costs", "job", "record", "sizes"},
    "prices": {"costs", "evidence", "job", "runner", "sizes"},
    "outlook": {"record", "provenance", "job", "desk", "runner", "costs", "prices", "sizes"},
    "progress": {"record", "job", "runner"},
    "literature": set(),
    "published": {*WORK, "api", "runner", "literature", "catalogue"},
    "reach": {
        *("job", "metrics", "provenance", "record", "registry", "task"),
        *("reports.frame", "reports.gradients"),
        *("methods._gradients", "methods._network"),
    },
    "api": {
        *WORK,
        *("catalogue", "provenance", "predictions", "suites", "pool", "cluster", "tune", "runner", "sizes"),
        *("reports.frame", "request_fields"),
    },
    "options": {"api", "registry", "suites"},
    "doctor": {"limits", "provenance", "pool", "registry"},
    "catalogue": set(),
    "download": {"catalogue"},
    "unpack": set(),
    "verify": {"catalogue"},
    "known": {"catalogue", "verify", "registry"},
    "cli_data": {"catalogue", "download", "unpack", "verify", "registry", "refusal"},
}
PLUGINS = {"__init__", "task", "registry"}
# Where fetched files lie is asked of the catalogue.
DATASETS = {*PLUGINS, "catalogue"}
# The words of tables: the names of metrics and families, and the mean they are formed with.
REPORTS = {
    "record.*",
    "packing.*",
    "predictions.*",
    "dials.*",
    "literature.*",
    "catalogue.SAME_CASES",
    "catalogue.choosers",
    "slim.slim",
    "validation.lacking",
    "validation.partial",
    "address.split_address",
    "address.joined",
    "address.short",
    "metrics.METRICS",
    "metrics.Metric",
    "metrics.weighted",
    "registry.FAMILIES",
    "__init__.__version__",
}


def modules() -> dict[str, Path]:
    """Our modules without the leading `recurbench.`, a package as its `__init__`."""
    found = {}
    for package in ("", "methods.", "datasets.", "reports.", "reports.figures.", "reports.page."):
        for folder in importlib.import_module(f"recurbench.{package}".rstrip(".")).__path__:
            found.update({f"{package}{path.stem}": path for path in Path(folder).glob("*.py")})
    return found


MODULES = modules()


def imported(text: str) -> set[tuple[str, str]]:
    """(module of ours, name) for every import of ours in a text, wherever in the file it stands."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "write imports of ours in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")[1:]
            if name.split(".")[0] == "recurbench":
                whole = ".".join(parts)
                module = whole if whole in MODULES else ".".join(parts[:-1]) or "__init__"
                if f"{module}.__init__" in MODULES:
                    module += ".__init__"
                found.add((module, "" if whole == module else parts[-1] if parts else ""))
    return found


def wrong(module: str, text: str) -> set[str]:
    """The imports of ours that `module`, with this text, may not have."""
    package, _, leaf = module.rpartition(".")
    if package in ("methods", "datasets"):
        own = {name for name in MODULES if name.startswith(f"{package}._")}
        below = DATASETS if package == "datasets" else PLUGINS
        return {name for name, _ in imported(text) if name not in below | own}
    if package.split(".")[0] == "reports":
        return {
            f"{name}.{what}"
            for name, what in imported(text)
            if not name.startswith("reports.") and not {f"{name}.*", f"{name}.{what}"} & REPORTS
        }
    if leaf == "cli":
        return {name for name, _ in imported(text) if name.startswith(("methods.", "datasets."))}
    return {name for name, _ in imported(text)} - ARROWS[leaf]


def running(module: str) -> str:
    """A module's text; of the package's own without the block that only a type checker reads."""
    tree = ast.parse(MODULES[module].read_text())
    if module == "__init__":
        tree.body = [
            n for n in tree.body if not (isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test))
        ]
    return ast.unparse(tree)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_what_it_stands_on(module: str) -> None:
    assert wrong(module, running(module)) == set()


@pytest.mark.parametrize(
    ("module", "text", "names"),
    [
        ("task", "from recurbench.registry import method", {"registry"}),
        ("record", "def late():\n    import recurbench.running.runner", {"runner"}),
        ("metrics", "from recurbench import answers, task", {"answers"}),
        ("methods.mlp", "from recurbench import method\nfrom recurbench.task import Task", set()),
        ("methods.mlp", "from recurbench.methods.cnn import cnn", {"methods.cnn"}),
        ("methods.mlp", "from recurbench.methods import cnn, _training", {"methods.cnn"}),
        ("methods.mlp", "from recurbench.datasets import _series", {"datasets._series"}),
        ("methods.mlp", "from recurbench import runner", {"runner"}),
        ("datasets.archive", "from recurbench.datasets._series import rolling", set()),
        ("datasets.ucr", "from recurbench.catalogue import files", set()),
        ("methods.mlp", "from recurbench.catalogue import files", {"catalogue"}),
        ("catalogue", "from recurbench.datasets._series import rolling", {"datasets._series"}),
        ("reports.table", "from recurbench.record import RunFile", set()),
        ("reports.table", "from recurbench.registry import FAMILIES, discover", {"registry.discover"}),
        ("reports.table", "from recurbench.running.job import Job", {"job.Job"}),
        ("cli", "from recurbench.methods.mlp import mlp", {"methods.mlp"}),
    ],
)
def test_an_import_that_points_upward_is_found(module: str, text: str, names: set[str]) -> None:
    assert wrong(module, text) == names


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {module: {name for name, _ in imported(running(module))} for module in MODULES}
    graphlib.TopologicalSorter(graph).prepare()


def test_the_public_names_are_those_that_can_be_imported() -> None:
    own = {n for n, v in vars(recurbench).items() if getattr(v, "__module__", "").startswith("recurbench.")}
    assert sorted({n for n in own if not n.startswith("_")} | set(recurbench._LATER)) == recurbench.__all__
    for name in recurbench.__all__:
        assert getattr(recurbench, name).__module__.startswith("recurbench.")


def test_a_type_checker_sees_the_same_names() -> None:
    text = MODULES["__init__"].read_text()
    assert {name for _, name in imported(text)} == set(recurbench.__all__)


def test_a_name_nobody_knows_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'recurbench' has no attribute 'mean'"):
        recurbench.__getattr__("mean")
