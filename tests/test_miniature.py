"""The kept miniature against the sentences of the contract, read with stdlib json and lxml, not with its own code."""

import base64
import json
import re
from collections import Counter
from functools import cache
from urllib.parse import quote

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st
from lxml import etree

from samsvar.errors import UsageError
from samsvar.miniature import Answer, Ask, Miniature
from samsvar.miniature import credentials as given
from samsvar.miniature.chance import check_digit, organisation_number, person_number
from samsvar.miniature.handlers import HANDLERS
from samsvar.miniature.operations import OPERATIONS
from samsvar.miniature.routes import ROUTES
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML

KEY = ("ApiKey", given.API_KEY)
LOGIN = ("Authorization", f"Bearer {given.TOKEN}")
ROOT = "https://miniature.samsvar.example/api"


@cache
def shared() -> Miniature:
    return Miniature()


def ask(target, accept=HAL_JSON, *more, method="GET", login=(KEY, LOGIN), body=b"", certificate=None, site=None):
    headers = (*login, *((("Accept", accept),) if accept is not None else ()), *more)
    full = target if target.startswith("/") else "/api/" + target
    return (site or shared()).answer(Ask(method, full, headers, body, certificate))


def at(url: str) -> str:
    assert url.startswith("https://miniature.samsvar.example/"), url
    return url.removeprefix("https://miniature.samsvar.example")


def read(answer: Answer):
    assert answer.status == 200, answer
    return json.loads(answer.body)


def local(element):
    return etree.QName(element).localname


def links_of(resource: dict):
    for rel, found in resource.get("_links", {}).items():
        for link in found if isinstance(found, list) else [found]:
            yield rel, link
    for value in resource.values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and "_links" in item:
                yield from links_of(item)
    for group in resource.get("_embedded", {}).values():
        for item in group:
            yield from links_of(item)


@cache
def crawled() -> dict[str, tuple[str, Answer]]:
    """Every URL that links lead to from the entries, with the relation that led there first."""
    todo = [("entry", f"{ROOT}/{entry}") for entry in ("my/messages", "reportees", "metadata")]
    seen: dict[str, tuple[str, Answer]] = {}
    while todo:
        rel, url = todo.pop()
        if url in seen:
            continue
        answer = ask(at(url) + ("&" if "?" in url else "?") + "markAsRead=false")
        seen[url] = (rel, answer)
        if (
            answer.first(
                "Content-Type",
            ).startswith(HAL_JSON)
            and answer.status == 200
        ):
            body = json.loads(answer.body)
            todo += [(rel, link["href"]) for rel, link in links_of(body) if not link.get("isTemplated")]
            if rel in ("messages", "entry") and url.endswith("/messages"):
                todo += [("page", f"{url}?$skip=50")]
    return seen


def test_every_link_from_the_entries_answers_200():
    bad = {url: answer.status for url, (_, answer) in crawled().items() if answer.status != 200}
    assert not bad
    assert len(crawled()) > 300


def test_every_representation_self_leads_to_an_equal_representation():
    for url, (_, answer) in list(crawled().items())[::7]:
        if answer.first("Content-Type").startswith(HAL_JSON):
            body = json.loads(answer.body)
            href = body.get("_links", {}).get("self", {}).get("href")
            if href:
                assert json.loads(ask(at(href) + ("&" if "?" in href else "?") + "markAsRead=false").body) == body, url


def plain(resource):
    """HAL -> what the plain formats say."""
    if isinstance(resource, list):
        return [plain(item) for item in resource]
    if not isinstance(resource, dict):
        return resource
    return {key: plain(value) for key, value in resource.items() if key not in ("_links", "_embedded")}


def stand_ins(resource):
    names = ("MessageLink", "AttachmentLink", "MessagesLink", "Roles", "Rights")
    return {key: value for key, value in resource.items() if key not in names}


