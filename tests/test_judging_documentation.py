"""DOC: help pages that keep the contract, in whatever style, and those that do not."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stage import ROOT, explore

from samsvar.logic import urls
from samsvar.logic.asking import documentation as asking
from samsvar.logic.decoding_help import Listed, Property
from samsvar.logic.helping import INDEX, MODEL, PAGE, covering, expected, inner, pages_of
from samsvar.logic.judging.documentation import KINDS, RULES, agrees, fits, words_for
from samsvar.logic.observing import Observed
from samsvar.miniature import EVOLUTIONS, FAULTS, Ask, Miniature
from samsvar.miniature import evolutions as varied
from samsvar.model.contract import Contract, Profile, Shape, ValueKind
from samsvar.model.exchange import Failure, Login, Means, Response, Stage, Target, TargetKind
from samsvar.model.resource import Kind, Record, Scalar, Sequence
from samsvar.model.verdict import Cause, Finding, Sight
from samsvar.world.documents import read_contract

FACTS = Path(__file__).resolve().parents[2] / "shared" / "altinn2"
NOT_FOUND = Response(404, (("Content-Type", "application/json"),), b"{}", b"Not Found")
LOGIN = "https://login.example/?back=help"


@cache
def contract() -> Contract:
    return read_contract("altinn2")


@cache
def site() -> Miniature:
    return Miniature(size=12)


def page(text, status=200, **fields):
    return Response(status, (("Content-Type", "text/html; charset=utf-8"), *fields.items()), text.encode(), b"")


def miniature(probe, made=None):
    """What the miniature says of help; there is nothing else here."""
    path = probe.url.removeprefix(ROOT)
    if not re.match(r"/(serviceowner/)?help\b", path, re.IGNORECASE):
        return NOT_FOUND
    answer = (made or site()).answer(Ask("GET", f"/api{path}", probe.headers))
    body = answer.body.replace(site().root.encode(), ROOT.encode())
    return Response(answer.status, answer.headers, body, answer.reason)


def saying(change, where=""):
    """The miniature with its pages changed, those whose URL holds ``where``."""

    def environment(probe):
        answer = miniature(probe)
        if answer.status != 200 or where.lower() not in probe.url.lower():
            return answer
        return page(change(answer.body.decode()))

    return environment


def instead(answer, where=r"/api/help\Z"):
    """The miniature with another answer where a pattern fits."""
    return lambda probe: answer if re.search(where, probe.url) else miniature(probe)


def seen(environment, under=None, means=None):
    return explore(environment, under or contract(), rounds=((asking.ask,),), means=means).observed


def findings(environment, guarantee, **more) -> tuple[Finding, ...]:
    return tuple(RULES[guarantee](seen(environment, **more)))


def wrong(environment, guarantee) -> list[str]:
    return [f"{one.place}: {one.because}" for one in findings(environment, guarantee) if one.sight is Sight.UNMET]


def told(environment) -> set[str]:
    return {id_ for id_ in RULES if wrong(environment, id_)}


# Kept


def test_the_pages_of_the_miniature_keep_both():
    for guarantee in RULES:
        found = findings(miniature, guarantee)
        assert {one.sight for one in found} == {Sight.MET}
    assert len(findings(miniature, "DOC-1")) > 100


def test_every_model_of_an_operation_is_looked_at():
    places = " ".join(one.place for one in findings(miniature, "DOC-2"))
    wanted = {one.shape.name for one in expected(contract()) if one.shape is not None}
    assert len(wanted) > 25
    assert all(f"{name} on the help page" in places for name in wanted)


def test_it_is_asked_without_login_in_bounds_and_nothing_twice():
    readings = [one for one in seen(miniature).readings if one.probe.question in (INDEX, PAGE, MODEL)]
    assert {one.probe.login for one in readings} == {Login.NONE}
    assert {one.probe.type for one in readings} == {"HelpPage"}
    assert len(readings) == len({one.probe.url for one in readings}) <= 2 + asking.MOST_PAGES + asking.MOST_MODELS


def test_a_contract_without_help_pages_asks_nothing():
    hal = read_contract("hal")
    assert not set(RULES) & set(hal.guarantees)
    assert not [one for one in seen(miniature, under=hal).readings if one.probe.question.startswith("help.")]


HARMLESS = {
    "capitals": lambda text: re.sub(r"(GET|POST|PUT|DELETE) ", lambda found: found[0].lower(), text),
    "another language": lambda text: text.replace("<th>Name", "<th>Navn").replace("<th>Description", "<th>Forklaring"),
    "relative links": lambda text: text.replace(ROOT, "/api"),
    "other case in links": lambda text: text.replace("/help/Api/", "/Help/API/").replace(
        "ResourceModel", "resourcemodel"
    ),
    "no thead": lambda text: re.sub(r"</?t(head|body)>", "", text),
    "no classes": lambda text: re.sub(r' class="[^"]*"', "", text),
    "white space": lambda text: re.sub(r">\s*([^<\s])", r">\n\t  \1", re.sub(r"\s*</td>", "\n  </td>", text)),
    "entities": lambda text: text.replace("{", "&#123;").replace("}", "&#x7d;"),
    "xhtml": lambda text: text.replace("<!DOCTYPE html>", '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>'),
    "more sections": lambda text: text.replace("<h2>Response", "<h3>Rate limits</h3><p>None.</p><h2>Response"),
    "api before paths": lambda text: re.sub(r"(GET|POST) ([\w{])", r"\1 api/\2", text),
    "method in a column of its own": lambda text: re.sub(
        r'<td class="api-name"><a href="([^"]*)">(\w+) ([^<]*)</a></td>',
        r'<td>\2</td><td><a href="\1">\3</a></td>',
        text,
    ),
    "properties of simple types in other words": lambda text: re.sub(
        r'("parameter-type">)(string|integer|date|URI|boolean)<',
        lambda found: (
            found[1]
            + {"string": "String", "integer": "Int32?", "date": "string (date-time)"}.get(found[2], found[2])
            + "<"
        ),
        text,
    ),
    "types in the words of OpenAPI": lambda text: re.sub(
        r'(?<="parameter-type">)(date|URI|integer)<',
        lambda found: {"date": "string($date-time)", "URI": "string($uri)"}.get(found[1], "integer($int32)") + "<",
        text,
    ),
    "paths below another root": lambda text: re.sub(r"(GET|POST|PUT|DELETE) ([\w{])", r"\1 backend/v2/\2", text),
    "whole addresses": lambda text: re.sub(r"(GET|POST) ([\w{])", rf"\1 {ROOT}/\2", text),
    "a list without links": lambda text: re.sub(
        r'<tr>\s*<td class="api-name"><a [^>]*>([^<]*)</a>.*?</tr>',
        r"<tr><td><ul><li>\1</ul></tr>",
        text,
        flags=re.DOTALL,
    ),
    "lists as arrays": lambda text: re.sub(r"Collection of (<a [^>]*>\w+</a>|\w+)", r"\1[]", text),
    "no samples": varied.without_samples,
    "optional parts": varied.optional_parts,
    "turned": varied.columns_turned,
    "failed samples": lambda text: re.sub(
        r"<pre.*?</pre>",
        "<div class='warning-message-container'><p>Failed to generate the sample for media type.</p></div>",
        text,
        flags=re.DOTALL,
    ),
    "no tables": lambda text: text if "api-name" in text else re.sub(r"<table.*?</table>", "", text, flags=re.DOTALL),
    "who is my": lambda text: text.replace("{who}", "my"),
    "all in one case": lambda text: re.sub(r"\{\w+\}", lambda found: found[0].upper(), text),
}


SILENT = ("no tables", "a list without links")
"""Those that show no model."""


@pytest.mark.parametrize("name", HARMLESS)
def test_another_style_is_no_failure(name):
    assert told(saying(HARMLESS[name])) == set()
    assert any(one.sight is Sight.MET for one in findings(saying(HARMLESS[name]), "DOC-1"))
    assert any(one.sight is Sight.MET for one in findings(saying(HARMLESS[name]), "DOC-2")) or name in SILENT


@pytest.mark.parametrize("name", [one for one in EVOLUTIONS if one.startswith("help-")])
def test_an_evolution_of_help_pages_is_no_failure(name):
    made = Miniature(size=12, evolutions=(name,))
    environment = lambda probe: miniature(probe, made)  # noqa: E731 - an environment is a function
    assert told(environment) == set()
    assert any(one.sight is Sight.MET for one in findings(environment, "DOC-2"))


@pytest.mark.parametrize("name", [one for one in FAULTS if one.startswith("doc-")])
def test_a_fault_of_help_pages_is_told_by_its_guarantee_alone(name):
    made = Miniature(size=12, faults=(name,))
    assert told(lambda probe: miniature(probe, made)) == {FAULTS[name].guarantee}


# DOC-1


def test_a_redirect_inside_the_api_is_followed():
    environment = lambda probe: (  # noqa: E731
        Response(301, (("Location", f"{ROOT}/Help/"),), b"", b"") if probe.url == f"{ROOT}/help" else miniature(probe)
    )
    assert told(environment) == set()
    assert any(one.sight is Sight.MET for one in findings(environment, "DOC-2"))


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (NOT_FOUND, "the help page does not answer"),
        (page("<h1>Server Error</h1>", 500), "the help page does not answer"),
        (page("<p>no", 401), "the help page does not answer"),
        (page("<form><input type=password></form>"), "what stands where the help page is lists no operations"),
        (page(""), "what stands where the help page is lists no operations"),
        (Response(200, (("Content-Type", "application/json"),), b"{}", b"OK"), "what stands where the help page is"),
        (Response(302, (("Location", LOGIN),), b"", b"Found"), "whoever asks for the help page is sent elsewhere"),
        (page("<table><tr><td>POST x</td></tr></table>"), "the help page does not list it"),
    ],
)
def test_an_index_that_is_none_is_told_once_or_operation_by_operation(answer, because):
    found = wrong(instead(answer), "DOC-1")
    assert found
    assert all(because in one for one in found)
    assert len(found) == 1 or "does not list" in because


def redirected(target, then):
    """The help page is elsewhere."""

    def environment(probe):
        if probe.url == f"{ROOT}/help":
            return Response(302, (("Location", target),), b"", b"Found")
        return then(probe) if probe.url == target else miniature(probe)

    return environment


def test_a_help_page_that_moved_out_of_the_api_is_found_and_a_page_to_log_in_is_none():
    out = ROOT.removesuffix("/api") + "/Help"
    index = miniature(seen(miniature).asked(INDEX)[0].probe)
    assert told(redirected(out, lambda probe: index)) == set()
    assert wrong(redirected(out, lambda probe: page("<form>")), "DOC-1") == [
        "help page help: what stands where the help page is lists no operations"
    ]
    far = redirected("https://elsewhere.example/help", lambda probe: index)
    assert wrong(far, "DOC-1") == ["help page help: whoever asks for the help page is sent elsewhere"]
    assert not [one for one in seen(far).readings if "elsewhere" in one.probe.url]


def test_redirects_that_never_end_are_left():
    endless = lambda probe: Response(302, (("Location", probe.url + "x"),), b"", b"")  # noqa: E731
    assert len(seen(endless).asked(INDEX)) == 2 * (1 + asking.MOST_REDIRECTS)


def test_where_there_is_no_help_page_its_models_are_untested_and_why_is_said():
    (found,) = findings(instead(NOT_FOUND, "/help"), "DOC-2")
    assert (found.sight, "DOC-1" in found.because) == (Sight.UNSEEN, True)


@pytest.mark.parametrize("answer", [page("busy", 503), page("", 429), Failure(Stage.DEADLINE, "too slow")])
def test_an_index_that_could_not_be_had_tells_nothing(answer):
    (found, *others) = findings(instead(answer), "DOC-1")
    assert (found.sight, found.cause) == (Sight.UNSEEN, Cause.ENVIRONMENT)
    assert not [one for one in others if one.sight is Sight.UNMET]


@pytest.mark.parametrize(
    "answer", [NOT_FOUND, page("no", 403), page("<h1>Portal</h1>"), page("<a href=x>GET my/other</a>")]
)
def test_an_index_for_service_owners_need_not_be_there(answer):
    assert told(instead(answer, r"serviceowner/help\Z")) == set()


def test_an_index_for_service_owners_that_crashes_is_told():
    assert told(instead(page("", 500), r"serviceowner/help\Z")) == {"DOC-1"}


@pytest.mark.parametrize("one", expected(read_contract("altinn2")), ids=lambda one: one.name)
def test_each_operation_that_is_expected_is_missed(one):
    pattern = rf'<tr>\s*<td class="api-name"><a [^>]*>GET {re.escape(one.path)}[?<](?:(?!</tr>).)*</tr>'
    optional = "GET metadata/codelists/{name}[/{version}]"

    def without(text):
        if one.path == "metadata/codelists/{name}":
            return text.replace(optional, "GET metadata/codelists/{name}/{version}")
        if one.path.startswith("metadata/codelists/{name}/"):
            return text.replace(optional, "GET metadata/codelists/{name}")
        return re.sub(pattern, "", text, flags=re.DOTALL)

    assert wrong(saying(without), "DOC-1") == [f"{one.name}: the help page does not list it"]


def test_an_operation_that_is_said_to_be_removed_is_missed_unless_it_is_listed_again():
    removed = lambda text: text.replace(">GET my/profile<", ">[Removed] GET my/profile<")  # noqa: E731
    assert wrong(saying(removed), "DOC-1") == ["GET my/profile: the help page says that it was removed"]
    again = lambda text: removed(text).replace("</table>", "<tr><td>GET my/profile</td></tr></table>", 1)  # noqa: E731
    assert wrong(saying(again), "DOC-1") == []


def test_what_need_not_be_listed_is_not_missed():
    gone = lambda text: re.sub(r">GET [^<]*(apprights|delegationRequests|organizations)[^<]*<", ">-<", text)  # noqa: E731
    missing = wrong(saying(gone), "DOC-1")
    assert all("serviceowner" in one for one in missing)


@pytest.mark.parametrize("status", [404, 500, 302])
def test_a_page_that_the_index_links_and_that_is_not_there_is_told(status):
    answer = Response(status, (("Location", LOGIN),), b"", b"")
    environment = instead(answer, r"GET-my-profile\Z")
    assert wrong(environment, "DOC-1") == [
        "help page of GET my/profile: a page that the help page links does not answer"
    ]
    assert wrong(environment, "DOC-2") == []


def test_links_that_lead_out_of_the_api_or_would_do_something_are_not_followed():
    out = lambda text: text.replace(f"{ROOT}/help/Api/", "https://elsewhere.example/help/Api/")  # noqa: E731
    effect = lambda text: text.replace(f"{ROOT}/help/Api/", f"{ROOT}/authentication/")  # noqa: E731
    for change in (out, effect):
        asked = [one.probe.url for one in seen(saying(change)).readings if one.probe.question == PAGE]
        assert all("/serviceowner/help/" in url for url in asked)


# Which operation a row is


def rows(*paths):
    return [Listed("GET", path, (), f"page{number}") for number, path in enumerate(paths)]


def observed(root=ROOT):
    return Observed(contract(), Profile("test"), Target(TargetKind.LIVE, root), Means())


def row_of(path, *paths, root=ROOT):
    operation = next(one for one in expected(contract()) if one.path == path)
    found = covering(observed(root), operation, rows(*paths))
    return found.path if found else None


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("{who}/messages", "{reportee}/Messages"),
        ("{who}/messages", "my/messages"),
        ("{who}/messages", "api/{who}/messages"),
        ("{who}/messages/trashbin", "{who}/Messages/TrashBin"),
        ("my/profile", "my/Profile"),
        ("my/profile", "{who}/profile"),
        ("{orgno}/profile", "{who}/profile"),
        ("metadata/codelists/{name}", "metadata/codelists/{name}/{version?}"),
        ("metadata/codelists/{name}/{version}", "metadata/codelists/{name}[/{version}]"),
        ("metadata/codelists/{name}/{version}", "metadata/codelists/{name}/{version=1}"),
        ("metadata/codelists/{name}", "metadata/codelists/:name"),
    ],
)
def test_a_row_is_an_operation_whatever_its_variables_are_called(path, listed):
    assert row_of(path, "other", listed) == listed


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("{who}/messages/trashbin", "{who}/messages/{messageId}"),
        ("{who}/messages/{messageId}", "{who}/messages/trashbin"),
        ("{who}/messages", "{who}/messages/{messageId}"),
        ("my/profile", "{orgno}/profile"),
        ("{orgno}/profile", "my/profile"),
        ("reportees", "{who}"),
        ("metadata", "metadata/codelists"),
    ],
)
def test_a_row_that_is_another_operation_is_not_taken_for_it(path, listed):
    assert row_of(path, listed) is None


MANY = [f"backend/v2/Metadata/Ting{number}" for number in range(12)]


@pytest.mark.parametrize(
    ("root", "listed", "others"),
    [
        ("https://gateway.example/altinn/api", "api/My/Profile", ()),  # the application knows the end of the root
        ("https://gateway.example/altinn/api", "altinn/api/My/Profile", ()),
        ("https://gateway.example/altinn/api", "My/Profile", ()),
        ("https://gateway.example/altinn", "backend/v2/My/Profile", MANY),  # or another root, which all paths share
    ],
)
def test_an_index_may_write_paths_from_the_root_that_the_application_knows(root, listed, others):
    assert row_of("my/profile", *others, listed, root=root) == listed


def test_a_beginning_that_not_all_paths_share_is_part_of_them():
    assert row_of("my/profile", *MANY, "serviceowner/My/Profile") is None
    assert row_of("my/profile", "serviceowner/My/Profile") is None


def test_the_row_that_is_most_alike_is_taken():
    assert row_of("{orgno}/profile", "{who}/profile", "my/profile", "{orgNo}/profile") == "{orgNo}/profile"
    assert row_of("reportees", "rest/v1/reportees", root="https://x.example/rest/v1") == "rest/v1/reportees"


def test_one_page_for_each_model_a_single_resource_rather_than_a_list():
    chosen = pages_of(expected(contract()))
    names = [one.shape.name for one in chosen]
    assert len(names) == len(set(names))
    assert next(one.path for one in chosen if one.shape.name == "Message") == "{who}/messages/{messageId}"


# DOC-2


def retyped(name, kind):
    pattern = rf'(<td class="parameter-name">{name}</td>.*?<td class="parameter-type">).*?(</td>)'
    return lambda text: re.sub(pattern, rf"\g<1>{kind}\2", text, flags=re.DOTALL)


def without_row(name):
    pattern = rf'<tr>\s*<td class="parameter-name">{name}</td>.*?</tr>'
    return lambda text: re.sub(pattern, "", text, flags=re.DOTALL)


MESSAGE = "GET-who-messages-messageId_"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ServiceEdition", "string"),
        ("ServiceEdition", "decimal number"),
        ("ServiceEdition", "Collection of integer"),
        ("MarkedUnread", "integer"),
        ("Subject", "integer"),
        ("Subject", "date"),
        ("DueDate", "string"),
        ("DueDate", "time"),
        ("ReplyOptions", "string"),
        ("ReplyOptions", "Collection of integer"),
        ("SignatureSpec", "Collection of Signature"),
        ("SignatureSpec", "boolean"),
    ],
)
def test_another_type_is_told(name, kind):
    found = wrong(saying(retyped(name, kind), MESSAGE), "DOC-2")
    if kind == "time":  # nobody knows that word: it may be the name of a model
        assert found == []
    else:
        place = "Message on the help page of GET {who}/messages/{messageId}"
        assert found == [f"{place}: Message / {name}: the page shows another type"]


def test_one_element_where_there_are_many_is_told_if_the_page_shows_that_element():
    one = retyped("ReplyOptions", '<a href="/api/Help/ResourceModel?modelName=ReplyOption">ReplyOption</a>')
    (found,) = wrong(saying(one, MESSAGE), "DOC-2")
    assert found.endswith("Message / ReplyOptions: the page shows one, not a list of them")
    assert wrong(saying(retyped("ReplyOptions", "ReplyOptionList"), MESSAGE), "DOC-2") == []


@pytest.mark.parametrize("name", sorted(read_contract("altinn2").shapes["Message"].members))
def test_each_property_that_is_not_shown_is_told(name):
    (found,) = wrong(saying(without_row(name), MESSAGE), "DOC-2")
    assert f"Message / {name}: the page does not show it" in found


def test_a_property_of_an_inner_model_is_told_by_its_path():
    found = wrong(saying(without_row("SecurityLevel"), "modelName=OperationStep"), "DOC-2")
    assert len(found) == 1
    assert "RoleRequirement / Operations / AppliesTo / SecurityLevel" in found[0]


def test_another_model_under_the_heading_of_the_response_is_told():
    other = site().answer(Ask("GET", "/api/help/ResourceModel?modelName=Code", ())).body.decode()
    inside = re.search(r"<table.*?</table>", other, re.DOTALL)[0]
    change = lambda text: text[: text.rindex("<table")] + inside + text[text.rindex("</table>") + 8 :]  # noqa: E731
    assert len(wrong(saying(change, MESSAGE), "DOC-2")) == 20


def test_a_list_that_shows_itself_and_not_its_elements_tells_nothing_wrong():
    own = "<table><tr><th>Name</th><th>Type</th></tr><tr><td>Href</td><td>string</td></tr></table>"

    def listed(text):
        named = varied.without_samples(text).replace("modelName=Attachment", "modelName=AttachmentListRepresentation")
        return re.sub(r"(Resource Description.*?)<table.*</table>", rf"\1{own}", named, flags=re.DOTALL)

    environment = saying(listed, "GET-who-messages-messageId-attachments")
    assert wrong(environment, "DOC-2") == []
    (found,) = [one for one in findings(environment, "DOC-2") if one.place.startswith("Attachment")]
    assert found.sight is Sight.UNSEEN


def test_a_page_without_model_and_samples_tells_nothing():
    bare = page("<h1>GET my/profile</h1><h3>Resource Description</h3><p>None.</p>")
    found = [one for one in findings(instead(bare, r"GET-my-profile\Z"), "DOC-2") if "MyProfile" in one.place]
    assert [one.sight for one in found] == [Sight.UNSEEN]


def sampled(change):
    """The JSON sample of a message, changed."""

    def changed(text):
        return re.sub(
            r"(>application/json, text/json</h4>.*?<pre[^>]*>)(.*?)(</pre>)",
            lambda found: found[1] + change(json.loads(found[2].replace("&quot;", '"'))) + found[3],
            text,
            flags=re.DOTALL,
        )

    return wrong(saying(changed, MESSAGE), "DOC-2")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("ServiceEdition", "2"),
        ("ServiceEdition", 2.5),
        ("MarkedUnread", "true"),
        ("MarkedUnread", 1),
        ("Subject", 1),
        ("Subject", ["a"]),
        ("DueDate", 20200203),
        ("ReplyOptions", "none"),
        ("ReplyOptions", {"Type": "URL"}),
        ("ReplyOptions", [{"ServiceEditionCode": "1"}]),
        ("SignatureSpec", {"FormIds": ["1"]}),
        ("SignatureSpec", []),
    ],
)
def test_a_sample_with_a_value_of_another_type_is_told(member, value):
    (found,) = sampled(lambda sample: json.dumps(sample | {member: value}))
    assert "the sample in application/json has a value of another type" in found
    assert f"Message / {member}" in found


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Subject", None),
        ("DueDate", "sample string 4"),
        ("MessageLink", "sample string 7"),
        ("New", {"a": 1}),
        ("ReplyOptions", []),
        ("Attachments", None),
        ("ServiceEdition", 2),
    ],
)
def test_a_sample_with_placeholders_or_with_more_is_fine(member, value):
    assert sampled(lambda sample: json.dumps(sample | {member: value})) == []


@pytest.mark.parametrize(
    "cut", [lambda text: text[:-1], lambda text: text.replace(",", ",,", 1), lambda text: text + "}"]
)
def test_a_sample_that_its_format_cannot_read_is_told(cut):
    (found,) = sampled(lambda sample: cut(json.dumps(sample)))
    assert "sample in application/json: it cannot be read" in found


def test_what_the_page_says_of_the_request_is_not_judged():
    body = '<h3>Request Formats</h3><h4>application/json</h4><pre>{"ServiceEdition": </pre><h2>Response Information'
    assert told(saying(lambda text: text.replace("<h2>Response Information", body))) == set()


# Types and values


def test_every_word_stands_for_something_and_its_own_word_agrees():
    assert all(KINDS.values())
    for kind in ValueKind:
        shape = Shape(kind)
        assert agrees(Property("x", words_for(shape)), shape) or kind in (ValueKind.LIST,)


KNOWN = st.sampled_from(sorted(KINDS))


@given(KNOWN, st.sampled_from(list(ValueKind)), st.booleans())
def test_a_simple_word_agrees_with_the_kinds_that_it_stands_for_and_no_other(word, kind, collection):
    shape = Shape(kind)
    found = agrees(Property("x", word, collection), shape)
    if kind is ValueKind.ANY:
        assert found
    elif collection:
        bytes_as_text = word == "byte" and kind in (ValueKind.TEXT, ValueKind.URI, ValueKind.UUID)
        assert found == (kind is ValueKind.LIST or bytes_as_text)
    else:
        assert found == (kind in KINDS[word])


@given(st.text(max_size=30), st.sampled_from(list(ValueKind)), st.booleans())
def test_no_word_is_too_strange(word, kind, collection):
    assert agrees(Property("x", word, collection), Shape(kind)) in (True, False)


VALUES = st.recursive(
    st.builds(Scalar, st.text(max_size=5), st.sampled_from(list(Kind))),
    lambda inside: st.one_of(
        st.builds(Sequence, st.lists(inside, max_size=3).map(tuple)),
        st.builds(Record, st.lists(st.tuples(st.text(max_size=3), inside), max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@given(VALUES, st.sampled_from(list(ValueKind)))
def test_no_value_is_too_strange(node, kind):
    assert fits(node, Shape(kind, item=Shape(ValueKind.INTEGER))) in (True, False)


# Facts


@pytest.mark.skipif(not FACTS.exists(), reason="the stored facts about the API are not here")
@pytest.mark.parametrize(
    ("file", "path", "model"),
    [
        ("help_attachments.hal.json", "{who}/messages/{messageId}/attachments", "Attachment"),
        ("help_forms.hal.json", "{who}/messages/{messageId}/forms", "Form"),
        ("help_contactinformation.hal.json", "{orgno}/profile/contactinformation", "ContactInformation"),
    ],
)
def test_a_stored_sample_of_the_help_page_means_what_the_model_says(file, path, model):
    sample = (FACTS / "samples" / file).read_text(encoding="utf-8")
    members = contract().shapes[model].members
    (first, *_) = next(iter(json.loads(sample)["_embedded"].values()))
    assert set(first) - {"_links"} == set(members)
    shown = f"<h3>Response Formats</h3><h4>application/hal+json</h4><pre>{sample}</pre>"
    index = page(f"<table><tr><td><a href='{ROOT}/help/x'>GET {path}</a></td></tr></table>")

    def environment(probe):
        answers = {f"{ROOT}/help": index, f"{ROOT}/help/x": page(shown)}
        return answers.get(urls.canonical(probe.url), NOT_FOUND)

    (found,) = findings(environment, "DOC-2")
    assert found.sight is Sight.MET
    broken = sample.replace("true", '"yes"', 1)
    shown = f"<h3>Response Formats</h3><h4>application/hal+json</h4><pre>{broken}</pre>"
    (found,) = findings(environment, "DOC-2")
    assert found.sight is Sight.UNMET


@pytest.mark.skipif(not FACTS.exists(), reason="the stored facts about the API are not here")
def test_what_stored_help_pages_list_is_expected_or_said_not_to_be():
    endpoints = json.loads((FACTS / "endpoints.json").read_text(encoding="utf-8"))["endpoints"]
    wanted = {one.path for one in expected(contract())}
    left_out = {path for _, path in contract().help.unlisted}
    for one in endpoints:
        sources = " ".join(one.get("source", []))
        spelled = (one["path"].replace("[", "").replace("]", ""), one["path"].partition("[")[0])
        if re.search(r"\b(so)?help\b", sources) and "status" not in one:
            assert set(spelled) <= wanted, one["path"]
        if "status" in one and ("removed" in one["status"] or "switched off" in one["status"]):
            assert set(spelled) & left_out, one["path"]


def test_an_inner_model_is_that_of_the_items_of_a_list():
    shape = contract().shapes["Message"]
    assert inner(shape, "replyoptions").name == "ReplyOption"
    assert inner(shape, "Subject") is None
    assert inner(shape, "nothing") is None
