"""Faults that show only after a certain path: each single answer is right when it is asked for by itself, and most are
right again when they are asked for once more.

The path is that of a session, each step directly after the other. It is told by kinds of places and their relation, so
it can be walked whatever the URLs are.
"""

from collections.abc import Callable
from dataclasses import replace

from samsvar.miniature import access, cors
from samsvar.miniature.parts import Call, CallHook, Change, Fault, Parts
from samsvar.miniature.records import Document, Listing, Problem, Record, Result
from samsvar.miniature.switching import (
    HAL,
    When,
    always,
    at,
    both,
    edit_body,
    on_answer,
    on_listing,
    on_result,
    paging,
    refuse,
    single,
)
from samsvar.miniature.trails import (
    Memory,
    Way,
    apart,
    below,
    in_one_format,
    of_everybody,
    of_the_session,
    place,
    same,
    walked,
)
from samsvar.miniature.wire import Answer
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML, JSON, XML

BOX = "{who}/messages"
MESSAGE = "{who}/messages/{messageId}"
REPORTEES, REPORTEE = "reportees", "reportees/{reporteeId}"
KINDS = ("formtask", "correspondence", "lookup")
SERVICES = tuple(f"metadata/{kind}/{{serviceCode}}/{{serviceEditionCode}}" for kind in KINDS)
CRASH = Problem(500, "The resource cannot be shown just now")
GONE = Problem(404, "There is no such resource")
NO_SKIP = Problem(400, "The query parameter '$skip' is not supported")
PAGE_FOR_PEOPLE = Document(
    "text/html; charset=utf-8", b'<!DOCTYPE html>\n<html lang="nb"><head><title>Logg inn</title></head></html>\n'
)
SIBLING = {HAL_JSON: JSON, JSON: HAL_JSON, HAL_XML: XML, XML: HAL_XML}
LEAKING = ("Subject", "LastChangedDateTime", "Name", "ServiceName", "RoleName", "RoleDescription")
"""Members that the resource before leaves behind."""
SHARING = "access-control-"

box = at(BOX)
opened_from = at(BOX, MESSAGE)
service = at(*SERVICES)


def first_page(call: Call) -> bool:
    """A list from its beginning."""
    return not paging(call)


def whole(call: Call) -> bool:
    """A list without query options."""
    return not any(name.startswith("$") for name, _ in call.query)


def in_format(*formats: str) -> When:
    """Answered in one of these formats."""
    return lambda call: call.format in formats


def plain(call: Call) -> bool:
    """Answered in a plain format, without links."""
    return call.format in (JSON, XML)


def part(call: Call) -> bool:
    """A form, a file or a text of a message."""
    return call.template.startswith(f"{MESSAGE}/")


def mail(call: Call) -> bool:
    """A box, or something in it."""
    return call.template.startswith(BOX)


def origin_of(call: Call) -> str:
    """The origin that asks, "" if none does."""
    return call.ask.header("Origin") or ""


def accept_of(call: Call) -> str:
    return call.ask.header("Accept") or ""


def asked(call: Call) -> tuple[str, str]:
    """What the ask says: two asks that say the same should be answered alike."""
    return call.ask.target, accept_of(call)


def alone(call: Call) -> bool:
    """One resource by its key."""
    return call.template.endswith("}") and call.model != ""


def plainly(call: Call) -> bool:
    """One media type is accepted, and the place has its sibling too."""
    offered = call.route.formats if call.route else ()
    return accept_of(call) in FORMATS and accept_of(call) in offered and SIBLING[accept_of(call)] in offered


def weighing(call: Call) -> bool:
    """Accept weighs several media types."""
    return ";q=" in accept_of(call).replace(" ", "") and call.format in FORMATS


def told_language(call: Call) -> bool:
    """Asked for in a language other than bokmål."""
    return call.language != "1044"


def private(call: Call) -> bool:
    """Only with login."""
    return call.route is not None and call.route.access == "user"


