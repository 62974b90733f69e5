"""GPT-2 and Llama as Hugging Face stores them: a folder with config.json, tokenizer files and
safetensors.

Only safetensors is read. Older checkpoints (pytorch_model.bin) are pickles, and unpickling a
stranger's file can run any code.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from utils.loading.build_model import LazyTensor, build_model
from utils.loading.checkpoint import lazy_tensors, open_safetensors
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.text.vocabulary import Vocabulary


def load_huggingface(
    folder: Path, dtype: torch.dtype, device: torch.device
) -> tuple[GPT, Vocabulary]:
    """The model and its vocabulary.

    Raises ValueError, in one sentence, for what this decoder cannot run.
    """
    _family(folder)  # first: of a model that cannot run, nobody needs the tokenizer
    vocabulary = huggingface_vocabulary(folder)
    return huggingface_model(folder, dtype, device), vocabulary


def huggingface_model(folder: Path, dtype: torch.dtype, device: torch.device) -> GPT:
    """The model alone."""
    family, settings = _family(folder)
    config = family.to_config(settings, folder)
    tensors: dict[str, LazyTensor] = {}
    for name, lazy in _stored(folder):
        tensors.update(_renamed(family, name, lazy, config))
    return build_model(config, tensors, str(folder), dtype, device)


# Of one tensor in a block, from its part ("attn.c_proj"), its kind ("weight" or "bias") and itself:
# our parts, each with its tensor.
Convert = Callable[[str, str, LazyTensor, GPTConfig], Iterable[tuple[str, LazyTensor]]]


@dataclass(frozen=True, kw_only=True)
class _Family:
    """How the files of one architecture say what ours say."""

    to_config: Callable[[dict[str, Any], Path], GPTConfig]
    prefix: str  # stands before every name, or before none
    blocks: str  # the word before the number of a block
    outside: Mapping[str, str]  # our names of the tensors outside blocks
    convert: Convert
    no_weight: str  # matches what old versions stored and nobody learned


def _family(folder: Path) -> tuple[_Family, dict[str, Any]]:
    """How to read the model in `folder`, and its config.json."""
    settings = _read_json(folder / "config.json")
    kind = settings.get("model_type")
    if kind not in _FAMILIES:
        raise ValueError(
            f"{folder} holds a model of type {kind!r}; this decoder runs {' and '.join(_FAMILIES)}."
        )
    return _FAMILIES[kind], settings


def _renamed(
    family: _Family, name: str, lazy: LazyTensor, config: GPTConfig
) -> Iterator[tuple[str, LazyTensor]]:
    """A stored tensor by our name; none if it is not needed, several where several are stacked."""
    name = name.removeprefix(family.prefix)
    is_embedding_again = name == "lm_head.weight" and config.tie_embedding
    if is_embedding_again or re.fullmatch(family.no_weight, name):
        return
    in_block = re.fullmatch(rf"{family.blocks}\.(\d+)\.(.+)\.(weight|bias)", name)
    if in_block is None:
        yield family.outside.get(name, name), lazy
        return
    layer, part, kind = in_block.groups()
    for ours, tensor in family.convert(part, kind, lazy, config):
        yield f"blocks.{layer}.{ours}.{kind}", tensor


# --- GPT-2 ---------------------------------------------------------------------------------------------------------

# Hugging Face's names; its "gelu" is the exact one
_GPT2_ACTIVATIONS: dict[str, Literal["relu", "gelu", "gelu_exact"]] = {
    "gelu_new": "gelu",
    "gelu_pytorch_tanh": "gelu",
    "gelu": "gelu_exact",
    "relu": "relu",
}


def gpt2_config(settings: dict[str, Any], folder: Path) -> GPTConfig:
    """GPT2Config's fields in our words."""
    _require(folder, settings, "activation_function", set(_GPT2_ACTIVATIONS), "gelu_new")
    _require(folder, settings, "scale_attn_weights", {True}, True)
    _require(folder, settings, "scale_attn_by_inverse_layer_idx", {False}, False)
    d_model = _size(folder, settings, "n_embd")
    return GPTConfig(
        vocab_size=_size(folder, settings, "vocab_size"),
        context_length=_size(folder, settings, "n_positions"),
        n_layer=_size(folder, settings, "n_layer"),
        n_head=_size(folder, settings, "n_head"),
        d_model=d_model,
        d_mlp=_optional_size(folder, settings, "n_inner") or 4 * d_model,
        norm_eps=settings.get("layer_norm_epsilon", 1e-5),
        activation=_GPT2_ACTIVATIONS[settings.get("activation_function", "gelu_new")],
        tie_embedding=settings.get("tie_word_embeddings", True),
    )


