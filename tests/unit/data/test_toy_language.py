import math
from collections import Counter

import pytest

from utils.data.toy_language import (
    END,
    END_ID,
    KIND,
    PLACES,
    QUESTIONS,
    RUDE,
    TRUE_PLACE,
    WORDS,
    chatter,
    decode,
    demonstrations,
    encode,
    is_answer,
    marks,
    preference,
    quality,
    says_where,
)

HAT = "where is the hat ?"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("the hat is in the box .", 2),
        ("thanks the hat is in the box .", 3),
        ("gladly friend the hat is in the box thanks .", 5),
        ("gladly dear friend the hat is in the box thanks .", 5),  # a fourth kind word adds nothing
        ("the hat is in the bag .", -1),
        ("the hat is in the box . the hat is in the bag .", -1 - 0.5 * 3),  # hat, is, in said again
        ("thanks thanks thanks .", 1 - 0.5 * 2),
        ("i do not know .", 0),
        ("ugh i do not know . look yourself .", -1),
        ("the hat is in the box", 2 - 1),
        ("", -1),
    ],
)
def test_quality_by_hand(reply, expected):
    assert quality(HAT, reply) == expected
    assert sum(marks(HAT, reply).values()) == expected


def test_the_right_place_depends_on_the_question():
    for question in QUESTIONS:
        good = [
            place for place in PLACES if quality(question, f"the lost one is in the {place} .") == 2
        ]
        assert good == [TRUE_PLACE[question.split()[3]]]
    with pytest.raises(ValueError, match="no question"):
        quality("where is the moon ?", "the hat is in the box .")


def test_nothing_makes_a_reply_better_than_5_and_repeating_always_costs():
    best = max(quality(question, reply) for question, reply in demonstrations(3000, seed=0))
    assert best == 5
    spam = [quality(HAT, " ".join(["thanks"] * n)) for n in range(1, 10)]
    assert spam == sorted(spam, reverse=True)


def test_ids_round_trip_and_unknown_words_are_named():
    assert WORDS[END_ID] == END and len(set(WORDS)) == len(WORDS) <= 40
    for question, reply in demonstrations(200, seed=3):
        assert decode(encode(f"{question} {reply} {END}")) == f"{question} {reply}"
    with pytest.raises(ValueError, match="'moon'"):
        encode("where is the moon ?")


def test_texts_follow_their_seed_and_their_shares():
    assert demonstrations(50, 1) == demonstrations(50, 1) != demonstrations(50, 2)
    assert chatter(50, 1) == chatter(50, 1) != chatter(50, 2)
    n = 6000
    pairs = demonstrations(n, seed=5)
    named = [(TRUE_PLACE[q.split()[3]], set(reply.split()) & set(PLACES)) for q, reply in pairs]
    told = [(place, *found) for place, found in named if found]
    assert len(told) / n == pytest.approx(0.9, abs=0.02)
    assert sum(place == found for place, found in told) / len(told) == pytest.approx(0.6, abs=0.03)
    rude = sum(bool(set(reply.split()) & set(RUDE)) for _, reply in pairs) / n
    assert rude == pytest.approx(1 - 0.85 * 0.9, abs=0.02)
    kind = Counter(sum(word in KIND for word in reply.split()) for _, reply in pairs)
    assert kind[0] / n == pytest.approx(0.65**2, abs=0.03)
    # gushing is rare: where a learned reward may err
    assert 0.01 < sum(kind[k] for k in range(4, 9)) / n < 0.05


def test_all_kinds_of_chatter_occur_and_every_text_can_be_read():
    texts = chatter(2000, seed=0)
    questions = sum(text.count("?") == 2 for text in texts) / 2000
    statements = sum("?" not in text for text in texts) / 2000
    assert questions == pytest.approx(0.15, abs=0.03) and statements == pytest.approx(
        0.15, abs=0.03
    )
    assert max(len(encode(text)) for text in texts) < 24


def test_the_judge_is_bradley_terry():
    assert preference(1.5, 1.5) == 0.5
    assert preference(2.0, 1.0) == pytest.approx(1 / (1 + math.exp(-2)))
    assert preference(-1.0, 3.0) == pytest.approx(1 - preference(3.0, -1.0))
    assert preference(-500.0, 5.0) < 1e-12  # no overflow for a very bad reply


@pytest.mark.parametrize(
    ("reply", "where", "answer"),
    [
        ("gladly the hat is in the bag .", True, True),  # a wrong place is one, too
        ("the key is in the bag .", False, False),
        ("the hat is in the", False, False),
        ("friend i do not know .", False, True),
        ("where is the hat ?", False, False),
    ],
)
def test_what_is_an_answer(reply, where, answer):
    assert says_where("hat", reply) is where and is_answer("hat", reply) is answer
