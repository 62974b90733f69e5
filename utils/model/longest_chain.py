"""How much of a computation has to wait: the longest chain of operations, each of which needs the
result of the one before. What stands side by side can be done at once, given enough cores; a chain
cannot.
"""

from torch import Tensor
from torch.autograd.graph import Node


def longest_chain(output: Tensor) -> int:
    """The operations on the longest way from `output` back to an input, in the graph that autograd
    has recorded (chapter 04). An operation of PyTorch that hides a loop, such as nn.LSTM, is one.

    Raises ValueError for a tensor without a graph.
    """
    if output.grad_fn is None:
        raise ValueError(
            "this tensor has no graph: compute it from something with requires_grad=True, and "
            "within torch.enable_grad()."
        )
    lengths: dict[Node, int] = {}
    waiting = [output.grad_fn]
    while waiting:  # no recursion: a chain may be longer than Python's stack
        node = waiting[-1]
        earlier = [before for before, _ in node.next_functions if before is not None]
        unknown = [before for before in earlier if before not in lengths]
        if unknown:
            waiting += unknown
            continue
        # a leaf, where the gradient is collected, is no operation
        is_leaf = not node.next_functions
        lengths[node] = (
            0 if is_leaf else 1 + max((lengths[before] for before in earlier), default=0)
        )
        waiting.pop()
    return lengths[output.grad_fn]
