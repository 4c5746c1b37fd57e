"""Sentences whose remedy the table does not carry out, each with the reason."""

from __future__ import annotations

import re

from sentences import Sentence

# Findings of `check`, which the author of a method or a data set reads. Its tests hold a method that breaks
# each clause, and methods that do as the findings say and pass.
CLAUSES = "test_check.py::test_a_check_catches_the_method_made_for_it_and_leaves_the_process_as_it_was"
AUTHORS = {
    "bench/contract/clauses.py": CLAUSES,
    "bench/contract/conduct.py": CLAUSES,
    "bench/contract/leaks.py": CLAUSES,
    "bench/contract/subject.py": CLAUSES,
    "bench/contract/units.py": CLAUSES,
    "bench/contract/problems.py": "test_problems.py::test_a_method_is_not_taken_for_a_dataset",
    "bench/check.py": "test_check.py::test_a_dataset_is_not_taken_for_a_method",
}
# A test that makes the refusal happen with means that the table lacks (a server, a trained network, a whole
# archive), or why nothing can.
DIALS = "test_dials.py::test_a_grid_that_is_not_as_it_should_be_is_refused_in_words"
SERVER = "test_download.py::test_what_cannot_be_had_is_said_and_nothing_is_left"
BOMB = "test_unpack.py::test_a_bomb_is_refused_before_anything_is_written"
BEYOND = "test_forecast_beyond.py::test_"
PIPELINE = "test_pipelines.py::test_"
WEIGHTS = "test_pretrained.py::test_"
STORED = "test_stored_predictions.py::test_"
OTHERS = {
    "its problems of this kind": (
        "test_choice.py::test_a_run_without_such_a_problem_or_with_another_name_is_refused"
    ),
    "no cases to predict; use": "test_choice.py::test_a_run_of_forecasts_has_no_cases_to_predict",
    "give --method one of": (
        "test_choice.py::test_an_unknown_method_is_refused_and_those_of_the_run_are_named"
    ),
    "has no finished fit in this run": "test_choice.py::test_a_problem_without_a_finished_fit_is_refused",
    "no method was chosen on validation": "test_choice.py::test_without_validation_nothing_is_chosen",
    "is not installed; give its file with --plugin": (
        "test_choice.py::test_a_method_or_data_set_that_is_not_installed_is_named"
    ),
    "differ from those of the run": ("test_choice.py::test_data_that_changed_since_the_run_are_refused"),
    "name another method with --method": (
        "test_predict.py::test_a_method_that_cannot_answer_is_named_with_its_reason"
    ),
    "a series has a channel without a single value": (
        "test_case_parts.py::test_a_channel_without_values_is_refused_with_its_case"
    ),
    "shorten the horizon or give longer": "an example without a step is refused before windows are cut",
    "--steps is {}; give at least 1": f"{BEYOND}what_cannot_be_forecast_is_refused_in_words",
    "level is {}; give shares": f"{BEYOND}what_cannot_be_forecast_is_refused_in_words",
    "covariates known ahead; leave --ahead out": f"{BEYOND}what_cannot_be_forecast_is_refused_in_words",
    "name another with --method": f"{BEYOND}a_method_that_fails_or_answers_nan_is_said_with_the_remedy",
    "run again without these covariates": (
        f"{BEYOND}covariates_that_end_early_are_refused_where_no_setting_moves_the_last_origin"
    ),
    "their future values are needed": f"{BEYOND}values_known_ahead_are_taken_from_the_file",
    "add a column for each covariate": (
        f"{BEYOND}a_table_of_future_values_that_lacks_something_is_refused_in_words"
    ),
    "rows of numbers; give {}": f"{BEYOND}a_table_of_future_values_that_lacks_something_is_refused_in_words",
    "add a column that names the series": f"{BEYOND}future_values_of_several_series_are_told_apart_by_name",
    "data file of the run is not there": f"{BEYOND}data_that_changed_or_are_gone_are_refused",
    "a copy made by `recurbench slim`": f"{STORED}a_copy_without_predictions_says_so",
    "the run has no problem {}; its": f"{STORED}one_problem_can_be_read_alone_and_an_unknown_one_is_refused",
    "between 0 and 1, got {}; 0.95": "test_conformal.py::test_a_level_outside_0_and_1_is_refused",
    "so nothing can be forecast; for new cases": (f"{BEYOND}a_run_on_cases_is_refused_and_predict_is_named"),
    "beside the table; give a name that": (
        f"{BEYOND}the_command_writes_elsewhere_when_asked_and_refuses_a_level_that_is_none"
    ),
    "give percentages between 1 and 100": (
        f"{BEYOND}the_command_writes_elsewhere_when_asked_and_refuses_a_level_that_is_none"
    ),
    "return a list of as many, not": "test_groups.py::test_something_else_than_a_predictor_per_seed_is_said",
    "frozen.toml must agree with registration.toml": (
        "test_registered_roles.py::test_roles_that_differ_from_the_registration_are_refused"
    ),
    "decide a registered contrast and may run only after": (
        "test_judged_samples.py::test_a_judged_sample_of_a_registered_problem_is_refused"
    ),
    "no pools are called": DIALS,
    "is predicted to need a state": (
        "test_contrasts.py::test_a_positive_contrast_that_a_window_nearly_solves_is_refused_with_the_number"
    ),
    "its data set says role": (
        "test_contrasts.py::test_a_contrast_of_another_role_than_its_data_set_is_refused_with_both"
    ),
    "defines no class": "test_settings.py::test_a_dataclass_that_cannot_be_found_is_refused_in_words",
    "every trial dropped out": "test_tune.py::test_the_first_metric_that_all_have_decides_and_nan_is_none",
    "no workers; start some": "needs a scheduler of Dask with workers on other machines",
    "only the CPU time of workers on this machine": "test_budget.py::test_a_budget_with_dask_is_refused",
    "is too small: the start of the workers": (
        "test_budget.py::test_a_budget_that_holds_nothing_is_refused_with_the_one_that_does"
    ),
    "--dask needs Dask": "the remedy installs a package",
    "no Dask scheduler answers": "test_cluster.py::test_an_address_where_nobody_answers_is_refused_in_words",
    "files differ from those at commit": (
        "test_download.py::test_many_files_of_which_one_is_wrong_are_thrown_away"
    ),
    "does not continue the part": "test_download.py::test_a_file_arrives_whole_whatever_happens_on_the_way",
    "the server sends more than": SERVER,
    "could not fetch": SERVER,
    "holds other files; move it away": "test_download.py::test_many_files_replace_others_only_when_asked",
    "differs from the file in": (
        "test_download.py::test_another_file_of_the_same_name_is_not_overwritten_unasked"
    ),
    "wanted one for each; answer": "test_metrics.py::test_answers_to_some_of_the_examples_have_no_score",
    "masked values, wanted numbers": (
        "test_metrics.py::test_no_metric_scores_answers_or_truths_that_are_no_numbers"
    ),
    "start it again, every finished fit is kept": "a worker must end while the pool starts it",
    "unpacks to more than": "needs a packed file of more than 4 GiB",
    "parquet needs pyarrow": "the remedy installs a package",
    "cannot be read as parquet": "needs pyarrow, which is an extra",
    "make room on its disk": "needs a full disk",
    "is damaged: it holds": (
        "test_left_out.py::test_a_damaged_file_is_refused_in_words_and_the_next_command_mends_it"
    ),
    "is damaged: it gives the reason": (
        "test_left_out.py::test_a_damaged_file_is_refused_in_words_and_the_next_command_mends_it"
    ),
    "{}: cannot be read ({}); {}": "test_left_out.py::test_a_file_that_cannot_be_read_is_refused_in_words",
    "the run file is damaged": "test_cli.py::test_a_damaged_run_file_is_refused_in_words",
    "no trained network": (
        "test_cli_gradients.py::test_a_problem_without_networks_is_refused_with_those_that_have_some"
    ),
    "has changed since the run": ("test_cli_gradients.py::test_code_that_has_changed_since_is_refused"),
    "would import the installed": (
        "test_plugin_files.py::test_a_file_that_an_installed_module_would_hide_is_refused_by_name"
    ),
    "but this process has loaded": (
        "test_plugin_files.py::test_helpers_of_one_name_in_two_folders_are_never_mixed_up"
    ),
    "which all methods share": (
        "test_third_party.py::test_a_dataset_that_replaces_what_methods_use_is_refused_in_words"
    ),
    "with --jobs 0 all fits run in this one process": (
        "test_third_party.py::test_in_this_process_a_run_ends_before_a_cell_would_stand_on_what_a_method_replaced"
    ),
    "a plugin file is in no package": (
        "test_plugin_files.py::test_an_import_relative_to_a_package_is_refused_with_the_import_to_write"
    ),
    "gives no access to the states": "needs a third party's network without states in a run",
    "is installed already; choose": (
        "test_scaffold.py::test_a_package_that_is_installed_under_this_name_is_refused"
    ),
    "points outside of": (
        "test_unpack.py::test_a_member_that_points_outside_is_refused_with_the_whole_archive"
    ),
    "is a link or a device": "test_unpack.py::test_links_and_devices_are_refused",
    "files; refused": "test_unpack.py::test_a_bomb_of_many_small_files_is_refused",
    "bytes or more; refused": BOMB,
    "longer than it declares; refused": "test_unpack.py::test_a_member_that_lies_about_its_size_is_refused",
    "two files of one name": "test_unpack.py::test_the_file_nearest_to_the_top_is_meant_and_a_tie_is_refused",
    "install the version named in": "test_series.py::test_a_missing_data_file_is_reported_in_words",
    "rows; {} are needed": "test_ett.py::test_a_short_file_is_refused",
    "ett has no file": "test_ett.py::test_an_unknown_file_is_refused_with_the_known_ones",
    "needs a stationary autoregression": "test_many_series.py::test_impossible_dials_are_refused",
    "none of the files that the suite": (
        "test_suite_files.py::test_a_suite_without_any_of_its_files_ends_in_a_sentence_and_exit_2"
    ),
    "no published score is on": (
        "test_cli_published.py::test_data_sets_without_a_published_score_are_refused_with_those_that_have_one"
    ),
    "m4 has no group": "test_m4.py::test_files_that_do_not_belong_together_and_unknown_groups_are_refused",
    "no speaker is called": (
        "test_spoken_digits.py::test_a_speaker_can_be_held_out_and_the_others_stay_whole"
    ),
    "needed are {} Hz": "test_spoken_digits.py::test_other_recordings_are_refused_with_what_was_seen",
    "rows per company": "test_us_bankruptcy.py::test_another_form_is_refused",
    "leave out companies without": "test_us_bankruptcy.py::test_another_form_is_refused",
    "holds no finite value, at": "test_baseline.py::test_a_history_without_any_value_is_refused_in_words",
    "calendar needs one for each": "test_scaling.py::test_missing_time_stamps_are_refused_in_words",
    "writes ({}: {}); delete it": "test_page_gradients.py::test_a_broken_file_is_refused_in_words",
    "give the path of a file or folder": (
        f"{WEIGHTS}a_method_of_a_plugin_file_is_marked_too_and_its_folder_must_be_there"
    ),
    "a pipeline must be an object": f"{PIPELINE}what_is_no_pipeline_is_refused_in_words",
    "has no method predict_quantiles": f"{PIPELINE}what_is_no_pipeline_is_refused_in_words",
    "the pipeline answered {}": f"{PIPELINE}an_answer_of_another_form_is_refused_in_words",
    "steps that the model reads": (
        f"{PIPELINE}missing_values_are_passed_as_nan_and_an_empty_history_is_refused"
    ),
    "pretrained has no folder": f"{WEIGHTS}a_folder_that_is_missing_or_holds_no_model_is_refused",
    "wanted the folder that holds it": f"{WEIGHTS}a_folder_that_is_missing_or_holds_no_model_is_refused",
    "holds no config.json": f"{WEIGHTS}a_folder_that_is_missing_or_holds_no_model_is_refused",
    "wanted module:Class": f"{WEIGHTS}a_class_that_does_not_fit_is_refused",
    "write module:Class of a class": f"{WEIGHTS}a_class_that_does_not_fit_is_refused",
    "install it, for example with": f"{WEIGHTS}a_class_that_does_not_fit_is_refused",
    "would have nothing to show": "needs a run of registered contrasts, which takes hours",
    "is a run, and the figures of": (
        "test_registered_map.py::test_a_page_whose_folder_would_be_the_run_is_refused_and_nothing_is_lost"
    ),
}
# The words behind the semicolon say more about the case; what to do is to take another method.
FACTS = (
    "it has no decoder for free answers",
    "this task answers symbols or flags",
    "this task's answers are numbers",
    "this task asks for answers of another length",
    "this task's input is numbers",
    "it has no state per step",
    "this task's answers have none",
    "the method ngram reads no input",
    "a context holds n - 1 symbols",
)


def elsewhere(sentence: Sentence) -> str | None:
    """Why the table does not carry out a sentence's remedy; None where nothing is written down."""
    if sentence.file in AUTHORS:
        return AUTHORS[sentence.file]
    if any(words in sentence.text for words in FACTS):
        return "no remedy"
    return next((reason for words, reason in OTHERS.items() if words in sentence.text), None)


def unused(sentences: list[Sentence]) -> list[str]:
    """What is written down here of no sentence that there is."""
    texts = [one.text for one in sentences]
    gone = [words for words in (*FACTS, *OTHERS) if not any(words in text for text in texts)]
    return gone + [file for file in AUTHORS if file not in {one.file for one in sentences}]


def named_tests() -> list[tuple[str, str]]:
    """The files and names of the tests that reasons name."""
    reasons = [*AUTHORS.values(), *OTHERS.values()]
    found = (re.fullmatch(r"(test_\w+\.py)::(\w+)", reason) for reason in reasons)
    return [(match[1], match[2]) for match in found if match]
