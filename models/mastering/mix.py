"""Random mixes of rendered stems, and faults, in two ways that must agree.

`virtual` works on band powers (cheap, for training), `audio` on samples (for development and
validation). Sources are added incoherently in the first, really in the second.
"""

import dataclasses

import numpy as np

import features as F
from faults import GRID, Fault, response_db

HOP_S = 512 / 44100.0
STEMS = 4  # melody, harmony, bass, drums


@dataclasses.dataclass
class Mix:
    """Decisions of one mix. Levels are K-weighted, dB; curves are dB on faults.GRID."""

    level_db: np.ndarray
    curve: np.ndarray  # [4, grid]
    pan: np.ndarray  # -1..1
    width: np.ndarray  # side factor
    slope: float
    loudness: float


def draw_mix(rng, band: bool, breadth: float = 1.0) -> Mix:
    """A plausible mix. `breadth` scales how far bus tone may stray and still count as taste."""
    if band:
        level = np.array([0.0, rng.normal(-3, 2.5), rng.normal(-3, 2.5), rng.normal(-1, 3)])
    else:
        level = np.array([0.0, rng.normal(-2, 3), rng.normal(-5, 3), rng.normal(-4, 3)])
    x = np.log2(GRID / 632.0)
    bus = np.zeros_like(GRID)
    for k, sd in ((1, 1.5), (2, 1.2), (3, 0.8)):
        bus += breadth * rng.normal(0, sd) * np.cos(np.pi * k * (x / 10.4 + 0.5))
    curve = np.tile(bus, (STEMS, 1))
    for s in range(STEMS):
        for _ in range(2):
            hz = 10.0 ** rng.uniform(np.log10(60), np.log10(12000))
            curve[s] += response_db("bell", hz, rng.normal(0, 1.5), rng.uniform(0.5, 1.4), GRID)
        if s < 2 and band and rng.random() < 0.5:
            r = GRID / rng.uniform(70, 150)
            curve[s] += 20 * np.log10(r**2 / np.sqrt(1 + r**4))
    pan = np.array([rng.normal(0, 0.1), rng.normal(0, 0.3), 0.0, 0.0]).clip(-0.8, 0.8)
    width = np.array([rng.uniform(0.3, 1.4), rng.uniform(0.5, 1.6), rng.uniform(0, 0.4), 1.0])
    slope = float(rng.uniform(0.65, 1.0)) if rng.random() < 0.6 else 1.0
    return Mix(level, curve, pan, width, slope, float(rng.uniform(-30, -9)))


def _pan_factors(pan, width):
    """Mid/side matrix of a balance: m' = a m + b w s, s' = b m + a w s."""
    gl, gr = min(1.0, 1.0 - pan), min(1.0, 1.0 + pan)
    return 0.5 * (gl + gr), 0.5 * (gl - gr), width


def _rotate(p, a, b, w):
    """Pan and width on (mid^2, side^2, mid*side) powers."""
    m, s, c = p[..., 0], p[..., 1] * w * w, p[..., 2] * w
    return np.stack(
        [
            a * a * m + b * b * s + 2 * a * b * c,
            b * b * m + a * a * s + 2 * a * b * c,
            a * b * (m + s) + (a * a + b * b) * c,
        ],
        axis=-1,
    )


def k_power(long):
    """Mean K-weighted power of band frames."""
    return float(((long[:, :, 0] + long[:, :, 1]).mean(axis=0) * F.K_POWER).sum())


def band_gain(curve_db):
    """Mean power gain of a grid curve inside each third-octave band."""
    half = 10.0 ** (1 / 20.0)
    p = 10.0 ** (curve_db / 10.0)
    return np.array([p[(GRID >= c / half) & (GRID <= c * half)].mean() for c in F.CENTRES])


def coarse_gain(curve_db):
    """Mean power gain of a grid curve in each coarse band."""
    p = 10.0 ** (curve_db / 10.0)
    e = F.COARSE_EDGES
    return np.array([p[(GRID >= e[i]) & (GRID < e[i + 1])].mean() for i in range(F.COARSE)])


