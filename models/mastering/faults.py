"""Equaliser shapes, the ten correction groups, and the faults with known inverse.

Responses are those of the analogue prototypes (bell and shelves of Bristow-Johnson's cookbook,
s-domain), which the product's equaliser also follows.
"""

import dataclasses

import numpy as np

import features as F

# The ten groups a correction may use: id, shape, hertz, Q. Order frozen by the contract.
GROUPS = (
    ("eq.sub", "low-shelf", 50.0, 0.7),
    ("eq.bass", "bell", 80.0, 1.2),
    ("eq.low", "bell", 160.0, 1.2),
    ("eq.warmth", "bell", 315.0, 1.2),
    ("eq.body", "bell", 630.0, 1.2),
    ("eq.mid", "bell", 1250.0, 1.2),
    ("eq.presence", "bell", 2500.0, 1.2),
    ("eq.edge", "bell", 5000.0, 1.2),
    ("eq.sheen", "bell", 9000.0, 1.2),
    ("eq.air", "high-shelf", 12000.0, 0.7),
)
# Bands over which a tonal error is counted: 31.5 Hz to 12.5 kHz.
JUDGED = slice(2, 29)


def response_db(shape: str, hz: float, gain_db, q: float, freq):
    """Magnitude in dB at `freq` of one analogue bell or shelf."""
    w = np.asarray(freq, dtype=np.float64) / hz
    a = 10.0 ** (gain_db / 40.0)
    s = 1j * w
    if shape == "bell":
        h = (s * s + s * (a / q) + 1) / (s * s + s / (a * q) + 1)
    elif shape == "low-shelf":
        h = a * (s * s + np.sqrt(a) / q * s + a) / (a * s * s + np.sqrt(a) / q * s + 1)
    else:
        h = a * (a * s * s + np.sqrt(a) / q * s + 1) / (s * s + np.sqrt(a) / q * s + a)
    return 20.0 * np.log10(np.abs(h))


# dB response of each group at +1 dB over the 30 bands (used linearly in the training loss).
SHAPES = np.stack([response_db(s, f, 1.0, q, F.CENTRES) for _, s, f, q in GROUPS])


def correction_db(gains, freq):
    """Exact response of a set of group gains."""
    return sum(response_db(s, f, g, q, freq) for (_, s, f, q), g in zip(GROUPS, gains) if g != 0.0)


def tonal_error(curve):
    """RMS in dB over the judged bands of a curve whose mean (a level) is taken out."""
    c = np.asarray(curve)[..., JUDGED]
    return np.sqrt(((c - c.mean(axis=-1, keepdims=True)) ** 2).mean(axis=-1))


# A dense grid, so that curves can be applied to real audio and averaged into bands.
GRID = 10.0 ** np.linspace(np.log10(16.0), np.log10(20000.0), 400)


def eq_fault(rng, freq=F.CENTRES, rms=None):
    """A random equaliser fault in dB at `freq`, scaled to `rms` dB (default: near 2)."""
    kind = rng.random()
    fine = np.zeros_like(GRID)
    x = np.log2(GRID / 632.0)
    if kind < 0.45:  # one to four bells and shelves, as a wrong hand on an equaliser leaves them
        for _ in range(rng.integers(1, 5)):
            g = rng.choice([-1.0, 1.0]) * rng.uniform(1.5, 6.0)
            hz = 10.0 ** rng.uniform(np.log10(40.0), np.log10(13000.0))
            kind2 = rng.random()
            shape = "bell" if kind2 < 0.7 else "low-shelf" if hz < 800 else "high-shelf"
            q = rng.uniform(0.5, 2.5) if shape == "bell" else 0.7
            fine += response_db(shape, hz, g, q, GRID)
    elif kind < 0.8:  # a smooth random curve
        for k in range(1, 9):
            fine += rng.normal(0, 1.0) * np.cos(np.pi * k * (x / 10.4 + 0.5)) / np.sqrt(k)
    elif kind < 0.9:  # one resonance
        hz = 10.0 ** rng.uniform(np.log10(120.0), np.log10(8000.0))
        fine += response_db("bell", hz, rng.uniform(4.0, 9.0), rng.uniform(3.0, 8.0), GRID)
        c = np.interp(np.log(freq), np.log(GRID), fine)
        return c, fine
    else:  # a tilt
        fine += x
    got = tonal_error(np.interp(np.log(F.CENTRES), np.log(GRID), fine))
    want = rms if rms is not None else rng.uniform(1.2, 3.0)
    fine = fine * want / max(got, 1e-6)
    return np.interp(np.log(freq), np.log(GRID), fine), fine


@dataclasses.dataclass
class Fault:
    """What was done wrong besides the equaliser (all zero: nothing)."""

    width_low_db: float = 0.0  # side gain below 120 Hz
    width_high_db: float = 0.0  # side gain above 1 kHz
    slope: float = 1.0  # of the level mapping: under 1 over-compressed, above 1 too dynamic
    rumble_hz: float = 0.0  # upper edge of added noise
    rumble_db: float = 0.0  # its level against the mix


def draw_fault(rng, untouched=0.5) -> Fault:
    """Random width, dynamics and rumble faults; none at all with probability `untouched`."""
    f = Fault()
    if rng.random() < untouched:
        return f
    if rng.random() < 0.4:
        f.width_low_db = float(rng.uniform(4, 14))
    if rng.random() < 0.4:
        f.width_high_db = float(rng.choice([-1, 1]) * rng.uniform(3, 9))
    u = rng.random()
    if u < 0.25:
        f.slope = float(rng.uniform(0.4, 0.75))
    elif u < 0.5:
        f.slope = float(rng.uniform(1.3, 1.8))
    if rng.random() < 0.35:
        f.rumble_hz = float(rng.uniform(18, 36))
        f.rumble_db = float(rng.uniform(-26, -8))
    return f
