"""The explorer, on a stage: what it asks, what it leaves, that it ends."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from stage import ROOT, explore

from samsvar.logic.exploring import Explorer, Limits
from samsvar.model.contract import (
    Access,
    Contract,
    Entry,
    Profile,
    Relation,
    RelationKind,
    ResourceType,
    Shape,
    ValueKind,
)
from samsvar.model.exchange import FORMATS, HAL_JSON, Failure, Probe, Response, Stage

TEXT = Shape(ValueKind.TEXT)
ITEM = Shape(ValueKind.OBJECT, {"Id": TEXT, "Name": TEXT})
CONTRACT = Contract(
    name="test",
    version="1",
    guarantees={},
    types={
        "Item": ResourceType(
            "Item", ITEM, key=("Id",), formats=(HAL_JSON,), access=Access.OPEN, read_parameters={"quiet": "yes"}
        ),
        "Items": ResourceType(
            "Items", element="Item", container=("items",), formats=(HAL_JSON,), access=Access.OPEN, limited=True
        ),
        "Picture": ResourceType("Picture", access=Access.OPEN),
        "Secret": ResourceType("Secret", ITEM, key=("Id",), formats=(HAL_JSON,)),
    },
    relations=(
        Relation("self", "*", RelationKind.SELF),
        Relation("next", "*", RelationKind.PAGE),
        Relation("portalview", "*", RelationKind.PORTAL),
        Relation("remove", "*", RelationKind.ACTION),
        Relation("picture", "Item", RelationKind.DOCUMENT, target="Picture"),
        Relation("find", "Items", RelationKind.SEARCH, target="Item", variables={"id": "Id"}),
    ),
    entries=(Entry("items", "items", "Items", "all"),),
    profiles={},
    shapes={},
    actions=("burn",),
    effect_paths=("*/download",),
)

Pages = Mapping[str, object]


def hal(document: object) -> Response:
    return Response(200, (("Content-Type", HAL_JSON),), json.dumps(document).encode())


def item(id_: str, **links: object) -> dict[str, object]:
    return {"Id": id_, "Name": f"name {id_}", "_links": {"self": {"href": f"{ROOT}/items/{id_}"}, **links}}


def environment(pages: Pages):  # type: ignore[no-untyped-def]
    """Pages by path below the root, parameters left out unless the page is named with them."""

    def answer(probe: Probe) -> Response | Failure:
        path = probe.url.removeprefix(ROOT + "/")
        page = pages.get(path, pages.get(path.partition("?")[0]))
        if isinstance(page, Response | Failure):
            return page
        return hal(page) if page is not None else Response(404)

    return answer


def asked(explorer: Explorer) -> list[str]:
    return [exchange.probe.url.removeprefix(ROOT) for exchange in explorer.exchanges]


def box(*items: object, **links: object) -> dict[str, object]:
    return {"_links": {"self": {"href": f"{ROOT}/items"}, **links}, "_embedded": {"items": list(items)}}


def test_every_place_is_read_between_two_outer_readings() -> None:
    four = replace(CONTRACT, types={**CONTRACT.types, "Items": replace(CONTRACT.types["Items"], formats=FORMATS)})
    explorer = explore(environment({"items": box()}), four)
    accepts = [exchange.probe.header("Accept") for exchange in explorer.exchanges]
    assert accepts == [*FORMATS, HAL_JSON]
    assert [exchange.probe.about for exchange in explorer.exchanges][-1] == "again"


def test_links_are_followed_once_and_reads_carry_their_parameters() -> None:
    pages = {"items": box(item("1"), item("1")), "items/1": item("1")}
    explorer = explore(environment(pages), CONTRACT)
    assert asked(explorer).count("/items/1?quiet=yes") == 2  # first and last reading
    assert "/items/1" not in asked(explorer)


def test_pages_for_people_actions_and_foreign_hosts_are_left_and_said() -> None:
    links = {
        "portalview": {"href": "https://people.example/"},
        "remove": {"href": f"{ROOT}/items/1/remove"},
        "burn": {"href": f"{ROOT}/items/1/burn"},
        "twin": {"href": "https://elsewhere.example/api/1"},
        "up": {"href": "https://api.example/other"},
        "data": {"href": f"{ROOT}/items/1/download"},
    }
    explorer = explore(
        environment({"items": box(), "items/1": item("1")} | {"items": box(item("1", **links))}), CONTRACT
    )
    assert {one.reason for one in explorer.not_visited} >= {
        "a page for people, outside the API",
        "following it would do something",
        "outside the environment's origin",
        "outside the API root",
        "a GET there has an effect",
    }
    assert all(url.startswith(("/items", "?")) and "burn" not in url and "remove" not in url for url in asked(explorer))


def test_a_list_without_next_links_is_browsed_by_skip_until_it_is_empty() -> None:
    pages = {
        "items": box(item("1"), item("2")),
        "items?$skip=2": box(item("3")),
        "items?$skip=3": box(),
        **{f"items/{n}": item(str(n)) for n in (1, 2, 3)},
    }
    explorer = explore(environment(pages), CONTRACT)
    visit = explorer.observed.visits_of("Items")[0]
    assert [one.text("Id") for one in explorer.observed.elements(visit)] == ["1", "2", "3"]


def test_a_list_with_next_links_is_browsed_by_them_and_by_nothing_else() -> None:
    pages = {
        "items": box(item("1"), next={"href": f"{ROOT}/items/p2"}),
        "items/p2": box(item("2")),
        **{f"items/{n}": item(str(n)) for n in (1, 2)},
    }
    explorer = explore(environment(pages), CONTRACT)
    assert not [url for url in asked(explorer) if "$skip" in url]
    assert len(explorer.observed.elements(explorer.observed.visits_of("Items")[0])) == 2


def test_a_page_that_repeats_itself_ends_the_browsing() -> None:
    explorer = explore(environment({"items": box(item("1")), "items/1": item("1")}), CONTRACT)
    assert len([url for url in asked(explorer) if "$skip" in url]) == 1


def test_next_links_without_end_stop_at_the_limit() -> None:
    def endless(probe: Probe) -> Response:
        number = int(probe.url.partition("page=")[2] or 0)
        return hal(box({"Id": str(number)}, next={"href": f"{ROOT}/items?page={number + 1}"}))

    explorer = explore(endless, CONTRACT, limits=Limits(pages=7))
    assert any("7 pages" in one.reason for one in explorer.not_visited)


def test_a_growing_url_ends_at_the_depth() -> None:
    def growing(probe: Probe) -> Response:
        return hal({"_links": {"self": {"href": probe.url}, "deeper": {"href": probe.url + "/x"}}})

    explorer = explore(growing, CONTRACT, limits=Limits(depth=5, unknown=99))
    assert any("5 relations" in one.reason for one in explorer.not_visited)
    assert explorer.done


def test_a_budget_that_is_used_up_is_said() -> None:
    pages = {"items": box(*(item(str(n)) for n in range(30))), **{f"items/{n}": item(str(n)) for n in range(30)}}
    explorer = explore(environment(pages), CONTRACT, limits=Limits(requests=20))
    assert len(explorer.exchanges) <= 20
    assert any("budget" in one.reason for one in explorer.not_visited)


def test_templates_are_expanded_for_what_is_listed_and_found_once() -> None:
    find = {"href": f"{ROOT}/found/{{Id}}", "isTemplated": True}
    pages = {"items": box(item("1"), find=find), "items/1": item("1"), "found/1": item("1")}
    explorer = explore(environment(pages), CONTRACT)
    visit = explorer.observed.visits_of("Item")[0]
    assert len(explorer.observed.visits_of("Item")) == len(visit.series) == len(visit.aliases) == 1
    assert sorted(asked(explorer)).count("/found/1?quiet=yes") + asked(explorer).count("/items/1?quiet=yes") == 3


def test_redirects_inside_the_api_are_followed_and_others_are_not() -> None:
    pages = {
        "items": Response(302, (("Location", "/api/moved"),)),
        "moved": box(item("1", twin={"href": f"{ROOT}/out"})),
        "items/1": item("1"),
        "out": Response(302, (("Location", "https://login.example/"),)),
    }
    explorer = explore(environment(pages), CONTRACT)
    assert explorer.observed.visits_of("Items")[0].resource is not None
    assert not [exchange for exchange in explorer.exchanges if "login.example" in exchange.probe.url]
    assert [exchange.follows for exchange in explorer.exchanges][1] == 1


def test_a_redirect_loop_ends() -> None:
    pages = {"items": Response(302, (("Location", "/api/b"),)), "b": Response(302, (("Location", "/api/items"),))}
    assert explore(environment(pages), CONTRACT).done


def test_a_restless_place_is_read_again_and_settles() -> None:
    names = iter(["a", "b", *"c" * 99])

    def restless(probe: Probe) -> Response:
        if probe.url.endswith("/items"):
            return hal(box(item("1")))
        return hal({**item("1"), "Name": next(names)}) if "items/1" in probe.url else hal(box())

    explorer = explore(restless, CONTRACT)
    visit = explorer.observed.visits_of("Item")[0]
    assert len(visit.series) == 2
    assert explorer.observed.holds_still(visit)


def test_a_place_is_known_by_the_first_format_that_reads() -> None:
    four = replace(CONTRACT, types={**CONTRACT.types, "Item": replace(CONTRACT.types["Item"], formats=FORMATS)})

    def answer(probe: Probe) -> Response:
        if "items/1" not in probe.url:
            return hal(box(item("1"))) if probe.url.endswith("/items") else hal(box())
        if probe.header("Accept") == HAL_JSON:
            return Response(500)
        return Response(200, (("Content-Type", "application/json"),), b'{"Id": "1"}')

    visit = explore(answer, four).observed.visits_of("Item")[0]
    assert str(visit.place) == "Item 1"
    assert visit.reading(HAL_JSON) is not None


def test_a_place_that_never_holds_still_is_given_up() -> None:
    count = iter(range(10_000))

    def restless(probe: Probe) -> Response:
        if probe.url.endswith("/items"):
            return hal(box(item("1")))
        return hal({**item("1"), "Name": str(next(count))}) if "items/1" in probe.url else hal(box())

    explorer = explore(restless, CONTRACT, limits=Limits(series=3))
    assert not explorer.observed.holds_still(explorer.observed.visits_of("Item")[0])
    assert explorer.done


def test_a_private_entry_is_not_asked_without_a_login() -> None:
    from samsvar.model.exchange import Means

    private = replace(CONTRACT, entries=(Entry("mine", "mine", "Secret", "me"),))
    explorer = explore(environment({}), private, means=Means())
    assert explorer.exchanges == []
    assert explorer.not_visited[0].reason.startswith("needs a login")


def test_a_front_page_leads_to_the_entries_it_offers() -> None:
    types = {**CONTRACT.types, "FrontPage": ResourceType("FrontPage", access=Access.OPEN)}
    entries = (
        Entry("items", "items", "Items", "all", rels=("items",)),
        Entry("front", "", "FrontPage", "", required=False),
    )
    front = replace(CONTRACT, types=types, entries=entries)

    def answer(probe: Probe) -> Response:
        if probe.url == ROOT:
            return hal({"_links": {"items": {"href": f"{ROOT}/elsewhere"}}})
        return hal(box(item("1"))) if "elsewhere" in probe.url else Response(404)

    explorer = explore(answer, front)
    assert [visit.path for visit in explorer.observed.visits_of("Items") if visit.resource] == ["front > items"]


def test_the_same_answers_give_the_same_probes_in_any_timing() -> None:
    pages = {"items": box(*(item(str(n)) for n in range(9))), **{f"items/{n}": item(str(n)) for n in range(9)}}
    plain = explore(environment(pages), CONTRACT)
    from samsvar.logic.observing import Observed
    from samsvar.model.exchange import Exchange, Means, Target, TargetKind

    observed = Observed(CONTRACT, Profile("test"), Target(TargetKind.LIVE, ROOT), Means(True, True))
    eager = Explorer(observed, Limits())
    answer, under_way, number = environment(pages), [], 0
    while not eager.done or under_way:
        while len(under_way) < 5 and (probe := eager.offer()) is not None:
            number += 1
            under_way.append(Exchange(number, probe, answer(probe)))
        if under_way:
            eager.receive(under_way.pop(0))
    assert [e.probe for e in eager.exchanges] == [e.probe for e in plain.exchanges]


@pytest.mark.parametrize("href", ["http://[::1", "https://user@evil.example/", "javascript:alert(1)", "\x00", "{", ""])
def test_junk_for_a_link_is_not_asked_and_does_no_harm(href: str) -> None:
    explorer = explore(environment({"items": box(item("1", twin={"href": href})), "items/1": item("1")}), CONTRACT)
    assert all(exchange.probe.url.startswith(ROOT) for exchange in explorer.exchanges)


def test_stopping_says_why_and_offers_nothing_more() -> None:
    explorer = explore(lambda probe: Failure(Stage.CONNECT, "refused"), CONTRACT)
    explorer.done = False
    explorer.stop("interrupted")
    assert explorer.offer() is None
    assert explorer.evidence().stopped == "interrupted"


def test_a_conversation_that_fails_is_said_and_costs_nothing_else() -> None:
    def broken(observed: object):  # type: ignore[no-untyped-def]
        def talk():  # type: ignore[no-untyped-def]
            yield Probe("test.one", f"{ROOT}/items")
            raise KeyError("oops")

        return [talk()]

    def sound(observed: object):  # type: ignore[no-untyped-def]
        return [iter_once(Probe("test.two", f"{ROOT}/items"))]

    def iter_once(probe: Probe):  # type: ignore[no-untyped-def]
        yield probe

    explorer = explore(environment({"items": box()}), CONTRACT, rounds=((broken, sound), (sound,)))
    assert [e.probe.question for e in explorer.exchanges if e.probe.question.startswith("test")].count("test.two") == 2
    assert "oops" in explorer.evidence().stopped
