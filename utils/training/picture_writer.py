"""A small GPT with an eye: it reads a picture as 16 patches, and writes what it shows, letter by
letter: "seven".

    writer = new_picture_writer(seed=0)
    writer.learn(digits("train"), steps=200, seed=0)
    writer.write(digits("test").images[:3])

A patch becomes a token's vector by one linear layer, where a letter has a row of the embedding. From
there on patches and letters are the same to the model. As Dosovitskiy et al. (arXiv:2010.11929) for
the patches, and Liu et al. (arXiv:2304.08485) for the layer between an eye and a language model.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from utils.data.mnist import Digits
from utils.data.patches import SIZE, from_patches, to_patches
from utils.loading.checkpoint import open_safetensors, write_safetensors
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.narrow_start import start_larger
from utils.seeding import seeded
from utils.training.batches import Batch
from utils.training.history import History
from utils.training.loop import train
from utils.training.losses import token_losses
from utils.training.short_training import short_training

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
BEGIN, END = "^", "$"
SYMBOLS = BEGIN + END + "".join(sorted(set("".join(WORDS))))
SIDE, PATCHES = 28, 16  # pixels along a picture; patches in it
_LONGEST = max(map(len, WORDS)) + 2  # of a word with its marks
_FORMAT, _TIED = "glass-box picture writer 1", "gpt.unembed.weight"


def encode(word: str) -> list[int]:
    """The ids of a word, its beginning and its end marked."""
    return [SYMBOLS.index(letter) for letter in BEGIN + word + END]


class PictureWriter(nn.Module):
    """`eye` makes a vector of each patch, `gpt` reads these and then letters. `order`: in which the
    patches are read, both while it learns and while it writes.
    """

    order: Tensor

    def __init__(self, gpt: GPT, order: Sequence[int] = tuple(range(PATCHES))):
        super().__init__()
        self.gpt = gpt
        self.eye = nn.Linear(SIZE * SIZE, gpt.config.d_model)
        self.register_buffer("order", torch.tensor(order))

    def forward(
        self, images: Float[Tensor, "image pixel"], ids: Int64[Tensor, "image letter"]
    ) -> Float[Tensor, "image letter symbol"]:
        """The logits of the next letter after each letter."""
        patches = to_patches(images.view(-1, SIDE, SIDE))[:, self.order]
        seen, read = self.eye(patches), self.gpt.embed(ids)
        x = torch.cat([seen, read], dim=1)  # (image, patch and letter, d_model)
        positions = torch.arange(x.shape[1]).expand(len(x), -1)
        x = self.gpt.run_blocks(x + self.gpt.position_embed(positions), positions)
        logits: Tensor = self.gpt.unembed(self.gpt.final_norm(x[:, PATCHES:]))
        return logits

    def learn(self, data: Digits, *, steps: int, seed: int, batch_size: int = 64) -> History:
        """Train on pictures drawn at random; only the letters of their words are learned."""
        batches = DrawnPictures(data, batch_size, seed)
        config = short_training(steps, 3e-3, seed)
        return train(self, batches, config, loss=word_loss, progress=False)

    @torch.no_grad()
    def write(self, images: Float[Tensor, "image pixel"]) -> list[str]:
        """The word for each picture: the likeliest letter, one after the other."""
        ids = torch.full((len(images), 1), SYMBOLS.index(BEGIN))
        for _ in range(_LONGEST - 1):
            new = self(images, ids)[:, -1].argmax(dim=-1, keepdim=True)
            ids = torch.cat([ids, new], dim=1)
        texts = ["".join(SYMBOLS[id] for id in row) for row in ids[:, 1:].tolist()]
        return [text.split(END)[0] for text in texts]

    @torch.no_grad()
    def first_letters(self, images: Float[Tensor, "image pixel"]) -> Float[Tensor, "image symbol"]:
        """The probability of each symbol as the first letter."""
        ids = torch.full((len(images), 1), SYMBOLS.index(BEGIN))
        chances: Tensor = self(images, ids)[:, -1].softmax(dim=-1)
        return chances

    def share_right(self, data: Digits) -> float:
        """The share of pictures for which the whole word is right."""
        pairs = zip(self.write(data.images), data.labels.tolist(), strict=True)
        return sum(word == WORDS[label] for word, label in pairs) / len(data.labels)


class DrawnPictures:
    """Endless numbered batches: pictures, and their words as ids, of which the letters and the end
    are learned.
    """

    def __init__(self, data: Digits, batch_size: int, seed: int):
        self.data, self.batch_size, self.seed = data, batch_size, seed
        rows = [encode(word) for word in WORDS]
        # what fills a row up is not learned
        self._ids = torch.tensor([row + [row[-1]] * (_LONGEST - len(row)) for row in rows])
        lengths = torch.tensor([len(row) for row in rows])[:, None]
        places = torch.arange(_LONGEST)
        self._learn = (places > 0) & (places < lengths)

    def __getitem__(self, number: int) -> Batch:
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + number)
        rows = torch.randint(len(self.data.labels), (self.batch_size,), generator=rng)
        labels = self.data.labels[rows]
        return {
            "images": self.data.images[rows],
            "ids": self._ids[labels],
            "learn": self._learn[labels],
        }


def word_loss(model: nn.Module, batch: Batch) -> tuple[Float[Tensor, ""], int]:
    """The sum of -log P over the letters to learn, in nats, and how many there are."""
    ids, learn = batch["ids"], batch["learn"][:, 1:]
    losses = token_losses(model(batch["images"], ids[:, :-1]), ids[:, 1:])
    return losses.masked_fill(~learn, 0.0).sum(), int(learn.sum())


def shuffled(
    images: Float[Tensor, "image pixel"], order: Sequence[int]
) -> Float[Tensor, "image pixel"]:
    """The pictures with their patches in another order: the patch `order[n]` stands at place n."""
    patches = to_patches(images.view(-1, SIDE, SIDE))[:, list(order)]
    return from_patches(patches, SIDE).flatten(1)


def new_picture_writer(seed: int, order: Sequence[int] = tuple(range(PATCHES))) -> PictureWriter:
    """An untrained one of three blocks, its first weights drawn with `seed`; the caller's random
    numbers stay as they were. ValueError if `order` is none of the 16 patches.
    """
    if sorted(order) != list(range(PATCHES)):
        raise ValueError(f"{list(order)} is no order of the patches 0 to {PATCHES - 1}.")
    config = GPTConfig(
        vocab_size=len(SYMBOLS),
        context_length=PATCHES + _LONGEST,
        n_layer=3,
        n_head=4,
        d_model=48,
    )
    with seeded(seed):
        gpt = GPT(config)
        start_larger(gpt)
        return PictureWriter(gpt, order)


def save_picture_writer(path: Path, writer: PictureWriter) -> None:
    """Write the model as one safetensors file."""
    tensors = writer.state_dict()
    del tensors[_TIED]  # the embedding once more
    write_safetensors(path, tensors, {"format": _FORMAT})


def load_picture_writer(path: Path) -> PictureWriter:
    """The inverse. ValueError if the file is none of ours."""
    file = open_safetensors(path)
    if (file.metadata() or {}).get("format") != _FORMAT:
        raise ValueError(
            f"{path} is no picture writer of this course: make it with "
            "benchmarks/picture_word_runs.py."
        )
    writer = new_picture_writer(seed=0)
    tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    writer.load_state_dict({**tensors, _TIED: tensors["gpt.embed.weight"]})
    return writer
