"""What another team could have done differently without breaking a promise: another structure, the same meaning."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from foreign.content import UNREAD, Box, Message, World, text
from foreign.serving import Ask, Environment, Reply, Twist
from foreign.writing import HAL_JSON, HAL_XML, JSON, XML, Doc, Link


def style(id: str, says: str, clash: tuple[str, ...] = (), **choices: Any) -> Twist:
    return Twist(id, says, style=choices, clash=clash)


def setting(id: str, says: str, clash: tuple[str, ...] = (), size: int = 2, **choices: Any) -> Twist:
    return Twist(id, says, settings=choices, clash=clash, size=size)


def grow(env: Environment, ask: Ask, doc: Doc) -> None:
    """Members that no document names, of every kind, alike in all formats."""
    for one in (doc, *doc.items):
        if not (one is doc and doc.listed):
            one.props |= {
                "NyttFelt": "007",
                "NyTid": "2026-01-01",
                "NyttTall": 12,
                "NyttValg": True,
                "NyListe": [Doc("Ny", {"A": "1"}), Doc("Ny", {"A": "2"})],
                "NyTing": Doc("Ting", {"B": "x "}),
            }


def relate(env: Environment, ask: Ask, doc: Doc) -> None:
    for one in (doc, *doc.items):
        one.links.append(Link("nordmarka:owner", env.url("metadata")))
        one.links.append(Link("enhetsregisteret", "https://data.brreg.no/enhetsregisteret/api/enheter/310000019"))


def curies(env: Environment, ask: Ask, doc: Doc) -> None:
    doc.links.append(Link("profile", "https://profiles.example/nordmarka"))
    doc.links.append(Link("start", env.url("my/messages")))


def fancy_type(env: Environment, ask: Ask, reply: Reply) -> None:
    kind = reply.get("Content-Type") or ""
    if ask.format and kind.startswith(ask.format):
        reply.put(
            "Content-Type", kind.replace("application/", "Application/").replace("; charset=utf-8", ' ;Charset="UTF-8"')
        )


def bare_type(env: Environment, ask: Ask, reply: Reply) -> None:
    reply.put("Content-Type", (reply.get("Content-Type") or "text/plain").split(";")[0])


def more_headers(env: Environment, ask: Ask, reply: Reply) -> None:
    reply.headers += [
        ("X-Powered-By", "Nordmarka"),
        ("Strict-Transport-Security", "max-age=1"),
        ("P3P", 'CP="x"'),
        ("Set-Cookie", "BIGip=1; path=/"),
        ("Set-Cookie", "other=2; path=/api"),
        ("Via", "1.1 proxy"),
    ]


def low_headers(env: Environment, ask: Ask, reply: Reply) -> None:
    reply.headers = [(name.lower(), value) for name, value in reply.headers]


def vary_lines(env: Environment, ask: Ask, reply: Reply) -> None:
    reply.drop("Vary")
    reply.headers += [("Vary", "accept"), ("Vary", "Accept-Encoding , ORIGIN")]


def no_credentials(env: Environment, ask: Ask, reply: Reply) -> None:
    reply.drop("Access-Control-Allow-Credentials")


def norwegian_reason(env: Environment, ask: Ask, reply: Reply) -> None:
    if reply.status >= 400:
        reply.reason = "Forespørselen gikk ikke: " + reply.reason


def busy_once(env: Environment, ask: Ask) -> Reply | None:
    if env.asked != 40:
        return None
    return Reply(503, "Service Unavailable", [("Retry-After", "0"), ("Content-Type", "text/plain")], b"Busy")


def new_letter(env: Environment, ask: Ask) -> Reply | None:
    if env.asked == 150:
        env.world.boxes[0].messages.append(
            Message(
                "a71099",
                "Correspondence",
                "Nytt brev",
                UNREAD,
                ("0519", 190402),
                "2026-11-23T12:00:00",
                "2026-11-23T12:00:00",
                sender="Åsmo kommune",
                by="Åsmo kommune",
                summary="Nytt",
                body="<p>Nytt</p>",
            )
        )
    return None


def many_reportees(world: World) -> None:
    for number in range(52):
        world.reportees.append(
            {
                "ReporteeId": f"r61{number:03}",
                "Name": f"PRØVELAG {number}",
                "Type": text("Enterprise", "Foretak", "Føretak"),
                "OrganizationNumber": f"3110{number:05}",
                "OrganizationForm": "FLI",
                "Status": "Active",
            }
        )
        world.boxes.append(Box(f"r61{number:03}", (f"r61{number:03}", f"3110{number:05}"), []))


def byte_order_mark(env: Environment, ask: Ask, body: bytes) -> bytes:
    return b"\xef\xbb\xbf" + body if ask.format in (XML, HAL_XML) else body


def trailing_line(env: Environment, ask: Ask, body: bytes) -> bytes:
    return body + b"\r\n"


def uncached(env: Environment, ask: Ask, reply: Reply) -> None:
    reply.put("Date", "Mon, 23 Nov 2026 12:00:00 GMT")
    reply.put("Last-Modified", "Mon, 23 Nov 2026 11:00:00 GMT")


def preflight_204(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.method == "OPTIONS":
        reply.status, reply.reason = 204, "No Content"


def preflight_refused(env: Environment, ask: Ask, reply: Reply) -> None:
    """An unregistered origin's preflight is refused outright."""
    if ask.method == "OPTIONS" and ask.origin and ask.origin not in env.settings["registered"]:
        reply.status, reply.reason = 403, "Forbidden: origin not registered"


