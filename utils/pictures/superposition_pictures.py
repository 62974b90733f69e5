"""Directions that share a space: the angles between them, and how far they get in each other's way."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from utils.pictures.curves import curves
from utils.pictures.figures import GREY, new_figure, style

_BINS, _FROM, _TO = 90, 60.0, 120.0  # degrees


def angle_curves(
    cosines: Mapping[str, Float[Tensor, " pair"]], between: tuple[float | int, float | int]
) -> Figure:
    """How the angles between directions are spread, a curve for each name: density by degree from
    60 to 120, on a logarithmic scale.

    `cosines`: the products of directions of length 1. The angles `between` two limits, in degrees,
    are shaded.
    """
    densities = {}
    for name, products in cosines.items():
        angles = torch.rad2deg(torch.acos(products.float().clamp(-1, 1)))
        densities[name], edges = torch.histogram(angles, _BINS, range=(_FROM, _TO), density=True)
    middles = (edges[1:] + edges[:-1]) / 2
    figure = curves(
        middles,
        densities,
        ylim=(1e-3, 1),
        yscale="log",
        xlabel="angle between two random directions (degrees)",
        ylabel="density",
    )
    figure.axes[0].axvspan(*between, color=GREY, alpha=0.2)
    return figure


def feature_maps(stored: Mapping[str, Float[Tensor, "dimension feature"]]) -> Figure:
    """For each name a map of the products of every two features' directions, the columns of its
    matrix: blue where they point the same way, red where they point against each other.
    """
    figure, axes = new_figure(height=3.2, columns=len(stored))
    with style():
        for ax, (name, W) in zip(figure.axes, stored.items(), strict=True):
            image = ax.imshow((W.T @ W).numpy(), cmap="RdBu", vmin=-1, vmax=1)
            ax.set_title(name, fontsize=10)
            ax.set(xlabel="feature", ylabel="feature")
        words = "product of two features' directions"
        figure.colorbar(image, ax=axes, label=words, fraction=0.03)
    return figure
