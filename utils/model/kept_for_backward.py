"""How much a forward pass keeps for the way back: the activations that autograd holds until
`backward()` has used them.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def bytes_kept_for_backward(run: Callable[[], object], model: nn.Module) -> int:
    """The bytes of all tensors that autograd keeps for the backward pass of `run()`.

    Tensors that share their memory count once. The parameters of `model` do not count: they are
    there with or without a way back.
    """
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        result = run()
    # Until here the graph had to live: a freed tensor's address may be given to another.
    del result
    return sum(kept.values())
