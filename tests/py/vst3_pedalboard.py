"""The built VST3 bundle in a host that many people use: pedalboard. Prints one line per check; exits 1 at the first failure.

Usage: python vst3_pedalboard.py Continuo.vst3
"""

import sys

import numpy as np
import pedalboard

RATE = 48_000


def check(name: str, good: bool, detail: str = "") -> None:
    print(f"{'ok' if good else 'FAILED'}  {name}  {detail}".rstrip(), flush=True)
    if not good:
        sys.exit(1)


def noise(seconds: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((2, int(seconds * RATE)))).astype(np.float32)


def master(path: str) -> None:
    plugin = pedalboard.load_plugin(path, plugin_name="Continuo Master")
    names = set(plugin.parameters)
    wanted = {"bypass", "ceiling_dbtp", "eq_1_gain_db", "band_4_width", "drive_db", "limiter"}
    check("master: parameters are there", wanted <= names, str(sorted(wanted - names)))

    quiet = noise(1.0, 1)
    out = plugin(quiet, RATE, reset=True)
    check("master: same length", out.shape == quiet.shape)
    check("master: at rest the sound is untouched (the host takes the latency out)",
          np.array_equal(out, quiet), f"largest difference {np.abs(out - quiet).max():.3g}")

    plugin.drive_db = 12.0
    plugin.ceiling_dbtp = -1.0
    out = plugin(noise(4.0, 2), RATE, reset=True)
    peak = 20 * np.log10(np.abs(out).max())
    check("master: the ceiling holds", peak <= -0.99, f"{peak:.2f} dBFS")

    plugin.eq_5_gain_db = 6.0
    # The host hands a change over with the next block.
    plugin(noise(0.1, 5), RATE, reset=False)
    state = plugin.raw_state
    again = pedalboard.load_plugin(path, plugin_name="Continuo Master")
    again.raw_state = state
    check("master: state is kept", abs(again.eq_5_gain_db - 6.0) < 0.01 and abs(again.drive_db - 12.0) < 0.01)

    x = noise(1.0, 3)
    outs = []
    for size in (64, 480, 8192):
        fresh = pedalboard.load_plugin(path, plugin_name="Continuo Master")
        fresh.raw_state = state
        outs.append(fresh(x, RATE, buffer_size=size, reset=True))
    same = all(np.array_equal(outs[0], o) for o in outs)
    check("master: the host's block size does not change the sound", same)

    for bad in (np.full((2, 4800), np.nan, np.float32), np.full((2, 4800), np.inf, np.float32)):
        plugin(bad, RATE, reset=False)
    out = plugin(noise(1.0, 4), RATE, reset=False)
    check("master: lives on after samples that are no numbers", bool(np.isfinite(out).all()))


def instrument(path: str) -> None:
    plugin = pedalboard.load_plugin(path, plugin_name="Continuo")
    check("instrument: is one", plugin.is_instrument)
    names = set(plugin.parameters)
    wanted = {"style", "density", "adventure", "keys_level_db", "drums_mute"}
    check("instrument: parameters are there", wanted <= names, str(sorted(wanted - names)))
    notes = [(bytes([0x90, 60 + k, 100]), 0.1 + 0.25 * k) for k in range(8)]
    notes += [(bytes([0x80, 60 + k, 0]), 0.3 + 0.25 * k) for k in range(8)]
    sound = plugin(notes, duration=3.0, sample_rate=RATE, num_channels=2, buffer_size=512)
    level = float(np.sqrt((sound ** 2).mean()))
    check("instrument: the player hears the melody", level > 1e-3 and bool(np.isfinite(sound).all()), f"rms {level:.4f}")
    plugin.hear_melody = False
    plugin([], duration=0.1, sample_rate=RATE, num_channels=2, buffer_size=512)
    sound = plugin(notes, duration=3.0, sample_rate=RATE, num_channels=2, buffer_size=512)
    check("instrument: and may choose not to", float(np.abs(sound).max()) < 1e-4)
    state = plugin.raw_state
    again = pedalboard.load_plugin(path, plugin_name="Continuo")
    again.raw_state = state
    check("instrument: state is kept", again.hear_melody is False or str(again.hear_melody) in ("False", "Off"))


def lives(path: str) -> None:
    for _ in range(20):
        for name in ("Continuo", "Continuo Master"):
            pedalboard.load_plugin(path, plugin_name=name)
    check("both live twenty lives", True)


if __name__ == "__main__":
    bundle = sys.argv[1]
    master(bundle)
    instrument(bundle)
    lives(bundle)
    print("all checks passed", flush=True)
