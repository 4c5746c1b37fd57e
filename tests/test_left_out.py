"""The file that says what a budget did not hold."""

import pytest
from click.testing import CliRunner
from made_up import MadeUp, right
from recurbench import left_out
from recurbench.cli.main import main


def test_what_was_written_is_read_and_a_command_without_a_budget_takes_it_away(tmp_path):
    found = {("airline", "lstm"): "not chosen", ("airline", "gru"): "stopped"}
    left_out.write(tmp_path, 30.0, found)
    assert left_out.read(tmp_path) == found
    left_out.write(tmp_path, None, {})
    assert left_out.read(tmp_path) == {}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"left_out": [{"problem": 1}]}',
        b'{"left_out": 3}',
        b'{"left_out": [{"problem": "airline", "method": "lstm", "why": "tired"}]}',
    ],
)
def test_a_damaged_file_is_refused_in_words_and_the_next_command_mends_it(tmp_path, text):
    (tmp_path / left_out.NAME).write_bytes(text)
    with pytest.raises(
        ValueError, match=r"budget\.json is damaged: it .*wanted .*; give the command"
    ) as found:
        left_out.read(tmp_path)
    assert "\n" not in str(found.value)
    left_out.write(tmp_path, 30.0, {})
    assert left_out.read(tmp_path) == {}


def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path):
    (tmp_path / left_out.NAME).mkdir()
    with pytest.raises(ValueError, match=r"budget\.json: cannot be read \(.*\); give the command of the run"):
        left_out.read(tmp_path)


def test_a_report_of_a_run_with_a_damaged_file_says_so(tmp_path):
    made = MadeUp(tmp_path)
    made.cell("most-common", right(20), validation={"log_loss": 2.0})
    folder = made.write()
    (folder / left_out.NAME).write_text("{")
    result = CliRunner().invoke(main, ["report", str(folder)])
    assert result.exit_code == 2
    assert "budget.json is damaged: it holds '{', wanted" in " ".join(result.output.split())
