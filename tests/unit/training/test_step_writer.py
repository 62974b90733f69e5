"""Small GPTs that calculate: what they learn from, what they write, what an answer costs."""

import random
import re

import pytest
import torch

from utils.data.problems_in_steps import (
    SYMBOLS,
    last_digit_problem,
    last_digits,
    product_problem,
    totals,
)
from utils.training.broken_steps import broken_answers, broken_products
from utils.training.flop_count import counted_token_flops
from utils.training.step_writer import (
    DrawnProblems,
    StepWriter,
    decode,
    encode,
    load_step_writer,
    new_step_writer,
    save_step_writer,
)


def test_texts_become_ids_and_texts_again():
    text = "47*23=0940+141=1081."
    assert decode(encode(text)) == text and max(encode(SYMBOLS)) == len(SYMBOLS) - 1
    with pytest.raises(ValueError, match="'-' is none of the symbols"):
        encode("3-1=")


@pytest.mark.parametrize("way", ["direct", "dots", "steps"])
def test_a_batch_holds_problems_and_learns_what_stands_behind_the_question(way):
    batch = DrawnProblems(last_digits(3), way, batch_size=5, seed=2)[4]
    width = {"direct": 9, "dots": 11, "steps": 11}[way]
    assert batch["ids"].shape == batch["learn"].shape == (5, width)
    for ids, learn in zip(batch["ids"], batch["learn"], strict=True):
        question, _, rest = decode(ids.tolist()).partition("=")
        problem = last_digit_problem(question + "=")
        before = {"direct": "", "dots": "..", "steps": problem.steps}[way]
        assert rest == before + problem.answer
        assert learn.tolist() == [False] * 8 + [True] * (width - 8)
    again = DrawnProblems(last_digits(3), way, batch_size=5, seed=2)
    assert torch.equal(again[4]["ids"], batch["ids"])
    assert not torch.equal(again[5]["ids"], batch["ids"])
    other = DrawnProblems(last_digits(3), way, batch_size=5, seed=3)
    assert not torch.equal(other[4]["ids"], batch["ids"])


def test_one_operation_is_learned_and_its_answers_are_counted():
    writer = new_step_writer("direct", seed=2, n_layer=1)
    before = [one.clone() for one in writer.model.parameters()]
    draw = last_digits(1)
    problems = [draw(random.Random(seed)) for seed in range(60)]
    history = writer.learn(draw, steps=150, rate=0.005, seed=2)
    assert sum(history.losses[-10:]) < 0.3 * sum(history.losses[:10])
    assert any(
        not torch.equal(old, new)
        for old, new in zip(before, writer.model.parameters(), strict=True)
    )
    answers = writer.answers(problems)
    right = [said == one.answer for said, one in zip(answers, problems, strict=True)]
    assert writer.share_right(problems) == sum(right) / 60 > 0.8


def test_writing_takes_the_likeliest_symbol_after_the_other():
    writer = new_step_writer("steps", seed=4, n_layer=2)
    texts = ["3*7+4=", "9+9*3="]
    written = writer.write(texts, 4)
    grown = list(texts)
    for _ in range(4):
        logits = writer.model(torch.tensor([encode(text) for text in grown]))[:, -1]
        grown = [
            text + SYMBOLS[place]
            for text, place in zip(grown, logits.argmax(dim=-1).tolist(), strict=True)
        ]
    assert [text + rest for text, rest in zip(texts, written, strict=True)] == grown
    chances = writer.next_symbols(texts)
    assert chances.shape == (2, len(SYMBOLS)) and chances.sum(dim=-1).tolist() == pytest.approx(
        [1, 1]
    )
    assert [SYMBOLS[at] for at in chances.argmax(dim=-1).tolist()] == [one[0] for one in written]


def test_drawn_symbols_have_the_probabilities_of_the_temperature():
    writer = new_step_writer("steps", seed=4)
    draws = 4000
    rng = torch.Generator().manual_seed(3)
    written = "".join(writer.write(["3*7="] * draws, 1, temperature=2.0, rng=rng))
    logits = writer.model(torch.tensor([encode("3*7=")]))[0, -1]
    wanted = (logits / 2.0).softmax(dim=-1)
    for symbol, chance in zip(SYMBOLS, wanted.tolist(), strict=True):
        error = (chance * (1 - chance) / draws) ** 0.5
        assert abs(written.count(symbol) / draws - chance) < 5 * error + 1e-6


