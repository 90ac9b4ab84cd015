"""What depends on the path or the hour and breaks no promise: the other side of `foreign.paths`.

Each row is a `Twist` without guarantees, as in `foreign.variations`.
"""

import base64
import gzip
import json
import re
from email.utils import formatdate

from foreign.content import UNREAD, Message, Text
from foreign.paths import FILES, PAGED, Run, Seen, at, key, one_box, path, seen
from foreign.serving import Ask, Environment, Reply, Twist
from foreign.writing import HAL_JSON, JSON, Doc

CHANGING = ("etag", "etag-weak", "honest-cache", "etag-strength-turns", "gzip", "gzip-later")
"""With a body that is another one each time, a validator is of no use, and its compressed length is never the same."""

ENTRIES = ("", "metadata", "my/messages", "reportees")


def honest_cache(env: Environment, ask: Ask, reply: Reply, now: Seen, run: Run | None) -> None:
    """Open answers are kept for five asks under all that they depend on, and tell their age."""
    kept = env.memory.setdefault("honest cache", {})
    name = key(now, "")
    if ask.format and reply.status == 200 and ask.open:
        reply.put("Cache-Control", "public, max-age=60")
        if name in kept and env.asked - kept[name] < 5:
            reply.put("Age", str(env.asked - kept[name]))
        else:
            kept[name] = env.asked


def aged_page(env: Environment, ask: Ask, reply: Reply, now: Seen, run: Run | None) -> None:
    """The first page of a box is kept for two asks, and tells its age."""
    kept = env.memory.setdefault("aged page", {})
    name = key(now, "")
    if now.kind != "box" or now.paged or reply.status != 200:
        return
    reply.put("Cache-Control", "private, max-age=3")
    if ask.method != "GET":
        return
    old = kept.get(name)
    if old and old[1]:
        old[1] -= 1
        reply.body = old[0]
        reply.put("Age", str(2 - old[1]))
    else:
        kept[name] = [reply.body, 2]


def fresh_links(env: Environment, ask: Ask, doc: Doc) -> None:
    """Every answer has a token of its own in its links; each stays good."""
    for one in (doc, *doc.items):
        for link in one.links:
            below = link.href.removeprefix(env.root + "/")
            if below != link.href and below.partition("?")[0] not in ENTRIES and not link.templated:
                link.href = f"{env.root}/t{env.asked:06x}/{below}"


def without_token(env: Environment, ask: Ask) -> None:
    ask.path = re.sub(r"^(again/)?t[0-9a-f]+/", r"\1", ask.path)


def continued(env: Environment, ask: Ask, doc: Doc) -> None:
    """The next page is named by a token that is made anew each time."""
    for link in doc.links:
        if link.rel == "next":
            rest = link.href.partition("%24skip=")[2].partition("&")[0]
            mark = base64.urlsafe_b64encode(f"{rest}.{env.asked}".encode()).decode().rstrip("=")
            link.href = link.href.replace(f"%24skip={rest}", f"continuation={mark}")


def continuing(env: Environment, ask: Ask) -> None:
    mark = ask.query.pop("continuation", "")
    if mark:
        ask.query["$skip"] = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode().partition(".")[0]


def letter(number: int, subject: str) -> Message:
    return Message(
        f"a{83000 + number}",
        "Correspondence",
        subject,
        UNREAD,
        ("0519", 190402),
        f"2026-11-{number + 1:02}T12:00:00",
        f"2026-11-{number + 1:02}T12:00:00",
        sender="Åsmo kommune",
        by="Åsmo kommune",
        summary="Nytt",
        body="<p>Nytt</p>",
    )


def arrive(env: Environment, ask: Ask, reply: Reply, run: Run) -> None:
    """Once, while somebody has a message of the company open."""
    box = env.world.box("r60002")
    if box and not env.memory.get("arrived"):
        env.memory["arrived"] = True
        box.messages.append(letter(0, "Brev midt i turen"))


def grow(env: Environment, ask: Ask) -> Reply | None:
    box = env.world.box("r60003")
    number = env.asked // 90
    if box and number > len(box.messages) and number <= 6:
        box.messages.append(letter(number, f"Nr. {number}"))
    return None


def sign(env: Environment, ask: Ask, reply: Reply, run: Run) -> None:
    """Once, a colleague takes a form on to signing after it was looked at: not our doing, and told by its date."""
    if not env.memory.get("signed"):
        env.memory["signed"] = True
        for message in env.world.boxes[0].messages:
            if message.id == "a71003":
                message.status = Text(("Signing", "Signering", "Signering"))
                message.changed = "2026-11-22T09:30:00.25"


def turn_members(env: Environment, ask: Ask, doc: Doc) -> None:
    for one in (doc, *doc.items):
        rows = list(one.props.items())
        by = env.asked % (len(rows) or 1)
        one.props = dict(rows[by:] + rows[:by])


def turn_links(env: Environment, ask: Ask, doc: Doc) -> None:
    """Relations come in another order each time; links of one relation keep theirs."""
    for one in (doc, *doc.items):
        names = list(dict.fromkeys(link.rel for link in one.links))
        by = env.asked % (len(names) or 1)
        one.links = [link for name in names[by:] + names[:by] for link in one.links if link.rel == name]


def cookie(env: Environment, ask: Ask, reply: Reply) -> None:
    if not ask.headers.get("Cookie"):
        reply.headers.append(("Set-Cookie", f"session={env.asked:08x}; Path=/api; HttpOnly"))


