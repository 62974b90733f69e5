"""A run that was stopped goes on with the same losses, to the last bit; whatever happens, a whole
checkpoint stays.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from training_runs import noisy_loss, random_text, run, small_model, windows

from utils.training.batch_loss import next_token_loss
from utils.training.batches import RandomWindows
from utils.training.history import History

SCRIPT = Path(__file__).resolve().parents[2] / "help" / "training_runs.py"


@pytest.fixture(autouse=True)
def one_thread():
    """Sums in another order differ in their last bit."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def same(one: tuple, other: tuple) -> bool:
    (history, model), (again, model_again) = one, other
    columns = (
        "losses",
        "learning_rates",
        "gradient_norms",
        "tokens",
        "evaluated_at",
        "evaluations",
    )
    weights = all(map(torch.equal, model.parameters(), model_again.parameters()))
    return weights and all(getattr(history, name) == getattr(again, name) for name in columns)


def stopped(folder, at: int, **settings) -> None:
    """A run into which someone presses Ctrl-C while the loss of step `at` is computed."""
    calls = []

    def loss(model, batch):
        calls.append(1)
        if len(calls) > 2 * at:
            raise KeyboardInterrupt
        return noisy_loss(model, batch)

    with pytest.raises(KeyboardInterrupt):
        run(folder, loss=loss, **settings)


@pytest.mark.parametrize(
    ("at", "precision"),
    [(1, "float32"), (13, "float32"), (23, "float32"), (13, "bfloat16"), (13, "float16")],
)
def test_stopped_and_gone_on_is_never_stopped(tmp_path, at, precision):
    settings = dict(
        precision=precision,
        evaluate=lambda model: float(model.embed.weight.sum()),
        evaluate_every=7,
    )
    stopped(tmp_path, at, **settings)
    assert same(run(tmp_path, model=small_model(seed=5), **settings), run(**settings))


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "sign", "muon"])
def test_every_optimizer_goes_on_with_what_it_remembered(tmp_path, optimizer):
    stopped(tmp_path, 9, optimizer=optimizer)
    gone_on = run(tmp_path, model=small_model(seed=5), optimizer=optimizer)
    assert same(gone_on, run(optimizer=optimizer))


def test_it_is_the_checkpoint_that_goes_on_and_not_the_start(tmp_path):
    stopped(tmp_path, 13)
    calls = []

    def loss(model, batch):
        calls.append(1)
        return next_token_loss(model, batch)

    run(tmp_path, loss=loss)
    assert len(calls) == 2 * (24 - 12)  # the last whole checkpoint has 12 updates in it


def test_a_finished_run_is_not_run_again(tmp_path):
    done = run(tmp_path)
    before = (tmp_path / "training.safetensors").read_bytes()

    def never(model, batch):
        raise AssertionError("there is nothing left to do")

    again = run(tmp_path, model=small_model(seed=5), loss=never)
    assert same(again, done)
    assert again[0].seconds == done[0].seconds
    assert (tmp_path / "training.safetensors").read_bytes() == before


def test_killed_in_the_middle(tmp_path):
    """SIGKILL, which no program can answer, at a moment that nobody chose."""
    path = tmp_path / "training.safetensors"
    variables = dict(os.environ) | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(SCRIPT.parents[2])}
    child = subprocess.Popen(
        [sys.executable, str(SCRIPT), "alone", str(tmp_path), "20000"], env=variables
    )
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and (not path.exists() or steps_in(path) < 20):
            assert child.poll() is None
            time.sleep(0.05)
    finally:
        child.kill()
        child.wait()
    if os.name == "posix":
        assert child.returncode == -signal.SIGKILL
    killed_at = steps_in(path)
    assert 20 <= killed_at < 20_000

    def not_much_further(model, batch):
        if len(seen) == 2 * 25:
            raise KeyboardInterrupt
        seen.append(1)
        return noisy_loss(model, batch)

    seen = []
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, model=small_model(seed=5), loss=not_much_further, steps=20_000)
    resumed = losses_in(path)
    assert len(resumed) == killed_at + 24
    stopped(tmp_path / "whole", killed_at + 25, steps=20_000)
    assert resumed == losses_in(tmp_path / "whole" / "training.safetensors")


def losses_in(path: Path) -> list[float]:
    return load_file(path)["history.losses"].tolist()


