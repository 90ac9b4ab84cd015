"""The Accept header, and nothing else, decides the format."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("ACCEPT-1")
def test_the_accept_header_alone_decides_the_format(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("ACCEPT-2")
def test_media_type_names_are_compared_without_case(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("ACCEPT-3")
def test_quality_values_and_specificity_are_honoured(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("ACCEPT-4")
def test_any_type_and_no_accept_at_all_give_one_of_the_four_and_always_the_same(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("ACCEPT-5")
def test_an_accept_that_cannot_be_met_is_refused_clearly_or_gets_the_default(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("ACCEPT-6")
def test_answers_that_depend_on_accept_say_so_in_vary(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("ACCEPT-7")
def test_two_formats_do_not_share_a_strong_etag(judged: Judged) -> None:
    assert judged.holds, judged.explanation
