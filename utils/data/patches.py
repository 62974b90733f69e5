"""A picture as a row of patches, so that a model of sequences can read it, and back again.

Dosovitskiy et al. 2020, "An Image is Worth 16x16 Words" (arXiv:2010.11929): cut the picture into
squares and read them line by line. MNIST's 28 x 28 pixels make 16 patches of 7 x 7.
"""

from jaxtyping import Float
from torch import Tensor

SIZE = 7  # pixels along a patch of a digit


def to_patches(
    images: Float[Tensor, "image row column"], size: int = SIZE
) -> Float[Tensor, "image patch pixel"]:
    """The squares of `size` x `size` pixels of each picture, row after row; of a patch the pixels,
    row after row.

    ValueError if the picture's sides are no multiples of `size`.
    """
    count, rows, columns = images.shape
    if size < 1 or rows % size or columns % size:
        raise ValueError(
            f"pictures of {rows} x {columns} pixels cannot be cut into squares of {size}: choose a "
            "size that divides both sides."
        )
    # (image, row of patches, row within, column of patches, column within)
    cut = images.reshape(count, rows // size, size, columns // size, size)
    return cut.transpose(2, 3).reshape(count, -1, size * size)


def from_patches(
    patches: Float[Tensor, "image patch pixel"], columns: int
) -> Float[Tensor, "image row column"]:
    """The inverse: the pictures, `columns` pixels wide. ValueError if the patches do not fill it."""
    count, number, pixels = patches.shape
    size = round(pixels**0.5)
    across = columns // size
    if size * size != pixels or columns % size or number % across:
        raise ValueError(
            f"{number} patches of {pixels} pixels do not fill a picture that is {columns} wide: "
            "give square patches, and the width that they were cut from."
        )
    grid = patches.reshape(count, number // across, across, size, size)
    return grid.transpose(2, 3).reshape(count, -1, columns)
