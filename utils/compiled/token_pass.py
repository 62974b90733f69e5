"""The compiled pass as `generate` uses it: which models and which moments it is for."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from utils.compiled.crew import Crew
from utils.compiled.one_token import Desk, Seen, one_token
from utils.compiled.weight_table import Uncovered, WeightTable
from utils.compiled.whole_numbers import GROUP, LANES
from utils.model.gpt import GPT
from utils.model.kv_cache import KVCache
from utils.model.rotary import rope_rotation
from utils.quantization.packed_model import HalfEmbedding

_MOST_THREADS = 8  # more do not read memory any faster, and wait for each other


class TokenPass:
    """One new token of one text through a model. A context manager, as its threads end with it.

    Weights and cache are torch's own, so what is changed in place counts at once.
    """

    def __init__(self, model: GPT, cache: KVCache):
        """Raises Uncovered where model or cache are not what the loops are made for."""
        _check_covered(model, cache)
        self._model, self._cache, self._as_it_was = model, cache, _Watch(model)
        self._table = WeightTable(model)
        crowd = min(torch.get_num_threads(), _MOST_THREADS)
        self._seen, self._desk = _seen(model, cache), _desk(model, cache, crowd)
        self._crew = Crew(crowd, self._share)
        if not one_token.signatures:  # type: ignore[attr-defined]  # numba's
            self._compile()

    def _compile(self) -> None:
        """Without a block, and before threads need it. OSError where the disk is full."""
        weights = self._table.weights
        none = weights._replace(matrices=weights.matrices[:0], norms=weights.norms[:0])
        one_token(0, 1, self._crew.place, 0, none, self._seen, self._desk)

    def __enter__(self) -> "TokenPass":
        self._crew.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._crew.__exit__(*error)

    def fits(self, cache: KVCache) -> bool:
        """Whether nothing has happened to model or cache since, and nobody looks inside."""
        return (
            cache is self._cache
            and not cache.padded
            and cache.keys.data_ptr() == self._seen.keys.ctypes.data
            and not _is_watched()
            and self._as_it_was.holds()
        )

    def next_logits(self, token: Int64[Tensor, "1 1"]) -> Float[Tensor, "1 vocab"]:
        """The logits after the token, which is the next one in the cache: what the model's own
        `next_logits` gives, up to rounding.
        """
        cache = self._cache
        self._model._check_ids(token, cache)
        cache.reserve(1, 1)
        position = torch.tensor([[cache.length]])
        self._desk.x[:] = self._model.embed_at(token, position)[0, 0].detach().numpy()
        self._crew.run(cache.length)
        cache.advance(1)
        return torch.from_numpy(self._desk.logits.copy())[None]

    def _share(self, me: int, crowd: int, place: int, position: int) -> None:
        one_token(me, crowd, place, position, self._table.weights, self._seen, self._desk)


class _Watch:
    """Every module, parameter and buffer of a model: whether all are still the same ones."""

    def __init__(self, model: nn.Module):
        self._modules = list(model.modules())
        self._members = [
            (members, name, member)
            for module in self._modules
            for members in (module._parameters, module._buffers, module._modules)
            for name, member in members.items()
        ]
        self._addresses = [
            (member, member.data_ptr())
            for _, _, member in self._members
            if isinstance(member, Tensor)
        ]

    def holds(self) -> bool:
        return (
            all(members.get(name) is member for members, name, member in self._members)
            and all(tensor.data_ptr() == address for tensor, address in self._addresses)
            and not any(
                module.__dict__.get("observers")
                or module._forward_hooks
                or module._forward_pre_hooks
                or "forward" in module.__dict__
                for module in self._modules
            )
        )


def _check_covered(model: GPT, cache: KVCache) -> None:
    covered = (
        type(model) is GPT
        and type(cache) is KVCache
        and type(model.embed) in (nn.Embedding, HalfEmbedding)
        and model.final_norm.weight.dtype == torch.float32
        and model.device.type == "cpu"
        and cache.batch == 1
        and cache.keys.is_contiguous()
        and cache.values.is_contiguous()
    )
    if not covered:
        raise Uncovered


def _is_watched() -> bool:
    """Whether somebody counts or times torch's operations, which would see none here."""
    return bool(
        torch._C._len_torch_dispatch_stack()
        or torch._C._len_torch_function_stack()
        or torch.autograd._profiler_enabled()
    )


def _seen(model: GPT, cache: KVCache) -> Seen:
    turns = np.zeros((cache.max_pos, 0, 2), np.float32)
    config = model.config
    if config.position == "rope":
        positions = torch.arange(cache.max_pos)[None]
        rotation = rope_rotation(positions, config.d_head, config.rope_base, config.rope_stretch)
        turns = torch.view_as_real(rotation[0, 0]).contiguous().numpy()
    return Seen(cache.keys[:, 0].numpy(), cache.values[:, 0].numpy(), turns)


def _desk(model: GPT, cache: KVCache, crowd: int) -> Desk:
    config = model.config
    longest = max(config.d_model, config.d_mlp, config.n_head * config.d_head) + 2 * GROUP

    def room(*shape: int) -> np.ndarray:
        return np.zeros(shape, np.float32)

    return Desk(
        x=room(config.d_model),
        queries=room(config.n_head * config.d_head),
        keys=room(config.n_kv_head * config.d_head),
        values=room(config.n_kv_head * config.d_head),
        mixed=room(config.n_head * config.d_head),
        gate=room(config.d_mlp),
        up=room(config.d_mlp),
        product=room(config.d_model),
        logits=room(config.vocab_size),
        normal=room(crowd, config.d_model),
        codes=room(crowd, longest).astype(np.int16),
        steps=room(crowd, longest // GROUP),
        sums=room(crowd, longest // GROUP),
        lanes=room(crowd, LANES + 32),  # no two threads write into one cache line
        ends=room(crowd, GROUP),
        scores=room(crowd, cache.max_pos),
    )
