"""What is private by its form alone, in every spelling, and at a cost that only grows with the length."""

import base64
import os
import re
import time
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote

import pytest
from cleaned import KEY, PERSON, account, national, organisation
from hypothesis import given
from hypothesis import strategies as st

from samsvar.logic.cleaning import cleaner, edits, fields, json_bodies, patterns, words, xml_bodies
from samsvar.logic.cleaning.edits import Edit, edited, joined, percent_said, percent_units, respelled
from samsvar.logic.cleaning.patterns import REMOVED, Patterns
from samsvar.logic.cleaning.pseudonyms import Pseudonyms
from samsvar.model.privacy import Private

COMPANY = organisation(91067299)
BANK = account(1234567890)


def seen(*credentials: str, private: Callable[[str], bool] = lambda _: True) -> tuple[Pseudonyms, Callable[..., str]]:
    table = Pseudonyms(KEY)
    found = Patterns(table, private, lambda _: (), credentials)
    return table, lambda text, bare=False: edited(text, found.edits(text, bare))


def pseudonym() -> str:
    return Pseudonyms(KEY).number(Private.NATIONAL_ID, PERSON)


SPELLINGS: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "plain": (str, str),
    "with a blank": (lambda one: f"{one[:6]} {one[6:]}", lambda one: one.replace(" ", "")),
    "with a hard blank": (lambda one: f"{one[:6]}\u00a0{one[6:]}", lambda one: one.replace("\u00a0", "")),
    "with a hyphen": (lambda one: f"{one[:6]}-{one[6:]}", lambda one: one.replace("-", "")),
    "with a full stop": (lambda one: f"{one[:6]}.{one[6:]}", lambda one: one.replace(".", "")),
    "percent-encoded in part": (
        lambda one: f"%3{one[0]}%3{one[1]}{one[2:]}",
        lambda one: "".join(part[-1] if part.startswith("%") else part for part in re.findall("%3.|.", one)),
    ),
    "percent-encoded": (
        lambda one: "".join(f"%3{digit}" for digit in one),
        lambda one: one.replace("%3", ""),
    ),
    "as character references": (
        lambda one: "".join(f"&#{ord(digit)};" for digit in one),
        lambda one: "".join(chr(int(code)) for code in re.findall("&#([0-9]+);", one)),
    ),
    "with one hexadecimal reference": (
        lambda one: f"&#x3{one[0]};{one[1:]}",
        lambda one: re.sub("&#x3(.);", r"\1", one),
    ),
    "with an escape": (lambda one: f"\\u003{one[0]}{one[1:]}", lambda one: one.replace("\\u003", "")),
    "in base64": (
        lambda one: base64.b64encode(one.encode()).decode(),
        lambda one: base64.b64decode(one).decode(),
    ),
    "in base64 without padding": (
        lambda one: base64.b64encode(one.encode()).decode().rstrip("="),
        lambda one: base64.b64decode(one + "=").decode(),
    ),
    "in base64 twice": (
        lambda one: base64.b64encode(base64.b64encode(one.encode())).decode(),
        lambda one: base64.b64decode(base64.b64decode(one)).decode(),
    ),
    "in hexadecimal digits": (lambda one: one.encode().hex(), lambda one: bytes.fromhex(one).decode()),
}
AROUND = ["{}", "number {}.", "x={}", "'{}'", '"{}"', "<b>{}</b>", "({})", "to/{}", "{}, {}"]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_number_has_one_pseudonym_however_it_is_spelled(spelling: str, around: str) -> None:
    write, read = SPELLINGS[spelling]
    _, clean = seen()
    found = clean(around.replace("{}", write(PERSON)))
    front, end = around.split("{}")[0], around.rsplit("{}", 1)[1]
    assert found.startswith(front) and found.endswith(end)
    inside = found[len(front) : len(found) - len(end)]
    assert {read(one) for one in inside.split(", ")} == {pseudonym()}


@pytest.mark.parametrize("digits", ["01819010355", "12345678910", "018190103540", "0181901035", "00000000000"])
def test_digits_that_are_no_number_stay(digits: str) -> None:
    assert seen()[1](f"id {digits}") == f"id {digits}"


def test_a_number_that_was_seen_is_known_even_with_a_wrong_digit_or_its_zero_lost() -> None:
    table, clean = seen()
    wrong = table.number(Private.NATIONAL_ID, "01819010355")
    right = table.number(Private.NATIONAL_ID, PERSON)
    assert clean("01819010355 and 1819010354") == f"{wrong} and {right[1:]}"


def test_a_number_that_lost_its_zero_is_one_where_it_stands_alone() -> None:
    assert seen()[1](PERSON[1:], True) == pseudonym()[1:] and seen()[1](PERSON[1:]) == PERSON[1:]


