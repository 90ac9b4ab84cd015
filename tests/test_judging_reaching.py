"""REACH-1 to REACH-6: what is kept is met, each defect shows in its own guarantee, and harmless variations in none."""

import copy
from collections.abc import Callable
from dataclasses import replace

import pytest
from linked_environment import (
    CONTRACT,
    HAL_ONLY,
    Document,
    List,
    Said,
    World,
    at,
    broken,
    explored,
    hal,
    judge,
    judged,
    kept,
    message,
    met_of,
    own,
    service,
    to,
    unmet_of,
    why,
)

from samsvar.logic.exploring import Limits
from samsvar.model.exchange import HAL_JSON, HAL_XML, Failure, Means, Probe, Response, Stage
from samsvar.model.verdict import Cause, Sight, Unseen

Change = Callable[[World], None]


def long_box(count: int = 120, size: int = 50, next_links: bool = False) -> World:
    """An environment in which the caller's box has several pages."""
    world = kept()
    box = world.lists["my/messages"]
    box.size, box.next_links = size, next_links
    box.elements += [message(f"a{500000 + number}") for number in range(count)]
    world.pages |= {own(each): copy.deepcopy(each) for each in box.elements[4:]}
    return world


def saying(change: Callable[[Probe, Said], Said]) -> Change:
    return lambda world: setattr(world, "hook", change)


def at_path(path: str, said: Said) -> Change:
    return saying(lambda probe, kept_: said if probe.url.partition("?")[0] == at(path) else kept_)


def in_second_round(path: str, said: Callable[[Said], Said]) -> Change:
    """Say something else there once the second visit has begun."""
    return saying(lambda probe, kept_: said(kept_) if second(probe) and probe.url.startswith(at(path)) else kept_)


def second(probe: Probe) -> bool:
    return probe.question in ("reach.again", "reach.lost")


def empty_list(said: Said) -> Said:
    return hal({"_links": {"self": to("my/messages")}, "_embedded": {"messages": []}}, HAL_JSON)


def skips_one(world: World) -> None:
    """Every page but the first begins one too late."""
    box = world.lists["my/messages"]

    def hook(probe: Probe, said: Said) -> Said:
        if probe.url.startswith(at("my/messages?")) and "skip=" in probe.url and "%24top" not in probe.url:
            skip = int(probe.url.partition("skip=")[2].partition("&")[0])
            if "$top" not in probe.url:
                return hal(
                    box.page("my/messages", f"{at('my/messages')}?$skip={skip + 1}"), probe.header("Accept") or ""
                )
        return said

    world.hook = hook


def overlaps(world: World) -> None:
    box = world.lists["my/messages"]

    def hook(probe: Probe, said: Said) -> Said:
        if probe.url.startswith(at("my/messages?$skip=50")) and "top" not in probe.url:
            return hal(box.page("my/messages", f"{at('my/messages')}?$skip=49"), probe.header("Accept") or "")
        return said

    world.hook = hook


def loops(world: World) -> None:
    def hook(probe: Probe, said: Said) -> Said:
        if probe.url.startswith(at("my/messages?$skip=")) and isinstance(said, Response):
            page = world.lists["my/messages"].page("my/messages", at("my/messages"))
            return hal(page, probe.header("Accept") or "")
        return said

    world.hook = hook


def unlisted_service(world: World) -> None:
    """A reply option names a service that is nowhere."""
    options = world.pages["my/messages/a100002"]["ReplyOptions"]
    options[0] |= {"ServiceCode": "9999", "URL": at("metadata/formtask/9999/1")}


def gone_archive(world: World) -> None:
    """A reply option names an archived message that is not there."""
    world.pages["my/messages/a100002"]["ReplyOptions"][1]["URL"] = at("my/messages/b777777")


def hidden_archive(world: World) -> None:
    """A reply option names an archived message that no list holds and no link leads to."""
    world.pages["my/messages/b777777"] = message("b777777", ArchiveReference="AR7")
    world.pages["my/messages/a100002"]["ReplyOptions"][1]["URL"] = at("my/messages/b777777")


def lost_archive(world: World) -> None:
    """One message has an archive reference that nothing else has, and no link for it."""
    world.pages["my/messages/a100001"]["ArchiveReference"] = "AR9"


