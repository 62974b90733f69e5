"""From strokes of a pen to a picture of a digit, prepared as those of MNIST were.

`ink` draws, `shrunk` makes 28 x 28 pixels of a finer picture as it is, `centred` as MNIST does. The
drawing pad follows the same three rules in its page.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float, Float64
from torch import Tensor

SIDE = 28  # pixels along the side of a picture; strokes are measured in them too
FINE = 4 * SIDE  # pixels along the side of the drawing pad
BOX = 20  # MNIST's digits fill a box of 20 x 20 within the 28 x 28 pixels
PEN = 3.0  # width of a line; MNIST's are about as wide

Stroke = Sequence[Sequence[float | int]]


def ink(
    strokes: Sequence[Stroke], width: float | int = PEN, size: int = SIDE
) -> Float[Tensor, "{size} {size}"]:
    """Strokes as a picture: 1 where there is ink, 0 where there is paper, and between them along
    the edges.

    A stroke is a list of (x, y) points in a box of 28 x 28 units, x to the right and y down; one
    point alone is a dot. The box is drawn with `size` pixels along each side; `width` is that of
    the pen, in units. Raises ValueError if a stroke is not a list of points, or the width is not
    above 0.
    """
    if not width > 0:
        raise ValueError(f"the pen has width {width}; give one above 0, such as {PEN}.")
    distances = [_distance(_points(stroke), size) for stroke in strokes]
    if not distances:
        return torch.zeros(size, size)
    nearest = torch.stack(distances).amin(0)
    pixel = SIDE / size
    # a pixel half covered is half inked
    return ((width / 2 - nearest) / pixel + 0.5).clamp(0, 1).float()


def _points(stroke: Stroke) -> Float64[Tensor, "point 2"]:
    if {len(point) for point in stroke} != {2} or not all(
        math.isfinite(n) for point in stroke for n in point
    ):
        raise ValueError(
            f"{stroke!r:.60} is no stroke; give a list of (x, y) points, such as [(4, 4), (4, 24)]."
        )
    return torch.tensor(stroke, dtype=torch.float64)


def _distance(points: Float64[Tensor, "point 2"], size: int) -> Float64[Tensor, "{size} {size}"]:
    """From the middle of each pixel to the nearest place on the stroke, in units."""
    middles = (torch.arange(size, dtype=torch.float64) + 0.5) * (SIDE / size)
    # row, column, 1, xy
    pixels = torch.stack(torch.meshgrid(middles, middles, indexing="xy"), dim=-1)[..., None, :]
    # the first line leads from a point to itself: alone, it is a dot
    starts = torch.cat([points[:1], points[:-1]])
    along = points - starts
    # How far along its line the nearest place is: 0 at the start, 1 at the end.
    part = ((pixels - starts) * along).sum(-1) / along.square().sum(-1).clamp_min(1e-12)
    away = pixels - starts - part.clamp(0, 1)[..., None] * along
    distances: Tensor = away.norm(dim=-1)
    return distances.amin(-1)


def shrunk(image: Float[Tensor, "size size"]) -> Float[Tensor, "28 28"]:
    """The whole picture in 28 x 28 pixels, each of them the average of what it covers.

    Nothing is moved.
    """
    size = len(image)
    return _averaged(image.double(), (0, size), (0, size), SIDE, SIDE).to(image.dtype)


def centred(image: Float[Tensor, "size size"]) -> Float[Tensor, "28 28"]:
    """The picture as MNIST prepares it: its ink 20 pixels high or wide, its centre of mass in the
    middle.

    LeCun et al. 1998, section III.A. The ink is cut out, brought to 20 pixels on its longer side at
    the same aspect ratio, and placed so that its centre of mass lies in the pixel of row 14 and
    column 14, counted from 0; what would stick out is pushed back inside. `image`: 0 for paper, up
    to 1 for ink, of any size. A blank one stays blank.
    """
    fine, field = image.double(), torch.zeros(SIDE, SIDE, dtype=torch.float64)
    if fine.any():
        rows, columns = _extent(fine.any(1)), _extent(fine.any(0))
        high, wide = rows[1] - rows[0], columns[1] - columns[0]
        high, wide = (max(1, _nearest(BOX * length / max(high, wide))) for length in (high, wide))
        digit = _averaged(fine, rows, columns, high, wide)
        top, left = _corner(digit.sum(1)), _corner(digit.sum(0))
        field[top : top + high, left : left + wide] = digit
    return field.to(image.dtype)


def _extent(inked: Tensor) -> tuple[int, int]:
    """From the first pixel with ink to behind the last one."""
    where = inked.nonzero().flatten()
    return int(where[0]), int(where[-1]) + 1


def _nearest(value: float) -> int:
    return math.floor(value + 0.5)  # not round(): JavaScript knows no rounding to even numbers


def _corner(mass: Float64[Tensor, " pixel"]) -> int:
    """Where a digit begins, so that its centre of mass comes into pixel 14.

    `mass`: the ink of its rows, or columns.
    """
    centre = float((mass * (torch.arange(len(mass)) + 0.5)).sum() / mass.sum())
    # exact ties happen: a rounding error must not decide them
    corner = SIDE // 2 - math.floor(centre + 1e-6)
    return min(max(corner, 0), SIDE - len(mass))


def _averaged(
    image: Float64[Tensor, "size size"],
    rows: tuple[int, int],
    columns: tuple[int, int],
    high: int,
    wide: int,
) -> Float64[Tensor, "{high} {wide}"]:
    """A part of the picture in high x wide pixels, each the average of the area that it covers."""
    return _shares(len(image), *rows, high) @ image @ _shares(len(image), *columns, wide).T


def _shares(size: int, start: int, stop: int, pieces: int) -> Float64[Tensor, "{pieces} {size}"]:
    """Cut start...stop into equal pieces: which share of each piece does each of the pixels make
    up?
    """
    edges = start + torch.arange(pieces + 1, dtype=torch.float64) * (stop - start) / pieces
    pixels = torch.arange(size, dtype=torch.float64)
    overlap = torch.minimum(edges[1:, None], pixels + 1) - torch.maximum(edges[:-1, None], pixels)
    return overlap.clamp_min(0) * pieces / (stop - start)
