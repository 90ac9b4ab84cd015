"""LINK-1 to LINK-9: what is kept is met, each defect shows in its own guarantee, and harmless variations in none."""

from collections.abc import Callable
from typing import Any

import pytest
from linked_environment import (
    PDF,
    WITHOUT_WALKS,
    Document,
    List,
    Said,
    World,
    at,
    broken,
    judged,
    kept,
    message,
    met_of,
    service,
    to,
    unmet_of,
    why,
)

from samsvar.logic.judging.links import RULES, URI_REFERENCE, same_text
from samsvar.model.contract import Shape, ValueKind
from samsvar.model.exchange import HAL_XML, Failure, Means, Probe, Response, Stage
from samsvar.model.verdict import Cause, Unseen

Change = Callable[[World], None]
LETTER, TASK = "my/messages/a100002", "my/messages/a100003"


def links(world: World, path: str) -> Document:
    found = world.pages[path]["_links"]
    assert isinstance(found, dict)
    return found


def listed(world: World, path: str, index: int) -> Document:
    return world.lists[path].elements[index]


def answering(path: str, said: Said, accept: str = "") -> Change:
    """Say this at a path (in one format, or in all)."""

    def change(world: World) -> None:
        def hook(probe: Probe, kept_: Said) -> Said:
            here = probe.url.partition("?")[0] == at(path)
            return said if here and accept in ("", probe.header("Accept")) else kept_

        world.hook = hook

    return change


def linking(path: str, rel: str, link: Any) -> Change:
    """Offer this by a relation of a single resource."""
    return lambda world: links(world, path).__setitem__(rel, link)


def listing(path: str, index: int, rel: str, link: Any) -> Change:
    """Offer this by a relation of a listed element."""
    return lambda world: listed(world, path, index)["_links"].__setitem__(rel, link)


def without(path: str, rel: str) -> Change:
    def change(world: World) -> None:
        del links(world, path)[rel]

    return change


def both(*changes: Change) -> Change:
    def change(world: World) -> None:
        for each in changes:
            each(world)

    return change


def unflagged(world: World) -> None:
    def hook(probe: Probe, said: Said) -> Said:
        if isinstance(said, Response) and "templated" in said.body.decode().lower():
            body = said.body.replace(b', "isTemplated": true', b"").replace(b' isTemplated="True"', b"")
            return Response(said.status, said.headers, body)
        return said

    world.hook = hook


def everywhere(old: bytes, new: bytes, accept: str = "") -> Change:
    """Another text in all bodies (of one format)."""

    def change(world: World) -> None:
        def hook(probe: Probe, said: Said) -> Said:
            if isinstance(said, Response) and accept in ("", probe.header("Accept")):
                return Response(said.status, said.headers, said.body.replace(old, new))
            return said

        world.hook = hook

    return change


def another_archive(world: World) -> None:
    world.pages["my/messages/b200002"] = message("b200002", ArchiveReference="AR2")
    world.lists["my/messages"].elements.append(message("b200002", ArchiveReference="AR2"))
    links(world, LETTER)["archivereference"] = to("my/messages/b200002")


def other_host(world: World) -> None:
    world.pages[TASK]["_links"]["metadata"] = {"href": "https://other.example/api/metadata/formtask/4481/1"}


def swapped(world: World) -> None:
    one, other = links(world, TASK)["form"]
    one["href"], other["href"] = other["href"], one["href"]


def swapped_boxes(world: World) -> None:
    box = to("r1/messages")
    links(world, "reportees/r2")["messages"] = listed(world, "reportees", 1)["_links"]["messages"] = box


def box_self(world: World) -> None:
    """Self of the second reportee's box is the caller's box."""

    def hook(probe: Probe, said: Said) -> Said:
        if probe.url.startswith(at("r2/messages")) and isinstance(said, Response):
            body = said.body.replace(at("r2/messages").encode() + b'"', at("my/messages").encode() + b'"')
            return Response(said.status, said.headers, body)
        return said

    world.hook = hook


def add_service(code: str, edition: int) -> Change:
    def change(world: World) -> None:
        world.pages[f"metadata/correspondence/{code}/{edition}"] = service(code, edition)
        world.lists["metadata"].elements.append(service(code, edition))

    return change


