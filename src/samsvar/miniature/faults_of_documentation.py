"""Faults of the DOC family: what the help pages say of the code that they are made from."""

import re

from samsvar.miniature.help_pages import PAGE
from samsvar.miniature.parts import Change, Fault
from samsvar.miniature.records import Problem
from samsvar.miniature.switching import When, at, both, edit_page, refuse

INDEX = at("help")
OPERATION = at("help/Api/{operation}")
MODEL = at("help/ResourceModel")
LOGIN_PAGE = PAGE.format(
    title="Logg inn",
    body='<h1>Logg inn</h1>\n<form action="/ui/Authentication"><input type="password" name="p" /></form>',
)


def page_of(start: str) -> When:
    """The pages of operations whose names begin so; compared without case."""
    return both(OPERATION, lambda call: call.variables["operation"].lower().startswith(start.lower()))


def model_of(name: str) -> When:
    """The page of one class."""
    return both(MODEL, lambda call: (call.parameter("modelName") or "").lower() == name.lower())


def swap(pattern: str, other: str, when: When) -> Change:
    """Writes something else wherever a pattern stands on pages."""
    return edit_page(lambda text: re.sub(pattern, other, text, flags=re.DOTALL), when)


def row_of(name: str) -> str:
    """The pattern of the row of a property."""
    return rf'<tr>\s*<td class="parameter-name">{name}</td>.*?</tr>'


def retyped(name: str, before: str, after: str, when: When) -> Change:
    """Shows a property with another type."""
    return swap(
        rf'(<td class="parameter-name">{name}</td>.*?<td class="parameter-type">){before}(</td>)', rf"\1{after}\2", when
    )


def unlisted(path: str) -> Change:
    """Leaves the retrieval at a path out of the index."""
    return swap(
        rf'<tr>\s*<td class="api-name"><a href="[^"]*">GET {re.escape(path)}[?<](?:(?!</tr>).)*</tr>', "", INDEX
    )


ROWS: tuple[Fault, ...] = (
    Fault(
        "doc-1-no-help-page",
        "DOC-1",
        "There is no help page any more.",
        False,
        refuse(Problem(404, "There is no such resource"), INDEX),
    ),
    Fault(
        "doc-1-login-page-instead",
        "DOC-1",
        "Where the help page was, everybody is shown a page to log in.",
        False,
        edit_page(lambda text: LOGIN_PAGE, INDEX),
    ),
    Fault(
        "doc-1-forms-missing",
        "DOC-1",
        "The help page does not list the forms of a message.",
        True,
        unlisted("{who}/messages/{messageId}/forms"),
    ),
    Fault(
        "doc-1-service-owner-roles-missing",
        "DOC-1",
        "The help page for service owners does not list the roles.",
        True,
        swap(
            r'<tr>\s*<td class="api-name"><a href="[^"]*">GET serviceowner/authorization/roles(?:(?!</tr>).)*</tr>',
            "",
            at("serviceowner/help"),
        ),
    ),
    Fault(
        "doc-1-page-of-code-lists-gone",
        "DOC-1",
        "The help page links a page about code lists that is not there.",
        True,
        refuse(Problem(404, "There is no such resource"), page_of("GET-metadata-codelists-name")),
    ),
    Fault(
        "doc-2-everything-is-a-string",
        "DOC-2",
        "The pages show every simple type as a string.",
        False,
        swap(r'(<td class="parameter-type">)(?:integer|boolean|date)(</td>)', r"\1string\2", OPERATION),
    ),
    Fault(
        "doc-2-samples-cut-short",
        "DOC-2",
        "The samples of the pages end in the middle.",
        False,
        swap(r"(<pre[^>]*>.{20,60}?\n?).*?(</pre>)", r"\1\2", OPERATION),
    ),
    Fault(
        "doc-2-due-date-missing",
        "DOC-2",
        "The page of a message does not show DueDate.",
        True,
        swap(row_of("DueDate"), "", page_of("GET-who-messages")),
    ),
    Fault(
        "doc-2-edition-as-string",
        "DOC-2",
        "The page of a message shows ServiceEdition as a string.",
        True,
        retyped("ServiceEdition", "integer", "string", page_of("GET-who-messages")),
    ),
    Fault(
        "doc-2-one-of-a-collection",
        "DOC-2",
        "The pages of role definitions show one integer where there are many.",
        True,
        retyped("ParentRoleDefinitionIds", "Collection of integer", "integer", OPERATION),
    ),
    Fault(
        "doc-2-inner-property-missing",
        "DOC-2",
        "The page of the class of reply options does not show Text.",
        True,
        swap(row_of("Text"), "", model_of("ReplyOption")),
    ),
    Fault(
        "doc-2-xml-sample-is-broken",
        "DOC-2",
        "The sample of a form in XML does not close what it opens.",
        True,
        swap("&lt;/Form&gt;", "&lt;/Skjema&gt;", page_of("GET-who-messages-messageId-forms-formId_")),
    ),
    Fault(
        "doc-2-sample-with-a-number-as-text",
        "DOC-2",
        "The samples of attachments have a text for FileSize.",
        True,
        swap(r"(FileSize&quot;: )1", r"\1&quot;1 kB&quot;", page_of("GET-who-messages-messageId-attachments")),
    ),
)
