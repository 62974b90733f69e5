"""Exercise 09.1: the cosines of one vector with many."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "09.1",
    minutes=6,
    hints=(
        "The dot product of each row with the vector is one product: rows @ vector. It grows with "
        "both lengths.",
        "Divide by the length of the vector, and by the length of each row: rows.norm(dim=1).",
        "A row of zeros has no direction. Make its cosine 0: divide by lengths.clamp(min=1e-12).",
    ),
)
def cosines(rows: torch.Tensor, vector: torch.Tensor) -> torch.Tensor:
    """The cosine of the angle between a vector and each of many rows.

    rows: shape (n, d). A row may be all zeros: its cosine is 0.
    vector: shape (d,), not zero.
    Returns n numbers between -1 and 1, shape (n,).
    """
    lengths = rows.norm(dim=1).clamp(min=1e-12) * vector.norm()
    return rows @ vector / lengths


@cosines.also_right
def _torchs_own(rows: Tensor, vector: Tensor) -> Tensor:
    return torch.nn.functional.cosine_similarity(rows, vector[None], dim=1)


@cosines.also_right
def _directions_first(rows: Tensor, vector: Tensor) -> Tensor:
    one = torch.nn.functional.normalize(rows, dim=1)
    return one @ torch.nn.functional.normalize(vector, dim=0)


@cosines.also_right
def _row_by_row_in_numpy(rows: Tensor, vector: Tensor) -> Tensor:
    v = vector.double().numpy()
    found = []
    for row in rows.double().numpy():
        length = np.sqrt((row**2).sum()) * np.sqrt((v**2).sum())
        found.append(float(row @ v / length) if length > 0 else 0.0)
    return torch.tensor(found)


@cosines.wrong(
    "Does a longer row get a larger number? A cosine does not know lengths. This is the dot product."
)
def _dot_product(rows: Tensor, vector: Tensor) -> Tensor:
    return rows @ vector


@cosines.wrong("Both lengths count. This is divided by that of the vector alone.")
def _rows_not_divided(rows: Tensor, vector: Tensor) -> Tensor:
    return rows @ vector / vector.norm()


@cosines.wrong("Both lengths count. This is divided by those of the rows alone.")
def _vector_not_divided(rows: Tensor, vector: Tensor) -> Tensor:
    return rows @ vector / rows.norm(dim=1).clamp(min=1e-12)


@cosines.wrong(
    "Whose length divides a row? Its own. rows.norm() without dim is the length of the whole table."
)
def _length_of_the_table(rows: Tensor, vector: Tensor) -> Tensor:
    return rows @ vector / (rows.norm() * vector.norm())


@cosines.wrong("What is a length? The root of the sum of squares. The root is missing here.")
def _squared_lengths(rows: Tensor, vector: Tensor) -> Tensor:
    return rows @ vector / (rows.square().sum(dim=1).clamp(min=1e-12) * vector.square().sum())


@cosines.wrong(
    "What is a length? The root of the sum of squares. These are sums of absolute values."
)
def _sums_for_lengths(rows: Tensor, vector: Tensor) -> Tensor:
    return rows @ vector / (rows.abs().sum(dim=1).clamp(min=1e-12) * vector.abs().sum())


@cosines.wrong(
    "What is the cosine of a row of zeros? Here it is 0 / 0, which is no number. Keep the length "
    "from being 0."
)
def _zero_by_zero(rows: Tensor, vector: Tensor) -> Tensor:
    return rows @ vector / (rows.norm(dim=1) * vector.norm())


@cosines.wrong("Can a cosine be negative? Yes, where two vectors point apart: keep the sign.")
def _without_the_sign(rows: Tensor, vector: Tensor) -> Tensor:
    return torch.nn.functional.cosine_similarity(rows, vector[None], dim=1).abs()


@cosines.wrong("Is this a distance? The larger a cosine, the nearer. Here it is taken from 1.")
def _cosine_distance(rows: Tensor, vector: Tensor) -> Tensor:
    return 1 - torch.nn.functional.cosine_similarity(rows, vector[None], dim=1)


@cosines.inputs
def _tables(rng: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    yield torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0], [0.0, 0.0]]), torch.tensor([2.0, 0.0])
    yield torch.tensor([[-1.0, 0.5]]), torch.tensor([0.25, 1.0])
    for n, d, size in (
        (3, 5, 1.0),
        (6, 2, 0.01),
        (4, 9, 30.0),
        (7, 3, 1.0),
        (2, 16, 100.0),
        (8, 6, 2.0),
        (9, 4, 0.1),
        (12, 5, 1.0),
    ):
        rows = size * torch.randn(n, d, generator=rng) * (1 + 3 * torch.rand(n, 1, generator=rng))
        rows[n // 2] = 0.0 if n > 3 else rows[n // 2]
        yield rows, 3 * size * torch.randn(d, generator=rng)
