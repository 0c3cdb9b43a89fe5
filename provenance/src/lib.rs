//! Continuo's record of AI use: the ledger of suggestions, the public record, the carriers it is written into (C2PA, `bext`,
//! `INFO`, `iXML`, XMP, sidecar JSON), verification, and credits.
//!
//! ```text
//! UseRecord (core) ─► RecordBuilder ─► UseRecordDocument ─► write_tagged_wav / tag_file ─► file + sidecar
//!                                                                         verify, credits ◄─┘
//! ```
//!
//! Nothing here runs on an audio thread, opens a network connection, or reads the clock (but once, for the dates of a new
//! signing certificate).

mod atomic;
pub mod carriers;
mod clock;
pub mod credits;
mod error;
mod hash;
pub mod ledger;
pub mod record;
pub mod sidecar;
pub mod sign;
mod tag;
pub mod verify;
pub mod wav;

pub use credits::{Credits, credits};
pub use error::ProvenanceError;
pub use hash::{sha256_file, sha256_hex};
pub use ledger::{Ledger, OfferContext};
pub use record::{MoveUse, PartUse, RecordBuilder, UseRecordDocument};
pub use sign::Identity;
pub use tag::{Written, tag_file, write_derived_wav, write_tagged_wav};
pub use verify::{Verdict, Verification, VerifyOptions, verify, verify_with};
pub use wav::{Audio, Format};
