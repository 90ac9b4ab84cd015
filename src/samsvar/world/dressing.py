"""From a probe to the request that goes out: the address read, credentials added last, for one origin only."""

import re
from typing import Final

from samsvar.model.exchange import Failure, Login, Probe, Response
from samsvar.world.addresses import Address, Refusal, read_url
from samsvar.world.credentials import CREDENTIAL_FIELDS, Vault
from samsvar.world.dress import ENCODING, USER_AGENT, Door, Dress, Ready, Send, refused
from samsvar.world.logins import is_over

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Dresser:
    """Makes probes ready for one target, and puts them in the session of their login.

    root: URL path of the API root. methods: those that may go out (a second wall; the first is whoever asks).
    """

    def __init__(self, vault: Vault, root: str, methods: frozenset[str] = SAFE_METHODS) -> None:
        self._vault = vault
        self._root = root.rstrip("/")
        self._methods = methods

    async def put(self, probe: Probe, send: Send) -> tuple[Ready, Response | Failure] | Failure:
        """The request for a probe and the answer to it, or why none goes out. Where the session of the login has ended
        in mid-run, a safe question is put once more in a new one."""
        ready = await self.ready(probe, send)
        if isinstance(ready, Failure):
            return ready
        said = await send(ready)
        if _is_worth(ready, said):
            ready, said = await self._once_more(probe, ready, said, send)
        if isinstance(said, Response) and ready.provider is not None:
            ready.provider.heard(ready, said)
        return ready, said

    async def _once_more(
        self, probe: Probe, ready: Ready, said: Response | Failure, send: Send
    ) -> tuple[Ready, Response | Failure]:
        fresh = await self.ready(probe, send)
        if isinstance(fresh, Failure) or fresh.provider is None:
            return ready, said
        again = await send(fresh)
        fresh.provider.tried(in_vain=isinstance(again, Failure) or is_over(again))
        return fresh, again

    async def ready(self, probe: Probe, send: Send) -> Ready | Failure:
        """The request for a probe, or why it does not go out. ``send`` is used to log in."""
        address = read_url(probe.url, self._vault.origin, self._root or "/")
        if isinstance(address, Refusal):
            return refused(address)
        wrong = self._wrong(probe)
        if wrong is not None:
            return refused(wrong)
        dress = self._vault.dress(probe.login, address.origin)
        if isinstance(dress, Dress) and dress.fetch and dress.provider is not None:
            failure = await dress.provider.fetch(self._door(send))
            if failure is not None:
                return failure
            dress = self._vault.dress(probe.login, address.origin)
        return refused(dress) if isinstance(dress, Refusal) else dressed(probe, address, dress)

    async def aclose(self) -> None:
        """Closes what logins opened."""
        await self._vault.aclose()

    def _door(self, send: Send) -> Door:
        key = self._vault.dress(Login.NO_LOGIN, self._vault.origin)
        return Door(self._vault.origin, self._root, key.fields if isinstance(key, Dress) else (), send)

    def _wrong(self, probe: Probe) -> Refusal | None:
        if probe.method not in self._methods:
            return Refusal("method", f"{probe.method} is not one of {', '.join(sorted(self._methods))}")
        for name, value in probe.headers:
            if name.lower() in CREDENTIAL_FIELDS:
                return Refusal("credentials", f"a probe carries {name} itself; it names a login instead")
            if SURROGATE.search(value):
                return Refusal("field", f"the value of {name} cannot be written as bytes")
        return None


def _is_worth(ready: Ready, said: Response | Failure) -> bool:
    """Whether the login of a request is over, and another one may answer it."""
    provider = ready.provider
    if provider is None or not provider.renewable or isinstance(said, Failure) or ready.method not in SAFE_METHODS:
        return False
    return is_over(said) and provider.ended(ready)


def dressed(probe: Probe, address: Address, dress: Dress) -> Ready:
    """The request for a probe with what the vault adds."""
    names = {name.lower() for name, _ in probe.headers}
    sent = probe.headers
    if "accept-encoding" not in names:
        sent = (*sent, ENCODING)
    if "user-agent" not in names:
        sent = (*sent, USER_AGENT)
    if dress.query and dress.query.lower() not in address.target.partition("?")[2].lower():
        mark = "&" if "?" in address.target else "?"
        address = Address(address.origin, f"{address.target}{mark}{dress.query}")
    codings = probe.header("Accept-Encoding") if "accept-encoding" in names else "gzip"
    return Ready(
        probe.method,
        address,
        sent + dress.fields,
        sent,
        dress.names,
        dress.certificate,
        accept_encoding=codings or "identity",
        provider=dress.provider,
        session=dress.session,
    )
