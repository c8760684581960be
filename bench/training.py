"""The three types of Transformer in training, five seeds each -> data/results/transformers.csv.

    python course.py bench training          what is missing in the table, then the table
    python course.py bench training again    everything anew

classify   which language is this name? An encoder; notebook 03's race has the others.
invent     a name in the language asked for: a decoder, and letters counted in groups, judged by the n-gram classifier.
translate  a date in words to ISO: an encoder-decoder, and two GRUs with attention between them or without.

The settings are notebook 08's. One process, one thread; ten minutes of processor time.
"""

import statistics
import sys
import time
from pathlib import Path

import torch

from bench import _table
from helpers.baselines import NgramLanguageModel, ngram_classifier
from helpers.batches import Batches
from helpers.datasets import load_dates, load_names
from helpers.models.generate import generate
from helpers.models.letters import Alphabet, reading_accuracy, reading_loss
from helpers.models.recurrent_translator import RecurrentTranslator
from helpers.models.text import Classifier, LanguageModel, Translator, translating_loss, writing_loss
from helpers.models.transformer import TransformerConfig
from helpers.training import evaluate, fit, set_seed

TABLE = Path(__file__).parent.parent / "data/results/transformers.csv"
COLUMNS = ("task", "model", "steps", "seed", "parameters", "cpu_seconds", "score", "new", "nats")
SEEDS = 1, 2, 3, 4, 5
D_MODEL, RATE = 64, 0.003
START, END = "<", ">"
PER_LANGUAGE, TEMPERATURE = 40, 0.7  # invented names that are judged
N_DAYS = {"train": 8000, "test": 1000}  # the 1,000 days between are left for trying settings
CASES = (  # task, model, steps of training
    ("translate", "Transformer", 750),
    ("translate", "GRU with attention", 750),
    ("translate", "GRU", 1500),
    ("classify", "encoder", 765),
    ("invent", "decoder", 1530),
    ("invent", "n-grams", 0),
    ("invent", "real names", 0),
)


def config(n_layers):
    """The course's small Transformer."""
    return TransformerConfig(D_MODEL, n_heads=4, n_layers=n_layers, d_ff=4 * D_MODEL, norm_first=True)


def one_cycle(model, loss, batches, n_steps):
    """Train with Adam, whose step size rises for a tenth of the steps and then falls -> processor seconds."""
    optimiser = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, n_steps, pct_start=0.1)
    begin = time.process_time()
    fit(model, loss, batches, n_steps=n_steps, optimiser=optimiser, scheduler=schedule)
    return time.process_time() - begin


def measured(model, seconds, score, new=float("nan"), nats=float("nan")):
    """The last columns of a row."""
    return sum(parameter.numel() for parameter in model.parameters()), seconds, score, new, nats


def classify(names, n_steps):
    """An encoder's accuracy on the test names."""
    alphabet = Alphabet(names.part("train")[0], at_least=2)
    (train, test), longest = (
        [(*alphabet.encode(texts), labels) for texts, labels in map(names.part, ("train", "test"))],
        max(map(len, names.names)),
    )
    model = Classifier(len(alphabet), longest, len(names.languages), config(n_layers=2))
    seconds = one_cycle(model, reading_loss, Batches(*train, size=32), n_steps)
    return measured(model, seconds, evaluate(model, reading_accuracy, Batches(*test, size=256, shuffle=False)))


def tokens(names, part):
    """Each name as a list of tokens: the language first, its letters, the end."""
    return [[f"<{names.languages[label]}>", *name, END] for name, label in zip(*names.part(part), strict=True)]


def judged(names, texts, labels):
    """The shares of names that the n-gram classifier takes for the language asked for, and that are new."""
    known, their_labels = names.part("train")
    judge = ngram_classifier().fit(known, their_labels.tolist())
    return judge.score(texts, labels.tolist()), sum(text not in known for text in texts) / len(texts)


def asked(names):
    """The languages in which names are to be invented, PER_LANGUAGE of each."""
    return torch.arange(len(names.languages)).repeat_interleave(PER_LANGUAGE)


