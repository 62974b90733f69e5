"""The optimizer of a run, with weight decay for those parameters that should have it, and clipping.

AdamW (Loshchilov & Hutter 2019) is what language models are trained with. The others are there to
be compared with it, and Muon because it has begun to take its place.

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
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, AdamW, Optimizer

from utils.model.gpt import Block
from utils.training.config import TrainConfig
from utils.training.update_rules import Muon, SignDescent, Together
from utils.training.weight_shards import whole


def make_optimizer(model: nn.Module, config: TrainConfig) -> Optimizer:
    """`config.optimizer` over all parameters that require a gradient, in groups: with decay and
    without.

    Raises ValueError if there is nothing to train, or if weights are kept in less than float32:
    next to a weight of 1 bfloat16 has no number closer than 0.004, so most updates would be rounded
    away.
    """
    trained = _trained(model)
    rate, momentum = config.learning_rate, config.momentum
    if config.optimizer == "muon":
        return _muon(model, trained, config)
    groups = _decay_groups(model, trained, config)
    if config.optimizer == "sgd":
        return SGD(groups, rate)
    if config.optimizer == "momentum":
        return SGD(groups, rate, momentum)
    if config.optimizer == "sign":
        return SignDescent(groups, rate, momentum)
    # fused: one pass over the memory
    return AdamW(groups, rate, betas=config.betas, fused=True)


def _trained(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that require a gradient, by name; checked as `make_optimizer` says."""
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
    return trained


def _decay_groups(
    model: nn.Module, trained: Mapping[str, nn.Parameter], config: TrainConfig
) -> list[dict[str, Any]]:
    decayed = parameters_with_decay(model)
    return [
        {
            "params": [p for name, p in trained.items() if name in decayed],
            "weight_decay": config.weight_decay,
        },
        {"params": [p for name, p in trained.items() if name not in decayed], "weight_decay": 0.0},
    ]


def _muon(model: nn.Module, trained: Mapping[str, nn.Parameter], config: TrainConfig) -> Optimizer:
    """Muon for the matrices of the blocks, AdamW for embeddings, norms and biases."""
    matrices = matrices_of_blocks(model)
    hidden = [p for name, p in trained.items() if name in matrices]
    if not hidden:
        raise ValueError(
            f"{type(model).__name__} has no matrix in a Block that is trained, and Muon is for "
            'those: choose optimizer="adamw".'
        )
    rate = config.learning_rate
    others = {name: p for name, p in trained.items() if name not in matrices}
    muon = Muon(hidden, rate, config.momentum, config.weight_decay)
    if not others:
        return muon
    groups = _decay_groups(model, others, config)
    return Together(muon, AdamW(groups, rate, betas=config.betas, fused=True))


def matrices_of_blocks(model: nn.Module) -> set[str]:
    """The names of the matrices inside the blocks: neither embedding nor unembedding."""
    inside = {
        id(parameter)
        for module in model.modules()
        if isinstance(module, Block)
        for parameter in module.parameters()
    }
    return {name for name, p in model.named_parameters() if p.ndim == 2 and id(p) in inside}


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