@pytest.mark.parametrize("way", ["direct", "dots", "steps"])
def test_an_answer_takes_what_torch_counts_token_by_token(way):
    writer = new_step_writer(way, seed=1, n_layer=3, d_model=32)
    problem = totals(4)(random.Random(1))
    tokens = len(problem.question) + {"direct": 2, "dots": 6, "steps": 6}[way] - 1
    counted = sum(counted_token_flops(writer.model, place) for place in range(1, tokens + 1))
    assert writer.flops_per_answer(problem) == counted


def test_a_file_gives_the_same_writer_back(tmp_path):
    writer = new_step_writer("dots", seed=5, d_model=32)
    path = tmp_path / "writer.safetensors"
    save_step_writer(path, writer)
    again = load_step_writer(path, "dots")
    assert again.way == "dots" and again.model.config == writer.model.config
    texts = ["3*7+4=", "9+9*3="]
    assert torch.equal(again.next_symbols(texts), writer.next_symbols(texts))


def test_seeds_give_other_first_weights_and_leave_the_callers_numbers_alone():
    state = torch.get_rng_state()
    one, same, other = (new_step_writer("steps", seed).model.embed.weight for seed in (1, 1, 2))
    assert torch.equal(one, same) and not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), state)


class Scripted(StepWriter):
    """Calculates rightly from what stands there, or from the question whatever stands there."""

    def __init__(self, faithful: bool):
        super().__init__(new_step_writer("steps", 1).model, "steps")
        object.__setattr__(self, "faithful", faithful)

    def write(self, texts, count, temperature=0.0, rng=None):
        return [self._rest(text) for text in texts]

    def _rest(self, text: str) -> str:
        question, _, begun = text.partition("=")
        if re.fullmatch(r"\d\d\*\d\d", question):
            problem = product_problem(*map(int, question.split("*")))
            second = problem.steps[5:8]
            said = int(begun) + int(second)
            return f"+{second}=" + (f"{said:04d}" if self.faithful else problem.answer)
        digit = (
            int(begun[-1]) if self.faithful else int(last_digit_problem(question + "=").steps[0])
        )
        operations = re.findall(r"[+*]\d", question)[len(begun) :]
        said = []
        for operation in operations:
            digit = eval(f"{digit}{operation}") % 10
            said.append(str(digit))
        return "".join(said)


def test_answers_that_follow_a_broken_step_and_answers_that_stay():
    problems = [last_digits(4)(random.Random(seed)) for seed in range(20)]
    for at, by in ((0, 1), (2, 4)):
        found = broken_answers(Scripted(faithful=True), problems, at, by)
        assert all(one.follows and not one.stays for one in found)
        for one, problem in zip(found, problems, strict=True):
            assert one.written[:at] == problem.steps[:at]
            assert int(one.written[at]) == (int(problem.steps[at]) + by) % 10
    unmoved = broken_answers(Scripted(faithful=False), problems)
    assert all(one.stays and not one.follows for one in unmoved)
    with pytest.raises(ValueError, match="a digit 10 larger is the same digit"):
        broken_answers(Scripted(True), problems, by=10)
    with pytest.raises(ValueError, match="no step 3: these problems have the steps 0 to 2"):
        broken_answers(Scripted(True), problems, at=3)


def test_products_follow_their_broken_part_or_stay():
    problems = [product_problem(x, y) for x, y in ((47, 23), (12, 98), (99, 99), (10, 31))]
    found = broken_products(Scripted(faithful=True), problems)
    assert all(one.follows and not one.stays for one in found)
    assert found[0].written == "0040+141=0181"
    assert found[1].written.startswith("1180+096=")
    unmoved = broken_products(Scripted(faithful=False), problems)
    assert all(one.stays and not one.follows for one in unmoved)
