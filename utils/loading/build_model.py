"""From named tensors to a model: all there, all of the right shape, or no model at all."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from utils.model.config import GPTConfig
from utils.model.empty_weights import only_shapes
from utils.model.gpt import GPT
from utils.quantization.gguf_blocks import Q41Blocks
from utils.quantization.packed_model import PACKED, pack_layers
from utils.text.vocabulary import Vocabulary

# A tensor of a file, still on disk: its shape is known, its values come when called for.
LazyTensor = tuple[tuple[int, ...], Callable[[], Tensor | Q41Blocks]]


def build_model(
    config: GPTConfig,
    tensors: Mapping[str, LazyTensor],
    source: str,
    dtype: torch.dtype,
    device: torch.device,
) -> GPT:
    """A GPT in eval mode that holds `tensors`, named as in `GPT.state_dict()`.

    `dtype` torch.int8 or torch.uint4: a GPT of packed layers, see utils.quantization.packed_model.
    One tensor at a time is read, cast and moved, so the peak is one model plus one tensor. Raises
    ValueError that names `source` if a tensor is missing, left over, or of the wrong shape; nothing
    is read before that is sure.
    """
    with only_shapes():
        model = GPT(config)
    _check(model, tensors, source)
    if dtype in PACKED:
        pack_layers(
            model, lambda name: tensors[name][1]() if name in tensors else None, dtype, device
        )
    types = {name: p.dtype if dtype in PACKED else dtype for name, p in model.named_parameters()}
    state = {
        name: _read_floats(tensors[name]).to(device=device, dtype=own)
        for name, own in types.items()
    }
    if config.tie_embedding:
        state["unembed.weight"] = state["embed.weight"]
    model.load_state_dict(state, assign=True)
    if config.tie_embedding:
        model.unembed.weight = model.embed.weight  # `assign` made two parameters of the one tensor
    return model.eval().requires_grad_(dtype not in PACKED)


def require_rows(model: GPT, vocabulary: Vocabulary, source: str) -> None:
    """Raise ValueError, which names `source`, if the model has no row for some of the tokens.

    More rows than tokens are common: they fill the tiles of a GPU. Generation never draws them.
    """
    rows, tokens = model.config.vocab_size, len(vocabulary.tokens)
    if rows < tokens:
        raise ValueError(
            f"{source} has {rows} rows of embeddings for {tokens} tokens: its tokenizer belongs to "
            "another model, or was given tokens that the model never got."
        )


def _read_floats(tensor: LazyTensor) -> Tensor:
    _, read = tensor
    value = read()
    return value if isinstance(value, Tensor) else value.dequantize()


def _check(model: GPT, tensors: Mapping[str, LazyTensor], source: str) -> None:
    wanted = {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    missing, extra = sorted(wanted.keys() - tensors.keys()), sorted(tensors.keys() - wanted.keys())
    if missing or extra:
        kind, names = ("lacks", missing) if missing else ("has an unknown", extra)
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        raise ValueError(
            f"{source} {kind} tensor {names[0]!r}{others}: it is damaged, or not what its header "
            "says."
        )
    for name, shape in wanted.items():
        given = tuple(tensors[name][0])
        if given != shape:
            raise ValueError(
                f"{source} has {name!r} in shape {given}, but its configuration asks for {shape}."
            )
