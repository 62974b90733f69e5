"""Where a model's weights are, as tables of addresses for the compiled pass.

Only matrices that lie as the loops expect them; `Uncovered` for whatever else.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from utils.compiled.layers import ACTIVATIONS, CENTRED, NORM_BIAS, NORM_FIELDS, NORM_WEIGHT
from utils.compiled.one_token import MATRICES, Weights
from utils.compiled.products import (
    BIAS,
    D_IN,
    D_OUT,
    FIELDS,
    GROUP,
    IN_FLOAT16,
    IN_FLOAT32,
    IN_INT4,
    IN_INT8,
    KIND,
    SCALES,
    WEIGHTS,
)
from utils.model.attention import Attention
from utils.model.feed_forward import MLP
from utils.model.gpt import GPT, Block
from utils.model.linear import Linear
from utils.model.rms_norm import RMSNorm
from utils.quantization.packed_linear import Int4Linear, Int8Linear
from utils.quantization.packed_model import HalfUnembedding, PackedAttention, PackedMLP

_PLAIN = {torch.float32: IN_FLOAT32, torch.float16: IN_FLOAT16}


class Uncovered(Exception):
    """This model, or a part of it, goes torch's way."""


class WeightTable:
    """The tables of a model, and what must stay in memory as long as they are used."""

    def __init__(self, model: GPT):
        """Raises Uncovered unless every part is one that the compiled pass knows."""
        self._kept: list[Tensor] = []
        blocks = [_exactly(block, Block) for block in model.blocks]
        matrices = np.stack([self._block_matrices(block) for block in blocks])
        unembed = self._matrix(_exactly(model.unembed, Linear, HalfUnembedding))
        self.weights = Weights(
            matrices=matrices,
            norms=np.stack([self._block_norms(block) for block in blocks]),
            unembed=unembed,
            final_norm=self._norm(model.final_norm),
            eps=float(model.config.norm_eps),
            activation=ACTIVATIONS[model.config.activation],
            in_four_bits=bool((matrices[..., KIND] == IN_INT4).any() or unembed[KIND] == IN_INT4),
        )

    def _block_matrices(self, block: Block) -> np.ndarray:
        attention = _exactly(block.attn, Attention, PackedAttention)
        mlp = _exactly(block.mlp, MLP, PackedMLP)
        heads = [size * attention.d_head for size in getattr(attention, "heads", ())]
        gate_and_up = [getattr(mlp, "d_mlp", 0)] * 2
        rows = [
            *self._several(attention, "qkv", ("query", "key", "value"), heads),
            self._matrix(attention.output),
            *(
                self._several(mlp, "both", ("gate", "up"), gate_and_up)
                if mlp.activation == "swiglu"
                else (np.zeros(len(FIELDS), np.int64), self._matrix(mlp.up))
            ),
            self._matrix(mlp.down),
        ]
        assert len(rows) == len(MATRICES)
        return np.stack(rows)

    def _several(
        self, module: nn.Module, together: str, apart: tuple[str, ...], sizes: list[int]
    ) -> list[np.ndarray]:
        """Matrices that read the same vector: side by side in a packed layer, or each its own."""
        if not hasattr(module, together):
            return [self._matrix(getattr(module, name)) for name in apart]
        whole, starts = self._matrix(getattr(module, together)), np.cumsum([0, *sizes[:-1]])
        return [_rows(whole, int(start), size) for start, size in zip(starts, sizes, strict=True)]

    def _matrix(self, layer: Any) -> np.ndarray:
        row = np.zeros(len(FIELDS), np.int64)
        layer = _exactly(layer, Linear, HalfUnembedding, Int8Linear, Int4Linear)
        row[D_OUT], row[D_IN] = layer.out_features, layer.in_features
        if isinstance(layer, Int8Linear):
            row[KIND], row[WEIGHTS] = IN_INT8, self._address(layer.codes)
            row[SCALES] = self._address(layer.scale)
        elif isinstance(layer, Int4Linear):
            row[KIND], row[WEIGHTS] = IN_INT4, self._address(layer.nibbles)
            row[SCALES] = self._address(layer.row_scales)
        else:
            row[KIND] = _PLAIN.get(layer.weight.dtype, -1)
            row[WEIGHTS] = self._address(layer.weight)
        if layer.bias is not None:
            row[BIAS] = self._address(layer.bias.float())
        if row[KIND] < 0:
            raise Uncovered
        return row

    def _block_norms(self, block: Block) -> np.ndarray:
        return np.stack([self._norm(block.attn_norm), self._norm(block.mlp_norm)])

    def _norm(self, norm: Any) -> np.ndarray:
        norm = _exactly(norm, nn.LayerNorm, RMSNorm)
        row = np.zeros(len(NORM_FIELDS), np.int64)
        row[CENTRED] = isinstance(norm, nn.LayerNorm)
        row[NORM_WEIGHT] = self._address(_float32(norm.weight))
        if getattr(norm, "bias", None) is not None:
            row[NORM_BIAS] = self._address(_float32(norm.bias))
        return row

    def _address(self, tensor: Tensor) -> int:
        if not tensor.is_cpu or not tensor.is_contiguous():
            raise Uncovered
        self._kept.append(tensor)
        return tensor.data_ptr()


def _rows(matrix: np.ndarray, first: int, count: int) -> np.ndarray:
    """Some rows of a packed matrix."""
    part = matrix.copy()
    part[D_OUT] = count
    if matrix[KIND] == IN_INT8:  # rows are filled up to whole groups
        width, scales = -(-matrix[D_IN] // GROUP) * GROUP, 2
    else:  # to pairs of groups, which share 32 bytes and have a scale and a zero each
        pairs = -(-matrix[D_IN] // (2 * GROUP))
        width, scales = pairs * GROUP, pairs * 8
    part[WEIGHTS] += first * width
    part[SCALES] += first * scales
    part[BIAS] += 4 * first if matrix[BIAS] else 0
    return part


def _exactly(module: Any, *kinds: type) -> Any:
    """A subclass may do something else in `forward`, and so may a class that was changed."""
    kind = type(module)
    if kind not in kinds:
        raise Uncovered
    owner: Any = next(one for one in kind.__mro__ if "forward" in vars(one))
    if owner.forward.__module__ != owner.__module__:
        raise Uncovered
    return module


def _float32(tensor: Tensor) -> Tensor:
    if tensor.dtype != torch.float32:
        raise Uncovered
    return tensor
