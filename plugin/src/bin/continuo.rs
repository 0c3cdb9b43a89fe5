//! The `continuo` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(continuo_plugin::cli::main())
}
