//! The unsigned carriers inside a WAV file: how one record is put into `bext`, `INFO`, `iXML` and XMP, and read back.
//!
//! Of an imported file everything is kept: an old description, reference and date stay as they are, our line is added to
//! the coding history, our element to the XML chunks. Only what an earlier run of Continuo wrote is replaced.

use crate::clock::Utc;
use crate::error::ProvenanceError;
use crate::record::{Output, UseRecordDocument};
use crate::wav::bext::{self, Bext};
use crate::wav::info::Info;
use crate::wav::{WavFile, text};
use std::io::{Read, Seek};

/// What begins our part of a coding history's text.
const HISTORY_MARK: &str = "AI record ";
/// What begins our comment in `INFO`.
const COMMENT_MARK: &str = "Continuo record ";

/// A carrier's word for the record: id and digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Id of the record.
    pub record_id: String,
    /// SHA-256 of the record's content.
    pub digest: String,
}

impl Mark {
    /// The mark of a record.
    pub fn of(record: &UseRecordDocument) -> Self {
        Self { record_id: record.record_id.clone(), digest: record.digest() }
    }

    /// Finds `marker ID ... sha256 DIGEST` in a line of text.
    fn find(text: &str, marker: &str) -> Option<Self> {
        let from = text.rfind(marker)? + marker.len();
        let mut words = text[from..].split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|w| !w.is_empty());
        let record_id = words.next()?.to_owned();
        words.find(|w| *w == "sha256")?;
        Some(Self { record_id, digest: words.next()?.to_owned() })
    }
}

/// The metadata chunks of an imported file, as far as we write them too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Imported {
    bext: Option<Bext>,
    info: Option<Info>,
    ixml: Option<String>,
    xmp: Option<String>,
}

/// What a file's plain tags say of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PlainMarks {
    pub bext: Option<Mark>,
    pub info: Option<Mark>,
    pub ixml: Option<Mark>,
    pub xmp: Option<Mark>,
}

/// True for a chunk that is rebuilt from [`Imported`], and not copied.
pub(crate) fn is_rebuilt(id: &[u8; 4], content_start: &[u8]) -> bool {
    matches!(id, b"bext" | b"iXML" | b"_PMX") || (id == b"LIST" && content_start.starts_with(b"INFO"))
}

impl Imported {
    /// Reads the chunks.
    ///
    /// # Errors
    /// When one of them is damaged or there are two of a kind.
    pub fn read<R: Read + Seek>(file: &mut WavFile<R>) -> Result<Self, ProvenanceError> {
        let mut text_of = |id: &[u8; 4]| -> Result<Option<String>, ProvenanceError> {
            let Some(chunk) = file.single(id)? else { return Ok(None) };
            let bytes = file.content(&chunk)?;
            Ok(Some(String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned()))
        };
        let (ixml, xmp) = (text_of(b"iXML")?, text_of(b"_PMX")?);
        let bext = match file.single(b"bext")? {
            Some(chunk) => Some(Bext::parse(&file.content(&chunk)?)?),
            None => None,
        };
        let lists: Vec<_> = file.chunks().iter().filter(|c| c.id == *b"LIST").copied().collect();
        let mut info: Option<Info> = None;
        for list in lists {
            if let Some(found) = Info::parse(&file.content(&list)?)? {
                match &mut info {
                    Some(all) => all.0.extend(found.0),
                    None => info = Some(found),
                }
            }
        }
        Ok(Self { bext, info, ixml, xmp })
    }

    /// What the chunks say of a record.
    pub fn marks(&self) -> PlainMarks {
        let pair = |(record_id, digest): (String, String)| Mark { record_id, digest };
        PlainMarks {
            bext: self.bext.as_ref().and_then(|b| Mark::find(&b.coding_history, HISTORY_MARK)),
            info: self.info.as_ref().and_then(|i| Mark::find(&i.get(b"ICMT")?, COMMENT_MARK)),
            ixml: self.ixml.as_deref().and_then(text::read_ixml).map(pair),
            xmp: self.xmp.as_deref().and_then(text::read_xmp).map(pair),
        }
    }

    /// The chunks with `record` in them, in the order in which they are written.
    pub fn with(self, record: &UseRecordDocument, output: &Output, source_type: &str) -> Vec<([u8; 4], Vec<u8>)> {
        let mut chunks = vec![(*b"bext", broadcast(self.bext, record, output).to_bytes())];
        chunks.push((*b"LIST", info(self.info, record).to_bytes()));
        chunks.push((*b"iXML", text::ixml(record, self.ixml.as_deref()).into_bytes()));
        // A packet that we cannot add to stays as it is.
        if let Some(packet) = text::xmp(record, source_type, self.xmp.as_deref()).or(self.xmp) {
            chunks.push((*b"_PMX", packet.into_bytes()));
        }
        chunks
    }
}

/// The line of coding history: `A=PCM,F=48000,W=24,M=stereo,T=...`, no comma inside the text (EBU R 98).
fn history_line(record: &UseRecordDocument, output: &Output) -> String {
    let bits: String = output.sample_format.chars().filter(char::is_ascii_digit).collect();
    let mode = match output.channels {
        1 => ",M=mono",
        2 => ",M=stereo",
        _ => "",
    };
    format!(
        "A=PCM,F={},W={bits}{mode},T={} {}; {HISTORY_MARK}{}; sha256 {}\r\n",
        output.sample_rate_hz,
        record.product.name.replace(',', " "),
        record.product.version.replace(',', " "),
        record.record_id,
        record.digest()
    )
}

