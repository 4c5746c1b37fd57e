"""What the statistics conclude, as data: verdicts and the reasons behind them, by code.

`reports/text/messages.toml` has the sentence for each code, in every language. docs/reports.md lists the
codes; users filter CSV and JSON by them, so a code keeps its meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class LiftVerdict(StrEnum):
    """The verdict on the recurrence lift of one problem."""

    AHEAD = "ahead"
    BEHIND = "behind"
    NO_DIFFERENCE = "no_difference"
    UNDECIDED = "undecided"
    TEST_SET_TOO_SMALL = "test_set_too_small"
    TOO_FEW_SEEDS = "too_few_seeds"
    TOO_FEW_RESAMPLES = "too_few_resamples"
    NOT_TRAINED = "not_trained"
    NOTHING_CHOSEN = "nothing_chosen"
    NOT_COMPARED = "not_compared"
    UNFINISHED = "unfinished"


class ContrastVerdict(StrEnum):
    """The verdict on a contrast; the first five in the order in which they are tried."""

    RECURRENCE_HELPS = "recurrence_helps"
    RECURRENCE_HURTS = "recurrence_hurts"
    MEMORY_HELPS = "memory_helps"
    NO_DIFFERENCE = "no_difference"
    NOT_NEEDED = "not_needed"
    NEITHER_LEARNED = "neither_learned"
    UNDECIDED = "undecided"


class ChangeVerdict(StrEnum):
    """What `recurbench compare` finds for one method on one problem, in the order of its table."""

    WORSE = "worse"
    FAILED_NOW = "failed_now"
    BETTER = "better"
    MENDED = "mended"
    NOT_TOLD_APART = "not_told_apart"
    TOO_FEW_TO_TEST = "too_few_to_test"
    NOT_COMPARABLE = "not_comparable"
    DISAPPEARED = "disappeared"
    APPEARED = "appeared"
    NOT_RUN_YET = "not_run_yet"
    FAILED_IN_BOTH = "failed_in_both"
    REFUSED_IN_BOTH = "refused_in_both"
    IDENTICAL = "identical"


Verdict = LiftVerdict | ContrastVerdict | ChangeVerdict


class WarningStatus(StrEnum):
    """The statuses of warnings that no single fit has; the others are those of run files."""

    UNDEFINED = "undefined"
    MISSING = "missing"
    LEFT_OUT = "left_out"
    NOT_TRAINED = "not_trained"
    TRAINED_ON_THIS_DATA = "trained_on_this_data"


class ReasonCode(StrEnum):
    """The reasons that statistics give; those of single fits come from the run file."""

    # Of the recurrence lift.
    ONE_SEED = "one_seed"
    FEW_TEST_WINDOWS = "few_test_windows"
    FEW_TEST_SERIES = "few_test_series"
    FEW_TEST_CASES = "few_test_cases"
    FEW_TEST_GROUPS = "few_test_groups"
    MORE_ORIGINS = "more_origins"
    MORE_ORIGINS_AND_ROWS = "more_origins_and_rows"
    SHORTER_HORIZON = "shorter_horizon"
    FEW_RESAMPLES = "few_resamples"
    NO_RECURRENT_SCORE = "no_recurrent_score"
    NO_RECURRENT_SCORE_ON_EVERY_SEED = "no_recurrent_score_on_every_seed"
    NO_OTHER_SCORE = "no_other_score"
    NO_OTHER_SCORE_ON_EVERY_SEED = "no_other_score_on_every_seed"
    TIED_ON_VALIDATION = "tied_on_validation"
    UNTRAINED_METHODS = "untrained_methods"
    REFERENCE_USED = "reference_used"
    WORSE_THAN_REFERENCE = "worse_than_reference"
    FITS_MISSING = "fits_missing"
    JOBS_MISSING = "jobs_missing"
    NO_VALUES_PER_EXAMPLE = "no_values_per_example"
    UNEQUAL_SEEDS = "unequal_seeds"
    ON_RESAMPLE = "on_resample"
    FITS_DIFFER = "fits_differ"
    FITS_LIMITED = "fits_limited"
    # Of skill.
    REFERENCE_NOT_RUN = "reference_not_run"
    NO_HEADROOM = "no_headroom"
    NO_HEADROOM_TO_BEST = "no_headroom_to_best"
    NO_HEADROOM_OF_REFERENCE = "no_headroom_of_reference"
    NO_HEADROOM_OF_REFERENCE_TO_BEST = "no_headroom_of_reference_to_best"
    PROBLEM_NOT_BUILT = "problem_not_built"
    # Of the validation part.
    NO_VALIDATION_SCORES = "no_validation_scores"
    TRAIN_TOO_SHORT = "train_too_short"
    TRAIN_TOO_SMALL = "train_too_small"
    NEEDS_ROWS = "needs_rows"
    NEEDS_STEPS = "needs_steps"
    NEEDS_EXAMPLES = "needs_examples"
    NEEDS_GROUPS = "needs_groups"
    NEEDS_EXAMPLES_OF_ONE_CLASS = "needs_examples_of_one_class"
    NEEDS_GROUPS_OF_ONE_CLASS = "needs_groups_of_one_class"
    PART_OF_CLASSES = "part_of_classes"
    PART_OF_ORIGINS = "part_of_origins"
    PART_OF_SERIES = "part_of_series"
    # Of undefined scores.
    UNDEFINED_SCORE = "undefined_score"
    MASE_UNDEFINED = "mase_undefined"
    MASE_UNDEFINED_ON = "mase_undefined_on"
    CONSTANT_HISTORY = "constant_history"
    SEASONAL_HISTORY = "seasonal_history"
    SHORT_HISTORY = "short_history"
    HISTORY_WITH_GAPS = "history_with_gaps"
    NO_SCALE = "no_scale"
    OTHER_METRICS = "other_metrics"
    # Of the method that stands for a family.
    NOT_SUPPORTED = "not_supported"
    NOT_ASKED = "not_asked"
    NOTHING_CHOSEN = "nothing_chosen"
    TIED_WITH = "tied_with"
    FITS_FAILED = "fits_failed"
    FITS_OF_METHOD_MISSING = "fits_of_method_missing"
    FITS_NOT_TRAINED = "fits_not_trained"
    METHODS_TRAINED_ON_THIS_DATA = "methods_trained_on_this_data"
    # Of warnings.
    NOT_RUN_YET = "not_run_yet"
    NO_BETTER_THAN_CONSTANT = "no_better_than_constant"
    SEEN_BEFORE = "seen_before"
    # Of registered contrasts and difficulty parameters.
    NOT_RUN = "not_run"
    METHODS_NOT_RUN = "methods_not_run"
    METHODS_FAILED = "methods_failed"
    NO_COMPLETE_REPLICATE = "no_complete_replicate"
    NO_SHARED_VALIDATION_SCORE = "no_shared_validation_score"
    NEITHER_TRAINED = "neither_trained"
    # Of two runs, and of two methods of one run.
    NO_SHARED_SEED = "no_shared_seed"
    SOME_PAIRS = "some_pairs"
    SOME_FITS = "some_fits"
    FAILED_IN_BOTH = "failed_in_both"
    NO_SKILL = "no_skill"
    WHOLE_SCORES_ONLY = "whole_scores_only"
    DATA_CHANGED = "data_changed"
    METRIC_CHANGED = "metric_changed"
    FEW_UNITS_DIFFER = "few_units_differ"
    ONE_SAMPLE = "one_sample"
    SMALLEST_P = "smallest_p"


REMARKS = frozenset({ReasonCode.FITS_DIFFER, ReasonCode.FITS_LIMITED})
"""Reasons that qualify a verdict and do not explain it."""


@dataclass(frozen=True)
class Reason:
    """A code and the values of its sentence: numbers, names, lists of names, or a reason within this one."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        """By the code alone, because values are a mapping; equality compares both."""
        return hash(self.code)


@dataclass(frozen=True)
class CellReason:
    """Why a fit has no score, as its row in the run file says.

    text: the stored English sentence. coded: the same as a code with values; None in run files of older
    versions, which have the sentence alone.
    """

    text: str
    coded: Reason | None = None

    @property
    def code(self) -> str:
        """The code, `uncoded` where the run file has none."""
        return self.coded.code if self.coded else "uncoded"


Reasons = tuple[Reason | CellReason, ...]


def reason(code: ReasonCode, **values: Any) -> Reason:
    """A reason of a statistic with its values."""
    return Reason(code, values)


def of_cell(notes: Mapping[str, Any], text: str) -> CellReason:
    """The reason of a row that is not ok; notes, text: its columns `notes` and `reason`."""
    coded = notes.get("reason")
    return CellReason(text, _read(coded) if isinstance(coded, Mapping) else None)


def has(reasons: Iterable[Reason | CellReason], code: ReasonCode) -> bool:
    """Whether a reason with this code is among them."""
    return any(each.code == code for each in reasons)


def _read(stored: Mapping[str, Any]) -> Reason:
    values = stored.get("values", {})
    return Reason(
        str(stored["code"]),
        {name: _read(value) if isinstance(value, Mapping) else value for name, value in values.items()},
    )
