"""What SmolLM2 is asked for tables that lessons read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from course.runs.stored import RunT, make_missing
from utils import GPT, load
from utils.text.tokenizer import Tokenizer


def make_missing_of_smollm2(
    path: Path,
    runs: Iterable[RunT],
    make: Callable[[RunT, GPT, Tokenizer], Sequence[Mapping[str, Any]]],
) -> None:
    """Make the runs that the file does not have yet (see make_missing), with SmolLM2, whose weights
    need no gradients here.
    """
    model, tok = load("smollm2")
    model.requires_grad_(False)
    make_missing(path, runs, lambda run: make(run, model, tok))
