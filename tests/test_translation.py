"""The reader's words: both languages whole, with the same places to fill in."""

from __future__ import annotations

import re
import string
import tomllib
from importlib.resources import files
from typing import Any

import pytest
from recurbench.record import BAD
from recurbench.reports.statistics.outcomes import (
    ChangeVerdict,
    ContrastVerdict,
    LiftVerdict,
    Reason,
    ReasonCode,
    WarningStatus,
    of_cell,
    reason,
)
from recurbench.reports.text.translation import LANGUAGES, Messages

MESSAGES = tomllib.loads(
    files("recurbench.reports.text").joinpath("messages.toml").read_text(encoding="utf-8")
)
KEYS = [f"{table}.{name}" for table, rows in MESSAGES.items() if table != "data" for name in rows]


def places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", KEYS)
def test_every_message_stands_in_both_languages_with_the_same_places(key: str) -> None:
    table, name = key.split(".")
    found = MESSAGES[table][name]
    assert set(found) - {"en_one"} == set(LANGUAGES)
    assert places(found["en"]) == places(found["ko"])
    assert places(found.get("en_one", "")) <= places(found["en"])


KOREAN = [row["ko"] for rows in MESSAGES.values() for row in rows.values()]
# By the word chosen at the head of messages.toml those that it took the place of.
ABANDONED = {
    "스킬": "숙련도",
    "절제": "제거 실험",
    "라이선스": "허가",
    "동등성 한계": "여백",
    "시퀀스": "수열",
    "난이도 변수": "다이얼",
    "판정 보류": "결정할 수 없",
    "합성 과제": "생성 과제",
    "데이터": "자료",
    "페이지": "이 쪽",
    "시점": "단계",
    "Holm": "홀름",
}


def test_a_term_has_one_korean_word() -> None:
    text = "\n".join(KOREAN)
    assert {word: other for word, other in ABANDONED.items() if other in text} == {}
    assert [word for word in ABANDONED if word not in text] == []


def test_no_particle_depends_on_how_an_inserted_name_is_read() -> None:
    after = re.compile(
        r"\}(?:을|를|이|가|은|는|과|와|로|으로|이다|다)(?![가-힣])|[이은을와]\((?:가|는|를|과)\)"
    )
    assert [text for text in KOREAN if after.search(text)] == []
    assert after.search("{one}이(가) {other}보다")
    assert after.search("{draw}로 생성")


def test_a_file_of_the_report_is_named_with_the_command_that_writes_it() -> None:
    said = [text for rows in MESSAGES.values() for row in rows.values() for text in row.values()]
    named = [text for text in said if re.search(r"\b(?:table|methods|tuning)\.(?:csv|md)|/\{file\}", text)]
    assert len(named) >= 8
    assert [text for text in named if "recurbench report RUN" not in text] == []


def test_names_in_the_data_are_translated_and_others_are_not() -> None:
    assert Messages("ko").of("forecasting") == "예측"
    assert Messages("ko").of("lstm") == "lstm"
    assert Messages("en").of("forecasting") == "forecasting"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_and_every_status_has_its_text(language: str) -> None:
    say = Messages(language)
    codes = [*LiftVerdict, *ContrastVerdict, *ChangeVerdict]
    assert {str(code) for code in codes} == set(MESSAGES["verdicts"])
    assert all(say.verdict(code) == MESSAGES["verdicts"][code][language] for code in codes)
    assert {*WarningStatus, "ok", "unsupported", *BAD} == set(MESSAGES["statuses"])
    assert all(say.status(code) == MESSAGES["statuses"][code][language] for code in MESSAGES["statuses"])
    assert say.status("of a later version") == "of a later version"


def test_every_reason_of_the_statistics_has_its_text() -> None:
    assert {str(code) for code in ReasonCode} <= set(MESSAGES["reasons"])


def test_a_verdict_is_followed_by_its_causes_and_then_by_remarks() -> None:
    say = Messages()
    few = reason(ReasonCode.FEW_TEST_WINDOWS, n=2, needed=10)
    more = reason(ReasonCode.MORE_ORIGINS, setting="--origins 28")
    limited = reason(ReasonCode.FITS_LIMITED, n=1)
    head, causes = say("verdicts.test_set_too_small"), f"{say.reason(few)}; {say.reason(more)}"
    small = LiftVerdict.TEST_SET_TOO_SMALL
    assert say.verdict(small, (few, more, limited)) == f"{head}: {causes}; {say.reason(limited)}"
    assert say.verdict(LiftVerdict.AHEAD, (limited,)) == f"recurrent ahead; {say.reason(limited)}"


def test_lists_are_joined_and_kinds_of_task_translated_within_a_reason() -> None:
    own = {"method": "csv-line", "kinds": ["classification", "regression"], "kind": "forecasting"}
    assert Messages("ko").reason(Reason("other_kind", own)) == (
        "csv-line: 예측 문제에는 답하지 않음(분류, 회귀 전용)"
    )


LIMIT = {"code": "memory_limit", "values": {"used": 900, "limit": 800}}
CUT = {"code": "inner_cut", "values": {"cut": 0, "reason": LIMIT}}
TRIALS = {"code": "no_trial_left", "values": {"trials": 3, "method": "rnn[hidden=8]", "reason": CUT}}


@pytest.mark.parametrize(
    ("stored", "korean"),
    [
        (LIMIT, "상주 메모리 900 MB, 한도 800 MB"),
        (
            TRIALS,
            "시도 3개 모두 탈락, rnn[hidden=8]: 내부 검증, 분할 0: 상주 메모리 900 MB, 한도 800 MB",
        ),
        ({"code": "raised", "values": {"text": "KeyError: problem"}}, "KeyError: problem"),
    ],
)
def test_the_reason_of_a_fit_is_worded_by_its_code_in_korean_and_stored_in_english(
    stored: dict[str, Any], korean: str
) -> None:
    why = of_cell({"reason": stored}, "the stored sentence")
    assert Messages("ko").reason(why) == korean
    assert Messages("en").reason(why) == "the stored sentence"
    assert why.code == stored["code"]


@pytest.mark.parametrize(
    "notes",
    [
        {},
        {"reason": {"code": "of_a_later_version", "values": {}}},
        {"reason": {"code": "memory_limit", "values": {"kilobytes": 9}}},
    ],
)
def test_a_reason_without_a_known_code_is_quoted(notes: dict[str, Any]) -> None:
    sentence = "900 MB resident, limit 800 MB"
    for language in LANGUAGES:
        assert Messages(language).reason(of_cell(notes, sentence)) == sentence


def test_an_unknown_language_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no messages in 'fr'; known languages: en, ko"):
        Messages("fr")


def test_one_problem_is_not_said_as_several() -> None:
    say = Messages("en")
    assert say("first.open", n=1, of=1, problems="x") == "The only problem is undecided: x."
    assert say("first.open", n=1, of=2, problems="x") == "Undecided on 1 of 2 problems: x."
    assert say("statistics.pairwise_part", kind="a", part="b", methods=3, n=1).endswith(
        "3 methods on 1 data set"
    )
    assert "데이터셋 1개" in Messages("ko")("statistics.pairwise_part", kind="a", part="b", methods=3, n=1)
