"""What every model stands beside: forecasts without a network, and letters counted.

naive_mae, seasonal_naive_mae    repeat what was there a step, or a season, ago
RidgeForecast                    a straight line through the last few values
ngram_classifier                 letters in groups of 1 to 4, and a linear model: which language is this name?
NgramLanguageModel               the next letter, from counts
"""

import math
import random
from collections import Counter, defaultdict

import torch

from helpers.arguments import expect_count, expect_number, expect_strings, expect_type
from helpers.shapes import expect_finite, expect_shape

END = "\n"  # stands before and after every text; no text may contain it


def seasonal_naive_mae(x, season, start):
    """The mean error of "the same as one season ago": mean of |x[t] - x[t - season]| over t = start ... end.

    Args:
        x: (steps,)
        season: steps in a season.
        start: the first step that is forecast; at least `season`, or there would be nothing to repeat.

    Returns:
        float, in the unit of x.

    Raises:
        ValueError: a season below 1, or a start before the first whole season or after the end.

    >>> seasonal_naive_mae(torch.tensor([1.0, 5.0, 2.0, 9.0]), season=2, start=2)
    2.5
    """
    expect_finite("x", x)
    steps = expect_shape("x", x, "steps")["steps"]
    season, start = expect_count("season", season), expect_count("start", start, least=0)
    if not season <= start < steps:
        raise ValueError(f"start: expected between {season} (one season) and {steps - 1} (the last step), got {start}")
    return (x[start:] - x[start - season : steps - season]).abs().mean().item()


def naive_mae(x, horizon, start):
    """The mean error of "nothing changes": every forecast repeats the value `horizon` steps before it.

    The arithmetic of seasonal_naive_mae, with another choice: there one picks the season, here the horizon is given.
    """
    return seasonal_naive_mae(x, expect_count("horizon", horizon), start)


class RidgeForecast:
    """A straight line through the last values: y = sum over lags and features of weight * value, plus a constant.

    Args:
        alpha: how strongly large weights are held back; the inputs are scaled first, on what it is fitted to.
    """

    def __init__(self, alpha=1.0):
        from sklearn.linear_model import Ridge  # here: every widget and check would wait seconds for scikit-learn
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        expect_number("alpha", alpha, least=0)
        self.model, self.sizes = make_pipeline(StandardScaler(), Ridge(alpha=alpha)), {}

    def fit(self, X, y):
        """X (windows, length, features) and y (windows, features), as make_windows gives them; returns itself."""
        expect_finite("X", X)
        expect_finite("y", y)
        self.sizes = expect_shape("X", X, "windows length features")
        windows = self.sizes.pop("windows")
        expect_shape("y", y, "windows features", windows=windows)
        self.model.fit(X.flatten(start_dim=1).numpy(), y.numpy())
        return self

    def predict(self, X):
        """(windows, length, features) -> (windows, features)."""
        if not self.sizes:
            raise ValueError("The model has seen no windows yet: call fit(X, y) first")
        expect_finite("X", X)
        expect_shape("X", X, "windows length features", **self.sizes)
        forecast = torch.from_numpy(self.model.predict(X.flatten(start_dim=1).numpy()))
        return forecast.reshape(len(X), -1).to(X.dtype)


def ngram_classifier():
    """Which language? Groups of 1 to 4 letters, weighted by rarity, and a linear model: a scikit-learn pipeline.

    fit(texts, labels), predict(texts), score(texts, labels). Source: the usual first thing to try; Cavnar and Trenkle
    1994 told languages apart by such counts. Capitals are kept: which words have one differs between languages.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), lowercase=False, sublinear_tf=True)
    return make_pipeline(letters, LinearSVC(random_state=0))


class NgramLanguageModel:
    """The next letter, from counts of what followed the last n - 1 letters.

    P(letter | context) = (count + kinds * P(letter | context without its first letter)) / (total + kinds),
    where kinds is how many different letters followed the context: the more there were, the less the counts are
    trusted. At the bottom every known letter, and one for all unknown ones, is equally likely.

    Source: Witten and Bell 1991, interpolated.

    Args:
        n: letters in a group, the predicted one included.
    """

    def __init__(self, n=5):
        self.n = expect_count("n", n)
        self.counts = defaultdict(Counter)

    def fit(self, texts):
        """Count the letters of a list of strings; returns itself."""
        texts = expect_strings("texts", texts)
        if not texts:
            raise ValueError("texts: expected at least one to count in, got none")
        for text in texts:
            if END in text:
                raise ValueError(f"texts: {text!r} has a line break in it, which marks the end of a text here")
            for context, letter in self._steps(text):
                for length in range(len(context) + 1):
                    self.counts[context[len(context) - length :]][letter] += 1
        return self

    def probability(self, letter, context):
        """P(letter | context); over all known letters, and one unknown, it sums to 1."""
        self._check_fitted()
        expect_type("letter", letter, str)
        expect_type("context", context, str)
        if len(letter) != 1:
            raise ValueError(f"letter: expected one letter, got {letter!r:.40}")
        context = context[len(context) - min(self.n - 1, len(context)) :]
        if context and context not in self.counts:
            return self.probability(letter, context[1:])
        seen = self.counts[""] if not context else self.counts[context]
        shorter = self.probability(letter, context[1:]) if context else 1 / (len(self.counts[""]) + 1)
        return (seen[letter] + len(seen) * shorter) / (seen.total() + len(seen))

    def nats_per_letter(self, texts):
        """The mean of -log P over all letters and ends: 0 for a prophet, log of the alphabet's size for a dice."""
        self._check_fitted()
        texts = expect_strings("texts", texts)
        if not texts:
            raise ValueError("texts: expected at least one, got none")
        losses = [
            -math.log(self.probability(letter, context)) for text in texts for context, letter in self._steps(text)
        ]
        return sum(losses) / len(losses)

    def invent(self, seed, longest=40):
        """One new text, letter by letter, each drawn by its probability."""
        self._check_fitted()
        seed, longest = expect_count("seed", seed, least=0), expect_count("longest", longest)
        draw, letters, text = random.Random(seed), sorted(self.counts[""]), END
        while len(text) <= longest:
            letter = draw.choices(letters, [self.probability(letter, text) for letter in letters])[0]
            if letter == END:
                break
            text += letter
        return text[1:]

    def _steps(self, text):
        padded = END + text + END
        return ((padded[max(0, i - self.n + 1) : i], padded[i]) for i in range(1, len(padded)))

    def _check_fitted(self):
        if not self.counts:
            raise ValueError("The model has seen no text yet: call fit(texts) first")
