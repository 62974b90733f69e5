"""One question in several wordings: which sport Michael Jordan played."""

WORDINGS = (
    "Michael Jordan plays the sport of",
    "Michael Jordan was a famous player of",
    "The sport that Michael Jordan is known for is",
    "Michael Jordan became famous for playing",
    "Q: Which sport did Michael Jordan play?\nA:",
    "Michael Jordan is a retired professional",
)
ANSWERS = (" basketball", " Basketball")
