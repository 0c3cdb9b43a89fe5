//! Originality: how much of a phrase is found in the training works, and in which.
//!
//! The index (made by `models/originality/build.py`) holds fingerprints of the lines of every training work. A line is
//! pitch intervals and ratios of the times between onsets, so neither transposition nor tempo hides a likeness. A shared
//! run of 18 notes or more is always found, one of 9 to 17 notes often; runs too plain or too common to belong to
//! anybody are not in the index.

mod line;

use crate::contract::{Contract, read_checked};
use crate::error::ModelError;
use continuo_core::{ModelRef, Note};
use line::{RUN, WINDOW};
use std::collections::BTreeMap;
use std::path::Path;

/// Version of the fingerprints; the index has its own and both must agree.
pub const FEATURE_VERSION: u32 = 1;
/// A phrase that shares a longer run with one work than this, in notes, is to be thrown away and drawn again. Two bars of
/// eighths: shorter runs are stock figures that many works share.
pub const LONGEST_ALLOWED: usize = 16;
/// Works named at most in one answer.
const NAMED: usize = 10;

/// A training work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Id as in DATA.csv.
    pub id: String,
    /// Title.
    pub title: String,
    /// Composer.
    pub composer: String,
}

/// What the training works have in common with a phrase.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Likeness {
    /// Longest run of notes shared with one work; 0 when none was found.
    pub longest_notes: usize,
    /// The work it is shared with.
    pub longest_work: Option<Work>,
    /// Works nearest to the phrase with their shares, largest first; the shares sum to one unless the list is empty.
    pub nearest: Vec<(Work, f64)>,
}

impl Likeness {
    /// True when the phrase may be offered.
    pub fn is_original(&self) -> bool {
        self.longest_notes <= LONGEST_ALLOWED
    }
}

/// The index, in memory.
#[derive(Debug)]
pub struct Originality {
    reference: ModelRef,
    works: Vec<Work>,
    /// Sorted by hash, then work and place.
    hashes: Vec<u64>,
    owners: Vec<u16>,
    places: Vec<u32>,
}

/// One fingerprint found in a work: (work, place there minus place here) and place here.
type Hits = BTreeMap<(u16, i64), Vec<usize>>;

impl Originality {
    /// Reads the index in `dir` (the folder with its `contract.toml`).
    ///
    /// # Errors
    /// When a file is missing, damaged or of another version, see [`ModelError`].
    pub fn load(dir: &Path) -> Result<Originality, ModelError> {
        let contract = Contract::load(dir)?;
        contract.expect("originality", FEATURE_VERSION)?;
        for (name, expected) in [("run", RUN), ("window", WINDOW)] {
            let found = contract.number(name)?;
            if found != expected as f64 {
                return Err(contract.mismatch(&format!("params.{name}"), expected, found));
            }
        }
        let file = &contract.file[0];
        let bytes = read_checked(&dir.join(&file.path), &file.sha256)?;
        parse(&bytes, contract.model_ref())
            .ok_or_else(|| ModelError::Open { model: file.path.clone(), why: "it is no index of this version".into() })
    }

    /// The index as the record names it.
    pub fn model_ref(&self) -> &ModelRef {
        &self.reference
    }

    /// The works in the index.
    pub fn works(&self) -> &[Work] {
        &self.works
    }

    /// Number of fingerprints.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// True for an index of nothing.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Compares a phrase of one part, in any order, with every work.
    pub fn compare(&self, notes: &[Note]) -> Likeness {
        let mut weights: BTreeMap<u16, f64> = BTreeMap::new();
        let (mut longest, mut owner) = (0, None);
        for line in line::lines(notes) {
            let mut hits = Hits::new();
            for (place, fingerprint) in line::fingerprints(&line).into_iter().enumerate() {
                let Some(hash) = fingerprint else { continue };
                let from = self.hashes.partition_point(|&h| h < hash);
                let to = self.hashes.partition_point(|&h| h <= hash);
                let mut owners: Vec<u16> = self.owners[from..to].to_vec();
                owners.dedup();
                for &work in &owners {
                    // A fingerprint of few works says more than one of many.
                    *weights.entry(work).or_default() += 1.0 / owners.len() as f64;
                }
                for i in from..to {
                    let offset = i64::from(self.places[i]) - place as i64;
                    hits.entry((self.owners[i], offset)).or_default().push(place);
                }
            }
            for ((work, _), places) in &hits {
                let run = longest_run(places);
                if run > longest {
                    (longest, owner) = (run, Some(*work));
                }
            }
        }
        let mut nearest: Vec<(u16, f64)> = weights.into_iter().collect();
        nearest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        nearest.truncate(NAMED);
        let total: f64 = nearest.iter().map(|n| n.1).sum();
        let work = |number: u16| self.works[usize::from(number)].clone();
        Likeness {
            longest_notes: longest,
            longest_work: owner.map(work),
            nearest: nearest.into_iter().map(|(number, weight)| (work(number), weight / total)).collect(),
        }
    }
}

/// Notes in the longest chain of rising places, none further from the next than a window: between two kept fingerprints of
/// one shared run there is never more.
fn longest_run(places: &[usize]) -> usize {
    let (mut best, mut from) = (0, 0);
    for i in 0..places.len() {
        if i > 0 && places[i] - places[i - 1] > WINDOW {
            from = i;
        }
        best = best.max(places[i] - places[from] + RUN + 1);
    }
    best
}

