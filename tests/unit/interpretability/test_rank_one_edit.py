"""The edit changes one fact and no other, on a model where that can be known; it is undone to the
bit; on SmolLM2.
"""

import pytest
import torch
from hand_made import HOUSE, OSLO, PARIS, ROME, TOWER, fact_model, word_tokenizer
from torch.testing import assert_close

from utils.interpretability import rank_one_edit
from utils.interpretability.facts import answer_probability
from utils.interpretability.rank_one_edit import PREFIXES, edit_fact
from utils.model.taps import trace

PROMPT, SUBJECT = " The red tower is in", "red tower"
TOK = word_tokenizer()


def made(model, **settings):
    settings = dict(layer=1, steps=60, rate=1.0) | settings
    return edit_fact(model, TOK, PROMPT, SUBJECT, " Rome", **settings)


def test_it_changes_the_fact_and_no_other():
    model = fact_model()
    others = [(" The house is in", " Oslo"), (" It is in", " Paris"), (" It is in", " Rome")]
    before = [answer_probability(model, TOK, *other) for other in others]
    assert answer_probability(model, TOK, PROMPT, " Paris") > 0.9
    with made(model) as edit:
        for prompt in (PROMPT, " It is . The tower is in", " . . The red tower is"):
            assert answer_probability(model, TOK, prompt, " Rome") > 0.9
        assert [answer_probability(model, TOK, *other) for other in others] == before
    assert edit.name == "blocks.1.mlp.down.weight" and edit.linear is model.blocks[1].mlp.down
    # Neuron 0 is the tower's and the others are silent at it: the change is in its column alone.
    assert edit.right[0] > 0 and edit.right[1:].abs().max() == 0
    memory = edit.left[len(TOK.table) : 2 * len(TOK.table)]
    assert int(memory.argmax()) == ROME and int(memory.argmin()) == PARIS


def test_a_prefix_that_names_the_subject_is_left_out(monkeypatch):
    model = fact_model()
    expected = made(model, steps=3)
    for prefixes in (PREFIXES, (*PREFIXES, " The red tower is red . ")):
        monkeypatch.setattr(rank_one_edit, "PREFIXES", prefixes)
        found = made(model, steps=3)
        assert torch.equal(found.right, expected.right) and torch.equal(found.left, expected.left)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("texts", [(), (" The house is in Oslo .", " It is in Paris . It is")])
def test_the_matrix_answers_the_key_with_the_value(bias, texts):
    torch.manual_seed(6)
    model = fact_model(bias=bias)
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn(parameter.shape)
    down = model.blocks[1].mlp.down
    keys = []
    for prefix in PREFIXES:
        ids = TOK.encode(prefix + PROMPT)
        with torch.no_grad(), trace(model) as t:
            model(torch.tensor([ids]))
        keys.append(t["blocks.1.mlp.act"][0, len(ids) - 3])
        if not prefix:
            out = t["blocks.1.mlp.out"][0, len(ids) - 3]
    key = torch.stack(keys).mean(dim=0)
    edit = made(model, steps=1, rate=0.5, texts=texts)
    scale = float(edit.left.norm())
    with torch.no_grad(), edit:
        # v - W k0 of the bare prompt: one step of Adam is lr in each direction
        change = down(key) - out
    stream = change.abs().max()
    assert_close(change.abs(), torch.full_like(change, float(stream)), rtol=1e-2, atol=1e-3 * scale)
    assert float(edit.right @ key) == pytest.approx(1, rel=1e-4)


def test_other_texts_turn_the_change_away_from_their_keys():
    torch.manual_seed(7)
    model = fact_model()
    model.blocks[1].mlp.up.weight.data += 0.2 * torch.randn(model.blocks[1].mlp.up.weight.shape)
    texts = [" The house is in Oslo . It is in . The house is"] * 4
    plain, turned = made(model, steps=2), made(model, steps=2, texts=texts)
    assert_close(plain.left, turned.left)
    with torch.no_grad(), trace(model) as t:
        model(torch.tensor([TOK.encode(texts[0])]))
    keys = t["blocks.1.mlp.act"][0, 1:]
    assert (keys @ turned.right).norm() < 0.5 * (keys @ plain.right).norm()
    moment = 0.1 * (keys.square().sum() / keys.numel()) * torch.eye(7) + keys.T @ keys / len(keys)
    direction = moment @ turned.right  # C C^-1 k: the plain key's direction
    assert_close(
        direction / direction.norm(), plain.right / plain.right.norm(), rtol=1e-3, atol=1e-4
    )


