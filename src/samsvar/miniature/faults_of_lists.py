"""Faults of the GET, HTTP, LIST and MODEL families: methods, status, framing, searching, models."""

import gzip
from collections.abc import Callable
from dataclasses import replace

from samsvar.miniature import odata
from samsvar.miniature.parts import Call, Change, Fault, Parts
from samsvar.miniature.records import Instant, Listing, Problem, Record, Result, Value
from samsvar.miniature.switching import (
    at,
    edit,
    edit_answer,
    here_and_there,
    member,
    on_answer,
    on_final,
    on_listing,
    paging,
    refuse,
    single,
    text,
)
from samsvar.miniature.wire import Answer, Framing
from samsvar.model.exchange import HAL_JSON, JSON

BOX = "{who}/messages"
MESSAGE = "{who}/messages/{messageId}"
ATTACHMENT = f"{MESSAGE}/attachments/{{attachmentId}}"
POST_ONLY = Problem(405, "The method GET is not supported here", (("Allow", "POST, OPTIONS"),))
TRACE = (
    "System.NullReferenceException: Object reference not set to an instance of an object.\n   at "
    "Altinn.SBL.AltinnWebAPI.Controllers.MessagesController.Get(String who) in C:\\agent\\src\\M.cs:line 212"
)


def retried_as_get(methods: tuple[str, ...]) -> Change:
    """Treats these methods as GET."""
    return lambda parts: replace(
        parts,
        calls=(
            *parts.calls,
            lambda call: replace(call, ask=replace(call.ask, method="GET")) if call.ask.method in methods else call,
        ),
    )


def unallowed(answer: Answer) -> Answer:
    """405 without Allow."""
    return answer.without("Allow") if answer.status == 405 else answer


def clearing(parts: Parts) -> Parts:
    """Looking at a message alone takes its mark away, although only its status may change, and only when asked to."""
    seen: set[str] = set()

    def note(call: Call, answer: Answer) -> Answer:
        seen.update({call.path.rpartition("/")[2]} if single(call) and answer.status == 200 else ())
        return answer

    def shown(record: Record) -> Record:
        return record.having("MarkedUnread", False) if str(record.get("MessageId")) in seen else record

    return edit(shown, "Message")(parts.with_answer(note))


def touching(parts: Parts) -> Parts:
    """Reading a letter marks it, and from then on it was also changed by that."""
    seen: set[str] = set()

    def note(call: Call, result: Result) -> Result:
        if single(call) and call.parameter("markAsRead") is None and isinstance(result, Record):
            seen.add(str(result.get("MessageId")))
        return result

    def shown(record: Record) -> Record:
        late = str(record.get("MessageId")) in seen and record.get("Type") == "Correspondence"
        return record.having("LastChangedDateTime", Instant("2026-11-01T12:00:01")) if late else record

    return edit(shown, "Message")(parts.with_result(note))


def head_differs(call: Call, answer: Answer) -> Answer:
    """HEAD has another length than GET."""
    return answer.having("Content-Length", "0") if call.ask.method == "HEAD" else answer


def head_refused(call: Call, answer: Answer) -> Answer:
    """HEAD is not supported."""
    refused = replace(answer, status=405, reason=b"Method Not Allowed")
    return (
        refused.having("Allow", "GET, OPTIONS").having("Content-Length", "0") if call.ask.method == "HEAD" else answer
    )


def head_untyped(call: Call, answer: Answer) -> Answer:
    """HEAD does not tell the type of documents."""
    return answer.without("Content-Type") if call.ask.method == "HEAD" and not call.format else answer


def error_as_200(answer: Answer) -> Answer:
    """An error with the status of success."""
    return replace(answer, status=200, reason=b"OK") if answer.status in (400, 404) else answer


def status(old: int, new: int, phrase: bytes) -> Callable[[Answer], Answer]:
    """Another status."""
    return lambda answer: replace(answer, status=new, reason=phrase) if answer.status == old else answer


def unknown_message_empty(call: Call, answer: Answer) -> Answer:
    """A message that does not exist is an empty 200."""
    unknown = single(call) and answer.status == 404
    return (
        replace(answer, status=200, reason=b"OK").carrying(b"{}").having("Content-Type", "application/json")
        if unknown
        else answer
    )


def framed(framing: Framing, when: Callable[[Call], bool]) -> Change:
    """Sends whole answers in another way."""
    return on_final(lambda call, answer: replace(answer, framing=framing) if answer.body and when(call) else answer)


