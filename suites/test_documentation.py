"""The documentation and its examples are true."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("DOC-1")
def test_the_help_page_lists_every_operation(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("DOC-2")
def test_the_models_of_the_help_page_are_those_of_the_contract(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("EXAMPLE-1")
def test_the_documented_example_requests_do_what_the_page_says(judged: Judged) -> None:
    assert judged.holds, judged.explanation
