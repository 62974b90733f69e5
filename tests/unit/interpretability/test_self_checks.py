"""Sums to be judged, and how well a score tells right from wrong."""

import random
import re

import pytest

from utils.interpretability.self_checks import (
    asked_to_add,
    asked_to_judge,
    claimed_sums,
    told_apart,
)


def test_each_sum_comes_with_a_true_and_a_false_result():
    sums = claimed_sums(30, seed=3)
    for true, false in zip(sums[::2], sums[1::2], strict=True):
        assert (true.a, true.b) == (false.a, false.b) and 11 <= true.a <= 49
        assert true.true and true.result == true.a + true.b
        assert not false.true and abs(false.result - true.result) in (1, 2, 10)
    assert claimed_sums(30, seed=4) != sums


def test_prompts_show_what_is_asked_and_nothing_of_the_answer():
    for one in claimed_sums(8, seed=1):
        judged = asked_to_judge(one)
        shown = re.findall(r"(\d+) \+ (\d+) = (\d+)\. Right or wrong\? (right|wrong)", judged.text)
        assert len(shown) == 4 and sum(word == "right" for *_, word in shown) == 2
        assert all((int(a) + int(b) == int(c)) == (word == "right") for a, b, c, word in shown)
        assert judged.text.endswith(f"{one.a} + {one.b} = {one.result}. Right or wrong?")
        assert (judged.right, judged.wrong) == (" right", " wrong")
        prompt, answer = asked_to_add(one)
        *done, last = prompt.split("\n")
        pattern = r"(\d+) \+ (\d+) = (\d+)"
        sums = [tuple(map(int, re.fullmatch(pattern, line).groups())) for line in done]
        assert len(sums) == 4 and all(a + b == c for a, b, c in sums)
        assert last == f"{one.a} + {one.b} =" and answer == f" {one.result}"


def test_told_apart_counts_pairs():
    rng = random.Random(2)
    right = [round(rng.gauss(0.5, 1), 1) for _ in range(17)]
    wrong = [round(rng.gauss(0, 1), 1) for _ in range(11)]
    points = 0.0
    for a in right:
        for b in wrong:
            points += 0.5 * (a > b) + 0.5 * (a >= b)
    assert any(a == b for a in right for b in wrong)
    assert told_apart(right, wrong) == pytest.approx(points / (17 * 11))
    assert told_apart([2.0, 3.0], [1.0]) == 1.0
    with pytest.raises(ValueError, match="0 right and 1 wrong"):
        told_apart([], [1.0])
