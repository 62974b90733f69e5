"""The guessing game: places in the model's list, the model's words, the rounds, and the form as a
reader uses it.
"""

import re
import threading
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
import torch
from scripted import Bigram, Pieces, letters, random_gpt

from utils import generate
from utils.widgets import shannon_game as module
from utils.widgets.shannon_game import (
    PASS,
    WARM_UP,
    Game,
    Result,
    form,
    guessing_game,
    next_word,
    ranks,
    word_starts,
)

PIECES = [
    b"",
    b".",
    b" ",
    b" ca",
    b"t",
    b" dog",
    b"'",
    b"s",
    b" the",
    b" 7",
    b" \xc3",
    b"\xa9",
    b" sat",
    b",",
    b"<stop>",
]
STOP = PIECES.index(b"<stop>")
TEXT = "the dog sat the cat sat the dog sat the dog, cat's sat the the cat."


def says(*after: tuple[bytes, bytes, float], context_length: int = 256) -> tuple[Bigram, Pieces]:
    """A model with these logits of one piece after another, and 0 elsewhere."""
    table = torch.zeros(len(PIECES), len(PIECES))
    for before, following, score in after:
        table[PIECES.index(before), PIECES.index(following)] = score
    return Bigram(table, context_length=context_length), Pieces([*PIECES], stop_ids=[STOP])


def player() -> tuple[Bigram, Pieces]:
    """After anything it says "dog", and then stops."""
    pieces = [*PIECES[:-1], *(bytes([c]) for c in b"thedogsac"), b"<stop>"]
    pieces = list(dict.fromkeys(pieces))
    table = torch.zeros(len(pieces), len(pieces))
    table[:, pieces.index(b" dog")] = 5.0
    table[pieces.index(b" dog"), len(pieces) - 1] = 9.0
    return Bigram(table), Pieces(pieces, stop_ids=[len(pieces) - 1])


@pytest.fixture
def game():
    return Game(*player(), TEXT, rounds=3)


# ranks


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_a_rank_is_the_place_in_the_sorted_list(kind):
    model, tok = random_gpt(kind, vocab=11), letters(11)
    text = "abackdefghijabca"
    logits = model(torch.tensor([tok.encode(text)]))[0]
    expected = [
        logits[at].argsort(descending=True).tolist().index(following) + 1
        for at, following in enumerate(tok.encode(text)[1:])
    ]
    assert ranks(model, tok, text) == expected
    assert len(set(expected)) > 3


def test_ranks_that_tie_share_the_best_place():
    table = torch.tensor(
        [[3.0, 1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0], [2.0, 9.0, 2.0, 9.0, 5.0]]
        + [[0.0] * 5] * 2
    )
    model, tok = Bigram(table), letters(5)
    assert ranks(model, tok, "aa") == [1]
    assert [ranks(model, tok, f"a{after}")[0] for after in "bcd"] == [2, 2, 2]
    assert ranks(model, tok, "ae") == [5]
    assert ranks(model, tok, "be") == [1]
    assert [ranks(model, tok, f"c{after}")[0] for after in "abcde"] == [4, 1, 4, 1, 3]


def test_ranks_reads_the_text_once_and_keeps_no_graph():
    model, tok = Bigram(torch.eye(5)), letters(5)
    places = ranks(model, tok, "abcde")
    assert model.reads == [(1, 5)]
    assert all(type(place) is int for place in places)


@pytest.mark.parametrize("text", ["", "a"])
def test_a_text_without_a_token_to_guess(text):
    with pytest.raises(
        ValueError, match=f"{len(text)} tokens, but a guess needs one to guess and one before it"
    ):
        ranks(Bigram(torch.eye(5)), letters(5), text)


# The model's word


def test_word_starts_are_a_space_and_a_letter():
    _, tok = says()
    assert [PIECES[i] for i in word_starts(tok).nonzero()[:, 0]] == [
        b" ca",
        b" dog",
        b" the",
        b" sat",
    ]
    # half a character
    assert word_starts(Pieces([b" a\xc3", b" a\xc3\xa9", b" a"])).tolist() == [False, True, True]
    with pytest.raises(ValueError, match="no token of a space and a letter"):
        word_starts(letters(5))


