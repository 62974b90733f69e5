"""Exercise 03.3: the cost of a network: how far its outputs are from what they should have been."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "03.3",
    minutes=8,
    hints=(
        "What should the network have said? For each image, 1 at the place of its label and 0 at "
        "all others.",
        "Make these targets as a tensor of the shape of `outputs`: "
        "torch.nn.functional.one_hot(labels, outputs.shape[1]) does it. Then take the differences, "
        "and square each of them.",
        "Add the squares up along the last axis: that is one cost for each image. Then take the "
        "mean of these costs.",
    ),
)
def cost(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The cost of a network: how far its outputs are from what they should have been.

    The cost of one image is the sum, over all outputs, of the squared difference
    between the output and its target. The target is 1 for the output of the right
    digit, and 0 for the others.

    outputs: the activations of the last layer, shape (image, output). There are not
    always ten outputs.
    labels: the right digit of each image, whole numbers, shape (image,).
    Returns the mean of the costs of all images: a tensor with one number, shape ().
    """
    targets = torch.zeros_like(outputs)
    targets[torch.arange(len(labels)), labels] = 1.0
    return ((outputs - targets) ** 2).sum(dim=-1).mean()


def _targets(outputs: Tensor, labels: Tensor) -> Tensor:
    """1 for the right digit, 0 for the others, (image, output)."""
    return F.one_hot(labels, outputs.shape[-1]).to(outputs.dtype)


@cost.also_right
def _library_sum(outputs: Tensor, labels: Tensor) -> Tensor:
    return F.mse_loss(outputs, _targets(outputs, labels), reduction="sum") / len(outputs)


@cost.also_right
def _loops_in_float64(outputs: Tensor, labels: Tensor) -> float:
    total = 0.0
    for row, label in zip(outputs.tolist(), labels.tolist(), strict=True):
        for place, value in enumerate(row):
            total += (value - (place == label)) ** 2
    return total / len(outputs)


@cost.also_right
def _einsum_of_differences(outputs: Tensor, labels: Tensor) -> Tensor:
    off = outputs.double() - torch.eye(outputs.shape[1], dtype=torch.float64)[labels]
    return torch.einsum("io,io->", off, off) / len(off)


@cost.also_right
def _mean_of_squares_times_outputs(outputs: Tensor, labels: Tensor) -> np.floating:
    off = outputs.numpy() - np.eye(outputs.shape[1], dtype=np.float32)[labels.numpy()]
    return np.square(off).mean() * outputs.shape[1]


def _squares(outputs: Tensor, labels: Tensor) -> Tensor:
    """The squared differences, (image, output)."""
    return (outputs - _targets(outputs, labels)) ** 2


@cost.wrong(
    "Mean over what? Over the images only; this divides by the number of outputs as well, as a "
    "mean over everything does. The squares of one image are added up."
)
def _mean_over_everything(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).mean()


@cost.wrong(
    "Sum or mean over the images? The mean: the cost must not grow just because there are more "
    "images."
)
def _sum_over_images(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).sum()


@cost.wrong("One number, or one for each image? The mean over the images is missing.")
def _one_for_each_image(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).sum(dim=-1)


@cost.wrong(
    "Which axis is summed, and which averaged? This adds up over the images and averages over the "
    "outputs: it is the other way round."
)
def _axes_swapped(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).sum(dim=0).mean()


@cost.wrong(
    "Are the differences squared? These are their absolute values: a large miss must count for "
    "much more."
)
def _absolute(outputs: Tensor, labels: Tensor) -> Tensor:
    return (outputs - _targets(outputs, labels)).abs().sum(dim=-1).mean()


@cost.wrong("Is that a cost or a distance? There is a square root too many.")
def _root(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).sum(dim=-1).sqrt().mean()


@cost.wrong(
    "Where does the 1/2 come from? Some books have it, to save a factor later. This cost is "
    "without."
)
def _half(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, labels).sum(dim=-1).mean() / 2


@cost.wrong(
    "First square or first add? Differences of opposite sign must not cancel out: square each one "
    "first."
)
def _square_of_the_sum(outputs: Tensor, labels: Tensor) -> Tensor:
    return ((outputs - _targets(outputs, labels)).sum(dim=-1) ** 2).mean()


@cost.wrong(
    "Is a 7 further from a 1 than a 2 is? Labels are names, not quantities. Compare the outputs "
    "with a row of 0s and one 1, not the strongest output's number with the label."
)
def _number_against_label(outputs: Tensor, labels: Tensor) -> Tensor:
    return ((outputs.argmax(dim=-1) - labels).to(outputs.dtype) ** 2).mean()


@cost.wrong(
    "What should each output have been? 1 or 0. Here the label itself is subtracted from all of "
    "them."
)
def _label_as_target(outputs: Tensor, labels: Tensor) -> Tensor:
    return ((outputs - labels[:, None]) ** 2).sum(dim=-1).mean()


@cost.wrong(
    "Do the other outputs count? They should have been 0, and a wrong digit that lights up has to "
    "cost."
)
def _right_output_only(outputs: Tensor, labels: Tensor) -> Tensor:
    return ((outputs[torch.arange(len(labels)), labels] - 1) ** 2).mean()


@cost.wrong(
    "Where is the output of the right digit? It should have been 1, and its miss counts like any "
    "other."
)
def _wrong_outputs_only(outputs: Tensor, labels: Tensor) -> Tensor:
    return (_squares(outputs, labels) * (1 - _targets(outputs, labels))).sum(dim=-1).mean()


@cost.wrong("Is there a 1 anywhere? This squares the outputs alone, as if every target were 0.")
def _no_targets(outputs: Tensor, labels: Tensor) -> Tensor:
    return (outputs**2).sum(dim=-1).mean()


@cost.wrong(
    "Whose word counts, the label's or the network's? The 1 belongs at the label, not at the "
    "strongest output."
)
def _believes_the_network(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs, outputs.argmax(dim=-1)).sum(dim=-1).mean()


@cost.wrong(
    "Which cost is asked for? This is the cross-entropy of the last chapter; here it is squared "
    "differences."
)
def _cross_entropy(outputs: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(outputs, labels)


@cost.wrong("Do the outputs need a softmax? They are activations already: take them as they are.")
def _softmax_first(outputs: Tensor, labels: Tensor) -> Tensor:
    return _squares(outputs.softmax(dim=-1), labels).sum(dim=-1).mean()


@cost.inputs
def _outputs_and_labels(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([[0.5, 0.25, 0.0]]), torch.tensor([0])
    yield torch.tensor([[0.0, 1.0], [0.5, 0.5], [1.0, 0.25]]), torch.tensor([1, 0, 1])
    for images, n_outputs in ((1, 10), (7, 10), (4, 2), (3, 5), (6, 6), (50, 3), (2, 26)):
        for size in (1.0, 0.01):
            labels = torch.randint(n_outputs, (images,), generator=rng)
            yield torch.rand(images, n_outputs, generator=rng) * size, labels
    for size in (5.0, 300.0):  # outputs without a sigmoid
        yield torch.randn(5, 4, generator=rng) * size, torch.randint(4, (5,), generator=rng)
    confident = 8 * torch.eye(10)[torch.randint(10, (6,), generator=rng)] - 4
    # sure, and often wrong
    yield torch.sigmoid(confident), torch.randint(10, (6,), generator=rng)
