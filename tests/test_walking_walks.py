"""A walk under way: it follows what it was offered and nothing else, and knows where it stands and how it came."""

from dataclasses import replace

import pytest
import small_environment
from hypothesis import given
from hypothesis import strategies as st
from linked_environment import CONTRACT, HAL_ONLY, World, at, kept, message, to
from stage import explore
from strolls import came, probed, strolled, walk_of

from samsvar.logic.exploring import Explorer
from samsvar.logic.walking.steps import DOCUMENT, HERE, Step, read_step
from samsvar.logic.walking.walks import NARROWED, PLAIN, STEPS, STRANGE, TAGGED, TRIED, Walk, entries, narrowings
from samsvar.model.contract import Profile
from samsvar.model.exchange import (
    FORMATS,
    HAL_JSON,
    HAL_XML,
    Login,
    Means,
    Probe,
    Response,
    Target,
    TargetKind,
)

FOUR = Profile("four")
BOX = "my/messages"


def stroll(line: str, world: World | None = None) -> Explorer:
    return strolled((world or kept()).answer, line)


def in_four_formats(line: str) -> Explorer:
    return strolled(small_environment.kept, line, profile=FOUR)


def urls_of(explorer: Explorer) -> list[str]:
    return [one.probe.url.removeprefix(at("")) for one in came(explorer)]


def linking(rel: str, *hrefs: str) -> World:
    """A message that offers these links besides its own."""
    world = kept()
    world.pages[f"{BOX}/a100001"]["_links"][rel] = [{"href": href} for href in hrefs]
    return world


# -- following --------------------------------------------------------------------------------------------------------


def test_a_link_is_followed_from_where_the_walk_stands() -> None:
    explorer = stroll("reportees > messages > self > metadata > [hal+xml] .")
    assert urls_of(explorer) == [
        "reportees",
        "r1/messages",
        "r1/messages/a300010?markAsRead=false",
        "metadata/correspondence/0042/2",
        "metadata/correspondence/0042/2",
    ]
    assert [one.label for one in came(explorer)] == [HAL_JSON] * 4 + [HAL_XML]
    assert [one.probe.walk for one in came(explorer)] == [f"r1.{number}" for number in range(1, 6)]


def test_relations_compare_without_case() -> None:
    assert urls_of(stroll("Reportees > MESSAGES")) == []
    assert urls_of(stroll("reportees > MESSAGES")) == ["reportees", "r1/messages"]


def test_the_second_link_of_a_relation_has_its_number_and_there_is_no_third() -> None:
    explorer = stroll("reportees > messages#2")
    assert urls_of(explorer)[-1] == "r2/messages"
    walk = walk_of(stroll("reportees"))
    assert probed(walk, "messages#2") is not None
    assert probed(walk, "messages#3") is None
    assert walk.probe(Step("messages", nth=0)) is None


def test_what_is_not_offered_ends_a_walk() -> None:
    walk = walk_of(stroll("reportees > nothing > self"))
    assert len(walk.steps) == 1
    assert probed(walk, "nothing") is None


def test_the_own_self_of_a_list_comes_after_those_of_its_elements() -> None:
    walk = walk_of(stroll(BOX))
    found = [offer.url for offer in walk.followable()["self"]]
    assert found[0] == at(f"{BOX}/a100001") and found[-1] == at(BOX) and len(found) == 5
    assert str(probed(walk, "self#5")) == at(BOX)


def test_a_walk_goes_on_from_an_earlier_step() -> None:
    explorer = stroll("reportees > messages > @1 messages#2 > @2 self > @1 .")
    assert urls_of(explorer) == [
        "reportees",
        "r1/messages",
        "r2/messages",
        "r1/messages/a300010?markAsRead=false",
        "reportees",
    ]


def test_what_offered_a_place_is_remembered() -> None:
    walk = walk_of(stroll("reportees > messages > [hal+xml] . > self > . > /metadata > ."))
    assert walk.offerers == [0, 1, 1, 3, 3, 0, 0]
    assert walk.standing == 7 and walk.offerer == 0 and walk.mark == "r1.8"
    assert walk_of(stroll("reportees > messages > [hal+xml] .")).offerer == 1


def test_here_is_the_place_and_its_address_once_more() -> None:
    walk = walk_of(stroll(f"{BOX}?$top=2 > [hal+xml] ."))
    assert [one.probe.url for one in walk.readings] == [at(f"{BOX}?$top=2")] * 2
    assert walk.stand() is walk.readings[1] and walk.stand(1) is walk.readings[0]
    assert walk.row is not None and walk.row.name == "MessageList"


