//! The words of `--help`.

/// What help is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The command as a whole.
    All,
    /// `accompany`.
    Accompany,
    /// `listen`.
    Listen,
    /// `master`.
    Master,
    /// `render`.
    Render,
    /// `tag`.
    Tag,
    /// `verify`.
    Verify,
    /// `credits`.
    Credits,
    /// `models`.
    Models,
}

impl Topic {
    /// The topic of a command's name; the whole for any other word.
    pub fn named(word: &str) -> Topic {
        match word {
            "accompany" => Topic::Accompany,
            "listen" => Topic::Listen,
            "master" => Topic::Master,
            "render" => Topic::Render,
            "tag" => Topic::Tag,
            "verify" => Topic::Verify,
            "credits" => Topic::Credits,
            "models" => Topic::Models,
            _ => Topic::All,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Topic::All => "",
            Topic::Accompany => "accompany ",
            Topic::Listen => "listen ",
            Topic::Master => "master ",
            Topic::Render => "render ",
            Topic::Tag => "tag ",
            Topic::Verify => "verify ",
            Topic::Credits => "credits ",
            Topic::Models => "models ",
        }
    }

    /// The line under a usage error.
    pub fn hint(self) -> String {
        format!("try: continuo {}--help", self.word())
    }

    /// The help itself.
    pub fn text(self) -> &'static str {
        match self {
            Topic::All => ALL,
            Topic::Accompany => ACCOMPANY,
            Topic::Listen => LISTEN,
            Topic::Master => MASTER,
            Topic::Render => RENDER,
            Topic::Tag => TAG,
            Topic::Verify => VERIFY,
            Topic::Credits => CREDITS,
            Topic::Models => MODELS,
        }
    }
}

const ALL: &str = "\
Continuo plays along, listens, masters, and says truthfully what it did. Everything stays on this computer.

usage: continuo COMMAND ...

  accompany IN --midi OUT.mid   plays keys, bass, drums and strings to a melody
  listen IN                     key, tempo, beats, chords and notes of a recording
  master IN -o OUT              measures, suggests, applies what you accept, and masters
  render IN -o OUT.wav          the whole road: accompany, mix, master, tag
  tag IN -o OUT --record R      writes a record of AI use into a file
  verify FILE                   reads and checks the record of a file
  credits FILE                  who and what is in a file, and what its models learned from
  models                        what is inside: models, hashes, cards, training works

  continuo COMMAND --help       says more
  continuo --version

IN is MIDI, WAV, FLAC, MP3 or Ogg Vorbis. The same input, seed and version give the same bytes.
Exit codes: 0 done, 1 failed (the error stream says why), 2 wrong usage.
";

const ACCOMPANY: &str = "\
usage: continuo accompany IN --midi OUT.mid [flags]

Harmonises the melody of IN (MIDI or a recording) and plays four parts under it. OUT.mid has the melody as its first
track, a track per part, and a track of chord names, in the tempo and metre of IN.

  --midi OUT.mid        where the notes go (with --takes: OUT.mid, OUT-2.mid, ...)
  --audio OUT.wav       the arrangement as sound too, tagged with its record
  --parts LIST          of keys,bass,drums,strings; all four unless given
  --style NAME          ballad, pop, rock, folk, hymn, waltz, house or swing
  --chords GRID         your chords, a bar between bars: \"C | Am F | G7\"; % repeats; they are kept as written, and
                        repeated to the end of the song
  --density 0..1        few notes or many (0.5)
  --adventure 0..1      the likeliest or the daring (0.3)
  --bpm N               tempo, quarter notes per minute, instead of the file's
  --meter 4/4           metre, instead of the file's
  --seed N              another number, another take (1)
  --takes N             that many takes, of seeds N, N+1, ... (1, at most 16)
  --json REPORT         what was done, as JSON (- for standard output)
  --rules-only          written rules alone, no trained model
  --progress            progress as lines when the error stream is no terminal

To run this command is to accept the takes it writes; their records say so.
";

const LISTEN: &str = "\
usage: continuo listen IN [--json REPORT] [--progress]

Hears a recording: its key, tempo, metre, beats, chords and melody notes.
";

const MASTER: &str = "\
usage: continuo master IN -o OUT.wav [--for NAME[,NAME...]] [--accept all|none|ID,ID] [flags]
       continuo master IN --suggest-only

Measures IN, suggests moves with reasons, applies those you accept, and sets level and true peak for where it goes.

  -o, --output OUT.wav  the master; with several names in --for, OUT-NAME.wav for each
  --for LIST            streaming, spotify, apple, youtube, cd, club, broadcast (streaming)
  --accept WHICH        all, none, or the ids of the moves you want (none)
  --suggest-only        says the moves and writes nothing
  --json REPORT         what was measured, suggested and done, as JSON (- for standard output)
  --progress            progress as lines when the error stream is no terminal

Level and ceiling are what --for asks for and are always set; every other move needs your --accept.
";

const RENDER: &str = "\
usage: continuo render IN -o OUT.wav [flags of accompany and master]

The whole road: the melody of IN is harmonised and accompanied, the parts are mixed with it, the mix is mastered with
the moves you accept, and OUT.wav carries a record of all of it (OUT.wav.continuo.json beside it).

  -o, --output OUT.wav  the master
  --midi OUT.mid        the notes as well
  --report DIR          a folder with report.html, the MIDI of each part and the record
  --for, --accept, --json, --parts, --style, --chords, --density, --adventure, --bpm, --meter, --seed,
  --rules-only, --progress
                        as in accompany and master
";

const TAG: &str = "\
usage: continuo tag IN -o OUT --record RECORD.json

Writes the record of an earlier render into a file made from it (a bounce, an edit, a conversion). The tag says that
you stated the relation; it does not claim that the same run made both.
";

const VERIFY: &str = "\
usage: continuo verify FILE [--json]

Reads every tag of FILE, checks signatures and hashes, and says in plain words what AI did and what was done by hand.
Exit code 1 when there is no record, or when something does not fit.
";

const CREDITS: &str = "\
usage: continuo credits FILE [--csv SPLIT.csv]

The people, models and sources of FILE, as text and, with --csv, as a split sheet.
";

const MODELS: &str = "\
usage: continuo models [--json]

The models inside: version, SHA-256, card, how many works each was trained on, and the runtime they run on.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_and_part_and_target_is_named() {
        for style in continuo_core::Style::ALL {
            assert!(ACCOMPANY.contains(style.id()), "{style}");
        }
        for part in continuo_core::Part::ALL {
            assert!(ACCOMPANY.contains(part.id()), "{part}");
        }
        for destination in crate::engine::destinations::ALL {
            assert!(MASTER.contains(destination.name), "{}", destination.name);
        }
    }
}
