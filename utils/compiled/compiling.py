"""How the loops of this wing are compiled: by numba, for the processor at hand, kept on the disk.

numba brings LLVM in its wheel, so no compiler has to be there. What was compiled stays in the user's
cache folder, and the next process loads it. numba itself notices a change in the file of a loop,
but not in the files of the loops that it calls: so the folder's name says what all of them are.
"""

import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import config, njit

from utils.assets.cache import cache_dir

Loop = TypeVar("Loop", bound=Callable[..., Any])

# Sums may be taken in another order, and a product and a sum be one instruction: without that LLVM
# adds numbers one by one. NaN and infinity keep their meaning, unlike with `fastmath=True`.
REORDER = {"reassoc", "contract", "arcp", "nsz"}


def _folder() -> Path:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    return cache_dir() / "compiled" / digest.hexdigest()[:16]


_FOLDER = str(_folder())


def compiled(loop: Loop) -> Loop:
    """`loop` as machine code that runs without Python's lock, so that threads run side by side."""
    loop = inspect.unwrap(loop)  # numba reads the loop itself, not what checks its arguments
    options: dict[str, Any] = {"nogil": True, "fastmath": REORDER, "error_model": "numpy"}
    others, config.CACHE_DIR = config.CACHE_DIR, _FOLDER
    try:
        fast: Loop = njit(**options, cache=True)(loop)
    except RuntimeError:  # no folder to keep it in: it is compiled in each process
        fast = njit(**options)(loop)
    finally:
        config.CACHE_DIR = others
    return fast
