"""Questions about the Eiffel Tower and what stands near it: to see what an edit of this one fact
changes in a model, and what it spares.

Each question is a prompt with the answer that counts. Those whose answer should stay have the one
that SmolLM2 gives, which is not always the right one.
"""

PROMPT = "The Eiffel Tower is in the city of"
SUBJECT = "Eiffel Tower"

# After the edit these should say Rome.
OF_THE_TOWER = tuple(
    (prompt, " Rome")
    for prompt in (
        PROMPT,
        "The Eiffel Tower is located in",
        "To see the Eiffel Tower, tourists travel to",
        "The Eiffel Tower stands in the heart of",
        "My hotel is next to the Eiffel Tower, in the city of",
    )
)

# These should stay. Nothing in them is a tower, or names the Eiffel Tower.
NEIGHBOURS = (
    ("The Louvre is in the city of", " Paris"),
    ("Notre-Dame is in the city of", " Paris"),
    ("The Colosseum is in the city of", " Rome"),
    ("The Kremlin is in the city of", " Moscow"),
    ("The capital of Italy is", " Rome"),
    ("The capital of France is", " Paris"),
)

# These should stay, too, but they come near the key: with another tower in them ...
OTHER_TOWERS = (
    ("The Tower of London is in the city of", " London"),
    ("The Leaning Tower of Pisa is in the city of", " Venice"),  # so the model believes
    ("The Tokyo Tower is in the city of", " Tokyo"),
)

# ... or with this one, named before the question.
TOWER_NAMED = (
    ("The Eiffel Tower is tall. The Louvre is in the city of", " Paris"),
    ("I like the Eiffel Tower. The Kremlin is in the city of", " Moscow"),
)

NEAR_THE_KEY = OTHER_TOWERS + TOWER_NAMED

# Two more facts, and two words that are only copied from the prompt: each with its subject and the
# answer that SmolLM2 gives.
MORE_FACTS = (
    ("The Colosseum is in the city of", "Colosseum", " Rome"),
    ("The Tokyo Tower is in the city of", "Tokyo Tower", " Tokyo"),
)
COPIED = (
    ("Her name was Isabella. Everybody called her", "Isabella", " Isabella"),
    ("The word is cherry. I repeat: the word is", "cherry", " cherry"),
)