def test_an_organisation_number_is_one_where_it_stands_alone_or_was_seen() -> None:
    assert seen()[1](f"of {COMPANY}") == f"of {COMPANY}"
    _, clean = seen()
    found = clean(COMPANY, True)
    assert found != COMPANY and clean(f"of {COMPANY}") == f"of {found}"
    spaced = f"{COMPANY[:3]} {COMPANY[3:6]} {COMPANY[6:]}"
    assert clean(spaced) == f"{found[:3]} {found[3:6]} {found[6:]}"


def test_an_organisation_that_is_nobodys_stays() -> None:
    _, clean = seen(private=lambda digits: digits != COMPANY)
    assert clean(COMPANY, True) == COMPANY


def test_a_telephone_number_shows_by_its_country_code_or_was_seen() -> None:
    table, clean = seen()
    found = table.number(Private.PHONE, "91234567")
    _, fresh = seen()
    assert fresh("91234567") == "91234567"
    assert clean("+47 912 34 567, 004791234567, 91234567") == (
        f"+47 {found[:3]} {found[3:5]} {found[5:]}, 0047{found}, {found}"
    )


def test_an_account_number_shows_by_its_separators_or_was_seen() -> None:
    _, clean = seen()
    found = clean(f"{BANK[:4]}.{BANK[4:6]}.{BANK[6:]}").replace(".", "")
    assert found.startswith("9999") and clean(BANK) == found and clean(f"{BANK[:4]} {BANK[4:6]} {BANK[6:]}") != BANK


@pytest.mark.parametrize("address", ["kari@firma.no", "kari.o'hara+x@post.firma.co.uk", "bjørn@blåbær.no"])
def test_an_address_of_mail_is_replaced_in_every_spelling(address: str) -> None:
    _, clean = seen()
    found = clean(address)
    assert found.endswith("@example.invalid") and clean(f"to <{address}>;") == f"to <{found}>;"
    assert clean(quote(address.replace("'", ""), safe="'")) != quote(address)
    assert base64.b64decode(clean(base64.b64encode(address.encode()).decode())).decode() == found


@pytest.mark.parametrize("address", ["a@example.com", "b@x.example.org", "c@y.test", "p_0123456789ab@example.invalid"])
def test_an_address_that_nobody_can_have_stays(address: str) -> None:
    assert seen()[1](address) == address


TOKEN = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"x"}', b'{"pid":1}', b"sign")
)
CERTIFICATE = f"-----BEGIN CERTIFICATE-----\n{'MIIB' * 20_000}\n-----END CERTIFICATE-----"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"token {TOKEN}!", f"token {REMOVED}!"),
        (f"bearer {'a1' * 12}, so", f"bearer {REMOVED}, so"),
        (f"BEARER {'a1' * 12}", f"BEARER {REMOVED}"),
        (".ASPXAUTH=0A1B2C; path=/", f".ASPXAUTH={REMOVED}; path=/"),
        (f"cert {CERTIFICATE} end", f"cert {REMOVED} end"),
        (CERTIFICATE[:90], REMOVED),
    ],
    ids=["jwt", "bearer", "loud bearer", "cookie", "long certificate", "cut certificate"],
)
def test_what_lets_somebody_in_is_removed(text: str, left: str) -> None:
    assert seen()[1](text) == left


def test_the_credentials_of_the_run_are_removed_wherever_they_stand() -> None:
    _, clean = seen("s3cr3t-key-1", "abc")
    coded = base64.b64encode(b"user:s3cr3t-key-1").decode()
    assert clean("ApiKey s3cr3t-key-1") == f"ApiKey {REMOVED}"
    assert base64.b64decode(clean(f"Basic {coded}").removeprefix("Basic ")) == b"user:removed"
    assert clean("s3cr3t%2Dkey%2D1") == REMOVED
    assert clean("abc") == "abc"  # too short: it would be found in everything


def test_a_credential_may_become_known_later() -> None:
    found = Patterns(Pseudonyms(KEY), lambda _: True, lambda _: ())
    assert found.edits("session-0123456789") == ()
    found.hide(("session-0123456789",))
    assert edited("session-0123456789", found.edits("session-0123456789")) == REMOVED


@given(st.text())
def test_a_text_with_nothing_private_comes_back_as_it_is(text: str) -> None:
    safe = re.sub(r"[0-9@]", "x", text)
    assert seen()[1](safe) == safe or "x" * 3 in safe


# Edits and spellings

TEXTS = st.text(alphabet="ab1% ø", max_size=12)


