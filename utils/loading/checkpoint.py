"""Our own checkpoints: one safetensors file that carries weights, configuration and vocabulary."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import Module

from utils.loading.build_model import LazyTensor, build_model, require_rows
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.wrappers import unwrapped
from utils.quantization.packed_model import is_packed
from utils.text.vocabulary import Vocabulary

FORMAT = "glass-box 1"


def save_checkpoint(path: str | Path, model: Module, vocabulary: Vocabulary) -> Path:
    """Write `path` (it should end in .safetensors) in one go: a crash leaves the old file, never
    half a new one.

    `model`: a GPT, also one that torch.compile or DataParallel has wrapped. Raises TypeError for
    other modules, and ValueError for a model of int8 or int4 codes, which are made anew from the
    weights at every load, or one that lacks rows for some tokens.
    """
    plain = unwrapped(model)
    if is_packed(plain):
        raise ValueError(
            "a model of int8 or int4 codes cannot be saved: save the one with weights, loaded as "
            "'float32'."
        )
    require_rows(plain, vocabulary, "the model")
    metadata = {
        "format": FORMAT,
        "config": json.dumps(asdict(plain.config)),
        "vocabulary": json.dumps(vocabulary.to_dict()),
    }
    return write_safetensors(Path(path), dict(plain.named_parameters()), metadata)


def write_safetensors(path: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str]) -> Path:
    """Write a safetensors file beside `path`, then put it in its place; so `path` is always whole,
    the old or the new.

    Raises OSError if it cannot be written, for example on a full disk; the old file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        save_file(
            {name: t.detach().cpu().contiguous() for name, t in tensors.items()},
            unfinished,
            metadata,
        )
        with open(unfinished, "rb+") as file:
            # on the disk before it gets the name, so that a power cut leaves no empty file
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except SafetensorError as error:  # how safetensors reports a full disk
        raise OSError(f"{path} could not be written ({error})") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def load_checkpoint(path: Path, dtype: torch.dtype, device: torch.device) -> tuple[GPT, Vocabulary]:
    """The model and its vocabulary; ValueError, in one sentence, if the file is damaged or not one
    of ours.
    """
    file = open_safetensors(path)
    metadata = file.metadata() or {}
    if metadata.get("format") != FORMAT:
        raise ValueError(
            f"{path} is not a checkpoint of this course (format {metadata.get('format')!r}, "
            f"expected {FORMAT!r}): "
            f"for a Hugging Face model give its folder, for your own use save_checkpoint."
        )
    config = GPTConfig(**json.loads(metadata["config"]))
    vocabulary = Vocabulary.from_dict(json.loads(metadata["vocabulary"]))
    return build_model(config, lazy_tensors(file), str(path), dtype, device), vocabulary


def open_safetensors(path: Path) -> safe_open:
    """The file's table, its tensors still on disk; ValueError if it is damaged."""
    try:
        return safe_open(path, framework="pt")
    except SafetensorError as error:
        raise ValueError(
            f"{path} is damaged or cut short ({error}): fetch or make the file again."
        ) from None


def lazy_tensors(file: safe_open) -> dict[str, LazyTensor]:
    """Name -> shape and reader of every tensor in an open safetensors file."""
    names = list(file.keys())
    return {
        name: (tuple(file.get_slice(name).get_shape()), partial(file.get_tensor, name))
        for name in names
    }
