"""What the rows of faults and evolutions are made with: small functions that hang a change on one hook."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from samsvar.miniature.parts import AnswerHook, Call, Change, Parts, ResultHook
from samsvar.miniature.records import Document, Link, Listing, Problem, Record, Value
from samsvar.miniature.wire import Answer
from samsvar.model.exchange import FORMATS, HAL_JSON, HAL_XML

HAL = (HAL_JSON, HAL_XML)
RecordEdit: TypeAlias = Callable[[Record], Record]
LinkEdit: TypeAlias = Callable[[Link], Link | None]
When: TypeAlias = Callable[[Call], bool]


def always(_: Call) -> bool:
    """At every call."""
    return True


def paging(call: Call) -> bool:
    """Beyond the first page only."""
    return (call.parameter("$skip") or "0") not in ("", "0")


def again(call: Call) -> bool:
    """From the second time on that the same is asked."""
    return call.visit > 1


def single(call: Call) -> bool:
    """One message alone."""
    return call.template == "{who}/messages/{messageId}"


def at(*templates: str) -> When:
    """At these paths."""
    return lambda call: call.template in templates


def both(*conditions: When) -> When:
    """Where all of these hold."""
    return lambda call: all(condition(call) for condition in conditions)


def seventh(record: Record) -> bool:
    """One resource in seven, by its address: here and there, but always the same ones."""
    return sum(record.self.rpartition("/")[2].encode()) % 7 == 3


def edit(change: RecordEdit, model: str = "", formats: tuple[str, ...] = FORMATS, when: When = always) -> Change:
    """Changes records of a model ("" : any) wherever they stand alone or in a list, in these formats."""

    def each(record: Record) -> Record:
        inner = record if record.elements is None else replace(record, elements=tuple(map(each, record.elements)))
        return change(inner) if model in ("", inner.model) and inner.elements is None else inner

    def hook(call: Call, record: Record) -> Record:
        return each(record) if call.format in formats and when(call) else record

    return lambda parts: parts.with_record(hook)


def edit_whole(change: RecordEdit, formats: tuple[str, ...] = FORMATS, when: When = always) -> Change:
    """Changes the outermost record, a list as a whole."""
    return lambda parts: parts.with_record(
        lambda call, record: change(record) if call.format in formats and when(call) else record
    )


def edit_links(
    change: LinkEdit, model: str = "", formats: tuple[str, ...] = HAL, when: When = always, only: str = ""
) -> Change:
    """Changes the links of records of a model, or only those of one relation; None leaves a link out."""

    def changed(link: Link) -> Link | None:
        return change(link) if only in ("", link.rel) else link

    def of_record(record: Record) -> Record:
        found = tuple(link for link in map(changed, record.links) if link is not None)
        inner = record.elements
        made = None if inner is None else tuple(map(of_record, inner))
        return replace(record, links=found if model in ("", record.model) else record.links, elements=made)

    return lambda parts: parts.with_record(
        lambda call, record: of_record(record) if call.format in formats and when(call) else record
    )


def edit_elements(
    change: Callable[[tuple[Record, ...]], tuple[Record, ...]],
    formats: tuple[str, ...] = FORMATS,
    when: When = always,
    model: str = "",
) -> Change:
    """Changes which elements a list has, and their order."""

    def hook(call: Call, record: Record) -> Record:
        fits = record.elements is not None and call.format in formats and when(call) and model in ("", record.model)
        return replace(record, elements=change(record.elements or ())) if fits else record

    return lambda parts: parts.with_record(hook)


def edit_body(change: Callable[[bytes], bytes], formats: tuple[str, ...] = FORMATS, when: When = always) -> Change:
    """Changes the bytes of a representation."""
    return lambda parts: parts.with_body(
        lambda call, body: change(body) if call.format in formats and when(call) else body
    )


def edit_answer(change: Callable[[Answer], Answer], when: When = always) -> Change:
    """Changes answers."""
    return lambda parts: parts.with_answer(lambda call, answer: change(answer) if when(call) else answer)


def edit_good(change: Callable[[Answer], Answer], when: When = always) -> Change:
    """Changes answers of status 200."""
    return edit_answer(lambda answer: change(answer) if answer.status == 200 else answer, when)


def edit_bad(change: Callable[[Answer], Answer], when: When = always) -> Change:
    """Changes refusals."""
    return edit_answer(lambda answer: change(answer) if answer.status >= 400 else answer, when)


def on_answer(hook: AnswerHook) -> Change:
    """Changes answers with a look at the call."""
    return lambda parts: parts.with_answer(hook)


def on_final(hook: AnswerHook) -> Change:
    """Changes what goes over the wire, after 304 and HEAD."""
    return lambda parts: parts.with_final(hook)


def on_result(hook: ResultHook) -> Change:
    """Changes what a handler gives."""
    return lambda parts: parts.with_result(hook)


def refuse(problem: Problem, when: When) -> Change:
    """Refuses what would have been given."""
    return on_result(lambda call, result: problem if when(call) else result)


def edit_page(change: Callable[[str], str], when: When) -> Change:
    """Changes the text of pages for people."""
    return on_result(
        lambda call, result: (
            replace(result, body=change(result.body.decode()).encode())
            if isinstance(result, Document) and when(call)
            else result
        )
    )


def on_listing(change: Callable[[Call, Listing], Listing], when: When = always) -> Change:
    """Changes lists before they are cut."""
    return on_result(
        lambda call, result: change(call, result) if isinstance(result, Listing) and when(call) else result
    )


def member(name: str, change: Callable[[Value], Value]) -> RecordEdit:
    """Changes one member where it is."""

    def edited(record: Record) -> Record:
        value = record.get(name)
        return record if value is None else record.having(name, change(value))

    return edited


def text(change: Callable[[str], str]) -> Callable[[Value], Value]:
    """Changes texts and leaves everything else alone."""
    return lambda value: change(value) if isinstance(value, str) else value


def here_and_there(change: RecordEdit) -> RecordEdit:
    """One resource in seven."""
    return lambda record: change(record) if seventh(record) else record


def without_value(value: str, name: str) -> Callable[[Answer], Answer]:
    """Takes one value out of a list field."""

    def changed(answer: Answer) -> Answer:
        kept = [part.strip() for part in (answer.first(name) or "").split(",") if part.strip().lower() != value.lower()]
        return answer.having(name, ", ".join(kept)) if kept else answer.without(name)

    return changed


def chain(*changes: Change) -> Change:
    """Several changes that belong together."""

    def changed(parts: Parts) -> Parts:
        for change in changes:
            parts = change(parts)
        return parts

    return changed
