"""A museum of real bugs, rebuilt small, and the tests that find them.

properties    four tests that ask a model, without looking into it: True when the bug is there
parts         the right line and the wrong ones, side by side
small         models out of these parts, of the course's own blocks
"""
