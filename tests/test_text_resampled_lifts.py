"""The page on real data: printed where there are some, with n and the smallest p, never with probes."""

import pandas as pd
import pytest
from click.testing import CliRunner
from made_up import MadeUp, right
from recurbench.cli.main import main
from recurbench.reports.text.resampled_lifts import headline, markdown, page, show, write
from recurbench.results import read_run
from rich.console import Console

VALID = {"log_loss": 0.5}


def run_of(folder, data_sets, **facts):
    made = MadeUp(folder, traits={"size": 50.0}, **facts)
    for i in range(data_sets):
        for k in range(5):
            problem = f"d{i}[resample={k}]" if k else f"d{i}"
            for seed in range(2):
                made.cell("rnn", right(38 - i), validation=VALID, seed=seed, problem=problem)
                made.cell("mlp", right(28 + (seed + k) % 2), validation=VALID, seed=seed, problem=problem)
            made.cell("most-common", right(20), validation={"log_loss": 2.0}, problem=problem)
    return read_run(made.write())


@pytest.mark.long
def test_the_page_shows_lifts_tests_and_what_could_have_been_shown(tmp_path):
    found = page(run_of(tmp_path, 5))
    assert headline(found).startswith("5 real data sets, networks: ")
    text = markdown(found)
    assert "| d0 | classification | networks | 5 | rnn" in text
    # Five data sets can give no p under 2 / 32.
    assert "| classification | networks | 5 | 0 |" in text
    assert "0.0625 | 0.0625 | 0.0625 |" in text
    assert "recurrent - feedforward" in text
    assert "exploratory" in text
    paths = write(found, tmp_path / "report")
    assert len(pd.read_csv(paths["csv"])) == 10
    assert list(pd.read_csv(paths["traits"])["size"]) == [50] * 5


@pytest.mark.long
def test_the_terminal_shows_every_data_set_once_per_contrast(tmp_path):
    console = Console(width=140, record=True)
    show(page(run_of(tmp_path, 2)), console)
    text = console.export_text()
    assert text.count("networks") >= 2
    assert "smallest" in text


def test_a_run_of_probes_has_no_page(tmp_path):
    assert page(run_of(tmp_path, 2, role="positive")) is None


@pytest.mark.long
def test_the_command_prints_and_writes_the_page_beside_the_map(tmp_path):
    run_of(tmp_path, 2)
    result = CliRunner().invoke(main, ["map", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "2 real data sets, networks: " in result.output
    assert (tmp_path / "report" / "real.md").is_file()
    run_of(tmp_path / "probe", 1, role="positive")
    result = CliRunner().invoke(main, ["map", str(tmp_path / "probe")])
    assert result.exit_code == 2
    assert "holds nothing to map" in result.output
    assert "real data sets" not in result.output
