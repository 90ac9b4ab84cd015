"""Faults of the FORMAT and ACCEPT families: the four representations and the choice among them."""

import re
from collections.abc import Callable
from dataclasses import replace

from samsvar.miniature.negotiation import PREFERENCE, MalformedAccept, negotiate, parse_accept
from samsvar.miniature.parts import Call, CallHook, Change, Choose, Fault, Parts
from samsvar.miniature.records import Instant, Link, Problem, Record, Value
from samsvar.miniature.switching import (
    at,
    both,
    chain,
    edit,
    edit_answer,
    edit_body,
    edit_elements,
    edit_good,
    edit_links,
    edit_whole,
    here_and_there,
    member,
    on_answer,
    paging,
    refuse,
    single,
    text,
    without_value,
)
from samsvar.miniature.wire import Answer
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML

BOX = "{who}/messages"
NOT_ACCEPTABLE = Problem(406, "This media type is not available here")


def choosing(rule: Choose) -> Change:
    """Another way to choose the media type."""
    return lambda parts: replace(parts, choose=rule)


def typed(media_type: str) -> Callable[[Answer], Answer]:
    """Says another Content-Type."""
    return lambda answer: answer.having("Content-Type", media_type)


def cut_time(value: Value) -> Value:
    """A date and time without the time of day, as the real environment once gave it."""
    return Instant(f"{value.text[:10]}T00:00:00") if isinstance(value, Instant) else value


def rounded(value: Value) -> Value:
    """A date and time without its fraction."""
    return Instant(value.text.partition(".")[0]) if isinstance(value, Instant) else value


def american(value: Value) -> Value:
    """A date and time as a server's culture writes it."""
    if not isinstance(value, Instant):
        return value
    year, month, rest = value.text[:4], value.text[5:7], value.text[8:]
    return Instant(f"{month}/{rest[:2]}/{year} {rest[3:11]}")


def instants(change: Callable[[Value], Value]) -> Callable[[Record], Record]:
    """Changes every date and time of a record."""
    return lambda record: replace(record, members=tuple((name, change(value)) for name, value in record.members))


def bare_attributes(link: Link) -> Link:
    """A link without its attributes, as an early library wrote it."""
    return replace(link, attributes=())


def grown_file(link: Link) -> Link:
    """A file size that is one byte off."""
    return replace(
        link,
        attributes=tuple(
            (name, value + 1 if name == "filesize" and isinstance(value, int) else value)
            for name, value in link.attributes
        ),
    )


