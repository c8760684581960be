"""Write down the two tables of the introduction's second slide: python data/make/slides.py."""

from freeze import freeze

ASSETS = """\
asset,day 1,day 2,day 3
asset 1,9.77,79.94,64.13
asset 2,47.66,74.07,70.90
asset 3,94.25,76.34,99.95
asset 4,41.19,9.99,89.50
asset 5,65.44,63.79,67.14
"""

WORDS = """\
I,0.83,-0.53,0.24,-0.31,-0.53,-0.34,-0.79,-0.23,0.95,-0.60
am,0.65,0.81,-0.14,0.32,0.50,-0.85,0.53,-0.13,0.53,0.04
learning,-0.90,-0.61,0.58,0.37,-0.96,0.19,-0.31,0.33,0.74,-0.96
.,-0.04,-0.12,0.66,-0.11,0.48,-0.78,-0.28,0.45,-0.24,-0.96
"""

if __name__ == "__main__":
    freeze("assets.csv", ASSETS.encode())
    freeze("words.csv", WORDS.encode())
