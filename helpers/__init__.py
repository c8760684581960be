"""The small package behind the notebooks. Importing it loads nothing: no torch, no matplotlib, no widgets.

arguments     checks of sizes, numbers and words: errors that name the argument and what came
shapes        the names of the axes, and checks of tensors
models        the networks, torch only: recurrent layers, attention, transformers for text and images
pretrained    the published all-MiniLM-L6-v2 weights in our own Encoder
prepared      the texts read with it, and how the reference library reads them
course_text   the notebooks' own text, to search in
vocabulary    its words with their vectors, pairs for analogies, small reviews
datasets      one loader per data set of data/, offline
tasks         synthetic tasks whose right answer is known
splits        windows, and splits that do not leak
baselines     naive forecasts, ridge on lags, character n-grams
batches       rows cut into batches
training      set_seed, pick_device, fit() -> History, evaluate
forecasting   a CSV of one's own: read, cut in time, forecast, judged
museum        real bugs rebuilt small, and the property tests that find them
plots         arrays in, matplotlib Axes out
checks        check(my_function) -> a Report that names the mistake; hint(), show_source(), progress()
widgets       AttentionMatrix, HeadsView and nine others: live in the browser, readable back from Python
projector     everything in a notebook larger, for the back row
workspace     the learner's own copies of the notebooks
start_page    what 00_start shows: the map, fresh copies, free memory (kernels), my work on one page (export)
quiz          eight questions at the end of the course

Who may import whom stands in docs/architecture.md and is held by tests/test_imports.py.
"""