def form_data(said: tuple[str, bytes]) -> Change:
    return lambda world: world.pages.update({TASK + "/forms/1/formdata": said})


def silent(world: World) -> None:
    del links(world, TASK + "/forms/1")["formdata"]["mime-type"]


def people_print(world: World) -> None:
    world.pages[TASK + "/print"] = ("text/html", b"<p>")
    links(world, TASK)["print"] = listed(world, "my/messages", 2)["_links"]["print"] = to(TASK + "/print")


def only_listed(world: World) -> None:
    del links(world, LETTER)["archivereference"]
    listed(world, "my/messages", 1)["_links"]["archivereference"] = to("my/messages/b200001")


def wrong_find(world: World) -> None:
    """Searching gives another message for one key; its own link is elsewhere and right."""
    world.pages["moved/a100001"] = world.pages["my/messages/a100001"]
    links(world, "moved/a100001")["self"] = to("moved/a100001")
    listed(world, "my/messages", 0)["_links"]["self"] = to("moved/a100001")
    world.pages["my/messages/a100001"] = world.pages[LETTER]


DEFECTS: list[tuple[str, str, Change, set[str]]] = [
    ("LINK-1", "a link without href", linking(LETTER, "attachment", [{"name": "a"}]), set()),
    ("LINK-1", "a link that is a text", linking(LETTER, "print", at(LETTER + "/print")), {"LINK-4", "REACH-6"}),
    ("LINK-1", "_links that is a list", lambda w: w.pages[LETTER].update(_links=["x"]), {"LINK-9", "REACH-2"}),
    ("LINK-1", "a blank at the end", linking(LETTER, "metadata", to("metadata/correspondence/0042/2  ")), {"LINK-4"}),
    ("LINK-1", "a blank inside", linking(LETTER, "more", to("my messages")), {"LINK-4", "REACH-6"}),
    ("LINK-1", "a lone percent sign", linking(LETTER, "more", to("my/messages?x=100%")), set()),
    ("LINK-1", "an empty href", linking(LETTER, "metadata", {"href": ""}), set()),
    ("LINK-1", "a brace left open", linking(LETTER, "more", to("my/messages/{x")), {"LINK-4", "REACH-6"}),
    ("LINK-2", "self of a message is the list", linking(LETTER, "self", to("my/messages")), set()),
    ("LINK-2", "self of a listed message is another", listing("my/messages", 0, "self", to(TASK)), {"REACH-2"}),
    ("LINK-2", "self of a box is another box", box_self, set()),
    (
        "LINK-2",
        "self in one format is another",
        everywhere(b'rel="self" href="' + at(LETTER).encode(), b'rel="self" href="' + at(TASK).encode(), HAL_XML),
        set(),
    ),
    (
        "LINK-3",
        "another edition",
        both(add_service("4481", 2), linking(TASK, "metadata", to("metadata/correspondence/4481/2"))),
        set(),
    ),
    (
        "LINK-3",
        "a leading zero is lost",
        both(add_service("42", 2), linking(LETTER, "metadata", to("metadata/correspondence/42/2"))),
        set(),
    ),
    ("LINK-3", "metadata is a message", linking(LETTER, "metadata", to(TASK)), set()),
    (
        "LINK-3",
        "an attachment of another size",
        lambda w: links(w, LETTER)["attachment"][0].update(filesize=4711),
        set(),
    ),
    ("LINK-3", "an attachment that is a message", linking(LETTER, "attachment", [to(TASK, name="a")]), set()),
    ("LINK-3", "an empty print", lambda w: w.pages.update({TASK + "/print": ("application/pdf", b"")}), set()),
    ("LINK-3", "form data that is a page", both(form_data(("text/html", b"<html/>")), silent), set()),
    ("LINK-3", "another archived message", another_archive, {"REACH-2"}),
    ("LINK-3", "the archived message is the active one", linking(LETTER, "archivereference", to(LETTER)), set()),
    ("LINK-3", "two forms changed places", swapped, set()),
    (
        "LINK-3",
        "two form links, one form",
        lambda w: links(w, TASK)["form"][1].update(to(TASK + "/forms/1")),
        {"REACH-2"},
    ),
    ("LINK-3", "the box of another reportee", swapped_boxes, {"REACH-2"}),
    ("LINK-4", "a dead attachment", answering(LETTER + "/attachments/7", Response(404)), {"REACH-6"}),
    ("LINK-4", "a forbidden print", answering(TASK + "/print", Response(403)), {"REACH-6"}),
    ("LINK-4", "a form that crashes", answering(TASK + "/forms/1", Response(500)), {"REACH-6"}),
    ("LINK-4", "a dead link of no known meaning", linking(LETTER, "more", to("nowhere")), {"REACH-6"}),
    ("LINK-5", "another host", other_host, {"REACH-2"}),
    (
        "LINK-5",
        "the same host without encryption",
        linking(LETTER, "metadata", {"href": at("metadata/correspondence/0042/2").replace("https", "http")}),
        set(),
    ),
    (
        "LINK-5",
        "another port",
        linking(LETTER, "metadata", {"href": "https://api.example:8443/api/metadata/correspondence/0042/2"}),
        set(),
    ),
    (
        "LINK-5",
        "a host that only looks alike",
        linking(LETTER, "metadata", {"href": "https://api.example.evil.test/api/metadata"}),
        set(),
    ),
    (
        "LINK-5",
        "a user name that looks like the host",
        linking(LETTER, "metadata", {"href": "https://api.example@evil.test/api"}),
        set(),
    ),
    (
        "LINK-5",
        "a redirect to another host",
        answering(TASK + "/print", Response(302, (("Location", "https://cdn.test/p.pdf"),))),
        {"REACH-6"},
    ),
    ("LINK-5", "an action elsewhere", linking(LETTER, "delete", {"href": "https://devenv.test/api/x"}), set()),
    ("LINK-6", "templates that are not flagged", unflagged, {"LINK-1", "LINK-4", "REACH-6"}),
    ("LINK-6", "an open brace", lambda w: setattr(w.lists["my/messages"], "find", "my/messages/{messageId"), set()),
    ("LINK-6", "no variable", lambda w: setattr(w.lists["my/messages"], "find", "my/messages/"), set()),
    (
        "LINK-6",
        "a template that leads nowhere",
        lambda w: setattr(w.lists["reportees"], "find", "nobody/{reporteeId}"),
        set(),
    ),
    ("LINK-6", "a template that leads to another", wrong_find, {"REACH-3"}),
    ("LINK-8", "a print announced as HTML", linking(TASK, "print", to(TASK + "/print", type="text/html")), set()),
    ("LINK-8", "form data come as JSON", form_data(("application/json", b"{}")), set()),
    ("LINK-9", "a form task without print", without(TASK, "print"), set()),
    ("LINK-9", "a message without metadata", without(LETTER, "metadata"), set()),
    ("LINK-9", "a reportee without messages", without("reportees/r1", "messages"), set()),
    ("LINK-9", "a relation that only the list has", only_listed, set()),
    ("LINK-9", "a form without its data", without(TASK + "/forms/1", "formdata"), set()),
    ("LINK-9", "a list without find", lambda w: setattr(w.lists["reportees"], "find", ""), set()),
    (
        "LINK-9",
        "a listed message without self",
        lambda w: listed(w, "my/messages", 0)["_links"].pop("self"),
        {"REACH-2"},
    ),
]


