"""Which neuron fires for what: on a model whose neurons are known, and against all activations at
once.
"""

import pytest
import torch
from hand_made import fact_model, word_tokenizer
from torch.testing import assert_close

from utils.interpretability.neurons import (
    neuron_activations,
    promoted_tokens,
    selective_neurons,
    top_contexts,
)
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.taps import trace

TOK = word_tokenizer()
TEXTS = [
    " It is . The red tower is in",
    " The house is in Oslo .",
    " It is",
    " It",
    "",
    " . The house . The tower is . The",
]


def random_model(**sizes):
    torch.manual_seed(9)
    config = (
        dict(vocab_size=len(TOK.table), context_length=40, n_layer=3, n_head=2, d_model=12, d_mlp=7)
        | sizes
    )
    model = GPT(GPTConfig.llama(**config)).eval()
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn(parameter.shape)
    return model


def test_the_neuron_for_the_tower_fires_at_the_tower():
    found = top_contexts(fact_model(), TOK, TEXTS, layer=1, neurons=[0, 1], k=2, around=2)
    assert {place.piece for place in found[0]} == {" tower"} and {
        place.piece for place in found[1]
    } == {" house"}
    places = {(place.before, place.after) for place in found[0]}
    assert places == {(" The red", " is in"), (" . The", " is .")}
    assert all(place.activation == pytest.approx(1, rel=0.01) for place in found[0])


@pytest.mark.parametrize("k", [1, 4, 1000])
def test_the_best_places_equal_those_of_all_activations_at_once(k):
    model = random_model()
    texts = [
        " The tower" * (1 + i % 7) + " is in Rome" * (i % 3) + " house" * (i % 5)
        for i in range(150)
    ]
    everything = []
    for text in texts:
        ids = TOK.encode(text)
        with torch.no_grad(), trace(model) as t:
            model(torch.tensor([ids]))
        everything += [
            (float(a), TOK.decode([id]))
            for a, id in zip(t["blocks.2.mlp.act"][0, 1:, 3], ids[1:], strict=True)
        ]
    found = top_contexts(model, TOK, iter(texts), layer=2, neurons=[3], k=k)[3]
    expected = sorted((a for a, _ in everything), reverse=True)[:k]
    assert [place.activation for place in found] == pytest.approx(expected, rel=1e-3, abs=1e-5)
    pieces = {piece for a, piece in everything if a >= expected[0] - 1e-6}
    assert found[0].piece in pieces


@pytest.mark.parametrize("layer", [0, 2])
def test_activations_are_those_of_each_text_alone(layer):
    model = random_model(context_length=9)
    long = " The tower is in Rome" * 4  # 20 tokens: read as 9, 9 and 2
    found = {
        tuple(ids): acts
        for ids, acts in neuron_activations(model, TOK, [long, " The house", " It", ""], layer)
    }
    ids = TOK.encode(long)
    assert set(found) == {
        tuple(ids[:9]),
        tuple(ids[9:18]),
        tuple(ids[18:]),
        tuple(TOK.encode(" The house")),
    }
    for row, activations in found.items():
        with torch.no_grad(), trace(model) as t:
            model(torch.tensor([row]))
        assert_close(activations, t[f"blocks.{layer}.mlp.act"][0, 1:], rtol=1e-3, atol=1e-5)


def test_the_model_keeps_all_its_blocks():
    model = random_model()
    list(neuron_activations(model, TOK, TEXTS, 0))
    assert len(model.blocks) == 3 and all(not block.mlp.observers for block in model.blocks)


def test_the_neuron_that_tells_the_kinds_apart():
    towers = [" It is . The tower is", " . The red tower", " The tower is in Rome"]
    houses = [" It is . The house is", " . The red house", " The house is in Rome"]
    first, *_, last = selective_neurons(fact_model(), TOK, towers, houses, layer=1, k=7)
    assert (first.neuron, last.neuron) == (0, 1)
    assert (first.correlation, last.correlation) == (pytest.approx(1), pytest.approx(-1))
    assert (first.positive, first.negative) == (pytest.approx(1, rel=0.01), 0)


def test_the_score_is_the_correlation():
    model = random_model()
    kinds = (
        [" The tower", " It is in", " The red tower is"],
        [" house . .", " Paris Oslo", " Rome is . The house"],
    )
    best = selective_neurons(model, TOK, *kinds, layer=1, k=7)
    excited = []
    for text in [*kinds[0], *kinds[1]]:
        with torch.no_grad(), trace(model) as t:
            model(torch.tensor([TOK.encode(text)]))
        excited.append(t["blocks.1.mlp.act"][0, 1:].max(dim=0).values)
    table = torch.stack(excited).T  # (neuron, text)
    for one in best:
        pair = torch.stack([table[one.neuron], torch.tensor([1.0, 1, 1, 0, 0, 0])])
        assert one.correlation == pytest.approx(float(torch.corrcoef(pair)[0, 1]), rel=1e-3)
        assert one.positive == pytest.approx(float(table[one.neuron, :3].mean()), rel=1e-3)
    assert [one.correlation for one in best] == sorted(
        (one.correlation for one in best), reverse=True
    )


def test_what_a_neuron_writes():
    ((piece, score), (_, second)) = promoted_tokens(
        fact_model(gain=5.0), TOK, layer=1, neuron=0, k=2
    )
    # 5 into the memory, which the unembedding reads twice over
    assert (piece, score, second) == (" Paris", 10.0, 0.0)


@pytest.mark.parametrize("norm", ["rmsnorm", "layernorm"])
def test_a_neuron_writes_through_the_final_norm(norm):
    """With everything else silent and one neuron shouting, the model's own logits are the promoted
    scores, scaled.
    """
    model = random_model(n_layer=1, norm=norm)
    if norm == "layernorm":
        model.final_norm.bias.data.zero_()
    shout = {
        "blocks.0.mlp.act": lambda act: (
            torch.nn.functional.one_hot(torch.tensor(4), 7) * 1e6 + 0 * act
        )
    }
    with torch.no_grad(), trace(model, shout):
        logits = model(torch.tensor([TOK.encode(" The tower")]))[0, -1]
    promoted = promoted_tokens(model, TOK, 0, 4, k=len(TOK.table))
    scores = torch.tensor([score for _, score in promoted])
    expected = logits.sort(descending=True).values
    assert_close(scores / scores.norm(), expected / expected.norm(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda model: top_contexts(model, TOK, TEXTS, 3, [0]), "no layer 3: give one from 0 to 2"),
        (
            lambda model: top_contexts(model, TOK, TEXTS, 0, [7]),
            "no neuron 7: give one from 0 to 6",
        ),
        (lambda model: promoted_tokens(model, TOK, 0, -1), "no neuron -1"),
        (
            lambda model: selective_neurons(model, TOK, [], TEXTS[:2], 0),
            "at least one text of each kind",
        ),
        (lambda model: selective_neurons(model, TOK, TEXTS[:2], [" It"], 0), "from 2 to"),
    ],
)
def test_what_cannot_be_searched_is_a_sentence(call, says):
    with pytest.raises(ValueError, match=says):
        call(fact_model())