def test_after_a_refusal_a_walk_stands_where_it_stood() -> None:
    world = kept()
    world.pages[f"{BOX}/a100001"] = Response(500)
    walk = walk_of(stroll(f"{BOX} > self > self#2", world))
    assert [one.status for one in walk.readings] == [200, 500, 200]
    assert walk.marks == [0, 0, 2]


def test_a_stranger_is_nowhere_else_after_an_answer() -> None:
    walk = walk_of(stroll(f"reportees > {HERE} +login=no-login"))
    assert walk.readings[1].status == 200 and walk.marks == [0, 0]


def test_a_walk_is_nowhere_while_no_entry_answered() -> None:
    walk = walk_of(stroll("organizations > self"))
    assert [one.status for one in walk.readings] == [404]
    assert walk.stand() is None and walk.row is None and walk.tagged == () and walk.standing == 0
    assert not walk.followable() and not walk.templates()
    assert probed(walk, HERE) is None and walk.formats(Step(HERE)) == ()


# -- what is remembered of links --------------------------------------------------------------------------------------


def test_the_links_of_a_place_are_remembered_while_it_is_read_in_a_plain_format() -> None:
    walk = walk_of(in_four_formats("reportees > [xml] . > messages > [json] self"))
    assert [one.label for one in walk.readings] == [HAL_JSON, "application/xml", HAL_JSON, "application/json"]
    assert walk.links() is None, "the message was never read in a format that has links"
    assert walk.links(2) is walk.readings[0]
    assert walk.readings[2].probe.parent == walk.readings[0].number


def test_the_links_of_another_place_are_not_taken_for_those_of_this_one() -> None:
    walk = walk_of(in_four_formats("reportees > /metadata > [json] /reportees > self > [xml] /metadata"))
    assert walk.links(3) is walk.readings[0]
    assert walk.links(5) is walk.readings[1]


def test_links_are_not_known_from_walks_before() -> None:
    explorer = strolled(small_environment.kept, "reportees", "[xml] reportees > messages", profile=FOUR)
    assert len(walk_of(explorer, 2).steps) == 1


# -- where nobody goes ------------------------------------------------------------------------------------------------

ELSEWHERE = (
    "https://other.example/api/metadata",
    "http://api.example/api/metadata",
    "https://api.example/elsewhere",
    at("my/brokerservice/x/download"),
    at("Authentication/logout"),
    at("a" * 3_000),
    "mailto:somebody@api.example",
    "",
)


def test_effects_other_hosts_and_what_is_outside_the_api_are_never_asked() -> None:
    walk = walk_of(stroll(f"{BOX} > self", linking("odd", *ELSEWHERE, at("metadata"))))
    assert [offer.url for offer in walk.followable()["odd"]] == [at("metadata")]
    assert probed(walk, "portalview") is None


@given(st.sampled_from(ELSEWHERE), st.integers(1, 9))
def test_no_number_leads_to_them(href: str, nth: int) -> None:
    walk = walk_of(ODD_LINKS[href])
    assert walk.probe(Step("odd", nth=nth)) is None


ODD_LINKS = {href: stroll(f"{BOX} > self", linking("odd", href)) for href in ELSEWHERE}


DOTS = (at("my/../authentication/x"), at("./authentication/x"), at("../elsewhere"), at("my/%2e%2e/authentication/x"))


@pytest.mark.parametrize("href", DOTS)
def test_dot_segments_lead_nowhere_else(href: str) -> None:
    walk = walk_of(stroll(f"{BOX} > self", linking("odd", href)))
    assert "odd" not in walk.followable()


@given(st.text(max_size=12).filter(bool))
def test_no_value_of_a_template_leads_out_of_the_api(value: str) -> None:
    probe = WITH_TEMPLATE.probe(Step("find", values=(("messageId", value),)))
    assert probe is None or probe.url.startswith(at(f"{BOX}/"))


@given(st.text(max_size=12).filter(bool))
def test_no_value_of_a_template_has_an_effect(value: str) -> None:
    assert EFFECTIVE.probe(Step("find", values=(("messageId", value),))) is None


def template_to(href: str) -> Walk:
    world = kept()
    world.lists[BOX].find = href
    return walk_of(stroll(BOX, world))


WITH_TEMPLATE, EFFECTIVE = template_to(f"{BOX}/{{messageId}}"), template_to("my/brokerservice/{messageId}/download")


