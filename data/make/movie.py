"""Make a small moving picture, a ball that falls and bounces: python data/make/movie.py."""

import io

import numpy as np
from freeze import freeze

N_FRAMES, HEIGHT, WIDTH, RADIUS = 60, 24, 40, 2.5  # pixels
GRAVITY, BOUNCE = 0.25, 0.875  # pixels per frame per frame; the share of its speed the ball keeps


def frames():
    """uint8 (60, 24, 40): 0 is black, 255 white."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    x, y, speed_x, speed_y = 4.0, 4.0, 0.75, 0.0
    pictures = []
    for _ in range(N_FRAMES):
        distance = np.sqrt((columns - x) ** 2 + (rows - y) ** 2)
        pictures.append((255 * np.clip(RADIUS + 0.5 - distance, 0, 1)).astype(np.uint8))
        speed_y += GRAVITY
        x, y = x + speed_x, y + speed_y
        if y > HEIGHT - 1 - RADIUS:  # the floor
            y, speed_y = 2 * (HEIGHT - 1 - RADIUS) - y, -BOUNCE * speed_y
        if not RADIUS < x < WIDTH - 1 - RADIUS:  # a wall
            speed_x = -speed_x
    return np.stack(pictures)


def ball_npy():
    """The frames as a .npy file."""
    file = io.BytesIO()
    np.save(file, frames())
    return file.getvalue()


if __name__ == "__main__":
    freeze("ball.npy", ball_npy())
