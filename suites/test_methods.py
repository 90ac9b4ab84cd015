"""Retrieval is by GET, and GET changes nothing."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("GET-1")
def test_all_content_that_is_offered_can_be_retrieved_by_get(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("GET-2")
def test_other_methods_retrieve_nothing(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("GET-3")
def test_get_changes_nothing(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("GET-4")
def test_head_answers_with_the_header_fields_of_get_and_no_body(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("GET-5")
def test_the_documented_read_mark_is_the_only_effect_of_get(judged: Judged) -> None:
    assert judged.holds, judged.explanation