# -- templates --------------------------------------------------------------------------------------------------------


def test_a_template_is_expanded_and_its_variables_compare_without_case() -> None:
    explorer = stroll(f"{BOX} > find(MESSAGEID=a100002)")
    assert urls_of(explorer)[-1] == f"{BOX}/a100002?markAsRead=false"
    assert came(explorer)[-1].probe.question == PLAIN
    assert walk_of(explorer).row.name == "Message"  # type: ignore[union-attr]


def test_values_that_nobody_has_are_tried_and_not_promised_anything() -> None:
    explorer = stroll(f"{BOX} > find(messageId=nobody)")
    last = came(explorer)[-1]
    assert (last.status, last.probe.question) == (404, TRIED)


def test_what_a_template_is_known_to_find_is_what_the_list_holds() -> None:
    walk = walk_of(stroll(BOX))
    offer = walk.templates()["find"]
    assert walk.variables(offer) == ("messageId",)
    assert walk.known(offer) == tuple((("messageId", name),) for name in ("a100001", "a100002", "a100003", "b200001"))
    assert "find" not in walk.followable()


def test_a_broken_template_is_not_offered() -> None:
    walk = template_to(f"{BOX}/{{messageId")
    assert not walk.templates() and probed(walk, "find(messageId=a100001)") is None


def test_a_template_without_its_values_is_no_link() -> None:
    walk = walk_of(stroll(BOX))
    assert probed(walk, "find") is None
    assert probed(walk, "find#2") is None
    assert probed(walk, "search(messageId=a100001)") is None


# -- entries ----------------------------------------------------------------------------------------------------------


def test_a_walk_begins_where_something_answered() -> None:
    observed = stroll(BOX).observed
    assert [entry.name for entry in entries(observed)] == ["metadata", BOX, "reportees"]


def test_before_anything_was_asked_a_walk_begins_where_the_credentials_open() -> None:
    from samsvar.logic.observing import Observed

    def nothing_asked(means: Means) -> set[str]:
        observed = Observed(CONTRACT, HAL_ONLY, Target(TargetKind.MINIATURE, at("").rstrip("/")), means)
        return {entry.name for entry in entries(observed)}

    everything = nothing_asked(Means(key=True, login=True))
    assert everything >= {"metadata", "reportees"} and everything > nothing_asked(Means()) >= {"metadata"}


def test_where_no_entry_answers_there_is_no_walk() -> None:
    explorer = explore(lambda probe: Response(404), CONTRACT, profile=HAL_ONLY)
    assert entries(explorer.observed) == ()
    assert strolled(lambda probe: Response(404), BOX).observed.asked(*STEPS) == ()


# -- how it is asked --------------------------------------------------------------------------------------------------


def test_polite_parameters_are_kept_whatever_is_added() -> None:
    explorer = stroll(f"{BOX} > self?language=1033 > [hal+xml] .")
    assert urls_of(explorer)[1:] == [f"{BOX}/a100001?markAsRead=false&language=1033"] * 2


def test_every_question_has_its_name() -> None:
    explorer = stroll(f"{BOX}?$top=2 > self?language=1033 > . +login=none > /{BOX} +origin=https://a.example")
    found = [one.probe for one in came(explorer)]
    assert [one.question for one in found] == [NARROWED, PLAIN, STRANGE, PLAIN]
    assert found[2].login is Login.NONE
    assert found[3].header("Origin") == "https://a.example"
    assert [read_step(one.about) for one in found] == list(walk_of(explorer).steps)


def tagged(probe: Probe) -> Response:
    said = kept().answer(probe)
    assert isinstance(said, Response)
    if probe.header("If-None-Match") == '"tag"':
        return Response(304, (("ETag", '"tag"'),))
    return replace(said, headers=(*said.headers, ("ETag", '"tag"'))) if said.status == 200 else said


def test_a_tag_goes_out_as_it_was_told() -> None:
    explorer = strolled(tagged, "reportees > . +tag=1")
    last = came(explorer)[-1]
    assert (last.probe.question, last.probe.header("If-None-Match"), last.status) == (TAGGED, '"tag"', 304)


def test_a_step_with_a_tag_is_not_taken_where_none_was_told() -> None:
    assert len(walk_of(stroll("reportees > . +tag=1")).steps) == 1
    assert walk_of(stroll("reportees")).tagged == ()


