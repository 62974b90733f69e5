"""Exercise 14.2: how many years somebody reads for so many tokens."""

import math
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import torch

from course.judging.exercise import exercise


@exercise(
    "14.2",
    minutes=6,
    hints=(
        "Three steps: how many words are the tokens? How many minutes do these words take? How "
        "many minutes does a reader have in a year?",
        "A day of reading has 60 * hours_a_day minutes, and a year 365.25 such days.",
        "years = tokens * words_per_token / words_per_minute / (60 * hours_a_day * 365.25)",
    ),
)
def reading_years(
    tokens: float,
    words_per_token: float,
    words_per_minute: float,
    hours_a_day: float,
) -> float:
    """How many years a person needs to read a text.

    tokens: how long the text is.
    words_per_token: about 0.75 for English.
    words_per_minute: how fast the person reads.
    hours_a_day: how long the person reads each day. A year has 365.25 days.
    Returns the number of years.
    """
    words = tokens * words_per_token
    minutes = words / words_per_minute
    return minutes / (60 * hours_a_day * 365.25)


@reading_years.also_right
def _words_of_a_year(
    tokens: float, words_per_token: float, words_per_minute: float, hours_a_day: float
) -> float:
    in_a_year = 365.25 * hours_a_day * 60 * words_per_minute
    return words_per_token * tokens / in_a_year


@reading_years.also_right
def _with_timedeltas(
    tokens: float, words_per_token: float, words_per_minute: float, hours_a_day: float
) -> float:
    a_year = timedelta(days=365, hours=6) / timedelta(minutes=1)
    return tokens / words_per_minute * words_per_token / (a_year * hours_a_day / 24)


@reading_years.also_right
def _in_float64(
    tokens: float, words_per_token: float, words_per_minute: float, hours_a_day: float
) -> float:
    factors = np.array([1 / tokens, 1 / words_per_token, words_per_minute, 60, hours_a_day])
    return 1 / (math.prod(factors.tolist()) * 365.25)


def _years(words: float, words_per_minute: float, hours: float) -> float:
    return words / (words_per_minute * 60 * hours * 365.25)


@reading_years.wrong(
    "Are tokens words? A token is three quarters of an English word or so: use words_per_token. "
    "This mistake made the documents' 300,000 years."
)
def _tokens_for_words(
    tokens: float, words_per_token: float, words_per_minute: float, hours_a_day: float
) -> float:
    return _years(tokens, words_per_minute, hours_a_day)


@reading_years.wrong(
    "Are there more words than tokens, or fewer? Multiply by words_per_token; this divides."
)
def _divided_by_words_per_token(
    tokens: float, words_per_token: float, words_per_minute: float, hours_a_day: float
) -> float:
    return _years(tokens / words_per_token, words_per_minute, hours_a_day)


@reading_years.wrong("How long is a day of reading? `hours_a_day` hours. This reads day and night.")
def _day_and_night(
    tokens: float, words_per_token: float, words_per_minute: float, hours_a_day: float
) -> float:
    return _years(tokens * words_per_token, words_per_minute, 24)


@reading_years.wrong(
    "Is a year of hours asked for? This leaves out how long a day of reading is: an hour, always."
)
def _an_hour_a_day(
    tokens: float, words_per_token: float, words_per_minute: float, hours_a_day: float
) -> float:
    return _years(tokens * words_per_token, words_per_minute, 1)


@reading_years.wrong("Minutes or hours? words_per_minute is per minute: an hour has 60 of them.")
def _per_hour(
    tokens: float, words_per_token: float, words_per_minute: float, hours_a_day: float
) -> float:
    return 60 * _years(tokens * words_per_token, words_per_minute, hours_a_day)


@reading_years.wrong("Years or days? These are days: a year has 365.25 of them.")
def _days(
    tokens: float, words_per_token: float, words_per_minute: float, hours_a_day: float
) -> float:
    return 365.25 * _years(tokens * words_per_token, words_per_minute, hours_a_day)


@reading_years.wrong(
    "Does who reads longer each day take more years? Fewer: divide by hours_a_day, not by its "
    "share of what is left of the day."
)
def _longer_for_longer_days(
    tokens: float, words_per_token: float, words_per_minute: float, hours_a_day: float
) -> float:
    return _years(tokens * words_per_token, words_per_minute, 24) * hours_a_day


@reading_years.inputs
def _readers(rng: torch.Generator) -> Iterator[tuple[float, float, float, float]]:
    yield 3e11, 0.75, 238.0, 8.0
    for _ in range(11):
        share = torch.rand(4, generator=rng).tolist()
        yield (
            round(10 ** (9 + 4 * share[0])) * 1.0,
            0.5 + 0.4 * share[1],
            120 + 200 * share[2],
            1.5 + 14 * share[3],
        )
