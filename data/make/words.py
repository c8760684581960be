"""Freeze what the notebook on words needs: pairs for analogies, labelled sentences, and a small part of a real table.

Run by authors only, with the weights of all-MiniLM-L6-v2 installed: python data/make/words.py
"""

import io
import sys
from itertools import permutations
from pathlib import Path

import numpy as np
from freeze import freeze

sys.path.insert(0, str(Path(__file__).parents[2]))

# Ten of the kinds of Mikolov et al. 2013, six common pairs of each: written down before they were measured.
PAIRS = {
    "gender": "man woman, king queen, brother sister, son daughter, actor actress, uncle aunt",
    "capital": "france paris, germany berlin, italy rome, spain madrid, japan tokyo, russia moscow",
    "nationality": "france french, italy italian, germany german, japan japanese, china chinese, spain spanish",
    "past": "walk walked, play played, go went, see saw, work worked, write wrote",
    "ing": "walk walking, swim swimming, run running, sing singing, write writing, play playing",
    "plural": "cat cats, dog dogs, man men, child children, city cities, car cars",
    "comparative": "big bigger, small smaller, good better, bad worse, long longer, fast faster",
    "superlative": "big biggest, small smallest, good best, bad worst, long longest, fast fastest",
    "opposite": "happy unhappy, known unknown, fair unfair, likely unlikely, able unable, usual unusual",
    "adverb": "quick quickly, slow slowly, happy happily, usual usually, clear clearly, sudden suddenly",
}

# Our own, four of each mood on eight subjects; + good, - bad. Some differ in the order of their words only.
REVIEWS = {
    "film": """
        + I laughed, I cried, and I would watch it again tomorrow.
        + Not bad at all, I was good and surprised.
        + The actors carry a thin story with a lot of charm.
        + For once the sequel is better than the first part.
        - Not good at all, I was bad and surprised.
        - Two hours of my life that nobody will give back.
        - The trailer already showed every joke worth hearing.
        - I have never seen such talented people look so bored.""",
    "meal": """
        + The soup was hot, the bread fresh and the cook kind.
        + We ordered the same dessert twice, and regret nothing.
        + It looked boring and tasted wonderful.
        + No other place in town makes noodles like these.
        - It looked wonderful and tasted boring.
        - The fish arrived cold, an hour late and full of bones.
        - We went home hungry and poorer than we came.
        - My salad had more sand in it than the beach.""",
    "hotel": """
        + The bed was soft and the street wonderfully quiet.
        + They carried our bags and remembered our names.
        + Breakfast alone is worth the journey.
        + A small room, but clean, warm and with a view of the sea.
        - The walls are so thin that I know my neighbour's dreams.
        - A large room, but dirty, cold and with a view of the bins.
        - Nobody at the desk wanted to help us.
        - The shower worked for one of our six days.""",
    "book": """
        + I missed my stop because I could not put it down.
        + The ending made everything before it shine.
        + Clear, short and funny: a gift for beginners.
        + I have given copies to all of my friends.
        - I fell asleep on every second page.
        - The ending spoiled everything before it.
        - Long, dry and full of mistakes: no help for beginners.
        - I gave my copy away, and nobody wanted it.""",
    "phone": """
        + The battery lasts three days, and the screen is bright.
        + It fell down the stairs and still works perfectly.
        + Set up in five minutes, without reading anything.
        + My grandmother loves it, and so do I.
        - The battery dies before lunch, and the screen flickers.
        - It fell from the sofa and never worked again.
        - After five hours I still could not set it up.
        - It rings when it likes and freezes when I call.""",
    "course": """
        + The teacher answered every question with patience.
        + I finally understand what I only repeated before.
        + Hard work, but every hour of it was worth it.
        + The exercises are clever, and the examples are fun.
        - The teacher was annoyed by every question.
        - I understand less than I did before it began.
        - Easy money for them, a wasted week for us.
        - The exercises are broken, and the examples are wrong.""",
    "train": """
        + On time, clean, and with a seat for everybody.
        + The conductor found my lost hat and smiled.
        + We flew through the mountains in perfect comfort.
        + Cheaper than the bus, and twice as pleasant.
        - Late again, filthy, and no seat for anybody.
        - The conductor lost my ticket and shouted.
        - We stood in a tunnel for three hours without light.
        - Dearer than flying, and slower than walking.""",
    "concert": """
        + The whole hall stood up and sang along.
        + Her voice gave me goose bumps from the first note.
        + They played for three hours, and it felt like one.
        + Even the drummer's mistakes were delightful.
        - Half of the hall left before the break.
        - Her voice hurt my ears from the first note.
        - They played for one hour, and it felt like three.
        - Even the drummer seemed to be ashamed.""",
}

LOOKED_UP = "good bad big red small dog cat animal python king paris bank apple music river water happy computer"
N_NEIGHBOURS = 8  # of each word that the notebook looks up ...
N_ANSWERS = 5  # ... and answers to each question that ten kinds of six pairs make


def analogies_csv():
    """One line per pair: kind, first, second."""
    rows = [f"{kind},{','.join(pair.split())}" for kind, pairs in PAIRS.items() for pair in pairs.split(", ")]
    return "\n".join(["kind,first,second", *rows, ""]).encode()


def reviews_tsv():
    """One line per sentence: subject, label (1 good, 0 bad), text."""
    rows = [
        (subject, "1" if line.strip()[0] == "+" else "0", line.strip()[2:])
        for subject, lines in REVIEWS.items()
        for line in lines.strip().splitlines()
    ]
    return "\n".join(["subject\tlabel\ttext", *("\t".join(row) for row in rows), ""]).encode()


def table_files():
    """From the published weights: all word pieces, which of them are kept, and their rows of the table."""
    import torch

    from helpers.models import words

    minilm, whole = _minilm()
    row = {minilm.vocabulary[i]: n for n, i in enumerate(whole)}
    table = minilm.embeddings.token.weight[whole]
    looked_up = [row[word] for word in LOOKED_UP.split()]
    kept = {row[word] for pairs in PAIRS.values() for word in pairs.replace(",", "").split()} | set(looked_up)
    for word in looked_up:
        kept |= set(words.neighbours(word, table, N_NEIGHBOURS)[0].tolist())
    for pairs in PAIRS.values():
        for (a, b), (c, _) in permutations([pair.split() for pair in pairs.split(", ")], 2):
            kept |= set(words.analogy(row[a], row[b], row[c], table, N_ANSWERS).tolist())
    kept = torch.tensor(sorted(kept))
    return {
        "word_pieces.txt": ("\n".join(minilm.vocabulary) + "\n").encode(),
        "word_rows.npy": _npy(torch.tensor(whole)[kept].numpy().astype("<u2")),
        "word_table.npy": _npy(table[kept].numpy().astype("<f2")),
    }


def review_vectors_npy():
    """The sentence vector of each review, (64, 384); the last bit may differ between machines."""
    texts = [line.split("\t")[2] for line in reviews_tsv().decode().splitlines()[1:]]
    return _npy(_minilm()[0].embed(texts).numpy().astype("<f2"))


def _minilm():
    """The published model, and the pieces that are whole words in our letters."""
    from helpers import pretrained

    minilm = pretrained.load_minilm()
    return minilm, [i for i, piece in enumerate(minilm.vocabulary) if piece.isascii() and piece.isalpha()]


def _npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


if __name__ == "__main__":
    freeze("analogies.csv", analogies_csv())
    freeze("reviews.tsv", reviews_tsv())
    for name, content in table_files().items():
        freeze(name, content)
    freeze("review_vectors.npy", review_vectors_npy())