def xml_value(element, typed):
    """An element read with a JSON twin as the guide to types."""
    if isinstance(typed, list):
        children = [child for child in element if local(child) not in ("link", "resource")]
        assert len(children) == len(typed)
        return [xml_value(child, twin) for child, twin in zip(children, typed, strict=True)]
    if isinstance(typed, dict):
        nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
        return {
            local(child): xml_value(child, typed.get(local(child), ""))
            for child in element
            if local(child) not in ("link", "resource") and child.get(nil) != "true"
        }
    text = element.text or ""
    if isinstance(typed, bool):
        return {"true": True, "false": False}[text]
    return int(text) if isinstance(typed, int) else text


@pytest.mark.parametrize(
    "entry",
    [
        "my/messages",
        "reportees",
        "metadata",
        "my/messages/a1000003",
        "my/messages/b1000002",
        "metadata/roledefinitions",
        "my/authorization/roles",
        "my/profile",
        "metadata/formtask/0042/1",
        "my/messages/trashbin",
        "metadata/codelists/ASF_Land",
        "metadata/rolerequirements?serviceCode=0042&serviceEditionCode=1",
        "my/messages/a1000001/forms",
        "my/messages/a1000001/validate",
        "organizations",
    ],
)
def test_the_four_formats_carry_the_same_properties_and_values(entry):
    mark = ("&" if "?" in entry else "?") + "markAsRead=false"
    hal, js = read(ask(entry + mark)), read(ask(entry + mark, JSON))
    hal_xml, xml = (etree.fromstring(ask(entry + mark, kind).body) for kind in (HAL_XML, XML))
    name = next(iter(hal.get("_embedded", {"": 0})))
    items = hal["_embedded"][name] if isinstance(js, list) else [hal]
    plains = js if isinstance(js, list) else [js]
    halves = [child for child in hal_xml if local(child) == "resource"] if isinstance(js, list) else [hal_xml]
    wholes = list(xml) if isinstance(js, list) else [xml]
    assert len(items) == len(plains) == len(halves) == len(wholes) > 0
    for one, two, three, four in zip(items, plains, halves, wholes, strict=True):
        expected = json.loads(json.dumps(plain(one)).replace("\\r\\n", "\\r\\n"))
        assert stand_ins(two) == stand_ins(expected)
        assert xml_value(three, expected) == expected
        assert stand_ins(xml_value(four, two)) == stand_ins(two)


def test_the_two_hal_formats_carry_the_same_links_with_all_attributes():
    for target in ("my/messages", "my/messages/a1000003?markAsRead=false", "metadata/formtask/0042/1", "reportees"):
        hal, xml = read(ask(target)), etree.fromstring(ask(target, HAL_XML).body)
        json_links = Counter(
            (
                rel,
                *sorted(
                    (key, str(value).lower() if isinstance(value, bool) else str(value)) for key, value in link.items()
                ),
            )
            for rel, link in links_of(hal)
            if rel != "self"
        )
        xml_links = Counter(
            (link.get("rel"), *sorted((key, value) for key, value in link.attrib.items() if key != "rel"))
            for link in xml.iter("link")
        )
        assert json_links == xml_links
        selves = Counter(link["href"] for rel, link in links_of(hal) if rel == "self")
        assert selves == Counter(node.get("href") for node in xml.iter("resource"))


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/HAL+json", HAL_JSON),
        ("*/*", JSON),
        (None, JSON),
        ("", JSON),
        ("application/*", JSON),
        ("application/xml;q=0.5, application/hal+xml", HAL_XML),
        ("application/hal+json;q=0, application/*;q=0.1", JSON),
        ("application/json;q=0, */*", HAL_JSON),
        ("application/json, application/*+json", JSON),
        ("text/html, application/xml;q=0.9, */*;q=0.8", XML),
        ("application/xml;charset=utf-8", XML),
        ("APPLICATION/XML ; Q=1.0", XML),
    ],
)
def test_accept_is_honoured(accept, expected):
    answer = ask("metadata", accept)
    assert answer.status == 200
    assert answer.first("Content-Type") == f"{expected}; charset=utf-8"
    assert "Accept" in answer.first("Vary")


