"""The boundary of knowledge: marks by hand, masks, a small world that is learned, and the loop around
a search.
"""

import pytest
import torch

from utils.alignment import knowledge_boundary as boundary
from utils.alignment.knowledge_boundary import (
    Encyclopedia,
    asked,
    confident,
    examples,
    fine_tune,
    interview,
    interview_with_search,
    kind_of,
    marks_of,
    new_base,
    probe,
    read_texts,
    refusing,
    replies,
    searching,
    sureness,
)
from utils.alignment.word_chats import MARKS, Turn, prompt
from utils.data.people import JOBS, TOWNS, people
from utils.training.word_reader import WordReader

WORLD = people(known=12, heard=8, never=4, gold=2, seed=1)


@pytest.fixture(scope="module")
def base():
    """A base model that knows twelve people by heart."""
    return read_texts(WORLD, seed=1, passes=60, d_model=48)


def test_kinds_of_replies():
    one = WORLD.of("known")[0]
    town = next(town for town in TOWNS if town != one.town)
    assert kind_of(one, "town", one.answer("town")) == "right"
    assert kind_of(one, "town", one.town) == "right"
    assert kind_of(one, "town", f"{one.name} lives in {town} .") == "wrong"
    assert kind_of(one, "town", f"{one.town} {town}") == "wrong"
    assert kind_of(one, "town", one.answer("job")) == "wrong"
    assert kind_of(one, "town", "") == "wrong"
    assert kind_of(one, "town", "i do not know .") == "refused"
    assert kind_of(one, "job", one.late_refusal("job")) == "refused"
    marks = marks_of([(one, "town")] * 4, [one.town, town, "", "i do not know ."])
    assert marks == (0.25, 0.5, 0.25, 4)


def test_only_replies_are_learned_and_a_tool_s_words_are_not():
    reader, one = new_base(1, 8), WORLD.of("heard")[0]
    (talk,) = searching([one])[:1]
    ((ids, learn),) = examples(reader, [talk])
    learned = [reader.words[id] for id, wanted in zip(ids, learn, strict=True) if wanted]
    begun = f"{one.name} lives in"
    assert " ".join(learned) == f"{begun} <search> <end> {begun} {one.town} . <end>"
    ((_, whole),) = examples(reader, [talk], whole=True)
    assert whole == (False, *[True] * (len(ids) - 1))


def test_demonstrations_say_what_they_should():
    one, other = WORLD.of("heard")[:2]
    talks = confident([one]) + refusing([other], late=False) + refusing([other], late=True)
    said = [talk[1].text for talk in talks]
    assert said[:2] == [one.answer("town"), one.answer("job")]
    assert said[2:4] == ["i do not know ."] * 2
    assert said[4].startswith(f"{other.name} lives in some") and said[4].endswith("not know .")
    assert all(talk[0].text.endswith("?") for talk in talks)


def test_a_base_model_knows_and_an_assistant_answers(base):
    known = WORLD.of("known")
    before = {name: weight.clone() for name, weight in base.model.named_parameters()}
    assert base.answers([f"<bos> {one.begun('town')}" for one in known]) == [
        one.town for one in known
    ]
    tuned = fine_tune(base, confident(known[:8]), seed=2, steps=30, rate=3e-3)
    assert interview(tuned, known[:8]).right > 0.9 > 0.5 > interview(base, known[:8]).right
    for name, weight in base.model.named_parameters():
        assert torch.equal(weight, before[name])  # the base is left as it was


def test_low_rank_trains_few_numbers_and_only_them(base):
    tuned = fine_tune(base, confident(WORLD.of("known")), seed=2, steps=3, rank=2)
    trained = [one for one in tuned.model.parameters() if one.requires_grad]
    assert sum(one.numel() for one in trained) < 0.1 * sum(
        one.numel() for one in base.model.parameters()
    )
    assert torch.equal(tuned.model.embed.weight, base.model.embed.weight)


def test_replies_end_at_the_mark_and_keep_their_order(base):
    prompts = [f"<bos> {one.begun('job')}" for one in WORLD.of("known")[:3]]
    prompts.insert(1, f"<bos> in {WORLD.of('known')[5].town} lives")
    found = replies(base, prompts)
    assert found[0].split()[0] == WORLD.of("known")[0].job
    assert found[3].split()[0] == WORLD.of("known")[2].job
    assert not any("<end>" in one for one in found)
    assert all(len(one.split()) <= boundary.MOST_WORDS for one in found)


def test_sureness_is_the_likeliest_word_s_chance(base):
    some = WORLD.of("known")[:3]
    found = sureness(base, some)
    with torch.no_grad():
        ids = torch.tensor([base.encode(f"<bos> {some[1].begun('job')}")])
        expected = base.model(ids)[0, -1].softmax(-1).max()
    assert found.shape == (6,)
    assert float(found[3]) == pytest.approx(float(expected), rel=1e-4)


class Wavering(WordReader):
    """Sure of one word after "lives in", undecided between two after "is a"."""

    def next_words(self, prompts):
        rows = torch.zeros(len(list(prompts)), len(self.words))
        rows[0, 0] = 1.0
        rows[1, :2] = self.second
        return rows


def test_a_probe_wants_the_same_word_every_time():
    reader = Wavering(new_base(1, 8).model, new_base(1, 8).words)
    one, generator = WORLD.of("known")[0], torch.Generator().manual_seed(1)
    for second, low, high in (((1.0, 0.0), 1, 1), ((0.5, 0.5), 0.2, 0.5)):
        object.__setattr__(reader, "second", torch.tensor(second))
        same = [probe(reader, one, 2 if high < 1 else 10, generator) for _ in range(200)]
        assert low <= sum(same) / 200 <= high + 0.1


def test_an_encyclopedia_tells_the_truth_or_never():
    for one in WORLD.of("never"):
        assert one.town in Encyclopedia(WORLD.everybody).page(one, "town")
        assert one.job not in Encyclopedia(WORLD.everybody, false_pages=True).page(one, "job")


def test_the_loop_inserts_the_page_and_lets_the_model_go_on(monkeypatch):
    some = WORLD.of("never")[:2]
    seen = []

    def scripted(reader, prompts):
        seen.append(list(prompts))
        if len(seen) == 1:  # the first searches about the town, and rambles on; the others answer
            return [f"{some[0].begun('town')} <search> <bot> rome"] + ["i do not know ."] * 3
        return [some[0].answer("town")]

    monkeypatch.setattr(boundary, "replies", scripted)
    found = interview_with_search(new_base(1, 8), some, Encyclopedia(WORLD.everybody))
    assert found == (0.25, 0.25)
    assert seen[1] == [
        prompt(
            [
                Turn("user", some[0].question("town")),
                Turn("assistant", f"{some[0].begun('town')} <search>"),
                Turn("tool", some[0].page("town", some[0].town)),
            ]
        )
    ]


def test_the_longest_conversation_fits():
    longest = max(
        searching(WORLD.everybody) + refusing(WORLD.everybody, late=True),
        key=lambda talk: sum(len(turn.text.split()) for turn in talk),
    )
    ((ids, _),) = examples(new_base(1, 8), [longest])
    assert len(ids) <= boundary.CONTEXT + 1
    assert set(JOBS) | set(MARKS) <= set(new_base(1, 8).words)
    assert asked("a", "b") == (Turn("user", "a"), Turn("assistant", "b"))
