"""Freeze names of places and languages, and the ways to write a date, in 16 languages: Unicode CLDR through Babel.

Run by authors only, with Babel installed: python data/make/cldr.py
"""

import json
import random
from collections import Counter
from pathlib import Path

from freeze import freeze

# All in Latin letters, or it would be too easy.
LANGUAGES = ["cs", "da", "de", "en", "es", "et", "fi", "fr", "hu", "it", "nl", "pl", "pt", "ro", "sv", "tr"]
NO_ENTITY = {"ZZ", "XA", "XB", "und", "zxx", "mul", "root"}  # codes for "unknown", "several", and test locales
LONGEST = 40  # characters; the few longer names would only make every batch wider
PARTS = ("train", 0.7), ("validation", 0.1), ("test", 0.2)  # shares of the entities


def names_tsv():
    """One line per name: name, language, kind, entity, part.

    Dropped: a name that two languages spell alike (no answer would be right) or that one language gives to two
    entities (it could stand on both sides). Each entity, with all its names, stands in exactly one part.
    """
    rows = [row for language in LANGUAGES for row in _names_of(language)]
    spelled = Counter(name.casefold() for name, *_ in rows)
    rows = [row for row in rows if spelled[row[0].casefold()] == 1]
    part = _parts(sorted({entity for *_, entity in rows}))
    lines = ["\t".join((*row, part[row[-1]])) for row in sorted(rows, key=lambda row: (row[1], row[3], row[0]))]
    return "\n".join(["name\tlanguage\tkind\tentity\tpart", *lines, ""]).encode()


def _names_of(language):
    from babel import Locale

    locale = Locale(language)
    for kind, table in ("place", locale.territories), ("language", locale.languages):
        # "British English" belongs with "English", so en_GB counts as the entity en; a set, as both may read the same
        found = {(name, f"{kind}:{code.split('_')[0]}") for code, name in table.items() if code not in NO_ENTITY}
        for name, entity in sorted(found):
            plain = not any(character.isdigit() or character in "()" for character in name)
            if plain and 2 < len(name) <= LONGEST:
                yield name, language, kind, entity


def _parts(entities):
    random.Random(0).shuffle(entities)
    part, start, share = {}, 0, 0.0
    for name, fraction in PARTS:
        share += fraction
        stop = round(share * len(entities))
        part |= dict.fromkeys(entities[start:stop], name)
        start = stop
    return part


def dates_json():
    """Per language: the names of the months and weekdays, and the patterns that write the month in letters."""
    from babel import Locale

    table = {}
    for language in LANGUAGES:
        locale = Locale(language)
        patterns = {style: locale.date_formats[style].pattern for style in ("medium", "long", "full")}
        weekdays = "stand-alone" if "cccc" in patterns["full"] else "format"
        table[language] = {
            "MMMM": [locale.months["format"]["wide"][month] for month in range(1, 13)],
            "MMM": [locale.months["format"]["abbreviated"][month] for month in range(1, 13)],
            "EEEE": [locale.days[weekdays]["wide"][day] for day in range(7)],  # Monday first
            "patterns": {s: p.replace("cccc", "EEEE") for s, p in patterns.items() if "MMM" in p},
        }
    return (json.dumps(table, ensure_ascii=False, indent=1) + "\n").encode()


def licence():
    """The notice that CLDR asks to be kept with its data."""
    import babel

    return Path(babel.__file__).with_name("locale-data").joinpath("LICENSE.unicode").read_bytes()


if __name__ == "__main__":
    freeze("names.tsv", names_tsv())
    freeze("dates.json", dates_json())
    freeze("LICENSE-UNICODE.txt", licence())
