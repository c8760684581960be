"""Make a sound: three plucked strings, one after the other. Standard library only: python data/make/sound.py.

Each string is Karplus and Strong's (1983): a loop of noise as long as one period; every sample that leaves the loop is
replaced by the mean of itself and its successor, so high tones die first, as on a real string.
"""

import array
import io
import random
import sys
import wave

from freeze import freeze

RATE = 8000  # samples per second
PERIODS = 36, 29, 24  # samples: 222, 276 and 333 Hz, nearly a major chord
SECONDS_BETWEEN, SECONDS = 0.4, 2.0


def samples():
    """2 seconds of 16-bit sound: a list of 16,000 whole numbers."""
    noise = random.Random(0)
    mix = [0.0] * int(RATE * SECONDS)
    for string, period in enumerate(PERIODS):
        loop = [noise.uniform(-1, 1) for _ in range(period)]
        for t in range(int(string * SECONDS_BETWEEN * RATE), len(mix)):
            mix[t] += loop[0]
            loop.append(0.498 * (loop[0] + loop[1]))  # a little under the mean: some energy is lost each time
            del loop[0]
    loudest = max(abs(value) for value in mix)
    return [round(32_000 * value / loudest) for value in mix]


def plucks_wav():
    """The samples as a WAV file, mono."""
    values = array.array("h", samples())
    if sys.byteorder == "big":
        values.byteswap()  # WAV is little-endian everywhere
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, RATE, len(values), "NONE", "not compressed"))
        sound.writeframes(values.tobytes())
    return file.getvalue()


if __name__ == "__main__":
    freeze("plucks.wav", plucks_wav())
