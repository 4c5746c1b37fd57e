"""The file that says what a budget did not hold."""

from recurbench import left_out


def test_what_was_written_is_read_and_a_command_without_a_budget_takes_it_away(tmp_path):
    found = {("airline", "lstm"): "not chosen", ("airline", "gru"): "stopped"}
    left_out.write(tmp_path, 30.0, found)
    assert left_out.read(tmp_path) == found
    left_out.write(tmp_path, None, {})
    assert left_out.read(tmp_path) == {}
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_is_no_file(tmp_path):
    for text in ("", "[]", "{}", '{"left_out": [{"problem": 1}]}', '{"left_out": 3}'):
        (tmp_path / left_out.NAME).write_text(text)
        assert left_out.read(tmp_path) == {}
