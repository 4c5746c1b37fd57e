"""What a run can show by its size, and the commands for what it leaves open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from made_up import MadeUp
from recurbench.reports.text.answer import answer
from recurbench.reports.text.open_lifts import with_seeds
from recurbench.reports.text.translation import Messages
from recurbench.results import Run, read_run

EN = Messages()


def run_of(
    folder: Path, problems: dict[str, tuple[float, float]], cases: int = 40, by_case: float = 0.0
) -> Run:
    """By problem the lift of the lstm over the mlp, and its spread over three seeds.

    by_case: how far the lift varies from case to case; cases alternate, so it does not change the mean.
    """
    made = MadeUp(folder, constant=0.0, best=1.0)
    for problem, (lift, spread) in problems.items():
        for seed in range(3):
            for address, score in {"lstm": 0.5 + lift + spread * (seed - 1), "mlp": 0.5}.items():
                apart = by_case * (-1.0) ** np.arange(cases) if address == "lstm" else 0.0
                values = list(score + 0.01 * np.linspace(-1, 1, cases) + apart)
                made.cell(address, values, problem=problem, seed=seed, validation={"accuracy": score})
    return read_run(made.write())


def test_the_answer_names_the_smallest_differences_that_can_be_shown(tmp_path: Path) -> None:
    found = answer(run_of(tmp_path, {"fine": (0.0, 0.001), "coarse": (0.0, 0.03)}), EN).sentences
    (told,) = [text for text in found if text.startswith("The smallest difference of skill")]
    assert told.startswith("The smallest difference of skill that this run can show is 0.05 on fine and 0.1")
    assert told.endswith("on coarse.")


def test_an_open_problem_gets_the_command_that_is_likely_to_decide_it(tmp_path: Path) -> None:
    run = replace(run_of(tmp_path, {"fine": (0.0, 0.001), "coarse": (0.0, 0.03)}), suite="quick")
    *_, last = answer(run, EN).sentences
    assert " seeds are likely to decide coarse: `recurbench run quick --datasets coarse --seeds " in last
    assert not any("decide fine" in text for text in answer(run, EN).sentences)


def test_where_that_command_would_be_too_long_the_answer_names_the_option_alone(tmp_path: Path) -> None:
    problem = f"coarse[{','.join(f'setting_{i}=1' for i in range(30))}]"
    run = run_of(tmp_path, {"fine": (0.0, 0.001), problem: (0.0, 0.03)})
    *_, last = answer(run, EN).sentences
    seeds = last.split()[0]
    again = f"type the same command again with `--seeds {seeds}`."
    assert last == f"{seeds} seeds are likely to decide {problem}: {again}"
    *_, last = answer(run, Messages("ko")).sentences
    assert f"`--seeds {seeds}`" in last


def told_of(problem: str, folder: Path, by_seed: float, say: Messages) -> str:
    """What the answer says of one problem with a lift of 0 that varies by .2 from case to case."""
    run = run_of(folder, {problem: (0.0, by_seed), "other": (0.3, 0.001)}, by_case=0.2)
    *_, last = answer(run, say).sentences
    return last


def test_an_open_problem_that_varies_over_cases_needs_a_larger_test_part(tmp_path: Path) -> None:
    assert told_of("noisy", tmp_path, 0.001, EN) == (
        "More seeds do not decide noisy. Its test part would have to be about 2 times as large."
    )
    assert "3 times as large" in told_of("noisy", tmp_path / "more", 0.02, EN)


def test_an_open_problem_that_varies_over_cases_and_seeds_needs_more_of_both(tmp_path: Path) -> None:
    assert told_of("noisy", tmp_path, 0.03, EN) == (
        "noisy needs both more seeds and a larger test part: "
        "7 seeds and a test part about 2 times as large are likely to decide it."
    )
    korean = told_of("noisy", tmp_path / "ko", 0.03, Messages("ko"))
    assert "시드 7개" in korean
    assert "2배" in korean


def test_a_decided_run_has_no_command(tmp_path: Path) -> None:
    found = answer(run_of(tmp_path, {"fine": (0.0, 0.001), "other": (0.3, 0.001)}), EN).sentences
    assert not any("seeds" in text or "test part" in text for text in found)


def test_a_difference_at_the_margin_is_said_to_stay_open(tmp_path: Path) -> None:
    *_, last = answer(run_of(tmp_path, {"edge": (0.05, 0.02), "fine": (0.0, 0.001)}), EN).sentences
    assert last == (
        "Even 30 seeds and a test part 100 times as large would not decide edge: "
        "the difference varies too much, or it is too close to the margin."
    )


def test_a_run_without_a_suite_repeats_its_methods(tmp_path: Path) -> None:
    run = replace(run_of(tmp_path, {"fine": (0.0, 0.001), "coarse": (0.0, 0.03)}), suite="custom")
    assert with_seeds(run, "coarse", 10) == (
        "recurbench run --datasets coarse --methods lstm,mlp --seeds 10 --first-seed 0"
    )