WORDS = [
    # a word of one token: a stop, a full stop, a comma, a space or the next word ends it
    ([(b" the", b" dog", 9), (b" dog", b"<stop>", 9)], "dog"),
    ([(b" the", b" dog", 9), (b" dog", b".", 9)], "dog"),
    ([(b" the", b" dog", 9), (b" dog", b" the", 9)], "dog"),
    ([(b" the", b" dog", 9), (b" dog", b" ", 9)], "dog"),
    # several tokens
    ([(b" the", b" ca", 9), (b" ca", b"t", 9), (b"t", b".", 9)], "cat"),
    (
        [
            (b" the", b" ca", 9),
            (b" ca", b"t", 9),
            (b"t", b"'", 9),
            (b"'", b"s", 9),
            (b"s", b",", 9),
        ],
        "cat's",
    ),
    # an apostrophe that turns out to be a quotation mark
    ([(b" the", b" ca", 9), (b" ca", b"t", 9), (b"t", b"'", 9), (b"'", b" the", 9)], "cat"),
    ([(b" the", b" ca", 9), (b" ca", b"t", 9), (b"t", b"'", 9), (b"'", b"<stop>", 9)], "cat"),
    # what is likelier than a word does not count, because the learner too is told that a word comes
    (
        [
            (b" the", b".", 20),
            (b" the", b" 7", 19),
            (b" the", b" \xc3", 18),
            (b" the", b" sat", 3),
            (b" sat", b".", 9),
        ],
        "sat",
    ),
]


@pytest.mark.parametrize(("scores", "word"), WORDS)
def test_the_model_goes_on_until_its_word_is_complete(scores, word):
    model, tok = says(*scores)
    assert next_word(model, tok, " dog the", word_starts(tok)) == word


def test_a_complete_word_is_not_read_on():
    model, tok = says((b" the", b" dog", 9), (b" dog", b".", 9), (b".", b".", 9))
    assert next_word(model, tok, " the", word_starts(tok)) == "dog"
    assert model.reads == [(1, 1), (1, 2)]


def test_a_word_that_never_ends_is_cut_off():
    model, tok = says((b" the", b" ca", 9), (b" ca", b"t", 9), (b"t", b"t", 9))
    assert next_word(model, tok, " the", word_starts(tok)) == "ca" + "t" * 9


def test_a_word_at_the_end_of_the_context_is_cut_off():
    model, tok = says((b" the", b" ca", 9), (b" ca", b"t", 9), (b"t", b"t", 9), context_length=3)
    assert next_word(model, tok, " dog the", word_starts(tok)) == "cat"


@pytest.mark.model
def test_the_real_model_says_what_generate_says(smollm2):
    model, tok = smollm2
    starts, tokens = word_starts(tok), []
    for before in [
        "The capital of France is",
        "The study of living things in the past through fossils is called",
        "The dinosaur with three horns is called a",
    ]:
        word = next_word(model, tok, before, starts)
        greedy = generate(model, tok, before, max_new_tokens=12, temperature=0)
        assert re.match(r" ([A-Za-z]+)[^A-Za-z'’-]", greedy)[1] == word
        tokens.append(len(tok.encode(f" {word}")))
    assert min(tokens) == 1 < max(tokens)


@pytest.mark.model
def test_the_real_models_places(smollm2):
    model, tok = smollm2
    assert ranks(model, tok, "The capital of France is Paris")[-1] == 1
    assert ranks(model, tok, "The capital of France is cabbage")[-1] > 1000


# The rounds


def test_rounds_are_words_after_a_space_spread_over_the_text():
    text = " ".join(f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(105))
    game = Game(*player_for(text), text, rounds=10)
    at = [text.split().index(round.word) for round in game.rounds]
    assert len(at) == 10 and at == sorted(set(at))
    assert at[0] > WARM_UP and at[-1] > 95
    gaps = [b - a for a, b in pairwise(at)]
    assert max(gaps) - min(gaps) <= 1
    for round in game.rounds:
        assert text.startswith(round.before + round.word + " ") and round.before.endswith(" ")


def player_for(text: str) -> tuple[Bigram, Pieces]:
    """A model that says " the", with a tokenizer that can encode `text`."""
    pieces = [b" the", *(bytes([b]) for b in sorted(set(text.encode())))]
    table = torch.zeros(len(pieces), len(pieces))
    return Bigram(table, context_length=4096), Pieces(pieces)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("forest. Every", ["forest", "Every"]),
        ("don't well-known B2", ["don't", "well-known", "B2"]),
        ('7 cats, (no) "quoted" -- x_y', ["cats", "x"]),
        ("line\nbreak tab\tstop", ["line", "tab"]),
        ("naïve Ärger 'tis", ["naïve", "Ärger"]),
        ("time--now the end'", ["time", "the", "end"]),
    ],
)
def test_what_counts_as_a_word(end, words):
    text = "a b c d e f " + end
    assert [round.word for round in Game(*player_for(text), text, rounds=99).rounds] == words


