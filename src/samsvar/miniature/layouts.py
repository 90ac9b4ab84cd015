"""Where places stand: canonical paths to URLs and back. Moving everything is a matter of another layout."""

import re
from dataclasses import dataclass

from samsvar.miniature.chance import number
from samsvar.miniature.parts import Call
from samsvar.miniature.routes import HELP_PATHS, match

STAYING = (
    "{who}/messages",
    "{who}/messages/trashbin",
    "reportees",
    "organizations",
    "my/profile",
    "{orgno}/profile",
    "metadata",
    "metadata/codelists",
    "metadata/roledefinitions",
    "metadata/well-known",
    "metadata/jwk",
    *HELP_PATHS,
    "{who}/authorization/roles",
    "{who}/authorization/rights",
    "{who}/authorization/apprights",
    "{who}/authorization/roledefinitions",
    "{who}/authorization/delegations",
    "{who}/brokerservice/inbox",
    "brokerservice/inbox/hasavailablefiles",
    "authentication/authenticatewithpassword",
    "",
)
"""What no link leads to, or is an entry: it stays where the documentation shows it. Everything else may move away."""


def stays(path: str) -> bool:
    """Whether a path still means something after everything moved. Boxes of others than "my" are reached by links."""
    found = match(path)
    if found is None or found.route.template not in STAYING:
        return False
    return found.route.template != "{who}/messages" or found.variables["who"] == "my"


def halves(path: str) -> tuple[str, str]:
    """The part of a canonical path that can be hidden, and the rest: template variables and the query."""
    fixed = re.split(r"/\{|\?", path, maxsplit=1)[0]
    return fixed, path[len(fixed) :]


@dataclass(frozen=True, slots=True)
class Fixed:
    """Everything stands where the documentation shows it, as absolute URLs."""

    def publish(self, call: Call, path: str) -> str:
        return f"{call.root}/{path}" if path else call.root

    def resolve(self, call: Call, path: str) -> str | None:
        return path


@dataclass(frozen=True, slots=True)
class Moved:
    """Everything stands below other segments. The old URLs are gone, but for entries."""

    prefix: str

    def publish(self, call: Call, path: str) -> str:
        return f"{call.root}/{self.prefix}/{path}"

    def resolve(self, call: Call, path: str) -> str | None:
        if path.lower().startswith(f"{self.prefix}/"):
            return path[len(self.prefix) + 1 :]
        return path if stays(path) else None


@dataclass(frozen=True, slots=True)
class Nested:
    """Each segment is wrapped in one of its own: "en/my/en/messages"."""

    wrapper: str = "nivaa"

    def publish(self, call: Call, path: str) -> str:
        fixed, rest = halves(path)
        return f"{call.root}/{'/'.join(f'{self.wrapper}/{segment}' for segment in fixed.split('/'))}{rest}"

    def resolve(self, call: Call, path: str) -> str | None:
        segments = path.split("/")
        if segments[0].lower() != self.wrapper:
            return path if stays(path) else None
        kept = [
            text for place, text in enumerate(segments) if text.lower() != self.wrapper or place + 1 == len(segments)
        ]
        return "/".join(kept)


@dataclass(frozen=True, slots=True)
class Opaque:
    """URLs from which nothing can be read. per_session: they differ from login to login, though all go on working."""

    per_session: bool = False

    def publish(self, call: Call, path: str) -> str:
        fixed, rest = halves(path)
        mark = f"s{call.session}-" if self.per_session else ""
        return f"{call.root}/o/{mark}{scrambled(fixed.encode()).hex()}{rest}"

    def resolve(self, call: Call, path: str) -> str | None:
        found = re.fullmatch(r"o/(?:s[0-9a-f]+-)?((?:[0-9a-f]{2})*)(/.*)?", path, re.IGNORECASE)
        if not found:
            return path if stays(path) else None
        fixed = scrambled(bytes.fromhex(found.group(1))).decode("utf-8", "replace")
        return fixed + (found.group(2) or "")


def scrambled(data: bytes) -> bytes:
    """Each byte changed by a fixed sequence; doing it twice gives the data back."""
    return bytes(byte ^ (number(0, "scramble", place // 8) >> place % 8 * 8 & 0xFF) for place, byte in enumerate(data))


@dataclass(frozen=True, slots=True)
class Cased:
    """Path segments are spelled in another case than the documentation's; that means nothing."""

    def publish(self, call: Call, path: str) -> str:
        fixed, rest = halves(path)
        words = (
            segment.capitalize() if segment.isalpha() and segment != "my" else segment for segment in fixed.split("/")
        )
        return f"{call.root}/{'/'.join(words)}{rest}"

    def resolve(self, call: Call, path: str) -> str | None:
        return path