fn broadcast(old: Option<Bext>, record: &UseRecordDocument, output: &Output) -> Bext {
    let imported = old.is_some();
    let mut chunk = old.unwrap_or_default();
    // Our own earlier line goes; other people's history stays.
    let mut history: String = chunk
        .coding_history
        .split_inclusive('\n')
        .filter(|line| !line.contains(HISTORY_MARK))
        .collect::<String>()
        .trim_end_matches(['\r', '\n'])
        .to_owned();
    if !history.is_empty() {
        history.push_str("\r\n");
    }
    history.push_str(&history_line(record, output));
    chunk.coding_history = history;
    if chunk.version < 2 {
        chunk.loudness = [None; 5];
        chunk.version = 2;
    }
    if let Some(loudness) = &record.loudness {
        chunk.loudness = bext::loudness_fields(loudness);
    }
    if !imported || chunk.originator_reference.starts_with("cr1-") {
        chunk.description = format!("{} Record {}.", record.statement, record.record_id);
        if chunk.description.len() > 256 {
            chunk.description = format!("AI use is stated in the signed record {} of this file.", record.record_id);
        }
        chunk.originator = format!("{} {}", record.product.name, record.product.version);
    }
    if chunk.originator_reference.is_empty() || chunk.originator_reference.starts_with("cr1-") {
        chunk.originator_reference.clone_from(&record.record_id);
    }
    if let (true, Some(ms)) = (chunk.origination_date.is_empty(), record.made_at_unix_ms) {
        let at = Utc::from_unix_ms(ms);
        (chunk.origination_date, chunk.origination_time) = (at.date(), at.time());
    }
    chunk
}

fn info(old: Option<Info>, record: &UseRecordDocument) -> Info {
    let mut info = old.unwrap_or_default();
    let ours = format!("{COMMENT_MARK}{}; sha256 {}. {}", record.record_id, record.digest(), record.statement);
    let theirs = info.get(b"ICMT").unwrap_or_default();
    let theirs = theirs.split(COMMENT_MARK).next().unwrap_or_default().trim_end().to_owned();
    info.set(b"ICMT", &if theirs.is_empty() { ours } else { format!("{theirs} {ours}") });
    if info.get(b"ISFT").is_none() {
        info.set(b"ISFT", &format!("{} {}", record.product.name, record.product.version));
    }
    info
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordBuilder;

    fn record() -> (UseRecordDocument, Output) {
        let output = Output {
            pcm_sha256: "a".repeat(64),
            sample_rate_hz: 48_000,
            channels: 2,
            frames: 1,
            sample_format: "pcm24".into(),
            binding: Default::default(),
        };
        (RecordBuilder::new().made_at(Some(951_782_400_000)).build().unwrap().for_output(output.clone()), output)
    }

    #[test]
    fn other_peoples_tags_stay_and_ours_are_replaced() {
        let (record, output) = record();
        let mut theirs = Info::default();
        theirs.set(b"INAM", "A song");
        theirs.set(b"ICMT", "rough mix");
        let their_bext = Bext {
            description: "scene 1".into(),
            originator_reference: "XYZ".into(),
            coding_history: "A=ANALOGUE,M=stereo,T=tape\r\n".into(),
            ..Bext::default()
        };
        let once = broadcast(Some(their_bext), &record, &output);
        let twice = broadcast(Some(once.clone()), &record, &output);
        assert_eq!(once, twice);
        assert_eq!((once.description.as_str(), once.originator_reference.as_str()), ("scene 1", "XYZ"));
        let lines: Vec<&str> = once.coding_history.lines().collect();
        assert_eq!(lines[0], "A=ANALOGUE,M=stereo,T=tape");
        assert!(lines[1].starts_with("A=PCM,F=48000,W=24,M=stereo,T=Continuo "), "{}", lines[1]);
        assert_eq!(once.origination_date, "2000-02-29");
        let once = info(Some(theirs), &record);
        assert_eq!(info(Some(once.clone()), &record), once);
        assert_eq!(once.get(b"INAM").unwrap(), "A song");
        assert!(once.get(b"ICMT").unwrap().starts_with("rough mix Continuo record cr1-"));
    }

    #[test]
    fn every_carrier_gives_the_mark_back() {
        let (record, output) = record();
        let chunks = Imported::default().with(&record, &output, "http://example.org/type");
        let content = |id: &[u8; 4]| chunks.iter().find(|(i, _)| i == id).unwrap().1.clone();
        let imported = Imported {
            bext: Some(Bext::parse(&content(b"bext")).unwrap()),
            info: Info::parse(&content(b"LIST")).unwrap(),
            ixml: String::from_utf8(content(b"iXML")).ok(),
            xmp: String::from_utf8(content(b"_PMX")).ok(),
        };
        let mark = Some(Mark::of(&record));
        let marks = imported.marks();
        assert_eq!((marks.bext, marks.info, marks.ixml, marks.xmp), (mark.clone(), mark.clone(), mark.clone(), mark));
        assert_eq!(imported.bext.unwrap().originator_reference, record.record_id);
    }
}
