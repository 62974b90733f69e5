"""Two real processes over gloo train as one does, share the batches, and leave writing to the
first.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch.testing import assert_close
from training_runs import gradients_of_one_step, run, small_model, uneven_examples

from utils.training.batch_loss import next_token_loss
from utils.training.distributed import Team, own_device

SCRIPT = Path(__file__).resolve().parents[2] / "help" / "training_runs.py"


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """The folder that two processes leave, and what they printed."""
    folder = tmp_path_factory.mktemp("team")
    variables = dict(os.environ) | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(SCRIPT.parents[2])}
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc-per-node",
        "2",
        "--standalone",
    ]
    finished = subprocess.run(
        [*command, str(SCRIPT), "team", str(folder)],
        env=variables,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    return folder, finished.stderr


def test_gradients_are_those_of_one_process(two):
    expected = gradients_of_one_step(small_model(), uneven_examples(), batches_per_step=4)
    scale = float(expected["embed.weight"].abs().max())
    for rank in (0, 1):
        tensors = load_file(two[0] / f"rank{rank}.safetensors")
        for name, gradient in expected.items():
            assert_close(tensors[f"gradient.{name}"], gradient, rtol=1e-4, atol=1e-6 * scale)
    counts = [int(uneven_examples()[n]["learn"][:, 1:].sum()) for n in range(4)]
    # so the mean of two means would be another
    assert counts[0] + counts[2] != counts[1] + counts[3]


def test_the_run_is_that_of_one_process(two):
    history, _ = run(batches=uneven_examples(), loss=next_token_loss, steps=6, batches_per_step=4)
    for rank in (0, 1):
        losses, tokens = json.loads((two[0] / f"rank{rank}.json").read_text(encoding="utf-8"))
        assert losses == pytest.approx(history.losses, rel=1e-4)
        assert tokens == history.tokens


def test_both_hold_the_same_weights_to_the_bit(two):
    one, other = (load_file(two[0] / f"rank{rank}.safetensors") for rank in (0, 1))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_only_the_first_writes_and_shows_a_bar(two):
    folder, printed = two
    assert {p.name for p in folder.glob("*.safetensors")} == {
        "training.safetensors",
        "rank0.safetensors",
        "rank1.safetensors",
    }
    assert printed.count("| 0/6 [") == 1


def test_batches_are_shared_without_gap_or_double():
    shares = [list(Team(rank, 3).share(12, 6)) for rank in range(3)]
    assert shares == [[12, 15], [13, 16], [14, 17]]
    assert list(Team().share(4, 2)) == [4, 5]


def test_what_cannot_be_shared_is_refused():
    with pytest.raises(
        ValueError, match=r"2 processes cannot share 3 batches per step evenly: .* a multiple of 2"
    ):
        Team(0, 2).check_alike(0, 3, torch.device("cpu"))


@pytest.mark.parametrize(
    ("picked", "rank", "own"),
    [
        ("cpu", None, "cpu"),
        ("cpu", "1", "cpu"),
        ("cuda", None, "cuda"),
        ("cuda", "0", "cuda:0"),
        ("cuda", "3", "cuda:3"),
    ],
)
def test_each_process_has_its_own_gpu(monkeypatch, picked, rank, own):
    set_to = []
    monkeypatch.setattr(
        "utils.training.distributed.pick_device", lambda device: torch.device(picked)
    )
    monkeypatch.setattr(torch.cuda, "set_device", set_to.append)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    if rank is not None:
        monkeypatch.setenv("LOCAL_RANK", rank)
    assert own_device() == torch.device(own)
    assert set_to == ([int(rank)] if picked == "cuda" and rank else [])
