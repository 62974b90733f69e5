"""Exercise 07.5: the gradient of a large batch from those of its parts."""

from collections.abc import Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "07.5",
    minutes=8,
    hints=(
        "A mean over 3 tokens and a mean over 300 do not weigh the same. How do you get back the "
        "sum over a part's tokens from its mean?",
        "A mean times its count is a sum. Sums may be added. What is the sum of everything divided "
        "by?",
        "Add up count * gradient, then divide by sum(counts), once.",
    ),
)
def accumulated(gradients: list[torch.Tensor], counts: list[int]) -> torch.Tensor:
    """The gradient of a large batch, from those of its parts (gradient accumulation).

    Each part of the batch went through the model on its own, and backward() was called
    on the mean loss of its tokens.

    gradients: what each part gave, the gradient of its mean loss, shape (n,) each.
    counts: how many tokens each part had.
    Returns the gradient of the mean loss over all tokens of all parts, shape (n,): what
        one backward() on the whole batch would have given.
    """
    total = torch.zeros_like(gradients[0])
    for gradient, count in zip(gradients, counts, strict=True):
        total = total + count * gradient
    return total / sum(counts)


@accumulated.also_right
def _weights_first(gradients: list[Tensor], counts: list[int]) -> Tensor:
    shares = torch.tensor(counts) / sum(counts)
    return shares @ torch.stack(gradients)


@accumulated.also_right
def _running_mean(gradients: list[Tensor], counts: list[int]) -> Tensor:
    mean, seen = torch.zeros_like(gradients[0]), 0
    for gradient, count in zip(gradients, counts, strict=True):
        seen += count
        mean = mean + (gradient - mean) * (count / seen)
    return mean


@accumulated.also_right
def _token_by_token(gradients: list[Tensor], counts: list[int]) -> Tensor:
    repeated = torch.stack(gradients).repeat_interleave(torch.tensor(counts), dim=0)
    return repeated.double().mean(dim=0)


@accumulated.wrong(
    "Does a part with 3 tokens weigh as much as one with 300? It should not. The mean of means is "
    "the bug that popular trainers had until 2024."
)
def _mean_of_means(gradients: list[Tensor], counts: list[int]) -> Tensor:
    return torch.stack(gradients).mean(dim=0)


@accumulated.wrong(
    "How many batches' worth is this? backward() adds up by itself, and four parts give four times "
    "the gradient of one: nothing was divided."
)
def _only_added(gradients: list[Tensor], counts: list[int]) -> Tensor:
    return torch.stack(gradients).sum(dim=0)


@accumulated.wrong(
    "What is the sum over all tokens divided by? By the number of tokens. Here it is not divided."
)
def _weighted_but_not_divided(gradients: list[Tensor], counts: list[int]) -> Tensor:
    return torch.tensor(counts, dtype=torch.float32) @ torch.stack(gradients)


@accumulated.wrong(
    "What is the sum over all tokens divided by? By the number of tokens, not by the number of "
    "parts."
)
def _divided_by_the_parts(gradients: list[Tensor], counts: list[int]) -> Tensor:
    return torch.tensor(counts, dtype=torch.float32) @ torch.stack(gradients) / len(counts)


@accumulated.wrong(
    "What are these gradients of? Of mean losses. Divided by the number of tokens they are divided "
    "twice: multiply by the counts first."
)
def _means_taken_for_sums(gradients: list[Tensor], counts: list[int]) -> Tensor:
    return torch.stack(gradients).sum(dim=0) / sum(counts)


@accumulated.wrong(
    "Which part weighs more? The one with more tokens. Dividing by the count does the opposite."
)
def _weighted_the_wrong_way(gradients: list[Tensor], counts: list[int]) -> Tensor:
    weights = 1 / torch.tensor(counts, dtype=torch.float32)
    return weights @ torch.stack(gradients) / weights.sum()


@accumulated.wrong(
    "Where are the other parts? This is the last gradient: zero_grad() between the parts throws "
    "the earlier ones away."
)
def _last_part_alone(gradients: list[Tensor], counts: list[int]) -> Tensor:
    return gradients[-1].clone()


@accumulated.wrong("Where are the other parts? This is the part with the most tokens alone.")
def _longest_part_alone(gradients: list[Tensor], counts: list[int]) -> Tensor:
    return gradients[counts.index(max(counts))].clone()


@accumulated.wrong(
    "By what is each part weighted? By its own count divided by all tokens, and not by the longest "
    "part: that is how padding creeps into the mean."
)
def _divided_by_the_padded_size(gradients: list[Tensor], counts: list[int]) -> Tensor:
    return (
        torch.tensor(counts, dtype=torch.float32)
        @ torch.stack(gradients)
        / (max(counts) * len(counts))
    )


@accumulated.wrong(
    "Which part weighs more? The one with more tokens. Dividing each mean by its count weighs the "
    "small parts most: multiply by it, and divide by all of them once."
)
def _divided_by_its_count(gradients: list[Tensor], counts: list[int]) -> Tensor:
    parts = [gradient / count for gradient, count in zip(gradients, counts, strict=True)]
    return sum(parts, torch.zeros_like(parts[0])) * sum(counts) / len(counts) ** 2


@accumulated.inputs
def _parts(rng: torch.Generator) -> Iterator[tuple[list[Tensor], list[int]]]:
    yield [torch.tensor([1.0, 0.0]), torch.tensor([0.0, 4.0])], [3, 1]
    yield [torch.tensor([2.0]), torch.tensor([2.5]), torch.tensor([-1.0])], [1, 2, 5]
    for parts, n, size in (
        (2, 3, 1.0),
        (3, 5, 0.01),
        (4, 2, 1.0),
        (4, 8, 10.0),
        (5, 4, 1.0),
        (8, 3, 0.1),
        (2, 20, 3.0),
        (6, 7, 1.0),
        (3, 11, 100.0),
    ):
        gradients = [size * torch.randn(n, generator=rng) for _ in range(parts)]
        yield gradients, torch.randint(1, 300, (parts,), generator=rng).tolist()
