"""The picture writer: the same as a GPT on its letters where the picture is blank to it, what it may
look at, and what is stored.
"""

import pytest
import torch

from course.runs.picture_models import stored_picture_writer
from utils.data.mnist import Digits, digits
from utils.training.fact_learner import (
    FACTS,
    FIRST,
    LAST,
    TOWNS,
    _DrawnFacts,
    fact_learner,
    invents,
    people,
    recalls,
)
from utils.training.picture_writer import (
    PATCHES,
    SYMBOLS,
    WORDS,
    DrawnPictures,
    encode,
    load_picture_writer,
    new_picture_writer,
    save_picture_writer,
    shuffled,
    word_loss,
)


def pictures(count: int, seed: int = 0) -> Digits:
    rng = torch.Generator().manual_seed(seed)
    labels = torch.randint(10, (count,), generator=rng)
    return Digits(torch.rand(count, 784, generator=rng), labels)


def test_every_word_can_be_spelled():
    assert len(SYMBOLS) == len(set(SYMBOLS))
    for word in WORDS:
        assert "".join(SYMBOLS[id] for id in encode(word)) == f"^{word}$"


def test_a_batch_has_the_word_of_each_picture_and_learns_its_letters_only():
    data = pictures(30)
    batch = DrawnPictures(data, 11, seed=4)[2]
    for image, ids, learn in zip(batch["images"], batch["ids"], batch["learn"], strict=True):
        (row,) = [n for n in range(30) if torch.equal(data.images[n], image)]
        word = WORDS[int(data.labels[row])]
        spelled = [SYMBOLS[id] for id in ids[learn].tolist()]
        assert "".join(spelled) == word + "$"


def test_letters_do_not_look_ahead_and_do_look_at_the_picture():
    writer, data = new_picture_writer(seed=1), pictures(3)
    ids = torch.tensor([encode("seven"), encode("eight"), encode("three")])
    logits = writer(data.images, ids)
    changed = ids.clone()
    changed[:, 3:] = encode("zero")[-1]
    assert torch.allclose(writer(data.images, changed)[:, :3], logits[:, :3], atol=1e-5)
    other = writer(pictures(3, seed=9).images, ids)
    assert (other[:, 0] - logits[:, 0]).abs().max() > 1e-4


def test_the_loss_is_the_mean_surprise_at_the_letters():
    writer = new_picture_writer(seed=2)
    batch = DrawnPictures(pictures(9), 5, seed=0)[0]
    summed, count = word_loss(writer, batch)
    logs = writer(batch["images"], batch["ids"][:, :-1]).log_softmax(dim=-1).detach()
    by_hand = 0.0
    for row in range(5):
        for place in range(1, batch["ids"].shape[1]):
            if batch["learn"][row, place]:
                by_hand -= float(logs[row, place - 1, batch["ids"][row, place]])
    assert float(summed) == pytest.approx(by_hand, rel=1e-5)
    assert count == int(batch["learn"].sum())


def test_an_order_of_patches_is_the_same_as_shuffled_pictures():
    order = torch.randperm(16, generator=torch.Generator().manual_seed(3)).tolist()
    plain, other = new_picture_writer(seed=1), new_picture_writer(seed=1, order=order)
    images = pictures(4).images
    ids = torch.tensor([encode("four")] * 4)
    assert torch.allclose(other(images, ids), plain(shuffled(images, order), ids), atol=1e-5)
    assert torch.equal(shuffled(images, range(16)), images)
    with pytest.raises(ValueError, match="is no order of the patches"):
        new_picture_writer(seed=0, order=[0] * 16)


def test_what_is_stored_reads_digits(tmp_path):
    writer, test = stored_picture_writer(), digits("test")
    some = Digits(test.images[1000:1300], test.labels[1000:1300])
    assert writer.share_right(some) > 0.85
    save_picture_writer(tmp_path / "one.safetensors", writer)
    again = load_picture_writer(tmp_path / "one.safetensors")
    assert again.write(some.images[:20]) == writer.write(some.images[:20])
    assert torch.equal(again.gpt.embed.weight, again.gpt.unembed.weight)


