"""Run pip so that it cannot run what it downloads. A script: `python -P pip_guard.py NAME==VERSION
download …`.

`pip download` of a source archive asks the build backend of that archive for its name and version,
and so runs `setup.py` or whatever else the archive brings. We have pinned name and version already,
so we answer ourselves. Should a pip ever ask in another way, the second lock holds: it may not
start a program on anything in its own folder for temporary files, which is where the archive is
unpacked.
"""

import os
import runpy
import sys
import tempfile
from pathlib import Path
from typing import Any

PRIVATE = {tempfile.gettempdir(), os.path.realpath(tempfile.gettempdir())}


def start_nothing_downloaded(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook (PEP 578). pip may still ask the system what it is (uname, ld) and a keyring for a
    password.
    """
    if event in {"os.system", "os.exec", "os.spawn", "os.fork", "os.forkpty"}:
        raise PermissionError(f"pip may not use {event} here")
    if event == "subprocess.Popen":
        program, command, folder, _ = arguments
        if any(place in f"{program} {command} {folder}" for place in PRIVATE):
            raise PermissionError(
                f"pip may not start this here, it could run a downloaded file: {command}"
            )


def hook_caller() -> type[object]:
    """pip's class that calls the hooks of PEP 517."""
    try:
        from pip._vendor.pyproject_hooks import BuildBackendHookCaller
    except ImportError:  # pip before 23.1
        from pip._vendor.pep517.wrappers import Pep517HookCaller

        old: type[object] = Pep517HookCaller
        return old
    return BuildBackendHookCaller


def answer_for_the_backend(name: str, version: str) -> None:
    """Replace the hook of PEP 517 that asks an archive for its metadata by the answer that is
    pinned.
    """

    def prepare_metadata_for_build_wheel(
        self: object, metadata_directory: str, *args: object, **kwargs: object
    ) -> str:
        folder = Path(metadata_directory) / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir(parents=True)
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (folder / "METADATA").write_text(text, encoding="utf-8")
        return folder.name

    hook = prepare_metadata_for_build_wheel
    setattr(hook_caller(), hook.__name__, hook)


if __name__ == "__main__":
    answer_for_the_backend(*sys.argv.pop(1).split("=="))
    sys.addaudithook(start_nothing_downloaded)
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
