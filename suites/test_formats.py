"""Four formats, one meaning."""

from samsvar.pytest_plugin import Judged, guarantee


@guarantee("FORMAT-1")
def test_every_resource_that_has_a_data_model_answers_in_all_promised_media_types(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("FORMAT-2")
def test_the_answer_is_in_the_media_type_that_was_asked_for(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("FORMAT-3")
def test_the_body_is_well_formed_in_the_media_type_it_claims(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("FORMAT-4")
def test_the_representations_carry_the_same_properties_with_the_same_values(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("FORMAT-5")
def test_a_list_has_the_same_elements_in_all_formats(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("FORMAT-6")
def test_the_two_hal_formats_carry_the_same_links(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("FORMAT-7")
def test_the_two_hal_formats_embed_the_same_resources(judged: Judged) -> None:
    assert judged.holds, judged.explanation


@guarantee("FORMAT-8")
def test_values_are_written_in_the_standard_lexical_forms(judged: Judged) -> None:
    assert judged.holds, judged.explanation
