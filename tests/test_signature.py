"""Annotations of settings, read as text: what they allow, and plugins that contradict themselves."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
import pywt
from recurbench.methods._wavelets import Wavelet
from recurbench.registry import Plugin, discover, read

HEAD = """
from __future__ import annotations
import typing as t
from typing import Annotated, Any, Literal, Optional, Sequence, Union
from nowhere_at_all import Unknown
from recurbench import method

How = Literal["a", "b"]
Size: t.TypeAlias = Annotated[int, ">= 1", "units"]
Loop = Loop
class Shape: pass
"""
MARK = '@method("mine", family="baseline", kinds={"regression"})'


def written(folder: Path, setting: str, mark: str = MARK) -> list[Plugin]:
    path = folder / "plugin.py"
    path.write_text(f"{HEAD}\n{mark}\ndef mine(task, train, *, {setting}): pass\n")
    return read(path, "plugin", "someone")


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("s: bool = False", "True or False"),
        ("s: int = 1", "a whole number"),
        ("s: float = 1", "a finite number"),
        ("s: str = 'a'", "text"),
        ("s: 'int | None' = None", "a whole number or None"),
        ("s: Optional[float] = None", "a finite number or None"),
        ("s: t.Union[int, str] = 1", "a whole number or text"),
        ("s: Literal['a', 'b'] = 'a'", "'a' or 'b'"),
        ("s: t.Literal['a', -1, None] = None", "'a', -1 or None"),
        ("s: Literal['x', How] = 'x'", "'x', 'a' or 'b'"),
        ("s: How = 'a'", "'a' or 'b'"),
        ("s: How | None = None", "'a', 'b' or None"),
        ("s: Size = 2", "a whole number of at least 1"),
        (
            "s: Annotated[float, '> 0', '<= 1.5'] | Size = 1.0",
            "a finite number above 0 and at most 1.5, a whole number of at least 1",
        ),
        ("s: tuple[str, ...] = ()", "a list (each text)"),
        ("s: Sequence[How] = ()", "a list (each 'a' or 'b')"),
        ("s: list[int] = []", "a list (each a whole number)"),
        ("s: tuple[int, int] | None = None", "a list of 2 values (each a whole number) or None"),
        ("s: tuple = ()", "a list (each any value)"),
        ("s: Any = 1", "any value"),
        ("s=1.5", "a finite number"),
        ("s: Unknown = 1", "a whole number"),
        ("s: Unknown | None = None", "any value"),
        ("s: Loop = 'a'", "text"),
        ("s: Shape = 'a'", "text"),
        ("s: dict[str, int] = {}", "a dict"),
        ("s: 'no type!' = 1", "a whole number"),
    ],
)
def test_an_annotation_says_what_a_setting_takes(tmp_path: Path, setting: str, wanted: str) -> None:
    (plugin,) = written(tmp_path, setting)
    assert plugin.type_of("s").description.replace(" or a whole number of", ", a whole number of") == wanted


def test_a_default_is_brought_to_its_annotation(tmp_path: Path) -> None:
    (plugin,) = written(tmp_path, "a: float = 1, b: int = 2.0, c: tuple[int, ...] = [1, 2]")
    assert repr(dict(plugin.settings)) == "{'a': 1.0, 'b': 2, 'c': (1, 2)}"


def test_fields_of_a_shared_dataclass_have_annotations_of_their_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "has_shared_types"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "words.py").write_text('from typing import Literal\nMood = Literal["calm", "wild"]\n')
    (package / "shared.py").write_text(
        "import dataclasses\nfrom .words import Mood as State\n@dataclasses.dataclass\nclass Budget:\n"
        '    state: State = "calm"\n    rounds: "int | None" = None\n'
    )
    text = f"from recurbench import method\nfrom .shared import Budget\n{MARK}\n"
    (package / "plugin.py").write_text(f"{text}def mine(task, train, *, budget: Budget): pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    (plugin,) = read(package / "plugin.py", "has_shared_types.plugin", "someone")
    assert plugin.type_of("state").description == "'calm' or 'wild'"
    assert plugin.type_of("rounds").description == "a whole number or None"


@pytest.mark.parametrize(
    ("setting", "more", "words"),
    [
        ("s: How = 'c'", "", "the default of s is 'c', wanted 'a' or 'b'; change the value, or annotate s"),
        ("s: int = None", "", "the default of s is None, wanted a whole number"),
        ("s: bool = 0", "", "the default of s is 0, wanted True or False"),
        ("s: Size = 0", "", "the default of s is 0, wanted a whole number of at least 1"),
        ("s: How = 'a'", 'search={"s": ("a", "c")}', "a value to search of s is 'c', wanted 'a' or 'b'"),
        ("s=1", 'search={"s": (1, 0.5)}', "a value to search of s is 0.5, wanted a whole number"),
        ("s: Size = 1", 'search={"s": [0]}', "a value to search of s is 0"),
        (
            "s=False",
            'variants={"m-two": {"s": "yes"}}',
            "in the variant m-two, s is 'yes', wanted True or False",
        ),
    ],
)
def test_a_plugin_that_contradicts_itself_is_refused_with_its_file(
    tmp_path: Path, setting: str, more: str, words: str
) -> None:
    with pytest.raises(ValueError, match=r"^plugin\.py, line \d+, mine: ") as refused:
        written(tmp_path, setting, MARK.replace(")", f", {more})"))
    assert words in str(refused.value)


def test_values_to_search_and_variants_are_brought_to_the_type_of_their_setting(tmp_path: Path) -> None:
    mark = MARK.replace(")", ', search={"s": [1, 0.5]}, variants={"m-two": {"s": 2}})')
    one, two = written(tmp_path, "s: float = 3", mark)
    assert repr((one.settings["s"], two.settings["s"], one.search["s"])) == "(3.0, 2.0, (1.0, 0.5))"


# Ours


def test_the_wavelets_are_those_of_pywavelets() -> None:
    assert set(get_args(Wavelet)) == set(pywt.wavelist(kind="discrete"))


def test_words_of_our_settings_are_listed_where_the_code_has_a_list() -> None:
    from recurbench.datasets import (
        adding,
        dates,
        m4,
        sequential_digits,
        temporal_order,
        trajectory,
        variable_length,
    )
    from recurbench.methods import _preparation, _scaling, _settings, analog, mingru, mlp, transformer
    from recurbench.methods._networks import recurrence

    listed = {
        ("adding", "marks"): adding.MARKS,
        ("dates", "style"): (*dates.STYLES, "mixed"),
        ("m4", "group"): m4.PUBLISHED,
        ("sequential-digits", "order"): sequential_digits.ORDERS,
        ("temporal-order", "label"): temporal_order.CLASSES,
        ("trajectory", "system"): trajectory.SYSTEMS,
        ("variable-length", "label"): variable_length.LABELS,
        ("analog", "level"): analog.LEVELS,
        ("mlp", "reads"): mlp.READS,
        ("transformer", "pooling"): transformer.POOLINGS,
        ("transformer", "positions"): transformer.POSITIONS,
        ("rnn", "activation"): recurrence.ACTIVATIONS,
        ("rnn", "first_state"): recurrence.FIRST_STATES,
        ("rnn", "matrix"): recurrence.MATRICES,
        ("rnn", "init"): recurrence.INITIALISATIONS["rnn"],
        ("rnn-shuffled", "cell"): recurrence.CELLS,
        ("lstm", "init"): recurrence.INITIALISATIONS["lstm"],
        ("lstm-shuffled", "init"): recurrence.INITIALISATIONS["lstm"],
        ("mingru", "init"): mingru.INITIALISATIONS,
        ("gru", "decoder"): _settings.DECODERS,
        ("gru", "weights"): _settings.WEIGHTS,
        ("gru", "normalise"): _preparation.NORMALISATIONS,
        ("gru", "unequal"): _preparation.LENGTHS,
        ("gru", "channels"): _scaling.CHANNELS,
    }
    registry = discover()
    every = {**registry.methods, **registry.datasets}
    for (name, setting), known in listed.items():
        assert set(every[name].type_of(setting).words) == set(known), (name, setting)


def test_every_setting_of_ours_has_an_annotation_that_can_be_read() -> None:
    registry = discover()
    for plugin in (*registry.methods.values(), *registry.datasets.values()):
        if plugin.owner == "recurbench":
            loose = [key for key in plugin.settings if plugin.type_of(key).anything]
            assert not loose, plugin.name


SIZES = (
    "hidden",
    "layers",
    "max_steps",
    "batch",
    "beam",
    "patience",
    "context",
    "filters",
    "kernel",
    "trees",
)


def test_no_size_of_a_built_in_method_may_be_negative() -> None:
    found = [(plugin, name) for plugin in discover().methods.values() for name in plugin.settings]
    sized = [(plugin, name) for plugin, name in found if name in SIZES]
    assert {name for _, name in sized} == set(SIZES)
    for plugin, name in sized:
        with pytest.raises(ValueError, match=f"method {plugin.name}: {name} is -1, wanted a whole number"):
            plugin.choose({name: -1})
