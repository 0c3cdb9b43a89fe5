//! From a song to a take: key, harmony, then every part asked for, each trained or by rule, all under the hard rules.

use crate::accompanist::{Accompanist, PlayInput};
use crate::error::{ModelError, check_cancel};
use crate::harmony::{Harmonist, HarmonyInput};
use crate::originality::{Likeness, Originality};
use crate::rules::{self, Setting, harmonise, limits};
use continuo_core::{BarRange, ChordSpan, Controls, Note, Origin, Part, PartPhrase, Song, Style, Take};
use std::sync::atomic::AtomicBool;

/// Longest range planned at once, bars; about an hour at a moderate tempo.
pub const MAX_BARS: u32 = 2_000;

/// Draws of one part tried before a rule plays it, when each is too like a training work.
const DRAWS: u64 = 4;

/// Why there is no take.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// The range holds no bar.
    #[error("there are no bars to play in; choose at least one bar")]
    NoBars,
    /// The range is longer than [`MAX_BARS`].
    #[error("{bars} bars are too many to plan at once; choose at most {MAX_BARS}")]
    TooLong {
        /// Bars asked for.
        bars: u32,
    },
    /// Neither melody nor chords anywhere in the song.
    #[error("there is nothing to accompany; play or load a melody, or write chords")]
    Nothing,
    /// No part was asked for.
    #[error("no part was asked for; choose at least one of keys, bass, drums and strings")]
    NoParts,
    /// Stopped by the user or the host.
    #[error("cancelled")]
    Cancelled,
    /// A trained model failed.
    #[error(transparent)]
    Model(ModelError),
}

impl From<ModelError> for PlanError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Cancelled => PlanError::Cancelled,
            other => PlanError::Model(other),
        }
    }
}

/// True where the trained accompanist plays `part` in `style`; elsewhere a rule does.
///
/// | style | keys | bass | strings | drums |
/// |---|---|---|---|---|
/// | ballad, folk, hymn, waltz | trained | trained | trained | rule |
/// | pop | trained | rule | trained | rule |
/// | rock, house, swing | rule | rule | rule | rule |
///
/// The training works are songs with piano, keyboard pieces, quartets, choirs and hymns. They teach the first row; a pop
/// bass leans on the kick drum, which they have not; of rock, house and swing they hold nothing, and a model asked for
/// what it never heard would only pretend. Drums are played by rule in every style.
pub fn is_trained(style: Style, part: Part) -> bool {
    match (style, part) {
        (_, Part::Drums) | (Style::Rock | Style::House | Style::Swing, _) | (Style::Pop, Part::Bass) => false,
        (Style::Ballad | Style::Folk | Style::Hymn | Style::Waltz | Style::Pop, _) => true,
    }
}

/// Plans takes, with the models it was given and rules for the rest.
#[derive(Debug, Default)]
pub struct Planner {
    harmonist: Option<Harmonist>,
    accompanist: Option<Accompanist>,
    index: Option<Originality>,
    likeness: Vec<(Part, Likeness)>,
}

impl Planner {
    /// A planner; what is `None` is done by rule, and the takes say so.
    pub fn new(harmonist: Option<Harmonist>, accompanist: Option<Accompanist>) -> Planner {
        Planner { harmonist, accompanist, index: None, likeness: Vec::new() }
    }

    /// Compares every trained phrase with the training works before it is offered: one too like a work is thrown away and
    /// drawn again, and after four such draws a rule plays the part.
    pub fn with_index(mut self, index: Option<Originality>) -> Planner {
        self.index = index;
        self
    }

    /// What each trained phrase of the last take has in common with the training works; empty without an index.
    pub fn likeness(&self) -> &[(Part, Likeness)] {
        &self.likeness
    }

    /// Plans one take for `bars` of `song`: `parts` in any order (each at most once counts), drawn with `seed`. The
    /// same arguments give the same take. `progress` hears the share done, 0 to 1, rising.
    ///
    /// # Errors
    /// See [`PlanError`]; `cancel` is looked at between steps.
    #[allow(clippy::too_many_arguments)]
    pub fn plan(
        &mut self,
        song: &Song,
        bars: BarRange,
        parts: &[Part],
        controls: Controls,
        seed: u64,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(f32),
    ) -> Result<Take, PlanError> {
        let controls = controls.clean();
        let song = &sorted(song);
        check(song, bars, parts)?;
        progress(0.0);
        check_cancel(cancel)?;
        let key = rules::key::of_song(song);
        let empty = Setting { song, bars, key, chords: &[], controls, seed };
        let (chords, harmony_origin) = self.harmony(&empty)?;
        let chords = harmonise::overlay(&empty, &chords);
        let setting = Setting { chords: &chords, ..empty };
        let asked: Vec<Part> = Part::ALL.into_iter().filter(|p| parts.contains(p)).collect();
        let mut phrases = Vec::with_capacity(asked.len());
        self.likeness.clear();
        let steps = asked.len() as f32 + 1.0;
        for (i, &part) in asked.iter().enumerate() {
            progress((i as f32 + 1.0) / steps);
            check_cancel(cancel)?;
            let mut share = |done: f32| progress((i as f32 + 1.0 + done.clamp(0.0, 1.0)) / steps);
            let (mut notes, origin) = self.part(part, &setting, cancel, &mut share)?;
            limits::enforce(part, &setting, &mut notes);
            phrases.push(PartPhrase { part, bars, notes, origin });
        }
        progress(1.0);
        Ok(Take { bars, key, chords, harmony_origin, phrases, seed, controls })
    }

