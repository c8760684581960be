"""All exercises, by name."""

from helpers.checks import (
    nb00_mean_of_rows,
    nb00_outer_sum,
    nb00_row_times_rows,
    nb01_chronological,
    nb01_groups,
    nb01_naive,
    nb01_scaler,
    nb01_windows,
    nb02_rnn_cell,
    nb02_rnn_forward,
    nb02_state_jacobian,
    nb02_truncated_gradient,
    nb03_generate,
    nb03_gru_cell,
    nb03_last_valid,
    nb03_lstm_cell,
    nb04_analogy,
    nb05_attention,
    nb05_big_dog,
    nb05_softmax,
    nb06_heads,
    nb06_multi_head,
    nb09_patch_embed,
    nb09_patchify,
)

MODULES = (  # in the order of the course; a new module is added here
    *(nb00_mean_of_rows, nb00_row_times_rows, nb00_outer_sum),
    *(nb01_naive, nb01_windows, nb01_groups, nb01_scaler, nb01_chronological),
    *(nb02_rnn_cell, nb02_rnn_forward, nb02_state_jacobian, nb02_truncated_gradient),
    *(nb03_last_valid, nb03_lstm_cell, nb03_gru_cell, nb03_generate),
    nb04_analogy,
    *(nb05_softmax, nb05_attention, nb05_big_dog),
    *(nb06_heads, nb06_multi_head),
    *(nb09_patchify, nb09_patch_embed),
)
EXERCISES = {exercise.name: exercise for module in MODULES for exercise in module.EXERCISES}
