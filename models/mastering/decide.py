"""From the network's figures to moves; the Rust side (models/src/mastering/decide.rs) does the same."""

import math

import numpy as np

from faults import GROUPS

Z80 = 1.2816  # half width of an 80 % interval in standard deviations

DEFAULTS = {
    "gate_tone": 0.6,  # least probability that the tone is wrong
    "gate_width": 0.8,
    "gate_dynamics": 0.8,
    "gate_rumble": 0.8,
    "scale": 1.0,  # of the shrunk mean
    "shrink": 0.5,  # mean^2 / (mean^2 + shrink sigma^2)
    "least_db": 0.5,  # smaller equaliser gains are not offered
    "most_db": 6.0,
    "most_moves": 6,
    "far": 2.0,  # spectra further than this from the training spectra get no moves but against rumble
}


def tone_gains(mean, sigma, wrong, distance, p):
    """Ten group gains in dB (0: silent), and the same before the silence rules."""
    m, s = np.asarray(mean[:10], np.float64), np.asarray(sigma[:10], np.float64)
    g = p["scale"] * m * m * m / (m * m + p["shrink"] * s * s + 1e-9)
    g = np.clip(g, -p["most_db"], p["most_db"])
    soft = g.copy()
    if wrong[0] < p["gate_tone"] or distance > p["far"]:
        return np.zeros(10), soft
    g = np.where(np.abs(g) < p["least_db"], 0.0, g)
    order = np.argsort(-np.abs(g), kind="stable")
    g[order[int(p["most_moves"]) :]] = 0.0
    return np.round(g * 10.0) / 10.0, soft


def clear_of_zero(mean, sigma):
    """True when the 80 % interval does not hold zero."""
    return abs(mean) > Z80 * sigma


def other_moves(mean, sigma, wrong, distance, p):
    """Width factors, compression ratio and high-pass corner: {id: (amount, low, high)}."""
    out = {}
    near = distance <= p["far"]  # rumble itself makes a spectrum strange, so it is exempt
    for k, name in ((10, "width.low"), (11, "width.high")):
        if near and wrong[1] >= p["gate_width"] and clear_of_zero(mean[k], sigma[k]):
            f = lambda db: min(max(10 ** (db / 20.0) - 1.0, -1.0), 1.0)
            z = Z80 * sigma[k]
            out[name] = (f(mean[k]), f(mean[k] - z), f(mean[k] + z))
    if near and wrong[2] >= p["gate_dynamics"] and mean[12] < 0 and clear_of_zero(mean[12], sigma[12]):
        f = lambda db: 2.0 ** min(max(-db / p["crest_per_octave"], 0.0), 2.0) - 1.0
        z = Z80 * sigma[12]
        out["dynamics"] = (f(mean[12]), f(mean[12] + z), f(mean[12] - z))
    if wrong[3] >= p["gate_rumble"]:
        f = lambda v: min(max(2.0**v, 15.0), 50.0)
        z = Z80 * sigma[13]
        out["rumble"] = (f(mean[13]), f(mean[13] - z), f(mean[13] + z))
    return out


def confidence(mean, sigma, wrong):
    """Probability that something is wrong times that the sign of the move is right."""
    return float(wrong) * 0.5 * (1.0 + math.erf(abs(mean) / max(sigma, 1e-6) / math.sqrt(2.0)))


assert len(GROUPS) == 10
