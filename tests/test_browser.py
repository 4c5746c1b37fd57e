"""The page in a real browser: without a network, by keyboard, in the dark, on paper, with scripts off."""

import io
import os
import re
import shutil
from unicodedata import normalize

import numpy as np
import pages
import pytest
from made_up import MadeUp, right
from made_up_contrasts import SOLVED_BY_RECURRENCE, as_registered, filled
from own_data import forecasts
from pypdf import PdfReader
from recurbench.reports.figures.fonts import hangul
from recurbench.reports.figures.palette import INK, PAPER
from recurbench.reports.page.document import document
from recurbench.reports.page.section import Grid, Section
from recurbench.reports.text.answer import answer
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REQUIRED = os.environ.get("RECURBENCH_BROWSER") == "required"
if not REQUIRED:
    if CHROMIUM is None:
        pytest.skip("no chromium on PATH; install the Debian package chromium", allow_module_level=True)
    pytest.importorskip("playwright.sync_api", reason="needs playwright, of the extra test")

from axe_playwright_python.sync_playwright import Axe  # noqa: E402  (only now is it sure to be here)
from playwright.sync_api import sync_playwright  # noqa: E402

WIDTHS = (320, 768, 1280)
SHEET = 680  # CSS pixels between the margins of A4
# Chromium should ask no one for anything while a test runs.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HANGUL = re.compile("[가-힣]")
NAME = re.compile(r"L|C|p|n|L_\w+|[a-z0-9-]+(\[.*\])?|recurbench.*")  # what stays as it is
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective));
"""


@pytest.fixture(scope="module")
def browser():
    assert CHROMIUM is not None, "RECURBENCH_BROWSER=required and there is no chromium on PATH"
    with sync_playwright() as engine:
        # In a container everything runs as root, for whom Chromium has no sandbox.
        started = engine.chromium.launch(
            executable_path=CHROMIUM, args=list(QUIET), chromium_sandbox=os.geteuid() != 0
        )
        yield started
        started.close()


@pytest.fixture
def show(browser):
    """Opens a file in a fresh context without a network; what the console said must be nothing."""
    contexts, said = [], []

    def opened(path, width=1280, **settings):
        context = browser.new_context(viewport={"width": width, "height": 800}, offline=True, **settings)
        contexts.append(context)
        sheet = context.new_page()
        sheet.on("console", lambda message: said.append(message.text))
        sheet.on("pageerror", lambda error: said.append(str(error)))
        sheet.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        sheet.on("request", lambda request: said.append(request.url) if request.url != url else None)
        sheet.add_init_script(WATCH)
        url = path.as_uri()
        sheet.goto(url)
        return sheet

    opened.said = said
    yield opened
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Run directories by what is special about them."""
    place = tmp_path_factory.mktemp("pages")
    found = {
        name: place / name
        for name in ("whole", "failing", "method", "problem", "without", "open", "contrasts")
    }
    pages.whole(found["whole"], problems=tuple(f"problem-{k}" for k in range(4))).write()
    pages.failing(found["failing"]).write()
    pages.whole(found["method"], methods=("gru",)).write()
    pages.whole(found["problem"], problems=("alone",)).write()
    pages.whole(found["without"], methods=("most-common", "mlp", "cnn")).write()
    pages.whole(found["open"]).write(missing=5)
    filled(found["contrasts"], SOLVED_BY_RECURRENCE, 12, series=["0"], n_test=1).write()
    with pytest.MonkeyPatch.context() as patch:
        as_registered(patch)
        yield found


@pytest.fixture(scope="module")
def whole(folders):
    return pages.written(folders["whole"])


@pytest.mark.parametrize("name", ["whole", "failing", "method", "problem", "without", "open"])
def test_every_run_opens_without_a_network_a_console_message_or_a_broken_policy(show, folders, name):
    sheet = show(pages.written(folders[name]))
    assert sheet.locator("h1").inner_text() == "Where does recurrence help?"
    said = answer(read_run(folders[name]), Messages("en")).sentences
    assert sheet.locator(".answer > *").count() == len(said) >= 3
    assert sheet.evaluate("violations") == []
    ids = sheet.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))
    broken = "[...document.querySelectorAll('a')].filter((a) => !document.getElementById(a.hash.slice(1)))"
    assert sheet.evaluate(f"{broken}.length") == 0
    shown = sheet.locator("main").inner_text()
    assert "NaN" not in shown
    assert not re.search(r"\bnan\b|\bNone\b(?! of)", shown)


