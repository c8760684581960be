"""Freeze CO2 at Mauna Loa and the yearly sunspots from the public-domain copies inside statsmodels.

Run by authors only, with statsmodels installed: python data/make/series.py
"""

from freeze import freeze


def co2_csv():
    """Weekly CO2, 1958 to 2001: date, parts per million; a week without a measurement is left empty."""
    from statsmodels.datasets import co2

    ppm = co2.load_pandas().data["co2"]
    rows = (f"{day:%Y-%m-%d},{'' if value != value else f'{value:.1f}'}" for day, value in ppm.items())
    return "\n".join(["week,co2_ppm", *rows, ""]).encode()


def sunspots_csv():
    """Yearly mean sunspot number, 1700 to 2008."""
    from statsmodels.datasets import sunspots

    table = sunspots.load_pandas().data
    rows = (f"{int(year)},{number:.1f}" for year, number in zip(table["YEAR"], table["SUNACTIVITY"], strict=True))
    return "\n".join(["year,sunspots", *rows, ""]).encode()


if __name__ == "__main__":
    freeze("co2.csv", co2_csv())
    freeze("sunspots.csv", sunspots_csv())
