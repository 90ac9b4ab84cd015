"""Documented properties are as documented."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("MODEL-1")
def test_documented_properties_have_the_documented_names_and_types(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("MODEL-2")
def test_what_identifies_a_resource_is_there(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("MODEL-3")
def test_closed_sets_hold_documented_words_only(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("MODEL-4")
def test_the_language_parameter_changes_texts_and_nothing_else(judged: Judged) -> None:
    assert judged.holds, judged.explanation