def no_own_link(world: World) -> None:
    for listed in (world.lists["my/messages"],):
        listed.find = ""
        del listed.elements[0]["_links"]["self"]


def missed_by_find(world: World) -> None:
    """One message is found at its own address, and not by the template."""
    box = world.lists["my/messages"]
    box.find = "search/{messageId}"
    world.pages |= {f"search/{each['MessageId']}": world.pages[own(each)] for each in box.elements[:-1]}


def missed_by_filter(world: World) -> None:
    saying(
        lambda probe, said: (
            hal({"_embedded": {"metadata": []}, "_links": {"self": to("metadata")}}, probe.header("Accept") or "")
            if "filter=" in probe.url
            else said
        )
    )(world)


def leads_nowhere(world: World) -> None:
    world.lists["reportees"].find = ""
    for each in world.lists["reportees"].elements:
        each["_links"] = {}


def dull_front(world: World) -> None:
    world.pages[""] = {"Title": "API", "_links": {"self": to("")}}


def double(world: World) -> None:
    elements = world.lists["my/messages"].elements
    elements.append(copy.deepcopy(elements[0]))


def another() -> Said:
    return hal(message("a999999"), HAL_JSON)


def drops_one(world: World) -> None:
    box = world.lists["my/messages"]
    shorter = List(box.name, box.elements[:7] + box.elements[8:], box.find, size=49)
    answer = lambda probe: hal(shorter.page("my/messages", at("my/messages")), probe.header("Accept") or "")  # noqa: E731
    saying(lambda p, said: answer(p) if second(p) and p.url == at("my/messages") else said)(world)


def drops_link(world: World) -> None:
    def hook(probe: Probe, said: Said) -> Said:
        if second(probe) and "/a100003" in probe.url and isinstance(said, Response):
            page = copy.deepcopy(world.pages["my/messages/a100003"])
            del page["_links"]["form"]
            return hal(page, probe.header("Accept") or "")
        return said

    world.hook = hook


def crashes_on_walks(world: World) -> None:
    saying(lambda probe, said: Response(500) if probe.walk and "reportees" in probe.url else said)(world)


def crashes_in_xml(world: World) -> None:
    def hook(probe: Probe, said: Said) -> Said:
        form = probe.url.endswith(("forms/1", "forms/2"))
        return Response(500) if form and probe.header("Accept") == HAL_XML else said

    world.hook = hook


DEFECTS: list[tuple[str, str, Callable[[], World], Change, set[str]]] = [
    ("REACH-1", "an entry is gone", kept, at_path("reportees", Response(404)), set()),
    ("REACH-1", "an entry crashes", kept, at_path("metadata", Response(500)), {"REACH-2"}),
    ("REACH-1", "an entry is forbidden", kept, at_path("reportees", Response(403)), set()),
    ("REACH-1", "an entry leads nowhere", kept, leads_nowhere, {"LINK-9", "REACH-2", "REACH-3"}),
    ("REACH-1", "the front page leads nowhere", kept, dull_front, set()),
    ("REACH-2", "a service in a reply option", kept, unlisted_service, set()),
    ("REACH-2", "an archived message that is gone", kept, gone_archive, set()),
    ("REACH-2", "an archived message that is hidden", kept, hidden_archive, set()),
    ("REACH-2", "an archive reference of nothing", kept, lost_archive, set()),
    ("REACH-2", "a listed message without a way", kept, no_own_link, {"LINK-9"}),
    ("REACH-3", "a template misses one", kept, missed_by_find, {"LINK-6"}),
    ("REACH-3", "$filter finds nothing", kept, missed_by_filter, set()),
    ("REACH-4", "pages overlap", long_box, overlaps, set()),
    ("REACH-4", "an element falls between pages", long_box, skips_one, set()),
    ("REACH-4", "the next link goes round", lambda: long_box(next_links=True), loops, {"REACH-3"}),
    ("REACH-4", "twice on one page", kept, double, set()),
    ("REACH-5", "an entry is gone", kept, in_second_round("reportees", lambda said: Response(404)), set()),
    ("REACH-5", "a box is empty", kept, in_second_round("my/messages", empty_list), set()),
    ("REACH-5", "another message", kept, in_second_round("my/messages/a100001", lambda s: another()), set()),
    ("REACH-5", "one message is listed no more", long_box, drops_one, set()),
    ("REACH-5", "the link is gone", kept, drops_link, set()),
    ("REACH-6", "the other format after the first", kept, crashes_on_walks, set()),
    ("REACH-6", "a form crashes in one format", kept, crashes_in_xml, set()),
]


