//! A short melody the host tests play: eight bars of 4/4 in C major at 120 quarter notes per minute.

/// One melody note: onset and length in quarter notes, MIDI key.
pub type MelodyNote = (f64, f64, u8);

/// Quarter notes per minute.
pub const BPM: f64 = 120.0;
/// Length of the melody, quarter notes.
pub const LENGTH: f64 = 32.0;

/// The melody: the first two phrases of the finale theme of Beethoven's Symphony No. 9 (1824), in C major.
#[must_use]
pub fn melody() -> Vec<MelodyNote> {
    let first = [64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62, 64];
    let (close_open, close_full) = ([(1.5, 64), (0.5, 62), (2.0, 62)], [(1.5, 62), (0.5, 60), (2.0, 60)]);
    let mut notes = Vec::new();
    let mut at = 0.0;
    for close in [close_open, close_full] {
        for pitch in first {
            notes.push((at, 0.95, pitch));
            at += 1.0;
        }
        for (length, pitch) in close {
            notes.push((at, length * 0.95, pitch));
            at += length;
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_melody_fills_its_bars() {
        let end = super::melody().iter().map(|n| n.0 + n.1).fold(0.0, f64::max);
        assert!(end > super::LENGTH - 1.0 && end <= super::LENGTH);
    }
}
