"""Which functions, classes and constants of loaded modules were replaced, by comparing names with a copy."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from operator import attrgetter, is_not
from types import FunctionType, ModuleType
from typing import Any

from recurbench import plugin_files, provenance
from recurbench.isolation.written import dict_of, dict_versions, function_insides

INSIDE = attrgetter("__code__", "__defaults__", "__kwdefaults__")
NOT_THERE = object()
SIMPLE = (bool, int, float, complex, str, bytes, type(None))
OURS = "recurbench"
# The packages that results depend on, beside the standard library.
WATCHED = {
    OURS,
    *provenance.PACKAGES,
    *provenance.OPTIONAL,
    *("joblib", "threadpoolctl", "matplotlib", "patsy", "dateutil", "llvmlite", "packaging"),
}
# Parts of torch that add to themselves when they are first used.
INNER = ("torch._", "torch.compiler", "torch.distributed")
# The debugger changes no result, and tools that test command lines replace parts of it.
DEBUGGERS = ("pdb", "bdb")
# `warnings.catch_warnings` sets them; they only decide which warnings are shown.
SHOWN = ("showwarning", "_showwarnmsg_impl")
# Counters that a library increases itself: hooks that torch adds to modules, what numba compiled.
COUNTERS = (
    "torch.utils.hooks.RemovableHandle.next_id",
    "numba.parfors.array_analysis.ArrayAnalysis.aa_count",
    "numba.parfors.parfor.Parfor.id_counter",
)
# Where numba adds private functions of its own when it first starts its threads.
STARTED = "numba.np.ufunc.parallel"


@cache
def watched(module: str) -> bool:
    """Whether answers, scores and costs of other methods may depend on a module, by its name."""
    root = module.partition(".")[0]
    if module.startswith((plugin_files.PREFIX, *INNER)) or root in DEBUGGERS:
        return False
    return root in WATCHED or root in sys.stdlib_module_names


class _Space:
    """The names of a module, a class, or a public dict of recurbench, and a copy of them.

    The copy keeps the values alive, so that no other object can get their identity.
    """

    def __init__(self, name: str, owner: Any, names: Mapping[str, Any]) -> None:
        self.name, self.owner, self.names = name, owner, names
        self.root = name.partition(".")[0]
        self.accept()

    def accept(self) -> None:
        """From now on compare with the present values."""
        self.copy = dict(self.names)
        self._marks = [*map(id, self.names.values())]

    def same(self) -> bool:
        """Whether all names refer to the same objects as in the copy."""
        return [*map(id, self.names.values())] == self._marks

    def replaced(self) -> Iterator[tuple[str, Any, Any]]:
        """The names that refer to another object than before, with both objects, where `_counts` says so."""
        for name in {**self.copy, **self.names}:
            was, now = self.copy.get(name, NOT_THERE), self.names.get(name, NOT_THERE)
            if was is not now and _counts(self.name, name, was, now):
                yield name, was, now


class Names:
    """The names of loaded modules, of the classes they define and of the public dicts of recurbench.

    Only modules of WATCHED and of the standard library are compared. Other modules belong to plugins, or to
    the program that calls recurbench.
    """

    def __init__(self) -> None:
        self._spaces: list[_Space] = []
        self._modules: dict[str, ModuleType] = {}
        self._functions: list[tuple[str, FunctionType]] = []
        self._inside: list[tuple[Any, ...]] = []  # code and defaults of each, kept alive
        self._versions, self._pointers = dict_versions(), function_insides()
        self._seen = 0
        self._listed: set[str] = set()  # names in `sys.modules` that were there or are accepted
        self.extend()

    def extend(self) -> None:
        """Add the modules that were imported since the last call."""
        if len(sys.modules) == self._seen:
            return
        self._seen = len(sys.modules)
        self._listed.update(sys.modules)
        for name, module in list(sys.modules.items()):
            if name in self._modules or type(module) is not ModuleType or not watched(name):
                continue
            if _second_name(name, module):
                continue
            self._modules[name] = module
            for place, owner, names in _places(name, module):
                self._versions.extend([dict_of(names)])
                space = _Space(place, owner, names)
                self._spaces.append(space)
                functions = {key: v for key, v in space.copy.items() if type(v) is FunctionType}
                self._pointers.extend(functions.values())
                self._functions += [(f"{place}.{key}", function) for key, function in functions.items()]
                self._inside += map(INSIDE, functions.values())

    def replaced(self, roots: Sequence[str] = ()) -> list[str]:
        """What was replaced, removed, added or changed in place, such as "replaced numpy.mean".

        roots: the packages to look at, all of them by default; the code of functions is compared in any case.
        """
        found = [
            f"replaced the module {n}" for n, m in self._modules.items() if sys.modules.get(n, m) is not m
        ]
        found += [f"added to sys.modules the module {name}" for name in self._made_up()]
        for space in self._moved():
            if not roots or space.root in roots:
                found += [f"{_did(was, now)} {space.name}.{name}" for name, was, now in space.replaced()]
        return found + [f"rewrote {self._functions[place][0]}" for place in self._rewritten()]

    def accept(self) -> None:
        """From now on compare with the present values."""
        self._listed.update(self._made_up())
        for space in self._moved():
            space.accept()
        for place in self._rewritten():
            self._pointers.accept(place)
            self._inside[place] = INSIDE(self._functions[place][1])

    def put_back(self) -> None:
        """Set the names back to the objects they referred to."""
        for name, module in self._modules.items():
            if name in sys.modules:
                sys.modules[name] = module
        for name in self._made_up():
            del sys.modules[name]
        for space in self._moved():
            for name, was, _ in list(space.replaced()):
                # The names of compiled classes cannot be set, so they were not replaced either.
                with suppress(TypeError, AttributeError):
                    _set(space.owner, name, was)
            space.accept()
        for place in self._rewritten():
            function = self._functions[place][1]
            function.__code__, function.__defaults__, function.__kwdefaults__ = self._inside[place]

    def _made_up(self) -> list[str]:
        """The new names of libraries in `sys.modules` whose module was put there without an import."""
        new = sorted(name for name in sys.modules.keys() - self._listed if watched(name))
        return [name for name in new if _made_up(name, sys.modules[name])]

    def _moved(self) -> list[_Space]:
        """The spaces where a name refers to another object than before."""
        moved = []
        for place in self._versions.changed():
            if self._spaces[place].same():
                self._versions.accept(place)  # set and set back, or set to what it was
            else:
                moved.append(self._spaces[place])
        return moved

    def _rewritten(self) -> list[int]:
        """The places of the functions whose code or defaults are other objects than before."""
        return [
            place
            for place in self._pointers.changed()
            if any(map(is_not, INSIDE(self._functions[place][1]), self._inside[place]))
        ]


def _second_name(name: str, module: ModuleType) -> bool:
    """Whether a library lists a module of the standard library below its own name, as numba does."""
    own = module.__name__
    stands_alone = name.partition(".")[0] in sys.stdlib_module_names
    return not stands_alone and own in sys.stdlib_module_names and sys.modules.get(own) is module


def _made_up(name: str, module: Any) -> bool:
    """Whether a module was put in without an import: None, which forbids the import, or a bare module.

    An imported library may create modules below its own name, as torch does.
    """
    if module is None:
        return True
    bare = type(module) is ModuleType and module.__spec__ is None and module.__loader__ is None
    parent = sys.modules.get(name.partition(".")[0])
    return bare and ("." not in name or getattr(parent, "__spec__", None) is None)


def _places(name: str, module: ModuleType) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """The module, its classes and its public dicts, if it is ours: the name, the object and its names."""
    own = vars(module)
    yield name, module, own
    for key, value in list(own.items()):
        # By their types, for asking some objects of torch for a class makes them warn.
        if issubclass(type(value), type):
            names = type.__dict__["__dict__"].__get__(value)
            if names.get("__module__") == name:
                yield f"{name}.{key}", value, names
        elif type(value) is dict and name.partition(".")[0] == OURS and not key.startswith("_"):
            yield f"{name}.{key}", value, value


def _counts(space: str, name: str, was: Any, now: Any) -> bool:
    """Whether the change can affect other code: functions, classes, public constants; caches cannot."""
    if (space == "warnings" and name in SHOWN) or f"{space}.{name}".startswith(plugin_files.PREFIX):
        return False
    started = space == STARTED and name.startswith("_") and was is NOT_THERE
    if started or f"{space}.{name}" in COUNTERS:
        return False
    if space.partition(".")[0] == OURS and was is not NOT_THERE and not name.startswith("_"):
        return True
    root = space.partition(".")[0]
    home = str(getattr(now, "__module__", None) or "").partition(".")[0]
    if root == home == "torch":
        return False  # torch wraps its own functions when its compiler is imported later
    if was is NOT_THERE:
        # A module that loads its parts on first use, as scipy does, adds its own functions.
        own = home in ("", root) or (name.startswith("__") and watched(home))
        return _acts(now) and not isinstance(now, ModuleType) and not own
    if _acts(was) or (now is not NOT_THERE and _acts(now) and was is not None):
        return True
    simple = type(was) in SIMPLE and (now is NOT_THERE or type(now) in SIMPLE)
    public = root == OURS or not name.startswith("_")  # private names of recurbench are no counters
    return simple and public and was is not None and was != now


def _acts(value: Any) -> bool:
    return callable(value) or hasattr(type(value), "__get__")


def _did(was: Any, now: Any) -> str:
    return "added" if was is NOT_THERE else "removed" if now is NOT_THERE else "replaced"


def _set(owner: Any, name: str, value: Any) -> None:
    if isinstance(owner, dict):
        owner[name] = value
        if value is NOT_THERE:
            del owner[name]
    elif value is NOT_THERE:
        delattr(owner, name)
    else:
        setattr(owner, name, value)
