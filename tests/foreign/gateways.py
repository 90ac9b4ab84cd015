"""What gateways, servers and frameworks before and around an API do to origins, logins, examples and help pages.

Harmless first: IIS and ASP.NET, nginx, Azure API Management, Spring, Express and Starlette as they are by default or by
their own documents. Then what breaks a promise there, each row with the guarantee that it breaks.
"""

import re
from collections.abc import Callable
from typing import Any

from foreign.defects import allowed_too, early, failing, helped, on_status, plain, preflight, silent, wire
from foreign.serving import ORIGIN, Ask, Environment, Joined, Reply, Twist, token
from foreign.writing import HAL_XML, Doc

ALLOW = "Access-Control-Allow-"
Wire = Callable[[Environment, Ask, Reply], Any]
PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>nginx</body></html>"


def harmless(id: str, says: str, change: Wire, **more: Any) -> Twist:
    return Twist(id, says, wire=change, **more)


def is_preflight(ask: Ask) -> bool:
    return ask.method == "OPTIONS" and bool(ask.headers.get("Access-Control-Request-Method"))


def is_stranger(ask: Ask) -> bool:
    return bool(ask.origin) and ask.origin != ORIGIN


def sharing(reply: Reply, *but: str) -> None:
    """Nothing of sharing is left but these fields."""
    kept = {name.lower() for name in but}
    reply.headers = [
        (name, value)
        for name, value in reply.headers
        if not name.lower().startswith("access-control-") or name.lower() in kept
    ]


def whole(reply: Reply, status: int, reason: str, text: str = "", media: str = "text/plain") -> None:
    """Another answer in place of this one, with nothing of it left."""
    reply.status, reply.reason, reply.body = status, reason, text.encode()
    reply.headers = [("Content-Type", media)] if text else []


# --- harmless -------------------------------------------------------------------------------------------------------