def steps_in(path: Path) -> int:
    return len(losses_in(path))


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    stopped(tmp_path, 10)
    path = tmp_path / "training.safetensors"
    before = path.read_bytes()

    def full(tensors, filename, metadata):
        Path(filename).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("utils.loading.checkpoint.save_file", full)
        with pytest.raises(
            OSError,
            match=r"after step 9 could not be written .*No space left.* the one before is whole",
        ):
            run(tmp_path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["training.safetensors"]
    assert same(run(tmp_path), run())


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs a limit on the size of files")
def test_a_limit_that_the_system_sets(tmp_path):
    """The real error of the real writer: no file may be longer than 4 kB."""
    import resource

    stopped(tmp_path, 4)
    before = (tmp_path / "training.safetensors").read_bytes()
    handler, limits = (
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        resource.getrlimit(resource.RLIMIT_FSIZE),
    )
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        with pytest.raises(
            OSError, match=r"could not be written .*make room, then start the same run again"
        ):
            run(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert (tmp_path / "training.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"learning_rate": 0.02}, "learning_rate was 0.01, and is now 0.02"),
        ({"steps": 41}, "steps was 24, and is now 41"),
        ({"model": small_model(n_layer=3)}, "the model's n_layer was 2, and is now 3"),
        (
            {"model": small_model(norm_eps=1e-4)},
            "the model's norm_eps was 1e-05, and is now 0.0001",
        ),
        ({"model": torch.nn.Linear(3, 2)}, "the model's vocab_size was 11, and is now absent"),
        ({"batches": windows(seed=1)}, "the data was .*, and is now"),
        ({"batches": RandomWindows(random_text(), 5, 4, 1)}, "the data was .*, and is now"),
    ],
)
def test_another_run_is_refused_and_nothing_is_lost(tmp_path, changed, words):
    stopped(tmp_path, 3)
    before = (tmp_path / "training.safetensors").read_bytes()
    with pytest.raises(
        ValueError,
        match=f"belongs to another run: {words}.*Give what that run was started with, or",
    ):
        run(tmp_path, **changed)
    assert (tmp_path / "training.safetensors").read_bytes() == before


def test_how_often_to_save_and_to_evaluate_may_change(tmp_path):
    stopped(tmp_path, 3)
    assert run(tmp_path, save_seconds=100, evaluate_every=3)[0].losses == run()[0].losses


def test_a_damaged_or_foreign_file_is_refused(tmp_path):
    run(tmp_path, steps=3)
    path = tmp_path / "training.safetensors"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match=r"training\.safetensors is damaged or cut short"):
        run(tmp_path, steps=3)
    save_file({"x": torch.zeros(2)}, path)
    with pytest.raises(ValueError, match="is no training checkpoint of this course"):
        run(tmp_path, steps=3)


def test_a_checkpoint_holds_tensors_and_json_only(tmp_path):
    stopped(tmp_path, 5)
    with safe_open(tmp_path / "training.safetensors", framework="pt") as file:
        metadata = file.metadata()
        names = set(file.keys())
    assert json.loads(metadata["identity"])["steps"] == 24
    assert "model.blocks.1.mlp.down.weight" in names
    assert "optimizer.blocks.1.mlp.down.weight.exp_avg_sq" in names
    assert "model.unembed.weight" not in names  # tied: it is the embedding


def test_saving_goes_by_the_clock(tmp_path, monkeypatch):
    """A step takes 10 seconds by this clock, and at most 30 may be lost."""
    now, saved = [0.0], []

    def slow(model, batch):
        now[0] += 5.0  # each of the two batches
        return next_token_loss(model, batch)

    monkeypatch.setattr("utils.training.loop.time.monotonic", lambda: now[0])
    monkeypatch.setattr(
        "utils.training.loop.TrainingState.save",
        lambda state, path, _, writes: saved.append(len(state.history.losses)),
    )
    run(tmp_path, loss=slow, steps=12, save_seconds=30)
    assert saved == [2, 5, 8, 11, 12]  # at the end of steps 2, 5, ... there are 30 seconds more


def test_the_history_survives_as_it_is():
    history = History(
        losses=[0.1, 1e-300],
        seconds=[1 / 3, 2.0],
        tokens=[3.0, 4.0],
        evaluations=[7.0],
        evaluated_at=[0.0],
    )
    assert History.from_tensors(history.to_tensors()) == history
    assert history.tokens_per_second == pytest.approx([9.0, 2.0])
    assert history.steps == [0, 1]
