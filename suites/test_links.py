"""Links lead where they say."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("LINK-1")
def test_links_are_well_formed(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LINK-2")
def test_self_leads_to_the_resource_itself(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LINK-3")
def test_each_defined_relation_leads_to_what_its_definition_says(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LINK-4")
def test_every_offered_link_to_the_api_can_be_followed(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LINK-5")
def test_links_stay_in_the_environment(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LINK-6")
def test_templated_links_are_flagged_and_expand_to_the_resource(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LINK-7")
def test_hals_own_names_are_used(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LINK-8")
def test_the_media_type_that_a_link_announces_is_the_one_that_comes(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("LINK-9")
def test_the_documented_relations_of_a_resource_are_there(judged: Judged) -> None:
    assert judged.holds, judged.explanation
