"""Drawing and preparing digits: worked numbers, other ways to compute the same, and MNIST itself."""

import math
from itertools import pairwise

import pytest
import torch
from torch.nn.functional import adaptive_avg_pool2d
from torch.testing import assert_close

from utils.data.mnist import digits
from utils.widgets.pen_strokes import BOX, FINE, PEN, centred, ink, shrunk

# 14 x 20 pixels when centred: no half pixels
SEVEN = [[(7.6, 6), (20, 5), (15, 14), (12, 24)], [(10, 15), (18, 14)]]


def moved(strokes, scale=1.0, right=0.0, down=0.0):
    return [[(scale * x + right, scale * y + down) for x, y in stroke] for stroke in strokes]


def centre_of_mass(image):
    """(row, column), in pixels from the upper left corner."""
    places = torch.arange(len(image), dtype=torch.float64) + 0.5
    mass = image.double()
    return [float((mass.sum(axis) * places).sum() / mass.sum()) for axis in (1, 0)]


def extent(image):
    """First and last row with ink, first and last column."""
    return [int(where) for axis in (1, 0) for where in image.any(axis).nonzero().flatten()[[0, -1]]]


# --- ink -------------------------------------------------------------------------------------------------------------


def test_a_line_worked_by_hand():
    # From x = 4 to x = 24 at height 10, two units wide: rows 9 and 10 are covered, the rows beside
    # them are not.
    image = ink([[(4, 10), (24, 10)]], width=2)
    assert image.dtype == torch.float32 and image.shape == (28, 28)
    assert image[9:11, 4:24].eq(1).all() and image[8].eq(0).all() and image[11].eq(0).all()
    image = ink([[(4, 10.25), (24, 10.25)]], width=2)  # a quarter lower
    assert_close(image[8:12, 14], torch.tensor([0, 0.75, 1, 0.25]))


@pytest.mark.parametrize(("x", "y"), [(14.0, 14.0), (5.5, 20.25), (21.3, 7.9)])
@pytest.mark.parametrize("size", [28, 112])
def test_a_dot_is_a_disc_around_its_point(x, y, size):
    image = ink([[(x, y)]], width=5, size=size)
    row, column = (place * 28 / size for place in centre_of_mass(image))
    assert (row, column) == pytest.approx((y, x), abs=0.03)
    assert float(image.sum()) * (28 / size) ** 2 == pytest.approx(math.pi * 2.5**2, rel=0.02)


@pytest.mark.parametrize("width", [1.0, 2.4, 4])
@pytest.mark.parametrize("stroke", [[(6, 8), (19, 21)], [(20, 5), (11, 23)], [(3, 14), (25, 14)]])
def test_the_ink_of_a_line_is_that_of_a_rectangle_with_round_ends(stroke, width):
    image = ink([stroke], width=width, size=112)
    area = math.dist(*stroke) * width + math.pi * width**2 / 4
    assert float(image.sum()) / 16 == pytest.approx(area, rel=0.02)


def test_every_pixel_against_densely_placed_points():
    points = [
        (a[0] + t / 400 * (b[0] - a[0]), a[1] + t / 400 * (b[1] - a[1]))
        for stroke in SEVEN
        for a, b in pairwise(stroke)
        for t in range(401)
    ]
    image = ink(SEVEN, width=3)
    for row in range(0, 28, 3):
        for column in range(28):
            nearest = min(math.dist((column + 0.5, row + 0.5), point) for point in points)
            assert float(image[row, column]) == pytest.approx(min(1, max(0, 2 - nearest)), abs=2e-3)


def test_strokes_are_not_joined_and_order_does_not_matter():
    image = ink(SEVEN)
    assert_close(image, torch.maximum(ink(SEVEN[:1]), ink(SEVEN[1:])))
    assert_close(image, ink([stroke[::-1] for stroke in SEVEN[::-1]]))


def test_no_stroke_leaves_the_paper_white():
    assert torch.equal(ink([]), torch.zeros(28, 28)) and ink([], size=7).shape == (7, 7)


@pytest.mark.parametrize(
    "stroke", [[], [(1, 2, 3)], [(1, 2), (3,)], [(1, math.nan)], [(math.inf, 2.0)]]
)
def test_what_is_no_stroke_is_refused(stroke):
    with pytest.raises(ValueError, match=r"is no stroke; give a list of \(x, y\) points"):
        ink([[(1, 1)], stroke])


