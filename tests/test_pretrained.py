"""The method `pretrained`: a forecaster of somebody else from a folder of weights; nothing is downloaded."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_bolt
import torch
from click.testing import CliRunner
from recurbench import Split, Task, Values, api
from recurbench.address import joined
from recurbench.check import method_checks
from recurbench.cli.main import main
from recurbench.method_files import named, try_out
from recurbench.methods.pretrained import OFFLINE, loaded_pipeline, pretrained
from recurbench.registry import discover
from recurbench.reports.statistics.comparison_table import comparison, every_method
from recurbench.reports.text.latex import latex
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run

TINY = "tiny_bolt:TinyBoltPipeline"
NO_CHRONOS = "chronos-forecasting is not installed; pip install chronos-forecasting"
chronos = pytest.mark.skipif(importlib.util.find_spec("chronos") is None, reason=NO_CHRONOS)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bolt.checkpoint(), tmp_path / "weights"))


@pytest.fixture
def chronos_weights(tmp_path: Path) -> Path:
    """A tiny model of Chronos-Bolt itself with random weights."""
    from chronos.chronos_bolt import ChronosBoltModelForForecasting
    from transformers import T5Config

    own = {"context_length": 48, "prediction_length": 8, "input_patch_size": 8, "input_patch_stride": 8}
    own |= {"quantiles": [k / 10 for k in range(1, 10)], "use_reg_token": True}
    size = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_decoder_layers": 1, "num_heads": 2}
    tokens = {"vocab_size": 2, "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
    names = {"architectures": ["ChronosBoltModelForForecasting"], "feed_forward_proj": "relu"}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = T5Config(**size, **tokens, **names, reg_token_id=1, chronos_config=own)
        ChronosBoltModelForForecasting(config).save_pretrained(tmp_path / "bolt")
    return tmp_path / "bolt"


def address(folder: object, **settings: object) -> str:
    return joined("pretrained", {"folder": str(folder), "pipeline": TINY, **settings})


def refused(*words: str) -> str:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2, result.output
    return " ".join(result.output.partition("Error: ")[2].split())


def run_refused(method: str) -> str:
    return refused("plan", "--datasets", "airline", "--methods", method)


def run(out: Path, *methods: str, datasets: tuple[str, ...] = ("airline",)) -> api.Plan:
    request = api.Request(methods=methods, datasets=datasets, jobs=0, out=out)
    plan = api.prepare(request)
    api.perform(plan)
    return plan


def test_the_command_checks_it_with_a_folder_and_refuses_it_without(weights):
    result = CliRunner().invoke(main, ["check", address(weights)])
    assert result.exit_code == 0, result.output
    assert "pretrained: 31 checks, 0 failed" in result.output
    assert "no folder of weights; write pretrained[folder=PATH]" in refused("check", "pretrained")


def test_it_forecasts_and_its_row_says_how_large_the_model_is(weights, tmp_path):
    run(tmp_path / "run", address(weights))
    final = read_run(tmp_path / "run").final.set_index("method").loc["pretrained"]
    assert (final["status"], final["parameters"]) == ("ok", 7176)
    assert final["notes"] == {"parameters": 7176, "context": 48}
    assert {"torch", "numpy"} <= set(final["versions"])


def test_a_run_again_computes_nothing_and_changed_weights_are_another_result(weights, tmp_path):
    first = run(tmp_path / "run", address(weights))
    key = first.jobs[0].key("final", 0)
    again = api.prepare(api.Request(methods=(address(weights),), datasets=("airline",), jobs=0))
    assert again.jobs[0].key("final", 0) == key
    (weights / ".cache").mkdir()
    (weights / ".cache" / "note").write_text("hidden files are no weights")
    same = api.prepare(api.Request(methods=(address(weights),), datasets=("airline",), jobs=0))
    assert same.jobs[0].key("final", 0) == key
    model = tiny_bolt.TinyBoltPipeline.from_pretrained(weights).model
    with torch.no_grad():
        model.head.bias += 0.1
    tiny_bolt.save(model, weights)
    other = api.prepare(api.Request(methods=(address(weights),), datasets=("airline",), jobs=0))
    assert other.jobs[0].key("final", 0) != key


def test_a_class_that_changed_is_another_result(weights, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "own_pipeline_of_mine.py"
    keys = []
    for remark in ("", "# another version\n"):
        file.write_text(f"{remark}from tiny_bolt import TinyBoltPipeline\n")
        importlib.invalidate_caches()
        method = joined(
            "pretrained", {"folder": str(weights), "pipeline": "own_pipeline_of_mine:TinyBoltPipeline"}
        )
        plan = api.prepare(api.Request(methods=(method,), datasets=("airline",), jobs=0))
        keys.append(plan.jobs[0].key("final", 0))
    assert keys[0] != keys[1]


def test_the_keys_of_other_methods_are_as_they_were():
    plan = api.prepare(api.Request(methods=("drift",), datasets=("airline",), jobs=0))
    assert "method files" not in str(plan.jobs[0])
    assert plan.jobs[0].method.plugin.files == ()


def test_a_result_on_data_that_the_model_was_trained_on_is_marked_and_never_the_best(weights, tmp_path):
    fresh, seen = address(weights), address(weights, trained_on=("M4", "Airline"))
    run(tmp_path / "run", fresh, seen, datasets=("airline", "co2"))
    found = read_run(tmp_path / "run")
    noted = {
        (row.problem, row.address): row.notes.get("trained_on_this_data") for row in found.cells.itertuples()
    }
    assert [key for key, value in noted.items() if value] == [("airline", seen)]
    result = CliRunner().invoke(main, ["report", str(tmp_path / "run")])
    assert result.exit_code == 0, result.output
    table = (tmp_path / "run" / "report" / "table.md").read_text(encoding="utf-8")
    assert f"| {seen} | trained on this data | the setting trained_on says" in table.replace("\\", "")
    page = (tmp_path / "run" / "report" / "index.html").read_text(encoding="utf-8")
    assert "trained on this data" in page
    best = comparison(found).set_index("problem")["attention"]
    assert best["airline"] == fresh
    assert best["co2"] in (fresh, seen)
    marked = every_method(found).set_index(["problem", "method"])["trained_on_this_data"]
    assert list(marked[marked].index) == [("airline", seen)]


def test_where_every_method_of_a_family_knew_the_data_the_table_says_so(weights, tmp_path):
    run(tmp_path / "run", address(weights, trained_on=("airline",)))
    result = CliRunner().invoke(main, ["report", str(tmp_path / "run")])
    assert result.exit_code == 0, result.output
    table = (tmp_path / "run" / "report" / "table.md").read_text(encoding="utf-8")
    assert "† trained on this data" in table
    assert "trained on this data" in latex(read_run(tmp_path / "run"), Messages())


def test_a_pattern_leaves_it_out_and_its_full_name_does_not():
    registry = discover()
    assert "pretrained" not in {one.plugin.name for one in named(registry, ["p*", "drift"])}
    assert [one.plugin.name for one in named(registry, ["pretrained"])] == ["pretrained"]
    plan = api.prepare(api.Request(methods=("*t*d",), datasets=("airline",), jobs=0))
    assert "pretrained" not in {job.method.plugin.name for job in plan.jobs}


def test_nothing_is_asked_of_a_hub_and_the_environment_is_left_as_it_was(weights, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    seen = {}

    class Asked(tiny_bolt.TinyBoltPipeline):
        @classmethod
        def from_pretrained(cls, folder):
            seen.update({name: os.environ.get(name) for name in OFFLINE})
            print("loading")
            return super().from_pretrained(folder)

    monkeypatch.setattr(tiny_bolt, "TinyBoltPipeline", Asked)
    before = dict(os.environ)
    loaded_pipeline(str(weights), TINY)
    assert seen == OFFLINE
    assert dict(os.environ) == before


def test_loading_prints_nothing_and_leaves_the_generator_of_torch(weights, capfd):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    loaded_pipeline(str(weights), TINY)
    assert torch.equal(torch.get_rng_state(), before)
    assert capfd.readouterr() == ("", "")


def test_a_name_on_a_hub_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = run_refused("pretrained[folder=amazon/chronos-bolt-tiny]")
    assert said == (
        "there is no folder amazon/chronos-bolt-tiny. It looks like a name on a model hub, and nothing is "
        "downloaded. Give the path of a folder on this machine that holds config.json and the weights"
    )


def test_a_folder_that_is_missing_or_holds_no_model_is_refused(weights, tmp_path):
    assert "no folder of weights; write pretrained[folder=PATH]" in run_refused("pretrained")
    assert "there is no folder /nowhere. Give the path" in run_refused(address("/nowhere"))
    assert "model.pt is a file, wanted the folder" in run_refused(address(weights / "model.pt"))
    (weights / "config.json").unlink()
    said = run_refused(address(weights))
    assert "holds no config.json, it holds model.pt; give the folder with config.json" in said
    tiny_bolt.save(tiny_bolt.TinyBolt(tiny_bolt.CONFIG), weights)
    (weights / "model.pt").write_bytes(b"no weights")
    assert "cannot load these weights, it raised" in run_refused(address(weights))


@pytest.mark.parametrize(
    ("pipeline", "words"),
    [
        ("TinyBoltPipeline", "wanted module:Class; write for example chronos:ChronosBoltPipeline"),
        ("no_such_module:Pipeline", "cannot be imported .*; install it, .* pip install no_such_module"),
        ("tiny_bolt:Missing", "there is no such class; write module:Class"),
        ("tiny_bolt:TinyBolt", "there is no class method from_pretrained"),
        ("test_pretrained_classes:NoInterface", "has no method predict_quantiles"),
        (
            "test_pretrained_classes:OtherShape",
            r"of shape \(2, 3, 3\), wanted|of shape .*, wanted \(2, 3, 3\)",
        ),
        (
            "test_pretrained_classes:Fails",
            "the model cannot forecast a sine of 40 steps, it raised OSError: no",
        ),
    ],
)
def test_a_class_that_does_not_fit_is_refused(weights, tmp_path, monkeypatch, pipeline, words):
    (tmp_path / "test_pretrained_classes.py").write_text(CLASSES)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "test_pretrained_classes", raising=False)
    said = run_refused(joined("pretrained", {"folder": str(weights), "pipeline": pipeline}))
    assert re.search(words, said), said


CLASSES = """
from tiny_bolt import TinyBoltPipeline

