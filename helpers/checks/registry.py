"""All exercises, by name."""

from helpers.checks import (
    nb02_rnn_cell,
    nb02_rnn_forward,
    nb02_state_jacobian,
    nb02_truncated_gradient,
    nb04_analogy,
    nb05_attention,
    nb05_big_dog,
    nb05_softmax,
)

MODULES = (  # in the order of the course; a new module is added here
    *(nb02_rnn_cell, nb02_rnn_forward, nb02_state_jacobian, nb02_truncated_gradient),
    nb04_analogy,
    *(nb05_softmax, nb05_attention, nb05_big_dog),
)
EXERCISES = {exercise.name: exercise for module in MODULES for exercise in module.EXERCISES}