def test_the_policy_stops_what_is_not_ours(show, whole):
    sheet = show(whole)
    sheet.evaluate("document.body.insertAdjacentHTML('beforeend', '<p id=x style=\"color:red\">x</p>')")
    sheet.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'owned=1'}))")
    sheet.wait_for_function("violations.length == 2")
    assert sheet.evaluate("typeof owned") == "undefined"
    assert len(show.said) == 2
    assert all("Content Security Policy" in message for message in show.said)
    show.said.clear()


def test_a_hostile_name_and_reason_stay_text(show, folders):
    sheet = show(pages.written(folders["failing"]))
    assert sheet.title().startswith("Where does recurrence help?")
    shown = sheet.locator("main").inner_text()
    assert pages.HOSTILE in shown
    assert pages.REASON in sheet.locator("#troubles").inner_text()
    assert sheet.locator("main script, main img").count() == 0


def test_a_column_sorts_up_down_and_back_with_what_is_missing_last(show, whole):
    sheet = show(whole)
    table = sheet.locator("#methods table")
    place = [head.inner_text() for head in table.locator("thead th").all()].index("test")
    column = f"(t) => [...t.tBodies[0].rows].map((r) => r.cells[{place}].textContent)"
    given = table.evaluate(column)
    head = table.locator("thead th").nth(place)
    button = head.get_by_role("button")
    assert head.get_attribute("aria-sort") is None
    button.click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert table.evaluate(column) == sorted(given, key=float)
    button.click()
    assert head.get_attribute("aria-sort") == "descending"
    assert table.evaluate(column) == sorted(given, key=float, reverse=True)
    button.click()
    assert head.get_attribute("aria-sort") is None
    assert table.evaluate(column) == given
    spread = [h.inner_text() for h in table.locator("thead th").all()].index("sd")
    for _ in range(2):
        table.locator("thead th").nth(spread).get_by_role("button").click()
        last = table.evaluate(f"(t) => [...t.tBodies[0].rows].at(-1).cells[{spread}].textContent")
        assert last == ""


P = ("<.001", ".001", ".041", ".2", "1", "–", "")
FORMS = (
    P,
    ("-1,200", "\u22121.5", "-.5", "1e-3", "12 %", "1,000"),
    ("-0.310 [-0.400, +0.100]", "[-0.100, +0.900]", "+0.020 [-9.000, +9.000]", ">3", "dtw-7nn", "failed †"),
    ("0.200 ±0.900\nlstm", "0.300†\ncnn[width=1]", "3/10", "10/10", "1.2e+05", "mlp[hidden=-9]"),
)


@pytest.mark.parametrize("sorted_cells", FORMS)
def test_numbers_of_every_form_sort_as_numbers_and_what_is_none_stands_last(
    show, folders, tmp_path, sorted_cells
):
    given = sorted_cells[::2] + sorted_cells[1::2]
    grid = Grid(
        ("name", "number"), tuple((f"row {k}", cell) for k, cell in enumerate(given)), "", frozenset({1})
    )
    path = tmp_path / "page.html"
    run = read_run(folders["method"])
    path.write_text(document(run, Messages("en"), [Section("one", "One", (grid,))]), encoding="utf-8")
    table = show(path).locator("#one table")
    table.locator("thead th").nth(1).get_by_role("button").click()
    column = table.evaluate("(t) => [...t.tBodies[0].rows].map((r) => r.cells[1].textContent)")
    numbers = [
        cell for cell in sorted_cells if cell not in ("–", "", "dtw-7nn", "failed †", "mlp[hidden=-9]")
    ]
    assert column[: len(numbers)] == numbers
    assert set(column[len(numbers) :]) == set(sorted_cells) - set(numbers)


