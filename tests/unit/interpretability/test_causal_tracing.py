"""Tracing on a model whose fact lies in one neuron, against a run of the whole model, and on
SmolLM2.
"""

import pytest
import torch
from hand_made import PARIS, TOKENS, fact_model, word_tokenizer
from torch.testing import assert_close

from utils.interpretability.causal_tracing import trace_fact
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.taps import trace

PROMPT, SUBJECT = " It is . The red tower is in", "red tower"
TOWER_AT, LAST = 5, 7


def traced(kind, **settings):
    return trace_fact(
        fact_model(gain=300.0),
        word_tokenizer(),
        PROMPT,
        SUBJECT,
        " Paris",
        kind,
        noise=200,
        samples=9,
        **settings,
    )


def test_it_points_to_the_layer_and_token_that_hold_the_fact():
    found = traced("mlp.out")
    assert found.clean > 0.99 and found.corrupted < 0.6 and found.strongest() == (1, TOWER_AT)
    assert found.restored[1, TOWER_AT] > 0.95
    rest = found.restored.clone()
    assert rest[1, TOWER_AT - 1] < 0.6  # " red" says nothing, but its noise says something
    rest[1, TOWER_AT - 1 : TOWER_AT + 1] = found.corrupted
    assert_close(rest, torch.full((3, 8), found.corrupted), rtol=0, atol=1e-4)


def test_the_stream_carries_it_at_the_subject_and_then_at_the_end():
    restored = traced("resid.post").restored
    carries = torch.zeros(3, 8, dtype=torch.bool)
    carries[0, TOWER_AT] = carries[1, TOWER_AT] = carries[2, LAST] = True
    assert (restored[carries] > 0.95).all() and (restored[~carries] < 0.7).all()


def test_attention_brings_it_to_the_end():
    found = traced("attn.out")
    assert found.strongest() == (2, LAST) and found.restored[:2].max() < 0.7


def test_a_window_restores_several_layers_and_layers_choose_rows():
    wide = traced("mlp.out", window=2, layers=[2, 0])
    assert (
        wide.restored.shape == (2, 8)
        and wide.layers == (2, 0)
        and wide.strongest() == (0, TOWER_AT)
    )
    # layers 2 and 3, which is not there
    assert wide.restored[0, TOWER_AT] == pytest.approx(wide.corrupted, abs=1e-4)
    assert wide.restored[1, TOWER_AT] > 0.95  # layers 0 and 1
    assert traced("mlp.out", window=3, layers=[0, 1, 2]).restored[:, TOWER_AT].min() > 0.95


@pytest.mark.parametrize("family", ["gpt2", "llama"])
@pytest.mark.parametrize(("kind", "window"), [("resid.post", 1), ("mlp.out", 3), ("attn.out", 2)])
def test_it_equals_one_run_of_the_whole_model_for_each_cell(family, kind, window):
    torch.manual_seed(5)
    sizes = dict(vocab_size=len(TOKENS), context_length=16, n_layer=4, n_head=6, d_model=24)
    model = GPT(
        GPTConfig(**sizes) if family == "gpt2" else GPTConfig.llama(n_kv_head=2, **sizes)
    ).eval()
    for parameter in model.parameters():
        parameter.data += 0.2 * torch.randn(parameter.shape)
    tok = word_tokenizer()
    found = trace_fact(
        model, tok, PROMPT, SUBJECT, " Paris", kind, window=window, samples=3, noise=2.0, seed=8
    )
    ids = torch.tensor([tok.encode(PROMPT)])
    added = torch.zeros(3, 8, 24)
    noise = torch.randn(3, 2, 24, generator=torch.Generator().manual_seed(8))
    added[:, 4:6] = 2 * model.embed.weight.std() * noise
    with torch.no_grad(), trace(model) as clean:
        assert found.clean == pytest.approx(float(model(ids)[0, -1].softmax(-1)[PARIS]), rel=1e-4)
    for layer in range(4):
        inside = [
            n for n in range(layer - (window - 1) // 2, layer + window // 2 + 1) if 0 <= n < 4
        ]
        for position in (0, 4, 5, 7):
            replace = {"embed": lambda x: x + added}
            for n in inside:
                name = f"blocks.{n}.{kind}"
                replace[name] = lambda x, at=position, true=clean[name]: x.index_copy(
                    1, torch.tensor([at]), true[:, [at]].repeat(3, 1, 1)
                )
            with torch.no_grad(), trace(model, replace):
                p = model(ids.repeat(3, 1))[:, -1].softmax(-1)[:, PARIS].mean()
            assert float(found.restored[layer, position]) == pytest.approx(float(p), rel=1e-3), (
                layer,
                position,
            )


def test_the_seed_decides_the_noise():
    one, same, other = traced("mlp.out"), traced("mlp.out"), traced("mlp.out", seed=1)
    assert torch.equal(one.restored, same.restored) and one.corrupted != other.corrupted


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"subject": "house"}, "stands 0 times"),
        ({"answer": "Paris"}, "begin it with a space"),
        ({"window": 0}, "from 1 to 3"),
        ({"layers": [3]}, "from 0 to 2"),
        ({"layers": []}, "at least one"),
        ({"samples": 0}, "at least 1"),
        ({"noise": 0.0}, "above 0"),
    ],
)
def test_what_cannot_be_traced_is_a_sentence(change, says):
    asked = {"prompt": PROMPT, "subject": SUBJECT, "answer": " Paris"} | change
    with pytest.raises(ValueError, match=says):
        trace_fact(fact_model(), word_tokenizer(), **asked)


@pytest.mark.model
def test_the_eiffel_tower_in_smollm2(smollm2):
    model, tok = smollm2
    words = ("The Eiffel Tower is in the city of", "Eiffel Tower", " Paris")
    found = trace_fact(model, tok, *words, layers=[4, 10, 28], samples=4)
    assert found.clean > 0.5 and found.corrupted < 0.15
    name_end, last = found.pieces.index("iffel"), len(found.pieces) - 1
    assert found.restored[0].argmax() == name_end and found.restored[2].argmax() == last
    assert found.restored[0, name_end] > 0.4 and found.restored[2, last] > 0.4
    assert found.restored[:, 0].tolist() == pytest.approx([found.corrupted] * 3)