@pytest.mark.parametrize(
    "accept",
    ["image/png", "application/json;q=0", "nonsense", "a/b;q=7", ";;", "/", "text/html", "*/*;q=0", "application/"],
)
def test_an_accept_that_cannot_be_met_is_refused_with_a_reason(accept):
    answer = ask("metadata", accept)
    assert answer.status == 406
    assert answer.reason
    assert json.loads(answer.body)["ErrorMessage"]


def test_tags_differ_by_format_and_give_304():
    answers = [ask("metadata", kind) for kind in FORMATS]
    tags = {answer.first("ETag") for answer in answers}
    assert len(tags) == 4
    again = ask("metadata", HAL_JSON, ("If-None-Match", answers[0].first("ETag")))
    assert (again.status, again.body, again.first("ETag")) == (304, b"", answers[0].first("ETag"))
    assert ask("metadata", JSON, ("If-None-Match", answers[0].first("ETag"))).status == 200


def test_head_says_what_get_says_without_a_body():
    for target in ("metadata", "my/messages", "my/messages/b1000002/print", "nowhere"):
        got, headed = ask(target), ask(target, method="HEAD")
        assert (headed.status, headed.headers, headed.body) == (got.status, got.headers, b"")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "TRACE", "BREW"])
def test_unsafe_methods_are_refused_with_allow(method):
    answer = ask("metadata", method=method)
    assert (answer.status, answer.first("Allow")) == (405, "GET, HEAD, OPTIONS")
    assert answer.reason


def test_a_documented_write_is_refused_and_told_so():
    assert ask("my/messages", method="POST").status == 403
    assert ask("my/messages", method="OPTIONS").first("Allow") == "GET, HEAD, POST, OPTIONS"


def test_a_read_without_the_parameter_changes_the_status_and_nothing_else():
    site = Miniature()
    target = "my/messages/a1000004"
    before = read(ask(target + "?markAsRead=false", site=site))
    assert read(ask(target + "?markAsRead=false", site=site)) == before
    assert before["Status"] == "Ulest"
    ask(target, site=site)
    after = read(ask(target + "?markAsRead=false", site=site))
    assert after == before | {"Status": "Lest"}


@pytest.mark.parametrize("origin", given.ORIGINS)
@pytest.mark.parametrize(
    "target", ["metadata", "my/messages", "nowhere", "my/messages?$filter=x", "my/messages/b1000002/print"]
)
def test_a_registered_origin_gets_itself_back_everywhere(origin, target):
    for login in ((KEY, LOGIN), ()):
        answer = ask(target, HAL_JSON, ("Origin", origin), login=login)
        found = [value for name, value in answer.headers if name == "Access-Control-Allow-Origin"]
        assert found == [origin]
        assert answer.first("Access-Control-Expose-Headers") == "X-Warning-LimitReached"


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://www.eksempel.no.evil.example",
        "http://www.eksempel.no",
        "https://eksempel.no",
        "https://www.eksempel.no:444",
        "HTTPS://WWW.EKSEMPEL.NO",
        "https://www.eksempel.noo",
        "",
    ],
)
def test_other_origins_get_nothing(origin):
    for method in ("GET", "OPTIONS"):
        answer = ask("metadata", HAL_JSON, ("Origin", origin), ("Access-Control-Request-Method", "GET"), method=method)
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
        assert "Origin" in ", ".join(value for name, value in answer.headers if name == "Vary")


def test_a_preflight_needs_no_login():
    asked = (
        ("Origin", given.ORIGINS[0]),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "accept,apikey,authorization"),
    )
    answer = ask("my/messages", None, *asked, method="OPTIONS", login=())
    assert answer.status == 204
    assert answer.first("Access-Control-Allow-Origin") == given.ORIGINS[0]
    allowed = answer.first("Access-Control-Allow-Headers").lower()
    assert all(name in allowed for name in ("apikey", "accept", "authorization"))
    assert sum(name == "Access-Control-Allow-Origin" for name, _ in answer.headers) == 1