@pytest.mark.long
def test_the_p_values_of_the_pairwise_table_sort_as_numbers(show, tmp_path):
    made, rng = MadeUp(tmp_path), np.random.default_rng(5)
    for problem in range(14):
        for rank, method in enumerate(("most-common", "mlp", "cnn", "tcn", "lstm", "gru")):
            count = 20 + 2 * rank + int(rng.integers(-4, 5)) * (method != "most-common")
            made.cell(method, right(count), problem=f"problem-{problem}", seed=0)
        made.cell("rnn", right(count), problem=f"problem-{problem}", seed=0)  # the last one's twin: p is 1
    table = show(pages.written(made.write())).locator("#pairwise table").first
    heads = [head.text_content() for head in table.locator("thead th").all()]
    place = heads.index("p, Holm")
    table.locator("thead th").nth(place).locator("button").evaluate("(b) => b.click()")
    shown = table.evaluate(f"(t) => [...t.tBodies[0].rows].map((r) => r.cells[{place}].textContent)")
    values = [0.0 if cell == "<.001" else float(cell) for cell in shown if cell != "–"]
    assert len({*values}) > 2
    assert max(values) == 1
    assert values == sorted(values)


def test_a_field_filters_the_rows_and_says_how_many_are_left(show, whole):
    sheet = show(whole)
    part = sheet.locator("#methods")
    rows = part.locator("tbody tr")
    all_rows = rows.count()
    part.get_by_label("Filter").fill("problem-1 LSTM")
    assert rows.filter(visible=True).count() == 1
    assert part.get_by_role("status").inner_text() == f"1 of {all_rows} rows"
    part.get_by_label("Filter").fill("")
    assert rows.filter(visible=True).count() == all_rows
    assert part.get_by_role("status").inner_text() == ""


def test_the_keyboard_meets_the_skip_link_first_and_sorts_by_enter(show, whole):
    sheet = show(whole)
    sheet.keyboard.press("Tab")
    focused = sheet.locator(":focus")
    assert focused.inner_text() == "Skip to the answer"
    assert focused.bounding_box()["x"] >= 0
    sheet.keyboard.press("Enter")
    assert sheet.locator(":focus").get_attribute("id") == "answer"
    seen = []
    for _ in range(400):
        sheet.keyboard.press("Tab")
        mark = sheet.evaluate("(document.activeElement.closest('section') || {}).id || ''")
        seen.append(mark)
        if mark == "methods" and sheet.evaluate("document.activeElement.tagName") == "BUTTON":
            break
    order = [name for k, name in enumerate(seen) if name and name not in seen[:k]]
    assert order == sheet.evaluate("[...document.querySelectorAll('section')].map((s) => s.id)")[: len(order)]
    assert sheet.evaluate("document.activeElement.tagName") == "BUTTON"
    assert sheet.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    sheet.keyboard.press("Enter")
    head = sheet.evaluate("document.activeElement.closest('th').getAttribute('aria-sort')")
    assert head == "ascending"


def test_a_folded_part_opens_by_its_link_and_by_the_keyboard(show, whole):
    sheet = show(whole)
    part = sheet.locator("#ran-methods")
    assert not part.evaluate("(e) => e.open")
    part.locator("summary").first.focus()
    sheet.keyboard.press("Enter")
    assert part.evaluate("(e) => e.open")
    assert part.locator("table").is_visible()


def test_a_method_in_a_table_leads_to_its_address_in_a_folded_part(show, whole):
    sheet = show(whole)
    link = sheet.locator("#gains tbody a", has_text="lstm").or_(
        sheet.locator("#gains tbody a", has_text="gru")
    )
    row = sheet.locator(link.first.get_attribute("href"))
    assert not row.is_visible()
    link.first.focus()
    sheet.keyboard.press("Enter")
    assert row.is_visible()
    assert sheet.locator("#ran-methods").evaluate("(e) => e.open")


def test_a_list_that_counts_its_last_names_unfolds_by_the_keyboard(show, whole):
    sheet = show(whole)
    part = sheet.locator(".answer details.more").first
    assert "more" in part.locator("summary").inner_text()
    last = part.locator("a", has_text="problem-3").last
    assert not last.is_visible()
    part.locator("summary").focus()
    sheet.keyboard.press("Enter")
    assert last.is_visible()


