"""The picture of secrets stands where its numbers are, and says them."""

import numpy as np
import pytest

from utils.pictures.secret_pictures import Curve, secrets_by_sights


def test_lines_and_bars_are_those_of_the_numbers():
    shares = {
        "one": Curve([0, 10, 40], [0.0, 0.1, 0.75], [0.0, 0.06, 0.08]),
        "other": Curve([0, 20], [0.0, 0.5], [0.0, 0.1]),
    }
    surprises = {
        "one": Curve([0, 10, 40], [9.0, 4.0, 1.5], [0.5, 0.4, 0.1]),
        "other": Curve([0, 20], [8.0, 2.0], [0.3, 0.2]),
    }
    fig, alt = secrets_by_sights(shares, surprises, guessing=6.0)
    left, right = fig.axes
    (line, _, (bars,)) = left.containers[0]
    assert line.get_ydata() == pytest.approx([0, 10, 75])
    assert np.array([bar[:, 1] for bar in bars.get_segments()]) == pytest.approx(
        np.array([[0, 0], [0, 22], [59, 91]])
    )
    assert line.get_xdata() == pytest.approx([5, 10, 40])  # 0 stands at half of the least
    assert left.get_xticklabels()[0].get_text() == "0"
    (line, _, _) = right.containers[1]
    assert line.get_ydata() == pytest.approx([8, 2])
    assert "one: 75% given away at 40 sights, and a surprise of 9.0 digits at 0, of 1.5" in alt
    assert "Guessing: 6" in alt
