"""Display texts in the three languages, and names. The language parameter chooses among these and changes nothing
else.
"""

from dataclasses import dataclass

LANGUAGES = ("1044", "1033", "2068")
"""Bokmål (the default), English, nynorsk."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text in bokmål, English and nynorsk."""

    nb: str
    en: str
    nn: str

    def read(self, language: str) -> str:
        """The text in a language of LANGUAGES."""
        return (self.nb, self.en, self.nn)[LANGUAGES.index(language)]


STATUS = {
    "unread": Text("Ulest", "Unread", "Ulesen"),
    "read": Text("Lest", "Read", "Lesen"),
    "filling": Text("Utfylling", "Filling in", "Utfylling"),
    "archived": Text("Sendt og arkivert", "Sent and archived", "Send og arkivert"),
    "deleted": Text("Slettet", "Deleted", "Sletta"),
}
PARTY_TYPES = {
    "Person": Text("Person", "Person", "Person"),
    "Enterprise": Text("Foretak", "Enterprise", "Føretak"),
    "Business": Text("Bedrift", "Business", "Verksemd"),
}
OPERATION_NAMES = {
    "Read": Text("Lese", "Read", "Lese"),
    "Write": Text("Fylle ut", "Fill in", "Fylle ut"),
    "Sign": Text("Signere", "Sign", "Signere"),
    "ArchiveRead": Text("Les arkiv", "Read archive", "Les arkiv"),
}
GIVEN_NAMES = ("KARI", "OLA", "ÅSE", "BJØRN", "MÆHLE", "ÀILU", "SUNNIVA", "TOR-EGIL", "INGVILD", "HÅKON")
FAMILY_NAMES = ("NORDMANN", "ØSTBØ", "AASEN", "GRØTVÅG", "LI", "SÆTHER-BÅRDSEN", "O'HARA", "BÆVERFJORD", "HAUGEN")
ORGANISATION_WORDS = ("FJELL", "SJØ", "ÅS", "VÆR", "MYR", "NES", "VÅG", "ØY", "DAL", "BRÆ")
ORGANISATION_TRADES = ("REGNSKAP", "OG BÅT", "& SØNNER", "BAKERI", "TØMMER", "HAVBRUK", "TRANSPORT", "KAFÉ")
PLACES = (("8910", "BRØNNØYSUND"), ("0155", "OSLO"), ("5003", "BERGEN"), ("9750", "HONNINGSVÅG"), ("0010", "OSLO"))
SUBJECTS = (
    "Vedr. saksnr 2026/00417, journalnr 0042 ",
    "Søknad om tilskudd til kurs – høst & vår",
    'Vedtak: "endelig" <avgjørelse> 🏔️',
    "Årsoppgjer for verksemda, andre gong",
    "Kvittering på innsendt skjema",
    "Påminnelse 𝔄 – frist går ut snart",
)
SUMMARIES = ("Les meldinga før fristen.", "", "Vedlegg følger & kan lastes ned.", "Svar <b>innen</b> 14 dager")
BODIES = (
    "<p>Hei &amp; velkommen</p>\n<p>Gnr 127 bnr 506, Skarelia 35.</p>\n \n<p>Klikk for å åpne.  </p>\n",
    '<div class="brev">Vi viser til søknaden.\r\nMed hilsen\r\n</div>',
    "<p>Beløpet er 1 < 2 kr &nbsp; 😀</p>",
    "  <p>Teksten begynner med to mellomrom</p>",
)
