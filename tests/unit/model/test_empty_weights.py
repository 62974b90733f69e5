import subprocess
import sys

import torch
from torch import nn

from utils.model.empty_weights import only_shapes


def test_modules_have_shapes_and_no_memory():
    with only_shapes():
        made = nn.ModuleList([nn.Linear(3, 5), nn.Embedding(7, 3), nn.LayerNorm(4)])
    assert [tuple(p.shape) for p in made.parameters()] == [(5, 3), (5,), (7, 3), (4,), (4,)]
    assert all(p.is_meta and p.requires_grad for p in made.parameters())


def test_outside_all_is_as_before():
    with only_shapes():
        nn.Linear(3, 5)
    torch.manual_seed(0)
    layer = nn.Linear(30, 50)
    assert not layer.weight.is_meta and 0.05 < float(layer.weight.detach().std()) < 0.2
    assert float(nn.init.constant_(torch.empty(2), 3.0).sum()) == 6


def test_torchs_compiler_stays_where_it_is():
    script = """
import sys
from utils.model.gpt import GPT, GPTConfig
from utils.model.empty_weights import only_shapes
with only_shapes():
    model = GPT(GPTConfig.llama(vocab_size=9, context_length=4, n_layer=1, n_head=2, d_model=4))
assert all(p.is_meta for p in model.parameters())
sys.exit("torch._dynamo" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