@pytest.mark.parametrize(
    ("login", "status"),
    [
        ((), 400),
        ((LOGIN,), 400),
        ((("ApiKey", "wrong"), LOGIN), 403),
        ((KEY,), 401),
        ((KEY, ("Authorization", "Bearer a.b.c")), 401),
        ((KEY, ("Authorization", f"Bearer {given.EXPIRED_TOKEN}")), 401),
        ((KEY, ("Cookie", ".ASPXAUTH=nonsense")), 401),
        ((KEY, ("Authorization", "Basic eDp5")), 401),
        ((KEY, ("Authorization", "Bearer " + given.TOKEN[:-2])), 401),
    ],
)
def test_private_content_is_refused_with_a_reason(login, status):
    answer = ask("my/messages", login=login)
    assert answer.status == status
    assert len(answer.reason) > 10
    assert set(json.loads(answer.body)) == {"ErrorCode", "ErrorMessage"}


FORCED = "my/messages?ForceEIAuthentication"


@pytest.mark.parametrize(
    ("target", "certificate", "user", "status"),
    [
        (FORCED, given.CERTIFICATE, "", 200),
        ("my/messages?forceeiauthentication=true", given.CERTIFICATE, "", 200),
        (FORCED, given.CERTIFICATE, f"{given.ENTERPRISE_USER}:{given.ENTERPRISE_PASSWORD}", 200),
        (FORCED, given.CERTIFICATE, f"{given.ENTERPRISE_USER}:wrong", 401),
        (FORCED, "SOMEBODY ELSE", "", 401),
        (FORCED, None, "", 401),
        ("my/messages", given.CERTIFICATE, "", 401),
        ("my/messages?NotForceEIAuthentication", given.CERTIFICATE, "", 401),
    ],
)
def test_a_certificate_counts_where_the_query_asks_for_it(target, certificate, user, status):
    named = (("X-Altinn-EnterpriseUser-Authentication", base64.b64encode(user.encode()).decode()),) if user else ()
    assert ask(target, login=(KEY, *named), certificate=certificate).status == status


def signed_in(site):
    body = json.dumps({"UserName": given.USERNAME, "UserPassword": given.PASSWORD}).encode()
    return ask("authentication/authenticatewithpassword", method="POST", login=(KEY,), body=body, site=site)


def cookie_of(answer):
    given_ = answer.first("Set-Cookie")
    return None if given_ is None else ("Cookie", given_.partition(";")[0])


def test_a_session_slides_while_it_is_used_and_ends_when_it_is_not():
    site = Miniature(size=3)
    cookie = cookie_of(signed_in(site))
    renewed = []
    for number in range(1_700):  # an ask is a second
        answer = ask("reportees", login=(KEY, cookie if number % 10 == 0 else LOGIN), site=site)
        assert answer.status == 200
        cookie = cookie_of(answer) or cookie
        renewed += [number] if cookie_of(answer) else []
    assert renewed == [900]
    for _ in range(1_800):
        ask("metadata/jwk", site=site)
    assert ask("reportees", login=(KEY, cookie), site=site).status == 401


def test_a_ticket_that_was_altered_opens_nothing():
    user, ends, mark = given.COOKIE.split(".")
    for ticket in (
        f"{user}.{int(ends) + 1}.{mark}",
        f"second.{ends}.{mark}",
        f"{user}.{ends}.{mark[:-1]}",
        "first",
        "",
    ):
        assert ask("my/messages", login=(KEY, ("Cookie", f".ASPXAUTH={ticket}"))).status == 401


def test_a_renamed_cookie_logs_in_by_its_new_name_and_not_by_the_old():
    site = Miniature(size=3, evolutions=("cookie-renamed",))
    name, cookie = cookie_of(signed_in(site))
    assert cookie.startswith(".AspxAuthTT02=")
    assert ask("reportees", login=(KEY, (name, cookie)), site=site).status == 200
    old = (name, cookie.replace(".AspxAuthTT02", ".ASPXAUTH"))
    assert ask("reportees", login=(KEY, old), site=site).status == 401


