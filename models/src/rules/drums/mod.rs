//! Drums for every style in any metre: a groove drawn once per take, carried through the bars, filled at phrase ends,
//! and played by hands that are a little uneven.

mod fill;
mod groove;

use super::line::Line;
use super::setting::{Bar, Setting};
use continuo_core::{Note, Style, Tick, Ticks};
use groove::Groove;

/// General MIDI percussion keys (GM 1 Sound Set, percussion key map).
pub mod kit {
    /// Acoustic bass drum.
    pub const SOFT_KICK: i32 = 35;
    /// Bass drum 1.
    pub const KICK: i32 = 36;
    /// Side stick.
    pub const STICK: i32 = 37;
    /// Acoustic snare.
    pub const SNARE: i32 = 38;
    /// Hand clap.
    pub const CLAP: i32 = 39;
    /// Low floor tom.
    pub const FLOOR_TOM: i32 = 41;
    /// Closed hi-hat.
    pub const HAT: i32 = 42;
    /// Pedal hi-hat.
    pub const PEDAL: i32 = 44;
    /// Low tom.
    pub const LOW_TOM: i32 = 45;
    /// Open hi-hat.
    pub const OPEN_HAT: i32 = 46;
    /// Low-mid tom.
    pub const MID_TOM: i32 = 47;
    /// Crash cymbal 1.
    pub const CRASH: i32 = 49;
    /// High tom.
    pub const HIGH_TOM: i32 = 50;
    /// Ride cymbal 1.
    pub const RIDE: i32 = 51;
    /// Ride bell.
    pub const BELL: i32 = 53;
    /// Tambourine.
    pub const TAMBOURINE: i32 = 54;
    /// Maracas, as a shaker.
    pub const SHAKER: i32 = 70;
    /// Open triangle.
    pub const TRIANGLE: i32 = 81;
}

/// How far hands stray from the beat, milliseconds (one deviation; cut at two). Enough to be uneven, too little to be late.
fn looseness(style: Style) -> f64 {
    match style {
        Style::House => 0.0,
        Style::Pop | Style::Rock => 4.0,
        _ => 6.0,
    }
}

/// A stroke of the kit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    /// When.
    pub at: Tick,
    /// General MIDI key.
    pub key: i32,
    /// How hard, 1 to 127.
    pub velocity: f64,
}

/// Plays the drums.
pub fn play(setting: &Setting) -> Vec<Note> {
    let mut rng = setting.rng(40);
    let groove = Groove::draw(setting, &mut rng);
    let bars = setting.bar_list();
    let rest = setting.rest();
    let mut line = Line::new(setting, 41);
    for (i, bar) in bars.iter().enumerate() {
        let mut hits = groove.bar(setting, bar, &mut rng);
        if bar.ends_phrase() && rest.is_none_or(|r| r > bar.end) {
            fill::into(setting, bar, &mut rng, &mut hits);
        }
        let opens = i > 0 && bars[i - 1].ends_phrase();
        if opens && let Some(crash) = fill::landing(setting, bar) {
            hits.retain(|h| h.at != bar.start || !matches!(h.key, kit::HAT | kit::RIDE | kit::OPEN_HAT));
            hits.push(crash);
        }
        if let Some(rest) = rest {
            hits.retain(|h| h.at < rest);
            hits.extend(ending(setting, bar, rest));
        }
        write(setting, &mut line, bar, &hits);
    }
    line.done()
}

/// The last stroke, ringing.
fn ending(setting: &Setting, bar: &Bar, rest: Tick) -> Vec<Hit> {
    if rest < bar.start || rest >= bar.end {
        return Vec::new();
    }
    let hit = |key, velocity| Hit { at: rest, key, velocity };
    match setting.style() {
        Style::Hymn => vec![hit(kit::SOFT_KICK, 60.0), hit(kit::TRIANGLE, 50.0)],
        Style::Folk | Style::Waltz => vec![hit(kit::SOFT_KICK, 70.0), hit(kit::TAMBOURINE, 56.0)],
        Style::Ballad | Style::Swing => vec![hit(kit::SOFT_KICK, 70.0), hit(kit::RIDE, 70.0)],
        _ => vec![hit(kit::KICK, 110.0), hit(kit::CRASH, 104.0)],
    }
}

fn write(setting: &Setting, line: &mut Line, bar: &Bar, hits: &[Hit]) {
    let loose = looseness(setting.style());
    for hit in hits.iter().filter(|h| h.at >= bar.start && h.at < bar.end) {
        // Length means little to a drum; a sixteenth reads well in a score, cymbals ring for a quarter.
        let ring = matches!(hit.key, kit::CRASH | kit::OPEN_HAT | kit::TRIANGLE);
        let len = Ticks(continuo_core::TICKS_PER_QUARTER / if ring { 1 } else { 4 });
        line.put(hit.at, hit.at + len, hit.key, hit.velocity, loose);
    }
}