def invent(names, n_steps):
    """A decoder's invented names, and its surprise at the test names."""
    alphabet = Alphabet(tokens(names, "train"), at_least=2)
    train, test = (alphabet.encode(tokens(names, part)) for part in ("train", "test"))
    longest = max(train[0].shape[1], test[0].shape[1])
    model = LanguageModel(len(alphabet), longest, config(n_layers=2))
    seconds = one_cycle(model, writing_loss, Batches(*train, size=32), n_steps)
    first = torch.tensor([alphabet.ids[f"<{code}>"] for code in names.languages])
    start, end = first[asked(names)][:, None], alphabet.ids[END]
    ids = generate(model, start, longest - 1, temperature=TEMPERATURE, end=end)
    invented = [alphabet.decode(row[1:]).rstrip(END) for row in ids]
    nats = evaluate(model, writing_loss, Batches(*test, size=len(test[0]), shuffle=False))
    return measured(model, seconds, *judged(names, invented, asked(names)), nats)


def count_letters(names, seed):
    """The same from counts: what followed the last four letters, for each language apart."""
    begin, invented, surprise, n_letters = time.process_time(), [], 0, 0
    for number in range(len(names.languages)):
        known, unseen = (_in_language(names, part, number) for part in ("train", "test"))
        model = NgramLanguageModel(5).fit(known)
        invented += [model.invent(PER_LANGUAGE * seed + i) for i in range(PER_LANGUAGE)]
        letters = sum(len(text) + 1 for text in unseen)  # its end counts as one
        surprise, n_letters = surprise + letters * model.nats_per_letter(unseen), n_letters + letters
    seconds = time.process_time() - begin
    return 0, seconds, *judged(names, invented, asked(names)), surprise / n_letters


def _in_language(names, part, number):
    return [text for text, label in zip(*names.part(part), strict=True) if label == number]


def days():
    """Dates in words and in ISO -> sources and lengths, targets, and both alphabets; rows are days in random order."""
    dates = load_dates()
    targets = [START + text + END for text in dates.target]
    read, write = Alphabet(dates.source[: N_DAYS["train"]]), Alphabet(targets[: N_DAYS["train"]])
    return (*read.encode(dates.source), write.encode(targets)[0]), read, write


def translate(model, n_steps):
    """The share of unseen days that come out right to the letter."""
    (source, lengths, target), read, write = days()
    sizes = len(read), len(write)
    if model == "Transformer":
        translator = Translator(*sizes, source.shape[1], config(n_layers=1))
    else:
        translator = RecurrentTranslator(*sizes, D_MODEL, attention=model == "GRU with attention")
    train, test = slice(N_DAYS["train"]), slice(-N_DAYS["test"], None)
    batches = Batches(source[train], lengths[train], target[train], size=16)
    seconds = one_cycle(translator, translating_loss, batches, n_steps)
    continued = translator.reader(source[test], lengths[test])
    written = generate(continued, target[test, :1], target.shape[1] - 1, temperature=0, cached=model == "Transformer")
    return measured(translator, seconds, (written == target[test]).all(dim=1).float().mean().item())


def run():
    """Do the runs that the table does not hold yet, seed by seed."""
    done, names = {(row["task"], row["model"], int(row["seed"])) for row in _table.read(TABLE)}, load_names()
    for seed in SEEDS:
        for task, model, n_steps in CASES:
            if (task, model, seed) in done or (model == "real names" and seed != SEEDS[0]):
                continue
            set_seed(seed)
            if task == "translate":
                numbers = translate(model, n_steps)
            elif model == "real names":
                numbers = 0, 0.0, *judged(names, *names.part("test")), float("nan")
            elif model == "n-grams":
                numbers = count_letters(names, seed)
            else:
                numbers = {"classify": classify, "invent": invent}[task](names, n_steps)
            parameters, seconds, *scores = numbers
            numbers = parameters, f"{seconds:.1f}", *(f"{score:.4f}" for score in scores)
            _table.add(TABLE, COLUMNS, [task, model, n_steps, seed, *numbers])


def show():
    """Print the table, a line for each model."""
    for task, model, n_steps in CASES:
        mine = [row for row in _table.read(TABLE) if (row["task"], row["model"]) == (task, model)]
        score, new, nats, seconds = (
            statistics.mean(float(row[c]) for row in mine) for c in ("score", "new", "nats", "cpu_seconds")
        )
        spread = statistics.pstdev(float(row["score"]) for row in mine)
        print(
            f"{task:10} {model:18} {n_steps:5} steps {int(mine[0]['parameters']):>8,} parameters {seconds:5.1f} s"
            f"  {score:6.1%} ± {spread:.1%}  new {new:6.1%}  {nats:.2f} nats"
        )


def main(arguments):
    """Train what is missing and print the table."""
    torch.set_num_threads(1)
    if "again" in arguments:
        TABLE.unlink(missing_ok=True)
    run()
    show()


if __name__ == "__main__":
    main(sys.argv[1:])