def test_the_head_of_a_column_leads_to_the_glossary_beside_its_button(show, whole):
    sheet = show(whole)
    head = sheet.locator("#gains thead th").nth(1)
    place = sheet.locator(head.locator("a.term").get_attribute("href"))
    head.locator("a.term").click()
    sheet.wait_for_function("(e) => e.getBoundingClientRect().top < innerHeight", arg=place.element_handle())
    assert head.get_attribute("aria-sort") is None
    assert head.locator("button a").count() == 0


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", ["whole", "failing", "without"])
def test_on_a_narrow_screen_the_results_need_no_sideways_scrolling(show, folders, name, language):
    sheet = show(pages.written(folders[name], language), 400)
    scrolls = "(e) => e.scrollWidth > e.clientWidth + 1"
    tables = sheet.locator("#gains .cards, #comparison .cards").all()
    assert tables
    assert not any(table.evaluate(scrolls) for table in tables)
    said = Messages(language)
    for head in (said.of("recurrent"), said("page.lift"), said("page.verdict")):
        cells = sheet.locator(f'.cards td[data-head="{head}"]').filter(visible=True)
        for box in (cell.bounding_box() for cell in cells.all()):
            assert 0 <= box["x"] < box["x"] + box["width"] <= 400
    assert sheet.locator(f'.cards td[data-head="{said("page.verdict")}"]').first.is_visible()


def rgb(colour):
    return f"rgb({', '.join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5))})"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_system_into_the_dark(show, whole, scheme):
    sheet = show(whole, color_scheme=scheme)
    look = sheet.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert look == [rgb(getattr(PAPER, scheme)), rgb(getattr(INK, scheme))]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["whole", "failing"])
def test_the_page_never_scrolls_sideways(show, folders, width, name):
    sheet = show(pages.written(folders[name]), width)
    sheet.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert sheet.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.long
@pytest.mark.parametrize("name", ["failing", "contrasts"])
def test_paper_is_light_whole_and_cuts_no_table(show, folders, name):
    sheet = show(pages.written(folders[name]), SHEET, color_scheme="dark")
    folded = sheet.locator("details.within").count()
    assert folded
    sheet.emulate_media(media="print")
    assert sheet.evaluate("getComputedStyle(document.body).backgroundColor") == rgb(PAPER.light)
    sheet.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert sheet.locator("details.within[open]").count() == folded
    ends = sheet.evaluate(
        "[...document.querySelectorAll('table, svg')].map((t) => t.getBoundingClientRect().right)"
    )
    assert max(ends) <= SHEET + 1
    assert sheet.evaluate("document.documentElement.scrollWidth") <= SHEET
    torn = """() => [...document.querySelectorAll('#contrasts tbody td')].filter((cell) => {
        const text = document.createRange();
        text.selectNodeContents(cell);
        return /^[\\d.]+$/.test(cell.textContent) && text.getClientRects().length > 1;
    }).length"""
    assert sheet.evaluate(torn) == 0
    cut = """(e) => (e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflowY != 'visible')
        || (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX != 'visible')"""
    assert not sheet.evaluate(f"[...document.querySelectorAll('.scroll, .drawing, table')].some({cut})")
    sheet.evaluate("dispatchEvent(new Event('afterprint'))")
    assert sheet.locator("details.within[open]").count() == 0


# What style.css promises of paper: part, property, value; on the screen every one of them is another.
ON_PAPER = (
    (".skip", "position", "absolute", "absolute"),
    (".skip", "display", "block", "none"),
    (".side", "display", "block", "none"),
    (".filter", "display", "flex", "none"),
    (".tall", "max-height", "640px", "none"),
    (".tall", "overflow-y", "auto", "visible"),
    (".scroll", "overflow-x", "auto", "visible"),
    (".drawing", "overflow-x", "auto", "visible"),
    ("thead th", "position", "sticky", "static"),
    ("tbody th", "position", "sticky", "static"),
    ("#methods thead th", "white-space", "nowrap", "normal"),
    ("tbody tr", "break-inside", "auto", "avoid"),
    ("figure", "break-inside", "auto", "avoid"),
    ("h2", "break-after", "auto", "avoid"),
    ("caption", "break-after", "auto", "avoid"),
    ("thead", "break-after", "auto", "avoid"),
    ("details.within summary", "break-after", "auto", "avoid"),
)