def first_wish(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Takes the first known media type, whatever its weight."""
    for wish in parse_accept(accept or "*/*"):
        found = [media_type for media_type in PREFERENCE if media_type in offered and wish.fits(media_type)]
        if found:
            return found[0]
    return None


def zero_forgotten(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Takes q=0 for the smallest weight instead of an exclusion."""
    return negotiate(None if accept is None else re.sub(r"q=0(\.0*)?(?![\d.])", "q=0.001", accept), offered)


def general_first(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Lets a wildcard's weight win over that of the media type."""
    wishes = parse_accept(accept or "*/*")
    weights = {
        kind: max((w.weight for w in wishes if w.fits(kind)), default=0.0) for kind in PREFERENCE if kind in offered
    }
    best = max(weights, key=lambda kind: weights[kind])
    return best if weights[best] > 0 else None


def case_sensitive(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Knows media types in lower case only."""
    for part in (accept or "").split(","):
        if part.split(";")[0].strip() != part.split(";")[0].strip().lower():
            return None
    return negotiate(accept, offered)


def hal_case_sensitive(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Takes HAL in capitals for the plain format."""
    return negotiate((accept or "*/*").replace("HAL+", ""), offered)


def remembered(parts: Parts) -> Parts:
    """Without Accept, or with */*, gives the format of the ask before."""
    last = [JSON]

    def choose(accept: str | None, offered: tuple[str, ...]) -> str | None:
        if accept in (None, "", "*/*"):
            return last[0] if last[0] in offered else negotiate(accept, offered)
        found = negotiate(accept, offered)
        last[0] = found or last[0]
        return found

    return replace(parts, choose=choose)


def alternating(parts: Parts) -> Parts:
    """Gives */* a different format each time."""
    asked = [0]

    def choose(accept: str | None, offered: tuple[str, ...]) -> str | None:
        if accept not in (None, "", "*/*"):
            return negotiate(accept, offered)
        asked[0] += 1
        return offered[asked[0] % len(offered)]

    return replace(parts, choose=choose)


def by_suffix(call: Call) -> Call:
    """Lets ?format=xml and X-Requested-With decide before Accept."""
    wanted = {"xml": XML, "json": JSON}.get((call.parameter("format") or call.parameter("$format") or "").lower())
    if call.ask.header("X-Requested-With"):
        wanted = JSON
    return call if wanted is None else with_accept(call, wanted)


def by_language(call: Call) -> Call:
    """Lets Accept-Language decide: English speakers get the plain format."""
    english = (call.ask.header("Accept-Language") or "").lower().startswith("en")
    return with_accept(call, JSON) if english else call


def by_agent(call: Call) -> Call:
    """Gives browsers HAL, whatever they accept."""
    return with_accept(call, HAL_JSON) if "Mozilla" in (call.ask.header("User-Agent") or "") else call


def with_accept(call: Call, media_type: str) -> Call:
    """The call as if it had asked for that."""
    kept = tuple(pair for pair in call.ask.headers if pair[0].lower() != "accept")
    query = tuple(pair for pair in call.query if pair[0] != "$format")
    return replace(call, query=query, ask=replace(call.ask, headers=(*kept, ("Accept", media_type))))


def located(hook: CallHook) -> Change:
    """Changes a call before anything is decided."""
    return lambda parts: replace(parts, calls=(*parts.calls, hook))


def lenient(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Falls back to plain JSON when nothing fits."""
    try:
        return negotiate(accept, offered) or PREFERENCE[0]
    except MalformedAccept:
        return PREFERENCE[0]


def mislabelled(call: Call, answer: Answer) -> Answer:
    """Names what was asked for, whatever is in the body."""
    asked = (call.ask.header("Accept") or "").split(";")[0].split(",")[0].strip()
    strange = "/" in asked and "*" not in asked and asked.lower() not in FORMATS
    return answer.having("Content-Type", asked) if answer.status == 200 and strange and call.format else answer


def crashed(call: Call, answer: Answer) -> Answer:
    """Answers a malformed Accept with a crash."""
    return replace(answer, status=500, reason=b"Internal Server Error") if answer.status == 406 else answer


def crashed_on_malformed(call: Call, answer: Answer) -> Answer:
    malformed = answer.status == 406 and b"malformed" in answer.reason
    return replace(answer, status=500, reason=b"Internal Server Error") if malformed else answer


def shared_tag(call: Call, answer: Answer) -> Answer:
    """One tag for all formats of a place."""
    mark = str(abs(sum(map(ord, call.path + str(call.query)))))
    return answer.having("ETag", f'"{mark}"') if answer.first("ETag") else answer


def without_embedded(record: Record) -> Record:
    return replace(record, embedded=())


HAL_TYPES = (HAL_JSON, HAL_XML)
ROWS: tuple[Fault, ...] = (
    Fault(
        "format-1-no-xml",
        "FORMAT-1",
        "application/xml is refused everywhere.",
        False,
        refuse(NOT_ACCEPTABLE, lambda call: call.format == XML),
        ("ACCEPT-3", "REACH-6"),
    ),
    Fault(
        "format-1-no-hal-xml-for-one-message-alone",
        "FORMAT-1",
        "A message alone is not to be had as hal+xml.",
        True,
        refuse(NOT_ACCEPTABLE, both(single, lambda call: call.format == HAL_XML)),
        ("LINK-4", "REACH-6"),
    ),
    Fault(
        "format-2-always-plain-json",
        "FORMAT-2",
        "Every answer says that it is application/json.",
        False,
        edit_good(typed("application/json; charset=utf-8"), lambda call: bool(call.format)),
        ("FORMAT-3", "ACCEPT-3", "EXAMPLE-1"),
    ),
    Fault(
        "format-2-hal-xml-labelled-xml",
        "FORMAT-2",
        "Lists of messages in hal+xml say application/xml.",
        True,
        edit_good(
            typed("application/xml; charset=utf-8"),
            both(
                at(BOX), lambda call: call.format == HAL_XML or "hal+xml" in (call.ask.header("Accept") or "").lower()
            ),
        ),
        ("EXAMPLE-1",),
    ),
    Fault(
        "format-3-trailing-comma",
        "FORMAT-3",
        "JSON objects end with a comma.",
        False,
        edit_body(lambda body: body.rstrip(b"}") + b"," + b"}" * (len(body) - len(body.rstrip(b"}"))), (HAL_JSON,)),
    ),
    Fault(
        "format-3-ampersand-raw-in-one-xml",
        "FORMAT-3",
        "One text in application/xml has an unescaped ampersand.",
        True,
        edit_body(lambda body: body.replace(b"&amp;", b"&", 1), (XML,), at("metadata")),
    ),
    Fault(
        "format-3-latin-1-called-utf-8",
        "FORMAT-3",
        "hal+xml is sent in Latin-1 and says UTF-8.",
        True,
        edit_body(lambda body: body.decode().encode("latin-1", "replace"), (HAL_XML,), at("reportees")),
    ),
    Fault(
        "format-3-duplicate-member",
        "FORMAT-3",
        "A member is written twice with different values in plain JSON.",
        True,
        edit_body(lambda body: body.replace(b'"MessageId":', b'"MessageId": "", "MessageId":', 1), (JSON,)),
    ),
    Fault(
        "format-3-control-character",
        "FORMAT-3",
        "A control character stands in the XML of messages.",
        True,
        edit_body(lambda body: body.replace(b"<Status>", b"<Status>\x0b", 1), (XML,), single),
    ),
    Fault(
        "format-4-leading-zero-lost-in-xml",
        "FORMAT-4",
        "Codes lose their leading zeros in application/xml.",
        True,
        edit(member("ServiceCode", text(lambda code: code.lstrip("0"))), formats=(XML,)),
    ),
    Fault(
        "format-4-time-lost-in-json",
        "FORMAT-4",
        "Plain JSON gives dates without the time of day.",
        False,
        edit(instants(cut_time), formats=(JSON,)),
    ),
    Fault(
        "format-4-reply-options-missing-in-xml",
        "FORMAT-4",
        "application/xml has no ReplyOptions.",
        False,
        edit(lambda record: record.lacking("ReplyOptions"), "Message", (XML,)),
    ),
    Fault(
        "format-4-blank-trimmed-in-hal-xml",
        "FORMAT-4",
        "Names and subjects lose trailing blanks in hal+xml.",
        True,
        chain(
            edit(member("Subject", text(str.rstrip)), formats=(HAL_XML,)),
            edit(member("Name", text(str.rstrip)), formats=(HAL_XML,)),
        ),
    ),
    Fault(
        "format-4-fraction-lost-in-hal-json",
        "FORMAT-4",
        "CreatedDate has no fraction in hal+json.",
        True,
        edit(member("CreatedDate", rounded), formats=(HAL_JSON,)),
    ),
    Fault(
        "format-4-flag-inverted-here-and-there",
        "FORMAT-4",
        "MarkedUnread is inverted in hal+xml for some messages.",
        True,
        edit(here_and_there(member("MarkedUnread", lambda value: not value)), "Message", (HAL_XML,)),
    ),
    Fault(
        "format-4-emoji-lost-in-xml",
        "FORMAT-4",
        "Characters beyond the basic plane become ? in application/xml.",
        True,
        edit_body(lambda body: re.sub("[\U00010000-\U0010ffff]", "?", body.decode()).encode(), (XML,)),
    ),
    Fault(
        "format-4-empty-text-left-out",
        "FORMAT-4",
        "Empty texts are left out in plain JSON.",
        True,
        edit(lambda record: record.lacking(*(name for name, value in record.members if value == "")), formats=(JSON,)),
    ),
    Fault(
        "format-4-other-language-in-hal-xml",
        "FORMAT-4",
        "Status is capitalised in hal+xml.",
        True,
        edit(member("Status", text(str.upper)), "Message", (HAL_XML,)),
    ),
    Fault(
        "format-5-element-missing-in-xml",
        "FORMAT-5",
        "Lists lack their last element in application/xml.",
        False,
        edit_elements(lambda elements: elements[:-1], (XML,)),
        ("FORMAT-4",),
    ),
    Fault(
        "format-5-element-missing-on-page-two",
        "FORMAT-5",
        "Pages after the first lack one element in plain JSON.",
        True,
        edit_elements(lambda elements: (*elements[:1], *elements[2:]), (JSON,), paging),
        ("LIST-2",),
    ),
    Fault(
        "format-5-element-twice-in-hal-xml",
        "FORMAT-5",
        "The first service stands twice in hal+xml.",
        True,
        edit_elements(lambda elements: (*elements[:1], *elements), (HAL_XML,), at("metadata")),
        ("FORMAT-7",),
    ),
    Fault(
        "format-6-attributes-lost-in-hal-xml",
        "FORMAT-6",
        "hal+xml links have only rel and href.",
        False,
        edit_links(bare_attributes, formats=(HAL_XML,)),
    ),
    Fault(
        "format-6-file-size-off-in-hal-xml",
        "FORMAT-6",
        "File sizes on links are one off in hal+xml.",
        True,
        edit_links(grown_file, formats=(HAL_XML,), only="attachment"),
        ("LINK-3",),
    ),
    Fault(
        "format-6-rolerequirements-missing-in-hal-xml",
        "FORMAT-6",
        "hal+xml does not link rolerequirements.",
        True,
        edit_links(lambda link: None, formats=(HAL_XML,), only="rolerequirements"),
    ),
    Fault(
        "format-7-nothing-embedded-in-hal-xml",
        "FORMAT-7",
        "hal+xml lists embed nothing.",
        False,
        edit_elements(lambda elements: (), (HAL_XML,)),
        ("FORMAT-4", "FORMAT-5", "REACH-1", "LINK-2"),
    ),
    Fault(
        "format-7-roles-not-embedded-in-hal-xml",
        "FORMAT-7",
        "A right holder embeds nothing in hal+xml.",
        True,
        edit_whole(without_embedded, (HAL_XML,), at("{who}/authorization/delegations/{receiverId}")),
        ("FORMAT-4",),
    ),
    Fault(
        "format-7-last-reportee-not-embedded",
        "FORMAT-7",
        "The last reportee is missing in hal+xml.",
        True,
        edit_elements(lambda elements: elements[:-1], (HAL_XML,), at("reportees")),
        ("FORMAT-4", "FORMAT-5"),
    ),
    Fault(
        "format-8-true-with-capital",
        "FORMAT-8",
        "Booleans in XML are written True and False.",
        False,
        edit_body(lambda body: body.replace(b">true<", b">True<").replace(b">false<", b">False<"), (HAL_XML, XML)),
    ),
    Fault(
        "format-8-american-dates-in-xml",
        "FORMAT-8",
        "Dates in hal+xml are written as a server's culture writes them.",
        False,
        edit(instants(american), formats=(HAL_XML,)),
        ("FORMAT-4",),
    ),
    Fault(
        "format-8-blank-for-t-in-one-date",
        "FORMAT-8",
        "ValidTo has a blank instead of T, in every format.",
        True,
        edit(
            member(
                "ValidTo", lambda value: Instant(value.text.replace("T", " ")) if isinstance(value, Instant) else value
            )
        ),
    ),
    Fault(
        "accept-1-suffix-decides",
        "ACCEPT-1",
        "?format= and X-Requested-With decide before Accept.",
        False,
        located(by_suffix),
    ),
    Fault("accept-1-language-decides", "ACCEPT-1", "Accept-Language: en gives plain JSON.", True, located(by_language)),
    Fault("accept-1-browser-decides", "ACCEPT-1", "Browsers get HAL whatever they accept.", True, located(by_agent)),
    Fault(
        "accept-1-earlier-request-decides",
        "ACCEPT-1",
        "Without Accept comes the format of the ask before.",
        True,
        remembered,
        ("ACCEPT-4", "GET-3"),
    ),
    Fault(
        "accept-2-capitals-refused",
        "ACCEPT-2",
        "Media types with capitals are refused.",
        False,
        choosing(case_sensitive),
    ),
    Fault(
        "accept-2-capital-hal-is-plain",
        "ACCEPT-2",
        "application/HAL+json gives the plain format.",
        True,
        choosing(hal_case_sensitive),
    ),
    Fault(
        "accept-3-weights-ignored",
        "ACCEPT-3",
        "The first media type wins, whatever its weight.",
        False,
        choosing(first_wish),
    ),
    Fault(
        "accept-3-zero-not-excluded", "ACCEPT-3", "q=0 does not exclude.", True, choosing(zero_forgotten), ("ACCEPT-5",)
    ),
    Fault(
        "accept-3-wildcard-wins",
        "ACCEPT-3",
        "The weight of a wildcard wins over that of a media type.",
        True,
        choosing(general_first),
    ),
    Fault(
        "accept-4-anything-alternates",
        "ACCEPT-4",
        "*/* gives another format each time.",
        False,
        alternating,
        ("GET-3",),
    ),
    Fault(
        "accept-4-default-mislabelled",
        "ACCEPT-4",
        "Without Accept, plain JSON comes as hal+xml.",
        True,
        edit_good(typed(HAL_XML), lambda call: call.ask.header("Accept") is None and bool(call.format)),
        ("FORMAT-3",),
    ),
    Fault("accept-5-unmet-crashes", "ACCEPT-5", "An Accept that cannot be met gives 500.", False, on_answer(crashed)),
    Fault(
        "accept-5-malformed-crashes", "ACCEPT-5", "A malformed Accept gives 500.", True, on_answer(crashed_on_malformed)
    ),
    Fault(
        "accept-5-label-follows-accept",
        "ACCEPT-5",
        "An Accept that cannot be met gives JSON under the asked name.",
        True,
        chain(choosing(lenient), on_answer(mislabelled)),
        ("FORMAT-2",),
    ),
    Fault(
        "accept-6-no-vary",
        "ACCEPT-6",
        "No answer says that it depends on Accept.",
        False,
        edit_answer(without_value("Accept", "Vary")),
    ),
    Fault(
        "accept-6-no-vary-in-hal-xml",
        "ACCEPT-6",
        "hal+xml does not say that it depends on Accept.",
        True,
        on_answer(
            lambda call, answer: (
                without_value("Accept", "Vary")(answer) if HAL_XML in (answer.first("Content-Type") or "") else answer
            )
        ),
    ),
    Fault(
        "accept-7-one-tag-for-all",
        "ACCEPT-7",
        "All formats of a place share one strong tag.",
        False,
        on_answer(shared_tag),
        ("HTTP-4",),
    ),
    Fault(
        "accept-7-one-tag-for-messages",
        "ACCEPT-7",
        "All formats of a message share one strong tag.",
        True,
        on_answer(lambda call, answer: shared_tag(call, answer) if single(call) else answer),
        ("HTTP-4",),
    ),
)
