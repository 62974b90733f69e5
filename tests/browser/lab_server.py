"""A JupyterLab of its own for the tests: on this machine only, with a random port and token, and
nobody's settings.
"""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from course.harness.stages import private_folders

SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # every cell stays in the page
}
FLAGS = [
    *("--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"),
    *("--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"),
    "--ServerApp.terminals_enabled=False",
]


class Server(NamedTuple):
    """Where it listens, and the token that lets in."""

    url: str
    token: str


@contextmanager
def jupyterlab(
    root: Path, private: Path, settings: Mapping[str, Mapping[str, object]] = SETTINGS
) -> Iterator[Server]:
    """Serve the folder `root`; everything that Lab itself writes goes below `private`."""
    for name, values in settings.items():
        file = private / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", *FLAGS, f"--ServerApp.root_dir={root}"]
    with (private / "lab.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, env=_environment(private, token), stdout=log, stderr=log
        )
        try:
            yield Server(_address(process, private, token), token)
        finally:
            process.terminate()  # it ends its kernels, too
            process.wait(20)


def _environment(private: Path, token: str) -> dict[str, str]:
    own = private_folders(private)
    return (
        os.environ | own | {"JUPYTER_TOKEN": token, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    )


def _address(process: subprocess.Popen, private: Path, token: str, seconds: float = 60) -> str:
    """Wait until the server answers. It writes its true port into a file of its own."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            file = next((private / "runtime").glob("jpserver-*.json"))
            url = json.loads(file.read_text(encoding="utf-8"))["url"].replace(
                "localhost", "127.0.0.1"
            )
            urllib.request.urlopen(f"{url}api/status?token={token}", timeout=2).close()
            return url
        # not there, not listening, or half written: not yet
        except (StopIteration, OSError, ValueError):
            time.sleep(0.1)
    raise RuntimeError(
        f"JupyterLab did not start: {(private / 'lab.log').read_text(encoding='utf-8')[-2000:]}"
    )