def test_paper_has_no_controls_no_scrolling_parts_and_no_torn_rows(show, folders):
    sheet = show(pages.written(folders["whole"]))

    def looks():
        told = "([part, name]) => getComputedStyle(document.querySelector(part)).getPropertyValue(name)"
        return [(part, name, sheet.evaluate(told, [part, name])) for part, name, *_ in ON_PAPER]

    def wanted(column):
        return [(row[0], row[1], row[column]) for row in ON_PAPER]

    assert looks() == wanted(2)
    arrow = "getComputedStyle(document.querySelector('thead button'), '::after').content"
    assert sheet.evaluate(arrow) != "none"
    sheet.emulate_media(media="print")
    assert looks() == wanted(3)
    assert sheet.evaluate(arrow) == "none"
    assert sheet.locator(".skip, .side, .contents, .filter, input").filter(visible=True).count() == 0


def test_paper_unfolds_what_is_folded_with_scripts_off_too(browser, whole):
    context = browser.new_context(java_script_enabled=False, offline=True)
    sheet = context.new_page()
    sheet.goto(whole.as_uri())
    assert not sheet.locator("#ran-methods table").is_visible()
    sheet.emulate_media(media="print")
    for part in ("#ran-methods", "#ran-problems"):
        assert sheet.locator(f"{part} table").is_visible()
        assert sheet.locator(f"{part} tbody tr").last.bounding_box()["height"] > 0
    context.close()


def printed(sheet):
    """The texts of the sheets of paper, without the line breaks, spaces and ligatures that a PDF puts in."""
    held = PdfReader(io.BytesIO(sheet.pdf(format="A4", prefer_css_page_size=True)))
    return ["".join(normalize("NFKC", paper.extract_text()).split()) for paper in held.pages]


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_printed_page_is_several_sheets_with_all_of_its_text(show, folders, language):
    if language == "ko" and hangul() is None:
        pytest.skip("no font with Hangul is installed; install the Debian package fonts-nanum")
    sheet = show(pages.written(folders["failing"], language))
    papers = printed(sheet)
    assert len(papers) > 1
    text, say = "".join(papers), Messages(language)
    rows = sheet.locator("#methods tbody th, #ran-methods tbody th, #troubles tbody th").all_text_contents()
    titles = sheet.locator("h1, h2, h3").all_text_contents()
    for words in (*rows, *titles, say("page.read_ahead"), say("page.repeat")):
        assert "".join(words.split()) in text, words
    for words in ("page.skip", "page.contents", "page.filter"):
        assert "".join(say(words).split()) not in text


