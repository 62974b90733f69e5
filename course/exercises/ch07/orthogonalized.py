"""Exercise 07.2: Newton and Schulz's rounds, which carry all singular values towards 1."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from course.judging.exercise import exercise

_A, _B, _C = 3.4445, -4.7750, 2.0315


@exercise(
    "07.2",
    minutes=10,
    hints=(
        "No singular value may be above 1 at the start. The length of the whole matrix, "
        "matrix.norm(), is never less than its largest singular value.",
        "X X^T X is (x @ x.T) @ x. Compute gram = x @ x.T once; the fifth power is then "
        "gram @ gram @ x.",
        "In every round: x = a * x + b * (gram @ x) + c * (gram @ gram @ x).",
    ),
)
def orthogonalized(matrix: torch.Tensor, rounds: int) -> torch.Tensor:
    """Muon's step: the same singular vectors, and singular values near 1.

    Divide the matrix by its length (the root of the sum of all its squared numbers).
    Then, `rounds` times, replace X by a X + b X X^T X + c X X^T X X^T X, with
    a = 3.4445, b = -4.7750 and c = 2.0315.

    matrix: shape (row, column), any two sizes, not all zeros.
    rounds: how many times, from 1 up.
    Returns the matrix after the last round, shape (row, column).
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix / matrix.norm()
    for _ in range(rounds):
        gram = x @ x.T
        x = a * x + b * gram @ x + c * gram @ gram @ x
    return x


@orthogonalized.also_right
def _on_the_singular_values(matrix: Tensor, rounds: int) -> Tensor:
    u, s, v = torch.linalg.svd(matrix.double(), full_matrices=False)
    s = s / s.norm()
    for _ in range(rounds):
        s = _A * s + _B * s**3 + _C * s**5
    return u @ s.diag() @ v


@orthogonalized.also_right
def _from_the_other_side(matrix: Tensor, rounds: int) -> Tensor:
    x = matrix / matrix.square().sum().sqrt()
    for _ in range(rounds):
        gram = x.T @ x
        x = x @ (_A * torch.eye(len(gram)) + gram @ (_B * torch.eye(len(gram)) + _C * gram))
    return x


@orthogonalized.also_right
def _einsum(matrix: Tensor, rounds: int) -> Tensor:
    x = matrix / torch.linalg.matrix_norm(matrix)
    for _ in range(rounds):
        third = torch.einsum("ij,kj,kl->il", x, x, x)
        fifth = torch.einsum("ij,kj,kl->il", x, x, third)
        x = _A * x + _B * third + _C * fifth
    return x


def _rounds(
    matrix: Tensor,
    rounds: int,
    *,
    length: Callable[[Tensor], Tensor] = torch.linalg.matrix_norm,
    a: float = _A,
    b: float = _B,
    c: float = _C,
    before: Callable[[Tensor], Tensor] = lambda x: x,
) -> Tensor:
    """The right rounds, with parts that can be put wrongly."""
    x = matrix / length(matrix)
    for _ in range(rounds):
        x = before(x)
        gram = x @ x.T
        x = a * x + b * gram @ x + c * gram @ gram @ x
    return x


@orthogonalized.wrong(
    "How large are the singular values at the start? Above 1 the fifth power runs away: divide the "
    "matrix by its length first."
)
def _not_normalised(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix, rounds, length=lambda x: torch.ones(()))


@orthogonalized.wrong(
    "What is the length of a matrix here? The root of the sum of all squares. This divides by its "
    "largest number, and leaves singular values above 1."
)
def _by_the_largest_number(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix, rounds, length=lambda x: x.abs().max())


@orthogonalized.wrong(
    "What is the length of a matrix here? The root of the sum of all squares; this is the sum, "
    "without the root."
)
def _by_the_square_of_the_length(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix, rounds, length=lambda x: x.square().sum())


@orthogonalized.wrong(
    "One length, or one for each row? One for the whole matrix: rows divided one by one have other "
    "singular vectors."
)
def _each_row(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix, rounds, length=lambda x: x.norm(dim=1, keepdim=True))


