//! The `continuo` command. Its flags, exit codes and outputs are a public contract.
//!
//! Exit codes: 0 done, 1 failed (one sentence on the error stream, nothing half-written), 2 wrong usage. Results go to
//! standard output, everything else to the error stream.

mod accompany;
mod args;
mod credits;
mod deliver;
mod error;
mod help;
mod listen;
mod master;
mod models;
mod progress;
mod render;
mod say;
mod tag;
#[cfg(test)]
mod tests;
mod verify;

pub use error::CliError;

use std::ffi::OsString;

/// Runs the command with the process's own arguments and gives its exit code.
pub fn main() -> u8 {
    quiet_expected_panics();
    match run(std::env::args_os().skip(1)) {
        Ok(()) => 0,
        Err(error) => {
            say::error(&error);
            error.code()
        }
    }
}

/// Runs the command.
///
/// # Errors
/// [`CliError::Usage`] for arguments that make no sense, [`CliError::Failed`] for everything else.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<(), CliError> {
    let mut parser = lexopt::Parser::from_args(arguments);
    match parser.next().map_err(|e| CliError::usage(e, help::Topic::All))? {
        None => Err(CliError::Usage { why: "no command given".into(), topic: help::Topic::All }),
        Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h')) => say::text(help::Topic::All.text()),
        Some(lexopt::Arg::Long("version") | lexopt::Arg::Short('V')) => {
            say::line(format_args!("continuo {}", env!("CARGO_PKG_VERSION")))
        }
        Some(lexopt::Arg::Value(command)) => match command.to_string_lossy().as_ref() {
            "accompany" => accompany::run(parser),
            "listen" => listen::run(parser),
            "master" => master::run(parser),
            "render" => render::run(parser),
            "tag" => tag::run(parser),
            "verify" => verify::run(parser),
            "credits" => credits::run(parser),
            "models" => models::run(parser),
            "help" => match parser.next() {
                Ok(Some(lexopt::Arg::Value(topic))) => say::text(help::Topic::named(&topic.to_string_lossy()).text()),
                _ => say::text(help::Topic::All.text()),
            },
            other => Err(CliError::Usage { why: format!("there is no command '{other}'"), topic: help::Topic::All }),
        },
        Some(other) => Err(CliError::usage(other.unexpected(), help::Topic::All)),
    }
}

/// A decoder that panics on a damaged file is caught and told as an error; its own words would only confuse.
fn quiet_expected_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !crate::files::audio::panic_is_expected() {
            usual(info);
        }
    }));
}
