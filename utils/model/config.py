"""The sizes and choices of a model, and the layers that a caller chose by number: each has to be
there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True, kw_only=True)
class GPTConfig:
    """The sizes of a model and the few choices that tell the families apart.

    The defaults are GPT-2's choices. A size that is not given is worked out from the others at once,
    so that whoever reads a config finds a number.
    """

    vocab_size: int
    context_length: int
    n_layer: int
    n_head: int
    d_model: int
    # None only until __post_init__ has worked it out: whoever reads it finds an int.
    # As many as n_head; fewer is grouped-query attention (Ainslie et al. 2023).
    n_kv_head: int = None  # type: ignore[assignment]
    d_head: int = None  # type: ignore[assignment]  # d_model / n_head
    d_mlp: int = None  # type: ignore[assignment]  # 4 * d_model
    norm: Literal["layernorm", "rmsnorm"] = "layernorm"
    norm_eps: float = 1e-5
    position: Literal["learned", "sinusoid", "rope", "none"] = "learned"
    rope_base: float = 10_000.0
    # positions are divided by it before they turn anything: position interpolation
    # (Chen et al. 2023), for texts that are longer than those of the training
    rope_stretch: float = 1.0
    # "gelu" is GPT-2's tanh form of it, "gelu_exact" the one with the error function
    activation: Literal["relu", "gelu", "gelu_exact", "swiglu"] = "gelu"
    attn_bias: bool = True
    mlp_bias: bool = True
    tie_embedding: bool = True

    def __post_init__(self) -> None:
        _check_choices(self)
        _check_positive(self, "vocab_size", "context_length", "n_layer", "n_head", "d_model")
        derived = {
            "n_kv_head": self.n_head,
            "d_head": self.d_model // self.n_head,
            "d_mlp": 4 * self.d_model,
        }
        for name, value in derived.items():
            if getattr(self, name) is None:
                # frozen: only here, before anyone sees the config
                object.__setattr__(self, name, value)
        _check_positive(self, "n_kv_head", "d_head", "d_mlp")
        _check_sizes_fit(self)

    @classmethod
    def llama(cls, **sizes: Any) -> "GPTConfig":
        """The same with Llama's choices: RMSNorm, rotary positions, SwiGLU, no biases."""
        choices: dict[str, Any] = {
            "norm": "rmsnorm",
            "position": "rope",
            "activation": "swiglu",
            "attn_bias": False,
            "mlp_bias": False,
        }
        return cls(**(choices | sizes))


def _check_choices(config: GPTConfig) -> None:
    """Python does not look at Literal when it runs: a misspelt choice would be no choice at all."""
    for name, hint in get_type_hints(GPTConfig).items():
        value, choices = getattr(config, name), get_args(hint)
        if get_origin(hint) is Literal and value not in choices:
            raise ValueError(f"{name} is {value!r}; choose one of {', '.join(map(repr, choices))}.")


def _check_positive(config: GPTConfig, *names: str) -> None:
    for name in names:
        if getattr(config, name) < 1:
            raise ValueError(
                f"{name} is {getattr(config, name)}; it counts something, so give 1 or more."
            )


def _check_sizes_fit(config: GPTConfig) -> None:
    if (
        config.d_head * config.n_head != config.d_model
        and config.d_head == config.d_model // config.n_head
    ):
        raise ValueError(
            f"d_model is {config.d_model}, which {config.n_head} heads cannot share evenly: "
            f"choose n_head so that it divides d_model, or give d_head yourself."
        )
    if config.n_head % config.n_kv_head:
        raise ValueError(
            f"{config.n_head} query heads cannot share {config.n_kv_head} key/value heads evenly: "
            f"choose n_kv_head so that it divides n_head."
        )
    if config.position == "rope" and config.d_head % 2:
        raise ValueError(
            f"d_head is {config.d_head}, but rotary positions turn pairs of numbers: make it even."
        )
    if config.position == "sinusoid" and config.d_model % 2:
        raise ValueError(
            f"d_model is {config.d_model}, but sinusoids come in pairs of numbers: make it even."
        )
    if config.rope_stretch <= 0:
        raise ValueError(
            f"rope_stretch is {config.rope_stretch}, and positions are divided by it: give a number "
            f"above 0, and 1 to leave them as they are."
        )


def check_layer(layer: int, n_layer: int) -> None:
    """Raise ValueError unless `layer` is one of a model's `n_layer` layers, counted from 0."""
    if not 0 <= layer < n_layer:
        raise ValueError(f"there is no layer {layer}: give one from 0 to {n_layer - 1}.")


def check_layers(layers: Sequence[int], n_layer: int) -> None:
    """Raise ValueError unless there is at least one in `layers`, and all are among a model's
    `n_layer` layers.
    """
    if not layers or not all(0 <= layer < n_layer for layer in layers):
        raise ValueError(f"layers is {layers}; choose at least one from 0 to {n_layer - 1}.")
