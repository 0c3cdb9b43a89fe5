//! How far the work is, on the error stream when a person watches it.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Shows stages and percentages; silent when the error stream is no terminal, unless asked for.
#[derive(Debug)]
pub struct Progress {
    kind: Kind,
    last: Option<(String, u32, Instant)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Silent,
    /// One line, written over.
    Terminal,
    /// A line for each stage and tenth.
    Lines,
}

/// Shortest time between two pictures of the same stage.
const PACE: Duration = Duration::from_millis(60);

impl Progress {
    /// Shows progress on a terminal, or line by line when `asked`.
    pub fn new(asked: bool) -> Self {
        let kind = match (io::stderr().is_terminal(), asked) {
            (true, _) => Kind::Terminal,
            (false, true) => Kind::Lines,
            (false, false) => Kind::Silent,
        };
        Self { kind, last: None }
    }

    /// `stage` is `share` done, 0 to 1.
    pub fn at(&mut self, stage: &str, share: f32) {
        let percent = (share.clamp(0.0, 1.0) * 100.0) as u32;
        let same_stage = self.last.as_ref().is_some_and(|(s, ..)| s == stage);
        let mut stream = io::stderr().lock();
        // Progress that cannot be shown is not worth an error.
        let _ = match self.kind {
            Kind::Silent => return,
            Kind::Terminal => {
                if same_stage && percent < 100 && self.last.as_ref().is_some_and(|l| l.2.elapsed() < PACE) {
                    return;
                }
                let filled = percent as usize / 5;
                write!(stream, "\r\x1b[K{stage:<28} {}{} {percent:>3} %", "━".repeat(filled), "─".repeat(20 - filled))
                    .and_then(|()| stream.flush())
            }
            Kind::Lines => {
                if same_stage && self.last.as_ref().is_some_and(|l| l.1 / 10 == percent / 10) {
                    return;
                }
                writeln!(stream, "{stage} {percent} %")
            }
        };
        self.last = Some((stage.to_owned(), percent, Instant::now()));
    }

    /// Takes the line away again.
    pub fn done(&mut self) {
        if self.kind == Kind::Terminal && self.last.take().is_some() {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done();
    }
}
