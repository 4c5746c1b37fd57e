"""`recurbench report` as a user types it."""

import json
import re
import shlex
from pathlib import Path

import pages
import pytest
from click.testing import CliRunner
from recurbench.api import _name
from recurbench.cli import report
from recurbench.cli.main import main
from recurbench.cli.options import as_request
from recurbench.reports import formats
from recurbench.reports.page import files
from test_document import ENGLISH


def invoke(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def folder(tmp_path):
    return pages.whole(tmp_path / "run", problems=("one",)).write()


def test_the_terminal_has_the_answer_before_the_tables_and_the_page_is_written(folder):
    result = invoke("report", folder)
    assert result.exit_code == 0
    assert result.output.startswith("Where does recurrence help?")
    assert max(map(len, result.output.splitlines()[:6])) <= 80
    assert "\x1b[" not in result.output
    assert (folder / "report" / "index.html").read_text().startswith("<!doctype html>")
    assert f"Page: {folder / 'report' / 'index.html'}" in result.output


def test_the_terminal_and_the_tables_beside_it_are_korean_where_asked(folder):
    said = invoke("report", folder, "--lang", "ko").output
    assert said.startswith("순환은 어디에서 도움이 되는가?")
    assert f"페이지: {folder / 'report' / 'index.html'}" in said
    tables = (folder / "report" / "table.md").read_text(encoding="utf-8")
    for text in (said.replace(str(folder), ""), tables):
        assert [line for line in text.splitlines() if ENGLISH.search(line)] == []


def test_one_form_goes_to_its_file_to_another_or_to_standard_output(folder, tmp_path):
    assert invoke("report", folder, "--format", "csv").output.strip() == str(folder / "report" / "table.csv")
    target = tmp_path / "mine.html"
    assert invoke("report", folder, "--format", "html", "--lang", "ko", "--output", target).exit_code == 0
    assert '<html lang="ko">' in target.read_text(encoding="utf-8")
    said = invoke("report", folder, "--format", "json", "--output", "-").output
    assert json.loads(said)["comparison"][0]["problem"] == "one"


@pytest.mark.long
def test_what_goes_elsewhere_leaves_the_run_as_it_is(folder, tmp_path):
    before = sorted(path for path in folder.rglob("*") if not path.name.startswith("results.sqlite-"))
    place = tmp_path / "place"
    place.mkdir()
    for words in (("--format", "html", "--output", place), ("--format", "all", "--output", place)):
        assert invoke("report", folder, *words).exit_code == 0
    assert invoke("report", folder, "--figures", "svg", "--output", place / "svg").exit_code == 0
    after = sorted(path for path in folder.rglob("*") if not path.name.startswith("results.sqlite-"))
    assert after == before
    assert {form.file for form in formats.FORMS.values()} <= {path.name for path in place.iterdir()}


def test_a_page_elsewhere_shows_the_figures_that_the_run_remembers(folder, tmp_path):
    assert invoke("report", folder, "--format", "html").exit_code == 0
    for remembered in (folder / "report" / "figures").rglob("*.svg"):
        remembered.write_text(remembered.read_text().replace("<svg", '<svg data-from="memory"', 1))
    assert invoke("report", folder, "--format", "html", "--output", tmp_path / "x.html").exit_code == 0
    assert 'data-from="memory"' in (tmp_path / "x.html").read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_alone_names_no_file_that_is_not_there(folder, tmp_path, language):
    made = pages.large(tmp_path / "large", problems=2, settings=400, seeds=1)
    for k in range(301):
        made.cell("tcn", [], problem="problem-0", seed=k, status="failed", reason=f"{k}")
    run = made.write()
    target = tmp_path / "out"
    target.mkdir()
    words = ("--format", "html", "--lang", language, "--output", target)
    assert invoke("report", run, *words).exit_code == 0
    text = (target / "index.html").read_text(encoding="utf-8")
    named = re.findall(r"[\w/]+\.(?:csv|md)", re.sub(r"<[^>]+>", "", text))
    assert {"RUN/report/methods.csv", "RUN/report/table.md"} <= {*named}
    assert "beside this page" not in text.replace("RUN/report, beside this page", "")


def test_all_forms_at_once(folder):
    lines = invoke("report", folder, "--format", "all").output.split()
    assert len(lines) == len(formats.FORMS)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--output", "x.html"], "needs a format; name one with --format"),
        (["--format", "all", "--output", "x"], "writes several files"),
        (["--lang", "fr"], "Invalid value for '--lang'"),
        (["--format", "gif"], "Invalid value for '--format'"),
    ],
)
def test_bad_usage_is_one_sentence(folder, words, sentence):
    result = invoke("report", folder, *words)
    assert result.exit_code == 2
    assert sentence in result.output


