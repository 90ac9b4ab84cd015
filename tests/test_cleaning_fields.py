"""What a member is, by the contract or by its name."""

import pytest
from cleaned import CONTRACT

from samsvar.logic.cleaning.fields import Fields
from samsvar.model.privacy import Private

TABLE = Fields(CONTRACT, texts=True)
KEEPING = Fields(CONTRACT, texts=False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SocialSecurityNumber", Private.NATIONAL_ID),
        ("socialsecuritynumber", Private.NATIONAL_ID),
        ("OrganizationNumber", Private.ORGANISATION),
        ("Name", Private.NAME),
        ("Subject", Private.TEXT),
        ("Secret", Private.CREDENTIAL),
        ("MobileNumber", Private.PHONE),
    ],
)
def test_a_member_is_what_its_model_says_without_regard_to_capitals(name: str, kind: Private) -> None:
    assert TABLE.kind(name) is kind and not TABLE.harmless(name)


@pytest.mark.parametrize("name", ["MessageId", "ServiceCode", "ReporteeId", "LastChangedDateTime"])
def test_a_member_that_a_model_declares_and_none_calls_private_is_harmless(name: str) -> None:
    assert TABLE.harmless(name) and TABLE.kind(name) is None


UNDECLARED = {
    Private.CREDENTIAL: "password passord pin-code otp access_token idToken apiKey Cookie session-code certificate",
    Private.NATIONAL_ID: "fnr fødselsnummer fodselsnummer personnummer d-nummer dnumber pid ssn NIN national_id",
    Private.ORGANISATION: "orgnr org_no organisasjonsnummer organisationNumber parentOrgNumber",
    Private.EMAIL: "e-mail epost mailadresse contactEmail e-postadresse",
    Private.PHONE: "telefon tlf mobil phoneNumber faxnr",
    Private.ACCOUNT: "kontonummer bank_account accountNo IBAN",
    Private.ADDRESS: "street gateadresse postnummer poststed zip visitingAddress adresselinje1 city",
    Private.NAME: "fornavn etternavn navn firstName displayName createdBy mottaker avsender author",
    Private.TEXT: "comment kommentar fritekst filnavn note messageText",
}


@pytest.mark.parametrize(("kind", "names"), UNDECLARED.items())
def test_a_member_that_no_model_declares_is_what_such_a_name_means(kind: Private, names: str) -> None:
    assert {name: TABLE.kind(name) for name in names.split()} == dict.fromkeys(names.split(), kind)


@pytest.mark.parametrize("name", ["", "Gateway", "gateId", "StreetView", "Pinned", "Tokenised", "Hostname2"])
def test_another_name_is_neither_private_nor_harmless(name: str) -> None:
    assert TABLE.kind(name) is None and not TABLE.harmless(name)


def test_texts_are_kept_where_the_profile_says_so_but_names_are_not() -> None:
    assert KEEPING.kind("Subject") is None and KEEPING.kind("fritekst") is None
    assert KEEPING.kind("Name") is Private.NAME and KEEPING.kind("fornavn") is Private.NAME


def test_private_keys_are_looked_for_before_links() -> None:
    assert {"username", "authorizationcode", "organizationnumber"} <= TABLE.early and "name" not in TABLE.early
