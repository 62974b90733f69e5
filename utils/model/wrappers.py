"""The model inside what torch wraps around it."""

from torch.nn import Module

from utils.model.gpt import GPT

# The one child of a wrapper: torch.compile's, then DataParallel's and DistributedDataParallel's.
# Not asked for by their classes, as importing torch's compiler takes a second.
_INSIDE = ("_orig_mod", "module")


def unwrapped(model: Module) -> GPT:
    """The GPT itself, out of any number of wrappers: its tensors have the names of a plain GPT's.

    torch.compile, DataParallel and DistributedDataParallel give modules that compute what the
    model inside computes. Raises TypeError if there is no GPT inside.
    """
    inside = model
    while not isinstance(inside, GPT):
        children = dict(inside.named_children()) if isinstance(inside, Module) else {}
        wrapped = next((name for name in _INSIDE if children.keys() == {name}), None)
        if wrapped is None:
            raise TypeError(
                f"this needs a GPT, or one wrapped by torch.compile or DataParallel, but got a "
                f"{type(model).__name__}: give the model itself."
            )
        inside = children[wrapped]
    return inside
