"""An environment of this process on a port of its own, under its own name and TLS: for clients that are programs of
their own (curl, PowerShell, a browser) and cannot call it.

Asked here or there, it is one environment with one memory. The certificate is signed by an authority that is made for
the occasion, that nobody else trusts, and whose key is forgotten.
"""

import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from samsvar.errors import UsageError
from samsvar.world.authority import leaf_for

if TYPE_CHECKING:
    from samsvar.miniature import Miniature
    from samsvar.miniature.serving import Served


class ServedEnvironment:
    """The miniature on loopback, at https://``host``:``port`` for whoever is told that this host is at 127.0.0.1.

    port: 0 until it is started. authority_pem: the certificate to trust; authority_path: a file with it, while it is
    served. leaf_spki: SHA-256 of the public key of the certificate that it shows, as browsers name it (base64).
    """

    def __init__(self, environment: "Miniature", host: str) -> None:
        self._environment = environment
        self.host = host
        self.port = 0
        self.authority_pem = b""
        self.authority_path = ""
        self.leaf_spki = ""
        self._starting = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._served: Served | None = None

    def start(self) -> "ServedEnvironment":
        """Serves it, if it is not served yet. Raises UsageError when no certificate or port can be had."""
        with self._starting:
            if self._served is None:
                self._start()
        return self

    def _start(self) -> None:
        from samsvar.miniature import serve

        leaf = leaf_for(self.host)
        try:
            self._served = serve(lambda root: self._environment, tls=leaf.context)
        except OSError as error:
            raise UsageError(
                f"No port of this machine can be listened on ({error.strerror}).", "Allow listening on 127.0.0.1."
            ) from error
        self.port, self.authority_pem, self.leaf_spki = self._served.port, leaf.authority, leaf.key
        self._folder = tempfile.TemporaryDirectory(prefix="samsvar-")
        path = Path(self._folder.name, "authority.pem")
        path.write_bytes(self.authority_pem)
        self.authority_path = str(path)

    def close(self) -> None:
        """Frees the port and forgets the certificate; without effect when it is not served."""
        if self._served is not None:
            self._served.close()
            self._served = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self.port = 0

    def __enter__(self) -> "ServedEnvironment":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()


def servable() -> bool:
    """Whether what makes certificates is installed."""
    from importlib.util import find_spec

    return find_spec("trustme") is not None
