"""Lists are limited, cut and searched as documented."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("LIST-1")
def test_a_limited_list_holds_at_most_its_limit(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LIST-2")
def test_skip_and_top_cut_the_same_sequence(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LIST-3")
def test_filter_selects_and_orderby_orders(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LIST-4")
def test_a_list_cut_short_by_the_database_says_so(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LIST-5")
def test_a_query_that_cannot_be_understood_is_refused(judged: Judged) -> None:
    assert judged.holds, judged.explanation