def static_origin(env: Environment, ask: Ask, reply: Reply) -> None:
    """Fetch compares the value with the page's own origin: another page cannot read the answer."""
    reply.put("Access-Control-Allow-Origin", env.settings["registered"][0])
    reply.drop("Access-Control-Allow-Credentials")


def titles(env: Environment, ask: Ask, doc: Doc) -> None:
    for one in (doc, *doc.items):
        for link in one.links[1:]:  # hal+xml writes self as an attribute, where a title has no room
            link.attrs["title"] = "Lenke: " + link.rel


def no_language_in_links(env: Environment, ask: Ask, doc: Doc) -> None:
    for one in (doc, *doc.items):
        for link in one.links:
            link.href = link.href.replace("&language=" + ask.language, "").replace("?language=" + ask.language, "")


def spare_item_links(env: Environment, ask: Ask, doc: Doc) -> None:
    """Items of open lists without rolerequirements: the sample of the list has only self."""
    for one in doc.items if doc.kind == "ServiceMetaDataList" else []:
        one.links = [link for link in one.links if link.rel == "self"]


def lone_codes(world: World) -> None:
    world.codelists = world.codelists[:1]
    world.codelists[0]["codes"] = world.codelists[0]["codes"][:1]


def no_replies(world: World) -> None:
    for message in world.boxes[0].messages:
        message.replies = []


def empty_containers(env: Environment, ask: Ask, body: bytes) -> bytes:
    """A client may find `_embedded` and `_links` where there is nothing in them."""
    if ask.format != HAL_JSON:
        return body
    members = json.loads(body)
    return json.dumps({"_links": {}, "_embedded": {}} | members, ensure_ascii=False).encode()


def lone_embedded(env: Environment, ask: Ask, body: bytes) -> bytes:
    """HAL lets one embedded resource be an object."""
    members = json.loads(body) if ask.format == HAL_JSON else {}
    inside = members.get("_embedded", {})
    if not inside:
        return body
    members["_embedded"] = {name: rows[0] if len(rows) == 1 else rows for name, rows in inside.items()}
    return json.dumps(members, ensure_ascii=False).encode()


def not_templated(env: Environment, ask: Ask, doc: Doc) -> None:
    for one in (doc, *doc.items):
        for link in one.links:
            if not link.templated:
                link.attrs[env.style["templated_name"]] = False


def slash_at_the_end(env: Environment, ask: Ask) -> Reply | None:
    path, _, query = ask.target.partition("?")
    if path in ("/api/metadata", "/api/my/messages", "/api/reportees") and ask.method == "GET":
        return Reply(301, "Moved Permanently", [("Location", path + "/" + ("?" + query if query else ""))], b"")
    return None


def too_many(env: Environment, ask: Ask) -> Reply | None:
    if env.asked % 211 or ask.method == "OPTIONS":
        return None
    return Reply(429, "Too Many Requests", [("Retry-After", "0"), ("Content-Type", "text/plain")], b"Slow down")


def no_options(env: Environment, ask: Ask) -> Reply | None:
    if ask.method == "OPTIONS" and not ask.headers.get("Access-Control-Request-Method"):
        return Reply(405, "Method Not Allowed", [("Allow", "GET, HEAD")], b"")
    return None


def nothing_mine(world: World) -> None:
    world.boxes[0].messages = []


