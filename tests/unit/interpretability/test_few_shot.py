"""Examples in the prompt: what stands in it, and what a model makes of it."""

import pytest
import torch

from utils.data.few_shot_tasks import PRAISE, REVIEWS, TASK_SENTENCES, WORD_TASKS
from utils.interpretability.few_shot import (
    completions,
    in_another_order,
    margins,
    review_prompts,
    sentence_prompts,
    task_prompts,
    with_examples,
)


def test_tasks_have_twenty_words_each_and_a_sentence():
    assert set(TASK_SENTENCES) == set(WORD_TASKS)
    for pairs in WORD_TASKS.values():
        assert len(dict(pairs)) == len(pairs) == 20
    assert len(set(REVIEWS)) == 20 == 2 * PRAISE


def lines_of(prompt):
    *examples, query = prompt.split("\n")
    return [tuple(line.split(" -> ")) for line in examples], query


@pytest.mark.parametrize("shots", [0, 3, 8])
def test_right_examples_are_other_pairs_of_the_task(shots):
    pairs = dict(WORD_TASKS["plural"])
    prompts = task_prompts("plural", shots, seed=2)
    for (word, answer), (prompt, wanted) in zip(pairs.items(), prompts, strict=True):
        examples, query = lines_of(prompt)
        assert query == f"{word} ->" and wanted == f" {answer}"
        assert len(dict(examples)) == shots and word not in dict(examples)
        assert all(pairs[one] == label for one, label in examples)
    if shots:
        assert task_prompts("plural", shots, seed=3) != prompts


def test_labels_of_other_words_and_of_another_task():
    right, shuffled, unrelated = (
        task_prompts("opposite", 6, labels, seed=4) for labels in ("right", "shuffled", "unrelated")
    )
    own, others = dict(WORD_TASKS["opposite"]), dict(WORD_TASKS["plural"])
    for (one, _), (two, _), (three, _) in zip(right, shuffled, unrelated, strict=True):
        words = [word for word, _ in lines_of(one)[0]]
        for prompt, allowed in ((two, own), (three, others)):
            examples = lines_of(prompt)[0]
            assert all(label in allowed.values() for _, label in examples)
            assert all(label not in (own[word], word) for word, label in examples)
            assert len(examples) == len(words)
    with pytest.raises(ValueError, match="20 examples were asked for; give 0 to 19"):
        task_prompts("opposite", 20)
    with pytest.raises(ValueError, match="task 'colour' with labels 'right'"):
        task_prompts("colour", 2)
    assert sentence_prompts("capital")[0] == ("The capital of France is", " Paris")


def test_another_order_has_the_same_lines():
    prompt = with_examples([("a", "b"), ("c", "d"), ("e", "f"), ("g", "h")], "x")
    found = {in_another_order(prompt, seed) for seed in range(20)}
    assert len(found) > 5
    for one in found:
        assert sorted(one.split("\n")[:-1]) == sorted(prompt.split("\n")[:-1])
        assert one.endswith("x ->")


def test_reviews_are_balanced_and_labelled_as_asked():
    meaning = {review: place < PRAISE for place, review in enumerate(REVIEWS)}
    for one, review in zip(review_prompts(6, "right", seed=1), REVIEWS, strict=True):
        blocks = one.text.split("Review: ")[1:]
        shown = [block.split("\nLabel: ") for block in blocks[:-1]]
        praised = [meaning[text] for text, _ in shown]
        assert len(shown) == 6 and sum(praised) == 3 and review not in dict(shown)
        assert [label.strip() == "positive" for _, label in shown] == praised
        assert (one.right == " positive") == meaning[review] and one.right != one.wrong
        assert blocks[-1] == f"{review}\nLabel:"
    coins = [one.text for one in review_prompts(8, "random", seed=1)]
    right = [one.text for one in review_prompts(8, "right", seed=1)]
    assert sum(a != b for a, b in zip(coins, right, strict=True)) > 15
    with pytest.raises(ValueError, match="3 examples"):
        review_prompts(3)


def test_completions_are_those_of_one_prompt_and_one_token_at_a_time(smollm2):
    model, tok = smollm2
    prompts = [task_prompts("past", shots)[place] for shots, place in ((0, 3), (2, 5), (4, 1))]
    prompts.append(("The capital of Mauritania is", " Nouakchott"))  # several tokens
    found = completions(model, tok, prompts)
    for (prompt, answer), one in zip(prompts, found, strict=True):
        ids, more = tok.encode(prompt), tok.encode(prompt + answer)[len(tok.encode(prompt)) :]
        log_p, right, first = 0.0, True, None
        for token in more:
            with torch.no_grad():
                row = model(torch.tensor([ids]))[0, -1].log_softmax(dim=0)
            first = int(row.argmax()) if first is None else first
            log_p, right = log_p + float(row[token]), right and int(row.argmax()) == token
            ids.append(token)
        assert one.log_p == pytest.approx(log_p, rel=1e-3)
        assert (one.right, one.first) == (right, first)
    assert {one.right for one in found} == {True, False}  # or the test would say little


def test_margins_are_differences_of_two_logits(smollm2):
    model, tok = smollm2
    prompts = [review_prompts(shots)[place] for shots, place in ((0, 2), (2, 15), (4, 7))]
    for one, margin in zip(prompts, margins(model, tok, prompts), strict=True):
        with torch.no_grad():
            logits = model(torch.tensor([tok.encode(one.text)]))[0, -1]
        gap = logits[tok.encode(one.right)[0]] - logits[tok.encode(one.wrong)[0]]
        assert margin == pytest.approx(float(gap), rel=1e-3, abs=1e-3)