def logged_in(call: Call) -> bool:
    """Somebody is logged in."""
    return access.key_problem(call.ask) is None and isinstance(access.user_of(call.ask), str)


def nobody(call: Call) -> bool:
    """With a key, without login."""
    return access.key_problem(call.ask) is None and access.user_of(call.ask) == access.NO_LOGIN


def accepting(call: Call, media_type: str) -> Call:
    """The same ask with another Accept."""
    kept = tuple(pair for pair in call.ask.headers if pair[0].lower() != "accept")
    return replace(call, ask=replace(call.ask, headers=(*kept, ("Accept", media_type))))


def on_call(hook: CallHook, when: When) -> Change:
    """Understands another ask than was made."""
    return lambda parts: replace(
        parts, calls=(*parts.calls, lambda call: hook(call) if call.trail and when(call) else call)
    )


def of_the_one_before(steps: int) -> CallHook:
    """Gives the place that was asked for so many steps before, under the name of this one."""
    return lambda call: replace(
        call,
        route=call.trail[-steps].route,
        variables=call.trail[-steps].variables,
        query=call.trail[-steps].query,
    )


def lasting(change: Callable[[When], Change], when: When) -> Change:
    """From then on at the place that met the condition last, as long as the session lasts."""

    def changed(parts: Parts) -> Parts:
        met: Memory[str] = Memory()

        def holds(call: Call) -> bool:
            if when(call):
                met.put(call.session, place(call))
            return met.get(call.session) == place(call)

        return change(holds)(parts)

    return changed


def emptied(call: Call, listing: Listing) -> Listing:
    """A list without elements."""
    return replace(listing, count=0)


def one_early(call: Call, listing: Listing) -> Listing:
    """Every element one place further back, so that a page begins with the last of the page before."""
    return replace(listing, at=lambda index: listing.at(max(index - 1, 0)))