@pytest.mark.parametrize("width", [0, -1.0, math.nan])
def test_a_pen_without_width_is_refused(width):
    with pytest.raises(ValueError, match=r"the pen has width .*; give one above 0"):
        ink(SEVEN, width=width)


# --- 28 x 28 pixels --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [28, 56, 112, 42])
def test_shrunk_is_the_average_over_areas(size):
    image = torch.rand(size, size, generator=torch.Generator().manual_seed(size))
    expected = adaptive_avg_pool2d(image.repeat_interleave(2, 0).repeat_interleave(2, 1)[None], 28)[
        0
    ]
    assert_close(shrunk(image), expected)
    assert_close(shrunk(image).mean(), image.mean())


def test_digits_of_mnist_are_centred_already():
    """The rule is MNIST's own: its digits come out as they went in."""
    for image in digits("test").images[:2000].reshape(-1, 28, 28):
        assert_close(centred(image), image, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "strokes", [SEVEN, [[(14, 3), (13, 25)]], [[(2, 14), (26, 16)]], [[(9, 9), (12, 13)]]]
)
def test_longer_side_and_centre_of_mass(strokes):
    image = centred(ink(strokes, size=FINE))
    top, bottom, left, right = extent(image)
    assert max(bottom - top, right - left) + 1 == BOX
    assert all(14 - 1e-5 <= place < 15 + 1e-5 for place in centre_of_mass(image))


def test_the_aspect_ratio_stays():
    tall = torch.zeros(FINE, FINE)
    tall[10:90, 30:50] = 1  # 80 high, 20 wide
    image = centred(tall)
    # 20 high, 5 wide: 10 rows above its middle, 2.5 columns left of it
    assert extent(image) == [4, 23, 12, 16]
    assert image.sum() == 100
    assert_close(centred(tall.T), image.T)


def test_worked_by_hand():
    # Three pixels in an L become 10 x 10 squares; their centre of mass is (25/3, 35/3) below the
    # upper left corner, in pixel (8, 11), and that comes to (14, 14).
    image = torch.zeros(28, 28)
    image[2, 5] = image[2, 6] = image[3, 6] = 1
    result = centred(image)
    assert extent(result) == [6, 25, 3, 22]
    assert (
        result[6:16, 3:23].eq(1).all() and result[16:26, 13:23].eq(1).all() and result.sum() == 300
    )


@pytest.mark.parametrize(("right", "down"), [(4, -3), (-3, 1), (0.75, -2.5)])
@pytest.mark.parametrize("scale", [1, 0.8, 0.6])
def test_where_and_how_large_one_draws_hardly_matters(scale, right, down):
    base = [[(x - 14, y - 14) for x, y in stroke] for stroke in SEVEN]
    one = centred(ink(moved(base, 1, 14, 14), PEN, FINE))
    other = centred(ink(moved(base, scale, 14 + right, 14 + down), PEN * scale, FINE))
    if scale == 1 and right % 0.25 == down % 0.25 == 0:
        assert_close(one, other)  # moved by whole pixels of the pad
    # Whole pixels are filled in the end: a rounding that goes the other way is one pixel.
    steps = [other.roll((row, column), (0, 1)) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    assert min(float((one - step).abs().sum() / one.sum()) for step in steps) < 0.12
    assert (
        float(
            (shrunk(ink(moved(base, scale, 14 + right, 14 + down), PEN * scale, FINE)) - one)
            .abs()
            .sum()
        )
        > 40
    )


def test_what_would_stick_out_is_pushed_back():
    heavy = torch.zeros(28, 28)
    heavy[0:20, 10] = 0.01
    heavy[0:2, 10] = 1  # nearly all the ink is in the first two rows
    assert extent(centred(heavy))[:2] == [8, 27]
    assert extent(centred(heavy.flip(0)))[:2] == [0, 19]


@pytest.mark.parametrize("prepare", [centred, shrunk])
def test_blank_stays_blank_and_types_stay(prepare):
    for dtype in (torch.float32, torch.float64):
        assert torch.equal(
            prepare(torch.zeros(FINE, FINE, dtype=dtype)), torch.zeros(28, 28, dtype=dtype)
        )


def test_one_pixel_fills_the_box():
    image = torch.zeros(FINE, FINE)
    image[3, 100] = 0.5
    assert extent(centred(image)) == [4, 23, 4, 23] and centred(image).sum() == 0.5 * BOX * BOX
    assert image.sum() == 0.5  # and what went in is as it was
