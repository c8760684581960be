"""The class board: a JupyterHub service that counts what check() has said, for the instructor's projector.

catalogue, exercises.json   the exercises and their named mistakes, as the registry has them
report                      what a learner's notebook sends, and what is refused
store                       every report, in one SQLite file
classroom                   what the reports say about the class
service, pages, static      the addresses, the two pages and their live stream

`python -m board` serves, as JupyterHub starts it; `python -m board --delete` deletes the file. Needs only jupyterhub and
tornado, which come with it: no torch, no course environment.
"""