@pytest.mark.parametrize(
    ("id_", "what", "start", "change", "companions"), DEFECTS, ids=[f"{d[0]} {d[1]}" for d in DEFECTS]
)
def test_a_defect_shows_in_its_own_guarantee(
    id_: str, what: str, start: Callable[[], World], change: Change, companions: set[str]
) -> None:
    world = start()
    change(world)
    found = broken(world)
    assert id_ in found, what
    assert found <= {id_, *companions}, what


def front_page(world: World) -> None:
    entries = {"metadata": to("metadata"), "messages": to("my/messages"), "reportees": to("reportees")}
    world.pages[""] = {"_links": {"self": to(""), **entries}}


def moved_entry(world: World) -> None:
    """The front page says where the reportees are; the documented path is gone."""
    front_page(world)
    world.pages[""]["_links"]["reportees"] = to("v2/parties")
    world.lists["v2/parties"] = world.lists.pop("reportees")


def arrivals(world: World) -> None:
    """A new message comes every twentieth question, and pushes the others down."""
    count = {"asked": 0}
    box = world.lists["my/messages"]

    def hook(probe: Probe, said: Said) -> Said:
        count["asked"] += 1
        if count["asked"] % 20 == 0:
            new = message(f"a{900000 + count['asked']}")
            box.elements.insert(0, new)
            world.pages[own(new)] = new
        return said

    world.hook = hook


def empty_boxes(world: World) -> None:
    world.lists["r2/messages"].elements.clear()


def lone_archive(world: World) -> None:
    """An archived message that no active one points to."""
    alone = message("b200005", ArchiveReference="AR5", OriginalId="a7")
    world.lists["my/messages"].elements.append(alone)
    world.pages[own(alone)] = alone


class Linking(List):
    """A list that links its elements by one relation, without names, and embeds none."""

    def page(self, path: str, url: str) -> Document:
        page = super().page(path, url)
        links = page["_links"] | {self.name: [to(own(each)) for each in page["_embedded"][self.name]]}
        return {"_links": links}


def linked_elements(world: World) -> None:
    box = world.lists["my/messages"]
    world.lists["my/messages"] = Linking(box.name, box.elements[::-1], box.find, box.size)


def linked_elements_moving(world: World) -> None:
    """The links lead to the same elements, and by new addresses at the second visit."""
    linked_elements(world)
    addresses_per_request(world)


def more_services(world: World) -> None:
    """Services of other kinds have no address of their own."""
    other = service("1", 1, "DelegationScheme")
    del other["_links"]["self"]
    world.lists["metadata"].elements.append(other)


def unknown_filter(world: World) -> None:
    saying(lambda probe, said: Response(501) if "filter=" in probe.url else said)(world)


def addresses_per_request(world: World) -> None:
    """Every answer names the messages by new addresses; old ones are gone at the second visit."""
    state = {"count": 0}

    def hook(probe: Probe, said: Said) -> Said:
        url = probe.url
        path = url.removeprefix(at("")).partition("?")[0]
        if path.startswith("s") and "-" in path.partition("/")[0]:
            era, _, rest = path.partition("/")
            if second(probe) and era == "s-1":
                return Response(410)
            said = world.said(probe_at(probe, rest, url))
        state["count"] = 2 if second(probe) else 1
        if isinstance(said, Response):
            new = f"{at('')}s-{state['count']}/my/messages/a".encode()
            return Response(said.status, said.headers, said.body.replace(at("my/messages/a").encode(), new))
        return said

    world.hook = hook


def probe_at(probe: Probe, path: str, url: str) -> Probe:
    query = url.partition("?")[2]
    return replace(probe, url=at(path) + (f"?{query}" if query else ""))


