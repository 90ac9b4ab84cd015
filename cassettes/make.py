"""Make the recordings in this folder anew: the miniature as it is, changed, and broken, each by ``samsvar record``.

Run it from a checkout: python cassettes/make.py [NAME ...]. The key of pseudonyms is public, since nobody's data is in
the miniature; with it, making them twice gives the same but for times.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PUBLIC_KEY = bytes(range(32)).hex()
RECORDINGS = {
    "miniature-kept": (),
    "miniature-moved": ("--evolution", "urls-moved"),
    "miniature-linked": ("--evolution", "links-for-elements"),
    "miniature-paged": ("--evolution", "pages-of-ten", "--size", "24"),
    "miniature-fault-format-4": ("--fault", "format-4-leading-zero-lost-in-xml"),
    "miniature-fault-link-4": ("--fault", "link-4-attachments-gone"),
    "miniature-fault-auth-3": ("--fault", "auth-3-no-login-needed"),
}
"""Folder -> what is recorded there. Small: a recording is kept for ever."""


def main(names: list[str]) -> int:
    """Record each of them, or those that are named."""
    for name in names or RECORDINGS:
        shutil.rmtree(HERE / name, ignore_errors=True)
        size = () if "--size" in RECORDINGS[name] else ("--size", "4")
        walks = ("--walks", "live")  # a few
        command = [sys.executable, "-m", "samsvar", "record", "-o", str(HERE / name), *RECORDINGS[name], *size, *walks]
        subprocess.run(command, check=True, env={**os.environ, "SAMSVAR_PSEUDONYM_KEY": PUBLIC_KEY})
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