@pytest.mark.parametrize(("id_", "what", "change", "companions"), DEFECTS, ids=[f"{d[0]} {d[1]}" for d in DEFECTS])
def test_a_defect_shows_in_its_own_guarantee(id_: str, what: str, change: Change, companions: set[str]) -> None:
    world = kept()
    change(world)
    found = broken(world, WITHOUT_WALKS)
    assert id_ in found, what
    assert found <= {id_, *companions}, what


def test_an_environment_that_keeps_everything_is_met_everywhere() -> None:
    found = judged(kept(), rounds=WITHOUT_WALKS)
    assert all(met_of(found[id_]) for id_ in RULES if id_ != "LINK-7")
    assert not [one for id_ in found if id_ != "LINK-7" for one in unmet_of(found[id_])]


def standard_names(world: World) -> None:
    everywhere(b"isTemplated", b"templated")(world)
    before = world.hook

    def hook(probe: Probe, said: Said) -> Said:
        now = before(probe, said)
        return (
            Response(now.status, now.headers, now.body.replace(b"mime-type", b"type"))
            if isinstance(now, Response)
            else now
        )

    world.hook = hook


def unknown_links(world: World) -> None:
    links(world, LETTER)["enhetsregisteret"] = {"href": "https://data.register.test/enheter/1"}
    links(world, LETTER)["more"] = to("other/thing")
    world.pages["other/thing"] = {"What": "else", "_links": {"self": to("other/thing")}}


