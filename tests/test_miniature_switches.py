"""Every fault and every evolution of the miniature shows itself, and evolutions keep what the contract promises."""

import gzip
import json
import re
from functools import cache

import pytest
from lxml import etree

from samsvar.miniature import EVOLUTIONS, FAULTS, Ask, Miniature
from samsvar.miniature import credentials as given
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML

KEY = ("ApiKey", given.API_KEY)
LOGIN = (KEY, ("Authorization", f"Bearer {given.TOKEN}"))
HOST = "https://miniature.samsvar.example"
BROAD = (
    "my/messages", "my/messages?$skip=4", "my/messages?$top=3", "r50000018/messages", "r50000018/messages?$skip=50",
    "r50000018/messages?$top=60", "r50000052/messages", "r50000052/messages?dateFrom=2026-01-01",
    "reportees", "organizations", "metadata", "metadata/roledefinitions", "metadata/codelists",
    "metadata/codelists/ASF_Land", "metadata/roledefinitions/82", "metadata/roledefinitions/203",
    "metadata/rolerequirements?serviceCode=0042&serviceEditionCode=1", "metadata/formtask/0042/1",
    "my/profile", "my/messages/trashbin", "my/authorization/roles", "r50000018/authorization/roles",
    "my/authorization/delegations/r60000001",
)  # fmt: skip
QUERIES = (
    "$filter=MessageId eq 'b1000002'", "$filter=Type ne 'FormTask'",
    "$filter=Type eq 'FormTask' and ServiceEdition gt 1",
    "$filter=LastChangedDateTime ge datetime'2026-11-01T12:00:00.86'", "$filter=Nope eq 1", "$filter=Type eq",
    "$orderby=ServiceCode desc", "$orderby=Type,ServiceEdition", "$skip=-1", "$top=x", "$top=3&$skip=2",
)  # fmt: skip
HELP = (
    "help", "serviceowner/help", "help/Api/GET-who-messages-messageId_language_markAsRead",
    "help/Api/GET-who-messages-messageId-attachments", "help/Api/GET-who-messages-messageId-forms-formId_language",
    "help/Api/GET-metadata-codelists-name-version_language", "help/Api/GET-metadata-roledefinitions_language",
    "help/ResourceModel?modelName=ReplyOption",
)  # fmt: skip
ODD_ACCEPTS = (
    None, "*/*", "*/*", "application/HAL+json", "application/json;q=0.1, application/hal+xml",
    "application/json;q=0, */*;q=0.5",
    "application/json;q=0", "*/*;q=0.9, application/json;q=0.2", "image/png", "nonsense", "text/html",
)  # fmt: skip
ORIGINS = (
    *given.ORIGINS, "null", "https://evil.example", "https://www.eksempel.no.evil.example", "https://x.eksempel.no",
    "http://www.eksempel.no", "https://x.skjema.eksempel.no",
)  # fmt: skip


def ask(target, *headers, method="GET", login=LOGIN, body=b"", certificate=None):
    path = target.replace(" ", "%20")
    return Ask(method, path if path.startswith("/") else f"/api/{path}", (*login, *headers), body, certificate)


def parts_of(site: Miniature):
    """Paths of everything that hangs on the messages of one box."""
    for index in range(12):
        party = site.content.people.parties[0]
        message = site.content.at(party, index)
        path = f"my/messages/{message.id}"
        yield f"{path}?markAsRead=false"
        yield f"{path}/validate"
        yield from (f"{path}/forms/{key}" for key, _ in site.content.forms_of(message))


def documents_of(site: Miniature):
    """Paths of the documents among them."""
    for index in range(12):
        message = site.content.at(site.content.people.parties[0], index)
        path = f"my/messages/{message.id}"
        yield from (f"{path}/attachments/{key}" for key in site.content.attachments_of(message))
        yield from (f"{path}/forms/{key}/formdata" for key, _ in site.content.forms_of(message))
        yield from (f"{path}/print", f"{path}/signingtext")