@orthogonalized.wrong(
    "How often is the matrix divided by its length? Once, before the first round. Divided in every "
    "round, its singular values never come near 1."
)
def _normalised_in_every_round(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix, rounds, before=lambda x: x / x.norm())


@orthogonalized.wrong(
    "Which powers are these? X X^T X is a product of matrices. x**3 takes the third power of every "
    "number, and that says nothing about singular values."
)
def _powers_of_the_numbers(matrix: Tensor, rounds: int) -> Tensor:
    x = matrix / matrix.norm()
    for _ in range(rounds):
        x = _A * x + _B * x**3 + _C * x**5
    return x


@orthogonalized.wrong(
    "Is gram squared as a matrix? gram @ gram is a product of matrices; gram**2 squares every "
    "number."
)
def _gram_squared_number_by_number(matrix: Tensor, rounds: int) -> Tensor:
    x = matrix / matrix.norm()
    for _ in range(rounds):
        gram = x @ x.T
        x = _A * x + _B * gram @ x + _C * gram**2 @ x
    return x


@orthogonalized.wrong(
    "Which coefficient belongs to which power? b = -4.7750 to the third, c = 2.0315 to the fifth; "
    "here they are swapped."
)
def _coefficients_swapped(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix, rounds, b=_C, c=_B)


@orthogonalized.wrong("Is b negative? Yes: -4.7750. With a plus the values run away.")
def _sign_of_b(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix, rounds, b=-_B)


@orthogonalized.wrong(
    "Where is the first power? a * x is missing, so that small singular values shrink instead of "
    "growing."
)
def _without_the_first_power(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix, rounds, a=0.0)


@orthogonalized.wrong("Where is the fifth power? c * gram @ gram @ x is missing.")
def _without_the_fifth_power(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix, rounds, c=0.0)


@orthogonalized.wrong("How many rounds? `rounds` of them; this stops one too early.")
def _one_round_too_few(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix, rounds - 1)


@orthogonalized.wrong("How many rounds? `rounds` of them; this makes one more.")
def _one_round_too_many(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix, rounds + 1)


@orthogonalized.wrong(
    "Which way up does the matrix lie at the end? As it was given: this one is transposed."
)
def _transposed(matrix: Tensor, rounds: int) -> Tensor:
    return _rounds(matrix.T, rounds)


@orthogonalized.wrong(
    "Are the singular values exactly 1? After a few rounds they are only near it. This is where "
    "the rounds lead, found with an SVD: make the rounds themselves."
)
def _exactly_orthogonal(matrix: Tensor, rounds: int) -> Tensor:
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    return u @ v


@orthogonalized.wrong(
    "Which length is meant? The root of the sum of all squares. The largest singular value is another "
    "one, and costs what the iteration is there to save."
)
def _divided_by_the_largest_singular_value(matrix: Tensor, rounds: int) -> Tensor:
    X = matrix / torch.linalg.matrix_norm(matrix, 2)
    for _ in range(rounds):
        square = X @ X.T
        X = 3.4445 * X + (-4.7750 * square + 2.0315 * square @ square) @ X
    return X


@orthogonalized.inputs
def _matrices(rng: torch.Generator) -> Iterator[tuple[Tensor, int]]:
    yield torch.tensor([[3.0, 0.0], [0.0, 4.0]]), 1
    yield torch.tensor([[0.0, 5.0, 0.0], [12.0, 0.0, 0.0]]), 2
    for row, column, rounds, size in (
        (2, 3, 1, 1.0),
        (3, 2, 2, 0.01),
        (4, 4, 3, 10.0),
        (3, 7, 5, 1.0),
        (8, 3, 4, 0.1),
        (6, 5, 5, 100.0),
        (12, 12, 2, 1.0),
        (5, 9, 6, 3.0),
        (10, 4, 1, 30.0),
    ):
        yield size * torch.randn(row, column, generator=rng), rounds