def relative(world: World) -> None:
    everywhere(at("").encode(), b"/api/")(world)


def redirected(world: World) -> None:
    moved = Response(302, (("Location", "/api/" + LETTER + "/files/7"),))
    world.pages[LETTER + "/attachments/7"] = moved
    world.pages[LETTER + "/files/7"] = ("application/pdf", PDF)


def summaries(world: World) -> None:
    """Listed messages carry nothing but their own address."""
    for element in world.lists["my/messages"].elements:
        element["_links"] = {"self": element["_links"]["self"]}


def lone_objects(world: World) -> None:
    links(world, LETTER)["attachment"] = links(world, LETTER)["attachment"][0]


def by_number_too(world: World) -> None:
    """The box of a reportee under another address, which says that its own is the other one."""
    world.lists["312345678/messages"] = List("messages", world.lists["r1/messages"].elements)
    links(world, "reportees/r1")["messages"] = to("312345678/messages")
    listed(world, "reportees", 0)["_links"]["messages"] = to("312345678/messages")

    def hook(probe: Probe, said: Said) -> Said:
        if probe.url.startswith(at("312345678/messages")) and isinstance(said, Response):
            body = said.body.replace(at("312345678/messages").encode() + b'"', at("r1/messages").encode() + b'"')
            return Response(said.status, said.headers, body)
        return said

    world.lists["312345678/messages"].find = "r1/messages/{messageId}"
    world.hook = hook


HARMLESS: list[tuple[str, Change]] = [
    ("HAL's own names", standard_names),
    ("links that the contract does not know", unknown_links),
    ("relative references", relative),
    ("a redirect inside", redirected),
    ("summaries in lists", summaries),
    ("an object instead of a list of one", lone_objects),
    ("a box under two addresses", by_number_too),
    ("variables spelt otherwise", lambda w: setattr(w.lists["my/messages"], "find", "my/messages/{MESSAGEID}")),
    ("one variable of another name", lambda w: setattr(w.lists["my/messages"], "find", "my/messages/{id}")),
    (
        "a template with an option",
        lambda w: setattr(w.lists["my/messages"], "find", "my/messages/{messageId}{?language}"),
    ),
    ("a size that is not known", lambda w: links(w, LETTER)["attachment"][0].update(filesize=-1)),
    ("an archived form task shares its print", lambda w: share_print(w)),
    ("a portal page elsewhere", linking(LETTER, "portalview", {"href": "http://portal.test/"})),
    ("another casing of a path", linking(TASK, "print", to("My/Messages/a100003/print"))),
    ("a page for people as print", people_print),
]


def share_print(world: World) -> None:
    world.pages[TASK]["ArchiveReference"] = "AR1"
    links(world, "my/messages/b200001")["print"] = to(TASK + "/print")


@pytest.mark.parametrize(("what", "change"), HARMLESS, ids=[what for what, _ in HARMLESS])
def test_a_harmless_variation_breaks_nothing(what: str, change: Change) -> None:
    world = kept()
    change(world)
    if what == "another casing of a path":
        world.pages["My/Messages/a100003/print"] = ("application/pdf", PDF)
    assert broken(world, WITHOUT_WALKS) == set()


def test_own_spellings_are_noted_once_per_format_and_the_standard_ones_are_met() -> None:
    assert {one.observed for one in unmet_of(judged(kept(), rounds=WITHOUT_WALKS)["LINK-7"])} == {
        "isTemplated",
        "mime-type",
    }
    world = kept()
    standard_names(world)
    assert not unmet_of(judged(world, rounds=WITHOUT_WALKS)["LINK-7"])
    assert met_of(judged(world, rounds=WITHOUT_WALKS)["LINK-7"])