@cache
def survey() -> tuple[Ask, ...]:
    """Asks that touch every rule of the environment, in an order that is always the same; the cheap ones first."""
    kept = Miniature()
    parts, documents = tuple(parts_of(kept)), tuple(documents_of(kept))
    heavy = [ask(target, ("Accept", kind)) for target in (*parts, *BROAD) for kind in FORMATS]
    asks = [ask(target) for target in documents]
    asks += [ask(target, ("Accept", HAL_JSON)) for target in ("my/messages", "reportees", parts[0], parts[0])]
    asks += [ask(f"my/messages?{query}", ("Accept", JSON)) for query in QUERIES]
    asks += [ask("reportees?$filter=OrganizationNumber ne '1'", ("Accept", JSON))]
    asks += [ask("metadata", *((("Accept", accept),) if accept else ())) for accept in ODD_ACCEPTS]
    asks += [ask("metadata?format=xml"), ask("metadata", ("Accept-Language", "en"), ("Accept", XML))]
    asks += [ask("metadata", ("User-Agent", "Mozilla/5.0"), ("Accept", XML))]
    asks += [ask("metadata", ("Accept", XML)), ask("metadata")]
    asks += [
        ask(f"{target}?language={code}", ("Accept", JSON))
        for code in (1033, 2068)
        for target in ("metadata", "metadata/roledefinitions", "my/messages")
    ]
    for origin in ORIGINS:
        cross = (("Origin", origin), ("Accept", HAL_XML))
        asks += [ask(target, *cross) for target in ("metadata", "my/messages", "r50000052/messages", "nowhere")]
        asks += [
            ask("my/messages", *cross, ("Access-Control-Request-Method", method), method="OPTIONS", login=())
            for method in ("GET", "HEAD")
        ]
        by_cookie = (KEY, ("Cookie", f"{given.COOKIE_NAME}={given.COOKIE}"))
        tag = kept.answer(ask("metadata", *cross)).first("ETag")
        asks += [ask("metadata", *cross, ("If-None-Match", tag)), ask("metadata", *cross, method="PUT")]
        asks.append(ask("my/messages", *cross, login=by_cookie))
    asks += [
        ask(target, method=method)
        for target in ("metadata", "my/messages", "my/messages/b1000002/print")
        for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
    ]
    attachment = next(path for path in documents if "/attachments/" in path)
    tokens = (given.TOKEN, given.EXPIRED_TOKEN, given.TOKEN[:-3], "a.b.c")
    logins = [
        (),
        (KEY,),
        (("ApiKey", "wrong"), LOGIN[1]),
        LOGIN[1:],
        *((KEY, ("Authorization", f"Bearer {text}")) for text in tokens),
    ]
    logins.append((KEY, ("Cookie", f"{given.COOKIE_NAME}={given.COOKIE}")))
    asks += [
        ask(target, ("Accept", kind), login=login)
        for login in logins
        for kind in (JSON, XML)
        for target in (
            "my/messages",
            "reportees",
            "metadata",
            "metadata/roledefinitions/82",
            "my/messages/b1000002/print",
            attachment,
        )
    ]
    forced = {"login": (KEY,), "certificate": given.CERTIFICATE}
    asks += [ask(f"{target}?ForceEIAuthentication", **forced) for target in ("my/messages", "reportees")]
    body = json.dumps({"UserName": given.USERNAME, "UserPassword": given.PASSWORD}).encode()
    asks.append(ask("authentication/authenticatewithpassword", method="POST", login=(KEY,), body=body))
    asks += [
        ask("metadata", ("Accept", JSON), ("If-None-Match", tag))
        for tag in ('"other"', kept.answer(ask("metadata", ("Accept", JSON))).first("ETag"))
    ]
    asks += [ask("metadata/roledefinitions", ("Accept-Encoding", "gzip"))]
    dated = "my/messages?$filter=CreatedDate%20gt%20DateTime'2018-01-22T00:00:00'"
    asks += [ask(dated), ask("metadata/", ("User-Agent", "curl/8.5.0"))]  # as the documentation has them
    script = (("Origin", given.ORIGINS[0]), ("Sec-Fetch-Mode", "cors"))
    wanted = (("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "apikey"))
    asks += [ask("metadata", *script), ask("metadata", *script, *wanted, method="OPTIONS", login=())]
    letter = "my/messages/a1000004"
    asks += [ask(letter + "?markAsRead=false"), ask(letter), ask(letter + "?markAsRead=false"), ask("my/messages/a999")]
    asks += [
        ask(""),
        ask("my/messages/a1000010?markAsRead=false"),
        ask("my/messages/a1000010"),
        ask("my/messages/a1000010?markAsRead=false"),
    ]
    asks += [ask(target, login=()) for target in HELP]
    return (*asks, *heavy)


@cache
def kept_answers():
    site = Miniature()
    return tuple(site.answer(one) for one in survey())


@pytest.mark.parametrize("fault", [name for name, row in FAULTS.items() if not row.path])
def test_every_fault_changes_some_answer(fault):
    """Those of paths are shown, each by its own path, in test_miniature_paths."""
    site = Miniature(faults=(fault,))
    assert any(site.answer(one) != answer for one, answer in zip(survey(), kept_answers(), strict=True))


@pytest.mark.parametrize("evolution", EVOLUTIONS)
def test_every_evolution_changes_some_answer(evolution):
    site = Miniature(evolutions=(evolution,))
    assert any(site.answer(one) != answer for one, answer in zip(survey(), kept_answers(), strict=True))


def test_the_kept_environment_answers_alike_each_time():
    site = Miniature()
    assert tuple(site.answer(one) for one in survey()) == kept_answers()


def test_the_kept_environment_never_fails():
    assert not [answer for answer in kept_answers() if answer.status >= 500]


def test_ids_begin_with_their_guarantee_and_statements_are_sentences():
    for name, row in FAULTS.items():
        assert name == row.id and name.startswith(row.guarantee.lower() + "-"), name
        assert row.statement.endswith(".") and row.guarantee not in row.companions
    for name, evolution in EVOLUTIONS.items():
        assert name == evolution.id and evolution.statement.endswith(".")


def test_every_family_has_crude_and_subtle_faults():
    for guarantee in {row.guarantee for row in FAULTS.values()}:
        assert {row.subtle for row in FAULTS.values() if row.guarantee == guarantee} == {True, False}, guarantee


def test_there_are_as_many_as_the_design_asks_for():
    assert len(FAULTS) >= 150
    assert len(EVOLUTIONS) >= 30


class Client:
    """A small client that knows only the entries and relations; it obeys Retry-After, redirects and gzip."""

    def __init__(self, site: Miniature):
        self.site = site

    def get(self, url: str, accept: str = HAL_JSON):
        if url.startswith("//"):
            url = f"https:{url}"
        target = url.removeprefix(HOST)
        assert target.startswith("/"), url
        for _ in range(4):
            answer = self.site.answer(Ask("GET", target, (*LOGIN, ("Accept", accept), ("Accept-Encoding", "gzip"))))
            if answer.status == 307:
                target = answer.first("Location").removeprefix(HOST)
            elif answer.status != 503:
                break
        assert answer.status == 200, (url, answer)
        return gzip.decompress(answer.body) if answer.first("Content-Encoding") == "gzip" else answer.body

    def read(self, url: str):
        return json.loads(self.get(url + ("&" if "?" in url else "?") + "markAsRead=false"))

    def links(self, resource, rel):
        found = resource.get("_links", {}).get(rel, [])
        return [link["href"] for link in (found if isinstance(found, list) else [found])]

    def elements(self, page, name):
        embedded = page.get("_embedded", {}).get(name, [])
        return [*embedded, *map(self.read, self.links(page, name))]

    def every(self, url, name):
        """All elements of a list, by next links or by $skip."""
        found, place = [], url
        while place:
            page = self.read(place)
            new = self.elements(page, name)
            found += new
            follow = self.links(page, "next")
            more = f"{url}{'&' if '?' in url else '?'}$skip={len(found)}" if len(new) == 50 else None
            place = follow[0] if follow else more
        return found


def content_of(site: Miniature):
    """What a client that follows links finds: keys, texts, sizes; no URL."""
    client = Client(site)
    found = set()
    for reportee in client.every(f"{HOST}/api/reportees", "reportees"):
        box = client.links(reportee, "messages")[0]
        for message in client.every(box, "messages"):
            whole = client.read(client.links(message, "self")[0])
            found.add(
                (reportee["ReporteeId"], whole["MessageId"], whole["Subject"], whole.get("Body"), whole["ServiceCode"])
            )
            service = client.read(client.links(whole, "metadata")[0])
            found.add((whole["MessageId"], service["ServiceCode"], service["ServiceEditionCode"]))
            for rel in ("attachment", "form", "print", "archivereference"):
                for url in client.links(whole, rel):
                    if rel in ("form", "archivereference"):
                        inner = client.read(url)
                        found.add((whole["MessageId"], rel, inner.get("FormId"), inner.get("MessageId")))
                    else:
                        found.add((whole["MessageId"], rel, client.get(url)))
    services = client.every(f"{HOST}/api/metadata", "metadata")
    found |= {(one["ServiceCode"], one["ServiceEditionCode"], one["ServiceName"]) for one in services}
    return found


@cache
def kept_content():
    return content_of(Miniature(size=40))


@pytest.mark.parametrize("evolution", EVOLUTIONS)
def test_a_client_that_follows_links_finds_the_same_under_every_evolution(evolution):
    found = content_of(Miniature(size=40, evolutions=(evolution,)))
    late = {row for row in kept_content() - found if "b1000000" in row or "a1000000" in row}
    assert found <= kept_content()
    assert kept_content() - found == (late if evolution == "arrival" else set())
    assert len(found) > 100


def test_a_client_finds_the_same_under_many_evolutions_at_once():
    together = (
        "urls-opaque",
        "links-for-elements",
        "pages-of-ten",
        "more-properties",
        "members-shuffled",
        "gzip",
        "busy",
        "slashes-escaped",
        "lone-link-objects",
        "names-of-the-draft",
        "links-path-only",
    )
    assert content_of(Miniature(size=40, evolutions=together)) == kept_content()


@pytest.mark.parametrize("evolution", EVOLUTIONS)
def test_every_format_stays_well_formed_and_honestly_labelled(evolution):
    site = Miniature(size=40, evolutions=(evolution,))
    client = Client(site)
    for kind in FORMATS:
        for entry in ("my/messages", "metadata", "reportees"):
            body = client.get(f"{HOST}/api/{entry}", kind)
            assert json.loads(body) if "json" in kind else len(etree.fromstring(body)) >= 0


@pytest.mark.parametrize("evolution", ["xml-prefixes", "xml-references", "white-space"])
def test_xml_spellings_mean_the_same(evolution):
    def meaning(site, kind):
        root = etree.fromstring(site.answer(ask("metadata", ("Accept", kind))).body)
        return [
            (etree.QName(node).localname, node.text if not len(node) else None, dict(node.attrib))
            for node in root.iter()
        ]

    for kind in (HAL_XML, XML):
        assert meaning(Miniature(evolutions=(evolution,)), kind) == meaning(Miniature(), kind)


def test_moved_urls_are_gone_but_for_the_entries():
    for evolution in ("urls-moved", "urls-opaque", "urls-nested", "urls-per-session"):
        site = Miniature(evolutions=(evolution,))
        assert site.answer(ask("my/messages/b1000002")).status == 404
        assert site.answer(ask("my/messages")).status == 200


def test_a_front_page_leads_to_the_entries():
    site = Miniature(evolutions=("front-page",))
    front = json.loads(site.answer(ask("/api", ("Accept", HAL_JSON))).body)
    assert {"messages", "reportees", "metadata"} <= set(front["_links"])


def test_times_with_offset_follow_the_norwegian_clock():
    site = Miniature(evolutions=("times-with-offset",))
    body = site.answer(ask("r50000018/messages", ("Accept", JSON))).body.decode()
    times = re.findall(r'"LastChangedDateTime": "([^"]+)"', body)
    assert times[0].endswith("+01:00")
    utc = Miniature(evolutions=("times-in-utc",)).answer(ask("r50000018/messages", ("Accept", JSON))).body.decode()
    assert re.findall(r'"LastChangedDateTime": "([^"]+)"', utc)[0] == "2026-11-01T11:00:00.86Z"
