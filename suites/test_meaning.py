"""What meant something means it still (needs two snapshots)."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("MEANING-1")
def test_content_that_was_there_is_there(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("MEANING-2")
def test_it_is_still_reached_by_the_relations_that_reached_it(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("MEANING-3")
def test_properties_have_the_meaning_that_they_had(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("MEANING-4")
def test_formats_searches_and_paging_that_worked_work(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("MEANING-5")
def test_a_key_never_comes_to_mean_something_else(judged: Judged) -> None:
    assert judged.holds, judged.explanation
