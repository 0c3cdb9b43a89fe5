//! Words on the two streams. A reader that went away (`continuo models | head`) is no error.

use super::CliError;
use std::fmt::{Arguments, Display};
use std::io::{self, Write};

/// A line on standard output.
pub fn line(words: Arguments<'_>) -> Result<(), CliError> {
    out(&format!("{words}\n"))
}

/// A text that ends itself on standard output.
pub fn text(text: &str) -> Result<(), CliError> {
    out(text)
}

fn out(text: &str) -> Result<(), CliError> {
    let mut stream = io::stdout().lock();
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::failed(format!("cannot write to standard output: {e}")))
        }
        _ => Ok(()),
    }
}

/// A line on the error stream. There is nowhere to tell it when this fails.
pub fn note(words: impl Display) {
    let _ = writeln!(io::stderr().lock(), "continuo: {words}");
}

/// An error, on the error stream.
pub fn error(error: &CliError) {
    note(error);
}