def test_another_persons_token_opens_another_box_and_no_other():
    login = (KEY, ("Authorization", f"Bearer {given.SECOND_TOKEN}"))
    own = read(ask("my/messages", login=login))
    assert own["_embedded"]["messages"][0]["MessageId"] != "a1000000"
    assert ask("my/messages/a1000000", login=login).status == 404
    first = read(ask("reportees"))["_embedded"]["reportees"][0]["ReporteeId"]
    assert ask(f"{first}/messages", login=login).status == 403


def test_three_ways_to_log_in_give_the_same_content():
    by_token = read(ask("my/messages"))
    body = json.dumps({"UserName": given.USERNAME, "UserPassword": given.PASSWORD}).encode()
    logged = ask("authentication/authenticatewithpassword", method="POST", login=(KEY,), body=body)
    cookie = logged.first("Set-Cookie").partition(";")[0]
    assert read(ask("my/messages", login=(KEY, ("Cookie", cookie)))) == by_token
    by_certificate = ask("my/messages?ForceEIAuthentication", login=(KEY,), certificate=given.CERTIFICATE)
    assert read(by_certificate) == by_token
    assert ask("authentication/authenticatewithpassword", method="POST", login=(KEY,), body=b"{}").status == 401


def test_metadata_needs_neither_key_nor_login():
    for target in (
        "metadata",
        "metadata/roledefinitions",
        "metadata/codelists",
        "metadata/formtask/0042/1",
        "metadata/jwk",
    ):
        assert ask(target, JSON, login=()).status == 200


def box(who, query=""):
    return ask(f"{who}/messages{query}")


def ids(answer):
    return [message["MessageId"] for message in read(answer)["_embedded"]["messages"]]


def boxes():
    return [reportee["ReporteeId"] for reportee in read(ask("reportees"))["_embedded"]["reportees"]]


def test_windows_cut_one_sequence():
    who = max(boxes(), key=lambda one: len(ids(box(one, "?$skip=50"))))
    whole = ids(box(who)) + ids(box(who, "?$skip=50")) + ids(box(who, "?$skip=100"))
    assert len(whole) == len(set(whole)) > 50
    assert len(ids(box(who))) == 50
    assert len(ids(box(who, "?$top=1000"))) == 50
    assert ids(box(who, "?$skip=3&$top=4")) == whole[3:7]


def test_a_box_cut_by_the_database_says_so_and_dates_show_the_rest():
    cut = [who for who in boxes() if box(who).first("X-Warning-LimitReached")]
    assert len(cut) == 1
    shown = ids(box(cut[0])) + ids(box(cut[0], "?$skip=50"))
    last = read(ask(f"{cut[0]}/messages/{shown[-1]}?markAsRead=false"))["LastChangedDateTime"]
    older = box(cut[0], f"?dateTo={last}")
    assert older.first("X-Warning-LimitReached") is None
    assert set(ids(older)) - set(shown)


@pytest.mark.parametrize(
    ("query", "keep"),
    [
        ("Type eq 'FormTask'", lambda m: m["Type"] == "FormTask"),
        (
            "Type ne 'FormTask' and ServiceCode eq '0247'",
            lambda m: m["Type"] != "FormTask" and m["ServiceCode"] == "0247",
        ),
        ("substringof('vedtak', tolower(Subject))", lambda m: "vedtak" in m["Subject"].lower()),
        ("not (ServiceEdition gt 2) or MarkedUnread eq true", lambda m: m["ServiceEdition"] <= 2 or m["MarkedUnread"]),
        ("startswith(MessageId, 'b') eq true", lambda m: m["MessageId"].startswith("b")),
        ("LastChangedDateTime lt datetime'2026-10-31T00:00:00'", lambda m: m["LastChangedDateTime"] < "2026-10-31"),
        ("DueDate eq null", lambda m: "DueDate" not in m),
        ("Subject eq 'It''s'", lambda m: False),
    ],
)
def test_a_filter_selects_exactly_what_fits(query, keep):
    every = read(box("my"))["_embedded"]["messages"]
    expected = [message["MessageId"] for message in every if keep(message)]
    assert ids(box("my", f"?$filter={query.replace(' ', '%20')}")) == expected


