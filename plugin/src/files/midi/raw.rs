//! The bytes of a MIDI file as timed events per track, with every break in them reported.
//!
//! The parser used underneath is lenient: it stops silently at the first event it cannot read. A user whose file lost
//! its second half should be told, so the chunk lengths and the end of every track are checked here first
//! (RP-001, Standard MIDI Files 1.0).

use crate::files::FileError;
use midly::{EventIter, Header, MetaMessage, MidiMessage, Timing, TrackEventKind};
use std::path::Path;

/// One event that matters here, at its tick in the file's own resolution.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RawKind {
    On { channel: u8, pitch: u8, velocity: u8 },
    Off { channel: u8, pitch: u8 },
    Tempo { micros_per_quarter: u32 },
    Meter { num: u8, den_power: u8 },
    Key { sharps: i8, minor: bool },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct RawEvent {
    pub at: u64,
    pub kind: RawKind,
}

#[derive(Clone, Debug, Default)]
pub(super) struct RawTrack {
    pub name: String,
    pub events: Vec<RawEvent>,
    /// Where the track ends.
    pub end: u64,
}

#[derive(Clone, Debug)]
pub(super) struct RawFile {
    pub header: Header,
    pub tracks: Vec<RawTrack>,
}

/// Reads every track.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<RawFile, FileError> {
    let damaged = |detail: String| FileError::Damaged { path: path.to_owned(), detail };
    let body = if bytes.starts_with(b"RIFF") {
        unwrap_riff(bytes).ok_or_else(|| damaged("its RIFF wrapper holds no MIDI data".into()))?
    } else {
        bytes
    };
    check_chunks(path, body)?;
    let (header, tracks) = midly::parse(body).map_err(|e| damaged(format!("its MIDI header cannot be read ({e})")))?;
    if matches!(header.timing, Timing::Metrical(ppq) if ppq.as_int() == 0)
        || matches!(header.timing, Timing::Timecode(_, 0))
    {
        return Err(damaged("its header gives a resolution of 0 ticks".into()));
    }
    let mut read = Vec::new();
    for (number, track) in tracks.enumerate() {
        let track = track.map_err(|e| damaged(format!("track {} cannot be read ({e})", number + 1)))?;
        read.push(read_track(path, number, track)?);
    }
    Ok(RawFile { header, tracks: read })
}

fn read_track(path: &Path, number: usize, mut events: EventIter<'_>) -> Result<RawTrack, FileError> {
    let mut track = RawTrack::default();
    let mut at = 0u64;
    let mut ended = false;
    while !events.unread().is_empty() && !ended {
        let Some(Ok(event)) = events.next() else {
            return Err(FileError::Damaged {
                path: path.to_owned(),
                detail: format!("track {} has an event that cannot be read at tick {at}", number + 1),
            });
        };
        at += u64::from(event.delta.as_int());
        let kind = match event.kind {
            TrackEventKind::Midi { channel, message } => {
                let channel = channel.as_int();
                match message {
                    // A note-on with velocity 0 is a note-off (MIDI 1.0, note-on).
                    MidiMessage::NoteOn { key, vel } if vel.as_int() > 0 => {
                        RawKind::On { channel, pitch: key.as_int(), velocity: vel.as_int() }
                    }
                    MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => {
                        RawKind::Off { channel, pitch: key.as_int() }
                    }
                    _ => continue,
                }
            }
            TrackEventKind::Meta(MetaMessage::TrackName(name)) => {
                if track.name.is_empty() {
                    track.name = String::from_utf8_lossy(name).trim_matches(['\0', ' ']).to_owned();
                }
                continue;
            }
            TrackEventKind::Meta(MetaMessage::Tempo(micros)) => RawKind::Tempo { micros_per_quarter: micros.as_int() },
            TrackEventKind::Meta(MetaMessage::TimeSignature(num, den_power, _, _)) => RawKind::Meter { num, den_power },
            TrackEventKind::Meta(MetaMessage::KeySignature(sharps, minor)) => RawKind::Key { sharps, minor },
            TrackEventKind::Meta(MetaMessage::EndOfTrack) => {
                ended = true;
                continue;
            }
            _ => continue,
        };
        track.events.push(RawEvent { at, kind });
    }
    track.end = at;
    Ok(track)
}

/// The `data` chunk of a RIFF MIDI file.
fn unwrap_riff(bytes: &[u8]) -> Option<&[u8]> {
    let mut at = 12usize;
    loop {
        let head = bytes.get(at..at + 8)?;
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let body = &bytes[at + 8..];
        if &head[..4] == b"data" {
            return Some(&body[..size.min(body.len())]);
        }
        at = at.checked_add(8 + size + (size & 1))?;
    }
}

/// Walks the chunks: a chunk longer than what is left, or fewer tracks than the header promises, is a truncated file.
fn check_chunks(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let truncated = |detail: String| FileError::Truncated { path: path.to_owned(), detail };
    let (mut rest, mut promised, mut found) = (bytes, 0u16, 0u16);
    while rest.len() >= 8 {
        let declared = u32::from_be_bytes([rest[4], rest[5], rest[6], rest[7]]) as usize;
        let (id, body) = (&rest[..4], &rest[8..]);
        if declared > body.len() {
            let what = if id == b"MThd" { "its header".into() } else { format!("track {}", found + 1) };
            return Err(truncated(format!("{what} should have {declared} bytes and has {}", body.len())));
        }
        if id == b"MThd" && declared >= 6 {
            promised = u16::from_be_bytes([body[2], body[3]]);
        }
        found += u16::from(id == b"MTrk");
        rest = &body[declared..];
    }
    if found < promised {
        return Err(truncated(format!("it should have {promised} tracks and has {found}")));
    }
    Ok(())
}
