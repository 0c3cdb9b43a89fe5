"""The baseline: a hidden Markov model over the same beats, trained on the same works.

Chord to chord is a smoothed count of (quality, quality, interval of the roots) for each class of step; the melody of a beat
is drawn from a smoothed distribution of pitch classes relative to the root for each quality, to the power of the number of
beats it sounds. One exponent weighs melody against chords; it is chosen on training works.
"""

from __future__ import annotations

import numpy as np

from common.chords import NO_CHORD, NQ, STATES
from features import SOUNDING


class Hmm:
    def __init__(self, works):
        first = np.ones(NQ + 1)
        step = np.full((3, 12, NQ, NQ), 0.05)
        to_none, from_none = np.ones((3, NQ)), np.full((3, NQ), 0.1)
        none_none = np.ones(3)
        emit = np.full((NQ, 12), 0.5)
        emit_none = np.ones(12)
        rotate = (np.arange(12)[None] + np.arange(12)[:, None]) % 12
        for w in works:
            s = w["state"].astype(np.int64)
            c = w["classes"].astype(np.int64)[1:]
            a, b = s[:-1], s[1:]
            both = (a < NO_CHORD) & (b < NO_CHORD)
            np.add.at(step, (c[both], (b[both] // NQ - a[both] // NQ) % 12, a[both] % NQ, b[both] % NQ), 1)
            leave = (a == NO_CHORD) & (b < NO_CHORD)
            np.add.at(from_none, (c[leave], b[leave] % NQ), 1)
            enter = (a < NO_CHORD) & (b == NO_CHORD)
            np.add.at(to_none, (c[enter], a[enter] % NQ), 1)
            np.add.at(none_none, c[(a == NO_CHORD) & (b == NO_CHORD)], 1)
            first[NQ if s[0] == NO_CHORD else s[0] % NQ] += 1
            weight = np.minimum(w["pcs"][:, SOUNDING].astype(float), 1).T  # [beats, 12]
            chord = s < NO_CHORD
            turned = np.take_along_axis(weight[chord], rotate[s[chord] // NQ], 1)
            np.add.at(emit, s[chord] % NQ, turned)
            emit_none += weight[~chord].sum(0).mean()
        out = step.sum((1, 3)) + to_none  # [class, from quality]
        p = step / out[:, None, :, None]
        interval = (np.arange(12)[None] - np.arange(12)[:, None]) % 12
        chords = p[:, interval].transpose(0, 1, 3, 2, 4).reshape(3, NO_CHORD, NO_CHORD)
        self.transition = np.zeros((3, STATES, STATES))
        self.transition[:, :NO_CHORD, :NO_CHORD] = chords
        self.transition[:, :NO_CHORD, NO_CHORD] = np.tile(to_none / out, (1, 12))
        none = from_none.sum(1) + none_none
        self.transition[:, NO_CHORD, :NO_CHORD] = np.tile(from_none / none[:, None] / 12, (1, 12))
        self.transition[:, NO_CHORD, NO_CHORD] = none_none / none
        first /= first.sum()
        self.first = np.concatenate([np.tile(first[:NQ] / 12, 12), first[NQ:]])
        emit /= emit.sum(1, keepdims=True)
        back = (np.arange(12)[None] - np.arange(12)[:, None]) % 12
        self.emit = np.concatenate([emit[:, back].transpose(1, 0, 2).reshape(NO_CHORD, 12), np.full((1, 12), 1 / 12)])
        self.exponent = 1.0

    def scores(self, work):
        """Log likelihood of the melody per beat and state."""
        weight = np.minimum(work["pcs"][:, SOUNDING].astype(float), 1).T
        return self.exponent * weight @ np.log(self.emit).T

    def tune(self, works):
        """Chooses the exponent with the best mean log probability of the chords of `works`."""
        best = (-np.inf, 1.0)
        for exponent in (0.5, 0.75, 1.0, 1.5, 2.0):
            self.exponent = exponent
            total = sum(self.path_log_probability(w) for w in works)
            best = max(best, (total, exponent))
        self.exponent = best[1]

    def parts(self, work):
        """(emission scores, transition energies, classes, first) for the shared decoder."""
        return self.scores(work), np.log(self.transition), work["classes"].astype(int), np.log(self.first)

    def path_log_probability(self, work):
        e, t, c, first = self.parts(work)
        return path_log_probability(e, None, t, c, first, work["state"].astype(int))


def forward(e, stay, transitions, classes, first):
    """(filtered probabilities [beats, states], log of the sum over all paths)."""
    n, s = e.shape
    top = transitions.max()
    m = np.exp(transitions - top)
    alpha, log_z = np.zeros((n, s)), 0.0
    for t in range(n):
        like = np.exp(e[t] - e[t].max())
        if t == 0:
            a = np.exp(first) * like if first is not None else like
        else:
            k = m[classes[t]]
            a = alpha[t - 1] @ k
            if stay is not None:
                a = a + alpha[t - 1] * k.diagonal() * (np.exp(stay[t]) - 1)
            a = a * like
            log_z += top
        z = a.sum()
        alpha[t] = a / z
        log_z += np.log(z) + e[t].max()
    return alpha, log_z


def path_log_probability(e, stay, transitions, classes, first, path):
    """Log probability of a chord path given the melody."""
    n = np.arange(len(path))
    total = e[n, path].sum() + (first[path[0]] if first is not None else 0.0)
    total += transitions[classes[1:], path[:-1], path[1:]].sum()
    if stay is not None:
        total += stay[1:][path[1:] == path[:-1]].sum()
    return total - forward(e, stay, transitions, classes, first)[1]


def viterbi(e, stay, transitions, classes, first):
    """The likeliest path."""
    n, s = e.shape
    score = e[0] + (first if first is not None else 0.0)
    back = np.zeros((n, s), np.int32)
    eye = np.arange(s)
    for t in range(1, n):
        table = score[:, None] + transitions[classes[t]]
        if stay is not None:
            table[eye, eye] += stay[t]
        back[t] = table.argmax(0)
        score = table[back[t], eye] + e[t]
    path = np.zeros(n, int)
    path[-1] = score.argmax()
    for t in range(n - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path