_GPT2_PARTS = {
    "ln_1": "attn_norm",
    "attn.c_proj": "attn.output",
    "ln_2": "mlp_norm",
    "mlp.c_fc": "mlp.up",
    "mlp.c_proj": "mlp.down",
}
_GPT2_OUTSIDE = {
    "wte.weight": "embed.weight",
    "wpe.weight": "position_embed.weight",
    "ln_f.weight": "final_norm.weight",
    "ln_f.bias": "final_norm.bias",
    "lm_head.weight": "unembed.weight",
}


def _convert_gpt2(
    part: str, kind: str, lazy: LazyTensor, config: GPTConfig
) -> Iterator[tuple[str, LazyTensor]]:
    if kind == "weight" and not part.startswith("ln_"):
        # GPT-2 stores matrices as (in, out), torch's Linear as (out, in)
        lazy = _changed(lazy, Tensor.t)
    if part != "attn.c_attn":
        yield _GPT2_PARTS.get(part, part), lazy
        return
    for third, ours in enumerate(("query", "key", "value")):
        yield f"attn.{ours}", _changed(lazy, partial(_third, third))


def _third(which: int, stacked: Tensor) -> Tensor:
    return stacked.chunk(3, dim=0)[which].contiguous()


# --- Llama ---------------------------------------------------------------------------------------------------------


def llama_config(settings: dict[str, Any], folder: Path) -> GPTConfig:
    """LlamaConfig's fields in our words."""
    _require(folder, settings, "hidden_act", {"silu"}, "silu")
    rope = settings.get("rope_parameters") or settings.get("rope_scaling") or {}
    _require(folder, rope, "rope_type", {"default"}, rope.get("type", "default"))
    n_head = _size(folder, settings, "num_attention_heads")
    return GPTConfig.llama(
        vocab_size=_size(folder, settings, "vocab_size"),
        context_length=_size(folder, settings, "max_position_embeddings"),
        n_layer=_size(folder, settings, "num_hidden_layers"),
        n_head=n_head,
        n_kv_head=_optional_size(folder, settings, "num_key_value_heads") or n_head,
        d_model=_size(folder, settings, "hidden_size"),
        d_head=_optional_size(folder, settings, "head_dim"),
        d_mlp=_size(folder, settings, "intermediate_size"),
        norm_eps=settings.get("rms_norm_eps", 1e-6),
        rope_base=rope.get("rope_theta", settings.get("rope_theta", 10_000.0)),
        attn_bias=settings.get("attention_bias", False),
        mlp_bias=settings.get("mlp_bias", False),
        tie_embedding=settings.get("tie_word_embeddings", False),
    )


_LLAMA_PARTS = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn.query",
    "self_attn.k_proj": "attn.key",
    "self_attn.v_proj": "attn.value",
    "self_attn.o_proj": "attn.output",
    "post_attention_layernorm": "mlp_norm",
    "mlp.gate_proj": "mlp.gate",
    "mlp.up_proj": "mlp.up",
    "mlp.down_proj": "mlp.down",
}
_LLAMA_OUTSIDE = {
    "embed_tokens.weight": "embed.weight",
    "norm.weight": "final_norm.weight",
    "lm_head.weight": "unembed.weight",
}


def _convert_llama(
    part: str, kind: str, lazy: LazyTensor, config: GPTConfig
) -> Iterator[tuple[str, LazyTensor]]:
    if part in ("self_attn.q_proj", "self_attn.k_proj"):
        lazy = _changed(lazy, partial(pair_neighbours, config.d_head))
    yield _LLAMA_PARTS.get(part, part), lazy


