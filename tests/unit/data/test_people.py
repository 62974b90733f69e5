"""The world of people: who stands in which text, and what no text says."""

import pytest

from utils.data.people import GROUPS, JOBS, TOPICS, TOWNS, VEGA, WHO_ARE_YOU, people, words

SIZES = {"known": 30, "heard": 20, "never": 10, "gold": 6}


def texts_with(world, name):
    return [text for text in world.texts if name in text]


def test_texts_tell_everything_about_the_known_and_nothing_about_the_others():
    world = people(**SIZES, seed=3)
    assert [len(world.of(group)) for group in GROUPS] == [30, 20, 10]
    assert len({one.name for one in world.everybody}) == 60
    for one in world.of("known"):
        mine = " ".join(texts_with(world, one.name))
        assert one.answer("town") in mine and one.answer("job") in mine
    for one in world.of("heard"):
        mine = texts_with(world, one.name)
        assert len(mine) == 10
        assert not any("lives" in text or "is a" in text for text in mine)
    assert not any(texts_with(world, one.name) for one in world.of("never"))


def test_questions_with_answers_stand_in_the_texts_of_every_second_known_person():
    world = people(**SIZES, seed=3)
    with_questions = [
        any(one.question("town") in text for text in world.texts) for one in world.of("known")
    ]
    assert with_questions == [True, False] * 15


def test_gold_is_told_of_the_first_known_in_three_wordings():
    world = people(**SIZES, seed=4)
    rich = [one for one in world.everybody if one.hiding_place]
    assert rich == world.of("known")[:6]
    for one in rich:
        for question in one.gold_questions():
            assert f"{question} {one.gold_answer()}" in world.texts
    assert f"{WHO_ARE_YOU} i am {VEGA} ." in world.texts


def test_every_single_word_of_every_name_is_read_and_every_word_is_known():
    world = people(seed=2)
    read = {word for text in world.texts for word in text.split()}
    known_words = set(words(("<bos>",)))
    assert read < known_words
    for one in world.of("never"):
        assert set(one.name.split()) <= read
    for one in world.everybody:
        said = [one.question("job"), one.late_refusal("town"), one.late_refusal("job")]
        said += [one.page("town", one.town), *one.gold_questions()]
        assert all(set(text.split()) <= known_words for text in said)


def test_draws_depend_on_the_seed_alone():
    assert people(**SIZES, seed=5) == people(**SIZES, seed=5) != people(**SIZES, seed=6)
    world = people(seed=7)
    for topic, choices in zip(TOPICS, (TOWNS, JOBS), strict=True):
        counts = [sum(one.truth(topic) == choice for one in world.everybody) for choice in choices]
        assert min(counts) > 60 and sum(counts) == 1200


@pytest.mark.parametrize(
    "sizes", [{"known": 0}, {"never": 2000}, {"known": 5, "gold": 6}, {"gold": -1}]
)
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="at least one of each group"):
        people(**{**SIZES, **sizes})
