"""How much a picture looks like an edge: the share of its variance that the best oriented edge or
bar explains, or the best few.

The edges and bars are Gabor functions, a wave under a bell: the classical model of what cells early
in the visual cortex respond to (Marcelja 1980; Daugman 1985), and what convolutional networks learn
first (Zeiler & Fergus 2013).
"""

import math
from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

_DIRECTIONS, _PLACES = 8, 7  # orientations of half a turn; places along each side
_SIZES = (1 / 8, 1 / 4, 1 / 2)  # width of the bell, as a share of the picture's side
_WAVE = 3.0  # wavelength in widths of the bell: one dark and one light flank


@cache
def gabors(side: int) -> Float[Tensor, "gabor pixel"]:
    """Gabor functions for side x side pixels: of all directions, places and sizes, odd (edge) and
    even (bar).

    Each has mean 0 and length 1. Raises ValueError for a side below 3.
    """
    if side < 3:
        raise ValueError(f"pictures of {side} x {side} pixels hold no edge; give at least 3 x 3.")
    middle = torch.arange(side) + 0.5
    places = torch.linspace(0.5, side - 0.5, min(side, _PLACES))
    turns = torch.arange(_DIRECTIONS) * math.pi / _DIRECTIONS
    grid = torch.meshgrid(torch.tensor(_SIZES) * side, turns, places, places, indexing="ij")
    size, turn, row, column = (x.flatten()[:, None, None] for x in grid)
    across, along = middle[None, None, :] - column, middle[None, :, None] - row
    u = across * turn.cos() + along * turn.sin()
    bell = torch.exp(-(across**2 + along**2) / (2 * size**2))
    waves = torch.cat(
        [bell * wave(2 * math.pi * u / (_WAVE * size)) for wave in (torch.sin, torch.cos)]
    )
    return _standard(waves.flatten(1))


def _standard(pictures: Float[Tensor, "picture pixel"]) -> Float[Tensor, "picture pixel"]:
    """With mean 0 and length 1; a picture of one tone becomes zeros."""
    centred = pictures - pictures.mean(dim=1, keepdim=True)
    lengths: Tensor = centred.norm(dim=1, keepdim=True)
    return centred / lengths.clamp(min=1e-12)


def edge_match(
    pictures: Float[Tensor, "picture side side"], edges: int = 1
) -> Float[Tensor, " picture"]:
    """The share of each picture's variance, from 0 to 1, that the best Gabor function explains, or
    the best few together.

    Small pictures match better by chance than large ones, and smooth ones better than rough ones:
    compare with shuffled pixels, and with pictures that are as smooth (phase_scrambling.py).
    """
    return best_match(pictures.flatten(1), gabors(pictures.shape[-1]), edges)


def best_match(
    pictures: Float[Tensor, "picture pixel"],
    templates: Float[Tensor, "template pixel"],
    count: int = 1,
) -> Float[Tensor, " picture"]:
    """The share of each picture's variance, from 0 to 1, that its best template explains, or the
    best `count` together.

    They are chosen one after the other, each the best for what is left: orthogonal matching pursuit
    (Pati, Rezaiifar & Krishnaprasad 1993). Brightness and contrast do not count. Raises ValueError
    for a count below 1.
    """
    if count < 1:
        raise ValueError(f"a match with {count} templates was asked for; take 1 or more.")
    whole, units = _standard(pictures), _standard(templates)
    left = whole
    taken: list[Tensor] = []
    for _ in range(count):
        new = units[(left @ units.T).abs().argmax(dim=1)]  # (picture, pixel)
        for old in taken:
            new = new - (new * old).sum(dim=1, keepdim=True) * old
        # nothing is left of a template that was taken already
        new = new / new.norm(dim=1, keepdim=True).clamp(min=1e-6)
        left = left - (left * new).sum(dim=1, keepdim=True) * new
        taken.append(new)
    return whole.square().sum(dim=1) - left.square().sum(dim=1)
