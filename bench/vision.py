"""Which digit is it? A Vision Transformer beside what is usual, on two splits -> data/results/vision.csv.

    python course.py bench vision              everything
    python course.py bench vision --fresh      the last fresh cut alone; the other rows stay

scikit-learn's 1,797 digits in three parts, the same for all models and seeds: 1,122 to train, 225 to choose settings
on, 450 to test. "other writers" cuts them in the order of the file, whose last part other people wrote; "random" deals
them out, each digit evenly.

How the settings were chosen: every model tries its SETTINGS on each split anew, with a seed that is not used again, and
keeps those that are best on validation (the first of equals). These are the rows of stage "choice". They have no test
score: choose() is never given the test images, so nothing can be tuned on them. Only then three seeds train with the
settings chosen, always for the same number of steps, and each is tested once. "less data": the same settings, with the
first quarter of the training images of "other writers". The ViT without positions takes the settings of the one with
them.

"fresh": can a Vision Transformer do better with more work? Which work is worth it has to be chosen too, and a test
that is looked at often is worth less. So this is another random cut, drawn once: on the 1,347 images that are not for
testing, SVM, CNN and ViT choose among their settings (networks also: how many steps, weight decay, and whether each
image is moved by a pixel in four directions), by the mean over three folds; with what was chosen, three seeds learn
from all 1,347, and the 450 test images are looked at once.

"fresh again": the same, when the first had been looked at, with one more idea to choose: whether an image that is
judged is moved, too, and the five answers are averaged (test-time augmentation). An idea that came after a test needs a
test of its own: this is a third random cut, also looked at once. (Images turned and stretched were tried on its folds,
and did worse.)

One process, one thread; about half an hour of processor time.
"""

import csv
import itertools
import statistics
import sys
import time
from functools import partial
from pathlib import Path

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.svm import SVC
from torch.nn import functional as F

from helpers.batches import Batches
from helpers.datasets import load_digits
from helpers.models.vision import SmallCNN, VisionConfig, VisionTransformer, image_accuracy, image_loss
from helpers.training import evaluate, fit, set_seed

TABLE = Path(__file__).parent.parent / "data/results/vision.csv"
COLUMNS = (
    *("stage", "split", "model", "settings", "seed", "images", "parameters"),
    *("validation", "test", "cpu_seconds"),
)
N_TRAIN, N_VALIDATION = 1122, 225
USUAL = {"learning_rate": 0.003, "n_steps": 600, "batch": 64, "weight_decay": 0.0}
SPLITS = "other writers", "random"
CHOICE, RACE = 10, (1, 2, 3)  # seeds
RATES = {"learning_rate": (0.003, 0.001)}
SETTINGS = {  # model -> name of a setting -> values to try
    "logistic regression": {"C": (0.1, 1.0, 10.0)},
    "SVM": {"C": (1.0, 10.0, 100.0)},
    "CNN": RATES,
    "ViT": RATES | {"position_std": (0.5, 0.02)},
}
BLIND = "ViT without positions"
MORE_WORK = {"learning_rate": (0.003,), "batch": (32,), "moved": (True, False), "weight_decay": (0.0, 0.1)}
AVERAGED = {"learning_rate": (0.003,), "batch": (32,), "moved": (True, False), "averaged": (True, False)}
FRESH = {  # name -> seed of the cut, and model -> settings
    "fresh": (
        2,
        {
            "SVM": SETTINGS["SVM"],
            "CNN": MORE_WORK | {"n_steps": (1500,)},
            "ViT": MORE_WORK | {"n_steps": (1500, 2500), "position_std": (0.5,)},
        },
    ),
    "fresh again": (
        3,
        {
            "SVM": SETTINGS["SVM"],
            "CNN": AVERAGED | {"n_steps": (1500,)},
            "ViT": AVERAGED | {"n_steps": (2000,), "position_std": (0.5,)},
        },
    ),
}
N_FOLDS = 3


def parts(split):
    """Images and labels of train, validation and test."""
    images, labels = load_digits()
    order = torch.arange(len(images))
    if split == "random":
        first, test = train_test_split(order, test_size=450, stratify=labels, random_state=0)
        train, validation = train_test_split(first, test_size=N_VALIDATION, stratify=labels[first], random_state=0)
        order = torch.cat([train, validation, test])
    cuts = [N_TRAIN, N_VALIDATION, len(order) - N_TRAIN - N_VALIDATION]
    return [(images[rows], labels[rows]) for rows in order.split(cuts)]


def moved(images, labels):
    """The images, and each of them moved by one pixel in four directions: five times as many, with their labels."""
    wide = F.pad(images, (1, 1, 1, 1))
    corners = (1, 1), (0, 1), (1, 0), (2, 1), (1, 2)
    return torch.cat([wide[:, :, top : top + 8, left : left + 8] for top, left in corners]), labels.repeat(len(corners))


def averaged_accuracy(model, batch):
    """The share of images that are right when the answers for the five moved copies of each are averaged."""
    image, label = batch
    copies, _ = moved(image, label)
    shares = model(copies)[0].softmax(dim=-1).unflatten(0, (-1, len(image)))
    return (shares.mean(dim=0).argmax(dim=-1) == label).float().mean()


