"""One run of a scaling experiment: what it costs, what it reads, how it starts, what it writes."""

import numpy as np
import pytest
import torch

from utils.data.shakespeare import play, plays
from utils.model.gpt import GPT
from utils.training import small_scaling as module
from utils.training.small_reader import CONTEXT, Reading, held_out_loss, new_reader, reading_of
from utils.training.small_scaling import (
    CHARACTERS_PER_STEP,
    WINDOWS,
    all_plays,
    characters_for,
    start_by_width,
    train_width,
    training_flops_per_character,
    write_text,
)

TEXT = reading_of(play("macbeth")[:40_000], "so foul and fair a day I have not seen " * 40)


def flops_by_hand(characters, width):
    """Three times the forward pass: 2 FLOPs a weight (of 20 width² in two blocks, and a matrix to the
    characters), and 4 * 64 * width for the looking back in each block.
    """
    return 3 * (2 * (20 * width**2 + characters * width) + 2 * 4 * 64 * width)


@pytest.mark.parametrize("width", [8, 20, 48])
def test_flops_of_a_character(width):
    assert training_flops_per_character(TEXT, width) == flops_by_hand(len(TEXT.characters), width)


@pytest.mark.parametrize(("width", "budget"), [(8, 3e9), (20, 1e9), (48, 7e9)])
def test_a_budget_is_spent_but_for_half_a_step(width, budget):
    characters = characters_for(TEXT, width, budget)
    step = CHARACTERS_PER_STEP * flops_by_hand(len(TEXT.characters), width)
    assert characters % CHARACTERS_PER_STEP == 0
    assert characters / CHARACTERS_PER_STEP * step == pytest.approx(budget, abs=step / 2)


def test_the_smallest_budget_pays_for_a_step():
    assert characters_for(TEXT, 48, 1) == CHARACTERS_PER_STEP == WINDOWS * CONTEXT


def same(one, other):
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_where_a_text_is_to_repeat_nothing_after_its_end_is_read():
    unique, seed = 3 * CHARACTERS_PER_STEP, 5
    cut = Reading(TEXT.characters, TEXT.train[: unique + 1], TEXT.held_out)
    told = train_width(TEXT, 12, 2 * unique, 0.01, seed, unique)
    assert same(told, train_width(cut, 12, 2 * unique, 0.01, seed))
    assert not same(told, train_width(TEXT, 12, 2 * unique, 0.01, seed))


def test_a_run_is_told_its_steps_its_rate_and_its_seed(monkeypatch):
    told = []
    monkeypatch.setattr(module, "train", lambda *given, **rest: told.append(given))
    model = train_width(TEXT, 12, 7 * CHARACTERS_PER_STEP + 1, 0.03, 4)
    ((trained, batches, config),) = told
    assert trained is model and model.config.d_model == 12
    assert (config.steps, config.learning_rate, config.seed) == (7, 0.03, 4)
    assert config.warmup_steps == 0 and config.weight_decay == 0
    assert batches[0]["ids"].shape == (WINDOWS, CONTEXT + 1) and batches.seed == 4
    read = np.concatenate([batches[n]["ids"][:, 1:].flatten() for n in range(7)])
    assert len(read) == 7 * CHARACTERS_PER_STEP
    train_width(TEXT, 12, 900 * CHARACTERS_PER_STEP, 0.03, 4)
    assert told[1][2].warmup_steps == 50


def test_a_layer_passes_on_numbers_as_large_as_it_got():
    for width in (16, 96):
        model = new_reader(TEXT, 3, width, 2)
        before = [parameter.clone() for parameter in model.parameters()]
        start_by_width(model)
        mlp = model.blocks[0].mlp
        numbers = torch.randn(400, width, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            assert float(mlp.up(numbers).std()) == pytest.approx(1, rel=0.15)
        assert model.unembed.weight is model.embed.weight
        assert float(model.embed.weight.detach().std()) == pytest.approx(0.1, rel=0.1)
        # the first loss is near that of even chances: the logits are no wider than 1
        assert held_out_loss(model, TEXT) == pytest.approx(np.log(len(TEXT.characters)), abs=1)
        for old, (name, new) in zip(before, model.named_parameters(), strict=True):
            assert torch.equal(old, new) == ("norm" in name), name


class Fixed(GPT):
    """A model that finds each character as likely as it was told, whatever it reads."""

    def __init__(self, chances):
        super().__init__(new_reader(ABC, 1, 8).config)
        self.chances, self.read = torch.tensor(chances), []

    def forward(self, ids):
        self.read.append(ids[0].tolist())
        return self.chances.log().expand(1, ids.shape[1], -1)


ABC = reading_of("\nabc", "\nabc")


def test_characters_are_drawn_by_their_probabilities():
    chances = [0.1, 0.6, 0.3, 0.0]
    written = write_text(Fixed(chances), ABC, 3000, seed=2)
    assert len(written) == 3000
    for character, chance in zip(ABC.characters, chances, strict=True):
        error = (chance * (1 - chance) / 3000) ** 0.5
        assert written.count(character) / 3000 == pytest.approx(chance, abs=4 * error), character


def test_the_same_seed_writes_the_same_and_another_does_not():
    model = new_reader(TEXT, 1, 16)
    texts = [write_text(model, TEXT, 25, seed) for seed in (3, 3, 4)]
    assert texts[0] == texts[1] != texts[2]


def test_a_model_reads_what_stands_there_and_no_more_than_its_window():
    model = Fixed([0.25, 0.25, 0.25, 0.25])
    written = write_text(model, ABC, 2 * CONTEXT, seed=1, start="\nab")
    whole = ABC.encode("\nab" + written)
    assert len(written) == 2 * CONTEXT and len(model.read) == 2 * CONTEXT
    for place, read in enumerate(model.read):
        assert read == whole[max(0, 3 + place - CONTEXT) : 3 + place]


def test_all_plays_are_read_and_their_last_tenth_is_not():
    text = all_plays()
    both = np.concatenate([text.train, text.held_out])
    assert len(text.train) == len(both) * 9 // 10 == pytest.approx(4.4e6, rel=0.02)
    first, last = play(plays()[0]), play(plays()[-1])
    for piece, ids in ((first, both[: len(first)]), (last, both[-len(last) :])):
        assert "".join(text.characters[id] for id in ids) == piece
