"""Random pictures that are as smooth as given ones: what is found in these as well says nothing.

The method of surrogate data (Theiler et al. 1992): keep how strong each spatial frequency is, and
draw its phase anew. Smoothness stays, form goes.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def phase_scrambled(
    pictures: Float[Tensor, "picture row column"], seed: int = 0
) -> Float[Tensor, "picture row column"]:
    """For each picture a random one with its spectrum, and as strong at each place as the pictures
    are there on average.

    The second step changes the spectrum a little: compare how smooth both are.
    """
    rng = torch.Generator().manual_seed(seed)
    # that of real noise, so that the result is real
    phase = torch.fft.fft2(torch.randn(pictures.shape, generator=rng)).angle()
    strength = torch.fft.fft2(pictures).abs()
    blotches: Tensor = torch.fft.ifft2(torch.polar(strength, phase)).real
    return blotches * pictures.square().mean(dim=0).sqrt()