def learn(model, train, seed, **settings):
    """Train one model -> a function (images, labels) -> accuracy, and how many numbers it learned."""
    images, labels = train
    if model in ("logistic regression", "SVM"):
        kind = SVC(**settings) if model == "SVM" else LogisticRegression(max_iter=5000, **settings)
        kind.fit(images.flatten(1).numpy(), labels.numpy())
        learned = kind.dual_coef_.size + kind.support_vectors_.size if model == "SVM" else kind.coef_.size + 10
        return lambda images, labels: kind.score(images.flatten(1).numpy(), labels.numpy()), learned
    if settings.pop("moved", False):
        train = moved(*train)
    accuracy = averaged_accuracy if settings.pop("averaged", False) else image_accuracy
    set_seed(seed)
    rate, n_steps, batch, decay = (settings.pop(name, usual) for name, usual in USUAL.items())
    positions = model != BLIND
    network = SmallCNN() if model == "CNN" else VisionTransformer(VisionConfig(positions=positions, **settings))
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, n_steps)
    fit(network, image_loss, Batches(*train, size=batch), n_steps=n_steps, optimiser=optimiser, scheduler=scheduler)
    learned = sum(
        parameter.numel() for name, parameter in network.named_parameters() if positions or name != "position"
    )
    return lambda *pairs: evaluate(network, accuracy, Batches(*pairs, size=225, shuffle=False)), learned


def choose(model, pairs, note, settings=SETTINGS):
    """The settings that do best on validation, the first of equals.

    pairs: (train, validation), one pair or several; the mean over them counts.
    """
    names, scores = settings[model], {}
    for tried in itertools.product(*names.values()):
        settings = dict(zip(names, tried, strict=True))
        begin, found = time.process_time(), []
        for train, validation in pairs:
            score, learned = learn(model, train, CHOICE, **settings)
            found.append(score(*validation))
        seconds = (time.process_time() - begin) / len(pairs)
        scores[tried] = statistics.mean(found)
        note("choice", model, settings, CHOICE, len(train[0]), learned, scores[tried], float("nan"), seconds)
    return dict(zip(names, max(scores, key=scores.get), strict=True))


def race(model, settings, train, validation, test, note, stage="race"):
    """Train with settings that are chosen already, and test; once where nothing is random.

    Where validation is None, its images are among those to train on.
    """
    for seed in RACE if "learning_rate" in settings else RACE[:1]:
        begin = time.process_time()
        score, learned = learn(model, train, seed, **settings)
        seconds = time.process_time() - begin
        on_validation = float("nan") if validation is None else score(*validation)
        note(stage, model, settings, seed, len(train[0]), learned, on_validation, score(*test), seconds)


def fresh(seed, settings, note):
    """Another random cut: choose by folds of what is not for testing, learn from all of it, test."""
    images, labels = load_digits()
    rest, held_out = train_test_split(range(len(labels)), test_size=450, stratify=labels, random_state=seed)
    everything, test = ((images[rows], labels[rows]) for rows in (rest, held_out))
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed).split(*everything)
    pairs = [[tuple(part[rows] for part in everything) for rows in fold] for fold in folds]
    for model in settings:
        race(model, choose(model, pairs, note, settings), everything, None, test, note)


def main():
    """Choose, race, and write every row down as it comes; --fresh: the last fresh cut alone, beside the other rows."""
    torch.set_num_threads(1)
    rows, cuts = [], list(FRESH)
    if "--fresh" in sys.argv:
        cuts = cuts[-1:]
        with TABLE.open(newline="", encoding="utf-8") as file:
            rows = [tuple(row) for row in list(csv.reader(file))[1:] if row[1] not in cuts]

    def note(split, stage, model, settings, seed, n_images, learned, *scores):
        told = " ".join(f"{name}={value:g}" for name, value in settings.items())
        *accuracies, seconds = scores
        numbers = *(f"{accuracy:.4f}" for accuracy in accuracies), f"{seconds:.1f}"
        rows.append((stage, split, model, told, seed, n_images, learned, *numbers))
        print(*rows[-1], sep="  ", flush=True)
        with TABLE.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])

    for split in () if rows else SPLITS:
        train, validation, test = parts(split)
        write = partial(note, split)
        for model in SETTINGS:
            settings = choose(model, [(train, validation)], write)
            race(model, settings, train, validation, test, write)
            if model == "ViT":
                race(BLIND, settings, train, validation, test, write)
            if split == "other writers" and model in ("CNN", "ViT"):
                fewer = tuple(part[: N_TRAIN // 4] for part in train)
                race(model, settings, fewer, validation, test, write, stage="less data")
    for cut in cuts:
        fresh(*FRESH[cut], partial(note, cut))
    show([dict(zip(COLUMNS, row, strict=True)) for row in rows])


def show(rows):
    """Print a line for each model and split."""
    for split, model in itertools.product((*SPLITS, *FRESH), (*SETTINGS, BLIND)):
        mine = [row for row in rows if (row["stage"], row["split"], row["model"]) == ("race", split, model)]
        if not mine:
            continue
        means = (statistics.mean(float(row[part]) for row in mine) for part in ("validation", "test", "cpu_seconds"))
        print("{:14} {:22} validation {:.1%}  test {:.1%}  {:5.1f} s".format(split, model, *means))


if __name__ == "__main__":
    main()
