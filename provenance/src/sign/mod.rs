//! The signed carrier: a C2PA manifest (technical specification 2.2) made and signed on this machine. Nothing here opens a
//! network connection: the C2PA library is built without any HTTP client, remote manifests and OCSP are off, and there is
//! no time stamp authority.

mod certificate;
mod identity;
mod manifest;
mod seal;

pub use identity::Identity;
pub(crate) use manifest::{Inception, Parent};
pub use manifest::{RECORD_LABEL, source_type};
pub(crate) use seal::Prepared;

/// Settings of the C2PA library for every use of it: no network, no thumbnails.
pub(crate) fn settings() -> serde_json::Value {
    serde_json::json!({
        "verify": { "remote_manifest_fetch": false, "ocsp_fetch": false },
        "builder": { "thumbnail": { "enabled": false } },
        "core": { "allowed_network_hosts": [] }
    })
}