def spring(env: Environment, ask: Ask, reply: Reply) -> None:
    """Whoever is not registered is refused outright, also for GET."""
    if is_stranger(ask):
        whole(reply, 403, "", "Invalid CORS request")
    reply.drop("Vary")
    more = ("Accept", "Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
    reply.headers += [("Vary", one) for one in more]


def express(env: Environment, ask: Ask, reply: Reply) -> None:
    """What is asked for is let through as it was written."""
    if is_preflight(ask) and not is_stranger(ask):
        whole(reply, 204, "No Content")
        reply.headers = [
            (ALLOW + "Origin", ask.origin or ""),
            (ALLOW + "Methods", "GET,HEAD,PUT,PATCH,POST,DELETE"),
            (ALLOW + "Headers", ask.headers.get("Access-Control-Request-Headers") or ""),
            ("Vary", "Origin, Access-Control-Request-Headers"),
            ("Content-Length", "0"),
        ]


def starlette(env: Environment, ask: Ask, reply: Reply) -> None:
    """The refusal of a preflight names what would be allowed, and says all but the origin."""
    if is_preflight(ask) and is_stranger(ask):
        whole(reply, 400, "Bad Request", "Disallowed CORS origin")
        reply.headers += [
            (ALLOW + "Methods", "GET, HEAD"),
            (ALLOW + "Headers", "Accept, ApiKey, Authorization"),
            (ALLOW + "Credentials", "true"),
            ("Access-Control-Max-Age", "600"),
            ("Vary", "Origin"),
        ]


def page_before(status: int, reason: str, where: Callable[[Ask, Reply], Any]) -> Wire:
    """The server before the API answers with a page of its own, and knows no origin."""

    def put(env: Environment, ask: Ask, reply: Reply) -> None:
        if where(ask, reply):
            whole(reply, status, reason, PAGE.format(f"{status} {reason}"), "text/html")

    return put


def put(**fields: str) -> Wire:
    return lambda env, ask, reply: [reply.put(name.replace("_", "-"), value) for name, value in fields.items()]


def if_allowed(change: Callable[[Reply], Any]) -> Wire:
    return lambda env, ask, reply: change(reply) if reply.get(ALLOW + "Origin") else None


def on_preflight(change: Callable[[Reply], Any]) -> Wire:
    return lambda env, ask, reply: change(reply) if is_preflight(ask) else None


def star_exposed(env: Environment, ask: Ask, reply: Reply) -> None:
    warned(env, ask, reply)
    reply.drop(ALLOW + "Credentials")
    if reply.get(ALLOW + "Origin"):
        reply.put("Access-Control-Expose-Headers", "*")


def many_exposed(env: Environment, ask: Ask, reply: Reply) -> None:
    warned(env, ask, reply)
    if reply.get(ALLOW + "Origin"):
        reply.drop("Access-Control-Expose-Headers")
        lines = ("Request-Context,etag", " content-length , x-warning-limitreached")
        reply.headers += [("Access-Control-Expose-Headers", line) for line in lines]


def warned(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.format and reply.status == 200 and ask.path.endswith("messages"):
        reply.put("X-Warning-LimitReached", "true")


def not_kept(env: Environment, ask: Ask, reply: Reply) -> None:
    reply.put("Cache-Control", "no-store")
    reply.put("Vary", "Accept")


def bare_304(env: Environment, ask: Ask, reply: Reply) -> None:
    if reply.status == 304:
        sharing(reply)


def blank_origin(env: Environment, ask: Ask, reply: Reply) -> None:
    value = reply.get(ALLOW + "Origin")
    if value:
        reply.put(ALLOW + "Origin", f" \t{value}\t ")


def odd_origins(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.origin and not re.fullmatch(r"null|https?://[a-z0-9.-]+(:\d+)?", ask.origin):
        whole(reply, 403, "Forbidden", PAGE.format("403 Forbidden"), "text/html")


def slow_down(env: Environment, ask: Ask) -> Reply | None:
    """429 now and then, once for each question that has an Origin."""
    count = env.memory["origins"] = env.memory.get("origins", 0) + bool(ask.origin)
    if not ask.origin or count % 17 or env.memory.get("slowed") == count:
        return None
    return Reply(
        429, "Too Many Requests", [("Retry-After", "0"), ("Content-Type", "text/plain")], b"Rate limit is exceeded"
    )


def slashes(env: Environment, ask: Ask) -> Reply | None:
    """The address with a slash at its end leads to the one without."""
    path, mark, query = ask.target.partition("?")
    if ask.method != "GET" or not path.endswith("/") or path == "/api/":
        return None
    return Reply(301, "Moved Permanently", [("Location", path.rstrip("/") + mark + query)], b"")


def slashed(env: Environment, ask: Ask) -> Reply | None:
    """The address without a slash at its end leads to the one with it."""
    path, mark, query = ask.target.partition("?")
    if ask.method != "GET" or path.endswith("/") or path.lower().removeprefix("/api/") not in ("metadata", "help"):
        return None
    return Reply(308, "Permanent Redirect", [("Location", path + "/" + mark + query)], b"")


def help_at(place: str, status: int = 301) -> Callable[[Environment, Ask], Reply | None]:
    """The help page is elsewhere, and what was before leads there."""

    def answer(env: Environment, ask: Ask) -> Reply | None:
        if ask.target == "/api/help":
            return Reply(status, "Moved", [("Location", place)], b"")
        if ask.target == place:
            ask.path = "help"
            return env.helped(ask)
        return None

    return answer


def one_page(env: Environment, ask: Ask, reply: Reply) -> None:
    """No operation has a page of its own."""
    helped(ask, reply, r"<A HREF='[^']*'>(.*?)</A>", r"\1")


def shouted(env: Environment, ask: Ask, reply: Reply) -> None:
    """Everything on the pages is in other letters."""
    helped(ask, reply, r"<TT>GET</TT> /api/", "<TT>get</TT> /API/")
    helped(ask, reply, r"<th>Type<th>Name", "<TH>TYPE</TH><TH>NAME</TH>")
    helped(ask, reply, r"(?<=<td>)(String|Int32|DateTime|Boolean)\b", lambda found: found[1].upper())  # type: ignore[arg-type]


def swept(env: Environment, ask: Ask, reply: Reply) -> None:
    """The frame of a portal around the help page: navigation, a search form, scripts, a table of releases."""
    helped(
        ask,
        reply,
        r"<html><body>",
        "<!DOCTYPE html><html lang='nb'><head><script>var a = '<td>GET x</td>'</script></head><body>"
        "<nav><a href='/'>GET help</a></nav><form><input name='Name'></form>"
        "<table><tr><th>Release<th>Date<tr><td>24.1<td>2024</table>",
    )


def badges(env: Environment, ask: Ask, reply: Reply) -> None:
    helped(ask, reply, r"<A HREF='([^']*)'><TT>GET</TT> ([^<]*)</A>", r"<span class='b'>GET</span><a href='\1'>\2</a>")


def absolute(env: Environment, ask: Ask, reply: Reply) -> None:
    helped(ask, reply, r"<TT>GET</TT> /api/", f"<TT>GET</TT> {env.root}/")


def other_root(env: Environment, ask: Ask, reply: Reply) -> None:
    helped(ask, reply, r"<TT>GET</TT> /api/", "<TT>GET</TT> backend/v2/")


def openapi_words(env: Environment, ask: Ask, reply: Reply) -> None:
    words = {"String": "string", "Int32": "integer($int32)", "DateTime": "string($date-time)", "Boolean": "boolean"}
    for one, other in {**words, "Uri": "string($uri)", "Int64": "integer($int64)"}.items():
        helped(ask, reply, rf"(?<=<td>){one}\b", other)


def latin(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.path.lower().startswith("help") and reply.status == 200:
        reply.body = b"<?xml version='1.0' encoding='iso-8859-1'?>" + reply.body.decode().encode(
            "latin-1", "xmlcharrefreplace"
        )
        reply.put("Content-Type", "text/html; charset=iso-8859-1")


def without_reason(env: Environment, ask: Ask, reply: Reply) -> None:
    reply.reason = ""


PERSON = {"SAMSVAR_USERNAME": "kari-nordmarka", "SAMSVAR_PASSWORD": "furu-og-gran-17"}
COOKIE = "nordmarka-session-0123456789abcdef"


def signed_in(env: Environment, ask: Ask) -> Reply | None:
    """User name and password for a cookie."""
    if ask.path.lower() == "authentication/authenticatewithpassword" and ask.method == "POST":
        return Reply(200, "OK", [("Set-Cookie", f".ASPXAUTH={COOKIE}; path=/; HttpOnly; SameSite=None")], b"")
    return None


def by_cookie(env: Environment, ask: Ask) -> None:
    """Whoever has the cookie is logged in."""
    ask.notes["cookie"] = COOKIE in (ask.headers.get("Cookie") or "")
    if ask.notes["cookie"]:
        ask.headers = Joined({**ask.headers, "authorization": "Bearer " + token()}.items())


def password(id: str, says: str, breaks: str = "", **more: Any) -> Twist:
    return Twist(id, says, tuple(breaks.split()), ask=by_cookie, early=signed_in, means=PERSON, **more)


def turned(env: Environment, ask: Ask, rows: list[Any]) -> list[Any]:
    return rows[::-1] if ask.notes.get("cookie") and ask.path.startswith("metadata") else rows


def sliding(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.notes.get("cookie"):
        reply.headers.append(("Set-Cookie", f".ASPXAUTH={COOKIE}; path=/; HttpOnly"))
        reply.put("Cache-Control", "private")


GATEWAYS = (
    harmless("spring", "Spring: 403 for whoever is not registered, Vary in lines", spring),
    harmless("express", "Express: preflights are answered 204, with what was asked for", express),
    harmless("starlette", "Starlette: a refused preflight is 400 and names all but the origin", starlette),
    harmless(
        "apim-preflight",
        "Azure API Management: a preflight of a stranger is an empty 200",
        lambda env, ask, reply: whole(reply, 200, "OK") if is_preflight(ask) and is_stranger(ask) else None,
    ),
    harmless(
        "options-body",
        "preflights have a body",
        on_preflight(lambda reply: (setattr(reply, "body", b"GET,HEAD"), reply.put("Content-Type", "text/html"))),
    ),
    harmless("no-methods", "preflights name no methods", on_preflight(lambda reply: reply.drop(ALLOW + "Methods"))),
    harmless("lower-methods", "methods in small letters", on_preflight(lambda r: r.put(ALLOW + "Methods", "get,head"))),
    harmless(
        "own-headers-alone",
        "Accept is not named among the headers, since it is safe",
        on_preflight(lambda reply: reply.put(ALLOW + "Headers", "AUTHORIZATION,  apikey")),
    ),
    harmless(
        "star-and-authorization",
        "headers are * and Authorization, without credentials",
        lambda env, ask, reply: (
            reply.drop(ALLOW + "Credentials"),
            reply.put(ALLOW + "Headers", "*, authorization") if is_preflight(ask) else None,
        ),
    ),
    harmless(
        "header-lines",
        "the headers stand in several lines",
        on_preflight(
            lambda reply: (
                reply.drop(ALLOW + "Headers"),
                reply.headers.extend((ALLOW + "Headers", one) for one in ("ApiKey", "Accept", "Authorization")),
            )
        ),
    ),
    harmless(
        "max-age", "preflights are never remembered", on_preflight(lambda r: r.put("Access-Control-Max-Age", "-1"))
    ),
    harmless("vary-star", "Vary: *", put(Vary="*")),
    harmless("vary-encoding", "Vary is longer", put(Vary="Accept-Encoding,Accept,Origin,Accept-Language")),
    harmless("no-store", "nothing may be kept, and Vary is silent of Origin", not_kept),
    harmless("expose-star", "* is exposed, without credentials", star_exposed),
    harmless("expose-lines", "what is exposed stands in two lines, in small letters", many_exposed),
    harmless("credentials-false", "credentials: false", if_allowed(lambda r: r.put(ALLOW + "Credentials", "false"))),
    harmless(
        "credentials-always",
        "credentials are said to be allowed whoever asks",
        put(Access_Control_Allow_Credentials="true"),
    ),
    harmless(
        "methods-always",
        "methods and headers come with every answer, whoever asks",
        put(
            Access_Control_Allow_Methods="GET, POST, OPTIONS",
            Access_Control_Allow_Headers="ApiKey, Authorization, Accept",
        ),
    ),
    harmless("blank-origin", "blanks and tabs around the origin", blank_origin),
    harmless(
        "empty-origin",
        "the field is empty for whoever is not allowed",
        lambda env, ask, reply: reply.put(ALLOW + "Origin", "") if is_stranger(ask) else None,
    ),
    harmless(
        "isolation",
        "policies of isolation and timing",
        put(
            Cross_Origin_Resource_Policy="same-site",
            Cross_Origin_Opener_Policy="same-origin",
            Timing_Allow_Origin="*",
            X_Frame_Options="DENY",
            Content_Security_Policy="default-src 'none'",
        ),
    ),
    harmless(
        "public-metadata",
        "metadata may be kept for an hour",
        lambda env, ask, reply: (
            reply.put("Cache-Control", "public, max-age=3600")
            if ask.path.startswith("metadata") and reply.status == 200
            else None
        ),
    ),
    harmless("bare-304", "a 304 says nothing of sharing", bare_304, settings={"etag": "strong"}),
    harmless(
        "nginx-404",
        "a path that nobody has is the server's own page",
        page_before(404, "Not Found", lambda ask, reply: "finnes-ikke" in ask.path),
    ),
    harmless(
        "nginx-405",
        "other methods are refused by a page of the server",
        page_before(405, "Not Allowed", lambda ask, reply: reply.status == 405),
    ),
    harmless(
        "options-strangers-405",
        "preflights of strangers are not known",
        lambda env, ask, reply: (
            whole(reply, 405, "Method Not Allowed") if is_preflight(ask) and is_stranger(ask) else None
        ),
    ),
    harmless("cdn", "a cache stands before the API", put(Age="17", X_Cache="HIT", Via="1.1 varnish")),
    harmless("odd-origins-403", "a filter refuses origins that are none", odd_origins),
    harmless(
        "vary-with-origin",
        "Vary names Origin only to whoever sends one",
        lambda env, ask, reply: None if ask.origin else reply.put("Vary", "Accept"),
    ),
    harmless("no-reason", "no reason phrases, as in HTTP/2", without_reason),
    harmless(
        "challenges",
        "refusals carry several challenges",
        on_status(
            401,
            lambda reply: reply.headers.extend(
                [
                    ("WWW-Authenticate", "Negotiate"),
                    ("WWW-Authenticate", 'Basic realm="x", Bearer error="invalid_token"'),
                ]
            ),
        ),
    ),
    Twist("slow-down", "429 now and then", early=slow_down),
    Twist("end-slashes", "a slash at the end leads to the address without", early=slashes),
    Twist("slashed", "metadata and help lead to the address with a slash", early=slashed),
    Twist("help-capital", "the help page leads to the same in other letters", early=help_at("/api/Help")),
    Twist("help-index", "the help page leads to its index", early=help_at("/api/Help/Index", 302)),
    Twist("help-outside", "the help page has moved out of the API", early=help_at("/Help", 302)),
    harmless("help-one-page", "no operation has a page of its own", one_page),
    harmless("help-letters", "the help pages are in other letters", shouted),
    harmless("help-badges", "the method stands beside the link", badges),
    harmless("help-absolute", "the help pages write whole addresses", absolute),
    harmless("help-other-root", "the application does not know under which path it is published", other_root),
    harmless("help-openapi", "types in the words of OpenAPI", openapi_words),
    harmless("help-latin", "the help pages are in Latin-1 and begin with a declaration", latin),
    harmless("help-frame", "the frame of a portal around the help pages", swept),
    password("password", "there is user name and password as well"),
    password("password-sliding", "the session slides with each answer", wire=sliding),
    password("password-order", "who has a cookie sees open lists in another order", rows=turned),
)

# --- defects --------------------------------------------------------------------------------------------------------


def doubled(where: Callable[[Ask, Reply], Any]) -> Wire:
    """Gateway and application both set the field."""

    def add(env: Environment, ask: Ask, reply: Reply) -> None:
        value = reply.get(ALLOW + "Origin")
        if value and where(ask, reply):
            reply.headers.append((ALLOW + "Origin", value))

    return add


def reflected(where: Callable[[Ask, Reply], Any]) -> Wire:
    """Everybody is allowed, there."""
    return lambda env, ask, reply: (
        allowed_too(lambda one: one != "null")(env, ask, reply) if where(ask, reply) else None
    )


def rewritten(change: Callable[[str], str]) -> Wire:
    return if_allowed(lambda reply: reply.put(ALLOW + "Origin", change(reply.get(ALLOW + "Origin") or "")))


def not_exposed(value: str) -> Wire:
    def change(env: Environment, ask: Ask, reply: Reply) -> None:
        warned(env, ask, reply)
        if reply.get(ALLOW + "Origin"):
            reply.put("Access-Control-Expose-Headers", value)

    return change


def old_literals(env: Environment, ask: Ask) -> Reply | None:
    return (
        plain(400, "Bad Request: Unknown function DateTime", "Unknown function DateTime")
        if "DateTime'" in ask.query.get("$filter", "")
        else None
    )


def no_curl(env: Environment, ask: Ask, reply: Reply) -> None:
    """A filter before the API, which knows no origin."""
    if "curl" in (ask.headers.get("User-Agent") or ""):
        whole(reply, 403, "Forbidden", "Blocked by rule 913100")


def no_slash(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.target == "/api/metadata/":
        whole(reply, 404, "Not Found", "Not found")


def fewer(env: Environment, ask: Ask, rows: list[Any]) -> list[Any]:
    return rows[:-1] if ask.notes.get("cookie") and ask.path.endswith("messages") else rows


def other_subject(env: Environment, ask: Ask, doc: Doc) -> None:
    for one in (doc, *doc.items):
        if ask.notes.get("cookie") and one.kind == "Message" and "Subject" in one.props:
            one.props["Subject"] = "Skjult emne"


def shut(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.notes.get("cookie") and ask.path.startswith("reportees") and ask.path.count("/") == 0:
        whole(reply, 403, "Forbidden", "Not for this way to log in")


def cookie_reflects(env: Environment, ask: Ask, reply: Reply) -> None:
    if ask.notes.get("cookie"):
        allowed_too(lambda one: True)(env, ask, reply)
        if is_stranger(ask):
            reply.put(ALLOW + "Credentials", "true")


BROKEN_GATEWAYS = (
    wire(
        "sibling-origin",
        "CORS-3",
        "the whole domain is allowed",
        allowed_too(lambda one: one.endswith(".nordmarka.example")),
    ),
    wire(
        "reflects-304",
        "CORS-3",
        "304 allows every origin",
        reflected(lambda ask, reply: reply.status == 304),
        settings={"etag": "strong"},
    ),
    wire(
        "reflects-hal-xml",
        "CORS-3",
        "one format allows every origin",
        reflected(lambda ask, reply: ask.format == HAL_XML),
    ),
    wire("reflects-private", "CORS-3", "boxes allow every origin", reflected(lambda ask, reply: not ask.open)),
    wire("reflects-404", "CORS-3", "404 allows every origin", reflected(lambda ask, reply: reply.status == 404)),
    wire(
        "preflight-post",
        "CORS-3",
        "preflights for POST allow every origin",
        reflected(lambda ask, reply: ask.headers.get("Access-Control-Request-Method") == "POST"),
    ),
    wire(
        "star-for-strangers",
        "CORS-3",
        "strangers get *",
        lambda env, ask, reply: reply.put(ALLOW + "Origin", "*") if is_stranger(ask) else None,
    ),
    wire(
        "null-for-others",
        "CORS-4",
        "who is not registered gets null",
        lambda env, ask, reply: reply.put(ALLOW + "Origin", "null") if is_stranger(ask) else None,
    ),
    wire(
        "null-private",
        "CORS-4",
        "null is allowed in the boxes",
        lambda env, ask, reply: None if ask.open else allowed_too(lambda one: one == "null")(env, ask, reply),
    ),
    wire(
        "preflight-star-credentials",
        "CORS-5",
        "preflights allow * with credentials",
        lambda env, ask, reply: (
            reply.put(ALLOW + "Origin", "*") if is_preflight(ask) and ask.origin == ORIGIN else None
        ),
    ),
    password("cookie-reflects", "with a cookie every origin is allowed", "CORS-5 CORS-3", wire=cookie_reflects),
    wire("default-port", "CORS-1 CORS-2", "the origin comes back with its port", rewritten(lambda one: one + ":443")),
    wire("quoted-origin", "CORS-1 CORS-2", "the origin comes back in quotes", rewritten(lambda one: f'"{one}"')),
    wire(
        "host-alone",
        "CORS-1 CORS-2",
        "the host comes back without its scheme",
        rewritten(lambda one: one.removeprefix("https://")),
    ),
    wire(
        "shared-with-keys",
        "CORS-1",
        "only who has a key is told",
        silent(lambda ask, reply: not ask.headers.get("ApiKey") and not is_preflight(ask)),
    ),
    wire("silent-406", "CORS-2", "406 allows no origin", silent(lambda ask, reply: reply.status == 406)),
    wire("silent-404", "CORS-2", "404 allows no origin", silent(lambda ask, reply: reply.status == 404)),
    wire(
        "silent-page",
        "CORS-2",
        "a further page allows no origin",
        silent(lambda ask, reply: "$skip" in ask.query),
        size=53,
    ),
    wire("silent-head", "CORS-2", "HEAD allows no origin", silent(lambda ask, reply: ask.method == "HEAD")),
    wire(
        "silent-with-token",
        "CORS-2",
        "who is logged in is told nothing",
        silent(lambda ask, reply: ask.headers.get("Authorization") and not ask.open),
    ),
    wire("vary-misspelt", "CORS-6", "Vary: Origins", put(Vary="Accept, Origins")),
    wire(
        "vary-private",
        "CORS-6",
        "Vary is silent of Origin in the boxes",
        lambda env, ask, reply: None if ask.open else reply.put("Vary", "Accept"),
    ),
    wire(
        "preflight-documents",
        "CORS-7",
        "OPTIONS is 404 for attachments",
        preflight(failing(404, "Not Found"), "attachments|print"),
    ),
    wire(
        "preflight-302",
        "CORS-7",
        "preflights are moved",
        preflight(lambda r: (failing(301, "Moved")(r), r.put("Location", "/api/x"))),
    ),
    wire(
        "preflight-blanks",
        "CORS-7",
        "the headers stand with blanks between",
        on_preflight(lambda reply: reply.put(ALLOW + "Headers", "ApiKey Accept Authorization")),
    ),
    wire(
        "preflight-semicolon",
        "CORS-7",
        "the headers stand with semicolons between",
        on_preflight(lambda reply: reply.put(ALLOW + "Headers", "ApiKey; Accept; Authorization")),
    ),
    wire(
        "preflight-x-api-key",
        "CORS-7",
        "another header is allowed than the one that is documented",
        on_preflight(lambda reply: reply.put(ALLOW + "Headers", "X-Api-Key, Accept, Authorization")),
    ),
    wire("doubled-errors", "CORS-8", "errors have the field twice", doubled(lambda ask, reply: reply.status >= 400)),
    wire(
        "doubled-preflights", "CORS-8", "preflights have the field twice", doubled(lambda ask, reply: is_preflight(ask))
    ),
    wire(
        "doubled-files",
        "CORS-8",
        "attachments have the field twice",
        doubled(lambda ask, reply: "attachments/" in ask.path),
    ),
    wire("origin-and-star", "CORS-8", "the origin and *", rewritten(lambda one: one + ", *")),
    wire("all-origins", "CORS-8", "everything that is registered", rewritten(lambda one: f"{one} https://b.example")),
    wire("expose-other", "CORS-10", "another field is exposed", not_exposed("X-Warning-Limit, ETag")),
    wire("expose-star-credentials", "CORS-10", "* is exposed, with credentials", not_exposed("*")),
    wire(
        "silent-in-browsers",
        "CORS-9",
        "browsers get no permission",
        silent(lambda ask, reply: ask.headers.get("Sec-Fetch-Mode")),
    ),
    wire(
        "reflects-in-browsers",
        "CORS-9",
        "browsers get every permission",
        reflected(lambda ask, reply: ask.headers.get("Sec-Fetch-Mode")),
    ),
    early("old-literals", "EXAMPLE-1", "DateTime'...' is not known", old_literals),
    wire("no-curl", "EXAMPLE-1", "curl is kept out", no_curl),
    wire("no-slash", "EXAMPLE-1", "the documented slash is not known", no_slash),
    early(
        "help-login",
        "DOC-1",
        "the help page wants a login",
        lambda env, ask: (
            Reply(302, "Found", [("Location", "/ui/login?ReturnUrl=%2Fapi%2Fhelp")], b"")
            if ask.path.lower().startswith("help")
            else None
        ),
    ),
    wire(
        "help-posts",
        "DOC-1",
        "the help page says that reportees are sent",
        lambda env, ask, reply: helped(ask, reply, r"<TT>GET</TT> /api/Reportees/", "<TT>POST</TT> /api/Reportees/"),
    ),
    wire(
        "help-one-variable-less",
        "DOC-1",
        "the help page has the token without its code",
        lambda env, ask, reply: helped(ask, reply, r"/api/Authorization/Token/\{code\}", "/api/Authorization/Token"),
    ),
    wire(
        "help-due-boolean",
        "DOC-2",
        "the help page says that a date is a truth",
        lambda env, ask, reply: helped(ask, reply, r"<td>DateTime<td>DueDate", "<td>Boolean<td>DueDate"),
    ),
    wire(
        "help-ids-alone",
        "DOC-2",
        "the help page says that there is one form id",
        lambda env, ask, reply: helped(ask, reply, r"<td>Int32\[\]<td>FormIds", "<td>Int32<td>FormIds"),
    ),
    wire(
        "help-one-reply",
        "DOC-2",
        "the help page says that there is one reply option",
        lambda env, ask, reply: helped(ask, reply, r"<td>ReplyDto\[\]<td>", "<td>ReplyDto<td>"),
    ),
    wire(
        "help-sample-type",
        "DOC-2",
        "a number of the sample is text",
        lambda env, ask, reply: helped(ask, reply, r"(&quot;ServiceEdition&quot;|\"ServiceEdition\"): 4", r"\1: true"),
    ),
    password("password-fewer", "by password there is one message less", "AUTH-5", rows=fewer),
    password("password-subject", "by password the subjects are hidden", "AUTH-5", doc=other_subject),
    password("password-shut", "by password the reportees are shut", "AUTH-5", wire=shut),
)
