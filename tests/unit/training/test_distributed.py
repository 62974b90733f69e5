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
from training_runs import SHARED, gradients_of_one_step, run, small_model, uneven_examples

from utils.training.batch_loss import next_token_loss
from utils.training.config import TrainConfig
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


@pytest.fixture(scope="module")
def alone():
    """What a single process sees and gets, in a run like the one in shards."""
    return run(batches=uneven_examples(), loss=next_token_loss, **SHARED)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_run_in_shards_that_was_stopped_is_that_of_one_process(two, alone, rank):
    losses, norms, evaluations, _ = json.loads(
        (two[0] / "shards" / f"shards{rank}.json").read_text(encoding="utf-8")
    )
    assert losses == pytest.approx(alone[0].losses, rel=1e-4)
    assert norms == pytest.approx(alone[0].gradient_norms, rel=1e-3)
    assert evaluations == pytest.approx(alone[0].evaluations, rel=1e-4)


def test_each_process_holds_its_part_of_every_weight(two):
    """Along the first dimension, cut as evenly as whole rows can be."""
    held = [
        json.loads((two[0] / "shards" / f"shards{rank}.json").read_text(encoding="utf-8"))[3]
        for rank in (0, 1)
    ]
    for name, parameter in small_model().named_parameters():
        rows, row = len(parameter), parameter[0].numel()
        assert held[0][name] == [(rows + 1) // 2 * row, parameter.numel()]
        assert held[1][name] == [rows // 2 * row, parameter.numel()]


def test_one_process_loads_the_checkpoint_of_a_run_in_shards(two, alone):
    """It takes up what was half done, and comes to what one that never was in shards comes to."""
    half = two[0] / "shards" / "half"
    saved = load_file(half / "training.safetensors")
    history, model = run(half, small_model(seed=9), uneven_examples(), next_token_loss, **SHARED)
    assert len(saved["history.losses"]) == 2  # in the third step, before its update
    assert history.losses == pytest.approx(alone[0].losses, rel=1e-4)
    for name, parameter in alone[1].named_parameters():
        assert_close(model.get_parameter(name), parameter, rtol=1e-3, atol=1e-5)
        state = saved[f"optimizer.{name}.exp_avg_sq"]
        assert state.shape == parameter.shape
        assert float(saved[f"optimizer.{name}.step"]) == 2


def test_muon_in_shards_is_refused():
    with pytest.raises(ValueError, match=r"shards cannot be trained with Muon.*adamw"):
        TrainConfig(steps=3, shard_weights=True, optimizer="muon")


def test_float16_in_shards_is_refused():
    with pytest.raises(ValueError, match=r"shards cannot be trained in float16.*bfloat16"):
        TrainConfig(steps=3, shard_weights=True, precision="float16")


def test_shards_of_one_process_are_the_whole(alone):
    """Without a team the setting changes nothing."""
    history, model = run(
        batches=uneven_examples(), loss=next_token_loss, **SHARED, shard_weights=True
    )
    assert history.losses == alone[0].losses
    assert all(map(torch.equal, model.parameters(), alone[1].parameters()))


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
