"""A museum of real bugs, rebuilt small, and the tests that find them.

properties    four tests that ask a model, without looking into it: True when the bug is there
parts         the right line of a model and the wrong ones, side by side
small         models out of these parts, of the course's own blocks
pipelines     the lines around a model, right and wrong, and the audits that find them
trained       three small tasks on which a bug shows what it costs
exhibits      all bugs: their lines, what finds them, what does not
mystery       models that do not tell what is wrong with them
"""
