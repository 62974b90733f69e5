"""Deep stacks of plain layers, with and without what made depth trainable: a start that keeps the
size (Glorot & Bengio 2010; He et al., arXiv:1502.01852), residual connections (He et al.,
arXiv:1512.03385) and layer norm (Ba et al., arXiv:1607.06450).

Every layer is as wide as the next, so that its gradients can be compared with those of the others.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "ReLU": torch.relu,
}
NORMS = ("none", "before", "after")


@dataclass(frozen=True)
class Recipe:
    """What each layer of a stack is made of, and how large its weights are at the start.

    activation: the name of one of ACTIVATIONS.
    gain: the weights of the layers are drawn with a standard deviation of gain / sqrt(width), and
        their biases are 0. None is torch's own start: weights and biases even between
        -1 / sqrt(width) and 1 / sqrt(width), which is a gain of 1 / sqrt(3).
    orthogonal: whether the weights are gain times a random rotation or reflection, which stretches
        every direction alike (Saxe et al., arXiv:1312.6120), and not drawn one by one.
    residual: whether what comes into a layer is added to what comes out.
    norm: where a LayerNorm stands. "before": the layer reads a normalised copy (pre-norm). "after":
        what the layer gives, the residual included, is normalised (post-norm). "none": there is
        none.
    Raises ValueError for another activation or norm, and for an orthogonal start without a gain.
    """

    activation: str = "ReLU"
    gain: float | int | None = None
    residual: bool = False
    norm: str = "none"
    orthogonal: bool = False

    def __post_init__(self) -> None:
        for name, choices in (("activation", tuple(ACTIVATIONS)), ("norm", NORMS)):
            value = getattr(self, name)
            if value not in choices:
                words = ", ".join(map(repr, choices))
                raise ValueError(f"{name} is {value!r}; choose one of {words}.")
        if self.orthogonal and self.gain is None:
            raise ValueError("an orthogonal start has no gain; give one, such as gain=1.")


_KEEPS_SIZE = 2**0.5  # for ReLU, which lets half of the square through

# Those of the map, by name, with ReLU if no other is named; the depth decides the start of one of
# them.
RECIPES: dict[str, Callable[[int], Recipe]] = {
    "plain": lambda depth: Recipe(),
    "start": lambda depth: Recipe(gain=_KEEPS_SIZE),
    "norm": lambda depth: Recipe(norm="before"),
    "start + norm": lambda depth: Recipe(gain=_KEEPS_SIZE, norm="before"),
    "residual": lambda depth: Recipe(residual=True),
    "residual + start": lambda depth: Recipe(gain=_KEEPS_SIZE, residual=True),
    "residual + small start": lambda depth: Recipe(gain=_KEEPS_SIZE / depth**0.5, residual=True),
    "residual + norm after": lambda depth: Recipe(residual=True, norm="after"),
    "residual + norm before": lambda depth: Recipe(residual=True, norm="before"),
    "all three": lambda depth: Recipe(gain=_KEEPS_SIZE, residual=True, norm="before"),
    "tanh: start": lambda depth: Recipe("tanh", gain=1),
    "tanh: orthogonal start": lambda depth: Recipe("tanh", gain=1, orthogonal=True),
    "tanh: norm": lambda depth: Recipe("tanh", norm="before"),
    "tanh: residual + norm": lambda depth: Recipe("tanh", residual=True, norm="before"),
}


class Layer(nn.Module):
    """z -> W f(z) + b, for an activation f; with the residual z is added, with a norm it is
    normalised.
    """

    def __init__(self, recipe: Recipe, width: int):
        super().__init__()
        self.recipe = recipe
        self.activation = ACTIVATIONS[recipe.activation]
        self.linear = nn.Linear(width, width)
        self.norm = nn.Identity() if recipe.norm == "none" else nn.LayerNorm(width)
        if recipe.gain is not None:
            _start(self.linear, recipe.gain, recipe.orthogonal)

    def forward(self, z: Float[Tensor, "example width"]) -> Float[Tensor, "example width"]:
        """One layer."""
        read = self.norm(z) if self.recipe.norm == "before" else z
        out: Tensor = self.linear(self.activation(read))
        if self.recipe.residual:
            out = z + out
        return self.norm(out) if self.recipe.norm == "after" else out


def _start(linear: nn.Linear, gain: float | int, orthogonal: bool) -> None:
    """Draw its weights anew, with this gain; its biases are 0."""
    if orthogonal:
        nn.init.orthogonal_(linear.weight, gain=gain)
    else:
        nn.init.normal_(linear.weight, std=gain / linear.in_features**0.5)
    nn.init.zeros_(linear.bias)


class DeepStack(nn.Module):
    """A classifier with `depth` equal layers between a first and a last matrix.

    The first and the last matrix always have torch's own start. With the norm before the layers
    there is one more before the last matrix, as in a GPT.
    """

    def __init__(
        self, recipe: Recipe, depth: int, width: int = 64, inputs: int = 784, classes: int = 10
    ):
        super().__init__()
        self.first = nn.Linear(inputs, width)
        self.layers = nn.ModuleList(Layer(recipe, width) for _ in range(depth))
        self.final_norm = nn.LayerNorm(width) if recipe.norm == "before" else nn.Identity()
        self.activation = ACTIVATIONS[recipe.activation]
        self.last = nn.Linear(width, classes)

    def forward(self, x: Float[Tensor, "example input"]) -> Float[Tensor, "example class"]:
        """The scores of each class."""
        return self.scores(self.states(x)[-1])

    def states(self, x: Float[Tensor, "example input"]) -> list[Float[Tensor, "example width"]]:
        """z after the first matrix and after each layer: depth + 1 tables."""
        states = [self.first(x)]
        for layer in self.layers:
            states.append(layer(states[-1]))
        return states

    def scores(self, z: Float[Tensor, "example width"]) -> Float[Tensor, "example class"]:
        """The scores of each class, from z after the last layer."""
        scores: Tensor = self.last(self.activation(self.final_norm(z)))
        return scores


@dataclass(frozen=True)
class Reading:
    """What one backward pass shows of each layer, the first one first.

    sizes: the root mean square of z after each layer. gradients: the Euclidean norm of the gradient
        of the loss with respect to each layer's matrix. alike: the mean cosine between the z of two
        different examples.
    """

    sizes: Float[Tensor, " layer"]
    gradients: Float[Tensor, " layer"]
    alike: Float[Tensor, " layer"]


@torch.enable_grad()
def read_layers(
    stack: DeepStack, x: Float[Tensor, "example input"], labels: Int64[Tensor, " example"]
) -> Reading:
    """One forward and one backward pass of the cross-entropy; the stack's gradients are left as they
    were.
    """
    states = stack.states(x)
    loss = cross_entropy(stack.scores(states[-1]), labels)
    matrices = [
        stack.get_parameter(f"layers.{number}.linear.weight") for number in range(len(stack.layers))
    ]
    gradients = torch.autograd.grad(loss, matrices)
    after = [z.detach() for z in states[1:]]
    return Reading(
        torch.stack([z.square().mean().sqrt() for z in after]),
        torch.stack([gradient.norm() for gradient in gradients]),
        torch.stack([_mean_cosine(z) for z in after]),
    )


def _mean_cosine(z: Float[Tensor, "example width"]) -> Float[Tensor, ""]:
    """Over all pairs of different examples."""
    n = len(z)
    directions = nn.functional.normalize(z, dim=1, eps=torch.finfo(z.dtype).tiny)
    together = directions.sum(dim=0).square().sum()  # the cosines of all pairs, n times 1 included
    return (together - directions.square().sum()) / (n * (n - 1))
