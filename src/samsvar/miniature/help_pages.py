"""The self-documenting help pages, in the manner of ASP.NET: an index of all operations and a page for each."""

from html import escape

from samsvar.miniature.operations import MODELS, OPERATIONS

PAGE = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
    "<body>\n{body}\n</body></html>\n"
)
TYPE_NAMES = {
    "text": "string",
    "integer": "integer",
    "boolean": "boolean",
    "instant": "date",
    "uri": "URI",
    "list": "Collection",
    "object": "Object",
}


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


def index(root: str) -> str:
    """The index: every operation with a link to its page."""
    rows = "\n".join(
        f'<tr><td class="api-name"><a href="{root}/help/Api/{escape(page_name(method, path, parameters))}">'
        f"{method} {escape(shown(path, parameters))}</a></td></tr>"
        for method, path, parameters, _ in OPERATIONS
    )
    body = f'<h1>Altinn API: help page</h1>\n<table class="help-page-table">\n{rows}\n</table>'
    return PAGE.format(title="Altinn API help page", body=body)


def table(title: str, rows: list[tuple[str, str]]) -> str:
    """A table of names and types."""
    lines = "".join(
        f'<tr><td class="parameter-name">{escape(name)}</td><td class="parameter-type">{escape(kind)}</td></tr>\n'
        for name, kind in rows
    )
    head = "<tr><th>Name</th><th>Type</th></tr>\n"
    return f'<h2>{title}</h2>\n<table class="help-page-table">\n{head}{lines}</table>\n' if rows else ""


def operation(name: str) -> str | None:
    """The page of one operation: parameters and model; None if there is no such page."""
    row = PAGES.get(name.lower())
    if row is None:
        return None
    method, path, parameters, model = row
    inside = [segment.strip("{}[]") for segment in path.split("/") if "{" in segment]
    uri = [(text, "string") for text in (*inside, *parameters)]
    fields = [(key, TYPE_NAMES[kind]) for key, kind in MODELS.get(model, {}).items()]
    body = (
        f'<p><a href="../../help">Help page home</a></p>\n<h1>{method} {escape(shown(path, parameters))}</h1>\n'
        + table("URI Parameters", uri)
        + table(f"Response: {model}", fields)
        + ("<h2>Response formats</h2>\n<p>application/hal+xml, application/hal+json</p>\n" if model else "")
    )
    return PAGE.format(title=f"{method} {escape(path)}", body=body)
