"""The class board: a JupyterHub service that counts what check() has said, for the instructor's projector.

catalogue, exercises.json   the exercises and their named mistakes, as the registry has them
report                      what a learner's notebook sends, and what is refused
store                       every report, in one SQLite file
classroom                   what the reports say about the class
service, limit              the addresses, and how often one may ask
pages, static               the two pages, which fill themselves from a live stream

`python -m board` serves, as JupyterHub starts it; `python -m board --delete` deletes the file. It needs jupyterhub, and
tornado, which comes with it: neither torch nor the rest of the course.
"""
