"""Scripts of registered origins may read, others may not."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("CORS-1")
def test_a_registered_origin_is_allowed_on_metadata_without_login(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("CORS-2")
def test_a_registered_origin_is_allowed_everywhere_and_on_errors(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("CORS-3")
def test_no_other_origin_is_allowed(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("CORS-4")
def test_the_null_origin_is_not_allowed(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("CORS-5")
def test_credentials_are_never_allowed_to_just_anybody(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("CORS-6")
def test_answers_that_depend_on_origin_say_so_in_vary(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("CORS-7")
def test_preflight_succeeds_without_login(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("CORS-8")
def test_there_is_exactly_one_allowed_origin_in_an_answer(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("CORS-9")
def test_a_real_browser_lets_script_of_the_registered_origin_read_and_no_other(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("CORS-10")
def test_meaningful_header_fields_are_exposed_to_script(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("CORS-11")
def test_preflights_for_head_and_for_what_libraries_add_succeed(judged: Judged) -> None:
    assert judged.holds, judged.explanation
