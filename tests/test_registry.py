"""Plugins as text: what is read, what is refused and in which words, names and addresses."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.address import short
from recurbench.registry import Choice, Plugin, Registry, discover, load, read, unknown
from recurbench.settings import located

METHOD = '''
from recurbench import method


@method("mean-of-all", family="baseline", kinds={"regression"}, search={"lag": (1, 2)})
def mean_of_all(task, train, *, lag=1, window=(1, 2), words="a", seed=0, check=None):
    """Answer with the mean.

    More about it.
    """
'''


def written(folder: Path, text: str, name: str = "plugin.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def refusal(folder: Path, text: str) -> str:
    """The words with which a file's text is refused."""
    with pytest.raises(ValueError, match=r"plugin\.py, line") as refused:
        read(written(folder, text), "plugin", "someone")
    return str(refused.value)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Installs a distribution as a third party would: its name, its files, its entry points."""

    def install(name: str, files: dict[str, str], **points: str) -> Path:
        site = tmp_path / f"site-{name}"
        for path, text in files.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(text)
        facts = site / f"{name}-1.0.dist-info"
        facts.mkdir(parents=True)
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        groups = [f"[recurbench.{group}]\n{name} = {value}\n" for group, value in points.items()]
        (facts / "entry_points.txt").write_text("\n".join(groups))
        monkeypatch.syspath_prepend(site)
        return site

    return install


# Reading


def test_a_method_is_read_with_its_settings_search_and_summary(tmp_path: Path) -> None:
    path = written(tmp_path, METHOD)
    (plugin,) = read(path, "plugin", "someone")
    assert (plugin.name, plugin.sort, plugin.function) == ("mean-of-all", "method", "mean_of_all")
    assert (plugin.module, plugin.path, plugin.owner) == ("plugin", path, "someone")
    assert (plugin.family, plugin.recurrence, plugin.role) == ("baseline", "none", "contender")
    assert plugin.kinds == {"regression"}
    assert plugin.settings == {"lag": 1, "window": (1, 2), "words": "a"}
    assert plugin.takes == {"seed", "check"}
    assert plugin.search == {"lag": (1, 2)}
    assert plugin.summary == "Answer with the mean."


def test_a_dataset_is_read_with_its_dials_and_files(tmp_path: Path) -> None:
    mark = '@recurbench.dataset("mine", kind="forecasting", files=("path",))'
    path = written(tmp_path, f'{mark}\ndef mine(*, path="a.csv", seed): pass')
    (plugin,) = read(path, "plugin", "someone")
    assert (plugin.sort, plugin.kinds, plugin.files) == ("dataset", {"forecasting"}, ("path",))
    assert (plugin.settings, plugin.takes) == ({"path": "a.csv"}, {"seed"})


def test_reading_runs_nothing_of_the_file(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    path = written(tmp_path, f"open({str(ran)!r}, 'w')\nimport a_package_nobody_has\n{METHOD}")
    assert [plugin.name for plugin in discover([path]).methods.values() if plugin.path == path] == [
        "mean-of-all"
    ]
    assert not ran.exists()


def test_functions_without_a_decorator_of_ours_are_no_plugins(tmp_path: Path) -> None:
    text = "import functools\n\n@functools.cache\ndef one(): pass\n\ndef two(task, train): pass\n"
    assert read(written(tmp_path, text), "plugin", "someone") == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "lag=1",
            "lag=ONE",
            "line 6, mean_of_all: the default of lag must be a literal.*read as text; got ONE",
        ),
        ("lag=1", "lag=1 + len('a')", r"the default of lag must be a literal.*got 1 \+ len\('a'\)"),
        ("lag=1", "lag={[]: 1}", r"the default of lag must be a literal.*got \{\[\]: 1\}"),
        ('{"regression"}', "KINDS", "kinds must be a literal.*got KINDS"),
        ('"mean-of-all"', "NAME", "name must be a literal.*got NAME"),
        ('"mean-of-all"', '"Mean of all"', "lower-case words joined by hyphens, got 'Mean of all'"),
        ('"mean-of-all"', "None", "lower-case words joined by hyphens, got None"),
        ("task, train, *", "task, *", r"the signature must be \(task, train, \*, .*got \(task\)"),
        ("task, train, *", "task, train, more, *", r"got \(task, train, more\)"),
        ("task, train, *", "task, train, *more", "the signature must be"),
        ("check=None", "check=None, **more", "the signature must be"),
        ("lag=1", "lag", "the setting lag needs a default"),
        ("seed=0", "seeds=()", "a method that takes `seeds` must also take `seed`"),
        ('"baseline"', '"guesses"', "family must be one of baseline, statistical,.*got 'guesses'"),
        ('family="baseline", ', "", "missing a required argument: 'family'"),
        ("search=", "serch=", "unexpected keyword argument 'serch'"),
        ("search=", "overrides={'lag': 'words'}, search=", "overrides must hold a tuple of settings for lag"),
        ("search=", "overrides={'lag': ('b',)}, search=", "overrides names b, which is not a setting"),
        ('"mean-of-all"', '"mean-of-all", "mean"', "too many positional arguments"),
        ('{"regression"}', "set()", "the decorator needs a kind"),
        ('{"regression"}', "{3}", "the decorator needs a kind"),
        ('{"regression"}', '"regression"', "kinds must be a set, got 'regression'"),
        (
            "search={",
            "recurrence='some', search={",
            "recurrence must be one of none, linear, learned; got 'some'",
        ),
        ("search={", "role='hero', search={", "role must be one of contender, control, ablation; got 'hero'"),
        ('{"lag": (1, 2)}', '{"leg": (1, 2)}', "search names leg, which is not a setting"),
        ('{"lag": (1, 2)}', '["lag"]', "search must be a dict"),
        ("search={", "variants={'v': {'leg': 1}}, search={", "v names leg, which is not a setting"),
        ("search={", "variants={'v': 1}, search={", "variants must hold a dict of settings by name"),
        ("search={", "variants={'V': {}}, search={", "lower-case words joined by hyphens, got 'V'"),
        ("search={", "variants={'v': {'role': 'hero'}}, search={", "role must be one of.*got 'hero'"),
    ],
)
def test_what_does_not_fit_is_refused_with_line_and_reason(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    assert METHOD.count(before) == 1
    with pytest.raises(ValueError, match=words):
        read(written(tmp_path, METHOD.replace(before, after)), "plugin", "someone")


@pytest.mark.parametrize(
    ("mark", "arguments", "words"),
    [
        ('"mine"', "*, a=1", "missing a required argument: 'kind'"),
        ('"mine", kind=None', "*, a=1", "needs a kind"),
        ('"mine", kind={"regression"}', "*, a=1", "kind must be a str"),
        (
            '"mine", kind="regression"',
            "a=1",
            r"the signature must be \(\*, dial=default, \.\.\.\), got \(a\)",
        ),
        ('"mine", kind="regression"', "*, check", "the setting check needs a default"),
        ('"mine", kind="regression", files=("b",)', "*, a=1", "files names b, which is not a setting"),
        ('"mine", kind="regression", files="a"', "*, a=1", "files must be a tuple"),
        ('"mine", family="baseline", kind="regression"', "*, a=1", "unexpected keyword argument 'family'"),
    ],
)
def test_a_dataset_that_does_not_fit_is_refused(
    tmp_path: Path, mark: str, arguments: str, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        read(written(tmp_path, f"@dataset({mark})\ndef mine({arguments}): pass"), "plugin", "someone")


def test_a_refusal_names_the_file_the_line_and_the_function(tmp_path: Path) -> None:
    assert refusal(tmp_path, METHOD.replace("lag=1", "lag=ONE")).startswith(
        "plugin.py, line 6, mean_of_all: "
    )


def test_variants_are_plugins_of_the_same_function_with_other_settings_and_role(tmp_path: Path) -> None:
    variants = 'variants={"two-lags": {"lag": 2, "role": "ablation"}, "bare": {}}, role="control", search='
    plugins = read(written(tmp_path, METHOD.replace("search=", variants)), "plugin", "someone")
    assert [(p.name, p.role, p.settings["lag"]) for p in plugins] == [
        ("mean-of-all", "control", 1),
        ("two-lags", "ablation", 2),
        ("bare", "control", 1),
    ]
    assert {p.function for p in plugins} == {"mean_of_all"}
    assert "role" not in plugins[1].settings


# Finding


def test_the_built_in_plugins_are_all_read_and_none_is_broken() -> None:
    registry = discover()
    assert registry.broken == ()
    assert {"seasonal-naive", "sarimax", "gru", "dtw-1nn"} <= set(registry.methods)
    assert {"airline", "gunpoint", "parity", "csv"} <= set(registry.datasets)
    assert {p.owner for p in (registry.methods | registry.datasets).values()} == {"recurbench"}


def test_listing_imports_neither_plugins_nor_numpy() -> None:
    import subprocess

    code = (
        "import sys; from recurbench.registry import discover; discover();"
        "heavy = ('numpy', 'torch', 'pandas');"
        "print(sorted(m for m in sys.modules if m.startswith('recurbench.') or m in heavy))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    names = ("address", "decorators", "plugin_files", "registry", "setting_types", "settings", "signature")
    assert out.strip() == str([f"recurbench.{name}" for name in names])


def test_a_third_party_package_is_scanned_without_its_private_modules(installed: Any) -> None:
    files = {
        "foreign/__init__.py": "raise RuntimeError('nobody may run this to list names')",
        "foreign/parts/__init__.py": "",
        "foreign/parts/one.py": METHOD,
        "foreign/parts/_shared.py": METHOD,
        "foreign/lone.py": '@dataset("lone", kind="regression")\ndef lone(): pass',
    }
    installed("foreign", files, methods="foreign.parts", datasets="foreign.lone")
    registry = discover()
    plugin = registry.methods["mean-of-all"]
    assert (plugin.owner, plugin.module) == ("foreign", "foreign.parts.one")
    assert registry.datasets["lone"].module == "foreign.lone"
    assert registry.broken == ()
    assert "foreign" not in sys.modules


def test_third_parties_can_be_left_out(installed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    installed("foreign", {"foreign.py": METHOD}, methods="foreign")
    assert "mean-of-all" in discover().methods
    monkeypatch.setenv("RECURBENCH_PLUGINS", "0")
    left = discover()
    assert "mean-of-all" not in left.methods
    assert "seasonal-naive" in left.methods


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def broken(:", "SyntaxError"),
        (
            METHOD.replace("lag=1", "lag=ONE"),
            "ValueError: broken.py, line 6, mean_of_all: the default of lag",
        ),
        ("\0", "ValueError|SyntaxError"),
    ],
)
def test_a_broken_file_is_listed_with_its_reason_and_the_others_stay(
    installed: Any, text: str, reason: str
) -> None:
    other = METHOD.replace("mean-of-all", "fine")
    files = {"foreign/__init__.py": "", "foreign/broken.py": text, "foreign/fine.py": other}
    site = installed("foreign", files, methods="foreign")
    registry = discover()
    (trouble,) = registry.broken
    assert (trouble.owner, trouble.path) == ("foreign", str(site / "foreign/broken.py"))
    assert any(trouble.reason.startswith(word) for word in reason.split("|"))
    assert registry.methods["fine"].owner == "foreign"


@pytest.mark.parametrize("value", ["nowhere", "foreign.nowhere", "foreign.folder", "foreign.folder.module"])
def test_an_entry_point_to_nothing_is_listed_as_broken(installed: Any, value: str) -> None:
    installed("foreign", {"foreign/__init__.py": "", "foreign/folder/module.py": ""}, methods=value)
    (trouble,) = discover().broken
    assert (trouble.owner, trouble.path) == ("foreign", value)
    assert f"names {value}" in trouble.reason


def test_two_plugins_of_one_name_are_refused_and_both_owners_named(installed: Any, tmp_path: Path) -> None:
    site = installed("foreign", {"foreign.py": METHOD}, methods="foreign")
    mine = written(tmp_path, METHOD)
    with pytest.raises(ValueError, match="two methods are called 'mean-of-all'") as refused:
        discover([mine])
    for word in ("foreign", str(site / "foreign.py"), str(mine), "rename one", "RECURBENCH_PLUGINS=0"):
        assert word in str(refused.value)


def test_a_method_and_a_dataset_may_share_a_name(tmp_path: Path) -> None:
    text = f'{METHOD}\n\n@dataset("mean-of-all", kind="regression")\ndef data(): pass'
    registry = discover([written(tmp_path, text)])
    assert registry.methods["mean-of-all"].function == "mean_of_all"
    assert registry.datasets["mean-of-all"].function == "data"


def test_a_plugin_file_is_read_and_its_function_loaded(tmp_path: Path) -> None:
    text = (
        '@method("says", family="baseline", kinds={"regression"})\ndef says(task, train): return task + train'
    )
    registry = discover([written(tmp_path, f"from recurbench import method\n{text}")])
    assert load(registry.methods["says"])(1, 2) == 3


def test_two_plugin_files_of_one_stem_do_not_get_mixed_up(tmp_path: Path) -> None:
    paths = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        mark = f'@method("says-{name}", family="baseline", kinds={{"regression"}})'
        text = f'from recurbench import method\n{mark}\ndef says(task, train): return "{name}"'
        paths.append(written(tmp_path / name, text))
    registry = discover(paths)
    for name in ("one", "two", "one"):
        assert load(registry.methods[f"says-{name}"])(None, None) == name


def test_a_plugin_file_whose_import_fails_says_so_every_time(tmp_path: Path) -> None:
    plugin = discover([written(tmp_path, f"import a_package_nobody_has\n{METHOD}")]).methods["mean-of-all"]
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="a_package_nobody_has"):
            load(plugin)


def test_a_missing_plugin_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"--plugin .*absent\.py: no such file"):
        discover([tmp_path / "absent.py"])


def test_a_broken_plugin_file_that_was_asked_for_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"--plugin .*plugin\.py: SyntaxError"):
        discover([written(tmp_path, "def broken(:")])


def test_a_module_is_located_without_importing_its_parents(installed: Any) -> None:
    files = {
        "parent/__init__.py": "raise RuntimeError",
        "parent/child/__init__.py": "",
        "parent/child/leaf.py": "",
    }
    site = installed("parent", files)
    spec = located("parent.child.leaf")
    assert spec is not None
    assert spec.origin == str(site / "parent/child/leaf.py")
    assert located("parent.child.leaf.name") is None
    assert located("parent.absent") is None
    assert located("recurbench.task") is not None
    assert not {"parent", "parent.child"} & set(sys.modules)


# Names and addresses


def plugin_of(name: str = "gru", **settings: Any) -> Plugin:
    return Plugin(name, "method", "f", "m", Path("m.py"), "me", frozenset({"regression"}), settings)


def table(*plugins: Plugin) -> Registry:
    return Registry({plugin.name: plugin for plugin in plugins}, {})


def test_methods_of_one_name_are_told_apart_and_nothing_else_is_said() -> None:
    asked = ["tcn[a=1,b=2]", "tcn[a=1,b=2,c=x]", "rnn[a=1]", "lstm"]
    assert [short(name, asked) for name in asked] == ["tcn", "tcn[c=x]", "rnn", "lstm"]


def settings_of(address: str) -> dict[str, Any]:
    """The settings of an address to a method whose settings `a` and `b` take any value."""
    return dict(table(plugin_of(a=None, b=None)).select_methods([address])[0].settings)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("gru", {"a": None, "b": None}),
        ("gru[]", {"a": None, "b": None}),
        (" gru[ a = 1 , b=word ] ", {"a": 1, "b": "word"}),
        ("gru[a=(1, 2),b=3]", {"a": (1, 2), "b": 3}),
        ("gru[a=((1, 2), (3,)),b=[4, 'x]']]", {"a": ((1, 2), (3,)), "b": [4, "x]"]}),
        ("gru[a='x, b=y',b=\"it's\"]", {"a": "x, b=y", "b": "it's"}),
        ("gru[a={'p': 1, 'q': 2}]", {"a": {"p": 1, "q": 2}, "b": None}),
        ("gru[a=None,b=True]", {"a": None, "b": True}),
        ("gru[a=-1e-3,b='1']", {"a": -0.001, "b": "1"}),
        ("gru[a=data/my.csv,b=2024-01-31]", {"a": "data/my.csv", "b": "2024-01-31"}),
        ("gru[a=(x,y),b=[z, 1]]", {"a": ("x", "y"), "b": ["z", 1]}),
        ("gru[a=(x),b=( 'p,q' , r )]", {"a": ("x",), "b": ("p,q", "r")}),
        ("gru[a=no[1],b=it's]", {"a": "no[1]", "b": "it's"}),
    ],
)
def test_an_address_is_a_name_and_settings_in_brackets(text: str, settings: dict[str, Any]) -> None:
    assert settings_of(text) == settings


def test_a_setting_may_be_a_capital_letter_of_the_field() -> None:
    assert table(plugin_of(K=1)).select_methods(["gru[K=2]"])[0].settings == {"K": 2}


@pytest.mark.parametrize(
    "text", ["", "[a=1]", "gru[a=1", "gru]", "gru[a=1]x", "gru[a]", "gru[a=1,2]", "gru[1=a]"]
)
def test_what_is_no_address_is_refused_with_the_form_wanted(text: str) -> None:
    with pytest.raises(ValueError, match=r"name\[setting=value,\.\.\.\]"):
        settings_of(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gru[a=1,a=2]", "gives a twice; write each setting once"),
        ("gru[a=1,b=2, a=1]", "gives a twice"),
        ("gru[a=1,]", "ends in a comma"),
        ("gru[a=1, ]", "ends in a comma"),
        ("gru[a=]", "a has no value"),
        ("gru[a=,b=1]", "a has no value"),
        ("gru[a=1", "a bracket is not closed"),
        ("gru a=1]", "a bracket is closed that was not opened"),
        ("gru[a=1]]", "a is 1], with a bracket that has no partner"),
        ("gru[a=(x,y]", "a bracket that is not closed"),
        ("gru[a=(x,,y)]", "an empty place in its list"),
        ("gru[a=(x,(y))]", "must be in quotes"),
        ("gru[a='x]", "a quote that is not closed"),
        ("gru[a=(x)y]", "a comma must follow"),
    ],
)
def test_an_address_that_is_miswritten_says_where(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        settings_of(text)


def test_an_unknown_setting_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="method gru has no setting 'c'; its settings: a, b"):
        settings_of("gru[c=1]")
    with pytest.raises(ValueError, match="its settings: none"):
        table(plugin_of()).select_methods(["gru[c=1]"])


def test_an_unknown_name_lists_the_nearest() -> None:
    registry = table(plugin_of("seasonal-naive"), plugin_of("sarimax"), plugin_of("gru"))
    with pytest.raises(ValueError, match=r"no method is called 'seasonal-naiv'; nearest: seasonal-naive$"):
        registry.select_methods(["seasonal-naiv"])
    assert unknown("zzz", ["b", "a"], "dataset") == "no dataset is called 'zzz'; known: a, b"


def test_a_glob_that_matches_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no method is called 'x\*'"):
        table(plugin_of("gru")).select_methods(["gru", "x*"])


def test_globs_choose_in_the_order_of_the_table_and_each_once() -> None:
    registry = table(plugin_of("gru", a=1), plugin_of("gru-cut", a=1), plugin_of("lstm", a=1))
    chosen = registry.select_methods(["lstm", "gru*", "*", "gru[a=2]", "gru[a=1]"])
    assert [choice.address for choice in chosen] == ["lstm", "gru", "gru-cut", "gru[a=2]"]
    assert [choice.address for choice in registry.select_methods(["gru*[a=3]"])] == [
        "gru[a=3]",
        "gru-cut[a=3]",
    ]


def test_datasets_are_chosen_like_methods() -> None:
    registry = Registry({}, {"parity": plugin_of("parity", bits=3)})
    assert registry.select_datasets(["par*[bits=4]"])[0].settings == {"bits": 4}
    with pytest.raises(ValueError, match="no dataset is called 'gru'"):
        registry.select_datasets(["gru"])


def test_a_default_written_out_in_another_type_is_the_default() -> None:
    choice = table(plugin_of(a=1)).select_methods(["gru[a=1.0]"])[0]
    assert choice.address == "gru"
    assert type(choice.settings["a"]) is int


LITERALS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("abc=,'\"[](){}# \\\n\té中", max_size=8)
    | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text("ab,'", max_size=3), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from("abcK"), LITERALS, max_size=4))
def test_an_address_read_again_gives_the_same_choice(changes: dict[str, Any]) -> None:
    plugin = plugin_of(a=None, b=None, c=None, K=None)
    choice = Choice(plugin, {**plugin.settings, **changes})
    (again,) = table(plugin).select_methods([choice.address])
    assert again == choice
    assert again.address == choice.address


def test_a_plain_word_is_written_without_quotes() -> None:
    plugin = plugin_of(path="", cut="")
    assert plugin.address({"path": "data/my.csv", "cut": "state"}) == "gru[cut=state,path=data/my.csv]"
    assert plugin.address({"path": "1", "cut": "None"}) == "gru[cut='None',path='1']"