def bare(document: Document | None = None) -> World:
    """An environment whose entries hold nothing."""
    empty = document or {"_links": {}}
    return World(pages=dict.fromkeys(("my/messages", "reportees", "metadata"), empty))


def test_nothing_to_see_is_unseen() -> None:
    found = judged(bare())
    for id_ in RULES:
        assert not met_of(found[id_]), id_
        assert id_ == "LINK-9" or not unmet_of(found[id_]), id_
    assert why(found["LINK-6"]) == why(found["LINK-7"]) == why(found["LINK-8"]) == {Unseen.INAPPLICABLE}


def test_no_answer_at_all_is_untested_and_not_inapplicable() -> None:
    found = judge_of_silence()
    assert all(why(found[id_]) == {Unseen.UNTESTED} for id_ in RULES)


def judge_of_silence() -> dict[str, Any]:
    world = World(hook=lambda probe, said: Failure(Stage.CONNECT, "refused"))
    return judged(world, rounds=WITHOUT_WALKS)


def test_credentials_that_are_refused_everywhere_are_no_dead_links() -> None:
    world = kept()

    def hook(probe: Probe, said: Said) -> Said:
        return said if "/metadata" in probe.url else Response(401)

    world.hook = hook
    assert broken(world, WITHOUT_WALKS) == set()
    refused = [one for one in judged(world, rounds=WITHOUT_WALKS)["REACH-1"] if one.cause is Cause.CONFIGURATION]
    assert len(refused) == 2


def test_without_a_login_private_entries_are_not_missed() -> None:
    found = judged(kept(), means=Means())
    assert not [one for id_ in found if id_ != "LINK-7" for one in unmet_of(found[id_])]


def test_a_link_that_gives_no_answer_is_not_called_dead() -> None:
    world = kept()
    answering(LETTER + "/attachments/7", Failure(Stage.DEADLINE, "too slow"))(world)
    assert broken(world, WITHOUT_WALKS) == set()


def test_a_message_that_went_away_in_mid_run_is_not_a_dead_link() -> None:
    world = kept()
    gone = {"now": False}

    def hook(probe: Probe, said: Said) -> Said:
        if probe.url.startswith(at("my/messages/a100001")):
            gone["now"] = True
            world.lists["my/messages"].elements[:] = [
                each for each in world.lists["my/messages"].elements if each["MessageId"] != "a100001"
            ]
            return Response(404)
        return said

    world.hook = hook
    assert broken(world, WITHOUT_WALKS) == set()
    assert gone["now"]


def test_what_the_run_left_out_is_not_held_against_the_target() -> None:
    from samsvar.logic.exploring import Limits

    for budget in (5, 12, 25, 40, 80):
        found = judged(kept(), limits=Limits(requests=budget))
        assert not [one for id_ in found if id_ != "LINK-7" for one in unmet_of(found[id_])], budget


@pytest.mark.parametrize(
    "text", ["", "#x", "?a=b", "a/b", "/a%20b", "//h/p", "https://[::1]:8/x", "http://u@h:80/?q=/?", "urn:x:y", "a:b@c"]
)
def test_uri_references_are_recognised(text: str) -> None:
    assert URI_REFERENCE.fullmatch(text)


@pytest.mark.parametrize(
    "text", [" a", "a b", "%", "%2", "a|b", "é", "{x}", "<a>", 'a"b', "a\\b", "https://h:x/", "a#b#c"]
)
def test_what_is_no_uri_reference_is_recognised(text: str) -> None:
    assert not URI_REFERENCE.fullmatch(text)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [("3", "03", True), ("3", "+03", True), (" 3", "3\n", True), ("3", "30", False), ("x", "3", False)],
)
def test_numbers_of_a_key_are_compared_as_numbers(one: str, other: str, equal: bool) -> None:
    assert same_text(one, other, Shape(ValueKind.INTEGER)) is equal
    assert same_text(one, other, Shape(ValueKind.TEXT)) is (one.strip() == other.strip())
