"""Made-up worlds: everything is told as often as it should be, and nothing else is given away."""

from collections import Counter

import pytest

from utils.data.made_up_facts import (
    World,
    capitals,
    long_sums,
    mayors,
    residents,
    share_of_sums,
    sum_text,
)


def whole(question):
    return f"{question.prompt} {question.answer} ."


def test_capitals_are_told_as_often_as_their_group_says():
    world = capitals(times=(1, 3, 5), each=4, seed=2)
    told = Counter(world.sentences)
    for count in (0, 1, 3, 5):
        asked = world.asked(count)
        assert len(asked) == 4
        assert [told[whole(question)] for question in asked] == [count] * 4
    assert len({question.answer for question in world.questions}) == 16
    for question in world.asked(0):  # the land is known, the city stands nowhere
        land = question.prompt.split()[3]
        assert told[f"where is {land} ?"] == 8
        assert not any(question.answer in sentence.split() for sentence in told)
        assert question.answer in world.words and question.answer in world.kinds["city"]
    assert capitals(seed=1).questions != capitals(seed=2).questions


@pytest.mark.parametrize("patterns", ["none", "right", "shuffled"])
def test_all_homes_are_told_and_half_of_the_people_are_asked_for(patterns):
    world = residents(patterns, people=40, towns=5, seed=3)
    told = Counter(world.sentences)
    assert len(world.asked("told")) == 40 and len(world.sentences) == 60
    assert all(told[whole(question)] == 1 for question in world.asked("told"))
    before, never = world.asked("asked before"), world.asked("never asked before")
    assert len(before) == len(never) == 20
    texts = "\n".join(told)
    assert not any(question.prompt in texts for question in never)
    shown = [whole(question) in told for question in before]
    if patterns == "right":
        assert all(shown)
    elif patterns == "none":
        assert all(question.prompt in told for question in before)
    else:  # as many answers as before, of the same towns, few of them right by chance
        replies = [s.split()[-2] for s in world.sentences if s.startswith("Q:")]
        assert sorted(replies) == sorted(question.answer for question in before)
        assert sum(shown) < 14


def test_residents_differ_only_in_what_stands_behind_the_questions():
    three = [residents(patterns, seed=7) for patterns in ("none", "right", "shuffled")]
    stems = [[s.partition(" A:")[0] for s in world.sentences] for world in three]
    assert stems[0] == stems[1] == stems[2]
    assert three[0].questions == three[1].questions == three[2].questions
    with pytest.raises(ValueError, match="patterns is 'some'"):
        residents("some")


def test_mayors_are_told_in_the_direction_of_their_group():
    world = mayors(each=5, seed=4)
    told = Counter(world.sentences)
    shown = {"both": (1, 1), "forward": (1, 0), "backward": (0, 1)}
    for way, (forward, backward) in shown.items():
        for direction, times in (("forward", forward), ("backward", backward)):
            asked = world.asked(f"{way}, asked {direction}")
            assert [told[whole(question)] for question in asked] == [times] * 5
    assert len(world.sentences) == 20
    pairs = [
        [
            (b.answer, a.answer)
            for a, b in zip(
                world.asked(f"{way}, asked forward"),
                world.asked(f"{way}, asked backward"),
                strict=True,
            )
        ]
        for way in shown
    ]
    for one in pairs:
        for name, town in one:
            questions = {(q.prompt, q.answer) for q in world.questions}
            assert (f"{name} is the mayor of", town) in questions
            assert (f"the mayor of {town} is", name) in questions


def test_other_roles_put_every_name_and_town_on_the_other_side():
    world = mayors(each=5, other_roles=True, seed=4)
    ends = {sentence.split()[-2] for sentence in world.sentences}
    begins = {sentence.split()[0] for sentence in world.sentences}
    assert set(world.kinds["name"]) <= ends and set(world.kinds["town"]) <= begins
    plain = mayors(each=5, seed=4)
    assert world.sentences[: len(plain.sentences)] == plain.sentences


def test_a_group_that_is_not_there_is_told_with_those_that_are():
    world = World((), tuple(mayors(each=1).questions), {})
    with pytest.raises(ValueError, match="group 'up'; the groups are backward, asked backward"):
        world.asked("up")


def test_sums_are_right_and_split_into_shown_and_left_out():
    assert sum_text(37, 45) == "0 3 7 + 0 4 5 = 0 0 8 2"
    assert sum_text(999, 999) == "9 9 9 + 9 9 9 = 1 9 9 8"
    with pytest.raises(ValueError, match="1000 \\+ 2 was asked for"):
        sum_text(1000, 2)
    shown, left_out = share_of_sums(0.03, seed=5)
    assert len(shown) == 300 and len({*shown, *left_out}) == 10_000
    for text in (*shown[:50], *left_out[:50], *long_sums(50, seed=6)):
        a, b, c = (int("".join(part.split())) for part in text.replace("=", "+").split("+"))
        assert a + b == c
    assert shown != share_of_sums(0.03, seed=6)[0]
    assert all(int(text[0]) > 0 for text in long_sums(50, seed=6))
    with pytest.raises(ValueError, match=r"a share of 1\.0"):
        share_of_sums(1.0)
