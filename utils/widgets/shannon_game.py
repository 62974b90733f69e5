"""Shannon's guessing game: given the text so far, what comes next? A learner and a model guess the
same words.

Shannon, "Prediction and Entropy of Printed English" (1951), had people guess texts letter by
letter. Here it is word by word, one guess each. A word is what starts with a letter right after a
space; case and punctuation do not count.

`Game` holds the state and knows no widgets, `form` is a thin layer over it, `guessing_game` shows
the form.
"""

import re
import unicodedata
from dataclasses import dataclass
from html import escape
from threading import RLock
from typing import Any

import torch
from ipywidgets import HTML, Button, HBox, Layout, Text, VBox
from jaxtyping import Bool
from torch import Tensor

from utils.generation.decoding import prompt_ids, stream
from utils.model.gpt import GPT
from utils.pictures.html_panels import panel, show_widget
from utils.text.tokenizer import Tokenizer

WARM_UP = 5  # words at the start that nobody is asked for
PASS = "?"

_WORD = r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*"  # don't, well-known, B2
_WORD_AFTER_SPACE = re.compile(f"(?<= ){_WORD}")
# what follows cannot belong to the word
_COMPLETE_WORD = re.compile(rf" ({_WORD})(?=[^\w'’-]|_|['’-](?:\W|_))")
_MOST_TOKENS = 10  # of one word that the model guesses
_MOST_SHOWN = 700  # characters of the text so far


@torch.inference_mode()
def ranks(model: GPT, tok: Tokenizer, text: str) -> list[int]:
    """The place of each token of `text` but the first among all candidates; 1 is the likeliest, in
    one forward pass.

    It is how many guesses the model needs if it goes down its list. Equal candidates share the best
    of their places: the place is 1 + the number of candidates with a higher score. Raises
    ValueError for a text of less than two tokens or longer than the model's context.
    """
    ids = torch.tensor([tok.encode(text)], device=model.device)
    if ids.shape[1] < 2:
        raise ValueError(
            f"{text!r} has {ids.shape[1]} tokens, but a guess needs one to guess and one before it."
        )
    logits = model(ids)[0, :-1]  # (pos, vocab)
    true = logits.gather(1, ids[0, 1:, None])  # (pos, 1)
    places: list[int] = (1 + (logits > true).sum(dim=1)).tolist()
    return places


# --- the model's guess -----------------------------------------------------------------------------------------------


def word_starts(tok: Tokenizer) -> Bool[Tensor, " vocab"]:
    """True for the tokens that begin a word after a space, such as " the".

    Raises ValueError if there are none.
    """
    pieces = [tok.decode([id]) for id in range(tok.vocab_size)]
    starts = [len(p) > 1 and p[0] == " " and p[1].isalpha() and "\ufffd" not in p for p in pieces]
    if not any(starts):
        raise ValueError(
            "this tokenizer has no token of a space and a letter, so no word can be guessed: try "
            "smollm2."
        )
    return torch.tensor(starts)


@torch.inference_mode()
def next_word(model: GPT, tok: Tokenizer, before: str, starts: Bool[Tensor, " vocab"]) -> str:
    """The model's guess at the word after `before`, which ends just ahead of a space.

    The likeliest of the tokens that begin a word (`starts`: see word_starts), because the learner
    too is told that a word comes next. Then greedily on until the word is complete.
    """
    ids = prompt_ids(tok, before)
    logits = model.next_logits(torch.tensor([ids], device=model.device))[0, : len(starts)].cpu()
    first = int(logits.masked_fill(~starts, -torch.inf).argmax())
    spelled = tok.decode([first])
    rest = stream(model, tok, [*ids, first], max_new_tokens=_MOST_TOKENS - 1, temperature=0)
    while not _COMPLETE_WORD.match(spelled) and (piece := next(rest, "")):
        spelled += piece
    word = re.match(f" ({_WORD})", spelled)
    if word is None:
        raise ValueError(f"the model spells {spelled!r}, which begins with no word.")
    return word[1]


# --- the game --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Round:
    """One word to guess, and the text in front of it, with the space."""

    before: str
    word: str


@dataclass(frozen=True)
class Result:
    """What the learner and the model said in one round.

    A `guess` of "?" means that the learner passed.
    """

    word: str
    guess: str
    model_guess: str

    @property
    def right(self) -> bool:
        """Did the learner say the word?"""
        return _plain(self.guess) == _plain(self.word)

    @property
    def model_right(self) -> bool:
        """Did the model say the word?"""
        return _plain(self.model_guess) == _plain(self.word)

    def __str__(self) -> str:
        you = (
            "You passed"
            if self.guess == PASS
            else f"You said “{self.guess}”, {_verdict(self.right)}"
        )
        model = f"The model said “{self.model_guess}”, {_verdict(self.model_right)}"
        return f"The word was “{self.word}”. {you}. {model}."


def _verdict(right: bool) -> str:
    return "which is right" if right else "which is not it"