@given(TEXTS, st.data())
def test_edits_are_joined_without_touching_one_another(text: str, data: st.DataObject) -> None:
    def some() -> tuple[Edit, ...]:
        ends = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
        pairs = zip(ends[::2], ends[1::2], strict=False)
        return tuple(Edit(start, end, "?") for start, end in pairs)

    one, two = some(), some()
    found = joined(one, two)
    assert set(one) <= set(found) <= {*one, *two}
    assert all(a.end <= b.start for a, b in pairwise(found))
    lost = [edit for edit in two if edit not in found]
    assert all(any(a.start < edit.end and edit.start < a.end for a in one) for edit in lost)


@given(st.text(), st.booleans())
def test_a_percent_encoded_text_says_what_was_encoded(text: str, all_of_it: bool) -> None:
    text = text.encode("utf-8", "replace").decode()
    written = "".join(f"%{byte:02x}" for byte in text.encode()) if all_of_it else quote(text)
    units = percent_units(written)
    assert units is not None and percent_said(units) == text and "".join(units) == written


def test_a_percent_encoding_that_is_no_utf_8_says_nothing() -> None:
    assert percent_units("a%ff") is None and percent_units("100%") == list("100%")


@pytest.mark.parametrize(
    ("units", "text", "edit", "left"),
    [
        (["%30", "1"], "01", Edit(0, 2, "71"), "%371"),
        (["\\u00F8", "x"], "øx", Edit(0, 1, "é"), "\\u00E9x"),
        (["&#248;", "x"], "øx", Edit(0, 1, "é"), "&#233;x"),
        (["&#xf8;", "x"], "øx", Edit(0, 1, "é"), "&#xe9;x"),
        (["&oslash;", "x"], "øx", Edit(0, 1, "é"), "éx"),
        (["&apos;", "a", "&apos;"], "'a'", Edit(0, 3, "'bcd'"), "&apos;bcd&apos;"),
        (["\\q"], "\\q", Edit(0, 2, "\\z"), "\\z"),
    ],
)
def test_what_was_escaped_is_escaped_in_the_same_way(units: list[str], text: str, edit: Edit, left: str) -> None:
    assert respelled(units, text, (edit,)) == left


# Cost

HOSTILE = """a|1|0|ø|%41|&#48;|\\u0030|@|a@|a@b.|a@a-|a@b.c|-----BEGIN RSA-----|-----BEGIN |eyJ|eyJaaaaaaaa.
eyJaaaaaaaa.bbbb|<|<!|<!--|<![CDATA[|<?|<a |<a b="|<a b='|</|"|\\|\\"|'|''|a eq '|f(a,|/|=|a=|?|{|[|{}|{"a":|[1,
filename=|ASPXAUTH=|bearer |12 |1 1|123 |%|&amp;|_|-|A-|organizationform:|+47|0047 2|01819010354|018190103|91234567
\u00a0|kari@firma.no|MDE4MTkwMTAzNTQ=|a<!---->|1<!---->|Kari |Kari+""".replace("\n", "|").split("|")
LENGTH = 100_000 if os.environ.get("SAMSVAR_NIGHTLY") else 40_000
SECONDS = LENGTH / 40_000
"""What so many characters may take on a busy machine. Whatever grows with the square takes far more."""


@pytest.mark.parametrize("atom", HOSTILE)
def test_no_text_takes_longer_than_its_length(atom: str) -> None:
    text = (atom * (LENGTH // len(atom) + 1))[:LENGTH]
    _, clean = seen("credential")
    begun = time.perf_counter()
    clean(text, True)
    tried = [pattern for module in MODULES for pattern in vars(module).values() if isinstance(pattern, re.Pattern)]
    for pattern in tried:
        search = pattern.match if pattern.pattern.endswith(r"\Z") else pattern.search
        search(text + "\0!")
    assert len(tried) > 20 and time.perf_counter() - begun < SECONDS


MODULES = (cleaner, edits, fields, json_bodies, patterns, words, xml_bodies)


@pytest.mark.parametrize("atom", HOSTILE)
@pytest.mark.parametrize("walk", [json_bodies.cleaned_json, xml_bodies.cleaned_xml])
def test_no_body_takes_longer_to_cut_than_its_length(walk: Callable[..., str], atom: str) -> None:
    text = (atom * (LENGTH // len(atom) + 1))[:LENGTH]
    begun = time.perf_counter()
    assert walk(text, lambda leaf: ()) == text
    assert time.perf_counter() - begun < SECONDS


def test_a_number_of_each_kind_is_found_among_many_others() -> None:
    _, clean = seen()
    numbers = [national(day + d, month, 77, 100) for day in (1, 15) for d in (0, 40) for month in (3, 43, 68, 83)]
    found = clean(" og ".join(numbers)).split(" og ")
    assert len(set(found)) == len(numbers) and not set(found) & set(numbers)