def follow(level_db, slope, ref_db, attack_s=0.015, release_s=0.15):
    """Gain in dB per short hop of a full-range compressor (slope < 1) or expander (> 1)."""
    up = 1 - np.exp(-HOP_S / attack_s)
    down = 1 - np.exp(-HOP_S / release_s)
    e = max(level_db[0], ref_db - 20.0)
    out = np.empty(len(level_db))
    for i, v in enumerate(level_db.tolist()):
        v = max(v, ref_db - 20.0)
        e += (v - e) * (up if v > e else down)
        out[i] = e
    return np.clip((slope - 1.0) * (out - ref_db), -12.0, 12.0)


def _short_level(short):
    return F.db(short[:, :, 0].sum(axis=1) + short[:, :, 1].sum(axis=1) + F.FLOOR)


def dynamics_virtual(fr: F.Frames, slope: float) -> F.Frames:
    """The level mapping on band powers."""
    if slope == 1.0:
        return fr
    level = _short_level(fr.short)
    ref = F.db(np.mean(10 ** (level / 10)))
    p = 10.0 ** (follow(level, slope, ref) / 10.0)
    # A long frame spans 16 short hops under a Hann window.
    hann = np.sin(np.pi * (np.arange(16) + 0.5) / 16) ** 2
    hann = hann / hann.sum()
    pad = np.concatenate([p, np.full(16, p[-1])])
    long = np.array([pad[i * 8 : i * 8 + 16] @ hann for i in range(len(fr.long))])
    return F.Frames(fr.long * long[:, None, None], fr.short * p[:, None, None])


def virtual(stems, mix: Mix) -> F.Frames:
    """Sum of the stems' frames under the mix; `stems` is a list of Frames (silent ones allowed)."""
    total = None
    for fr, level, curve, pan, width in zip(stems, mix.level_db, mix.curve, mix.pan, mix.width):
        power = k_power(fr.long)
        if power < 1e-11:
            continue
        g = 10.0 ** (level / 10.0) / power
        a, b, w = _pan_factors(pan, width)
        part = F.Frames(
            _rotate(fr.long, a, b, w) * (g * band_gain(curve))[None, :, None],
            _rotate(fr.short, a, b, w) * (g * coarse_gain(curve))[None, :, None],
        )
        total = part if total is None else total + part
    total = dynamics_virtual(total, mix.slope)
    g = 10.0 ** ((mix.loudness + 0.691) / 10.0) / (2 * k_power(total.long))
    return F.Frames(total.long * g, total.short * g)


def rumble_curve(hz):
    """Power of the rumble noise per band: flat to `hz`, falling 24 dB per octave above."""
    p = 1.0 / (1.0 + (F.CENTRES / hz) ** 8)
    return p / p.sum()


def fault_virtual(fr: F.Frames, fault: Fault, rng) -> F.Frames:
    """Width, dynamics and rumble faults on band powers (the equaliser is added on the tone row)."""
    fr = dynamics_virtual(fr, fault.slope)
    if fault.width_low_db or fault.width_high_db:
        gain = np.where(
            F.CENTRES < 120.0, fault.width_low_db, np.where(F.CENTRES > 1000.0, fault.width_high_db, 0)
        )
        a = 10.0 ** (gain / 20.0)
        long = fr.long.copy()
        long[:, :, 1] *= a * a
        long[:, :, 2] *= a
        fr = F.Frames(long, fr.short)
    if fault.rumble_hz:
        level = 10 ** (fault.rumble_db / 10) * fr.long[:, :, 0].mean(axis=0).sum()
        noise = level * rumble_curve(fault.rumble_hz)
        dof = np.maximum(1.0, 0.23 * F.CENTRES * 0.186)  # bandwidth times window length
        long = fr.long.copy()
        long[:, :, 0] += noise * rng.gamma(dof, 1.0 / dof, size=long.shape[:2])
        fr = F.Frames(long, fr.short)
    return fr


def crest_db(fr: F.Frames):
    """95th percentile over mean of the broadband short level, mean over windows."""
    level = fr.short[:, :, 0].sum(axis=1)
    n = F.WINDOW_FRAMES * F.SHORT_PER_LONG
    vals = []
    for a in range(0, len(level) - n // 3, n):
        x = level[a : a + n] + F.FLOOR
        vals.append(F.db(np.percentile(x, 95)) - F.db(x.mean()))
    return float(np.mean(vals))
