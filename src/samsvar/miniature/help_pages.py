"""The self-documenting help pages, in the manner of ASP.NET: an index of the operations by controller, a page for each
operation and for each class. Those for service owners stand apart, with an index of their own.

The samples are made from the classes with placeholder values, as the framework makes them: names and types are true,
values mean nothing. Of hal+xml it has none, since its writer is not asked for samples.
"""

import json
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any

from samsvar.miniature.help_models import CLASSES, OF
from samsvar.miniature.operations import OPERATIONS

PAGE = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8" />\n<title>{title}</title>\n'
    '<link href="/Areas/HelpPage/HelpPage.css" rel="stylesheet" />\n</head>\n<body>\n{body}\n</body>\n</html>\n'
)
OWNERS = "serviceowner/"
MODEL_PAGE = "ResourceModel"
PLACEHOLDERS: dict[str, Any] = {
    "string": "sample string",
    "integer": 1,
    "boolean": True,
    "date": "2020-02-03T09:15:30.1234567+01:00",
    "URI": "https://www.eksempel.no/api/{resource}/4",
    "globally unique identifier": "0b1f9f1e-6d1c-4c39-9a53-0c5a7d7c1f10",
}
DEEPEST = 2
"""How deep samples show classes inside classes."""


def page_name(method: str, path: str, parameters: tuple[str, ...]) -> str:
    """How the page of an operation is called: "GET-who-messages-messageId_language_markAsRead"."""
    kept = path.replace("[", "").replace("]", "")
    words = "-".join(segment.strip("{}") for segment in kept.split("/"))
    return "_".join((f"{method}-{words}", *(name.strip("$").replace("[n]", "") for name in parameters)))


PAGES = {page_name(*row[:3]).lower(): row for row in OPERATIONS}


def shown(path: str, parameters: tuple[str, ...]) -> str:
    """The path with its query, as the index shows it."""
    query = "&".join(f"{name}={{{name.strip('$')}}}" for name in parameters)
    return f"{path}?{query}" if query else path


def controller(path: str) -> str:
    """The controller that an operation is grouped under: the last word of its path that stands before what names one
    of its things."""
    words = [segment for segment in path.removeprefix(OWNERS).split("/") if not segment.startswith(("{", "my"))]
    return words[0][:1].upper() + words[0][1:] if words else "My"


def summary(method: str, path: str, model: str) -> str:
    """The sentence beside an operation, made of what it is about."""
    verb = {"GET": "Gets", "POST": "Creates", "PUT": "Changes", "DELETE": "Deletes"}[method]
    return f"{verb} {model or 'what is'} at {path}."


@lru_cache(maxsize=16)
def index(root: str, owners: bool = False) -> str:
    """The index: every operation with a link to its page, grouped by controller."""
    groups: dict[str, list[str]] = {}
    home = f"{root}/{OWNERS if owners else ''}help"
    for method, path, parameters, model in OPERATIONS:
        if path.startswith(OWNERS) == owners:
            link = f"{home}/Api/{escape(page_name(method, path, parameters))}"
            groups.setdefault(controller(path), []).append(
                f'<tr>\n<td class="api-name"><a href="{link}">{method} {escape(shown(path, parameters))}</a></td>\n'
                f'<td class="api-documentation"><p>{escape(summary(method, path, model))}</p></td>\n</tr>'
            )
    parts = ["<h1>Altinn API Help Page</h1>", "<p>The ApiKey needs to be included as a header value.</p>"]
    head = "<thead>\n<tr><th>API</th><th>Description</th></tr>\n</thead>"
    for name, rows in groups.items():
        lines = "\n".join(rows)
        parts.append(
            f'<h2 id="{name}">{name}</h2>\n<table class="help-page-table">\n{head}\n<tbody>\n{lines}\n</tbody>'
        )
        parts.append("</table>")
    return PAGE.format(title="Altinn API Help Page", body="\n".join(parts))


def type_link(words: str, home: str) -> str:
    """A type as the pages write it: a class links its page."""
    prefix, name = (OF, words[len(OF) :]) if words.startswith(OF) else ("", words)
    if name not in CLASSES:
        return escape(words)
    return f'{prefix}<a href="{home}/{MODEL_PAGE}?modelName={name}">{name}</a>'


def table(rows: Iterable[tuple[str, str, str]]) -> str:
    """A table of names, types (as HTML) and what else there is to say."""
    lines = "".join(
        f'<tr>\n<td class="parameter-name">{escape(name)}</td>\n<td class="parameter-documentation"></td>\n'
        f'<td class="parameter-type">{kind}</td>\n<td class="parameter-annotations"><p>{more}</p></td>\n</tr>\n'
        for name, kind, more in rows
    )
    head = "<tr><th>Name</th><th>Description</th><th>Type</th><th>Additional information</th></tr>"
    return f'<table class="help-page-table">\n<thead>\n{head}\n</thead>\n<tbody>\n{lines}</tbody>\n</table>'


