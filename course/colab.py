"""The set-up cell of every notebook. It does nothing outside Colab and Kaggle, and there it changes
no package that is there.

Before the course is installed nothing of it can be imported, so the cell only installs the course
itself. The rest is `set_up` here: a repair of it reaches every notebook, also those that people
have saved.
"""

import importlib
import os
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

NAME = "glass-box"
# Only the scripts of bertviz are read (utils/pictures/bertviz_views.py): what its Python would need
# may stay away.
ALONE = ["bertviz"]

CELL = """\
# Only on Colab and Kaggle: install the course. Nothing that is installed there already is changed.
import os
import sys

if "google.colab" in sys.modules or "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
    %pip install -q --no-deps "git+{repository}"
    from course import colab

    colab.set_up()"""


ANEW = {
    "colab": "Runtime > Disconnect and delete runtime",
    "kaggle": "to stop the session and start it anew",
}
KEEP = {
    "colab": "Colab forgets this notebook when you leave: File > Save a copy in Drive keeps your work.",
    "kaggle": "Save Version keeps your work.",
}


def missing(requirements: list[str]) -> list[str]:
    """Those requirements of this platform, extras left out, that are not installed in any version."""
    wanted = [Requirement(text) for text in requirements]
    here = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    installed = {_normal(found.name) for found in metadata.distributions()}
    return [str(one) for one in here if _normal(one.name) not in installed]


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def install(requirements: list[str], *options: str) -> None:
    """pip-install these, with every installed package held at its version.

    RuntimeError says why pip could not.
    """
    held = "".join(f"{found.name}=={found.version}\n" for found in metadata.distributions())
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "installed.txt"
        constraints.write_text(held, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "-c",
            str(constraints),
            *options,
            *requirements,
        ]
        run = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", errors="replace"
        )
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RuntimeError(
            f"{', '.join(requirements)} could not be installed beside what is there ({last}); "
            f"choose {ANEW[host()]}, then run this cell again"
        )
    importlib.invalidate_caches()


def set_up() -> None:
    """Install what the course needs and the runtime lacks, and say how to keep one's work."""
    if lacking := missing(metadata.requires(NAME) or []):
        install(lacking)
    if lacking := missing(ALONE):
        install(lacking, "--no-deps")
    print(f"Ready. {KEEP[host()]}")


def host() -> str:
    """Whose machine this is: "kaggle" or "colab"."""
    return "kaggle" if "KAGGLE_KERNEL_RUN_TYPE" in os.environ else "colab"
