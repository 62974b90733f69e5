"""AdamW (Loshchilov & Hutter 2019) with weight decay for those parameters that should have it, and
clipping.

Decay pulls a weight towards 0 at every step, unless the gradient holds it: good for the matrices of
attention and feed-forward, whose products with their inputs grow with their size. Three kinds are
left alone:

- gains of norms: near 0 they would silence a layer, and 1 is where they begin;
- biases: there are few, and they do not multiply the input;
- embeddings: most tokens are not in the batch and have no gradient, so that rare tokens would only
  fade.

A tied unembedding is the embedding, and so has no decay either.
"""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from utils.training.config import TrainConfig
from utils.training.weight_shards import whole


def make_optimizer(model: nn.Module, config: TrainConfig) -> AdamW:
    """AdamW over all parameters that require a gradient, in two groups: with decay and without.

    Raises ValueError if there is nothing to train, or if weights are kept in less than float32:
    next to a weight of 1 bfloat16 has no number closer than 0.004, so most updates would be rounded
    away.
    """
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if not trained:
        raise ValueError(
            "no parameter of the model requires a gradient: call model.requires_grad_(True) first."
        )
    for name, parameter in trained.items():
        if parameter.dtype not in (torch.float32, torch.float64):
            raise ValueError(
                f"{name} is kept as {parameter.dtype}, too coarse for small updates: keep the "
                "model in float32, "
                f'and for faster products give TrainConfig(precision="bfloat16").'
            )
    decayed = parameters_with_decay(model)
    groups: list[dict[str, Any]] = [
        {
            "params": [p for name, p in trained.items() if name in decayed],
            "weight_decay": config.weight_decay,
        },
        {"params": [p for name, p in trained.items() if name not in decayed], "weight_decay": 0.0},
    ]
    # fused: one pass over the memory
    return AdamW(groups, lr=config.learning_rate, betas=config.betas, fused=True)


def parameters_with_decay(model: nn.Module) -> set[str]:
    """The names of the matrices that are not embeddings."""
    embeddings = {
        id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)
    }
    return {name for name, p in model.named_parameters() if p.ndim >= 2 and id(p) not in embeddings}


def scale_gradients(
    parameters: Iterable[Tensor], factor: float | int, clip: float | int | None
) -> float:
    """Multiply all gradients by `factor`, then shorten them to `clip` if together they are longer.
    Gives the length (the Euclidean norm over all parameters) before clipping.

    Clipping (Pascanu et al. 2013, algorithm 1) keeps the direction: one odd batch moves the weights
    no further than others do. A length that is not finite is given back, and the gradients are then
    of no use.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = factor * float(whole(nn.utils.get_total_norm(gradients)))
    limit = math.inf if clip is None else clip
    total = factor * (limit / norm if norm > limit else 1.0)
    for gradient in gradients:
        gradient.mul_(total)
    return norm