def properties(name: str, home: str) -> str:
    """The table of a class."""
    rows = CLASSES[name].items()
    return table((key, type_link(words, home), "None.") for key, words in rows)


def example(words: str, depth: int = 0) -> Any:
    """A value of a type, made of placeholders."""
    if words.startswith(OF):
        return [example(words[len(OF) :], depth)] * (2 if depth == 0 else 1) if depth <= DEEPEST else []
    if words in CLASSES:
        members = CLASSES[words].items()
        return {key: example(inner, depth + 1) for key, inner in members} if depth <= DEEPEST else None
    if words.startswith("Dictionary"):
        return {"sample string": "sample string"}
    return PLACEHOLDERS[words]


def as_hal(words: str) -> Any:
    """A sample in HAL: a list is embedded under a placeholder, as the framework has no name for it."""
    own = {"_links": {"self": {"href": "sample string"}}}
    if words.startswith(OF):
        return {**own, "_embedded": {"sample string": example(words)}}
    return {**own, **example(words)}


def as_xml(value: Any, name: str) -> str:
    """A sample as data-contract XML."""
    if isinstance(value, dict):
        inside = "".join(as_xml(one, key.replace(" ", "_")) for key, one in value.items() if one is not None)
    elif isinstance(value, list):
        inside = "".join(as_xml(one, item_name(one, name)) for one in value)
    else:
        inside = escape(str(value).lower() if isinstance(value, bool) else str(value))
    return f"<{name}>{inside}</{name}>"


def item_name(value: Any, name: str) -> str:
    """The name of an item: its class where it has one."""
    if isinstance(value, dict):
        return next((key for key, members in CLASSES.items() if list(members) == list(value)), name)
    return "int" if isinstance(value, int) else "string"


def samples(words: str) -> str:
    """The response formats, each with its sample."""
    name = words.removeprefix(OF)
    root = f"ArrayOf{name}" if words.startswith(OF) else name
    texts = (
        ("application/hal+xml", None),
        ("application/hal+json", json.dumps(as_hal(words), indent=2)),
        ("application/json, text/json", json.dumps(example(words), indent=2)),
        ("application/xml, text/xml", as_xml(example(words), root)),
    )
    parts = []
    for types, text in texts:
        inside = f'<pre class="wrapped">\n{escape(text)}\n</pre>' if text else "<p>Sample not available.</p>"
        parts.append(
            f'<h4 class="sample-header">{types}</h4>\n<div class="sample-content">\n<span><b>Sample:</b></span>\n'
            f"{inside}\n</div>"
        )
    return "<h3>Response Formats</h3>\n<div>\n" + "\n".join(parts) + "\n</div>"


def gives(path: str, model: str) -> str:
    """The type that an operation gives: one resource where the path ends in its key or a word for one, else a list."""
    ends = path.rstrip("]").rpartition("/")[2]
    one = ends.startswith("{") or ends in ("profile", "validate", "receipt", "well-known", "jwk", "validaterecipient")
    return model if one or model == "SubjectReporteeRights" else OF + model


@lru_cache(maxsize=512)
def operation(name: str, root: str, owners: bool = False) -> str | None:
    """The page of one operation: parameters, model and samples; None if there is no such page."""
    row = PAGES.get(name.lower())
    if row is None or row[1].startswith(OWNERS) != owners:
        return None
    method, path, parameters, model = row
    home = f"{root}/{OWNERS if owners else ''}help"
    inside = [(segment.strip("{}[]"), "string", "Required") for segment in path.split("/") if "{" in segment]
    query = [(text, "string", "None.") for text in parameters]
    uri = table((*inside, *query)) if inside or query else "<p>None.</p>"
    title = f"{method} {escape(shown(path, parameters))}"
    words = gives(path, model) if model else ""
    described = f"{type_link(words, home)}\n{properties(model, home)}\n{samples(words)}" if model else "<p>None.</p>"
    body = (
        f'<p><a href="{home}">Help Page Home</a></p>\n<h1>{title}</h1>\n<div>\n'
        f"<p>{escape(summary(method, path, model))}</p>\n<h2>Request Information</h2>\n<h3>URI Parameters</h3>\n{uri}\n"
        "<h3>Body Parameters</h3>\n<p>None.</p>\n<h2>Response Information</h2>\n<h3>Resource Description</h3>\n"
        f"{described}\n</div>"
    )
    return PAGE.format(title=title, body=body)


@lru_cache(maxsize=256)
def resource_model(name: str, root: str, owners: bool = False) -> str | None:
    """The page of a class; None if there is no such class."""
    found = next((one for one in CLASSES if one.lower() == name.lower()), None)
    if found is None:
        return None
    home = f"{root}/{OWNERS if owners else ''}help"
    body = f'<p><a href="{home}">Help Page Home</a></p>\n<h1>{found}</h1>\n{properties(found, home)}'
    return PAGE.format(title=found, body=body)
