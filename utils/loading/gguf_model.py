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
# Token types of special tokens: control tokens, and those that a user added. A user's are matched
# in plain text by llama.cpp; here no text of a user turns into one.
_SPECIAL = (3, 4)
# A text, a turn and a message of several parts end with these. Old files name only the first, so
# the texts that llama.cpp knows by heart stop generation too where they are special tokens.
_ENDS = ("eos", "eot", "eom")
_END_TEXTS = (
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
)


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
    n_head = _size(file, "llama.attention.head_count")
    d_model = _size(file, "llama.embedding_length")
    d_head = _size(file, "llama.attention.key_length", d_model // n_head)
    _require_plain_rotation(file, d_head)
    return GPTConfig.llama(
        vocab_size=len(_field(file, "tokenizer.ggml.tokens")),
        context_length=_size(file, "llama.context_length"),
        n_layer=_size(file, "llama.block_count"),
        n_head=n_head,
        n_kv_head=_size(file, "llama.attention.head_count_kv", n_head),
        d_model=d_model,
        d_head=d_head,
        d_mlp=_size(file, "llama.feed_forward_length"),
        norm_eps=_field(file, "llama.attention.layer_norm_rms_epsilon"),
        rope_base=file.fields.get("llama.rope.freq_base", 10_000.0),
        attn_bias="blk.0.attn_q.bias" in file.tensors,
        tie_embedding="output.weight" not in file.tensors,
    )


def _require_plain_rotation(file: GGUFFile, d_head: int) -> None:
    """Rotary positions as they are counted, over whole heads: nothing else can be done here.

    A factor without a type stretches too (llama.cpp takes it as linear), as does the older
    scale_linear.
    """
    kind = file.fields.get("llama.rope.scaling.type", "none")
    factors = {
        name: file.fields.get(f"llama.rope.{name}", 1.0)
        for name in ("scaling.factor", "scale_linear")
    }
    odd = [f"{name} {value}" for name, value in factors.items() if value not in (0.0, 1.0)]
    if kind != "none":
        odd.insert(0, f"scaling.type {kind}")
    if "rope_freqs.weight" in file.tensors:
        odd.append("rope_freqs.weight")
    if odd:
        raise ValueError(
            f"{file.path} stretches its rotary positions ({', '.join(odd)}), which is not "
            "supported."
        )
    turned = _size(file, "llama.rope.dimension_count", d_head)
    if turned != d_head:
        raise ValueError(
            f"{file.path} turns only {turned} of the {d_head} numbers of a head by position, which "
            "is not supported."
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
    added = [name for name in ("bos", "eos") if file.fields.get(f"tokenizer.ggml.add_{name}_token")]
    if added:
        raise ValueError(
            f"{file.path} asks for a token at the {'begin' if 'bos' in added else 'end'} of each "
            f"text (tokenizer.ggml.add_{added[0]}_token), which cannot be done here: convert it "
            "without, and add the token yourself."
        )
    tokens = _field(file, "tokenizer.ggml.tokens")
    types = _field(file, "tokenizer.ggml.token_type")
    ends = {name: _token_id(file, name, len(tokens)) for name in (*_ENDS, "bos")}
    special = {
        token: id
        for id, (token, kind) in enumerate(zip(tokens, types, strict=True))
        if kind in _SPECIAL
    }
    stops = {special[text] for text in _END_TEXTS if text in special}
    stops |= {id for id in map(ends.get, _ENDS) if id is not None}
    return Vocabulary.from_byte_level(
        tokens,
        _field(file, "tokenizer.ggml.merges"),
        special=special,
        split="gpt2" if split == "gpt-2" else split,
        eos_id=ends["eos"],
        bos_id=ends["bos"],
        stop_ids=frozenset(stops),
        chat_template=file.fields.get("tokenizer.chat_template"),
    )


def _token_id(file: GGUFFile, name: str, count: int) -> int | None:
    """The id that the header gives to the token called `name`, None if it gives none."""
    field = f"tokenizer.ggml.{name}_token_id"
    id = file.fields.get(field)
    if id is None:
        return None
    if not isinstance(id, int) or not 0 <= id < count:
        raise ValueError(
            f"{file.path} says {field} is {id!r}, but the ids go from 0 to {count - 1}: it is "
            "damaged, or made by an unknown converter."
        )
    return id


def _size(file: GGUFFile, name: str, default: int | None = None) -> int:
    """A whole number from 1 up in the header; where it is not there, `default`, if there is one."""
    value = _field(file, name) if default is None else file.fields.get(name, default)
    if isinstance(value, list):
        raise ValueError(
            f"{file.path} has a list for {name!r}, another number for each block, which is not "
            "supported."
        )
    if not isinstance(value, int) or value < 1:
        raise ValueError(
            f"{file.path} has {value!r} for {name!r}, which must be a whole number from 1 up: it "
            "is damaged, or made by an unknown converter."
        )
    return value


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
