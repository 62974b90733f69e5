"""From a typed text to the step-through drawing of the chapter on the whole block, in the kernel.

    python benchmarks/path_speed.py

A line for the forward pass and one for what comes after it, the drawing: median and most over 25
texts, in milliseconds of processor time. What the browser adds (benchmarks/explorers.py 13) is not
in it. The aim for the drawing is 300 ms.
"""

import time
from statistics import median

from utils import load
from utils.data.mixed_texts import MIXED_TEXTS
from utils.interpretability.forward_path import forward_path
from utils.pictures.path_drawing import MOST_TOKENS, STATIONS, path_picture


def main() -> None:
    model, tok = load("smollm2")
    passes, drawings = [], []
    for number in range(25):
        ids = tok.encode(MIXED_TEXTS[number % len(MIXED_TEXTS)])
        text = tok.decode(ids[: 4 + number % (MOST_TOKENS - 6)])
        start = time.process_time()
        path = forward_path(model, tok, text)
        passed = time.process_time()
        path_picture(path, list(STATIONS)[number % len(STATIONS)], number, number % 9)
        drawings.append(1000 * (time.process_time() - passed))
        passes.append(1000 * (passed - start))
    for name, took in (("forward pass", passes), ("drawing", drawings)):
        print(f"{name:13} median {median(took):7.1f} ms, most {max(took):7.1f}")


if __name__ == "__main__":
    main()
