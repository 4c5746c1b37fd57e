"""Text for LaTeX: every special character escaped, nothing that pdflatex cannot set."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench.reports.text.tex import PREAMBLE, escape, figure_of, message, table
from recurbench.reports.text.translation import Messages

HOSTILE = [
    "a_b & c % d $ e # f \\ g { h } ~ ^ i",
    "\\input{x}\\end{document}",
    "<script>alert('1')</script> \"quoted\" `back` a|b",
    "한국어 이름 [resample=1] *star* --dash---",
    "naïve Zürich façade ð þ « » \u00ad \u200b \t tab\nline",
    "↑ ↓ → ± × − – — … † ≤ ≥ 日本 🙂 \x07",
    "]]][[[ $$ \\\\[2cm] %%",
    "",
]
COMPILER = shutil.which("pdflatex")


def compiled(body: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """What pdflatex says of a document with this body."""
    packages = r"\documentclass{article}\usepackage{booktabs,graphicx,textcomp}"
    (folder / "page.tex").write_text(f"{packages}\\begin{{document}}\n{body}\n\\end{{document}}\n")
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"]
    return subprocess.run(words, cwd=folder, capture_output=True, check=False, timeout=60)


@given(st.text(max_size=40))
def test_no_special_character_is_left_bare(text: str) -> None:
    found = escape(text)
    # What stands in a fallback's first argument is set only by engines that have letters for it.
    found = re.sub(r"\\rbtext\{[^{}\\]*\}", "", found)
    bare = re.sub(
        r"\\[{}$&#%_]|\\[a-zA-Z]+(\{\})?|\$\\?[a-z-]+\$|\{\[\}|\{\*\}|\{''\}|-\{\}|\$-\$", "", found
    )
    assert not set(bare) & set("\\$&#%_~^<>|`\"'[*")
    assert bare.count("{") == bare.count("}")
    assert "\n" not in found
    assert all(sign.isascii() or sign.isalpha() for sign in found)


def test_a_word_that_cannot_be_set_has_its_code_points_beside_it() -> None:
    assert escape("x 한글") == r"x \rbtext{한글}{{[}U+D55C U+AE00]}"
    assert escape("naïve") == "naïve"


def test_numbers_have_their_sign_as_mathematics() -> None:
    assert [figure_of(text) for text in ("-0.1", "+0.2", "0.3", "")] == ["$-0.1$", "$+0.2$", "0.3", ""]
    assert figure_of("-inf") == r"$-\infty$"


def test_korean_words_have_the_english_ones_beside_them_and_values_stay_latex() -> None:
    found = message(Messages("ko"), "statistics.critical_axis", n=r"$\alpha$")
    assert found.startswith(r"\rbtext{데이터셋 $\alpha$개의")
    assert r"}{mean rank over $\alpha$ data sets" in found
    assert message(Messages("en"), "statistics.critical_axis", n="7").startswith(
        "mean rank over 7 data sets (1"
    )


@pytest.mark.skipif(COMPILER is None, reason="pdflatex is not installed here")
def test_pdflatex_sets_every_hostile_name(tmp_path: Path) -> None:
    rows = [f"{escape(name)} & {escape(name)} \\\\" for name in HOSTILE]
    notes = [escape(name) for name in HOSTILE]
    caption = message(Messages("ko"), "statistics.critical_axis", n="7") + escape(" ".join(HOSTILE))
    body = PREAMBLE + "\\listoftables\n" + table(caption, "hostile", ["a", "b"], rows, notes)
    for _ in range(2):  # the list of tables comes back from the first pass
        done = compiled(body, tmp_path)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert b"Output written" in done.stdout
