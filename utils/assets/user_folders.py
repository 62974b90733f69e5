"""The folders in which a user's files stay: models and data sets, and what a learner did."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def user_folder(variable: str, name: str, usual: Callable[[str], Path]) -> Path:
    """The folder that an environment variable names, else `usual(name)`; absolute. It may not exist
    yet.

    A user without a home folder, as in some containers, has one beside the temporary files.
    """
    try:
        chosen = Path(os.environ.get(variable) or usual(name))
        return chosen.expanduser().absolute()
    except RuntimeError:  # what ~ stands for is not known
        owner = os.getuid() if hasattr(os, "getuid") else "user"
        return Path(tempfile.gettempdir(), f"{name}-{owner}", variable.lower())


def has_home() -> bool:
    """Does the system know a home folder for this user?"""
    return os.path.expanduser("~") != "~"
