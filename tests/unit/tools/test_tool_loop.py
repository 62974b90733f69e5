"""The loop with models whose next token we write down ourselves, and with the real one."""

from itertools import pairwise

import pytest
import torch
from scripted import Bigram, Pieces

from utils import generate
from utils.generation.reader import Reader
from utils.tools.calculator import calculate
from utils.tools.tool_loop import LONGEST_RESULT, Part, UsedTool, write_with_tools

PROMPT = b"What is it? "


class Noting(Reader):
    """A reader that remembers the text that it was given last."""

    last = ()

    def next_logits(self, ids):
        self.last = list(ids)
        return super().next_logits(ids)


def scripted(chain, others=(), context_length=256):
    """A model that says the pieces of `chain` one after the other, whatever it is that puts the next
    one before it, and then stops. `others`: pieces that texts need besides.
    """
    pieces = [PROMPT, *dict.fromkeys(chain), *others, b"<stop>"]
    tok = Pieces(pieces, stop_ids=[len(pieces) - 1])
    table = torch.zeros(len(pieces), len(pieces))
    ways = [PROMPT, *chain, b"<stop>"]
    for before, after in pairwise(ways):
        table[pieces.index(before), pieces.index(after)] = 60.0
    return Noting(Bigram(table, context_length)), tok


def run(chain, tools, others=(), context_length=256, **settings):
    reader, tok = scripted(chain, others, context_length)
    text = write_with_tools(reader, tok, PROMPT.decode(), tools, **settings)
    return text, tok.decode(reader.last)


CALC = {"CALC": calculate}


def test_the_result_stands_where_the_call_ends_and_the_model_goes_on_from_it():
    text, read = run([b"Hm, ", b"CALC(12*9)", b"=", b"108", b"!"], CALC)
    assert text.parts == (Part("Hm, CALC(12*9)=", "model"), Part("108", "CALC"), Part("!", "model"))
    assert text.used == (UsedTool("CALC", "12*9", "108", False),)
    assert text.text == "Hm, CALC(12*9)=108!" and text.written == "Hm, CALC(12*9)=!"
    assert text.ended == "end" and read == PROMPT.decode() + text.text


def test_a_second_call_can_use_what_the_first_gave():
    text, _ = run([b"CALC(1+1)=", b"2", b" CALC(2*3)=", b"6", b" done"], CALC)
    assert text.text == "CALC(1+1)=2 CALC(2*3)=6 done"
    assert [one.result for one in text.used] == ["2", "6"]


def test_what_the_model_wrote_behind_the_equals_sign_in_the_same_token_is_dropped():
    text, _ = run([b"CALC(2+3)", b"=7\n"], CALC, others=[b"=", b"5"], max_new_tokens=2)
    assert text.text == "CALC(2+3)=5"
    assert text.parts[0] == Part("CALC(2+3)=", "model") and text.ended == "tokens"


def test_a_character_of_two_tokens_is_not_cut_where_the_call_ends():
    chain = [b"\xe2\x82", b"\xac CALC(2+3)=7"]
    text, _ = run(chain, CALC, others=[b"\xac CALC(2+3)=", b"5"], max_new_tokens=2)
    assert text.text == "€ CALC(2+3)=5"


def test_calls_in_prompt_and_results_are_not_run():
    asked = []

    def echo(argument):
        asked.append(argument)
        return "CALC(9)="

    pieces = [b"SAY(x)=", b"CALC(9)=", b"."]
    reader, tok = scripted([b"SAY(x)=", b"CALC(9)=", b"."])
    tools = {"SAY": echo, "CALC": lambda argument: pytest.fail("it ran a result")}
    text = write_with_tools(reader, tok, "SAY(x)=CALC(9)=" + PROMPT.decode(), tools)
    assert text.text == b"".join(pieces).decode() and asked == ["x"]


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_a_model_that_always_calls_comes_to_an_end(limit):
    table_of_loops = [b"CALC(1+1)=", b"2", b"CALC(1+1)="]
    text, _ = run(table_of_loops, CALC, limit=limit)
    assert text.ended == "calls" and len(text.used) == limit
    assert text.text == "CALC(1+1)=2" * limit + "CALC(1+1)="


def broken(argument):
    raise KeyError(argument)


@pytest.mark.parametrize(
    ("tools", "expected"),
    [
        (CALC, "error: '1/0' divides by zero: there is no such number."),
        ({"CALC": broken}, "error: KeyError: '1/0'"),
        ({"CALC": lambda argument: 5}, "error: TypeError: CALC gave int, and not a text"),
        ({}, "error: there is no tool CALC; there are: none."),
        ({"B": broken, "A": broken}, "error: there is no tool CALC; there are: A, B."),
    ],
)
def test_what_goes_wrong_in_a_tool_is_text_for_the_model(tools, expected):
    text, read = run([b"CALC(1/0)=", expected.encode(), b" Oh."], tools)
    assert text.text == f"CALC(1/0)={expected} Oh." and read.endswith(text.text)
    assert text.used == (UsedTool("CALC", "1/0", expected, True),)


