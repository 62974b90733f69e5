"""A kernel that dies, cells in the wrong order, Run All twice: the learner loses nothing and is
told what to do.

A full disk and a download that is cut off are in tests/unit: test_progress, test_resume,
test_assets.
"""

import os
import random
import re
import signal
import time
from pathlib import Path

import nbformat
import pytest
from safetensors.torch import load_file

from course.harness.kernel import CellError

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
RIGHT = "lambda logits, targets: -logits.log_softmax(-1)[range(len(targets)), targets].mean()"
STEPS = 150
TRAINING = f"""\
from training_runs import small_model, windows
from utils.training.loop import train
from utils.training.config import TrainConfig

config = TrainConfig(steps={STEPS}, learning_rate=0.01, warmup_steps=1, save_seconds=0)
history = train(small_model(), windows(), config, folder=FOLDER)
print(f"{{len(history.losses)}} steps, {{history.losses[-1]!r}}")"""


def outcome(said: str) -> str:
    """What the cell printed at its end, after the bar and the figures."""
    return re.search(r"\d+ steps, \S+$", said.strip())[0]


def steps_in(checkpoint: Path) -> int:
    return len(load_file(checkpoint)["history.losses"]) if checkpoint.exists() else 0


def begin_and_kill(at, cell: str, checkpoint: Path) -> int:
    """Run a training cell, and kill its kernel when some steps are kept; how many were.

    SIGKILL: as out of memory.
    """
    process = int(at.execute("import os; print(os.getpid())"))
    at.client.execute(cell)
    deadline = time.monotonic() + 120
    while steps_in(checkpoint) < 20:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    return steps_in(checkpoint)


def test_a_kernel_killed_while_it_trains_goes_on_with_the_same_cell(new_kernel, tmp_path):
    folder = f"FOLDER = {str(tmp_path / 'run')!r}"
    with new_kernel() as at:
        at.execute(folder)
        assert 20 <= begin_and_kill(at, TRAINING, tmp_path / "run" / "training.safetensors") < STEPS
    with new_kernel() as at:
        at.execute(folder)
        resumed = outcome(at.execute(TRAINING))
    with new_kernel() as at:
        at.execute("FOLDER = None")
        assert resumed == outcome(at.execute(TRAINING)) and resumed.startswith(f"{STEPS} steps")


def test_what_was_done_before_a_kernel_died_is_kept(new_kernel):
    with new_kernel() as at:
        at.execute(f'from course import check, keep, predict\ncheck("02.1", {RIGHT})')
        at.execute('guess = predict("02.1", "Roughly what is the loss?")\nkeep("02.1", 3.0)')
        os.kill(
            int(at.execute("import os; print(os.getpid())")),
            getattr(signal, "SIGKILL", signal.SIGTERM),
        )
    with new_kernel() as at:
        assert "✓ done   02.1" in at.execute("from course import predict, progress\nprogress()")
        assert "3" in at.execute(
            'guess = predict("02.1", "Roughly what is the loss?")\nprint(guess.answer)'
        )


# --- cells in the wrong order ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_says_what_a_name_error_means(path):
    first = nbformat.read(path, as_version=4).cells[0].source
    assert (
        "A `NameError` means that a cell further up has not run" in first
        and "Run All Above" in first
    )


@pytest.mark.parametrize("name", ["02", "23"])  # without a model, and with one
def test_a_cell_by_itself_runs_or_ends_with_the_name_that_is_missing(new_kernel, cells, name):
    """Nothing else goes wrong first: no half-made file, no error that leads astray."""
    missing = 0
    with new_kernel() as at:
        for cell in cells(name):
            at.execute("%reset -f")
            try:
                at.execute(cell)
            except CellError as error:
                assert "ends with NameError: name '" in str(error)
                missing += 1
    assert missing > len(cells(name)) / 4


# --- Run All twice ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_gradients_that_are_switched_off_are_on_again_for_the_next_run(path, cells):
    """A notebook that learns first and only looks later would otherwise fail when it is run again."""
    before, off, _ = "\n".join(cells(path.stem[:2])).partition("torch.set_grad_enabled(False)")
    if off and re.search(r"\.backward\(|autograd\.grad\(", before):
        first = re.search(r"\.backward\(|autograd\.grad\(", before).start()
        assert re.search(r"torch\.set_grad_enabled\(True\)|torch\.enable_grad\(\)", before[:first])


def test_run_all_gives_the_same_text_twice_and_in_another_kernel_after_any_order(new_kernel, cells):
    code = cells("02")
    with new_kernel() as at:
        first, again = ([at.execute(cell) for cell in code] for _ in range(2))
    with new_kernel() as at:
        for cell in random.Random(1).sample(code, len(code)):
            try:
                at.execute(cell)
            except CellError as error:
                assert "ends with NameError" in str(error)
        elsewhere = [at.execute(cell) for cell in code]
    assert sum(map(bool, first)) > 10 and first == again and first == elsewhere
