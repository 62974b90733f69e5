"""What a class hands in, laid out as files, folders and zips."""

import io
import zipfile
from pathlib import Path

TWO, TEN = "02_cross_entropy.ipynb", "10_attention.ipynb"
METADATA = """
submission_1:
  :submitters:
  - :name: Ann Lee
    :sid: '17'
    :email: ann@school.example
  :created_at: 2026-11-02 13:50:00.000000000 Z
submission_2:
  :submitters:
  - :name: Bob
    :sid:
    :email: bob@school.example
  - :name: Cleo
    :sid: '19'
  :created_at: 2026-11-02 13:51:00.000000000 Z
"""


def packed(*names: str, **zips: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, b"{}")
        for name, data in zips.items():
            archive.writestr(f"{name}.zip", data)
    return stream.getvalue()


def laid(folder: Path, files) -> Path:
    """The files in a folder; a name that ends with / is an empty folder, a dict gives contents."""
    contents = files if isinstance(files, dict) else dict.fromkeys(files, b"{}")
    for name, data in contents.items():
        path = folder / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(data)
    return folder


def zipped(path: Path, files) -> Path:
    contents = files if isinstance(files, dict) else dict.fromkeys(files, b"{}")
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return path