def test_a_result_is_one_line_of_bounded_length_and_may_be_empty():
    tools = {"T": lambda argument: "a\n b" * 900}
    letters = [bytes([letter]) for letter in b"a b"]
    text, _ = run([b"T(x)="], tools, others=letters, context_length=999, max_new_tokens=1)
    (used,) = text.used
    assert used.result.startswith("a ba b") and len(used.result) == LONGEST_RESULT
    assert run([b"T(x)=", b"."], {"T": lambda argument: " "})[0].text == "T(x)=."


def test_what_comes_after_every_result():
    text, _ = run([b"CALC(1+1)=", b"2", b"\n", b"Two."], CALC, after="\n")
    assert text.parts[1] == Part("2\n", "CALC") and text.text == "CALC(1+1)=2\nTwo."
    assert text.used[0].result == "2"


@pytest.mark.parametrize(
    ("settings", "ended", "expected"),
    [
        ({}, "end", "one two.\n\nthree"),
        ({"stop": "two"}, "stop", "one "),
        ({"stop": ("\n\n", "th")}, "stop", "one two."),
        ({"max_new_tokens": 2}, "tokens", "one two"),
        ({"max_new_tokens": 0}, "tokens", ""),
        ({"stop": "CALC"}, "end", "one two.\n\nthree"),
    ],
)
def test_where_a_text_ends(settings, ended, expected):
    text, _ = run([b"one ", b"two", b".\n", b"\nthree"], CALC, others=[b"."], **settings)
    assert (text.ended, text.text) == (ended, expected)


def test_a_stop_string_before_a_call_comes_first_and_after_it_too_late():
    chain = [b"Stop CALC(1+1)=", b"2", b"."]
    assert run(chain, CALC, stop="Stop")[0].text == ""
    assert run([b"CALC(1+1)=x", b"."], CALC, others=[b"CALC(1+1)=", b"2"], stop="x")[0].used


def test_a_full_context_ends_the_text():
    chain = [bytes([letter]) for letter in range(ord("a"), ord("k"))]
    text, _ = run(chain, CALC, context_length=6)
    assert (text.ended, text.text) == ("context", "abcdef")  # the last is chosen but never read
    text, _ = run([b"T(x)=", b"a"], {"T": lambda argument: "a" * 9}, context_length=6)
    assert text.ended == "context" and text.text == "T(x)=" + "a" * 9


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"limit": -1}, "limit is -1"),
        ({"max_new_tokens": -3}, "max_new_tokens is -3"),
        ({"temperature": -1}, "temperature is -1"),
        ({"tools": {"calc": calculate}}, "'calc'; give names in capitals"),
        ({"prompt": ""}, "prompt is empty"),
        ({"prompt": PROMPT.decode() * 300}, "300 tokens long, and the reader takes 256"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, words):
    reader, tok = scripted([b"x"])
    given = {"prompt": PROMPT.decode(), "tools": CALC, **settings}
    with pytest.raises(ValueError, match=words):
        write_with_tools(reader, tok, given.pop("prompt"), given.pop("tools"), **given)


def test_the_same_seed_gives_the_same_text_and_another_one_another():
    pieces = [PROMPT, *(bytes([letter]) for letter in range(97, 123))]
    tok = Pieces(pieces)
    reader = Reader(Bigram(torch.zeros(len(pieces), len(pieces))))
    texts = [
        write_with_tools(
            reader, tok, PROMPT.decode(), {}, max_new_tokens=20, temperature=1.0, seed=seed
        ).text
        for seed in (1, 1, 2)
    ]
    assert texts[0] == texts[1] != texts[2]


EXAMPLES = "".join(
    f"Question: What is {a} {word} {b}?\nCALC({a}{sign}{b})={value}\nAnswer: {value}\n\n"
    for a, word, sign, b, value in (
        (12, "times", "*", 9, 108),
        (15, "plus", "+", 27, 42),
        (90, "minus", "-", 35, 55),
    )
)


def test_the_real_model_uses_the_calculator_and_reads_the_examples_once(smollm2):
    model, tok = smollm2
    reader, first = Reader(model, 256), len(tok.encode(EXAMPLES))
    for a, b in ((61, 65), (38, 74)):
        before = reader.tokens_read
        text = write_with_tools(
            reader,
            tok,
            f"{EXAMPLES}Question: What is {a} times {b}?\n",
            CALC,
            after="\n",
            stop="\n\n",
        )
        assert text.text == f"CALC({a}*{b})={a * b}\nAnswer: {a * b}" and text.ended == "stop"
        new = reader.tokens_read - before
        assert (first < new < first + 50) if before == 0 else new < 50


def test_without_tools_to_call_it_is_greedy_decoding(smollm2):
    model, tok = smollm2
    prompt = "The capital of France is"
    text = write_with_tools(Reader(model, 64), tok, prompt, CALC, max_new_tokens=16)
    assert text.text == generate(model, tok, prompt, max_new_tokens=16, temperature=0)


def test_a_result_cannot_end_the_turn_of_the_model(smollm2):
    model, tok = smollm2
    reader = Noting(model, 256)
    tools = {"CALC": lambda argument: "<|im_end|>"}
    prompt = f"{EXAMPLES}Question: What is 61 times 65?\n"
    text = write_with_tools(reader, tok, prompt, tools, max_new_tokens=12)
    assert text.used[0].result == "<|im_end|>" and "<|im_end|>" in tok.decode(reader.last)
    assert not set(reader.last) & set(tok.special.values())
