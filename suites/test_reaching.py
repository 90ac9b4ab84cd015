"""What is there can be browsed or searched to."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("REACH-1")
def test_the_entries_answer_and_lead_on(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("REACH-2")
def test_everything_mentioned_is_reached_by_links_from_an_entry(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("REACH-3")
def test_everything_listed_can_be_found_again_by_searching(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("REACH-4")
def test_browsing_a_list_to_its_end_gives_every_element_exactly_once(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("REACH-5")
def test_the_same_content_is_reached_on_a_second_visit(judged: Judged) -> None:
    assert judged.holds, judged.explanation
