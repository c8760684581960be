"""Which language is this name? RNN, GRU and LSTM at equal width and at equal parameters -> data/results/race.csv.

    python course.py bench race            what is missing in the table, then the table
    python course.py bench race again      everything anew

Ten passes over the names each. The learning rate is chosen on validation, with a seed of its own; then five seeds race.
Every run is written down as it ends, so that the race can be interrupted. One process, one thread; three
quarters of an hour of processor time.
"""

import statistics
import sys
import time
from pathlib import Path

import torch

from bench import _table
from helpers.baselines import ngram_classifier
from helpers.batches import Batches
from helpers.datasets import load_names
from helpers.models.letters import Alphabet, Reader, reading_accuracy, reading_loss
from helpers.training import evaluate, fit, set_seed

TABLE = Path(__file__).parent.parent / "data/results/race.csv"
COLUMNS = (
    *("stage", "model", "equal", "width", "learning_rate", "seed"),
    *("parameters", "validation", "test", "cpu_seconds", "megabytes"),
)
RATES = 0.003, 0.006, 0.012, 0.024
CHOICE, RACE = (0,), (1, 2, 3, 4, 5)  # seeds
WIDTH, N_EPOCHS, BATCH, WEIGHT_DECAY, CLIP = 128, 10, 64, 0.3, 1.0
CASES = (  # model, what it has in common with the LSTM of width 128
    ("RNN", "width"),
    ("GRU", "width"),
    ("LSTM", "width"),
    ("two-way LSTM", "width"),
    ("RNN", "parameters"),
    ("GRU", "parameters"),
    ("two-way LSTM", "parameters"),
)
PARTS = "train", "validation", "test"


def build(model, width, n_symbols, n_classes):
    """A Reader of that name and width."""
    kind = model.rpartition(" ")[2].lower()
    return Reader(kind, n_symbols, n_classes, d_hidden=width, two_way=model.startswith("two-way"))


def n_parameters(model):
    """How many numbers a model learns."""
    return sum(parameter.numel() for parameter in model.parameters())


def width_of(model, equal, sizes):
    """WIDTH, or the width that has nearly as many parameters as an LSTM of that width."""
    if equal == "width":
        return WIDTH
    target = n_parameters(build("LSTM", WIDTH, *sizes))
    return min(range(32, 513), key=lambda width: abs(n_parameters(build(model, width, *sizes)) - target))


def kept_for_backward(model, batch):
    """Megabytes of numbers that one training step stores until its backward pass, parameters apart."""
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept = {}

    def keep(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage()  # held, so that no address comes twice
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        reading_loss(model, batch)
    return sum(storage.nbytes() for address, storage in kept.items() if address not in own) / 1e6


def measure(names, model, equal, learning_rate, seed):
    """Train one model -> accuracies and costs."""
    alphabet = Alphabet(names.part("train")[0], at_least=2)
    train, validation, test = (
        Batches(*alphabet.encode(texts), labels, size=BATCH, shuffle=part == "train")
        for part in PARTS
        for texts, labels in [names.part(part)]
    )
    sizes = len(alphabet), len(names.languages)
    width = width_of(model, equal, sizes)
    set_seed(seed)
    reader = build(model, width, *sizes)
    megabytes = kept_for_backward(reader, tuple(tensor[:BATCH] for tensor in train.tensors))  # the same for all
    optimiser = torch.optim.AdamW(reader.parameters(), lr=learning_rate, weight_decay=WEIGHT_DECAY)
    begin = time.process_time()
    fit(
        reader,
        reading_loss,
        train,
        lambda reader: -evaluate(reader, reading_accuracy, validation),
        n_epochs=N_EPOCHS,
        optimiser=optimiser,
        scheduler=torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.01, N_EPOCHS * len(train)),
        clip=CLIP,
    )
    cpu_seconds = time.process_time() - begin
    accuracies = [evaluate(reader, reading_accuracy, batches) for batches in (validation, test)]
    return width, n_parameters(reader), *accuracies, cpu_seconds, megabytes


def count_ngrams(names):
    """Groups of letters and a linear model -> accuracies and costs."""
    model, train = ngram_classifier(), [list(part) for part in names.part("train")]
    begin = time.process_time()
    model.fit(*train)
    cpu_seconds = time.process_time() - begin
    scores = [model.score(*(list(part) for part in names.part(name))) for name in PARTS[1:]]
    coefficients = model[-1].coef_.size + model[-1].intercept_.size
    return 0, coefficients, *scores, cpu_seconds, 0.0


def run():
    """Do the runs that the table does not hold yet."""
    names, rows = load_names(), _table.read(TABLE)
    done = {tuple(row[column] for column in ("stage", "model", "equal", "learning_rate", "seed")) for row in rows}

    def once(stage, model, equal, learning_rate, seed):
        key = stage, model, equal, str(learning_rate), str(seed)
        if key in done:
            return
        ngrams = model == "n-grams"
        width, *costs = count_ngrams(names) if ngrams else measure(names, model, equal, learning_rate, seed)
        parameters, validation, test, seconds, megabytes = costs
        numbers = parameters, f"{validation:.4f}", f"{test:.4f}", f"{seconds:.1f}", f"{megabytes:.1f}"
        _table.add(TABLE, COLUMNS, [*key[:3], width, *key[3:], *numbers])

    once("race", "n-grams", "neither", 0, 1)
    for case in CASES:
        for rate in RATES:
            for seed in CHOICE:
                once("choice", *case, rate, seed)
    for seed in RACE:  # seed by seed, so that a busy hour of the machine meets all models alike
        for case in CASES:
            once("race", *case, chosen_rate(*case), seed)


def chosen_rate(model, equal):
    """The learning rate that was best on validation."""
    mine = [row for row in _table.read(TABLE) if (row["stage"], row["model"], row["equal"]) == ("choice", model, equal)]
    return float(max(mine, key=lambda row: float(row["validation"]))["learning_rate"])


def show():
    """Print the table, a line for each model."""
    for model, equal in (*CASES, ("n-grams", "neither")):
        mine = [
            row for row in _table.read(TABLE) if (row["stage"], row["model"], row["equal"]) == ("race", model, equal)
        ]
        test = [float(row["test"]) for row in mine]
        seconds = statistics.median(float(row["cpu_seconds"]) for row in mine)
        print(
            f"{model:13} equal {equal:10} width {mine[0]['width']:>3}  {int(mine[0]['parameters']):>7,} parameters"
            f"  rate {mine[0]['learning_rate']:>6}  test {statistics.mean(test):.1%} ± {statistics.pstdev(test):.1%}"
            f"  {seconds:5.1f} s  {mine[0]['megabytes']:>5} MB"
        )


def main(arguments):
    """Run the race and print the table."""
    torch.set_num_threads(1)
    if "again" in arguments:
        TABLE.unlink(missing_ok=True)
    run()
    show()


if __name__ == "__main__":
    main(sys.argv[1:])