def test_a_text_without_words_to_guess():
    text = "a b c d e f"
    with pytest.raises(
        ValueError, match="10 rounds were asked for, and the text has 0 words to guess"
    ):
        Game(*player_for(text), text)
    with pytest.raises(ValueError, match="0 rounds were asked for, and the text has 1 words"):
        Game(*player_for(text + " g"), text + " g", rounds=0)


def test_a_text_longer_than_the_context():
    model, tok = says(context_length=8)
    with pytest.raises(ValueError, match="9 tokens long, but this model's context holds 8"):
        Game(model, tok, " the" * 9, rounds=1)
    assert len(Game(model, tok, " the" * 8, rounds=1).rounds) == 1


def test_the_model_is_not_run_before_somebody_plays():
    model, tok = player()
    game = Game(model, tok, TEXT)
    assert model.reads == []
    game.guess("x")
    assert model.reads


# Playing


def test_a_game(game):
    assert [round.word for round in game.rounds] == ["dog", "cat's", "the"]
    assert game.current is game.rounds[0] and game.score == (0, 0)
    first = game.guess("DOG!")
    assert first == Result("dog", "DOG!", "dog") and first.right and first.model_right
    assert game.standing() == "After 1 of 3 words: you 1, the model 1."
    second = game.guess("cats")
    assert second.right and not second.model_right
    assert str(second) == (
        "The word was “cat's”. You said “cats”, which is right. The model said “dog”, which is not "
        "it."
    )
    third = game.guess(f" {PASS} ")
    assert not third.right and str(third).startswith(
        "The word was “the”. You passed. The model said “dog”"
    )
    assert game.current is None and game.score == (2, 1)
    assert game.standing() == (
        "After all 3 words: you 2, the model 1. You won. What did you know that the model did not?"
    )
    with pytest.raises(ValueError, match="the game is over"):
        game.guess("dog")
    assert len(game.results) == 3


def test_the_model_sees_the_text_before_the_word_and_no_more(game, monkeypatch):
    seen = []
    monkeypatch.setattr(
        module, "next_word", lambda model, tok, before, starts: seen.append(before) or "x"
    )
    while game.current:
        game.guess("x")
    assert seen == [TEXT[: len(before)] for before in seen]
    assert not any(before.endswith(" ") for before in seen)  # the space belongs to the word's token
    assert [TEXT[len(before) :].split()[0].strip(".,") for before in seen] == [
        "dog",
        "cat's",
        "the",
    ]


@pytest.mark.parametrize(
    ("guesses", "words"),
    [
        (["dog", "cat's", "the"], "You won"),
        (["?", "?", "?"], "The model won"),
        (["?", "cats", "?"], "A draw"),
    ],
)
def test_the_last_sentence_fits_the_score(game, guesses, words):
    for guess in guesses:
        game.guess(guess)
    assert words in game.standing()


@pytest.mark.parametrize("bad", ["", "   ", "...", "the dog", "??"])
def test_what_is_not_one_word_plays_nothing(game, bad):
    with pytest.raises(ValueError, match="is not one word: type the next word only"):
        game.guess(bad)
    assert game.results == [] and game.current is game.rounds[0]


def test_case_and_punctuation_do_not_count():
    for guess, word, right in [
        ("Girl", "girl", True),
        ("girl.", "girl", True),
        ("dont", "don't", True),
        ("Straße", "STRASSE", True),
        ("cafe\u0301", "café", True),
        ("girls", "girl", False),
        ("gir", "girl", False),
        (PASS, "girl", False),
    ]:
        assert Result(word, guess, word).right is right


# The form, as the reader's browser would use it


def parts(game):
    story, row, outcome = form(game).children
    field, button = row.children
    return story, field, button, outcome


def text_of(html):
    return "".join(ET.fromstring(html.replace("<br>", "<br/>")).itertext())


def test_enter_plays_a_round_and_empties_the_field(game):
    story, field, _, outcome = parts(game)
    assert field.continuous_update is False  # or each letter would be a guess
    assert (
        text_of(story.value) == "Round 1 of 3the dog sat the cat sat the ____"
        and outcome.value == ""
    )
    field.set_state({"value": "dog"})  # what arrives when the reader presses Enter
    assert [result.guess for result in game.results] == ["dog"]
    assert field.value == "" and text_of(story.value).startswith(
        "Round 2 of 3the dog sat the cat sat the dog sat the dog, ____"
    )
    assert (
        "You said “dog”, which is right" in text_of(outcome.value)
        and "you 1, the model 1" in outcome.value
    )
    assert 'role="status"' in outcome.value and 'role="group"' in story.value