def false_gzip(call: Call, answer: Answer) -> Answer:
    """Says gzip and sends none."""
    return answer.adding("Content-Encoding", "gzip") if answer.body and call.template == "reportees" else answer


def cut_gzip(call: Call, answer: Answer) -> Answer:
    """gzip that breaks off, with a length that is true of the piece."""
    if "gzip" not in (call.ask.header("Accept-Encoding") or "") or len(answer.body) < 2000:
        return answer
    packed = gzip.compress(answer.body, mtime=0)
    return answer.carrying(packed[: len(packed) - 12]).adding("Content-Encoding", "gzip")


def stack_trace(call: Call, answer: Answer) -> Answer:
    """The insides in the body of an error."""
    return answer.carrying(TRACE.encode()).having("Content-Type", "text/plain") if answer.status >= 400 else answer


def mute(call: Call, answer: Answer) -> Answer:
    """400 about a query without a word; what is said of keys stays."""
    about_query = answer.status == 400 and call.ask.header("ApiKey") is not None
    return replace(answer, reason=b"Bad Request").carrying(b"") if about_query else answer


def always_304(call: Call, answer: Answer) -> Answer:
    """Any validator at all gives 304."""
    if call.ask.header("If-None-Match") is None or answer.status != 200:
        return answer
    return (
        replace(answer, status=304, reason=b"Not Modified", body=b"").without("Content-Length").without("Content-Type")
    )


def unheeded(parts: Parts) -> Parts:
    """Nobody looks at If-None-Match."""
    return replace(
        parts,
        calls=(
            *parts.calls,
            lambda call: replace(
                call,
                ask=replace(
                    call.ask, headers=tuple(pair for pair in call.ask.headers if pair[0].lower() != "if-none-match")
                ),
            ),
        ),
    )


def new_tag(call: Call, answer: Answer) -> Answer:
    """A tag that is new each time."""
    return answer.having("ETag", f'"{call.number}"') if answer.first("ETag") else answer


def unlimited(call: Call, listing: Listing) -> Listing:
    """No limit at all."""
    return replace(listing, limited=False)


def one_more(parts: Parts) -> Parts:
    """Fifty-one elements."""
    return replace(parts, page=51, served=51)


def dropped(name: str, when: Callable[[Call], bool] = lambda call: True) -> Change:
    """A query option that nobody looks at."""
    return lambda parts: replace(
        parts,
        calls=(
            *parts.calls,
            lambda call: (
                replace(call, query=tuple(pair for pair in call.query if pair[0] != name)) if when(call) else call
            ),
        ),
    )


def turned(call: Call, listing: Listing) -> Listing:
    """The other way round, when $top is given."""
    return replace(listing, at=lambda index: listing.at(listing.count - 1 - index))


def shifted_window(call: Call, listing: Listing) -> Listing:
    """Everything one place further on, when both $skip and $top are given."""
    return replace(listing, count=max(listing.count - 1, 0), at=lambda index: listing.at(index + 1))


def filtering(rule: Callable[[str], str]) -> Change:
    """Reads another condition than was written."""

    def changed(parts: Parts) -> Parts:
        before = parts.parse_filter
        return replace(parts, parse_filter=lambda words, model: before(rule(words), model))

    return changed


def leaking(parts: Parts) -> Parts:
    """``ne`` lets the first of those through that it should leave out."""
    before = parts.parse_filter

    def parse(words: str, model: str) -> Callable[[Record], bool]:
        keep = before(words, model)
        let: list[bool] = []

        def keeps(record: Record) -> bool:
            if keep(record) or " ne " not in words or let:
                return keep(record)
            let.append(True)
            return True

        return keeps

    return replace(parts, parse_filter=parse)


def unsorted(records: list[Record], order: object) -> list[Record]:
    """$orderby changes nothing."""
    return records


def ascending(records: list[Record], order: tuple[tuple[odata.Term, bool], ...]) -> list[Record]:
    """``desc`` is not heeded."""
    return odata.ordered(records, tuple((term, False) for term, _ in order))


def forgiving(parts: Parts) -> Parts:
    """A $filter that cannot be understood lets everything through."""
    before = parts.parse_filter

    def parse(words: str, model: str) -> Callable[[Record], bool]:
        try:
            return before(words, model)
        except odata.QueryError:
            return lambda record: True

    return replace(parts, parse_filter=parse)


