"""Where places stand: canonical paths to URLs and back. Moving everything is a matter of another layout."""

from dataclasses import dataclass

from samsvar.miniature.parts import Call


@dataclass(frozen=True, slots=True)
class Fixed:
    """Everything stands where the documentation shows it, as absolute URLs."""

    def publish(self, call: Call, path: str) -> str:
        return f"{call.root}/{path}" if path else call.root

    def resolve(self, call: Call, path: str) -> str | None:
        return path
