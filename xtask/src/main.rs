//! The project's own commands: `cargo xtask <command>`.
//!
//! Each command is one module. This program is a workspace of its own, so that it builds before the
//! main workspace can be resolved (see [`patch`]).

mod digest;
mod patch;
mod paths;
mod sh;

use anyhow::Result;

fn main() -> Result<()> {
    patch::apply(&paths::Paths::find()?)
}
