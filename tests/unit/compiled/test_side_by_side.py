import pytest
import torch

from utils import GPT, GPTConfig
from utils.compiled.side_by_side import side_by_side

CONFIG = GPTConfig(vocab_size=61, context_length=50, n_layer=2, n_head=3, d_model=24)
IDS = torch.tensor([[3, 1, 4, 1, 5, 9, 2]])


@pytest.fixture
def model():
    torch.manual_seed(0)
    return GPT(CONFIG).eval()


def test_the_logits_are_the_same_ones(model):
    found = side_by_side(model, IDS, times=3)
    assert found.apart < 1e-5 and found.many_calls > 0 and found.one_call > 0


def test_a_difference_is_seen(model, monkeypatch):
    from utils.compiled.token_pass import TokenPass

    real = TokenPass.next_logits
    monkeypatch.setattr(TokenPass, "next_logits", lambda self, token: 1.5 * real(self, token))
    assert side_by_side(model, IDS, times=1).apart == pytest.approx(0.5, rel=1e-4)


def test_where_the_compiled_way_is_not_open(model):
    assert side_by_side(model.bfloat16(), IDS, times=1) is None
