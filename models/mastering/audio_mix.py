"""The same mixes and faults as mix.py, done on samples. Used for development and validation."""

import numpy as np
import scipy.fft

import features as F
from faults import GRID, Fault
from mix import STEMS, Mix, _pan_factors, _short_level, follow, k_power

RATE = 44100


def filter_curve(x, curve_db):
    """Zero-phase filtering of [n, 2] samples by a magnitude curve on faults.GRID."""
    n = len(x)
    size = scipy.fft.next_fast_len(n + 16384, real=True)
    freq = np.fft.rfftfreq(size, 1.0 / RATE)
    gain = np.interp(np.log(np.maximum(freq, 1.0)), np.log(GRID), curve_db)
    pad = np.zeros((size, x.shape[1]))
    pad[8192 : 8192 + n] = x
    y = scipy.fft.irfft(scipy.fft.rfft(pad, axis=0) * (10.0 ** (gain / 20.0))[:, None], size, axis=0)
    return y[8192 : 8192 + n]


def frames_of(x) -> F.Frames:
    """Band powers of [n, 2] samples."""
    return F.frames(x[:, 0], x[:, 1], RATE)


def dynamics(x, slope):
    """The level mapping of mix.dynamics_virtual on samples."""
    if slope == 1.0:
        return x
    level = _short_level(frames_of(x).short)
    ref = F.db(np.mean(10 ** (level / 10)))
    g = follow(level, slope, ref)
    at = np.arange(len(g)) * 512 + 512
    return x * (10.0 ** (np.interp(np.arange(len(x)), at, g) / 20.0))[:, None]


def mix_audio(stems, mix: Mix):
    """Samples [n, 2] of the mix of four int16 or float stems."""
    out = np.zeros((stems.shape[1], 2))
    for s in range(STEMS):
        x = stems[s].astype(np.float64)
        if not np.any(x):
            continue
        x /= np.abs(x).max()
        power = k_power(frames_of(x).long)
        g = np.sqrt(10.0 ** (mix.level_db[s] / 10.0) / power)
        a, b, w = _pan_factors(mix.pan[s], mix.width[s])
        mid, side = 0.5 * (x[:, 0] + x[:, 1]), 0.5 * (x[:, 0] - x[:, 1]) * w
        mid, side = a * mid + b * side, b * mid + a * side
        out += g * filter_curve(np.stack([mid + side, mid - side], axis=1), mix.curve[s])
    out = dynamics(out, mix.slope)
    g = 10.0 ** ((mix.loudness + 0.691) / 10.0) / (2 * k_power(frames_of(out).long))
    return out * np.sqrt(g)


def apply_fault(x, fault: Fault, eq_grid, rng):
    """All faults on samples; `eq_grid` is the equaliser fault on faults.GRID or None."""
    y = dynamics(x, fault.slope)
    mid, side = 0.5 * (y[:, 0] + y[:, 1]), 0.5 * (y[:, 0] - y[:, 1])
    if fault.width_low_db or fault.width_high_db:
        curve = np.where(
            GRID < 120.0, fault.width_low_db, np.where(GRID > 1000.0, fault.width_high_db, 0.0)
        )
        side = filter_curve(side[:, None], curve)[:, 0]
    if fault.rumble_hz:
        level = np.sqrt(10 ** (fault.rumble_db / 10) * np.mean(mid**2))
        spec = np.fft.rfft(rng.standard_normal(len(mid)))
        freq = np.fft.rfftfreq(len(mid), 1.0 / RATE)
        spec *= np.sqrt(1.0 / (1.0 + (freq / fault.rumble_hz) ** 8)) * (freq > 10)
        noise = np.fft.irfft(spec, len(mid))
        mid = mid + noise * level / np.sqrt(np.mean(noise**2))
    y = np.stack([mid + side, mid - side], axis=1)
    return y if eq_grid is None else filter_curve(y, eq_grid)
