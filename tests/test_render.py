"""What people see: Markdown that stays a table, a terminal table that fits, nothing hidden."""

import io

import pytest
from made_up import MadeUp, right
from recurbench.reports.text.numbers import number, signed
from recurbench.reports.text.render import folded, show, write
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from rich.cells import cell_len
from rich.console import Console


def folder(tmp_path, missing=0, problem="made-up"):
    made = MadeUp(tmp_path).cell("most-common", right(20), validation={"log_loss": 2.0}, problem=problem)
    for seed in range(3):
        made.cell("rnn", right(38), validation={"log_loss": 0.3}, seed=seed, problem=problem)
        made.cell("mlp", right(22), validation={"log_loss": 0.4}, seed=seed, problem=problem)
    made.cell("dtw-1nn", [], status="failed", reason="a | pipe\nand [red]a line[/red]", problem=problem)
    return made.write(missing=missing)


def screen(run, width=80, language="en"):
    stream = io.StringIO()
    show(run, Console(file=stream, width=width), Messages(language))
    return stream.getvalue()


def test_markdown_is_a_table_whatever_a_reason_holds(tmp_path):
    paths = write(read_run(folder(tmp_path)), tmp_path / "report", Messages())
    lines = paths["markdown"].read_text().splitlines()
    header, rule, row = lines[2:5]
    assert header == "| problem | metric | baseline | neighbours | feedforward | recurrent |"
    assert rule.count("|") == row.count("|") == header.count("|")
    assert row.startswith("| made-up | accuracy ↑ | 0.500 most-common | † failed | 0.550 ±0.000 mlp |")
    assert "| dtw-1nn | failed | a \\| pipe and [red]a line[/red] | made-up | 1 |" in lines
    assert "lift" in paths["csv"].read_text().splitlines()[0]


def test_the_lift_is_printed_with_interval_and_verdict(tmp_path):
    text = screen(read_run(folder(tmp_path)), width=160)
    assert "rnn 0.900" in text
    assert "mlp 0.100" in text
    assert "+0.800" in text
    assert "recurrent ahead" in text


def test_an_unfinished_run_says_so_in_the_first_line(tmp_path):
    run = read_run(folder(tmp_path, missing=5))
    assert screen(run).startswith(Messages()("page.unfinished", missing=5, jobs=13))
    text = write(run, tmp_path / "report", Messages())["markdown"].read_text()
    assert text.startswith("# " + Messages()("page.unfinished", missing=5, jobs=13))
    assert "| rnn | missing | not run yet | made-up | 5 |" in text
    assert "0.950 ±0.000† rnn" in text
    assert "unfinished: 5 fits missing" in text


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_line_is_wider_than_the_terminal(tmp_path, width, language):
    run = read_run(folder(tmp_path, problem="a-problem-with-quite-a-long-name[dial=3]"))
    assert max(cell_len(line.rstrip()) for line in screen(run, width, language).splitlines()) <= width


def test_the_terminal_and_the_tables_speak_korean(tmp_path):
    run = read_run(folder(tmp_path, missing=5))
    assert screen(run, 160, "ko").startswith(Messages("ko")("page.unfinished", missing=5, jobs=13))
    lines = write(run, tmp_path / "report", Messages("ko"))["markdown"].read_text().splitlines()
    assert "| 문제 | 지표 | 기준선 | 최근접 이웃 | 순방향 | 순환 |" in lines
    assert "| rnn | 없음 | 아직 실행하지 않음 | made-up | 5 |" in lines
    assert any("미완성: 적합 5개가 빠짐" in line for line in lines)


def test_hangul_is_folded_by_the_columns_it_takes():
    assert folded("가장 좋은 순환 신경망", 10).splitlines() == ["가장 좋은", "순환", "신경망"]
    assert folded("순환신경망의", 6).splitlines() == ["순환신", "경망의"]


def test_markup_in_a_reason_stays_text(tmp_path):
    assert "[red]a line[/red]" in screen(read_run(folder(tmp_path)), width=160)


def test_names_break_at_hyphens():
    assert folded("time-domain-forest", 12).splitlines() == ["time-domain-", "forest"]
    assert folded("italy-power-demand", 9).splitlines() == ["italy-", "power-", "demand"]


@pytest.mark.parametrize(
    ("value", "plain", "with_sign"),
    [(0.98765, "0.988", "+0.988"), (-0.5, "-0.500", "-0.500"), (1234.5678, "1235", "+1235"), (None, "", "")],
)
def test_numbers_have_three_decimals_and_large_ones_none(value, plain, with_sign):
    assert (number(value), signed(value)) == (plain, with_sign)
