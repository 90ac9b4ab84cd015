"""Documents: bytes with a type of their own. Deterministic, small, and valid for what they claim to be."""

from urllib.parse import quote

from samsvar.miniature.catalogue import Form
from samsvar.miniature.chance import number, pick
from samsvar.miniature.records import Document

FILES = (
    ("oppgaver.txt", "text/plain; charset=utf-8"),
    ("Årsoppgjør 2025.pdf", "application/pdf"),
    ("kart & plan.xml", "application/xml"),
    ("0042.csv", "text/csv; charset=utf-8"),
)


def pdf(text: str) -> bytes:
    """A one-page PDF 1.4 that shows one line of Latin-1 text."""
    shown = text.encode("latin-1", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    stream = b"BT /F1 12 Tf 72 720 Td (" + shown + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 %s >> >> >>"
        % b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    out, places = b"%PDF-1.4\n", []
    for index, content in enumerate(objects):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (index + 1, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 5\n0000000000 65535 f \n%strailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(out),
    )


def file_of(seed: int, attachment: int) -> tuple[str, str]:
    """File name and media type of an attachment."""
    return pick(FILES, seed, "file", attachment)


def content_of(seed: int, attachment: int) -> bytes:
    """The bytes of an attachment."""
    name, _ = file_of(seed, attachment)
    line = f"Vedlegg {attachment} – blåbærgrøt nr. {number(seed, 'content', attachment) % 10_000}"
    if name.endswith(".pdf"):
        return pdf(line)
    if name.endswith(".xml"):
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<plan nr="{attachment}"><tekst>{line}</tekst></plan>'.encode()
    return f"{line}\r\n".encode() * (1 + attachment % 7)


def attachment(seed: int, number_: int) -> Document:
    """An attachment as it is downloaded (Content-Disposition as in RFC 6266)."""
    name, media_type = file_of(seed, number_)
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Document(media_type, content_of(seed, number_), (("Content-Disposition", disposition),))


def print_of(title: str) -> Document:
    """The printable form of a message or a form."""
    return Document("application/pdf", pdf(title))


def schema(root: str) -> Document:
    """An XML schema with one root element; sent as the environment sends schemas, without a charset."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">\n'
        f'  <xsd:element name="{root}"><xsd:complexType><xsd:sequence>\n'
        '    <xsd:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/>\n'
        '  </xsd:sequence><xsd:anyAttribute processContents="lax"/></xsd:complexType></xsd:element>\n</xsd:schema>\n'
    )
    return Document("application/xml", text.encode(), (("Content-Disposition", "attachment; filename=schema.xsd"),))


def form_data(form: Form, form_id: int) -> Document:
    """The form as it was filled in: root Skjema (OR) or melding (SERES)."""
    root = "Skjema" if form.provider == "OR" else "melding"
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} dataFormatId="{form.data_format}" '
        f'dataFormatVersion="{form.version}"><Termin orid="20655">011</Termin><Nr>{form_id}</Nr>'
        f"<Merknad>Frå &amp; med &lt;2025&gt; – grøt</Merknad></{root}>"
    )
    return Document("application/xml", text.encode())


def own_xml(root: str, text: str) -> Document:
    """A service's own small XML."""
    return Document("application/xml", f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{text}</{root}>'.encode())
