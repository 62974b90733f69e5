"""A GPT that computes with codes: the same blocks, names and cache, with packed layers in place of
the linear ones.

q, k and v read the same vector, and so do gate and up: each of the two is one packed layer, as a
call costs about as much as its arithmetic. The residual stream, the norms and the attention stay in
float32.

The token vectors, which are often the unembedding too, are kept in float16. 8-bit codes on torch's
kernel would halve their bytes, but it rounds its results to bfloat16, and of logits around 20 that
is felt: see benchmarks/RESULTS.md.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Float32, Int64
from torch import Tensor, nn

from utils.model.attention import Attention, Projected
from utils.model.config import GPTConfig
from utils.model.cpu_instructions import has_vector_kernels
from utils.model.device import UINT4
from utils.model.empty_weights import only_shapes
from utils.model.feed_forward import MLP
from utils.model.gpt import GPT
from utils.model.linear import linear_in_float32
from utils.quantization.gguf_blocks import Q41Blocks
from utils.quantization.packed_linear import Int4Linear, Int8Linear, PackedLinear

PACKED: dict[torch.dtype, type[PackedLinear]] = {torch.int8: Int8Linear, UINT4: Int4Linear}
DEVICES = ("cpu", "cuda")

# a tensor by its name in the model; None where there is no such bias
Read = Callable[[str], Tensor | Q41Blocks | None]
Pack = Callable[..., PackedLinear]  # one packed layer for the linear layers of these names


class PackedAttention(Attention):
    """Attention with one packed layer for queries, keys and values."""

    def __init__(self, config: GPTConfig, layer: int, pack: Pack):
        super().__init__(config, layer)
        self.heads = (config.n_head, config.n_kv_head, config.n_kv_head)  # of q, k and v
        path = f"blocks.{layer}.attn."
        self.qkv = pack(path + "query", path + "key", path + "value")
        self.output = pack(path + "output")

    def add_layers(self, config: GPTConfig) -> None:
        """None here: they need weights, which `pack` has."""

    def project(self, x: Float[Tensor, "batch pos d_model"]) -> Projected:
        """The three products that read x, in one."""
        q, k, v = self.split_heads(self.qkv(x).float()).split_with_sizes(self.heads, dim=1)
        return q, k, v


class PackedMLP(MLP):
    """The feed-forward layer with one packed layer for gate and up."""

    def __init__(self, config: GPTConfig, layer: int, pack: Pack):
        super().__init__(config)
        self.d_mlp, path = config.d_mlp, f"blocks.{layer}.mlp."
        if config.activation == "swiglu":
            self.both = pack(path + "gate", path + "up")
        else:
            self.up = pack(path + "up")
        self.down = pack(path + "down")

    def add_layers(self, config: GPTConfig) -> None:
        """None here: they need weights, which `pack` has."""

    def gate_and_up(
        self, x: Float[Tensor, "batch pos d_model"]
    ) -> tuple[Float[Tensor, "batch pos d_mlp"], Float[Tensor, "batch pos d_mlp"]]:
        """The two products of SwiGLU that read x, in one."""
        gate, up = self.both(x).split_with_sizes((self.d_mlp, self.d_mlp), dim=-1)
        return gate, up


class HalfEmbedding(nn.Embedding):
    """Token vectors kept in float16, given out in float32."""

    def forward(self, ids: Int64[Tensor, "batch pos"]) -> Float32[Tensor, "batch pos d_model"]:
        """The vectors of the tokens."""
        return super().forward(ids).float()


class HalfUnembedding(nn.Linear):
    """x W^T in float32, for a W kept in float16."""

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float32[Tensor, "*batch vocab"]:
        """The logits.

        A single row on the CPU, or any number on CUDA, goes to the kernel for float16.
        """
        if not x.is_cpu or (x.numel() == x.shape[-1] and has_vector_kernels()):
            return F.linear(x.half(), self.weight).float()
        # The CPU has no quick kernel for more rows.
        return linear_in_float32(x, self.weight)


def pack_layers(model: GPT, read: Read, dtype: torch.dtype, device: torch.device) -> None:
    """Put packed layers, with weights from `read`, into an empty model; the rest is left to be
    filled.

    Raises ValueError for a device that has no kernels.
    """
    config = model.config
    if device.type not in DEVICES:
        raise ValueError(
            f"int8 and int4 run on {' and '.join(DEVICES)}, not on {device.type}: "
            f"choose one of them, or the precision 'float16'."
        )

    def pack(*names: str) -> PackedLinear:
        weights = [_weight(read, name).to(device) for name in names]
        stored = (read(f"{name}.bias") for name in names)
        biases = [bias.to(device) for bias in stored if isinstance(bias, Tensor)]
        return PACKED[dtype](weights, torch.cat(biases) if biases else None)

    for layer, block in enumerate(model.blocks):
        block.attn = PackedAttention(config, layer, pack)
        block.mlp = PackedMLP(config, layer, pack)
    with only_shapes():
        model.embed = HalfEmbedding(config.vocab_size, config.d_model, dtype=torch.float16)
        model.unembed = HalfUnembedding(
            config.d_model, config.vocab_size, bias=False, dtype=torch.float16
        )
    if config.tie_embedding:
        model.unembed.weight = model.embed.weight


def _weight(read: Read, name: str) -> Tensor | Q41Blocks:
    weight = read(f"{name}.weight")
    if weight is None:
        raise ValueError(f"there is no {name}.weight: load the model from another file.")
    return weight


def is_packed(model: nn.Module) -> bool:
    """Whether the model computes with codes."""
    return any(isinstance(module, PackedLinear) for module in model.modules())


def bytes_per_token(model: nn.Module) -> int:
    """Bytes of weights that must be read to write one token: each parameter and each packed code
    once.

    Of the two copies of its codes and scales that an int4 layer keeps, decoding reads one.
    """
    ours = ("nibbles", "row_scales")
    codes = [buffer for name, buffer in model.named_buffers() if not name.endswith(ours)]
    return sum(tensor.nbytes for tensor in (*model.parameters(), *codes))