/// Reads the file; `None` when it is not what it should be.
fn parse(bytes: &[u8], reference: ModelRef) -> Option<Originality> {
    let mut rest = bytes.strip_prefix(b"CONTORIG")?;
    let mut head = [0u32; 5];
    for slot in &mut head {
        *slot = u32::from_le_bytes(take(&mut rest, 4)?.try_into().ok()?);
    }
    let [version, run, window, works, count] = head;
    if version != FEATURE_VERSION || run as usize != RUN || window as usize != WINDOW {
        return None;
    }
    let mut text = || {
        let length = u16::from_le_bytes(take(&mut rest, 2)?.try_into().ok()?);
        String::from_utf8(take(&mut rest, usize::from(length))?.to_vec()).ok()
    };
    let works: Vec<Work> =
        (0..works).map(|_| Some(Work { id: text()?, title: text()?, composer: text()? })).collect::<Option<_>>()?;
    let count = count as usize;
    let high = take(&mut rest, count.checked_mul(4)?)?;
    let low = take(&mut rest, count)?;
    let owners: Vec<u16> =
        take(&mut rest, count * 2)?.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect();
    let place = take(&mut rest, count * 2)?;
    let top = take(&mut rest, count)?;
    if !rest.is_empty() || owners.iter().any(|&o| usize::from(o) >= works.len()) {
        return None;
    }
    let hashes: Vec<u64> = high
        .chunks_exact(4)
        .zip(low)
        .map(|(c, &l)| u64::from(u32::from_le_bytes([c[0], c[1], c[2], c[3]])) << 8 | u64::from(l))
        .collect();
    let places = place
        .chunks_exact(2)
        .zip(top)
        .map(|(c, &t)| u32::from(u16::from_le_bytes([c[0], c[1]])) | u32::from(t) << 16)
        .collect();
    hashes.is_sorted().then_some(Originality { reference, works, hashes, owners, places })
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(count)?;
    *rest = tail;
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::{Tick, Ticks};

    fn index() -> Originality {
        Originality::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("originality")).unwrap()
    }

    #[derive(serde::Deserialize)]
    struct Golden {
        notes: Vec<(i64, u8)>,
        hashes: Vec<u64>,
        usable: Vec<bool>,
        work: String,
    }

    fn golden() -> Golden {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("originality/goldens.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn notes(golden: &Golden, up: u8, stretch: i64) -> Vec<Note> {
        let note = |&(at, pitch): &(i64, u8)| Note {
            at: Tick(at * stretch / 2),
            len: Ticks(100),
            pitch: pitch + up,
            velocity: 80,
        };
        golden.notes.iter().map(note).collect()
    }

    #[test]
    fn fingerprints_match_the_building_side() {
        let golden = golden();
        let lines = line::lines(&notes(&golden, 0, 2));
        let found = line::fingerprints(&lines[0]);
        assert_eq!(found.len(), golden.hashes.len());
        for (i, found) in found.iter().enumerate() {
            assert_eq!(*found, golden.usable[i].then_some(golden.hashes[i]), "{i}");
        }
    }

    #[test]
    fn a_training_work_is_found_in_any_key_and_tempo() {
        let (index, golden) = (index(), golden());
        for (up, stretch) in [(0, 2), (5, 2), (3, 3), (0, 1)] {
            let likeness = index.compare(&notes(&golden, up, stretch));
            assert!(likeness.longest_notes > LONGEST_ALLOWED && !likeness.is_original(), "{likeness:?}");
            let total: f64 = likeness.nearest.iter().map(|n| n.1).sum();
            assert!((total - 1.0).abs() < 1e-9);
            assert!(likeness.nearest.iter().any(|(work, _)| work.id == golden.work), "{likeness:?}");
        }
    }

    #[test]
    fn what_nobody_wrote_is_original() {
        let index = index();
        let mut rng = continuo_core::Rng::new(4, 4);
        let mut at = 0;
        let notes: Vec<Note> = (0..200)
            .map(|_| {
                at += [240, 480, 720, 960][rng.below(4)];
                Note { at: Tick(at), len: Ticks(100), pitch: 40 + rng.below(40) as u8, velocity: 80 }
            })
            .collect();
        let likeness = index.compare(&notes);
        assert_eq!(likeness.longest_notes, 0, "{likeness:?}");
        assert_eq!(index.compare(&[]), Likeness::default());
    }

    #[test]
    fn a_damaged_index_is_refused() {
        let reference = ModelRef { name: String::new(), version: String::new(), sha256: String::new() };
        let mut bytes = b"CONTORIG".to_vec();
        for n in [FEATURE_VERSION, RUN as u32, WINDOW as u32, 0, 1] {
            bytes.extend(n.to_le_bytes());
        }
        assert!(parse(&bytes, reference.clone()).is_none());
        bytes.extend([0; 10]);
        // One fingerprint of a work that is not in the table.
        assert!(parse(&bytes, reference.clone()).is_none());
        assert!(parse(b"CONTOR", reference).is_none());
    }
}
