"""MNIST: 70,000 handwritten digits as pictures of 28 x 28 pixels, `digits("train")` and
`digits("test")`.

LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document recognition".
"""

import gzip
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from utils.assets.cache import fetch
from utils.data.numpy_pickle import read_arrays

# The file has three parts: MNIST's 60,000 training digits cut into 50,000 and 10,000, and its
#     10,000 test digits.
_PARTS = {"train": slice(0, 2), "test": slice(2, 3)}


class Digits(NamedTuple):
    """Pictures, one a row, and the digit that each of them shows.

    `images`: a picture is its 28 rows one after the other, 0 for black and 1 for white. `labels`: 0
        to 9.
    """

    images: Float32[Tensor, "image pixel"]
    labels: Int64[Tensor, " image"]


def digits(split: str) -> Digits:
    """The 60,000 digits for training ("train") or the 10,000 for testing ("test"), in the order of
    MNIST.

    The first call fetches the file (17 MB). Reading takes about a second. Raises ValueError for
    another split; AssetError if the file cannot be fetched.
    """
    if split not in _PARTS:
        raise ValueError(
            f'there is no split {split!r:.40}: take digits("train") or digits("test").'
        )
    with gzip.open(fetch("mnist")) as file:
        parts = read_arrays(file)[_PARTS[split]]
    images, labels = (
        torch.from_numpy(np.concatenate(arrays)) for arrays in zip(*parts, strict=True)
    )
    # the file has k/256, so that white would be 0.996
    return Digits(images.mul_(256).div_(255), labels)