HARMLESS: list[tuple[str, Callable[[], World], Change]] = [
    ("a front page", kept, front_page),
    ("an entry that only the front page knows", kept, moved_entry),
    ("an empty box", kept, empty_boxes),
    ("pages by $skip", long_box, lambda world: None),
    ("pages of ten by next links", lambda: long_box(40, 10, next_links=True), lambda world: None),
    ("a whole last page", lambda: long_box(46), lambda world: None),
    ("messages that come while we look", long_box, arrivals),
    ("messages that come while we page by links", lambda: long_box(60, 20, next_links=True), arrivals),
    ("no $filter", kept, unknown_filter),
    ("addresses that change", kept, addresses_per_request),
    ("an original that is gone", kept, lambda w: w.pages["my/messages/b200001"].update(OriginalId="a5")),
    ("an archived message alone", kept, lone_archive),
    ("more services", kept, more_services),
    ("elements that are linked and not embedded", kept, linked_elements),
    ("elements that are linked, by addresses that change", kept, linked_elements_moving),
]


@pytest.mark.parametrize(("what", "start", "change"), HARMLESS, ids=[what for what, _, _ in HARMLESS])
def test_a_harmless_variation_breaks_nothing(what: str, start: Callable[[], World], change: Change) -> None:
    world = start()
    change(world)
    assert broken(world) == set(), what


def test_long_lists_are_browsed_to_their_end_and_met() -> None:
    found = judged(long_box())["REACH-4"]
    assert {one.sight for one in found} == {Sight.MET}


def test_a_retired_environment_is_unseen_and_not_broken() -> None:
    found = judged(World())
    assert not [one for each in found.values() for one in unmet_of(each)]
    assert {one.cause for one in found["REACH-1"]} == {Cause.ENVIRONMENT}


def test_an_unreachable_environment_is_unseen() -> None:
    found = judged(World(hook=lambda probe, said: Failure(Stage.DNS, "no such host")))
    assert all(not met_of(each) and not unmet_of(each) for each in found.values())


def test_private_entries_need_a_login_that_was_not_given() -> None:
    found = judged(kept(), means=Means())["REACH-1"]
    assert [one.sight for one in found] == [Sight.MET, Sight.UNSEEN, Sight.UNSEEN]
    assert {one.cause for one in found[1:]} == {Cause.CONFIGURATION}


def test_content_that_moved_between_the_visits_is_unstable() -> None:
    world = long_box(3)

    def hook(probe: Probe, said: Said) -> Said:
        if second(probe) and len(world.lists["my/messages"].elements) == 7:
            gone = world.lists["my/messages"].elements.pop()
            del world.pages[own(gone)]
            return world.said(probe)
        return said

    world.hook = hook
    found = judged(world)["REACH-5"]
    assert not unmet_of(found)
    assert Unseen.UNSTABLE in why(found)


def test_the_questions_of_this_group_are_few() -> None:
    explorer = explored(long_box(300))
    asked = sum(count for name, count in explorer.observed.requests().items() if name.startswith(("reach.", "walk.")))
    assert 250 < asked <= 300


def test_walks_are_the_same_for_the_same_answers() -> None:
    one, other = ([e.probe for e in explored(kept()).exchanges if e.probe.walk] for _ in range(2))
    assert one == other
    assert len({probe.url for probe in one}) > 10


def test_losing_evidence_never_makes_anything_unmet() -> None:
    evidence = explored(kept()).evidence()
    for step in (2, 3, 7):
        fewer = replace(evidence, exchanges=evidence.exchanges[::step])
        assert judge(fewer).keys()
    half = replace(evidence, exchanges=evidence.exchanges[: len(evidence.exchanges) // 2], stopped="stopped here")
    assert not [one for id_, found in judge(half).items() if id_ != "LINK-7" for one in unmet_of(found)]


def test_a_run_that_ran_out_of_budget_breaks_nothing() -> None:
    for budget in (3, 10, 20, 40, 70, 110):
        found = judged(kept(), limits=Limits(requests=budget))
        assert not [one for id_, each in found.items() if id_ != "LINK-7" for one in unmet_of(each)], budget


def test_the_contract_has_every_guarantee_judged_here() -> None:
    assert set(judged(World())) <= set(CONTRACT.guarantees)
    assert HAL_ONLY.formats == (HAL_JSON, HAL_XML)