def test_with_scripts_off_everything_but_sorting_and_filtering_is_there(browser, whole, folders):
    context = browser.new_context(java_script_enabled=False, offline=True)
    sheet = context.new_page()
    sheet.goto(whole.as_uri())
    said = answer(read_run(folders["whole"]), Messages("en")).sentences
    assert sheet.locator(".answer > *").count() == len(said) >= 3
    assert sheet.locator("#methods tbody tr").first.is_visible()
    assert sheet.locator("button").count() == 0
    assert not sheet.locator(".filter").first.is_visible()
    sheet.locator("#ran-problems > summary").click()
    assert sheet.locator("#ran-problems table").is_visible()
    context.close()


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(show, folders, language, scheme, width):
    sheet = show(pages.written(folders["failing"], language), width, color_scheme=scheme)
    sheet.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    found = Axe().run(sheet).response["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found] == []


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_answer_on_own_data_fits_a_narrow_screen_and_axe_finds_nothing(show, tmp_path, scheme):
    errors = {"seasonal-naive": 1.0, "theta": 0.5, "mlp": 0.51, "gru": 0.52}
    run = forecasts(tmp_path, errors, origins=6)
    command = answer(run, Messages()).sentences[-1].split("`")[1]
    sheet = show(pages.written(tmp_path), 320, color_scheme=scheme)
    assert sheet.locator(".answer code").inner_text() == command
    assert sheet.evaluate("document.documentElement.scrollWidth") <= 320
    found = Axe().run(sheet).response["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found] == []


def test_axe_would_find_what_is_wrong(show, whole):
    sheet = show(whole)
    sheet.evaluate("document.querySelector('#methods input').removeAttribute('id')")
    sheet.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<button></button>')")
    found = {one["id"] for one in Axe().run(sheet).response["violations"]}
    assert {"label", "button-name"} <= found


def test_korean_is_said_to_be_korean_and_the_first_screen_answers_in_it(show, folders):
    sheet, say = show(pages.written(folders["whole"], "ko")), Messages("ko")
    assert sheet.evaluate("document.documentElement.lang") == "ko"
    assert sheet.title().startswith(say("first.question"))
    assert sheet.locator("h1").inner_text() == say("first.question")
    seen = [
        part for part in sheet.locator("main p, main h1, main h2").all() if part.bounding_box()["y"] < 800
    ]
    assert len(seen) >= 5
    for words in (part.inner_text() for part in seen):
        assert HANGUL.search(words), words
    for part in ("h1", "h2", "figcaption", "caption", "summary", "thead th", "nav li", ".answer p", ".aside"):
        for words in sheet.locator(part).all_text_contents():
            assert HANGUL.search(words) or NAME.fullmatch(words), words
    for part in ("[aria-label]", "[data-words]"):
        for words in sheet.locator(part).evaluate_all(
            "(all) => all.map((e) => e.ariaLabel || e.dataset.words)"
        ):
            assert HANGUL.search(words), words


def test_korean_lines_break_between_words_and_name_fonts_with_hangul(show, folders):
    sheet = show(pages.written(folders["whole"], "ko"))
    told = "(e) => [getComputedStyle(e).fontFamily, getComputedStyle(e).wordBreak]"
    for part in ("body", "figure svg text", "caption", "thead button"):
        families, breaks = sheet.locator(part).first.evaluate(told)
        assert breaks == "keep-all"
        assert {"Noto Sans KR", "Malgun Gothic", "NanumGothic"} <= {
            name.strip(' "') for name in families.split(",")
        }


@pytest.mark.long
def test_figures_hold_korean_words_as_text(show, folders):
    sheet = show(pages.written(folders["contrasts"], "ko"))
    figures = sheet.locator("figure svg").all()
    assert figures
    for figure in figures:
        words = figure.locator("text").all_text_contents()
        assert any(HANGUL.search(text) for text in words), words
        # Letters drawn as outlines would be glyphs that are used by reference, and could be boxes for good.
        assert figure.locator("[id*=glyph], font, glyph").count() == 0


# Whether two syllables, set in the font of an element, are two pictures and not the same box twice.
SET_APART = """(element) => {
  const style = getComputedStyle(element);
  const pictures = ["가", "힣"].map((letter) => {
    const sheet = Object.assign(document.createElement("canvas"), {width: 40, height: 40});
    const pen = sheet.getContext("2d", {willReadFrequently: true});
    pen.font = `${style.fontWeight} 24px ${style.fontFamily}`;
    pen.fillText(letter, 4, 30);
    return pen.getImageData(0, 0, 40, 40).data.join();
  });
  return pictures[0] !== pictures[1];
}"""


@pytest.mark.skipif(hangul() is None, reason="no font with Hangul; install the Debian package fonts-nanum")
def test_korean_letters_are_letters_and_no_boxes(show, folders):
    sheet = show(pages.written(folders["whole"], "ko"))
    for part in ("h1", ".answer p", "figure svg text", "caption", "thead button", "tbody td"):
        assert sheet.locator(part).first.evaluate(SET_APART), part


# Of one problem 250 rows stand in the table of methods, which shows at most 1,000.
@pytest.mark.long
@pytest.mark.parametrize("problems", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_up_to_twenty_thousand_rows_become_a_page_that_says_what_is_left_out(show, tmp_path, problems):
    folder = pages.large(tmp_path / "run", problems=problems).write()
    path = pages.written(folder)
    assert path.stat().st_size < 8_000_000
    sheet = show(path)
    assert sheet.locator("#methods tbody tr").count() <= 1000
    said = sheet.locator("#methods .notes").inner_text()
    assert f"of {250 * problems} rows are shown" in said
    assert "methods.csv" in said
