"""Which cells of a notebook the browser has to run: those with something to use or a frame, and a
picture.
"""

import ast
from collections.abc import Sequence

from IPython.core.inputtransformer2 import TransformerManager

from course.building.cell_slice import cheapest, rests_on, that_call

# What a learner uses with mouse and keyboard, and what lives in a frame. A unit test finds those
# that are missing here.
INTERACTIVE = {
    "explorer",
    "next_token_explorer",
    "attention_explorer",
    "edit_explorer",
    "cache_memory_explorer",
    "rounding_explorer",
    "sampler_explorer",
    "neuron_explorer",
    "surface_explorer",
    "bill_explorer",
    "depth_explorer",
    "bowl_explorer",
    "bands_explorer",
    "stored_runs_explorer",
    "rope_explorer",
    "word_map_explorer",
    "head_explorer",
    "token_explorer",
    "scaling_explorer",
    "path_explorer",
    "surgery_explorer",
    "date_explorer",
    "compression_explorer",
    "steps_explorer",
    "birth_explorer",
    "talk_explorer",
    "practice_explorer",
    "picture_explorer",
    "passage_explorer",
    "tool_explorer",
    "predict",
    "drawing_pad",
    "guessing_game",
    "preference_form",
    "head_view",
    "model_view",
}
PICTURES = 1  # static ones, where those cells show fewer: all are drawn in the same way


def picture_functions(cells: Sequence[str]) -> set[str]:
    """The functions that the cells import from utils.pictures, which show pictures."""
    trees = [ast.parse(TransformerManager().transform_cell(cell)) for cell in cells]
    imports = [
        node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    ]
    ours = [node for node in imports if (node.module or "").startswith("utils.pictures")]
    names = {alias.name for node in ours for alias in node.names}
    return {name for name in names if name.islower()} - {"new_figure"}


def for_the_browser(cells: Sequence[str]) -> list[int]:
    """The code cells to run, positions from 0 in order: INTERACTIVE, PICTURES, what these rest on."""
    used = rests_on(cells, that_call(cells, INTERACTIVE))
    pictures = that_call(cells, {"show", *picture_functions(cells)})
    return rests_on(cells, [*used, *cheapest(cells, pictures, used, PICTURES)])
