"""The folder where a learner's own data lives, and what is kept there."""

import json
from pathlib import Path
from typing import Any

import platformdirs

from course.atomic_file import write_atomically
from utils.assets.user_folders import user_folder


def data_folder() -> Path:
    """Where a learner's answers are kept: the environment variable GLASSBOX_DATA, else the user's
    data folder.
    """
    return user_folder("GLASSBOX_DATA", "glass-box", platformdirs.user_data_path)


def recall(name: str) -> dict[str, Any]:
    """What was kept under `name`, empty if there is nothing readable: a lost or broken file costs
    only what it held.
    """
    try:
        kept = json.loads((data_folder() / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def remember(name: str, key: str, value: Any) -> None:
    """Keep `value` (plain JSON) under `name` and `key`, beside what is there.

    OSError where nothing can be written.
    """
    kept = recall(name) | {key: value}
    text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(data_folder() / f"{name}.json", f"{text}\n".encode())


def forget(name: str) -> None:
    """Delete all that was kept under `name`. OSError where that is not allowed."""
    (data_folder() / f"{name}.json").unlink(missing_ok=True)
