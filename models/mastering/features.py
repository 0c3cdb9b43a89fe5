"""Mix features, version 1, as written in FEATURES.md. The Rust side computes the same numbers.

Two steps: `Frames` (band powers of mid, side and their product over time) from audio, and
`vector` (one row of 259 numbers) from frames. Virtual mixes of the training enter at the second.
"""

import dataclasses

import numpy as np

VERSION = 1
BANDS = 30
CENTRES = 1000.0 * 10.0 ** ((np.arange(BANDS) - 17) / 10.0)  # 19.95 Hz .. 15.85 kHz
COARSE_EDGES = np.array([40.0, 120.0, 500.0, 2000.0, 6000.0, 16000.0])
COARSE = 5
# Third-octave bands that belong to each coarse band (for the correlation figures).
COARSE_OF_BAND = np.clip(np.searchsorted(COARSE_EDGES, CENTRES) - 1, 0, COARSE - 1)
WINDOW_FRAMES = 32  # long hops in one window, about 3 s
SHORT_PER_LONG = 8
FLOOR = 1e-12
REL_FLOOR = 1e-8
SILENT_DB = -60.0
PCT = (10.0, 50.0, 90.0)

SIZES = {
    "tone": 30,
    "mid_pct": 90,
    "width": 30,
    "side_pct": 60,
    "correlation": 5,
    "crest": 5,
    "flux": 5,
    "crest_full": 1,
    "level_spread": 1,
    "tone_dev": 30,
    "level_dev": 1,
    "loudness": 1,
}
SLICES = {}
_at = 0
for _name, _n in SIZES.items():
    SLICES[_name] = slice(_at, _at + _n)
    _at += _n
TOTAL = _at


def k_weight_db(freq: np.ndarray) -> np.ndarray:
    """Gain in dB of the BS.1770-5 pre-filter pair at `freq` Hz (coefficients for 48 kHz, Annex 1)."""
    z = np.exp(-2j * np.pi * np.asarray(freq) / 48000.0)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return 20 * np.log10(np.abs(shelf * high))


K_POWER = 10.0 ** (k_weight_db(CENTRES) / 10.0)


@dataclasses.dataclass
class Frames:
    """Band powers. long: [T, 30, 3], short: [8T, 5, 3]; last axis = mid^2, side^2, mid*side."""

    long: np.ndarray
    short: np.ndarray

    def __add__(self, other: "Frames") -> "Frames":
        """Sum of two incoherent sources: cross terms are zero in expectation."""
        return Frames(self.long + other.long, self.short + other.short)


def fft_size(rate: float) -> int:
    """Length of the long transform: the power of two nearest (in log) to 8192 at 44.1 kHz."""
    return int(2 ** max(9, round(np.log2(8192.0 * rate / 44100.0))))