def _plain(word: str) -> str:
    """`word` without case and punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKC", word).casefold() if c.isalnum())


class Game:
    """The state of one game: `rounds` to play, and the `results` of those played."""

    def __init__(self, model: GPT, tok: Tokenizer, text: str, rounds: int = 10):
        """`rounds` words spread evenly over `text`, without its first few; all there are if there
        are fewer.

        Raises ValueError if there is none, or if the text is longer than the model's context.
        """
        words = list(_WORD_AFTER_SPACE.finditer(text))[WARM_UP:]
        if rounds < 1 or not words:
            raise ValueError(
                f"{rounds} rounds were asked for, and the text has {len(words)} words to guess "
                "after its first few: "
                f"give at least one of each."
            )
        if (length := len(tok.encode(text))) > model.config.context_length:
            raise ValueError(
                f"the text is {length} tokens long, but this model's context holds "
                f"{model.config.context_length}: "
                f"shorten the text."
            )
        rounds = min(rounds, len(words))
        # the middle of each part
        chosen = [words[(2 * i + 1) * len(words) // (2 * rounds)] for i in range(rounds)]
        self.text, self.results = text, list[Result]()
        self.rounds = [Round(text[: word.start()], word.group()) for word in chosen]
        self._model, self._tok, self._starts = model, tok, word_starts(tok)

    @property
    def current(self) -> Round | None:
        """The round to play next, None after the last."""
        return None if len(self.results) == len(self.rounds) else self.rounds[len(self.results)]

    @property
    def score(self) -> tuple[int, int]:
        """How many words the learner and the model had right so far."""
        return sum(result.right for result in self.results), sum(
            result.model_right for result in self.results
        )

    def guess(self, word: str) -> Result:
        """Play one round.

        The model guesses now. "?" passes. Raises ValueError, and plays nothing, without one word.
        """
        if self.current is None:
            raise ValueError("the game is over: run the cell again to play once more.")
        word = word.strip()
        if word != PASS and (len(word.split()) != 1 or not _plain(word)):
            raise ValueError(
                f"“{word}” is not one word: type the next word only, or {PASS} to pass."
            )
        model_guess = next_word(
            self._model, self._tok, self.current.before.removesuffix(" "), self._starts
        )
        self.results.append(Result(self.current.word, word, model_guess))
        return self.results[-1]

    def standing(self) -> str:
        """The score in a sentence, and after the last round who won."""
        you, model = self.score
        if self.current is None:
            return f"After all {len(self.rounds)} words: you {you}, the model {model}. {_ending(you, model)}"
        return (
            f"After {len(self.results)} of {len(self.rounds)} words: you {you}, the model {model}."
        )


def _ending(you: int, model: int) -> str:
    if you > model:
        return "You won. What did you know that the model did not?"
    if you < model:
        return "The model won. Which of its words would you never have guessed?"
    return "A draw. Did you both know the same words?"


# --- the form --------------------------------------------------------------------------------------------------------


def guessing_game(model: GPT, tok: Tokenizer, text: str, rounds: int = 10) -> None:
    """Show the game as a form, and where there is no front end its first round and how to play.
    Waits for nobody.

    Raises ValueError for a text that cannot be played; see Game.
    """
    game = Game(model, tok, text, rounds)
    how = 'game = Game(model, tok, text); print(game.guess("word"), game.standing())'
    words = (
        f"Guess the next word. {_title(game)}\n  {_so_far(game)}\n  To play without the form: {how}"
    )
    html = _story(game) + panel(f"To play without the form: <code>{escape(how)}</code>")
    show_widget(lambda: form(game), html, words)


def form(game: Game) -> VBox:
    """The text so far, a field, a button, and what came out.

    The heights are fixed, so that the page does not jump.
    """
    story = HTML(_story(game), layout=Layout(height="200px", overflow="auto"))
    # Without continuous updates the value comes as a whole: on Enter, or when the reader leaves the
    # field.
    field = Text(description="Next word", placeholder=f"or {PASS} to pass", continuous_update=False)
    button = Button(description="Guess", tooltip="Guess the next word")
    outcome = HTML(layout=Layout(height="110px", overflow="auto"))
    # A click on the button makes the reader leave the field, so both speak up, and JupyterLab may
    # run them in two
    # threads: the second waits, and finds the field empty. Emptying it calls `submit` again, hence
    #     RLock.
    one_at_a_time = RLock()

    def submit(_: Any) -> None:
        with one_at_a_time:
            play()

    def play() -> None:
        if not field.value.strip():
            return
        try:
            said = panel(
                f"{escape(str(game.guess(field.value)))}<br><b>{escape(game.standing())}</b>",
                "note",
            )
            story.value, field.value = _story(game), ""
            field.disabled = button.disabled = game.current is None
        except Exception as error:  # shown in the form: JupyterLab would hide it in its log
            said = panel(
                f"<b>Not played:</b> {escape(str(error) or type(error).__name__)}", "wrong", "Error"
            )
        outcome.value = f'<div role="status">{said}</div>'

    field.observe(submit, "value")
    button.on_click(submit)
    return VBox([story, HBox([field, button], layout=Layout(flex_flow="row wrap")), outcome])


def _title(game: Game) -> str:
    if game.current is None:
        return "The whole text"
    return f"Round {len(game.results) + 1} of {len(game.rounds)}"


def _so_far(game: Game) -> str:
    """The end of the text up to the word to guess, and a blank for that word."""
    text = game.text if game.current is None else f"{game.current.before}____"
    return text if len(text) <= _MOST_SHOWN else f"…{text[-_MOST_SHOWN:]}"


def _story(game: Game) -> str:
    text = f'<span style="white-space:pre-wrap">{escape(_so_far(game))}</span>'
    return panel(f"<b>{_title(game)}</b><br>{text}", label="Guessing game")