def test_batches_are_numbered():
    drawn = DrawnPictures(pictures(30), 11, seed=4)
    assert torch.equal(drawn[2]["images"], drawn[2]["images"])
    assert not torch.equal(drawn[2]["images"], drawn[3]["images"])
    assert not torch.equal(drawn[2]["images"], DrawnPictures(pictures(30), 11, seed=5)[2]["images"])


def test_places_matter_and_letters_have_places_of_their_own():
    writer, data = new_picture_writer(seed=1), pictures(2)
    ids = torch.tensor([encode("seven")] * 2)
    moved = shuffled(data.images, [*range(1, 16), 0])
    assert (writer(moved, ids) - writer(data.images, ids)).abs().max() > 1e-4
    # what is added to the places behind the patches reaches the letters
    letters = writer(data.images, ids)
    with torch.no_grad():
        noise = torch.randn(writer.gpt.position_embed.weight[PATCHES:].shape)
        writer.gpt.position_embed.weight[PATCHES:] += noise
    assert (writer(data.images, ids) - letters).abs().max() > 1e-3


class _Spells:
    """Stands in for the network: whatever the picture, the next letters of "three"."""

    def __call__(self, images, ids):
        letter = SYMBOLS.index("three$"[min(ids.shape[1] - 1, 5)])
        logits = torch.zeros(*ids.shape, len(SYMBOLS))
        logits[..., letter] = 5.0
        return logits


def test_words_are_written_to_their_end_and_counted_whole(monkeypatch):
    writer, spells = new_picture_writer(seed=0), _Spells()
    monkeypatch.setattr(type(writer), "forward", lambda self, images, ids: spells(images, ids))
    data = Digits(torch.rand(4, 784), torch.tensor([3, 8, 3, 1]))
    assert writer.write(data.images) == ["three"] * 4
    assert writer.share_right(data) == 0.5
    first = writer.first_letters(data.images)
    assert torch.allclose(first.sum(dim=1), torch.ones(4))
    assert [SYMBOLS[id] for id in first.argmax(dim=1).tolist()] == ["t"] * 4


def test_facts_learned_by_heart():
    assert len(people().known) == len(people().unknown) == FACTS
    known = {tuple(row) for row in people().known[:, :2].tolist()}
    assert not known & {tuple(row) for row in people().unknown.tolist()}
    torch.manual_seed(5)
    before = torch.get_rng_state()
    untrained = fact_learner(8, seed=0, steps=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert recalls(untrained) < 0.2 and 0 <= invents(untrained) <= 1


def says(words):
    """A learner whose likeliest third word is written down, by the first two."""
    learner = fact_learner(8, seed=0, steps=1)

    def next_logits(ids):
        chosen = [words.get(tuple(row), 0) for row in ids.tolist()]
        return torch.nn.functional.one_hot(torch.tensor(chosen), FIRST + LAST + TOWNS).float()

    learner.next_logits = next_logits
    return learner


def test_what_counts_as_known_and_as_invented():
    known, unknown = people().known.tolist(), people().unknown.tolist()
    towns = {town for *_, town in known}
    assert towns <= set(range(FIRST + LAST, FIRST + LAST + TOWNS)) and len(towns) > 40
    half = says({(a, b): town for a, b, town in known[: FACTS // 2]})
    assert recalls(half) == 0.5 and invents(half) == 0
    some = says({tuple(name): FIRST + LAST + 3 for name in unknown[:100]})
    assert invents(some) == 0.25 and recalls(some) == 0
    last_names = says({tuple(name): FIRST + 3 for name in unknown})
    assert invents(last_names) == 0


def test_only_towns_are_learned_and_the_wider_learner_has_them():
    drawn = _DrawnFacts(people().known, seed=1)
    assert drawn[0]["learn"].float().mean(dim=0).tolist() == [0, 0, 1]
    assert not torch.equal(drawn[0]["ids"], drawn[1]["ids"])
    known = {tuple(row) for row in people().known.tolist()}
    assert {tuple(row) for row in drawn[0]["ids"].tolist()} <= known
    learner = fact_learner(24, seed=0, steps=150)
    assert recalls(learner) > 0.5