def bin_weights(n: int, rate: float, lo: np.ndarray, hi: np.ndarray) -> np.ndarray:
    """Share of each bin (width rate/n around its frequency) that lies inside each band."""
    df = rate / n
    k = np.arange(n // 2 + 1)[:, None]
    overlap = np.minimum((k + 0.5) * df, hi) - np.maximum((k - 0.5) * df, lo)
    return np.clip(overlap / df, 0.0, 1.0)


def _stft_power(mid, side, n, rate, lo, hi, count):
    hop = n // 2
    win = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
    scale = 2.0 / (n * np.sum(win**2))
    w = bin_weights(n, rate, lo, hi) * scale
    out = np.empty((count, len(lo), 3))
    for a in range(0, count, 256):
        idx = np.arange(a, min(a + 256, count))[:, None] * hop + np.arange(n)
        m = np.fft.rfft(mid[idx] * win)
        s = np.fft.rfft(side[idx] * win)
        out[a : a + len(idx), :, 0] = (m.real**2 + m.imag**2) @ w
        out[a : a + len(idx), :, 1] = (s.real**2 + s.imag**2) @ w
        out[a : a + len(idx), :, 2] = (m.real * s.real + m.imag * s.imag) @ w
    return out


def frames(left, right, rate: float) -> Frames:
    """Band powers of a stereo clip; frames start at sample 0 and never reach past the end."""
    left = np.asarray(left, dtype=np.float64)
    right = np.asarray(right, dtype=np.float64)
    mid, side = 0.5 * (left + right), 0.5 * (left - right)
    n = fft_size(rate)
    hop = n // 2
    count = max(0, (len(mid) - n) // hop + 1)
    half = 10.0 ** (1 / 20.0)
    long = _stft_power(mid, side, n, rate, CENTRES / half, CENTRES * half, count)
    ns = n // SHORT_PER_LONG
    short = _stft_power(
        mid, side, ns, rate, COARSE_EDGES[:-1], COARSE_EDGES[1:], count * SHORT_PER_LONG
    )
    return Frames(long, short)


def db(p):
    """Power to decibels."""
    return 10.0 * np.log10(p)


def percentiles(x, q):
    """Percentiles along axis 0 with linear interpolation between order statistics."""
    x = np.sort(x, axis=0)
    at = (len(x) - 1) * np.asarray(q) / 100.0
    i = np.minimum(at.astype(int), len(x) - 1)
    j = np.minimum(i + 1, len(x) - 1)
    f = (at - i).reshape((-1,) + (1,) * (x.ndim - 1))
    return x[i] * (1 - f) + x[j] * f


def _window(long, short):
    """Features of one window and its weight, or None when it is silent."""
    mean = long.mean(axis=0)
    total = (mean[:, 0] + mean[:, 1]).sum()
    if db(total + FLOOR) < SILENT_DB:
        return None
    floor = FLOOR + REL_FLOOR * total
    m, s, c = mean[:, 0] + floor, mean[:, 1] + floor, mean[:, 2]
    k_total = ((m + s) * K_POWER).sum()
    tone = db(m)
    mid_pct = percentiles(db(long[:, :, 0] + floor), PCT) - tone
    side_db = db(s)
    side_pct = percentiles(db(long[:, :, 1] + floor), PCT[1:]) - side_db
    cm = np.zeros((COARSE, 3))
    np.add.at(cm, COARSE_OF_BAND, np.stack([m, s, c], axis=1))
    power_l, power_r = cm[:, 0] + cm[:, 1] + 2 * cm[:, 2], cm[:, 0] + cm[:, 1] - 2 * cm[:, 2]
    corr = (cm[:, 0] - cm[:, 1]) / np.sqrt(np.maximum(power_l * power_r, FLOOR**2))
    sm = short[:, :, 0]
    broad = sm.sum(axis=1)
    sfloor = FLOOR + 1e-6 * broad.mean()
    sdb = db(sm + sfloor)
    crest = percentiles(sdb, (95.0,))[0] - db(sm.mean(axis=0) + sfloor)
    flux = np.clip(np.diff(sdb, axis=0), 0.0, 20.0).mean(axis=0)
    bdb = db(broad + sfloor)
    crest_full = percentiles(bdb, (95.0,))[0] - db(broad.mean() + sfloor)
    spread = bdb.std()
    row = np.concatenate(
        [
            np.maximum(tone - db(k_total), -80.0),
            np.clip(mid_pct, -40.0, 20.0).ravel(),
            np.clip(side_db - tone, -40.0, 20.0),
            np.clip(side_pct, -40.0, 20.0).ravel(),
            np.clip(corr, -1.0, 1.0),
            crest,
            flux,
            [crest_full, spread],
        ]
    )
    loud = -0.691 + db(2.0 * k_total)
    return row, loud, np.sqrt(k_total)


def renormalise(tone, width):
    """Shift the tone so that its K-weighted power is 0 dB; keeps equaliser changes exact."""
    p = (10 ** (tone / 10) * (1 + 10 ** (width / 10)) * K_POWER).sum(axis=-1, keepdims=True)
    return tone - db(p)


def vector(fr: Frames):
    """Feature row (259) from frames, or None when nothing in them is louder than silence."""
    count = len(fr.long)
    rows, louds, weights = [], [], []
    for a in range(0, count, WINDOW_FRAMES):
        b = min(a + WINDOW_FRAMES, count)
        if b - a < WINDOW_FRAMES // 3 and rows:
            continue
        got = _window(fr.long[a:b], fr.short[a * SHORT_PER_LONG : b * SHORT_PER_LONG])
        if got is not None:
            rows.append(got[0])
            louds.append(got[1])
            weights.append(got[2] * (b - a) / WINDOW_FRAMES)
    if not rows:
        return None
    rows, louds, w = np.array(rows), np.array(louds), np.array(weights)
    w = w / w.sum()
    mean = w @ rows
    tone = rows[:, :BANDS]
    tone_dev = np.sqrt(w @ (tone - mean[:BANDS]) ** 2)
    mean_loud = w @ louds
    level_dev = np.sqrt(w @ (louds - mean_loud) ** 2)
    mean[SLICES["tone"]] = renormalise(mean[SLICES["tone"]], mean[SLICES["width"]])
    return np.concatenate([mean, tone_dev, [level_dev, mean_loud]])
