"""A GGUF file of the llama architecture as a model and its vocabulary."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import torch

from utils.loading.build_model import LazyTensor, build_model
from utils.loading.gguf_file import GGUFFile
from utils.model.config import GPTConfig
from utils.model.device import UINT4
from utils.model.gpt import GPT
from utils.text.vocabulary import Vocabulary

# GGUF's names for the parts of a block, and ours.
_PARTS = {
    "attn_norm": "attn_norm",
    "attn_q": "attn.query",
    "attn_k": "attn.key",
    "attn_v": "attn.value",
    "attn_output": "attn.output",
    "ffn_norm": "mlp_norm",
    "ffn_gate": "mlp.gate",
    "ffn_up": "mlp.up",
    "ffn_down": "mlp.down",
}
_OUTSIDE = {"token_embd": "embed", "output_norm": "final_norm", "output": "unembed"}
_CONTROL = 3  # token_type of special tokens


def load_gguf(path: Path, dtype: torch.dtype, device: torch.device) -> tuple[GPT, Vocabulary]:
    """The model in `dtype` and its vocabulary. Raises ValueError for what this decoder cannot run.

    For torch.uint4 the file's own 4-bit codes are taken over, where it has such; see
    utils.quantization.packed_linear.
    """
    file = GGUFFile(path)
    config = gguf_config(file)
    vocabulary = gguf_vocabulary(file)
    return build_model(config, _renamed(file, dtype), str(path), dtype, device), vocabulary


def gguf_config(file: GGUFFile) -> GPTConfig:
    """The configuration that a llama file's header describes."""
    architecture = file.fields.get("general.architecture")
    if architecture != "llama":
        raise ValueError(
            f"{file.path} holds a model of architecture {architecture!r}; only 'llama' can be "
            "loaded."
        )
    scaling = file.fields.get("llama.rope.scaling.type", "none")
    if scaling != "none" or "rope_freqs.weight" in file.tensors:
        raise ValueError(
            f"{file.path} stretches its rotary positions ({scaling}), which is not supported."
        )
    n_head = _field(file, "llama.attention.head_count")
    d_model = _field(file, "llama.embedding_length")
    return GPTConfig.llama(
        vocab_size=len(_field(file, "tokenizer.ggml.tokens")),
        context_length=_field(file, "llama.context_length"),
        n_layer=_field(file, "llama.block_count"),
        n_head=n_head,
        n_kv_head=file.fields.get("llama.attention.head_count_kv", n_head),
        d_model=d_model,
        d_head=file.fields.get("llama.attention.key_length", d_model // n_head),
        d_mlp=_field(file, "llama.feed_forward_length"),
        norm_eps=_field(file, "llama.attention.layer_norm_rms_epsilon"),
        rope_base=file.fields.get("llama.rope.freq_base", 10_000.0),
        attn_bias="blk.0.attn_q.bias" in file.tensors,
        tie_embedding="output.weight" not in file.tensors,
    )


def gguf_vocabulary(file: GGUFFile) -> Vocabulary:
    """The byte-level BPE vocabulary in the header, with its special tokens and chat template."""
    model, split = (
        _field(file, "tokenizer.ggml.model"),
        file.fields.get("tokenizer.ggml.pre", "gpt2"),
    )
    if model != "gpt2":
        raise ValueError(
            f"{file.path} has a tokenizer of kind {model!r}; only byte-level BPE ('gpt2') can be "
            "loaded."
        )
    tokens = _field(file, "tokenizer.ggml.tokens")
    types = _field(file, "tokenizer.ggml.token_type")
    eos = file.fields.get("tokenizer.ggml.eos_token_id")
    special = {
        token: id
        for id, (token, kind) in enumerate(zip(tokens, types, strict=True))
        if kind == _CONTROL
    }
    return Vocabulary.from_byte_level(
        tokens,
        _field(file, "tokenizer.ggml.merges"),
        special=special,
        split="gpt2" if split == "gpt-2" else split,
        eos_id=eos,
        stop_ids=frozenset(special[text] for text in ("<|endoftext|>",) if text in special),
        chat_template=file.fields.get("tokenizer.chat_template"),
    )


def _field(file: GGUFFile, name: str) -> Any:
    if name not in file.fields:
        raise ValueError(
            f"{file.path} lacks the header field {name!r}: it is damaged, or made by an unknown "
            "converter."
        )
    return file.fields[name]


def _renamed(file: GGUFFile, dtype: torch.dtype) -> dict[str, LazyTensor]:
    read = file.read_codes if dtype == UINT4 else file.read
    return {
        _our_name(name): (entry.shape, partial(read, name)) for name, entry in file.tensors.items()
    }


def _our_name(name: str) -> str:
    """`blk.3.attn_q.weight` -> `blocks.3.attn.query.weight`; what is not known stays as it is, and
    is refused later.
    """
    in_block = re.fullmatch(r"blk\.(\d+)\.(\w+)\.(weight|bias)", name)
    if in_block and in_block[2] in _PARTS:
        return f"blocks.{in_block[1]}.{_PARTS[in_block[2]]}.{in_block[3]}"
    part, _, kind = name.partition(".")
    return f"{_OUTSIDE.get(part, part)}.{kind}"