def test_the_tags_of_a_place_are_those_of_this_place() -> None:
    walk = walk_of(strolled(tagged, "reportees > /metadata > [hal+xml] /reportees > . +tag=1"))
    assert walk.tagged == (1, 3)


# -- formats ----------------------------------------------------------------------------------------------------------


def test_a_document_is_asked_for_as_its_link_announces_it() -> None:
    world = kept()
    explorer = strolled(world.answer, f"{BOX} > self#3 > print")
    walk, last = walk_of(explorer), came(explorer)[-1]
    assert last.status == 200 and last.resource is None and walk.marks[-1] == 1
    assert walk.formats(Step("print")) == (DOCUMENT,)
    document = walk.probe(Step("print", format=DOCUMENT))
    assert document is not None and document.header("Accept") == "application/pdf, */*;q=0.1"


def test_formats_are_those_of_the_type_at_the_end_of_the_step() -> None:
    walk = walk_of(in_four_formats("reportees"))
    assert walk.formats(Step("messages")) == FORMATS
    assert walk.formats(Step(HERE)) == FORMATS
    assert walk.formats(Step("nothing")) == ()
    hal_only = walk_of(stroll("reportees"))
    assert hal_only.formats(Step("messages")) == (HAL_JSON, HAL_XML)


# -- lists ------------------------------------------------------------------------------------------------------------


def test_a_searchable_list_is_cut_searched_and_sorted_by_what_it_holds() -> None:
    walk = walk_of(stroll(BOX))
    here = walk.stand()
    assert here is not None
    found = narrowings(walk.observed, here)
    assert (("$top", "1"),) in found and (("$skip", "4"),) in found and (("$skip", "1"), ("$top", "1")) in found
    assert (("$filter", "MessageId eq 'a100001'"),) in found
    assert (("$top", "5"),) not in found, "that would not cut it"
    assert len(found) == len(set(found))


def test_what_is_no_searchable_list_or_was_cut_already_is_left_as_it_is() -> None:
    world = kept()
    world.pages["metadata/roledefinitions"] = {"_links": {"self": to("metadata/roledefinitions")}}
    for line in ("metadata/roledefinitions", f"{BOX} > self", f"{BOX}?$top=2"):
        walk = walk_of(stroll(line, world))
        here = walk.stand()
        assert here is not None and narrowings(walk.observed, here) == (), line


def test_a_quotation_mark_in_a_key_is_doubled() -> None:
    world = kept()
    world.lists[BOX].elements.insert(0, message("o'brien"))
    walk = walk_of(stroll(BOX, world))
    here = walk.stand()
    assert here is not None
    assert (("$filter", "MessageId eq 'o''brien'"),) in narrowings(walk.observed, here)


def test_an_empty_list_is_not_searched_for_what_it_does_not_hold() -> None:
    world = kept()
    world.lists[BOX].elements.clear()
    walk = walk_of(stroll(BOX, world))
    here = walk.stand()
    assert here is not None
    assert {name for one in narrowings(walk.observed, here) for name, _ in one} <= {"$orderby", "$skip"}


# -- redirects --------------------------------------------------------------------------------------------------------


def test_a_step_that_is_redirected_is_one_step_and_stands_at_its_end() -> None:
    world = kept()
    moved = to("reportees")["href"]
    world.hook = lambda probe, said: (
        Response(307, (("Location", moved),)) if probe.walk and probe.url == at("r1/messages") else said
    )
    explorer = stroll("reportees > messages > self", world)
    walk = walk_of(explorer)
    assert [one.status for one in walk.readings] == [200, 200, 200]
    assert walk.readings[1].probe.url == at("reportees") and walk.readings[1].probe.hop == 1
    assert walk.readings[2].probe.url.startswith(at("reportees/r1"))


def test_a_walk_that_is_told_its_answers_is_the_walk_that_was_walked() -> None:
    explorer = stroll("reportees > messages > [hal+xml] self > @1 messages#2")
    walk = Walk(explorer.observed, "again")
    for reading in came(explorer):
        step = read_step(reading.probe.about)
        assert walk.probe(step) == replace(reading.probe, walk=walk.mark, place=None)
        walk.heard(step, reading)
    assert walk.marks == walk_of(explorer).marks


def test_an_answer_that_is_no_resource_is_nowhere() -> None:
    world = kept()
    world.hook = lambda probe, said: replace(said, body=b"<html") if probe.walk else said  # type: ignore[arg-type]
    assert urls_of(stroll("reportees > messages", world)) == ["reportees"]