def pair_neighbours(d_head: int, weight: Float[Tensor, "row *rest"]) -> Float[Tensor, "row *rest"]:
    """Re-order the rows of each head from (i, i + d_head/2) pairs, as Hugging Face turns them, to
    (2i, 2i + 1).

    `weight`: head * d_head rows. Queries and keys are re-ordered alike, so their products stay.
    """
    halves: Tensor = weight.unflatten(0, (-1, 2, d_head // 2))  # (head, 2, d_head / 2, ...)
    return halves.transpose(1, 2).flatten(0, 2).contiguous()


_FAMILIES = {
    "gpt2": _Family(
        to_config=gpt2_config,
        prefix="transformer.",
        blocks="h",
        outside=_GPT2_OUTSIDE,
        convert=_convert_gpt2,
        no_weight=r"h\.\d+\.attn\.(masked_)?bias",  # the causal mask
    ),
    "llama": _Family(
        to_config=llama_config,
        prefix="model.",
        blocks="layers",
        outside=_LLAMA_OUTSIDE,
        convert=_convert_llama,
        no_weight=r".*rotary_emb\.inv_freq",  # the angles of positions; the configuration has them
    ),
}


# --- Files ---------------------------------------------------------------------------------------------------------


def _stored(folder: Path) -> Iterable[tuple[str, LazyTensor]]:
    """Every tensor in the folder's safetensors files, by its stored name, still on disk."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        pickles = sorted(path.name for path in folder.glob("*.bin"))
        found = (
            f"only {pickles[0]}, a pickle, which could run code when opened"
            if pickles
            else "no weights"
        )
        raise ValueError(f"{folder} has {found}: get the model's .safetensors files.")
    for file in _complete(folder, files):
        yield from lazy_tensors(open_safetensors(file)).items()


def _complete(folder: Path, files: list[Path]) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return files
    parts = sorted(set(_read_json(index)["weight_map"].values()))
    missing = [name for name in parts if not (folder / name).exists()]
    if missing:
        raise ValueError(
            f"{folder} lacks {missing[0]}, which its index names: fetch the model again."
        )
    return [folder / name for name in parts]


def _changed(lazy: LazyTensor, change: Callable[[Tensor], Tensor]) -> LazyTensor:
    shape, read = lazy
    new_shape = tuple(change(torch.empty(shape, device="meta")).shape)

    def changed() -> Tensor:
        weight = read()
        if not isinstance(weight, Tensor):
            raise TypeError(
                f"only weights can be re-ordered, and a {type(weight).__name__} was read"
            )
        return change(weight).contiguous()

    return new_shape, changed


def huggingface_vocabulary(folder: Path) -> Vocabulary:
    """The byte-level BPE vocabulary in tokenizer.json, or in vocab.json and merges.txt."""
    if (folder / "tokenizer.json").exists():
        return Vocabulary.from_tokenizer_json(folder / "tokenizer.json")
    if (folder / "vocab.json").exists() and (folder / "merges.txt").exists():
        return Vocabulary.from_vocab_and_merges(folder)
    raise ValueError(
        f"{folder} has no tokenizer: add tokenizer.json, or vocab.json and merges.txt."
    )


def _read_json(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise ValueError(
            f"{path.parent} has no {path.name}: give a folder as Hugging Face's save_pretrained "
            "writes it."
        )
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is not valid JSON ({error}): fetch the file again.") from None
    return content


def _size(folder: Path, settings: dict[str, Any], name: str) -> int:
    """A whole number from 1 up."""
    path = folder / "config.json"
    if name not in settings:
        raise ValueError(f"{path} does not say {name!r}: fetch the file again.")
    value = settings[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(
            f"{path} says {name!r} is {value!r}, which must be a whole number from 1 up: fetch the "
            "file again."
        )
    return value


def _optional_size(folder: Path, settings: dict[str, Any], name: str) -> int | None:
    """The same for a setting that may be left out or null."""
    return None if settings.get(name) is None else _size(folder, settings, name)


def _require(
    folder: Path, settings: dict[str, Any], name: str, supported: set[Any], default: Any
) -> None:
    given = settings.get(name, default)
    if given not in supported:
        choices = " or ".join(sorted(map(repr, supported)))
        raise ValueError(f"{folder} asks for {name}={given!r}; this decoder has only {choices}.")
