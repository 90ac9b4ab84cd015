"""Each probe goes by the client that is to put it."""

import asyncio

from samsvar.model.exchange import Client, Probe, Response, Stage
from samsvar.world.clients import RoutedTransport
from samsvar.world.transport import Outcome


class Named:
    """A transport that answers with its name."""

    def __init__(self, name: str, *, immediate: bool = True) -> None:
        self.immediate = immediate
        self.closed = False
        self._name = name

    async def send(self, probe: Probe) -> Outcome:
        return Outcome(Response(200, body=self._name.encode()))

    async def aclose(self) -> None:
        self.closed = True


def said(way: RoutedTransport, by: Client) -> Outcome:
    return asyncio.run(way.send(Probe("read", "https://api.example/api", by=by)))


def test_each_client_is_asked_by_its_own_way() -> None:
    way = RoutedTransport(Named("own"), {Client.CURL: Named("curl")})
    for by, name in ((Client.OWN, b"own"), (Client.CURL, b"curl")):
        response = said(way, by).response
        assert response is not None and response.body == name


def test_a_client_that_is_not_there_is_refused() -> None:
    failure = said(RoutedTransport(Named("own"), {Client.CURL: Named("curl")}), Client.BROWSER).failure
    assert failure is not None
    assert (failure.stage, failure.because) == (Stage.REFUSED, "there is no browser to ask by")


def test_it_is_as_immediate_as_our_own() -> None:
    others = {Client.CURL: Named("curl", immediate=False)}
    assert RoutedTransport(Named("own"), others).immediate
    assert not RoutedTransport(Named("own", immediate=False), others).immediate


def test_all_are_closed() -> None:
    several = [Named("own"), Named("curl"), Named("powershell")]
    way = RoutedTransport(several[0], {Client.CURL: several[1], Client.POWERSHELL: several[2]})
    asyncio.run(way.aclose())
    assert all(one.closed for one in several)
