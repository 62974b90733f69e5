"""The feed-forward layer of a block: what each position does on its own."""

from collections.abc import Callable
from functools import partial

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from utils.model.config import GPTConfig
from utils.model.linear import Linear, LinearLayer
from utils.model.taps import Tapped

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": partial(F.gelu, approximate="tanh"),
    "gelu_exact": F.gelu,
}


class MLP(Tapped):
    """The feed-forward layer, the same for every position: d_model -> d_mlp -> d_model.

    ReLU or GELU (Hendrycks & Gimpel 2016; exact, or in GPT-2's tanh form): down(act(up(x))). SwiGLU
    (Shazeer 2020): down(silu(gate(x)) * up(x)). Activations: pre, before the non-linearity (the
    gate's, if there is one); act, what `down` reads, both (batch, pos, d_mlp); out (batch, pos,
    d_model).
    """

    taps = ("pre", "act", "out")
    up: LinearLayer
    down: LinearLayer

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.activation = config.activation
        self.add_layers(config)

    def add_layers(self, config: GPTConfig) -> None:
        """What `forward` multiplies by."""
        bias = config.mlp_bias
        if config.activation == "swiglu":
            self.gate = Linear(config.d_model, config.d_mlp, bias=bias)
        self.up = Linear(config.d_model, config.d_mlp, bias=bias)
        self.down = Linear(config.d_mlp, config.d_model, bias=bias)

    def forward(self, x: Float[Tensor, "batch pos d_model"]) -> Float[Tensor, "batch pos d_model"]:
        """Transform each position on its own."""
        if self.activation == "swiglu":
            gate, up = self.gate_and_up(x)
            act = F.silu(self.tap("pre", gate)) * up
        else:
            pre = self.tap("pre", self.up(x))
            act = _ACTIVATIONS[self.activation](pre)
        return self.tap("out", self.down(self.tap("act", act)))

    def gate_and_up(
        self, x: Float[Tensor, "batch pos d_model"]
    ) -> tuple[Float[Tensor, "batch pos d_mlp"], Float[Tensor, "batch pos d_mlp"]]:
        """The two products of SwiGLU that read x."""
        return self.gate(x), self.up(x)