def half(body: bytes) -> bytes:
    """A body that breaks off."""
    return body[: len(body) // 2]


def page_instead(when: When) -> Change:
    """A page for people."""
    return on_result(lambda call, result: PAGE_FOR_PEOPLE if when(call) else result)


def leaking(when: When) -> Change:
    """Some values of the resource that was read last stay in this one, if it is of the same kind."""

    def changed(parts: Parts) -> Parts:
        shown: Memory[Record] = Memory()
        last: Memory[Record] = Memory()

        def mix(call: Call, record: Record) -> Record:
            before = last.get(call.session)
            if record.elements is None and call.ask.method == "GET":
                shown.put(call.session, record)
            return mixed(record, before) if before and when(call) else record

        def note(call: Call, answer: Answer) -> Answer:
            record = shown.get(call.session)
            if record and answer.status == 200:
                last.put(call.session, record)
            return answer

        return parts.with_record(mix).with_final(note)

    return changed


def mixed(record: Record, before: Record) -> Record:
    """A record with some values of another of the same model."""
    for name in LEAKING if record.model == before.model else ():
        if record.get(name) is not None and before.get(name) is not None:
            record = record.having(name, before.get(name))
    return record


def cut_as_before(call: Call, listing: Listing) -> Listing:
    """A list cut to the size that was asked for two steps before."""
    top = call.trail[-2].parameter("$top") or ""
    return replace(listing, count=min(listing.count, int(top))) if top.isdecimal() else listing


def by_position(position: int, change: Callable[[When], Change]) -> Change:
    """At the box of the reportee that stands there in the list of reportees that the session read last."""

    def changed(parts: Parts) -> Parts:
        order: Memory[tuple[str, ...]] = Memory()

        def read(call: Call, record: Record) -> Record:
            if call.template == REPORTEES and record.elements:
                order.put(call.session, tuple(str(element.get("ReporteeId")) for element in record.elements))
            return record

        def there(call: Call) -> bool:
            found = order.get(call.session) or ()
            return len(found) > 1 and call.template == BOX and call.who == found[position]

        return change(there)(parts.with_record(read))

    return changed


def of_its_box(way: Way) -> bool:
    """The first step is the message that the second is a part of, or the box that it is in."""
    return way[0].who == way[1].who and way[0].variables.get("messageId") in (None, way[1].variables["messageId"])


def of_its_reportee(way: Way) -> bool:
    """After the reportees comes a box of one of them, after a reportee its own."""
    return way[1].who == way[0].variables.get("reporteeId", way[1].who).lower() != "my"


def lost_service(parts: Parts) -> Parts:
    """The service that was looked at between two readings of the list is no more in it, from the second reading on."""
    lost: Memory[str] = Memory()
    gone_back = walked(at("metadata"), service, at("metadata"), where=(below(0, 1),))

    def hook(call: Call, result: Result) -> Result:
        if gone_back(call):
            lost.put(call.session, place(call.trail[-1]))
        path = lost.get(call.session)
        if path is None or call.template != "metadata" or not isinstance(result, Listing):
            return result
        every = (result.at(index) for index in range(result.count))
        kept = tuple(element for element in every if element.self.lower() != path)
        return replace(result, count=len(kept), at=kept.__getitem__)

    return parts.with_result(hook)


def other_language_unchanged(parts: Parts) -> Parts:
    """304 for the tag of the answer just before, though that was in another language."""
    last: Memory[tuple[str, str, str]] = Memory()

    def hook(call: Call, answer: Answer) -> Answer:
        before = last.get(call.session)
        tag = answer.first("ETag")
        if tag is None or call.ask.method != "GET" or not call.format:
            return answer
        last.put(call.session, (place(call), call.language, tag))
        if answer.status != 200 or before is None or call.ask.header("If-None-Match") != before[2]:
            return answer
        if before[0] != place(call) or before[1] == call.language:
            return answer
        bare = replace(answer, status=304, reason=b"Not Modified", body=b"")
        return bare.without("Content-Length").without("Content-Type").having("ETag", before[2])

    return parts.with_final(hook)


def shared_with(origin: Callable[[Call], str], when: When) -> Change:
    """Shared with another origin than the one that asks."""

    def hook(call: Call, answer: Answer) -> Answer:
        if not when(call):
            return answer
        kept = tuple(pair for pair in answer.headers if not pair[0].lower().startswith(SHARING))
        told = tuple(
            (name, origin(call) if name == "Access-Control-Allow-Origin" else value)
            for name, value in cors.sharing_fields(origin_of(call.trail[-1]))
        )
        return replace(answer, headers=(*kept, *told))

    return on_answer(hook)


def from_the_cache(when: When) -> Change:
    """Whoever asks is taken for the one who asked just before."""

    def changed(parts: Parts) -> Parts:
        before = parts.admit

        def rule(call: Call) -> str | Problem:
            return access.user_of(call.trail[-1].ask) if when(call) else before(call)

        return replace(parts, admit=rule)

    return changed


def row(id_: str, statement: str, change: Change, companions: tuple[str, ...] = ()) -> Fault:
    """A fault of a path; its guarantee is the beginning of its id."""
    family, number, _ = id_.split("-", 2)
    return Fault(id_, f"{family.upper()}-{number}", statement, True, of_the_session(change), companions, path=True)


ROWS: tuple[Fault, ...] = (
    row(
        "reach-6-box-after-a-message-of-it-crashes",
        "A box that is asked for again directly after it and one of its messages is 500, once.",
        refuse(CRASH, walked(box, single, box, where=(below(0, 1), same(0, 2)))),
        ("HTTP-1", "GET-3", "EXAMPLE-1"),
    ),
    row(
        "reach-6-message-by-way-of-a-reportee-gone",
        "On the way reportees or reportee, box, message in it, the message is 404 in the format of the first, once.",
        refuse(
            GONE,
            walked(at(REPORTEES, REPORTEE), box, single, where=(of_its_reportee, below(1, 2), in_one_format(0, 2))),
        ),
        ("LINK-4", "GET-3"),
    ),
    row(
        "reach-6-reportees-after-a-part-of-a-message-empty",
        "After a message or its box in HAL, and a part of it, the reportees in hal+json are an empty list, once.",
        on_listing(
            emptied,
            walked(
                both(opened_from, in_format(*HAL)), part, both(at(REPORTEES), in_format(HAL_JSON)), where=(of_its_box,)
            ),
        ),
        ("REACH-1", "REACH-5", "GET-3"),
    ),
    row(
        "reach-6-message-before-instead",
        "After a message and its box another message of the box shows the first one, once.",
        on_call(
            of_the_one_before(2),
            walked(single, box, single, where=(below(1, 0), below(1, 2), apart(0, 2))),
        ),
        ("LINK-2", "LINK-3", "GET-3"),
    ),
    row(
        "reach-6-service-after-its-requirements-is-them",
        "After a service and its role requirements the service shows the role requirements again, once.",
        on_call(of_the_one_before(1), walked(service, at("metadata/rolerequirements"), service, where=(same(0, 2),))),
        ("LINK-2", "GET-3"),
    ),
    row(
        "format-3-message-after-a-part-of-it-broken-off",
        "A message that is asked for again directly after it and a part of it breaks off in the middle, once.",
        edit_body(half, when=walked(single, always, single, where=(below(0, 1), same(0, 2)))),
        ("REACH-6", "GET-3"),
    ),
    row(
        "reach-6-box-after-a-part-of-a-message-is-a-page",
        "A box without a query is a page for people directly after a message, or its box, and a part of it, once.",
        page_instead(walked(opened_from, part, both(box, whole), where=(of_its_box,))),
        ("FORMAT-2", "GET-3"),
    ),
    row(
        "reach-6-hal-xml-after-a-plain-reading-crashes",
        "After a list an element of it in a plain format and then at once in hal+xml: that is 500, once.",
        refuse(
            CRASH,
            walked(always, both(alone, plain), in_format(HAL_XML), where=(below(0, 1), same(1, 2))),
        ),
        ("FORMAT-1", "HTTP-1", "GET-3"),
    ),
    row(
        "format-4-values-of-the-one-before-in-hal-xml",
        "After an element and lists, another of that kind in hal+xml directly after its list has values of the first.",
        leaking(walked(always, both(alone, in_format(HAL_XML)), where=(below(0, 1),))),
        ("REACH-6", "GET-3"),
    ),
    row(
        "reach-4-page-two-after-a-message-repeats",
        "After page one and a message of it, page two begins with the last element of page one, once.",
        on_listing(
            one_early, walked(both(box, first_page), single, both(box, paging), where=(below(0, 1), same(0, 2)))
        ),
        ("LIST-2", "REACH-6", "GET-3"),
    ),
    row(
        "reach-4-page-two-after-a-plain-page-one-refused",
        "Page two of a box is refused directly after page one in a plain format, once.",
        refuse(NO_SKIP, walked(both(box, first_page, plain), both(box, paging), where=(same(0, 1),))),
        ("LIST-2", "REACH-6", "LINK-4", "GET-3"),
    ),
    row(
        "list-2-top-stays-for-the-next",
        "After a box with $top and any other place, the box without a query is cut to the same size, once.",
        on_listing(
            cut_as_before,
            walked(
                both(box, lambda call: call.parameter("$top") is not None),
                always,
                both(box, whole),
                where=(apart(0, 1), same(0, 2)),
            ),
        ),
        ("REACH-6", "REACH-4", "GET-3"),
    ),
    row(
        "reach-6-second-box-shows-the-one-before",
        "After a box or what is in it, and the list of reportees, the box of the second reportee shows that box, once.",
        by_position(
            1,
            lambda there: on_call(
                lambda call: replace(call, variables=call.trail[-2].variables),
                walked(mail, at(REPORTEES), both(box, there), where=(lambda way: way[0].who != way[2].who,)),
            ),
        ),
        ("LINK-3", "REACH-5", "GET-3"),
    ),
    row(
        "reach-6-last-box-after-reportees-in-xml-crashes",
        "The box of the last reportee is 500 directly after the list of reportees in XML, HAL or plain, once.",
        by_position(
            -1,
            lambda there: refuse(CRASH, walked(both(at(REPORTEES), in_format(XML, HAL_XML)), both(box, there))),
        ),
        ("HTTP-1", "GET-3"),
    ),
    row(
        "reach-5-service-missing-after-going-back",
        "When the list of services is read again directly after it and a service, the service is missing from then on.",
        lost_service,
        ("REACH-2", "REACH-6", "GET-3"),
    ),
    row(
        "get-3-reportee-gone-after-its-box",
        "A reportee that is asked for again directly after it and its box is 404 from then on.",
        lasting(
            lambda when: refuse(GONE, when),
            walked(at(REPORTEE), box, at(REPORTEE), where=(of_its_reportee, same(0, 2))),
        ),
        ("LINK-4", "REACH-6"),
    ),
    row(
        "accept-1-other-type-when-asked-again",
        "What is asked for in the same words twice, directly after what it stands below, comes in another format.",
        on_call(
            lambda call: accepting(call, SIBLING[accept_of(call)]),
            walked(
                always,
                plainly,
                plainly,
                where=(below(0, 1), lambda way: asked(way[1]) == asked(way[2])),
            ),
        ),
        ("FORMAT-2", "REACH-6", "GET-3"),
    ),
    row(
        "http-4-unchanged-in-another-language",
        "The tag of the answer just before gives 304, though that was in another language.",
        other_language_unchanged,
        ("MODEL-4", "REACH-6"),
    ),
    row(
        "model-4-language-of-the-list-stays",
        "An element that is asked for without language directly after its list in another comes in that one, once.",
        on_call(
            lambda call: replace(call, query=(*call.query, ("language", call.trail[-1].language))),
            walked(told_language, lambda call: call.parameter("language") is None, where=(below(0, 1),)),
        ),
        ("REACH-6", "GET-3"),
    ),
    row(
        "cors-2-origin-of-the-ask-before-stays",
        "A registered origin that asks for an element directly after another asked for the list gets that one back.",
        shared_with(
            lambda call: origin_of(call.trail[-1]),
            walked(
                lambda call: cors.allowed(origin_of(call)),
                lambda call: cors.allowed(origin_of(call)),
                where=(below(0, 1), lambda way: origin_of(way[0]) != origin_of(way[1])),
            ),
        ),
        ("CORS-1", "CORS-8", "REACH-6"),
    ),
    row(
        "cors-3-welcome-of-the-ask-before-stays",
        "An unregistered origin is allowed to read an element directly after a registered one asked for the list.",
        shared_with(
            origin_of,
            walked(
                lambda call: cors.allowed(origin_of(call)),
                lambda call: origin_of(call) not in ("", "null") and not cors.allowed(origin_of(call)),
                where=(below(0, 1),),
            ),
        ),
        ("CORS-5", "REACH-6"),
    ),
    row(
        "accept-1-format-of-a-quality-value-stays",
        "An element comes in the format of its list if that was just asked for with quality values, once.",
        on_call(
            lambda call: accepting(call, call.trail[-1].format),
            walked(
                weighing,
                plainly,
                where=(
                    below(0, 1),
                    lambda way: way[1].route is not None and way[0].format in way[1].route.formats,
                    lambda way: way[0].format != accept_of(way[1]),
                ),
            ),
        ),
        ("FORMAT-2", "REACH-6", "GET-3"),
    ),
    Fault(
        "auth-3-from-the-cache-after-a-login",
        "AUTH-3",
        "A private place comes without login, in the same format, directly after it came with one.",
        True,
        of_everybody(
            from_the_cache(
                walked(
                    both(private, logged_in),
                    both(private, nobody),
                    where=(same(0, 1), in_one_format(0, 1)),
                )
            )
        ),
        ("REACH-6",),
        path=True,
    ),
)
