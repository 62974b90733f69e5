"""Numbers of 16 bits against numpy and torch: every one that there is."""

import numpy as np
import pytest
import torch
from numba import njit

from utils.compiled import memory


def widened(convert) -> np.ndarray:
    @njit
    def all_of_them():
        out = np.empty(2**16, np.float32)
        for bits in range(2**16):
            out[bits] = convert(np.uint16(bits))
        return out

    return all_of_them()


def same(found: np.ndarray, expected: np.ndarray) -> bool:
    """To the last bit; NaN is NaN."""
    nan = np.isnan(expected)
    return np.array_equal(np.isnan(found), nan) and np.array_equal(
        found[~nan].view(np.uint32), expected[~nan].view(np.uint32)
    )


ALL = np.arange(2**16, dtype=np.uint16)


@pytest.mark.parametrize("way", ["this processor's", "by parts"])
def test_float16(way, monkeypatch):
    if way == "by parts":
        monkeypatch.setattr(memory, "has_half_instruction", lambda: False)
    fresh = memory.intrinsic(memory.from_half._defn)
    assert same(widened(fresh), ALL.view(np.float16).astype(np.float32))


def test_bfloat16():
    expected = torch.from_numpy(ALL.view(np.int16)).view(torch.bfloat16).float().numpy()
    assert same(widened(memory.from_bfloat), expected)


def test_whoever_compiles_for_an_old_processor_gets_no_new_instruction(monkeypatch):
    monkeypatch.setattr(memory.platform, "machine", lambda: "x86_64")
    for features, has in {"": False, "+avx,+sse2": False, "+avx2,+f16c,+fma": True}.items():
        monkeypatch.setattr(memory.config, "CPU_FEATURES", features)
        assert memory.has_half_instruction() == has
    monkeypatch.setattr(memory.platform, "machine", lambda: "arm64")
    monkeypatch.setattr(memory.config, "CPU_FEATURES", "")
    assert memory.has_half_instruction()
