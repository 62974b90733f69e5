"""Sentences that ask whether an attention head has a role: the last word should look at one word and
not at another.

Every pair of words comes in both orders, or in both places, so that a head that looks at the nearer
of the two, or at a certain distance, is right in half of the sentences only. No word asked for is
the first of its sentence: half of all attention rests there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """The last word of `text` should look at `wanted`, and not at `other`."""

    text: str
    wanted: str
    other: str


def _subjects(nouns: str, verbs: str) -> list[Link]:
    """A verb and its subject, with another noun beside that one."""
    pairs = [pair.split("/") for pair in nouns.split()]
    found = []
    for (one, two), verb in zip(pairs, verbs.split(), strict=True):
        for subject, other in ((one, two), (two, one)):
            found.append(Link(f"Then the {subject} near the {other} {verb}", subject, other))
            text = f"By the {other}, the {subject} suddenly {verb}"
            found.append(Link(text, subject, other))
    return found


def _objects(verbs: str, nouns: str) -> list[Link]:
    """An object and its verb. The other verb has no object; it stands farther away in half of the
    sentences, and between the two in the others.
    """
    triples = [triple.split("/") for triple in verbs.split()]
    found = []
    for (verb, past, doing), noun in zip(triples, nouns.split(), strict=True):
        found.append(Link(f"The man who {past} {verb} her a small {noun}", verb, past))
        found.append(Link(f"They {past}, and then he {verb} her the old {noun}", verb, past))
        found.append(Link(f"She {verb} the {doing} man a small {noun}", verb, doing))
        found.append(Link(f"Then he {verb} a loudly {doing} child the {noun}", verb, doing))
    return found


def _pronouns(names: str, verbs: str) -> list[Link]:
    """A pronoun and the name that it stands for, with a name of the other gender."""
    pairs = [pair.split("/") for pair in names.split()]
    found = []
    for (man, woman), verb in zip(pairs, verbs.split(), strict=True):
        for first, second in ((man, woman), (woman, man)):
            text = f"Last night {first} {verb} {second}. "
            found.append(Link(f"{text}He", man, woman))
            found.append(Link(f"{text}She", woman, man))
    return found


def _entities(pairs: str, verbs: str) -> list[Link]:
    """A name, with a common noun in its place."""
    found = []
    for (name, noun), verb in zip(
        [pair.split("/") for pair in pairs.split()], verbs.split(), strict=True
    ):
        for end in ("and", "because"):
            found.append(Link(f"Today {name} {verb} the {noun} {end}", name, noun))
            found.append(Link(f"Today the {noun} {verb} {name} {end}", name, noun))
    return found


# For each role some sentences to search with, and some with other words to test with.
ROLES: dict[str, tuple[list[Link], list[Link]]] = {
    "a verb's subject": (
        _subjects("cat/dog king/lady horse/bird", "ate slept ran"),
        _subjects("teacher/child wolf/bear doctor/nurse", "laughed jumped left"),
    ),
    "an object's verb": (
        _objects("gave/sang/singing sent/slept/sleeping showed/ran/running", "ring book car"),
        _objects(
            "bought/laughed/laughing brought/danced/dancing made/spoke/speaking", "watch chair cake"
        ),
    ),
    "a pronoun's name": (
        _pronouns("John/Mary Tom/Anna Peter/Sarah", "met saw called"),
        _pronouns("James/Lisa Paul/Emma David/Susan", "helped left found"),
    ),
    "a name": (
        _entities("Anna/doctor London/city Peter/teacher", "met saw liked"),
        _entities("Paul/driver Paris/village Emma/nurse", "called left loved"),
    ),
}