def unknown_finds_nothing(parts: Parts) -> Parts:
    """A $filter by an unknown property is an empty list."""
    before = parts.parse_filter

    def parse(words: str, model: str) -> Callable[[Record], bool]:
        try:
            return before(words, model)
        except odata.QueryError as error:
            if "Could not find" not in str(error):
                raise
            return lambda record: False

    return replace(parts, parse_filter=parse)


def renamed(old: str, new: str) -> Callable[[Record], Record]:
    """A member under another name."""
    return lambda record: replace(
        record, members=tuple((new if name == old else name, value) for name, value in record.members)
    )


def as_text(value: Value) -> Value:
    """A number as text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def other_option(record: Record) -> Record:
    """Reply options of a type that no documentation knows."""
    found = record.get("ReplyOptions")
    if not isinstance(found, tuple):
        return record
    words = {"URL": "Url"}
    return record.having(
        "ReplyOptions",
        tuple(
            member("Type", text(lambda word: words.get(word, word)))(inner) if isinstance(inner, Record) else inner
            for inner in found
        ),
    )


def in_english(change: Callable[[Record], Record], model: str) -> Change:
    """Only when asked for in English."""
    return edit(change, model, when=lambda call: call.language == "1033")


LIMIT = "X-Warning-LimitReached"
ROWS: tuple[Fault, ...] = (
    Fault(
        "get-1-attachments-need-post",
        "GET-1",
        "Attachments are not to be had by GET.",
        False,
        refuse(POST_ONLY, at(ATTACHMENT)),
        ("LINK-3", "LINK-4", "REACH-6"),
    ),
    Fault(
        "get-1-signing-text-needs-post",
        "GET-1",
        "Signing texts are not to be had by GET.",
        True,
        refuse(POST_ONLY, at(f"{MESSAGE}/signingtext")),
        ("LINK-4", "REACH-6"),
    ),
    Fault(
        "get-2-post-retrieves",
        "GET-2",
        "POST and PUT retrieve what GET retrieves.",
        False,
        retried_as_get(("POST", "PUT")),
    ),
    Fault("get-2-patch-retrieves", "GET-2", "PATCH retrieves what GET retrieves.", True, retried_as_get(("PATCH",))),
    Fault("get-2-no-allow", "GET-2", "405 does not say what is allowed.", True, edit_answer(unallowed)),
    Fault(
        "get-2-options-allow-delete-on-metadata",
        "GET-2",
        "OPTIONS say that metadata can be deleted.",
        True,
        on_answer(
            lambda call, answer: (
                answer.having("Allow", f"{answer.first('Allow')}, DELETE")
                if call.template.startswith("metadata") and answer.first("Allow")
                else answer
            )
        ),
    ),
    Fault(
        "get-3-always-marks-as-read",
        "GET-3",
        "markAsRead=false marks as read.",
        False,
        lambda parts: replace(parts, marks_read=lambda call: True),
    ),
    Fault(
        "get-3-looking-takes-the-mark-away",
        "GET-3",
        "MarkedUnread is false once a message has been looked at, whatever markAsRead says.",
        True,
        clearing,
        ("FORMAT-4",),
    ),
    Fault("get-4-head-says-empty", "GET-4", "HEAD says that there is nothing.", False, on_final(head_differs)),
    Fault("get-4-head-refused", "GET-4", "HEAD is refused.", False, on_final(head_refused)),
    Fault(
        "get-4-head-without-tag",
        "GET-4",
        "HEAD has no entity tag.",
        True,
        on_final(lambda call, answer: answer.without("ETag") if call.ask.method == "HEAD" else answer),
    ),
    Fault(
        "get-4-head-of-documents-without-type",
        "GET-4",
        "HEAD does not tell the type of documents.",
        True,
        on_final(head_untyped),
    ),
    Fault(
        "get-5-reading-does-not-mark",
        "GET-5",
        "Reading a letter does not mark it as read.",
        False,
        lambda parts: replace(parts, marks_read=lambda call: False),
    ),
    Fault(
        "get-5-reading-changes-more",
        "GET-5",
        "Reading changes the time of the last change too.",
        True,
        touching,
    ),
    Fault(
        "http-1-errors-as-200",
        "HTTP-1",
        "Errors come as 200.",
        False,
        edit_answer(error_as_200),
        ("LIST-5", "AUTH-2", "FORMAT-1"),
    ),
    Fault(
        "http-1-unknown-path-is-500",
        "HTTP-1",
        "Unknown paths give 500.",
        False,
        on_answer(
            lambda call, answer: status(404, 500, b"Internal Server Error")(answer) if call.route is None else answer
        ),
    ),
    Fault(
        "http-1-unknown-message-is-empty-200",
        "HTTP-1",
        "A message that does not exist is an empty 200.",
        True,
        on_answer(unknown_message_empty),
    ),
    Fault(
        "http-2-body-cut-short",
        "HTTP-2",
        "Bodies break off before Content-Length is reached.",
        False,
        framed(Framing.TRUNCATED, lambda call: call.template in (BOX, MESSAGE)),
    ),
    Fault(
        "http-2-attachment-cut-short",
        "HTTP-2",
        "Attachments break off before Content-Length is reached.",
        True,
        framed(Framing.TRUNCATED, at(ATTACHMENT)),
        ("LINK-3", "LINK-4"),
    ),
    Fault(
        "http-2-last-chunk-missing",
        "HTTP-2",
        "Role definitions in chunks never end.",
        True,
        framed(Framing.CUT_CHUNKS, at("metadata/roledefinitions")),
    ),
    Fault("http-2-says-gzip-and-is-not", "HTTP-2", "Reportees say gzip and are not.", False, on_final(false_gzip)),
    Fault("http-2-gzip-cut-short", "HTTP-2", "Long answers in gzip break off.", True, on_final(cut_gzip)),
    Fault("http-3-stack-trace", "HTTP-3", "Errors show a stack trace.", False, on_answer(stack_trace), ("AUTH-2",)),
    Fault("http-3-mute-400", "HTTP-3", "A query that is refused is not told why.", True, on_answer(mute)),
    Fault("http-4-always-304", "HTTP-4", "Any If-None-Match gives 304.", False, on_final(always_304)),
    Fault("http-4-never-304", "HTTP-4", "If-None-Match is never heeded.", False, unheeded),
    Fault("http-4-tag-new-each-time", "HTTP-4", "The entity tag is new each time.", True, on_answer(new_tag)),
    Fault("list-1-no-limit", "LIST-1", "Lists have no limit.", False, on_listing(unlimited)),
    Fault("list-1-fifty-one", "LIST-1", "Lists hold up to fifty-one elements.", True, one_more),
    Fault(
        "list-1-no-limit-for-reportees",
        "LIST-1",
        "Boxes that are reached through a reportee have no limit.",
        True,
        on_listing(unlimited, lambda call: call.template == BOX and call.who.startswith("r")),
    ),
    Fault("list-2-skip-ignored", "LIST-2", "$skip is ignored.", False, dropped("$skip"), ("REACH-4", "EXAMPLE-1")),
    Fault(
        "list-2-top-ignored",
        "LIST-2",
        "$top is ignored on messages.",
        False,
        dropped("$top", lambda call: call.template == BOX and (call.parameter("$top") or "").isdecimal()),
        ("EXAMPLE-1",),
    ),
    Fault(
        "list-2-top-turns-the-order",
        "LIST-2",
        "With $top the list runs the other way.",
        True,
        on_listing(turned, lambda call: call.parameter("$top") is not None),
    ),
    Fault(
        "list-2-window-one-off",
        "LIST-2",
        "$skip with $top begins one too late.",
        True,
        on_listing(shifted_window, lambda call: call.parameter("$top") is not None and paging(call)),
    ),
    Fault(
        "list-3-filter-ignored",
        "LIST-3",
        "$filter is ignored.",
        False,
        dropped("$filter"),
        ("REACH-3", "LIST-5", "EXAMPLE-1"),
    ),
    Fault("list-3-ne-leaks", "LIST-3", "ne lets one through that it should leave out.", True, leaking),
    Fault(
        "list-3-and-is-or",
        "LIST-3",
        "and means or.",
        True,
        filtering(lambda words: words.replace(" and ", " or ")),
        ("EXAMPLE-1",),
    ),
    Fault("list-3-ge-is-gt", "LIST-3", "ge means gt.", True, filtering(lambda words: words.replace(" ge ", " gt "))),
    Fault(
        "list-3-orderby-ignored",
        "LIST-3",
        "$orderby changes nothing.",
        False,
        lambda parts: replace(parts, order=unsorted),
    ),
    Fault("list-3-desc-ignored", "LIST-3", "desc is not heeded.", True, lambda parts: replace(parts, order=ascending)),
    Fault(
        "list-4-no-warning",
        "LIST-4",
        "A list that the database cut does not say so.",
        False,
        edit_answer(lambda answer: answer.without(LIMIT)),
    ),
    Fault(
        "list-4-no-warning-with-a-query",
        "LIST-4",
        "A list that the database cut says so only without a query.",
        True,
        on_answer(lambda call, answer: answer.without(LIMIT) if "?" in call.ask.target else answer),
    ),
    Fault("list-5-bad-filter-ignored", "LIST-5", "A $filter that cannot be understood is ignored.", False, forgiving),
    Fault(
        "list-5-bad-query-crashes",
        "LIST-5",
        "A query that cannot be understood gives 500.",
        False,
        on_answer(
            lambda call, answer: (
                status(400, 500, b"Internal Server Error")(answer) if "$" in call.ask.target else answer
            )
        ),
        ("HTTP-1",),
    ),
    Fault(
        "list-5-unknown-property-finds-nothing",
        "LIST-5",
        "A $filter by an unknown property is an empty list.",
        True,
        unknown_finds_nothing,
    ),
    Fault(
        "list-5-negative-skip-ignored",
        "LIST-5",
        "A negative $skip is ignored.",
        True,
        dropped("$skip", lambda call: (call.parameter("$skip") or "").startswith("-")),
    ),
    Fault(
        "model-1-renamed",
        "MODEL-1",
        "LastChangedDateTime is called LastChanged.",
        False,
        edit(renamed("LastChangedDateTime", "LastChanged"), "Message"),
    ),
    Fault(
        "model-1-edition-as-text",
        "MODEL-1",
        "ServiceEdition is text in JSON.",
        True,
        edit(member("ServiceEdition", as_text), "Message", (HAL_JSON, JSON)),
    ),
    Fault(
        "model-1-date-as-words",
        "MODEL-1",
        "DelegatedTime is a text that is no date.",
        True,
        edit(member("DelegatedTime", lambda value: "i fjor"), "Role"),
        ("FORMAT-8",),
    ),
    Fault(
        "model-2-no-message-id",
        "MODEL-2",
        "Messages have no MessageId.",
        False,
        edit(lambda record: record.lacking("MessageId"), "Message"),
        ("REACH-2", "REACH-3", "MODEL-1"),
    ),
    Fault(
        "model-2-no-id-here-and-there",
        "MODEL-2",
        "Some messages have no MessageId.",
        True,
        edit(here_and_there(lambda record: record.lacking("MessageId")), "Message"),
        ("MODEL-1",),
    ),
    Fault(
        "model-2-one-role-definition-without-id",
        "MODEL-2",
        "Some role definitions have no id.",
        True,
        edit(here_and_there(lambda record: record.lacking("RoleDefinitionId")), "RoleDefinition"),
        ("MODEL-1",),
    ),
    Fault(
        "model-3-type-translated",
        "MODEL-3",
        "Type of messages is a Norwegian word.",
        False,
        edit(
            member("Type", text(lambda word: {"FormTask": "Skjema", "Correspondence": "Melding"}.get(word, word))),
            "Message",
        ),
        ("LINK-9", "LIST-3"),
    ),
    Fault(
        "model-3-reply-option-spelled-otherwise",
        "MODEL-3",
        "One type of reply option is spelled otherwise.",
        True,
        edit(other_option, "Message"),
    ),
    Fault(
        "model-4-language-changes-a-code",
        "MODEL-4",
        "In English ServiceCode has a prefix.",
        False,
        in_english(member("ServiceCode", text(lambda code: f"EN-{code}")), "ServiceMetaData"),
        ("LINK-3",),
    ),
    Fault(
        "model-4-language-drops-a-member",
        "MODEL-4",
        "In nynorsk messages have no MarkedUnread.",
        True,
        edit(lambda record: record.lacking("MarkedUnread"), "Message", when=lambda call: call.language == "2068"),
    ),
    Fault(
        "model-4-language-drops-an-element",
        "MODEL-4",
        "In English one role definition is missing.",
        True,
        on_listing(
            lambda call, listing: replace(listing, count=listing.count - 1),
            lambda call: call.template == "metadata/roledefinitions" and call.language == "1033",
        ),
    ),
)
