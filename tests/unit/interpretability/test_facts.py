"""Which tokens spell the subject, what the answer is, and how probable."""

import pytest
import torch
from hand_made import PARIS, fact_model, word_tokenizer
from scripted import Pieces

from utils.generation.decoding import generate
from utils.interpretability.facts import (
    answer_probabilities,
    answer_probability,
    read_fact,
    subject_positions,
)


def test_a_fact_as_tokens():
    fact = read_fact(word_tokenizer(), " The red tower is in", "red tower", " Paris")
    assert fact.pieces == (" The", " red", " tower", " is", " in") and fact.answer == (PARIS,)
    assert list(fact.subject) == [1, 2] and len(fact.ids) == 5


# wherever characters begin
PAIRS = Pieces([b"ab", b"cd", b"ef", b"z\xc3", b"\xa9\xc3", b"\xbcx", b"\xc3\xbc"])


@pytest.mark.parametrize(
    ("prompt", "subject", "expected"),
    [
        ("abcdef", "ab", [0]),
        ("abcdef", "bc", [0, 1]),
        ("abcdef", "ef", [2]),
        ("zéüx", "ü", [1, 2]),
        ("ü", "ü", [0]),
    ],
)
def test_subjects_are_found_in_bytes(prompt, subject, expected):
    assert list(subject_positions(PAIRS, prompt, subject)) == expected


@pytest.mark.parametrize(("subject", "count"), [("Louvre", 0), ("is", 2), ("", 0)])
def test_a_subject_must_be_there_once(subject, count):
    with pytest.raises(
        ValueError, match=f"stands {count} times in the prompt .*give one that stands in it once"
    ):
        read_fact(word_tokenizer(), " It is is in", subject, " Paris")


@pytest.mark.parametrize(
    ("answer", "says"),
    [("Paris", "'inParis': begin it with a space"), ("", "is empty"), (" ", "is empty")],
)
def test_answers_that_make_no_sense(answer, says):
    with pytest.raises(ValueError, match=says):
        answer_probability(fact_model(), word_tokenizer(), " The tower is in", answer)


def test_an_answer_may_begin_without_a_space_where_no_word_ends():
    read_fact(word_tokenizer(), " The tower is in ", "tower", "Paris")


def test_the_probability_of_several_tokens_is_a_product():
    torch.manual_seed(3)
    model, tok = fact_model(), word_tokenizer()
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn(parameter.shape)
    prompt, expected = " The red tower", 1.0
    for word in (" is", " in", " Oslo"):
        p = model(torch.tensor([tok.encode(prompt)]))[0, -1].softmax(-1)
        expected, prompt = expected * float(p[tok.encode(word)[0]].detach()), prompt + word
    assert answer_probability(model, tok, " The red tower", " is in Oslo") == pytest.approx(
        expected, rel=1e-4
    )


def test_many_questions_in_one_batch_are_what_each_is_alone():
    torch.manual_seed(4)
    model, tok = fact_model(), word_tokenizer()
    for parameter in model.parameters():
        parameter.data += 0.3 * torch.randn(parameter.shape)
    questions = [
        (" The red tower", " is in Oslo"),
        (" It is in", " Paris"),
        (" The red tower is", " in"),
        (" It is in", " Rome"),  # the same text again, another answer
        (" The", " house is in Paris ."),
    ]
    expected = []
    for prompt, answer in questions:  # word by word, each text alone
        ids, p = tok.encode(prompt), 1.0
        for token in tok.encode(answer):
            p *= float(model(torch.tensor([ids]))[0, -1].detach().softmax(-1)[token])
            ids.append(token)
        expected.append(p)
    # else they could be mixed up unseen
    assert len({f"{p:.3g}" for p in expected}) == len(questions)
    assert answer_probabilities(model, tok, questions) == pytest.approx(expected, rel=1e-4)
    assert answer_probabilities(model, tok, []) == []


@pytest.mark.model
def test_smollm2_has_the_subject_in_several_tokens(smollm2):
    model, tok = smollm2
    fact = read_fact(tok, "The Eiffel Tower is in the city of", "Eiffel Tower", " Paris")
    assert "".join(fact.pieces[i] for i in fact.subject) == " Eiffel Tower"
    assert (
        generate(model, tok, "The Eiffel Tower is in the city of", max_new_tokens=1, temperature=0)
        == " Paris"
    )
