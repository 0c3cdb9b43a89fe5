"""Writes the demo's melodies: two MIDI files, and one of the tunes as a sung recording.

    make_inputs.py [FOLDER]

Both tunes are in the public domain everywhere (see README.md beside this file); the notes below were
written down for this script. It needs nothing but Python itself, and the same Python writes the same
bytes again.
"""

import math
import pathlib
import random
import struct
import sys
import wave

PPQ = 480
"""Ticks per quarter note."""

NAMES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

# A tune is bars of `pitch:length`, the length in eighth notes; `-` is a rest.
ODE_TO_JOY = {
    "title": "Ode to Joy",
    "meter": (4, 4),
    "quarters_per_minute": 120.0,
    "key": (2, False),  # two sharps, major
    "bars": """
        F#4:2 F#4:2 G4:2 A4:2   | A4:2 G4:2 F#4:2 E4:2    | D4:2 D4:2 E4:2 F#4:2      | F#4:3 E4:1 E4:4
        F#4:2 F#4:2 G4:2 A4:2   | A4:2 G4:2 F#4:2 E4:2    | D4:2 D4:2 E4:2 F#4:2      | E4:3 D4:1 D4:4
        E4:2 E4:2 F#4:2 D4:2    | E4:2 F#4:1 G4:1 F#4:2 D4:2 | E4:2 F#4:1 G4:1 F#4:2 E4:2 | D4:2 E4:2 A3:4
        F#4:2 F#4:2 G4:2 A4:2   | A4:2 G4:2 F#4:2 E4:2    | D4:2 D4:2 E4:2 F#4:2      | E4:3 D4:1 D4:4
    """,
}

GREENSLEEVES = {
    "title": "Greensleeves",
    "meter": (6, 8),
    "quarters_per_minute": 96.0,
    "key": (0, True),  # no signs, minor
    "bars": """
        -:5 A4:1
        C5:2 D5:1 E5:1.5 F5:.5 E5:1   | D5:2 B4:1 G4:1.5 A4:.5 B4:1
        C5:2 A4:1 A4:1.5 G#4:.5 A4:1  | B4:2 G#4:1 E4:2 A4:1
        C5:2 D5:1 E5:1.5 F5:.5 E5:1   | D5:2 B4:1 G4:1.5 A4:.5 B4:1
        C5:1.5 B4:.5 A4:1 G#4:1.5 F#4:.5 G#4:1 | A4:3 A4:3
        G5:3 G5:1.5 F#5:.5 E5:1       | D5:2 B4:1 G4:1.5 A4:.5 B4:1
        C5:2 A4:1 A4:1.5 G#4:.5 A4:1  | B4:2 G#4:1 E4:3
        G5:3 G5:1.5 F#5:.5 E5:1       | D5:2 B4:1 G4:1.5 A4:.5 B4:1
        C5:1.5 B4:.5 A4:1 G#4:1.5 F#4:.5 G#4:1 | A4:5 -:1
    """,
}


def pitch(name):
    """A MIDI note number; C4 is 60."""
    letter, octave = name[:-1], int(name[-1])
    return NAMES[letter[0]] + ("#" in letter) + 12 * (octave + 1)


def notes(tune):
    """The tune as (start, length, pitch), in quarter notes; checks that every bar is full."""
    bar = 4.0 * tune["meter"][0] / tune["meter"][1]
    found = []
    for index, text in enumerate(part for line in tune["bars"].strip().splitlines() for part in line.split("|")):
        at = index * bar
        for word in text.split():
            name, length = word.split(":")
            length = float(length) / 2.0
            if name != "-":
                found.append((at, length, pitch(name)))
            at += length
        if abs(at - (index + 1) * bar) > 1e-9:
            raise ValueError(f"{tune['title']}: bar {index + 1} is {at - index * bar} quarters long")
    return found