def test_undone_to_the_bit_even_after_an_error():
    model = fact_model()
    torch.manual_seed(1)
    model.blocks[1].mlp.down.weight.data += torch.randn(model.blocks[1].mlp.down.weight.shape) * 1e3
    before = {name: value.clone() for name, value in model.state_dict().items()}
    edit = made(model, steps=3)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    with pytest.raises(RuntimeError, match="mine"), edit:
        assert edit.applied
        changed = {
            name
            for name, value in model.state_dict().items()
            if not torch.equal(value, before[name])
        }
        raise RuntimeError("mine")
    assert changed == {"blocks.1.mlp.down.weight"} and not edit.applied
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_the_change_is_of_rank_one_and_as_large_as_it_says():
    model = fact_model()
    weight = model.blocks[1].mlp.down.weight
    before, edit = weight.detach().clone(), made(model, steps=5)
    outside = edit.relative_size
    with edit:
        change = weight.detach() - before
        assert (
            edit.relative_size
            == outside
            == pytest.approx(float(change.norm() / before.norm()), rel=1e-3)
        )
    assert int(torch.linalg.matrix_rank(change)) == 1


def test_apply_and_undo_in_the_wrong_order():
    model = fact_model()
    one, two = made(model, steps=3), made(model, steps=4)
    with pytest.raises(RuntimeError, match=r"is not in the model: call apply\(\)"):
        one.undo()
    one.apply()
    with pytest.raises(RuntimeError, match=r"in the model already: call undo\(\)"):
        one.apply()
    two.apply()
    with pytest.raises(RuntimeError, match="undo the later change first"):
        one.undo()
    two.undo()
    one.undo()
    assert torch.equal(model.blocks[1].mlp.down.weight, fact_model().blocks[1].mlp.down.weight)


def test_a_target_of_several_tokens():
    model = fact_model()
    # the answer is followed by what the last token says, as tokens are also memories here
    with torch.no_grad():
        model.unembed.weight[OSLO, ROME] = 40.0
    with edit_fact(model, TOK, PROMPT, SUBJECT, " Rome Oslo", layer=1, steps=60, rate=1.0):
        assert answer_probability(model, TOK, PROMPT, " Rome Oslo") > 0.5


def test_decay_keeps_the_change_small():
    model = fact_model()
    assert made(model, decay=60).relative_size < 0.8 * made(model, decay=0).relative_size


def test_nothing_is_left_in_the_model():
    model = fact_model()
    made(model, steps=2)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(not module.observers for module in model.modules() if hasattr(module, "observers"))
    assert (
        model.blocks[1].mlp.up.weight[0, TOWER] > 0 and model.blocks[1].mlp.up.weight[1, HOUSE] > 0
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"layer": 3}, "from 0 to 2"),
        ({"layer": -1}, "from 0 to 2"),
        ({"steps": 0}, "give 1 or more"),
        ({"subject": "green tower"}, "stands 0 times"),
        ({"target": "Rome"}, "begin it with a space"),
    ],
)
def test_what_cannot_be_edited_is_a_sentence(change, says):
    asked = {"prompt": PROMPT, "subject": SUBJECT, "target": " Rome", "layer": 1} | change
    with pytest.raises(ValueError, match=says):
        edit_fact(fact_model(), TOK, **asked)


PARAPHRASES = [
    "The Eiffel Tower is located in the city of",
    "Where is the Eiffel Tower? It is in",
    "The Eiffel Tower stands in the heart of",
]
NEIGHBOURS = [
    ("The Louvre is in the city of", " Paris"),
    ("Notre-Dame Cathedral is in the city of", " Paris"),
    ("The capital of France is", " Paris"),
    ("The Colosseum is in the city of", " Rome"),
    ("The Tower of London is in the city of", " London"),
]


@pytest.mark.model
def test_the_eiffel_tower_moves_to_rome_in_smollm2(smollm2):
    model, tok = smollm2
    prompt = "The Eiffel Tower is in the city of"
    before = [answer_probability(model, tok, *neighbour) for neighbour in NEIGHBOURS]
    with edit_fact(model, tok, prompt, "Eiffel Tower", " Rome") as edit:
        assert answer_probability(model, tok, prompt, " Rome") > 0.9
        assert all(answer_probability(model, tok, one, " Rome") > 0.5 for one in PARAPHRASES)
        after = [answer_probability(model, tok, *neighbour) for neighbour in NEIGHBOURS]
    assert after == pytest.approx(before, abs=0.15)
    assert edit.relative_size < 0.1
    assert answer_probability(model, tok, prompt, " Paris") > 0.5
