"""Metadata is open, private content is not."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("AUTH-1")
def test_metadata_is_open(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("AUTH-2")
def test_a_private_resource_without_a_key_is_refused_with_the_reason(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("AUTH-3")
def test_private_content_never_comes_without_login(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("AUTH-4")
def test_a_wrong_key_or_token_is_refused(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("AUTH-5")
def test_each_way_to_log_in_gives_the_same_content(judged: Judged) -> None:
    assert judged.holds, judged.explanation
