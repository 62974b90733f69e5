"""Which way products go on a processor that lacks instructions for a type, and that the result is
the same.

The absence is simulated by the variables that torch and oneDNN obey. They read them when they are
loaded, so that takes a process of its own. What is multiplied in which type is counted where torch
dispatches it, below all of our code.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from utils import GPT, GPTConfig
from utils.model import cpu_instructions
from utils.model.linear import linear
from utils.model.taps import trace
from utils.quantization.packed_linear import Int4Linear, Int8Linear
from utils.training.config import TrainConfig
from utils.training.loop import train

ABSENT = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}
PLAIN = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}
STEP = {torch.bfloat16: 2**-8, torch.float16: 2**-11}  # the distance of neighbours, relative
PRODUCTS = ("linear", "matmul", "mm", "addmm", "bmm", "_linear_pointwise")
CODES = ("_weight_int8pack_mm", "_weight_int4pack_mm_for_cpu")
ATTENTION = ("_scaled_dot_product", "scaled_dot_product")
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


class Counted(TorchDispatchMode):
    """Counts products by operation, type, and whether it is of a single row."""

    def __init__(self):
        super().__init__()
        self.products = Counter()

    def __torch_dispatch__(self, function, types, arguments=(), options=None):
        name = function.overloadpacket.__name__
        if name in PRODUCTS + CODES or name.startswith(ATTENTION):
            first = arguments[1] if name == "addmm" else arguments[0]
            rows = "a row" if first.numel() == first.shape[-1] else "rows"
            self.products[f"{name} of {rows} in {str(first.dtype).removeprefix('torch.')}"] += 1
        return function(*arguments, **(options or {}))


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def rms(x):
    return float(x.detach().double().square().mean().sqrt())


def products_and_errors() -> dict:
    """Of each kind of work: what was multiplied, and how far from float64 it comes out, in steps of
    the type.
    """
    found = {}

    def note(name, step, got, expected, counted):
        error = rms(got.double() - expected) / rms(expected) / step
        found[name] = {"products": dict(counted.products), "error": error}

    with torch.inference_mode():
        for dtype, step in STEP.items():
            name = str(dtype).removeprefix("torch.")
            weight, bias = normal(48, 40).to(dtype), normal(48, seed=1).to(dtype)
            for rows in (1, 3, 40):
                x = normal(rows, 40, seed=2).to(dtype)
                with Counted() as counted:
                    got = linear(x, weight, bias)
                assert got.dtype == dtype
                note(
                    f"{name} {rows}",
                    step,
                    got,
                    x.double() @ weight.double().T + bias.double(),
                    counted,
                )
        for kind in (Int8Linear, Int4Linear):
            layer = kind([normal(48, 64)], normal(48, seed=1))
            for rows in (1, 3, 70):
                x = normal(rows, 64, seed=2).bfloat16()
                with Counted() as counted:
                    got = layer(x)
                expected = x.double() @ layer.dequantize().double().T + layer.bias.double()
                note(f"{kind.__name__} {rows}", STEP[torch.bfloat16], got, expected, counted)
    return found


def model_products() -> dict:
    """What a whole model in bfloat16 multiplies: as it runs, traced, and in training in that
    precision.
    """
    torch.manual_seed(0)
    config = GPTConfig.llama(
        vocab_size=50, context_length=24, n_layer=2, n_head=4, n_kv_head=2, d_model=40, d_mlp=56
    )
    plain = GPT(config)
    with torch.no_grad():
        for parameter in plain.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    ids = torch.randint(50, (3, 17), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = plain(ids)
        half = GPT(config)
        half.load_state_dict(plain.state_dict())
        half.bfloat16()
        with Counted() as run:
            got = half(ids)
        with Counted() as traced, trace(half) as seen:
            again = half(ids)
    with Counted() as trained:
        train(
            plain, [{"ids": ids}], config=TrainConfig(steps=1, precision="bfloat16"), progress=False
        )
    return {
        "run": dict(run.products),
        "traced": dict(traced.products),
        "trained": dict(trained.products),
        "error": rms(got - expected) / rms(expected) / STEP[torch.bfloat16],
        "error traced": rms(again - expected) / rms(expected) / STEP[torch.bfloat16],
        "type of the pattern": str(seen["blocks.1.attn.pattern"].dtype),
    }


def in_a_process(work: str, variables: dict[str, str]) -> dict:
    code = f"import json, test_cpu_instructions as t; print(json.dumps(t.{work}()))"
    paths = os.pathsep.join([str(HERE), str(ROOT)])
    environment = os.environ | variables | {"PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def without_instructions():
    return in_a_process("products_and_errors", ABSENT)


def in_type(products: dict[str, int], dtype: str) -> list[str]:
    return [name for name in products if name.endswith(dtype)]


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("rows", [1, 3, 40])
def test_without_instructions_rows_go_in_float32_and_a_row_as_it_is(
    without_instructions, dtype, rows
):
    found = without_instructions[f"{dtype} {rows}"]
    products, other = found["products"], "float32" if rows == 1 else dtype
    assert sum(products.values()) == 1
    assert not [name for name in products if name.endswith(f" {other}")]
    assert found["error"] < 1


@pytest.mark.parametrize("kind", ["Int8Linear", "Int4Linear"])
@pytest.mark.parametrize("rows", [1, 3, 70])
def test_without_instructions_codes_are_read_or_unpacked_to_float32(
    without_instructions, kind, rows
):
    found = without_instructions[f"{kind} {rows}"]
    way = (
        "_linear_pointwise of rows in float32"
        if rows == 70
        else f"_weight_{kind[:4].lower()}pack_mm"
    )
    assert len(found["products"]) == 1 and next(iter(found["products"])).startswith(way)
    assert found["error"] < 2


@pytest.mark.parametrize("kind", ["Int8Linear", "Int4Linear"])
def test_without_vectors_no_kernel_for_codes_takes_more_than_a_row(kind):
    found = in_a_process("products_and_errors", PLAIN)
    for rows in (3, 70):
        if kind == "Int4Linear" or not cpu_instructions._IS_ARM:
            assert not [name for name in found[f"{kind} {rows}"]["products"] if "pack" in name]
        assert found[f"{kind} {rows}"]["error"] < 2
    for dtype in ("bfloat16", "float16"):
        assert not in_type(found[f"{dtype} 1"]["products"], f" {dtype}")


def test_without_instructions_a_model_multiplies_rows_in_float32_only():
    found = in_a_process("model_products", ABSENT)
    for pass_ in ("run", "traced", "trained"):
        assert in_type(found[pass_], "of rows in float32") and not in_type(
            found[pass_], "of rows in bfloat16"
        ), pass_
    assert found["type of the pattern"] == "torch.bfloat16"
    assert 0.1 < found["error"] < 8 and 0.1 < found["error traced"] < 8


@pytest.mark.parametrize("has_them", [True, False])
def test_the_answer_decides_the_way(monkeypatch, has_them):
    monkeypatch.setattr(
        cpu_instructions, "multiplies", lambda dtype: has_them or dtype == torch.float32
    )
    x, weight = normal(5, 40).bfloat16(), normal(48, 40).bfloat16()
    with Counted() as counted, torch.inference_mode():
        linear(x, weight)
    assert bool(in_type(counted.products, "of rows in bfloat16")) is has_them


@pytest.mark.parametrize("limit", ["AVX2", "AVX512_CORE", "avx512_core_vnni"])
def test_limits_of_onednn_are_obeyed(limit):
    code = "import torch; from utils.model.cpu_instructions import multiplies; print(multiplies(torch.bfloat16))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"ONEDNN_MAX_CPU_ISA": limit},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == (
        "True" if cpu_instructions._IS_ARM and limit != "AVX2" else "False"
    )


@torch.enable_grad()
def test_gradients_pass_where_products_are_widened(monkeypatch):
    monkeypatch.setattr(cpu_instructions, "multiplies", lambda dtype: dtype == torch.float32)
    x, weight, bias = (
        normal(*shape).bfloat16().requires_grad_() for shape in ((5, 40), (48, 40), (48,))
    )
    pull = normal(5, 48, seed=3).bfloat16()
    found = torch.autograd.grad((pull * linear(x, weight, bias)).sum(), (x, weight, bias))
    expected = (
        pull.double() @ weight.double(),
        pull.double().T @ x.double(),
        pull.double().sum(dim=0),
    )
    for got, true in zip(found, expected, strict=True):
        assert got.dtype == torch.bfloat16
        assert rms(got.double() - true) < 2**-8 * rms(true)


def test_other_types_are_left_alone():
    assert cpu_instructions.multiplies(torch.float32) and cpu_instructions.multiplies(torch.float64)
    a, b = normal(3, 4).double(), normal(4, 5).double()
    assert torch.equal(cpu_instructions.matmul(a, b), a @ b)