class NoInterface:
    @classmethod
    def from_pretrained(cls, folder):
        return cls()

class OtherShape(TinyBoltPipeline):
    def predict_quantiles(self, *args, **words):
        quantiles, mean = super().predict_quantiles(*args, **words)
        return quantiles[:, :2], mean

class Fails(TinyBoltPipeline):
    def predict_quantiles(self, *args, **words):
        raise OSError("no")
"""


@pytest.mark.skipif(
    importlib.util.find_spec("chronos") is not None, reason="chronos-forecasting is installed"
)
def test_without_chronos_it_says_how_to_get_it(weights):
    said = run_refused(joined("pretrained", {"folder": str(weights)}))
    assert "chronos:ChronosBoltPipeline cannot be imported" in said
    assert said.endswith("install it, for example with pip install chronos-forecasting")


def lines_of_the_docs() -> str:
    """The plugin file that the page on plugins shows."""
    page = (Path(__file__).parents[1] / "docs" / "plugins.md").read_text(encoding="utf-8")
    (found,) = (one for one in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "from_pipeline" in one)
    return found


def test_a_method_of_a_plugin_file_is_marked_too_and_its_folder_must_be_there(weights, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(lines_of_the_docs())
    (tmp_path / "my_models.py").write_text("from tiny_bolt import TinyBoltPipeline as MyPipeline\n")
    request = api.Request(
        methods=("my-pretrained",), datasets=("airline",), plugins=("mine.py",), jobs=0, out="run"
    )
    api.perform(api.prepare(request))
    row = read_run("run").final.set_index("method").loc["my-pretrained"]
    assert (row["status"], row["reason"]) == ("ok", "")
    assert row["notes"]["trained_on_this_data"] is True
    said = refused(
        "plan", "--plugin", "mine.py", "--datasets", "airline", "--methods", "my-pretrained[folder=no]"
    )
    assert "my-pretrained[folder=no]: " in said
    assert said.endswith("; give the path of a file or folder")


def test_try_out_leaves_other_methods_alone():
    try_out(discover().select_methods(["drift", "theta"]))


@chronos
def test_a_model_of_chronos_bolt_itself_keeps_the_contract(chronos_weights):
    (choice,) = named(discover(), [joined("pretrained", {"folder": str(chronos_weights)})])
    checks = method_checks(replace(choice.plugin, settings=choice.settings))
    wrong = {name: one.words for name, check in checks if (one := check()).status == "failed"}
    assert wrong == {}


@chronos
def test_chronos_bolt_answers_as_its_own_pipeline_does(chronos_weights):
    from chronos import ChronosBoltPipeline

    own = ChronosBoltPipeline.from_pretrained(str(chronos_weights))
    rng = np.random.default_rng(0)
    series = [rng.normal(5, 2, size=(length, 1)) for length in (20, 48, 70)]
    task = Task("forecasting", Values(1), Values(1), "fixed", 6, quantiles=(0.1, 0.5, 0.9))
    found = pretrained(task, Split([]), folder=str(chronos_weights))(Split(series))
    inputs = [torch.tensor(one[-48:, 0], dtype=torch.float32) for one in series]
    expected, _ = own.predict_quantiles(inputs, prediction_length=6, quantile_levels=[0.1, 0.5, 0.9])
    ordered = np.sort(expected.numpy(), axis=-1)
    np.testing.assert_allclose([one[:, 0] for one in found], ordered, rtol=1e-3, atol=1e-3)


@chronos
def test_its_rows_record_the_versions_of_chronos_and_transformers(chronos_weights, tmp_path):
    run(tmp_path / "run", joined("pretrained", {"folder": str(chronos_weights)}))
    versions = read_run(tmp_path / "run").final["versions"].iloc[0]
    assert versions["chronos"]
    assert versions["transformers"]