def test_a_file_in_a_folder_that_is_not_there_is_refused_before_it_is_made(folder, tmp_path, monkeypatch):
    target = tmp_path / "nowhere" / "x.md"
    monkeypatch.setattr(formats, "FORMS", {})  # a text that was built would fail otherwise
    for words in (("report", folder, "--format", "md"), ("export", folder)):
        result = invoke(*words, "--output", target)
        assert result.exit_code == 2
        said = " ".join(result.output.split())
        assert f"--output {target}: there is no folder {target.parent}; make it first, or" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["map", "RUN", "--page", "PLACE"],
            "--page PLACE: this is a folder; name a file, in it or elsewhere",
        ),
        (
            ["map", "RUN", "--page", "PLACE/file/page.md"],
            "--page PLACE/file/page.md: PLACE/file is a file, but must be a folder; "
            "name a path in another folder",
        ),
        (["slim", "RUN", "PLACE"], "the copy PLACE: this is a folder; name a file, in it or elsewhere"),
        (
            ["slim", "RUN", "PLACE/file/new/copy.xz"],
            "the copy PLACE/file/new/copy.xz: PLACE/file is a file, but must be a folder; "
            "name a path in another folder",
        ),
        (
            ["report", "RUN", "--figures", "svg", "--output", "PLACE/file"],
            "--output PLACE/file: PLACE/file is a file, but must be a folder; name a path in another folder",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_made(
    folder, tmp_path, monkeypatch, words, sentence
):
    monkeypatch.setattr(files, "figures", None)  # figures that were drawn would fail otherwise
    (tmp_path / "file").write_text("kept", encoding="utf-8")

    def put(text):
        return text.replace("RUN", str(folder)).replace("PLACE", str(tmp_path))

    result = CliRunner().invoke(main, [put(word) for word in words])
    assert (result.exit_code, result.output) == (2, f"Error: {put(sentence)}\n")
    assert [path.name for path in tmp_path.iterdir() if path != folder] == ["file"]


def test_a_report_that_fails_costs_the_run_a_sentence_and_nothing_else(tmp_path, monkeypatch):
    def fails(*_words):
        raise RuntimeError("no ink")

    monkeypatch.setattr(formats, "write", fails)
    out = tmp_path / "run"
    result = invoke("run", "--methods", "drift", "--datasets", "airline", "--out", out, "--jobs", 0)
    assert result.exit_code == 0
    assert "All fits are stored" in result.output
    assert "RuntimeError: no ink" in result.output
    assert (out / "report" / "table.md").is_file()


DOCS = [Path(__file__).parents[1] / "README.md", *sorted(Path(__file__).parents[1].glob("docs/*.md"))]


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_a_command_shown_after_a_run_reads_the_directory_that_the_run_fills(page):
    text = re.sub(r" \\\n +", " ", page.read_text(encoding="utf-8"))  # a command on several lines
    blocks = re.findall(r"(?:^    (?:\$ )?recurbench .*\n)+", text, re.MULTILINE)
    for block in blocks:
        filled, named = set(), set()
        for line in block.splitlines():
            words = shlex.split(line.strip().removeprefix("$ "), comments=True)
            if words[1] == "run":
                options = main.commands["run"].make_context("run", words[2:]).params
                options.pop("dry_run", None)
                request = as_request(options.pop("suite"), options)
                if request.data is None:  # a run on a file of the user is named after the file
                    filled.add(str(request.out or Path("runs") / _name(request, [])))
                named |= {f"runs/{suite}" for suite in words[2:3]}
            elif words[1] in ("map", "report", "export") and words[2] in named:
                assert words[2] in filled, line


def test_the_reader_of_a_closed_pipe_is_let_go(monkeypatch, folder):
    def gone(*_words):
        raise BrokenPipeError

    monkeypatch.setattr(report, "show_run", gone)
    with pytest.raises(BrokenPipeError):
        report.show_after(folder)
