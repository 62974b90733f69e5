"""Run the solved notebooks for the site, each once: what ran is kept in build/executed/ until
something changes.
"""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from course.atomic_file import write_atomically
from course.building.build import ROOT

EXECUTED = Path("build/executed")
SECONDS = 600  # for one cell
# What the claims of a notebook measured, for the ledger's page; printed by a cell that the notebook
# does not keep.
_MEASURED = "import json\nfrom course.claims.claim import measurements, misfits\nprint(json.dumps([measurements, misfits]))"
_COLOURS = re.compile(r"\x1b\[[\d;]*m")  # of a traceback, meant for a terminal
_WATCHED = ("*.py", "*.csv", "*.html")


class SiteError(ValueError):
    """The site cannot be built. The message is one sentence."""


def fingerprint(root: Path = ROOT) -> str:
    """One digest of all that a notebook imports: utils/, course/ without the site itself, and the
    pinned versions.
    """
    files = [
        path
        for folder in ("utils", "course")
        for pattern in _WATCHED
        for path in (root / folder).rglob(pattern)
    ]
    site = root / "course" / "site"
    digest = hashlib.sha256()
    for path in sorted(
        [*(one for one in files if site not in one.parents), root / "requirements.txt"]
    ):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def executed(root: Path, name: str, notebook: bytes, imported: str) -> NotebookNode:
    """The notebook with its outputs; it runs only if it or what it imports (`imported`: the
    fingerprint) has changed.

    `metadata.measured` holds what its claims measured, by id, and `metadata.misfits` how some of
    that disagrees with the ledger. SiteError, in a sentence, if a cell fails.
    """
    key = hashlib.sha256(imported.encode() + notebook).hexdigest()[:20]
    kept = root / EXECUTED / f"{name}-{key}.ipynb"
    if not kept.is_file():
        print(f"running {name}", flush=True)
        ran = run(name, nbformat.reads(notebook.decode("utf-8"), as_version=4))
        write_atomically(kept, nbformat.writes(ran).encode("utf-8"))
        for old in (one for one in kept.parent.glob(f"{name}-*.ipynb") if one != kept):
            old.unlink()
    again: NotebookNode = nbformat.reads(kept.read_text(encoding="utf-8"), as_version=4)
    return again


def run(name: str, notebook: NotebookNode) -> NotebookNode:
    """Runs every cell of `notebook` and returns it.

    SiteError names the notebook and the cell that failed.
    """
    notebook.cells.append(new_code_cell(_MEASURED))
    with (
        tempfile.TemporaryDirectory(prefix="glass-box-site-") as folder,
        _environment(Path(folder)),
    ):
        where = {"metadata": {"path": folder}}
        # The kernel's warnings are about who else may listen on this machine, and not for who waits
        # for a site.
        client = NotebookClient(
            notebook,
            resources=where,
            timeout=SECONDS,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
        )
        try:
            client.execute()
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            last = _COLOURS.sub("", str(error)).strip().splitlines()[-1]
            raise SiteError(
                f"{name} does not run, so there is no site ({last}); mend the chapter first"
            ) from error
    printed = notebook.cells.pop().outputs[0].text
    notebook.metadata["measured"], notebook.metadata["misfits"] = json.loads(printed)
    notebook.metadata.pop("widgets", None)
    return notebook


@contextmanager
def _environment(private: Path) -> Iterator[None]:
    """Variables for the kernels: this checkout is what they import, answers are nobody's, and
    explorers draw ahead.
    """
    own = {
        "PYTHONPATH": str(ROOT),
        "GLASSBOX_FRAMES": "1",
        "GLASSBOX_DATA": str(private / "answers"),
        "IPYTHONDIR": str(private / "ipython"),
        "OMP_NUM_THREADS": "1",  # the same pictures on every machine
        "HF_HUB_OFFLINE": "1",
    }
    before = dict(os.environ)
    os.environ.update(own)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