def only_me(world: World) -> None:
    world.reportees, world.boxes = world.reportees[:1], world.boxes[:1]


def only_letters(world: World) -> None:
    box = world.boxes[0]
    box.messages = [one for one in box.messages if one.type == "Correspondence"]
    for one in box.messages:
        one.replies = [row for row in one.replies if row["Type"] != "ArchiveReference"]


def twins(world: World) -> None:
    """Two messages that differ in their ids alone, and two editions of one service."""
    box = world.boxes[0]
    box.messages.append(replace(box.messages[3], id="a71005"))
    world.services.append(replace(world.services[2], edition=190403))
    world.needs["0519", 190403] = world.needs["0519", 190402]


def odd_text(world: World) -> None:
    """Texts that are hard to carry: markup, backslashes, quotes, a line separator, letters from right to left."""
    message = world.boxes[0].messages[1]
    message.subject = "  ]]> \\\" & <b> 'x' \u2028 \u05e9\u05dc\u05d5\u05dd e\u0301 \t|  "
    world.reportees[1]["Name"] = "O'ÅSMO & <SØNN> 100%+#?\u00a0AS"


def warned(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.format and reply.status == 200 and ask.path.endswith("messages"):
        reply.put("X-Warning-LimitReached", "true")


def no_requirements(env: Environment, ask: Ask, doc: Doc) -> None:
    for one in (doc, *doc.items):
        one.links = [link for link in one.links if link.rel != "rolerequirements"]


def xml_integers(env: Environment, ask: Ask, body: bytes) -> bytes:
    """XML Schema lets an integer have a sign and zeros in front."""
    if ask.format not in (XML, HAL_XML):
        return body
    return re.sub(rb"<(ServiceEdition|SecurityLevel)>(\d+)<", rb"<\1>+0\2<", body)


def helping(change: Callable[[str], str]) -> Callable[[Environment, Ask, Reply], None]:
    """Other pages for people who look for help."""

    def hook(env: Environment, ask: Ask, reply: Reply) -> None:
        if ask.path.lower().startswith("help") and reply.status == 200:
            reply.body = change(reply.body.decode()).encode()

    return hook


def help_in_tables(page: str) -> str:
    rows = re.sub(r"<LI><A HREF='([^']*)'><TT>GET</TT> (\S+)</A>", r"<tr><td>\2<td>Get<td><a href='\1'>meir</a>", page)
    return rows.replace("<UL>", "<table><tr><th>Adresse<th>Metode<th>Om").replace("</UL>", "</table>")


def help_in_english(page: str) -> str:
    words = {"String": "string", "Int32": "integer", "Boolean": "boolean", "DateTime": "date", "Uri": "URI"}
    for old, new in words.items():
        page = page.replace(f"<td>{old}<", f"<td>{new}<")
    return re.sub(r"<td>(\w+)\[\]<", r"<td>Collection of <a href='#\1'>\1</a><", page)


def help_elsewhere(env: Environment, ask: Ask) -> Reply | None:
    if ask.path != "help":
        return None
    return Reply(301, "Moved Permanently", [("Location", env.root + "/Help/")], b"")


VARIATIONS = (
    Twist("help-tables", "help stands in tables, the method after the path", wire=helping(help_in_tables)),
    Twist("help-english", "help uses the words of ASP.NET for types", wire=helping(help_in_english)),
    Twist(
        "help-moved",
        "help has moved inside the API",
        early=lambda env, ask: help_elsewhere(env, ask) if not ask.target.lower().endswith("/") else None,
    ),
    style("booleans-digits", "booleans are 1 and 0 in XML, as XML Schema allows", true_false=("1", "0")),
    Twist(
        "xml-integers",
        "integers with sign and zeros in XML, as XML Schema allows",
        body=xml_integers,
        clash=("utf-16",),
    ),
    Twist("empty-containers", "empty _links and _embedded are written", body=empty_containers, clash=("slashes",)),
    Twist("lone-embedded", "one embedded resource is an object", body=lone_embedded, clash=("slashes",)),
    Twist("not-templated", "links say that they are no templates", doc=not_templated),
    Twist("slash-at-the-end", "entries redirect to the same with a slash", early=slash_at_the_end),
    Twist("too-many", "429 with Retry-After now and then", early=too_many),
    Twist("no-options", "OPTIONS is for preflights alone", early=no_options),
    Twist(
        "nothing-mine", "my box is empty", content=nothing_mine, clash=("new-letter", "no-replies", "twins", "odd-text")
    ),
    Twist("only-me", "there is one reportee", content=only_me, clash=("many-reportees", "odd-text")),
    Twist("only-letters", "there are letters only", content=only_letters, clash=("twins", "odd-text")),
    Twist("twins", "two messages that differ in id alone, two editions of a service", content=twins),
    Twist("odd-text", "texts that are hard to carry", content=odd_text),
    Twist("warned", "the limit was reached, and says so", wire=warned),
    setting("literal-plus", "a plus in a query is a plus", literal_plus=True),
    setting(
        "strict-parameters",
        "parameters that are not documented are refused",
        known_parameters=("language", "markAsRead", "dateFrom", "dateTo", "serviceCode", "serviceEditionCode"),
    ),
    setting("exact-case", "paths are compared with case", exact_case=True),
    setting("no-codelists", "there are no code lists", absent="codelists"),
    Twist(
        "no-requirements",
        "role requirements and roles are not there, and nothing links to them",
        settings={"absent": "rolerequirements|roledefinitions"},
        doc=no_requirements,
        clash=("no-codelists",),
    ),
    style("json-reversed", "members come in the opposite order", reverse=True),
    style("json-links-last", "_links come last", links_last=True, hal_links_last=True),
    style("json-indented", "JSON is written with line breaks", indent=2),
    style("ascii", "non-ASCII letters are escaped in JSON and XML", clash=("latin-1", "utf-16"), ascii=True),
    style("slashes", "slashes are escaped in JSON", slashes=True),
    style("nulls", "null members are written, i:nil in XML", nulls=True),
    style("empty-lists", "empty lists are written", empty_lists=True),
    style("xml-other-namespace", "the contract namespace is another", xml_namespace="urn:nordmarka:v2"),
    style("xml-no-namespace", "XML without a namespace", clash=("xml-prefix", "xml-other-namespace"), xml_namespace=""),
    style("xml-prefix", "XML elements carry a prefix", xml_prefix="ns0"),
    style("xml-declared-order", "XML members in the order of the class", xml_alphabetical=False),
    style("xml-indented", "line breaks between XML elements", xml_indent=True),
    style(
        "xml-dto-names",
        "the XML names of the classes are others",
        xml_item_name="{kind}Dto",
        xml_list_name="ArrayOf{kind}Dto",
    ),
    style("xml-plain-ints", "numbers of an array are <int> without a namespace of their own", xml_int_name="int"),
    style("cdata", "texts are CDATA sections", cdata=True),
    style("no-declaration", "XML without a declaration", clash=("latin-1", "utf-16"), declaration=False),
    style("latin-1", "XML in ISO 8859-1, honestly labelled", encoding="iso-8859-1"),
    style("utf-16", "XML in UTF-16, honestly labelled", clash=("latin-1", "bom"), encoding="utf-16"),
    style("quotes", "attributes in apostrophes, in another order", quote="'", hal_attributes_reversed=True),
    style("comments", "comments and processing instructions in XML", comments=True),
    style("hal-namespace", "hal+xml in a namespace with prefix", hal_namespace="urn:hal", hal_prefix="h"),
    style("hal-default-namespace", "hal+xml in a default namespace", clash=("hal-namespace",), hal_namespace="urn:hal"),
    style("hal-singular", "items of a list say rel=message instead of rel=messages", hal_item_rel="{kind}"),
    style("hal-root-type", "the root's rel is the name of the list or of the class", hal_root_rel="{list}"),
    style("hal-self-link", "hal+xml writes self as a link, too", hal_self_link=True),
    style("single-links", "one link is an object, also for form and attachment", arrays=()),
    style("link-arrays", "every relation is an array", clash=("single-links",), arrays="all"),
    style("hal-names", "templated and type are spelt as HAL spells them", templated_name="templated", type_name="type"),
    style("dates-seven", "seven digits of a second", date="seven"),
    style("dates-trimmed", "no trailing zeros in fractions", clash=("dates-seven",), date="trimmed"),
    style("dates-zoned", "instants with their zone", clash=("dates-seven", "dates-trimmed"), date="zoned"),
    style(
        "dates-zoned-json",
        "instants with their zone in JSON only",
        clash=("dates-seven", "dates-trimmed", "dates-zoned"),
        date="zoned",
        date_formats=(JSON, HAL_JSON),
    ),
    style(
        "dates-milli-xml",
        "three digits of a second in XML only",
        clash=("dates-seven", "dates-trimmed", "dates-zoned", "dates-zoned-json"),
        date="milli",
        date_formats=(XML,),
    ),
    setting("relative", "links are relative to the host", relative=True),
    setting("moved", "everything but the entries lies elsewhere", moved="v9/deep/er"),
    setting("opaque", "every URL but the entries is opaque", clash=("moved",), opaque=True),
    setting("redirects", "links lead over a redirect inside the origin", redirects=True),
    setting("errors-none", "errors have a reason phrase and no body", errors="none"),
    setting("errors-array", "errors are an array", clash=("errors-none",), errors="array"),
    setting("errors-text", "errors are plain text", clash=("errors-none", "errors-array"), errors="text"),
    setting("etag", "strong validators per format", etag="strong"),
    setting("etag-weak", "weak validators", clash=("etag",), etag="weak"),
    setting("gzip", "bodies are compressed", gzip=True),
    setting("chunked", "bodies come in chunks", chunked=True),
    setting("close", "each answer closes the connection", close=True),
    setting("default-hal", "without Accept hal+json comes", default=HAL_JSON),
    setting("default-xml", "without Accept XML comes", clash=("default-hal",), default=XML),
    setting("unmet-default", "an Accept that cannot be met gives the default format", unmet="default"),
    setting("pages-next", "small pages with next links", size=7, limit=3, next=True),
    setting("pages-skip", "small pages with $skip alone", size=7, clash=("pages-next",), limit=4),
    setting("full-page", "more than fifty messages", size=53),
    setting("front", "there is a front page", front=True),
    setting("canonical-who", "my messages say r-id in their links", canonical_who=True),
    setting("orgno-links", "organisation numbers instead of r-ids in links", orgno_links=True),
    setting("full-items", "items of a list carry all links and members", full_items=True),
    setting("linked-items", "messages are linked from the list, not embedded", linked_items=True),
    setting("find-capital", "the template says {MessageId}", find="{MessageId}"),
    setting("uri-members", "plain formats carry MessageLink", uri_members=True),
    setting("login-302", "without login there is a redirect to the login page", login="302"),
    setting("login-403", "without login there is 403", clash=("login-302",), login="403"),
    setting("head-no-length", "HEAD leaves out Content-Length", head_length=False),
    setting("print-html", "print is a page", print_media="text/html"),
    setting("oldest-first", "messages come oldest first", oldest_first=True),
    Twist("more-members", "unknown members of every kind", doc=grow),
    Twist("more-relations", "unknown relations, one to another host", doc=relate),
    Twist("more-list-relations", "more links on the resources themselves", doc=curies),
    Twist("link-titles", "links carry a title", doc=titles),
    Twist("no-language-links", "links do not keep the language", doc=no_language_in_links),
    Twist("spare-items", "items of the metadata list have self alone", doc=spare_item_links),
    Twist(
        "fancy-type",
        "media types in other letters, parameters quoted",
        wire=fancy_type,
        clash=("bare-type", "latin-1", "utf-16"),
    ),
    Twist("bare-type", "media types without charset", wire=bare_type, clash=("latin-1", "utf-16")),
    Twist("more-headers", "unknown header fields and cookies", wire=more_headers),
    Twist("low-headers", "header names in lower case", wire=low_headers),
    Twist("vary-lines", "Vary in two lines, in other letters", wire=vary_lines),
    Twist("no-credentials", "no credentials for script", wire=no_credentials),
    Twist("reason-norwegian", "reason phrases in Norwegian, Latin-1", wire=norwegian_reason),
    Twist("busy-once", "503 with Retry-After once", early=busy_once),
    Twist("new-letter", "a message arrives in the middle", early=new_letter),
    Twist("many-reportees", "more than fifty reportees", content=many_reportees),
    Twist("bom", "XML begins with a byte order mark", body=byte_order_mark, clash=("latin-1", "utf-16")),
    Twist("last-line", "bodies end in a line break", body=trailing_line, clash=("utf-16",)),
    Twist("dated", "Date and Last-Modified without support for conditions", wire=uncached),
    Twist("preflight-204", "preflights are answered 204", wire=preflight_204),
    Twist("preflight-403", "preflights of others are refused", wire=preflight_refused),
    Twist("static-origin", "the registered origin is named whoever asks", wire=static_origin),
    setting("login-page", "without login the login page comes with 200", clash=("login-302", "login-403"), login="200"),
    Twist("lone-codes", "one code list with one code", content=lone_codes),
    Twist("no-replies", "no message has a reply option", content=no_replies),
)
