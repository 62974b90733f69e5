"""The explorer of bands and rows: which of the measured pairs they catch."""

from typing import Any

import numpy as np
from ipywidgets import IntSlider, VBox
from jaxtyping import Bool, Float

from utils.crawl.minhash import caught
from utils.pictures.crawl_pictures import caught_curve
from utils.pictures.figures import img
from utils.widgets.explorers import explorer

_LATE = {"continuous_update": False}


def bands_explorer(
    similarities: Float[np.ndarray, " pair"],
    equal: Bool[np.ndarray, "pair hash"],
    alike: float = 0.75,
) -> VBox:
    """Choose the number of bands and of rows: the curve, the pairs, precision and recall. Where the
    signatures are too short for so many bands, there are as many as fit.

    similarities: the Jaccard similarity of each pair.
    equal: where the signatures of the two are equal.
    alike: from which similarity on a pair should be caught.
    """
    there = similarities >= alike

    def draw(bands: int, rows: int) -> str:
        wanted, bands = bands, min(bands, equal.shape[1] // rows)
        found = caught(equal, bands, rows)
        both = int((found & there).sum())
        fewer = f" (for {wanted} bands there are too few hashes)" if bands < wanted else ""
        line = (
            f"<p>{bands * rows} hashes{fewer}. Caught: {int(found.sum())} pairs, "
            f"{_share(both, int(found.sum()))} of them alike (precision). Of the "
            f"{int(there.sum())} that are alike, {_share(both, int(there.sum()))} are caught "
            "(recall).</p>"
        )
        return img(*caught_curve(similarities, found, bands, rows, alike)) + line

    controls: dict[str, Any] = {
        "bands": IntSlider(14, min=1, max=56, description="bands", **_LATE),
        "rows": IntSlider(8, min=1, max=16, description="rows", **_LATE),
    }
    return explorer(draw, height=350, **controls)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "none"
