import pytest
import torch

from utils.model import device


@pytest.fixture
def machine(monkeypatch):
    def with_accelerators(cuda: bool, mps: bool):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    monkeypatch.delenv("GLASSBOX_DEVICE", raising=False)
    return with_accelerators


def test_the_cpu_is_the_default_whatever_there_is(machine):
    machine(cuda=True, mps=True)
    assert device.pick_device() == torch.device("cpu")


@pytest.mark.parametrize(
    ("cuda", "mps", "best"),
    [(True, False, "cuda"), (False, True, "mps"), (False, False, "cpu"), (True, True, "cuda")],
)
def test_auto_is_the_best_there_is(machine, cuda, mps, best):
    machine(cuda, mps)
    assert device.pick_device("auto") == torch.device(best)


def test_the_environment_decides_where_the_caller_does_not(machine, monkeypatch):
    machine(cuda=True, mps=False)
    monkeypatch.setenv("GLASSBOX_DEVICE", "cuda:1")
    assert device.pick_device() == torch.device("cuda:1")
    assert device.pick_device("cpu") == torch.device("cpu")


def test_a_device_that_is_not_there_is_refused(machine):
    machine(cuda=False, mps=False)
    with pytest.raises(ValueError, match="'cuda' was asked for; this machine has cpu"):
        device.pick_device("cuda")


def test_precisions():
    assert device.pick_dtype("bfloat16") is torch.bfloat16
    with pytest.raises(ValueError, match=r"'float8'.*float32, bfloat16, float16"):
        device.pick_dtype("float8")