    /// What one part plays and what made it.
    fn part(
        &mut self,
        part: Part,
        setting: &Setting,
        cancel: &AtomicBool,
        share: &mut dyn FnMut(f32),
    ) -> Result<(Vec<Note>, Origin), PlanError> {
        let trained = self.accompanist.as_mut().filter(|_| is_trained(setting.style(), part));
        let Some(accompanist) = trained else {
            return Ok((rules::play(part, setting), rules::origin(part)));
        };
        let bars = setting.bars;
        let input = PlayInput {
            melody: &setting.song.melody,
            chords: setting.chords,
            meters: &setting.song.meters,
            bars,
            part,
            controls: setting.controls,
            register: None,
            before: &[],
            ends: bars.to >= setting.song.bars().to,
        };
        for draw in 0..DRAWS {
            // Draws of one seed lie far from other seeds' first draws.
            let seed = setting.seed.wrapping_add(draw << 48);
            let notes = accompanist.play_bars(&input, seed, cancel, &mut |bar, _| {
                let done = (bar + 1).saturating_sub(bars.from) as f32 / bars.len() as f32;
                // Half of what is left for each draw, so that the share never falls.
                let left = 0.5f32.powi(draw as i32);
                share(1.0 - left + done * left / 2.0);
            })?;
            if let Some(index) = &self.index {
                let likeness = index.compare(&notes);
                if !likeness.is_original() {
                    continue;
                }
                self.likeness.push((part, likeness));
            }
            return Ok((notes, Origin::Trained(accompanist.model_ref().clone())));
        }
        Ok((rules::play(part, setting), rules::origin(part)))
    }

    /// The harmony of the bars and what made it.
    fn harmony(&mut self, setting: &Setting) -> Result<(Vec<ChordSpan>, Origin), PlanError> {
        let locked = harmonise::locked_in(setting.song, setting.span());
        let Some(harmonist) = &mut self.harmonist else {
            return Ok((harmonise::harmonise(setting), harmonise::origin()));
        };
        let input = HarmonyInput {
            melody: &setting.song.melody,
            meters: &setting.song.meters,
            bars: setting.bars,
            key: setting.song.key,
            locked: &locked,
            rate: None,
            ends: setting.bars.to >= setting.song.bars().to,
        };
        let mut drawn = harmonist.harmonise(&input, setting.controls.adventure, setting.seed, 2)?;
        // The first is the likeliest, the second a draw by the seed; the more daring, the oftener the draw.
        let adventure = setting.adventure();
        let daring = adventure > 0.0 && setting.rng(2).chance(0.2 + 0.8 * adventure);
        let chosen = if daring { drawn.pop() } else { drawn.into_iter().next() };
        let origin = Origin::Trained(harmonist.model_ref().clone());
        Ok((chosen.map(|h| h.spans).unwrap_or_default(), origin))
    }
}

fn check(song: &Song, bars: BarRange, parts: &[Part]) -> Result<(), PlanError> {
    if bars.is_empty() {
        return Err(PlanError::NoBars);
    }
    if bars.len() > MAX_BARS {
        return Err(PlanError::TooLong { bars: bars.len() });
    }
    if parts.is_empty() {
        return Err(PlanError::NoParts);
    }
    if song.melody.is_empty() && song.locked_chords.is_empty() {
        return Err(PlanError::Nothing);
    }
    Ok(())
}

/// The song with its lists in order, whoever made them.
fn sorted(song: &Song) -> Song {
    let mut song = song.clone();
    song.melody.retain(|n| n.len.0 > 0 && n.pitch < 128);
    song.melody.sort();
    song.locked_chords.retain(|s| s.len.0 > 0);
    song.locked_chords.sort_by_key(|s| s.at);
    song
}