def test_order_is_by_every_key():
    found = read(box("my", "?$orderby=Type%20desc,ServiceEdition"))["_embedded"]["messages"]
    keys = [(-ord(message["Type"][0]), message["ServiceEdition"]) for message in found]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    "query",
    [
        "$top=x",
        "$top=-1",
        "$top=10001",
        "$skip=1.5",
        "$filter=",
        "$filter=Nope eq 1",
        "$filter=Type eq",
        "$filter=ServiceCode eq 42",
        "$filter=Type eq 'x",
        "$filter=(Type eq 'x'",
        "$orderby=Nope",
        "$orderby=Type sideways",
        "$foo=1",
        "$select=Type",
        "$top=1&$top=2",
        "language=1",
        "dateFrom=yesterday",
        "$filter=Type",
        "$filter=substringof('x')",
    ],
)
def test_a_query_that_cannot_be_understood_is_refused(query):
    answer = box("my", "?" + query.replace(" ", "%20"))
    assert answer.status == 400
    assert answer.reason and answer.reason != b"Bad Request"


def test_language_changes_texts_and_nothing_else():
    texts = {"Status", "ServiceName", "ServiceOwnerName", "ServiceEditionName", "RoleName", "RoleDescription"}
    for target in ("my/messages", "metadata", "metadata/roledefinitions", "my/authorization/roles"):
        found = [read(ask(f"{target}?language={code}")) for code in (1044, 1033, 2068)]
        stripped = [json.dumps(found_one, default=str) for found_one in found]
        assert len(set(stripped)) > 1
        silent = [re.sub(rf'"({"|".join(texts)})": "(?:[^"\\]|\\.)*"', "", text) for text in stripped]
        assert len(set(silent)) == 1


def test_paths_match_without_case_and_with_a_final_slash():
    assert read(ask("/API/My/Messages")) == read(ask("my/messages"))
    assert read(ask("metadata/")) == read(ask("metadata"))


def test_unknown_things_are_404():
    for target in (
        "nowhere",
        "my/messages/a1",
        "my/messages/a0",
        "my/messages/x",
        "metadata/formtask/42/1",
        "metadata/formtask/0042/2",
        "reportees/r1",
        "/api",
        "/",
        "my/messages/a1000001/forms/1",
        "metadata/codelists/None",
        "r1/messages",
        "metadata/roledefinitions/0082",
        "my/messages/a01000001",
    ):
        assert ask(target).status == 404, target


def test_what_is_mentioned_fits_together():
    for url, (_, answer) in crawled().items():
        if answer.first("Content-Type").startswith(HAL_JSON) and re.search(r"/messages/[ab]\d+$", url):
            body = json.loads(answer.body)
            metadata = read(ask(at(body["_links"]["metadata"]["href"])))
            assert (metadata["ServiceCode"], metadata["ServiceEditionCode"]) == (
                body["ServiceCode"],
                body["ServiceEdition"],
            )
            for link in body["_links"].get("attachment", []):
                document = ask(at(link["href"]))
                assert len(document.body) == link["filesize"]
                assert link["fileName"].startswith(link["name"])
            if "ArchiveReference" in body:
                archived = read(ask(at(body["_links"]["archivereference"]["href"])))
                assert archived["MessageId"] == "b" + body["ArchiveReference"][2:]
            assert ("print" in body["_links"]) == (body["Type"] == "FormTask")


def test_every_get_operation_has_an_answer_of_its_own():
    reads = {route.template for route in ROUTES if route.reads and route.access in ("open", "api-key", "user")}
    missing = reads - set(HANDLERS) - {"authorization/token/{authorizationCode}"}
    assert not missing
    assert ask("serviceowner/reportees").status == 403
    assert ask("consentRequests").status == 403


