"""Which cells of a notebook the browser has to run: those with something to use or a frame, and a
picture.
"""

from collections.abc import Sequence

from course.building.cell_slice import cheapest, rests_on, that_call

# What a learner uses with mouse and keyboard, and what lives in a frame. A unit test finds those
# that are missing here.
INTERACTIVE = {
    *(
        "explorer",
        "next_token_explorer",
        "predict",
        "drawing_pad",
        "guessing_game",
        "preference_form",
    ),
    *("head_view", "model_view"),
}
PICTURES = 1  # static ones, where those cells show fewer: all are drawn in the same way


def for_the_browser(cells: Sequence[str]) -> list[int]:
    """The code cells to run, positions from 0 in order: INTERACTIVE, PICTURES, what these rest on."""
    used = rests_on(cells, that_call(cells, INTERACTIVE))
    return rests_on(cells, [*used, *cheapest(cells, that_call(cells, {"show"}), used, PICTURES)])
