"""Three translators of dates: recurrent networks through one vector, with attention, and the
encoder-decoder of 2017. The runs behind the second table of the chapter on architectures.

    python benchmarks/date_runs.py            (shows the means)
    python benchmarks/date_runs.py --write    (makes the runs that the table does not have; with the
                                                table deleted all of them, some 4 minutes of
                                                processor time)

Writes course/runs/date_runs.csv. `kind` is the translator, `rate` the highest learning rate; the
rates were tried with seed 0, and the other seeds have the best of each kind. `steps` and `seconds`
(of processor time, evaluations left out) are those of the training so far, `right` is the share of
300 dates that no batch has which are translated without a fault. In the last row of a run,
`on_source` is the mean weight of the (cross-)attention on the places that decide a character,
`peak` how often the largest weight lies there, `exchanged` and `exchanged_peak` the same with the
places of another date of the same format, and `numeric_month` is `peak` for the first digit of the
months that are written as numbers. The command, versions and machine decide every digit.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import nn

from course.runs.stored import asked_to_write, stored
from course.runs.tuned import Run, make_tuned
from utils.predecessors.encoder_decoder import EncoderDecoder
from utils.predecessors.seq2seq import Seq2Seq
from utils.predecessors.translation import (
    DatePairs,
    date_training,
    new_date_seq2seq,
    new_date_transformer,
    new_dates,
    share_right,
    translation_loss,
)
from utils.predecessors.translation_alignment import (
    cross_patterns,
    exchanged_within_formats,
    look_back_patterns,
    peaks_on_sources,
    weight_on_sources,
)
from utils.training.loop import train

FILE = "date_runs.csv"
STORED = Path(__file__).resolve().parents[1] / "course" / "runs" / FILE
KINDS: dict[str, Callable[[int], nn.Module]] = {
    "one vector": lambda seed: new_date_seq2seq(seed, looks_back=False),
    "look back": lambda seed: new_date_seq2seq(seed, looks_back=True),
    "transformer": new_date_transformer,
}
RATES, SEEDS = (0.0025, 0.005, 0.01), (1, 2, 3, 4, 5)
STEPS, EVERY = 800, 40
DATES = new_dates(300)
NUMERIC, FIRST_OF_MONTH = "7. 3. 1987", "YYYY-MM-DD".index("M")
ALIGNED = ("on_source", "peak", "exchanged", "exchanged_peak", "numeric_month")

Row = dict[str, Any]


def one_run(run: Run, steps: int = STEPS, every: int = EVERY) -> list[Row]:
    """A training: a row for each look at it; the last one says how well it is aligned."""
    torch.set_num_threads(1)
    model = KINDS[run.kind](run.seed)
    rows: list[Row] = []
    began, looking = time.process_time(), 0.0

    def look(model: nn.Module) -> float:
        nonlocal looking
        at = time.process_time()
        right = share_right(model, DATES)
        label = {"steps": len(rows) * every, "seconds": f"{at - began - looking:.1f}"}
        rows.append(
            {**run._asdict(), **label, "right": f"{right:.4f}", **dict.fromkeys(ALIGNED, "")}
        )
        looking += time.process_time() - at
        return right

    train(
        model,
        DatePairs(seed=run.seed),
        date_training(steps, run.rate, evaluate_every=every),
        loss=translation_loss,
        evaluate=look,
        progress=False,
    )
    rows[-1] |= alignment_of(model)
    return rows


def alignment_of(model: nn.Module) -> dict[str, str]:
    """How well the attention agrees with the truth, and with another date's; nothing without it."""
    texts, isos = [written.text for written in DATES], [written.iso for written in DATES]
    if isinstance(model, EncoderDecoder):
        patterns = cross_patterns(model, texts, isos)
    elif isinstance(model, Seq2Seq) and model.attention is not None:
        patterns = look_back_patterns(model, texts, isos)
    else:
        return {}
    others = exchanged_within_formats(DATES)
    peaks = peaks_on_sources(patterns, DATES)
    numeric = [written.format == NUMERIC for written in DATES]
    shares = (
        weight_on_sources(patterns, DATES),
        peaks,
        weight_on_sources(patterns, others),
        peaks_on_sources(patterns, others),
        peaks[numeric, FIRST_OF_MONTH],
    )
    return {
        name: f"{float(share.nanmean()):.4f}" for name, share in zip(ALIGNED, shares, strict=True)
    }


def show() -> None:
    for row in stored(FILE):
        if row["steps"] == STEPS:
            print(*row.values())


def main() -> None:
    if asked_to_write(__doc__):
        make_tuned(STORED, dict.fromkeys(KINDS, RATES), SEEDS, one_run)
    show()


if __name__ == "__main__":
    main()