def test_the_help_indexes_list_every_operation_and_every_page_answers():
    indexes = [ask(path, None, login=()).body.decode() for path in ("help", "serviceowner/help")]
    pages = [re.findall(r'<td class="api-name"><a href="([^"]+)"', index) for index in indexes]
    assert len(pages[0] + pages[1]) == len(OPERATIONS) == 124
    assert all("/api/serviceowner/help/Api/" in page for page in pages[1])
    for page in pages[0] + pages[1]:
        answer = ask(at(page), None, login=())
        assert answer.status == 200
        for model in set(re.findall(r'href="([^"]+ResourceModel[^"]+)"', answer.body.decode())):
            assert ask(at(model), None, login=()).status == 200


def test_synthetic_numbers_are_synthetic_and_valid():
    for key in range(200):
        person, unit = person_number(1, key), organisation_number(1, key)
        assert 80 < int(person[2:4]) <= 92
        assert person[9] == str(check_digit(person[:9], (3, 7, 6, 1, 8, 9, 4, 5, 2)))
        assert person[10] == str(check_digit(person[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)))
        assert unit[0] == "3" and unit[8] == str(check_digit(unit[:8], (3, 2, 7, 6, 5, 4, 3, 2)))


def test_a_large_environment_is_made_lazily():
    site = Miniature(size=100_000)
    total = sum(party.count for party in site.content.people.mine["first"])
    assert total == 100_000
    who = read(ask("reportees?$skip=40", site=site))["_embedded"]["reportees"][-1]["ReporteeId"]
    assert len(ids(ask(f"{who}/messages?$skip=1900", site=site))) == 50


def test_any_size_has_as_many_messages_as_asked_for():
    for size in (0, 1, 5, 29, 54, 60, 130, 1000, 1001, 5000):
        assert sum(party.count for party in Miniature(size=size).content.people.mine["first"]) == size


ODD_TEXT = st.text(max_size=40)
PATHS = st.one_of(
    ODD_TEXT,
    st.sampled_from(
        ["my/messages", "metadata", "reportees", "r50000018/messages", "my/messages/a1000000", "help/Api/x"]
    ),
)
FILTERS = st.lists(
    st.sampled_from(
        [
            "Type",
            "eq",
            "'x'",
            "(",
            ")",
            "not",
            "and",
            "or",
            "null",
            "1",
            "tolower",
            "substringof",
            ",",
            "ServiceEdition",
            "datetime'2026-01-01'",
            "lt",
            "DueDate",
            "true",
            "'",
            "$",
            "datetime'x'",
        ]
    ),
    max_size=12,
).map(" ".join)


@settings(max_examples=100, deadline=None)
@given_any(
    path=PATHS,
    name=st.sampled_from(["$filter", "$orderby", "$top", "$skip", "dateFrom", "dateTo", "language", "x"]),
    value=st.one_of(ODD_TEXT, FILTERS, st.dates().map(str), st.datetimes().map(lambda moment: moment.isoformat())),
    accept=st.one_of(st.none(), ODD_TEXT),
    method=st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "X"]),
)
def test_whatever_is_asked_there_is_an_answer_below_500(path, name, value, accept, method):
    answer = ask(f"{quote(path)}?{quote(name)}={quote(value)}", accept, method=method)
    assert 200 <= answer.status < 500


def test_a_filter_that_is_nested_without_end_is_refused():
    assert box("my", "?$filter=" + "(" * 5000).status == 400
    assert box("my", "?$filter=" + "not%20" * 5000).status == 400


def test_a_day_counts_to_its_end():
    days = {message["LastChangedDateTime"][:10] for message in read(box("my"))["_embedded"]["messages"]}
    last = max(days)
    inside = read(box("my", f"?dateFrom={last}&dateTo={last}"))["_embedded"]["messages"]
    assert {message["LastChangedDateTime"][:10] for message in inside} == {last}
    before = read(box("my", f"?dateTo={min(days)}"))["_embedded"]["messages"]
    assert {message["LastChangedDateTime"][:10] for message in before} == {min(days)}


def test_unknown_switches_are_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="no fault nonsense"):
        Miniature(faults=("nonsense",))
    with pytest.raises(UsageError, match="no evolution nonsense"):
        Miniature(evolutions=("nonsense",))