def test_a_click_after_enter_and_an_empty_guess_play_nothing(game):
    _, field, button, outcome = parts(game)
    button.click()
    field.value = "   "
    button.click()
    assert game.results == [] and outcome.value == ""
    field.value = "dog"
    said = outcome.value
    button.click()
    assert len(game.results) == 1 and outcome.value == said


def test_a_click_while_the_field_is_still_playing_plays_nothing(game, monkeypatch):
    """JupyterLab runs the callbacks of the field and of the button in two threads."""
    playing, go_on = threading.Event(), threading.Event()

    def slow(*_):
        playing.set()
        assert go_on.wait(10)
        return "x"

    monkeypatch.setattr(module, "next_word", slow)
    _, field, button, _ = parts(game)
    threads = [
        threading.Thread(target=setattr, args=(field, "value", "dog")),
        threading.Thread(target=button.click),
    ]
    threads[0].start()
    assert playing.wait(10)
    threads[1].start()
    threads[1].join(0.2)  # the click has time to do its harm
    go_on.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert len(game.results) == 1 and field.value == ""


def test_the_same_word_can_be_guessed_twice(game):
    _, field, _, _ = parts(game)
    field.value = "dog"
    field.value = "dog"
    assert len(game.results) == 2


def test_after_the_last_round_the_form_is_closed(game):
    story, field, button, outcome = parts(game)
    for guess in ("dog", "cat's"):
        field.value = guess
        assert not field.disabled and not button.disabled
    field.value = PASS
    assert field.disabled and button.disabled
    assert "You won" in outcome.value and text_of(story.value) == f"The whole text{TEXT}"


def test_two_words_stay_in_the_field(game):
    _, field, button, outcome = parts(game)
    field.value = "the dog"
    assert (
        "is not one word" in text_of(outcome.value)
        and field.value == "the dog"
        and game.results == []
    )
    button.click()
    field.value = "dog"
    assert len(game.results) == 1 and "is not one word" not in outcome.value


def test_an_error_shows_in_the_form_and_loses_no_round(game, monkeypatch):
    def broken(*_):
        raise RuntimeError("no <memory> left")

    _, field, button, outcome = parts(game)
    with monkeypatch.context() as patch:
        patch.setattr(module, "next_word", broken)
        field.value = "dog"
        assert (
            "no <memory> left" in text_of(outcome.value)
            and game.results == []
            and field.value == "dog"
        )
    button.click()
    assert len(game.results) == 1


def test_nothing_that_is_typed_or_read_becomes_html():
    text = "a b c d e f <b>x</b> & the <i>end"
    game = Game(*player_for(text), text, rounds=1)
    story, field, _, outcome = parts(game)
    assert "<b>x</b>" in text_of(story.value) and "<b>x" not in story.value
    field.value = "<script>x</script>"
    assert "<script>x</script>" in text_of(outcome.value) and "<script>" not in outcome.value


def test_of_a_long_text_the_end_is_shown():
    text = "start " + "word " * 180 + "end"
    for rounds, shown in [
        (1000, "Round 1 of 176start word word word word word ____"),
        (1, " word ____"),
    ]:
        story, *_ = parts(Game(*player_for(text), text, rounds))
        assert text_of(story.value).endswith(shown)
    assert "start" in text_of(story.value)
    long = text_of(parts(Game(*player_for(text * 2), text * 2, rounds=1))[0].value)
    assert "start word" not in long[:40] and long.startswith("Round 1 of 1…") and len(long) < 750


def test_the_heights_are_fixed(game):
    story, _, _, outcome = parts(game)
    for box in (story, outcome):
        assert re.fullmatch(r"\d+px", box.layout.height) and box.layout.overflow == "auto"


# Shown


def test_a_plain_script_prints_the_first_round_and_goes_on(monkeypatch, capsys):
    monkeypatch.setattr("utils.pictures.html_panels.get_ipython", lambda: None)
    model, tok = player()
    assert guessing_game(model, tok, TEXT, rounds=3) is None
    out = capsys.readouterr().out
    assert "Round 1 of 3\n  the dog sat the cat sat the ____\n" in out and model.reads == []
    (how,) = re.findall(r"without the form: (.*)", out)
    exec(how.replace("word", "dog"), {"Game": Game, "model": model, "tok": tok, "text": TEXT})
    assert "You said “dog”" in capsys.readouterr().out


def test_a_notebook_gets_the_form_and_its_equivalents(kernel):
    guessing_game(*player(), TEXT, rounds=3)
    still, bundle = kernel
    assert "hidden" in still["text/html"] and bundle["text/html"] in still["text/html"]
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert "Round 1 of 3" in bundle["text/plain"] and "Round 1 of 3" in bundle["text/html"]
