"""Exercise 24.4: a picture in squares, each of which becomes a row of numbers."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from course.judging.exercise import exercise


@exercise(
    "24.4",
    minutes=10,
    hints=(
        "A loop over the patches is fine: image[top : top + size, left : left + size] is one of them, and "
        ".flatten() writes it as one row.",
        "Without a loop: reshape to four axes, (row of patches, row in the patch, column of patches, "
        "column in the patch). Which two of them have to stand side by side at the end?",
        "Move the row in the patch behind the column of patches: transpose(1, 2). Only then reshape to "
        "(-1, size * size).",
    ),
)
def patches(image: torch.Tensor, size: int) -> torch.Tensor:
    """Cut a picture into squares, and write each as a row of numbers.

    So a picture becomes a sequence: one row is to the model what a token's vector is.

    image: shape (height, width), both of them multiples of `size`.
    size: how many pixels a patch is high and wide.
    Returns the patches, shape (patch, size * size). They come as one reads: from left to
    right, and the upper ones first. So do the pixels of each.
    """
    height, width = image.shape
    # (row of patches, row in the patch, column of patches, column in the patch)
    cut = image.reshape(height // size, size, width // size, size)
    return cut.transpose(1, 2).reshape(-1, size * size)


@patches.also_right
def _loops(image: Tensor, size: int) -> Tensor:
    height, width = image.shape
    rows = []
    for top in range(0, height, size):
        for left in range(0, width, size):
            rows.append(image[top : top + size, left : left + size].flatten())
    return torch.stack(rows)


@patches.also_right
def _unfolded(image: Tensor, size: int) -> Tensor:
    return F.unfold(image[None, None], size, stride=size)[0].T


@patches.also_right
def _windows(image: Tensor, size: int) -> Tensor:
    return image.unfold(0, size, size).unfold(1, size, size).flatten(2).flatten(0, 1)


@patches.also_right
def _split(image: Tensor, size: int) -> Tensor:
    squares = [square for band in image.split(size) for square in band.split(size, dim=1)]
    return torch.cat([square.reshape(1, -1) for square in squares])


def _axes(image: Tensor, size: int) -> Tensor:
    """(row of patches, row in the patch, column of patches, column in the patch)"""
    height, width = image.shape
    return image.reshape(height // size, size, width // size, size)


@patches.wrong(
    "What does reshape do? It takes the numbers as they lie in memory, row after row of the picture. So "
    "these are stripes, and not squares, though the shape is right: an axis has to be moved first."
)
def _stripes(image: Tensor, size: int) -> Tensor:
    return image.reshape(-1, size * size)


@patches.wrong(
    "Which patch is the second? The one to the right of the first. Here it is the one below."
)
def _patches_by_columns(image: Tensor, size: int) -> Tensor:
    return _axes(image, size).permute(2, 0, 1, 3).reshape(-1, size * size)


@patches.wrong(
    "Which pixel of a patch is the second? The one to the right of the first. Here it is the one below."
)
def _pixels_by_columns(image: Tensor, size: int) -> Tensor:
    return _axes(image, size).permute(0, 2, 3, 1).reshape(-1, size * size)


@patches.wrong(
    "Is the picture turned over? Rows and columns have changed places here, for the patches and within "
    "them."
)
def _turned_over(image: Tensor, size: int) -> Tensor:
    return patches.reference(image.T, size)


@patches.wrong(
    "What is a row of the result? One patch. Here it is one pixel of all patches: transpose it."
)
def _pixels_first(image: Tensor, size: int) -> Tensor:
    return patches.reference(image, size).T


@patches.wrong(
    "Do patches overlap? No: each pixel belongs to one. Here the next patch begins one pixel further."
)
def _overlapping(image: Tensor, size: int) -> Tensor:
    return image.unfold(0, size, 1).unfold(1, size, 1).reshape(-1, size * size)


@patches.wrong(
    "Are the pixels of a patch neighbours? They have to be. These lie far apart, each from another part "
    "of the picture: the size of a patch is the second and the last of the four axes."
)
def _far_apart(image: Tensor, size: int) -> Tensor:
    height, width = image.shape
    cut = image.reshape(size, height // size, size, width // size)
    return cut.permute(1, 3, 0, 2).reshape(-1, size * size)


@patches.wrong(
    "What is one patch to the model? One vector. Here each is still a square: write it as one row."
)
def _still_squares(image: Tensor, size: int) -> Tensor:
    return _axes(image, size).transpose(1, 2).reshape(-1, size, size)


@patches.wrong(
    "How many axes has the result? Two: patches and pixels. Here rows and columns of patches are still "
    "apart."
)
def _still_a_grid(image: Tensor, size: int) -> Tensor:
    return _axes(image, size).transpose(1, 2).flatten(2)


@patches.wrong(
    "How many patches are there? height / size times width / size. Here only those of the first row of "
    "patches come."
)
def _first_band(image: Tensor, size: int) -> Tensor:
    return patches.reference(image[:size], size)


@patches.wrong("What is a patch? All its pixels, one after the other. Here it is their mean.")
def _means(image: Tensor, size: int) -> Tensor:
    return patches.reference(image, size).mean(dim=1, keepdim=True)


@patches.wrong(
    "Which number counts how many patches there are, and which how large one is? `size` is the size. Here "
    "the picture is cut into `size` times `size` parts."
)
def _as_many_as_size(image: Tensor, size: int) -> Tensor:
    height, width = image.shape
    cut = image.reshape(size, height // size, size, width // size)
    return cut.transpose(1, 2).reshape(size * size, -1)


@patches.inputs
def _pictures(rng: torch.Generator) -> Iterator[tuple[Tensor, int]]:
    yield torch.arange(24.0).reshape(4, 6), 2
    yield torch.arange(54.0).reshape(9, 6), 3
    for down, across, size in (
        (2, 3, 2),
        (3, 2, 2),
        (2, 5, 3),
        (4, 2, 3),
        (3, 4, 2),
        (2, 3, 4),
        (5, 3, 2),
        (3, 5, 4),
        (4, 3, 5),
        (2, 4, 5),
        (3, 2, 7),
        (4, 5, 6),
    ):
        yield torch.randn(down * size, across * size, generator=rng) * 10.0 ** (down - 3), size
