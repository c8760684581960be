"""The texts that the course reads with all-MiniLM-L6-v2, and how the reference library reads them.

    minilm = load_minilm()       the published model; where its weights are nowhere to be found, what was prepared
    theirs = load_reference()    the numbers of the reference library, in either case

So our own code can be compared where that library is not, and the notebooks run where the weights are not.
"""

import functools
import json

from safetensors.torch import load

from helpers import course_text, pretrained
from helpers.arguments import expect_strings, expect_type
from helpers.datasets import read_file

FILE = "minilm.safetensors"

BIG_DOG = "The big red dog chased the small cat"
TIRED = "The animal didn't cross the street because it was too tired."
WIDE = "The animal didn't cross the street because it was too wide."
PIECES = "Naïve café: IDRIS teaches Transformers!"
EXACT = (BIG_DOG, TIRED, PIECES)  # kept to the last bit, with hidden states: these are compared with ours
OTHERS = (WIDE, "The big red dog", "The dog is big and the cat is small", "Time flies like an arrow")

# Adjectives and their nouns; half of the texts to find a head with, half to see whether it was luck.
TO_FIND = {
    "An old man sat on a wooden bench": "old man, wooden bench",
    "She wore a long black coat": "long coat, black coat",
    "The hungry young bird found a green leaf": "hungry bird, young bird, green leaf",
    "We drank cold fresh water from a deep well": "cold water, fresh water, deep well",
    "A tall dark tower stood near the narrow river": "tall tower, dark tower, narrow river",
    "The strong young farmer has a big old barn": "strong farmer, young farmer, big barn, old barn",
}
TO_CHECK = {
    "He bought a cheap used car": "cheap car, used car",
    "The quiet little village has an empty church": "quiet village, little village, empty church",
    "A strong cold wind moved the heavy door": "strong wind, cold wind, heavy door",
    "They cooked a simple warm meal in the dirty kitchen": "simple meal, warm meal, dirty kitchen",
    "My new blue shirt has a broken button": "new shirt, blue shirt, broken button",
    "The rich old woman sold her large white house": "rich woman, old woman, large house, white house",
}
SENTENCES = (*EXACT, *OTHERS, *TO_FIND, *TO_CHECK)
SPELLED_HEAD = 3, 9  # the head whose queries and keys are kept, for BIG_DOG

# The first two share a meaning and no word, the first and the last a word and no meaning.
BANKS = (
    "My bank raised its interest rate",
    "Borrowing money has become more expensive",
    "We had lunch on the river bank",
)

# What can be searched without the weights: questions, and a line about each notebook.
QUESTIONS = (
    "Why are big numbers divided before the softmax?",
    "How do I keep the future out of my training data?",
    "My network forgets what it read at the beginning",
    "Can a computer see a picture as a sequence?",
)
LIBRARY = (
    "Split a time series by time, not at random, or the model is tested on what it has seen.",
    "A naive forecast repeats the last value; every model stands beside it.",
    "A recurrent neuron reads its own last output together with the next input.",
    "The gradient shrinks or grows with every step back through time.",
    "LSTM and GRU have gates that decide what to keep and what to forget.",
    "A word becomes a vector; words with similar company lie near each other.",
    "A word that the vocabulary does not have is cut into pieces.",
    "Attention: each word takes a weighted mixture of all the words.",
    "Scores are divided by the root of the width, or the softmax chooses one word too early.",
    "Several heads look at the same sentence, each for a link of its own.",
    "A Transformer block: attention, a small network for each word, residuals and norms.",
    "Without positions a Transformer does not know the order of the words.",
    "A causal mask lets each word see only what came before it.",
    "The encoder reads, the decoder writes, cross-attention joins them.",
    "A photograph is cut into patches, and the patches are read like words.",
    "Published weights, loaded into our own code, give the published numbers.",
    "Three-line tests catch a mask that is upside down or a peek into the future.",
    "Bring a table of your own, forecast it, and compare with the naive forecast.",
)
EMBEDDED = (*SENTENCES, *BANKS, *QUESTIONS, *LIBRARY)  # texts whose vectors are kept


@functools.cache
def load_reference():
    """What the reference library computed for SENTENCES; later calls return the same object."""
    return Prepared()


def load_minilm():
    """The published model if its weights are here; otherwise say so and return what was prepared.

    Raises:
        ValueError: the weights are here and damaged.
    """
    try:
        return pretrained.load_minilm()
    except FileNotFoundError as error:
        print(f"{error}.\nUntil then, {len(SENTENCES)} prepared sentences stand in for the model.")
        return load_reference()


def library(reader):
    """What can be searched with a reader: every passage of the course, or the lines that were prepared."""
    if not hasattr(reader, "embed"):
        raise TypeError(f"reader: expected what load_minilm() returns, got {reader!r:.60}")
    if isinstance(reader, Prepared):
        return [course_text.Passage("prepared", "", line) for line in LIBRARY]
    return course_text.passages()


class Prepared:
    """Answers as `pretrained.MiniLM` does, for the texts that were prepared; what is handed out is a copy.

    Attributes:
        sentences: the texts that `heads` and `read` know.
    """

    sentences = SENTENCES

    def __init__(self):
        content = read_file(FILE)
        self._arrays = load(content)
        header = content[8 : 8 + int.from_bytes(content[:8], "little")]  # safetensors: its length, then JSON
        self._tokens = json.loads(json.loads(header)["__metadata__"]["tokens"])

    def __repr__(self):
        return f"Prepared({len(SENTENCES)} sentences of all-MiniLM-L6-v2)"

    def heads(self, text):
        """One text -> its tokens and every head's weights (layer, head, seq, seq), as MiniLM.heads."""
        i = self._place(SENTENCES, text)
        return list(self._tokens[i]), self._arrays[f"weights_{i}"].float().clone()

    def read(self, text):
        """One text -> hidden states (1, seq, 384) and weights (layer, 1, head, seq, seq), as MiniLM.read."""
        i = self._place(EXACT, text)
        return self._arrays[f"hidden_{i}"][None].clone(), self._arrays[f"weights_{i}"][:, None].clone()

    def query_key(self, text, layer, head):
        """One text -> tokens, query (seq, 32), key (seq, 32), as MiniLM.query_key; one head of one text is kept."""
        for name, number, kept in zip(("layer", "head"), (layer, head), SPELLED_HEAD, strict=True):
            if type(number) is not int or number != kept:
                raise ValueError(f"{name}: only {kept} is prepared, got {number!r:.40}")
        i = self._place((BIG_DOG,), text)
        return list(self._tokens[i]), *self._arrays["query_key"].clone()

    def embed(self, texts):
        """Texts -> one vector of length 1 for each (batch, 384), as MiniLM.embed."""
        texts = [texts] if isinstance(texts, str) else expect_strings("texts", texts)
        rows = [self._place(EMBEDDED, text) for text in texts]
        return self._arrays["vectors"][rows]

    def _place(self, known, text):
        expect_type("text", text, str)
        if text not in known:
            raise ValueError(
                f'"{text:.60}" is not among the {len(known)} prepared texts, such as "{known[0]}"; to read any text, '
                f"get the model: {pretrained.INSTALL}"
            )
        return known.index(text)