def velocity(tune, start, height):
    """Down-beats a little louder, high notes as well, as a player would."""
    bar = 4.0 * tune["meter"][0] / tune["meter"][1]
    down_beat = 8 if start % bar < 1e-9 else 0
    return max(1, min(127, 78 + down_beat + (height - 67) // 2))


# --- MIDI ---------------------------------------------------------------------------------------


def variable_length(value):
    """A delta time as the MIDI file format writes it."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.insert(0, value & 0x7F | 0x80)
    return bytes(out)


def track(events):
    """A track chunk from (tick, order, bytes)."""
    data, last = b"", 0
    for tick, _, message in sorted(events):
        data += variable_length(tick - last) + message
        last = tick
    data += b"\x00\xff\x2f\x00"
    return b"MTrk" + struct.pack(">I", len(data)) + data


def midi(tune):
    """A format 1 file: tempo, meter and key, then the melody."""

    def meta(kind, data):
        return bytes([0xFF, kind]) + variable_length(len(data)) + data

    numerator, denominator = tune["meter"]
    clocks = 36 if denominator == 8 else 24  # MIDI clocks per metronome click
    tempo = round(60_000_000 / tune["quarters_per_minute"])
    sharps, minor = tune["key"]
    head = [
        (0, 0, meta(0x03, tune["title"].encode())),
        (0, 1, meta(0x58, bytes([numerator, denominator.bit_length() - 1, clocks, 8]))),
        (0, 2, meta(0x59, struct.pack("bB", sharps, minor))),
        (0, 3, meta(0x51, struct.pack(">I", tempo)[1:])),
    ]
    melody = [(0, 0, meta(0x03, b"Melody"))]
    for start, length, key in notes(tune):
        on = round(start * PPQ)
        off = round((start + length) * PPQ) - PPQ // 16  # a breath between two notes
        melody.append((on, 2, bytes([0x90, key, velocity(tune, start, key)])))
        melody.append((off, 1, bytes([0x80, key, 64])))
    return b"MThd" + struct.pack(">IHHH", 6, 1, 2, PPQ) + track(head) + track(melody)


# --- a sung recording ---------------------------------------------------------------------------

RATE = 22_050
"""Samples per second."""

BLOCK = 49
"""Samples between two updates of pitch and spectrum: about 2 ms."""

# Formants of two vowels of a tenor: frequency, bandwidth (Hz) and level (dB). Rounded from the usual
# tables of sung vowels.
VOWELS = {
    "a": [(650, 80, 0), (1080, 90, -6), (2650, 120, -7), (2900, 130, -8), (3250, 140, -22)],
    "o": [(400, 40, 0), (800, 80, -10), (2600, 100, -12), (2800, 120, -12), (3000, 120, -26)],
}


def gain_at(frequency, vowel):
    """How much of a partial at `frequency` the vocal tract lets out."""
    total = 0.0
    for centre, width, level in VOWELS[vowel]:
        total += 10 ** (level / 20) / math.sqrt(1.0 + ((frequency - centre) / (width * 1.2)) ** 2)
    return total


def smooth(x):
    """From 0 to 1 without a corner."""
    x = min(1.0, max(0.0, x))
    return x * x * (3.0 - 2.0 * x)


class Singer:
    """Pitch, loudness and vowel over time."""

    def __init__(self, tune, chance):
        quarter = 60.0 / tune["quarters_per_minute"]
        lag = 0.1  # the recording starts a tenth of a second before the first note
        self.notes = [(lag + start * quarter, length * quarter, key) for start, length, key in notes(tune)]
        # Nobody starts a note exactly on the beat: up to 12 ms early or late.
        self.notes = [(start + chance.uniform(-0.012, 0.012), length, key) for start, length, key in self.notes]
        self.end = lag + self.notes[-1][0] + self.notes[-1][1] + 0.4
        self.drift = [chance.gauss(0.0, 1.0) for _ in range(4000)]
        self.index = 0

    def at(self, time):
        """(fundamental in Hz, loudness 0 to 1, breath 0 to 1, vowel) at `time` seconds."""
        while self.index + 1 < len(self.notes) and time >= self.notes[self.index + 1][0]:
            self.index += 1
        start, length, key = self.notes[self.index]
        since = time - start
        # Portamento: half of the way is done when the note starts.
        before = self.notes[self.index - 1][2] if self.index else key
        after = self.notes[self.index + 1] if self.index + 1 < len(self.notes) else None
        height = before + (key - before) * smooth(0.5 + since / 0.09)
        if after is not None:
            height += (after[2] - key) * smooth(0.5 - (after[0] - time) / 0.09) * (since > 0.05)
        # Vibrato comes in when a note is held.
        height += 0.28 * smooth((since - 0.18) / 0.3) * math.sin(2 * math.pi * 5.4 * time)
        height += 0.03 * self.drift[int(time * 40) % len(self.drift)]
        # A soft start, a slow fade, and a dip before the next note so that repeated notes are two.
        left = start + length - time
        loudness = smooth((since + 0.015) / 0.07) * (1.0 - 0.25 * smooth(since / 1.2))
        loudness *= 0.12 + 0.88 * smooth(left / 0.06) if after is not None else smooth(left / 0.25)
        if since < -0.015:
            loudness = 0.0
        breath = 0.05 + 0.5 * math.exp(-(((since - 0.005) / 0.03) ** 2))
        vowel = "a" if self.index % 2 == 0 else "o"
        return 440.0 * 2 ** ((height - 69) / 12), max(0.0, loudness), breath, vowel


def sing(tune, seed):
    """The tune as samples from -1 to 1."""
    chance = random.Random(seed)
    singer = Singer(tune, chance)
    samples, phase, noise_low, noise_band = [], 0.0, 0.0, 0.0
    gains = [0.0] * 24
    loudness = breath = 0.0
    for block in range(int(singer.end * RATE / BLOCK)):
        frequency, new_loudness, new_breath, vowel = singer.at(block * BLOCK / RATE)
        partials = min(len(gains), int(0.45 * RATE / frequency))
        wanted = [
            gain_at(k * frequency, vowel) / k ** 1.1 if k <= partials else 0.0 for k in range(1, len(gains) + 1)
        ]
        step = 2 * math.pi * frequency / RATE
        for index in range(BLOCK):
            mix = (index + 1) / BLOCK
            phase = (phase + step) % (2 * math.pi)
            # sin(k x) from sin((k-1) x) and sin((k-2) x), so that one block costs two sines per sample.
            twice = 2.0 * math.cos(phase)
            older, newer, voice = 0.0, math.sin(phase), 0.0
            for k in range(len(gains)):
                gain = gains[k] + (wanted[k] - gains[k]) * mix
                voice += gain * newer
                older, newer = newer, twice * newer - older
            # Breath: noise around 3 kHz.
            noise = chance.uniform(-1.0, 1.0)
            noise_low += 0.75 * noise_band
            noise_band += 0.75 * (noise - noise_low - 0.8 * noise_band)
            loud = loudness + (new_loudness - loudness) * mix
            air = breath + (new_breath - breath) * mix
            samples.append(loud * (voice + 0.06 * air * noise_band))
        gains, loudness, breath = wanted, new_loudness, new_breath
    return room(samples)


def room(samples):
    """A few early reflections of a small room, and a level of -3 dB at the loudest sample."""
    out = samples[:]
    for milliseconds, gain in [(11.3, 0.22), (17.9, 0.17), (29.3, 0.13), (41.7, 0.09), (61.1, 0.06)]:
        delay = int(RATE * milliseconds / 1000)
        for index in range(delay, len(out)):
            out[index] += gain * samples[index - delay]
    loudest = max(abs(sample) for sample in out)
    return [sample * 0.708 / loudest for sample in out]


def write_wav(path, samples, chance):
    """16 bit, one channel, with triangular dither."""
    data = bytearray()
    for sample in samples:
        value = round(sample * 32767 + chance.random() - chance.random())
        data += struct.pack("<h", max(-32768, min(32767, value)))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(bytes(data))


def main():
    """Writes the three files."""
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    (folder / "ode-to-joy.mid").write_bytes(midi(ODE_TO_JOY))
    (folder / "greensleeves.mid").write_bytes(midi(GREENSLEEVES))
    write_wav(folder / "ode-to-joy.wav", sing(ODE_TO_JOY, seed=1824), random.Random(9))


if __name__ == "__main__":
    main()
