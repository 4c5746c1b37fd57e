"""The reader's words: both languages whole, with the same places to fill in."""

from __future__ import annotations

import re
import string
import tomllib
from importlib.resources import files

import pytest
from recurbench.reports.text.translation import LANGUAGES, Words

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
    "프로브": "탐침",
    "절제": "제거 실험",
    "라이선스": "허가",
    "동등성 한계": "여백",
    "시퀀스": "수열",
    "난이도 변수": "다이얼",
    "판정 보류": "결정할 수 없",
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


def test_words_in_the_data_are_translated_and_names_are_not() -> None:
    assert Words("ko").of("no difference") == "차이 없음"
    assert Words("ko").of("not run yet") == "아직 실행하지 않음"  # of a cell, and of a change between runs
    assert Words("ko").of("lstm") == "lstm"
    assert Words("en").of("no difference") == "no difference"


@pytest.mark.parametrize("key", MESSAGES["sentences"])
def test_a_sentence_of_the_data_is_found_by_its_english_and_keeps_what_is_in_it(key: str) -> None:
    values = {
        name: f"{name}[k={i}.5]" for i, name in enumerate(sorted(places(MESSAGES["sentences"][key]["en"])))
    }
    english, korean = (Words(language)(f"sentences.{key}", **values) for language in LANGUAGES)
    assert Words("ko").of(english) == korean
    assert Words("en").of(english) == english


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("undecided: 9 of 10 pairs", "판정 보류: 쌍 10개 가운데 9개"),
        ("not learned in budget: recurrent and full", "예산 안에서 학습되지 않음: 순환, 전체 과거"),
        ("no difference; 4 fits against 12", "차이 없음; 적합 4개 대 12개"),
        (
            "undecided: no headroom: the best is 0.005 from the best constant answer",
            "판정 보류: 개선 여지 없음: 최선과 가장 좋은 상수 답의 차이가 0.005",
        ),
        ("gru: 1 of 3 cells of gru are missing", "gru: gru의 셀 3개 가운데 1개가 빠짐"),
        ("trial 3 timeout", "시도 3: 시간 초과"),
    ],
)
def test_what_frames_say_in_parts_is_told_part_by_part(english: str, korean: str) -> None:
    assert Words("ko").told(english) == korean
    assert Words("en").told(english) == english


@pytest.mark.parametrize("key", MESSAGES["reasons"])
def test_a_reason_of_the_suite_is_translated_whole(key: str) -> None:
    names = sorted(places(MESSAGES["reasons"][key]["en"]))
    english, korean = (
        Words(language)(f"reasons.{key}", **{name: f"{i}.5" for i, name in enumerate(names)})
        for language in LANGUAGES
    )
    assert Words("ko").reason(english) == korean != english
    assert Words("en").reason(english) == english


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("inner stage: 900 MB resident, limit 800 MB", "내부 검증: 상주 메모리 900 MB, 한도 800 MB"),
        (
            "csv-line answers classification, regression, not forecasting",
            "csv-line: 예측 문제에는 답하지 않음(분류, 회귀 전용)",
        ),
        ("while its problem was built: no reason given", "문제를 만드는 중: 이유를 밝히지 않음"),
        (
            "all of 3 trials dropped out, rnn[hidden=8]: inner stage, cut 0: the worker ended with signal 9",
            "시도 3개 모두 탈락, rnn[hidden=8]: 내부 검증, 분할 0: 작업 프로세스가 끝남(신호 9)",
        ),
    ],
)
def test_where_a_reason_of_the_suite_came_about_is_translated_with_it(english: str, korean: str) -> None:
    assert Words("ko").reason(english) == korean
    assert Words("en").reason(english) == english


@pytest.mark.parametrize(
    "said",
    [
        "inner stage: KeyError: problem",
        "all of 3 trials dropped out, rnn: inner stage, cut 0: diverged",
        "the worker ended with exit code 1; it printed: no reason given",
        "KeyError: problem",
        "ValueError: features: control",
        "needs 4 GB; positive",
        "2 of 3 pairs",
        "full",
        "RuntimeError: 3 of 5 cells went wrong",
        "inner stage: memory",
        "OSError: more than 60 s of wall-clock time",
    ],
)
def test_what_a_method_said_is_quoted_and_never_translated_in_part(said: str) -> None:
    assert Words("ko").reason(said) == Words("en").reason(said) == said


def test_an_unknown_language_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no messages in 'fr'; known languages: en, ko"):
        Words("fr")


def test_one_problem_is_not_said_as_several() -> None:
    say = Words("en")
    assert say("first.helps", n=1, of=1, problems="x") == "Recurrence helps on the only problem: x."
    assert say("first.helps", n=1, of=2, problems="x") == "Recurrence helps on 1 of 2 problems: x."
    assert say("statistics.pairwise_part", kind="a", part="b", methods=3, n=1).endswith(
        "3 methods on 1 data set"
    )
    assert "데이터셋 1개" in Words("ko")("statistics.pairwise_part", kind="a", part="b", methods=3, n=1)
