"""Exercise 04.4: backpropagation through any graph."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "04.4",
    minutes=15,
    hints=(
        "Begin at the cost: its gradient with respect to itself is 1. What does an edge hand back "
        "to the node where it starts?",
        "An edge adds slope * (gradient of the node where it ends) to the gradient of the node "
        "where it starts. When may it do so? When the node where it ends has heard from all of its "
        "own outgoing edges.",
        "Every edge leads from a smaller number to a larger one. So take the edges by the number "
        "of the node where they end, the largest first: sorted(edges, key=lambda edge: edge[1], "
        "reverse=True). Each does gradients[start] += slope * gradients[end].",
    ),
)
def backpropagate(edges: list[tuple[int, int, float]], n: int) -> list[float]:
    """Backpropagation through any graph: the derivative of the cost with respect to
    every node.

    The nodes have the numbers 0 to n - 1, in the order in which they were computed. The
    last one is the cost.

    edges: a list of (start, end, slope), in any order. The node `end` was computed from
    the node `start`, which has the smaller number, and slope is the derivative of this
    one step. Two nodes may have several edges between them.
    n: the number of nodes. There may be thousands in a row, too many for a function
    that calls itself, and more paths than a computer can ever walk.
    Returns a list of n numbers: dC/dnode for each node, added up over all paths from it
    to the cost. It is 0 for a node that the cost does not depend on.
    """
    gradients = [0.0] * (n - 1) + [1.0]  # the cost's own is 1
    for start, end, slope in sorted(edges, key=lambda edge: edge[1], reverse=True):
        # gradients[end] is complete: what it leads to came before
        gradients[start] += slope * gradients[end]
    return gradients


Edges = list[tuple[int, int, float]]


def _outgoing(edges: Edges, n: int) -> list[list[tuple[int, float]]]:
    """For each node, where its edges end, and their slopes."""
    table: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    for start, end, slope in edges:
        table[start].append((end, slope))
    return table


@backpropagate.also_right
def _node_by_node(edges: Edges, n: int) -> list[float]:
    gradients = [0.0] * n
    gradients[-1] = 1.0
    table = _outgoing(edges, n)
    for node in reversed(range(n - 1)):
        gradients[node] = sum(slope * gradients[end] for end, slope in table[node])
    return gradients


@backpropagate.also_right
def _autograd_of_the_same_graph(edges: Edges, n: int) -> list[Tensor]:
    with torch.enable_grad():
        # what each node has of its own
        own = torch.zeros(n, dtype=torch.float64, requires_grad=True)
        values = list(own.unbind())
        # by start: a node is complete before it is used
        for start, end, slope in sorted(edges):
            values[end] = values[end] + slope * values[start]
        (gradients,) = torch.autograd.grad(values[-1], own)
    return list(gradients)


@backpropagate.also_right
def _system_of_equations(edges: Edges, n: int) -> tuple[np.floating, ...]:
    matrix, cost = torch.eye(n, dtype=torch.float64), torch.zeros(n, 1, dtype=torch.float64)
    cost[-1] = 1.0
    for start, end, slope in edges:
        matrix[start, end] -= slope
    return tuple(torch.linalg.solve_triangular(matrix, cost, upper=True)[:, 0].numpy())


@backpropagate.also_right
def _wait_until_all_have_reported(edges: Edges, n: int) -> list[float]:
    gradients = [0.0] * (n - 1) + [1.0]
    incoming: list[list[tuple[int, float]]] = [[] for _ in range(n)]
    waiting = [0] * n
    for start, end, slope in edges:
        waiting[start] += 1
        incoming[end].append((start, slope))
    ready = [node for node in range(n) if not waiting[node]]
    while ready:
        end = ready.pop()
        for start, slope in incoming[end]:
            gradients[start] += slope * gradients[end]
            waiting[start] -= 1
            ready += [start] if not waiting[start] else []
    return gradients


def _backward(
    edges: Edges,
    n: int,
    *,
    own: float = 1.0,
    join: Callable[[list[float]], float] = sum,
    pass_on: Callable[[float, float], float] = lambda slope, gradient: slope * gradient,
) -> list[float]:
    """The right way back, with parts that can be put wrongly: the beginning, what an
    edge passes on, how paths join.
    """
    gradients = [0.0] * (n - 1) + [own]
    table = _outgoing(edges, n)
    for node in reversed(range(n - 1)):
        handed_back = [pass_on(slope, gradients[end]) for end, slope in table[node]]
        gradients[node] = join(handed_back) if handed_back else 0.0
    return gradients


@backpropagate.wrong(
    "What happens when a second path arrives? `=` overwrites what the first one brought. Paths are "
    "added: `+=`. Here the edge that comes last in the list wins."
)
def _last_listed_wins(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, join=lambda handed_back: handed_back[-1])


@backpropagate.wrong(
    "What happens when a second path arrives? `=` overwrites what the first one brought. Paths are "
    "added: `+=`. Here the edge to the earliest node wins, because it is met last on the way back."
)
def _last_met_wins(edges: Edges, n: int) -> list[float]:
    gradients = [0.0] * (n - 1) + [1.0]
    for start, end, slope in sorted(edges, key=lambda edge: edge[1], reverse=True):
        gradients[start] = slope * gradients[end]
    return gradients


@backpropagate.wrong(
    "Does only the strongest path count? All of them do: the gradients that they bring are added."
)
def _largest_wins(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, join=max)


@backpropagate.wrong(
    "Sum or mean? A node that is used twice acts twice: add the paths up, do not average them."
)
def _mean_over_edges(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, join=lambda handed_back: sum(handed_back) / len(handed_back))


@backpropagate.wrong(
    "How do the steps of one path go together? Their slopes are multiplied; here they are added."
)
def _slopes_added(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, pass_on=lambda slope, gradient: slope + gradient)


@backpropagate.wrong(
    "How do two paths go together? They are added up. What is multiplied are the steps within one "
    "path."
)
def _paths_multiplied(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, join=math.prod)


@backpropagate.wrong(
    "What does an edge pass on? Its slope times the gradient of the node where it ends, not the "
    "slope."
)
def _own_slopes_only(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, pass_on=lambda slope, gradient: slope)


@backpropagate.wrong(
    "Do the slopes play a part? This counts the paths to the cost, as if every slope were 1."
)
def _paths_counted(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, pass_on=lambda slope, gradient: gradient)


@backpropagate.wrong(
    "Does the sign of a slope matter? Yes: paths that pull in opposite directions cancel out."
)
def _signs_lost(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, pass_on=lambda slope, gradient: abs(slope) * gradient)


@backpropagate.wrong(
    "What is the cost's gradient with respect to itself? If it is 0, then every product with it is "
    "0 as well: begin with 1 at the last node."
)
def _begins_with_zero(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, own=0.0)


@backpropagate.wrong(
    "What is the cost's gradient with respect to itself? 1. Here it is counted twice, and so is "
    "everything before it."
)
def _cost_counted_twice(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n, own=2.0)


@backpropagate.wrong(
    "Is the cost a node as well? It is the last one, and its own gradient, 1, belongs in the list."
)
def _cost_left_out(edges: Edges, n: int) -> list[float]:
    return _backward(edges, n)[:-1]


@backpropagate.wrong(
    "In which direction do you go? This is how every node depends on node 0. Begin at the cost, "
    "and go backward."
)
def _forward(edges: Edges, n: int) -> list[float]:
    gradients = [1.0] + [0.0] * (n - 1)
    for start, end, slope in sorted(edges):
        gradients[end] += slope * gradients[start]
    return gradients


@backpropagate.wrong(
    "Who hands something to whom? Backward, an edge goes from its end to its start: `start` "
    "receives."
)
def _start_and_end_swapped(edges: Edges, n: int) -> list[float]:
    gradients = [0.0] * (n - 1) + [1.0]
    for start, end, slope in sorted(edges, key=lambda edge: edge[1], reverse=True):
        gradients[end] += slope * gradients[start]
    return gradients


@backpropagate.wrong(
    "Can there be two edges between the same two nodes? Yes, as in x * x, where x is used twice. A "
    "dictionary by (start, end) keeps only one of them."
)
def _parallel_edges_lost(edges: Edges, n: int) -> list[float]:
    one_each = {(start, end): slope for start, end, slope in edges}
    return _backward([(*pair, slope) for pair, slope in one_each.items()], n)


@backpropagate.wrong(
    "Is a node's gradient complete when an edge takes it? In the order of the list, often not. "
    "Take the edges by the node where they end, the largest number first."
)
def _as_listed(edges: Edges, n: int) -> list[float]:
    gradients = [0.0] * (n - 1) + [1.0]
    for start, end, slope in edges:
        gradients[start] += slope * gradients[end]
    return gradients


@backpropagate.wrong(
    "Is the list of edges always in order? Reading it from behind works only if it is: sort it by "
    "the node where the edges end."
)
def _listed_backward(edges: Edges, n: int) -> list[float]:
    return _as_listed(edges[::-1], n)


@backpropagate.wrong(
    "Does a node act on the cost only directly? Most do so through others: here only edges that "
    "end at the cost count."
)
def _last_edges_only(edges: Edges, n: int) -> list[float]:
    return _backward([edge for edge in edges if edge[1] == n - 1], n)


def _slopes(rng: torch.Generator, count: int, low: float, high: float) -> list[float]:
    """Slopes between low and high, of either sign."""
    sizes = low + (high - low) * torch.rand(count, generator=rng, dtype=torch.float64)
    signs = torch.randint(2, (count,), generator=rng) * 2 - 1
    return (sizes * signs).tolist()


def _shuffled(edges: Edges, rng: torch.Generator) -> Edges:
    return [edges[place] for place in torch.randperm(len(edges), generator=rng).tolist()]


def _random_graph(n: int, count: int, rng: torch.Generator) -> Edges:
    """`count` edges between any nodes; some nodes stay unused, some pairs have several
    edges.
    """
    edges = []
    for slope in _slopes(rng, count, 0.3, 2.0):
        start, end = sorted(torch.randperm(n, generator=rng)[:2].tolist())
        edges.append((start, end, slope))
    return edges


@backpropagate.inputs
def _graphs(rng: torch.Generator) -> Iterator[tuple[Edges, int]]:
    yield [(0, 1, 2.0), (1, 2, -3.0)], 3  # a chain
    # a diamond: two paths
    yield [(0, 1, 2.0), (0, 2, 5.0), (1, 3, 1.0), (2, 3, 0.5)], 4
    # (x * x) / 4 at 3: two edges between the same two nodes
    yield [(0, 1, 3.0), (0, 1, 3.0), (1, 2, 0.25)], 3
    yield [], 1  # nothing but the cost
    yield [(0, 3, 4.0), (0, 2, 1.5), (1, 2, 7.0)], 4  # 1 and 2 do not reach the cost
    for n, count in ((4, 5), (6, 9), (8, 20), (12, 16), (25, 60)):
        edges = _random_graph(n, count, rng)
        yield sorted(edges), n
        yield _shuffled([*edges, (0, n - 1, 0.5)], rng), n
    used_often = [(0, node, slope) for node, slope in enumerate(_slopes(rng, 9, 0.5, 3.0), start=1)]
    yield _shuffled([*used_often, *((node, 10, 0.2 * node) for node in range(1, 10))], rng), 11
    chain = [(node, node + 1, slope) for node, slope in enumerate(_slopes(rng, 1999, 0.99, 1.01))]
    yield _shuffled(chain, rng), 2000
    ladder = []  # 40 diamonds in a row: two to the power of 40 paths
    for first, slope in zip(range(0, 120, 3), _slopes(rng, 40, 0.3, 0.6), strict=True):
        ladder += [(first, first + 1, slope), (first, first + 2, 0.9)]
        ladder += [(first + 1, first + 3, 0.8), (first + 2, first + 3, 0.7)]
    yield _shuffled(ladder, rng), 121
