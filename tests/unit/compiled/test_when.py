"""`generate` and `stream` take the compiled pass where it is worth it, and say the same."""

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from utils import GPT, GPTConfig, generate, stream, trace
from utils.compiled import when
from utils.compiled.token_pass import TokenPass
from utils.text.tokenizer import BPETokenizer
from utils.text.vocabulary import Vocabulary

CONFIG = GPTConfig.llama(
    vocab_size=256, context_length=60, n_layer=2, n_head=6, n_kv_head=3, d_model=48, d_mlp=88
)
TOK = BPETokenizer(Vocabulary(tuple(bytes([byte]) for byte in range(256)), ()))


@pytest.fixture
def model():
    torch.manual_seed(3)
    model = GPT(CONFIG).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.2)
    return model


@pytest.fixture
def taken(monkeypatch):
    """How many tokens went the compiled way; every text is worth it."""
    tokens = []
    next_logits = TokenPass.next_logits

    def counted(self, token):
        tokens.append(int(token))
        return next_logits(self, token)

    monkeypatch.setattr(TokenPass, "next_logits", counted)
    monkeypatch.setattr(when, "WORTH", 0)
    return tokens


@pytest.mark.parametrize("settings", [{"temperature": 0}, {"top_k": 20, "seed": 5}])
def test_the_text_is_the_same(model, taken, settings, monkeypatch):
    quick = generate(model, TOK, "To be", max_new_tokens=40, **settings)
    assert len(taken) == 39
    assert "".join(stream(model, TOK, "To be", max_new_tokens=40, **settings)) == quick
    assert len(taken) == 78
    monkeypatch.setattr(when, "WORTH", 10**12)
    assert generate(model, TOK, "To be", max_new_tokens=40, **settings) == quick
    assert len(taken) == 78


def test_several_texts_and_traced_ones_go_the_other_way(model, taken):
    generate(model, TOK, ["To be", "or not"], max_new_tokens=5, temperature=0)
    with trace(model) as seen:
        generate(model, TOK, "To be", max_new_tokens=5, temperature=0)
    assert taken == [] and seen["blocks.1.mlp.act"].shape == (1, 1, 88)


def test_a_look_inside_in_the_middle_of_a_text(model, taken):
    pieces = stream(model, TOK, "To be", max_new_tokens=9, temperature=0)
    text = next(pieces)
    with trace(model) as seen:
        text += next(pieces)
    quick = len(taken)
    text += "".join(pieces)
    assert seen["blocks.0.attn.pattern"].shape[:2] == (1, 6)
    assert quick < len(taken) < 9
    assert text == generate(model, TOK, "To be", max_new_tokens=9, temperature=0)


def test_a_model_that_is_changed_in_the_middle_of_a_text(model, taken):
    pieces = stream(model, TOK, "To be", max_new_tokens=9, temperature=0)
    text, mlp = next(pieces), model.block(1).mlp
    mlp.forward = lambda x: -x
    changed = text + "".join(pieces)
    assert taken == []  # the first token came with the prompt, by torch
    del mlp.forward
    assert changed != generate(model, TOK, "To be", max_new_tokens=9, temperature=0)


def test_without_numba_texts_come_as_ever():
    program = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("numba", "llvmlite"):
            raise ImportError(f"no {name} here")
sys.meta_path.insert(0, Missing())
import torch
from utils import GPT, GPTConfig, generate
from utils.compiled import when
from utils.text.tokenizer import BPETokenizer
from utils.text.vocabulary import Vocabulary
tok = BPETokenizer(Vocabulary(tuple(bytes([byte]) for byte in range(256)), ()))
when.WORTH = 0
torch.manual_seed(0)
model = GPT(GPTConfig(vocab_size=256, context_length=20, n_layer=1, n_head=2, d_model=8)).eval()
print(repr(generate(model, tok, "a", max_new_tokens=5, temperature=0)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("'") and done.stderr == ""


def test_numba_is_not_loaded_for_a_small_text(model):
    program = """
import sys
import torch
from utils import GPT, GPTConfig, generate
from utils.text.tokenizer import BPETokenizer
from utils.text.vocabulary import Vocabulary
tok = BPETokenizer(Vocabulary(tuple(bytes([byte]) for byte in range(256)), ()))
model = GPT(GPTConfig(vocab_size=256, context_length=20, n_layer=1, n_head=2, d_model=8)).eval()
generate(model, tok, "a", max_new_tokens=5)
print("numba" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_compiled_ahead_it_is_only_loaded(tmp_path):
    """A second process finds it in the folder; a first one puts it there."""
    environment = {**os.environ, "GLASSBOX_CACHE": str(tmp_path)}
    command = [sys.executable, "-m", "utils.compiled.ahead"]
    made = []
    for _ in range(2):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == "compiled\n", done.stderr
        files = (tmp_path / "compiled").rglob("*.nb[ci]")
        made.append({file.name: file.stat().st_mtime_ns for file in files})
    assert made[0] == made[1] and any("one_token" in name for name in made[0])