def busy_after_file(env: Environment, ask: Ask, run: Run) -> Reply | None:
    """Each twentieth time that a document was read, what comes next has to come again."""
    env.memory["files"] = env.memory.get("files", 0) + 1
    if env.memory["files"] % 20:
        return None
    return Reply(503, "Service Unavailable", [("Retry-After", "0"), ("Content-Type", "text/plain")], b"Busy")


def again(env: Environment, ask: Ask) -> Reply | None:
    """Each second visit of a place leads once around the corner."""
    if ask.method != "GET" or "/again/" in ask.target or not ask.target.startswith("/api/"):
        return None
    now = seen(env, ask)
    counts = env.memory.setdefault("again", {})
    name = (ask.target, now.media)
    counts[name] = counts.get(name, 0) + 1
    if counts[name] % 2:
        return None
    return Reply(307, "Temporary Redirect", [("Location", "/api/again/" + ask.target.removeprefix("/api/"))], b"")


def around(env: Environment, ask: Ask) -> None:
    ask.path = ask.path.removeprefix("again/")


def turn_strength(env: Environment, ask: Ask, reply: Reply) -> None:
    mark = reply.get("ETag")
    if mark and env.asked % 2:
        reply.put("ETag", "W/" + mark)


def told_now(env: Environment, ask: Ask, reply: Reply) -> None:
    reply.put("Date", formatdate(usegmt=True))
    reply.put("X-Request-Id", f"{env.asked * 2654435761 % 2**32:08x}")
    reply.put("Server-Timing", f"db;dur={env.asked % 17}")


def quota(env: Environment, ask: Ask, reply: Reply) -> None:
    reply.put("RateLimit-Limit", "100")
    reply.put("RateLimit-Remaining", str(100 - env.asked % 100))


def turn_framing(env: Environment, ask: Ask, reply: Reply) -> None:
    env.settings["chunked"] = env.asked % 2 == 1


def packed_later(env: Environment, ask: Ask, reply: Reply) -> None:
    if env.asked >= 3 and reply.body and "gzip" in (ask.headers.get("Accept-Encoding") or ""):
        reply.body = gzip.compress(reply.body, 1, mtime=0)
        reply.put("Content-Encoding", "gzip")
        reply.put("Vary", "Accept, Origin, Accept-Encoding")


def two_nodes(env: Environment, ask: Ask, reply: Reply) -> None:
    reply.put("Server", f"node-{env.asked % 2}")


def two_hands(env: Environment, ask: Ask, body: bytes) -> bytes:
    """One of the nodes writes JSON with line breaks."""
    if env.asked % 2 and ask.format in (JSON, HAL_JSON):
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2).encode()
    return body


def hang_up(env: Environment, ask: Ask, reply: Reply) -> None:
    if env.asked % 10 == 0:
        reply.put("Connection", "close")


def widen(env: Environment, ask: Ask, reply: Reply) -> None:
    if env.asked > 20:
        reply.put("Vary", "Origin, Accept, Cookie, Accept-Language")


PATH_VARIATIONS = (
    path(
        "honest-cache",
        "",
        "open answers are kept under all that they depend on, with Age and ETag",
        (at(),),
        settings={"etag": "strong"},
        always=honest_cache,
    ),
    path(
        "aged-first-page",
        "",
        "the first page is kept for two asks, with Age",
        (at(),),
        settings=PAGED,
        size=7,
        always=aged_page,
    ),
    Twist(
        "fresh-links",
        "links are made anew in every answer and stay good",
        doc=fresh_links,
        ask=without_token,
        clash=CHANGING,
    ),
    Twist(
        "next-tokens",
        "the next page is named by a token, another one each time",
        settings=PAGED,
        size=7,
        doc=continued,
        ask=continuing,
    ),
    path(
        "letter-in-walk",
        "",
        "a message arrives while another one is open",
        (at("box"), at("message")),
        lambda run: one_box(run) and run[0].who == "r60002",
        wire=arrive,
    ),
    Twist("growing-box", "a box grows slowly", early=grow, clash=("aged-first-page",)),
    path(
        "colleague-signs",
        "",
        "a colleague takes a form on after it was read, and the date of the last change says so",
        (at("form"), at("formdata")),
        wire=sign,
    ),
    Twist("members-turn", "the order of members is another in each answer", doc=turn_members, clash=CHANGING),
    Twist("links-turn", "the order of relations is another in each answer", doc=turn_links, clash=CHANGING),
    Twist("session-cookie", "whoever has no cookie gets one", wire=cookie),
    path(
        "busy-after-file",
        "",
        "503 with Retry-After after each twentieth document",
        (at(*FILES), at()),
        early=busy_after_file,
    ),
    Twist("second-visit-redirects", "each second visit is redirected inside the origin", early=again, ask=around),
    Twist(
        "etag-strength-turns",
        "a validator is weak in each second answer",
        settings={"etag": "strong"},
        wire=turn_strength,
        clash=("honest-cache",),
    ),
    Twist("told-now", "the date and the number of the request", wire=told_now),
    Twist("quota-told", "what is left of a quota that is never used up", wire=quota),
    Twist("framing-turns", "a length and chunks take turns", wire=turn_framing),
    Twist("gzip-later", "answers are compressed from the third on, for those who take it", wire=packed_later),
    Twist("two-nodes", "two nodes with other names and another hand", wire=two_nodes, body=two_hands),
    Twist("hangs-up", "each tenth answer closes the connection", wire=hang_up),
    Twist("vary-widens", "answers depend on more as time goes on", wire=widen),
)
