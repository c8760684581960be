"""A forecast from a CSV file of one's own, honestly judged: what notebook 12 calls.

    settings = Settings("sales.csv", time="day", values=["sold"], length=28, horizon=7, season=7)
    reading = read(settings)           a series on an even grid, and how it was read
    task = Task(reading, settings)     windows in three parts
    race = run(task)                   five forecasts, compared on validation
    outcome = race.judge()             the test, once: a verdict against the forecast that needs no learning
    save(folder, outcome)              model, settings, table, page; load(folder) brings the model back

settings    what to change
table       a CSV of unknown make: encoding, separator, header
cells       words to numbers and times
grid        even steps
reading     all of it together, with a sentence for each doubt
task        windows, split with a gap, scaler
candidates  the five forecasts
race        who is best on validation, and what that is worth on the test
verdict     is a difference more than noise?
results     what is kept in a folder
"""

from helpers.forecasting.candidates import CANDIDATES, train
from helpers.forecasting.grid import show
from helpers.forecasting.race import run
from helpers.forecasting.reading import read
from helpers.forecasting.results import load, save
from helpers.forecasting.settings import Settings
from helpers.forecasting.task import Task

__all__ = ["CANDIDATES", "Settings", "Task", "load", "read", "run", "save", "show", "train"]
