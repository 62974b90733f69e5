"""A small GPT and all that runs it: `from utils import GPT, GPTConfig, load, generate, stream,
trace`.
"""

import importlib
from typing import Any

from utils.threads import settle

settle()

# A name is looked up when it is asked for, so that what needs a file and no model does not wait for
# torch.
_HOMES = {
    "GPT": "utils.model.gpt",
    "GPTConfig": "utils.model.config",
    "generate": "utils.generation.decoding",
    "load": "utils.loading.pretrained",
    "stream": "utils.generation.decoding",
    "trace": "utils.model.taps",
}

__all__ = ["GPT", "GPTConfig", "generate", "load", "stream", "trace"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
