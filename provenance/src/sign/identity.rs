//! Who signs: an identity of this machine's user, made on first use, or the user's own certificate and key.

use super::certificate;
use crate::error::ProvenanceError;
use crate::{clock, hash};
use c2pa::{BoxedSigner, SigningAlg};
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use x509_parser::pem::Pem;

/// The file that holds key and chain, in the identity's folder.
const KEY_FILE: &str = "signing-identity.pem";
/// The file that holds the root certificate, which may be given to anybody.
const ROOT_FILE: &str = "root-certificate.pem";

/// A certificate chain with its private key.
#[derive(Clone)]
pub struct Identity {
    chain_pem: String,
    key_pem: String,
    algorithm: SigningAlg,
    fingerprint: String,
    name: String,
}

impl std::fmt::Debug for Identity {
    /// Never shows the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("name", &self.name)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

fn wrong(why: impl Into<String>) -> ProvenanceError {
    ProvenanceError::Identity(why.into())
}

impl Identity {
    /// The identity of this user, in the folder where the system keeps a user's settings; made on first use.
    ///
    /// # Errors
    /// When the folder cannot be found or written, or the files in it are damaged.
    pub fn of_user() -> Result<Self, ProvenanceError> {
        Self::load_or_create(&user_folder()?)
    }

    /// The identity in `folder`; made there when there is none. Two programs that start at once end up with the same one.
    ///
    /// # Errors
    /// When the folder cannot be written, or the files in it are damaged.
    pub fn load_or_create(folder: &Path) -> Result<Self, ProvenanceError> {
        let path = folder.join(KEY_FILE);
        match fs::read_to_string(&path) {
            Ok(text) => return Self::from_pem(&text, &text),
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(ProvenanceError::io("read", &path)(e)),
        }
        create_folder(folder)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64);
        let fresh = certificate::fresh(clock::Utc::from_unix_ms(now).year as i32)?;
        let text = format!("{}{}", fresh.key_pem, fresh.chain_pem);
        if write_private(folder, &path, &text)? {
            crate::atomic::write_file(&folder.join(ROOT_FILE), fresh.root_pem.as_bytes())?;
        }
        let text = fs::read_to_string(&path).map_err(ProvenanceError::io("read", &path))?;
        Self::from_pem(&text, &text)
    }

    /// The user's own identity out of two files (they may be one): certificate chain, leaf first, and unencrypted PKCS 8 key.
    ///
    /// # Errors
    /// When a file cannot be read or does not hold what it should.
    pub fn from_files(chain: &Path, key: &Path) -> Result<Self, ProvenanceError> {
        let read = |path: &Path| fs::read_to_string(path).map_err(ProvenanceError::io("read", path));
        Self::from_pem(&read(chain)?, &read(key)?)
    }

    /// The user's own identity out of PEM texts: certificate chain, leaf first, and unencrypted PKCS 8 key.
    ///
    /// # Errors
    /// When there is no certificate or key in them, the kind of key cannot sign C2PA, or key and certificate do not fit.
    pub fn from_pem(chain_pem: &str, key_pem: &str) -> Result<Self, ProvenanceError> {
        let chain = blocks(chain_pem, "CERTIFICATE")?;
        let key = blocks(key_pem, "PRIVATE KEY")?;
        let first = chain
            .first()
            .ok_or_else(|| wrong("there is no CERTIFICATE in the file; give the chain as PEM, leaf first"))?;
        let [key] = key.as_slice() else {
            return Err(wrong(format!(
                "there are {} PRIVATE KEY blocks in the file; give one unencrypted PKCS 8 key (BEGIN PRIVATE KEY)",
                key.len()
            )));
        };
        let parsed = Pem::iter_from_buffer(first.as_bytes())
            .next()
            .and_then(Result::ok)
            .ok_or_else(|| wrong("the first certificate is no valid PEM"))?;
        let certificate =
            parsed.parse_x509().map_err(|e| wrong(format!("the first certificate cannot be read ({e})")))?;
        let algorithm = algorithm_of(&certificate)?;
        let name = certificate
            .subject()
            .iter_common_name()
            .next()
            .and_then(|n| n.as_str().ok())
            .unwrap_or("an unnamed certificate")
            .to_owned();
        let fingerprint = hash::sha256_hex(&parsed.contents);
        let identity = Self { chain_pem: chain.concat(), key_pem: key.clone(), algorithm, fingerprint, name };
        identity.signer()?;
        Ok(identity)
    }

    /// SHA-256 of the signing certificate, lower-case hex.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Common name of the signing certificate.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The certificates, leaf first, as PEM. They are in every file that is signed and are no secret.
    pub fn chain_pem(&self) -> &str {
        &self.chain_pem
    }

    /// The last certificate of the chain as PEM: who trusts it can verify this identity's files as trusted.
    pub fn root_pem(&self) -> String {
        blocks(&self.chain_pem, "CERTIFICATE").ok().and_then(|mut c| c.pop()).unwrap_or_default()
    }

    /// A signer for the C2PA library, without a time stamp authority.
    pub(crate) fn signer(&self) -> Result<LocalSigner, ProvenanceError> {
        c2pa::create_signer::from_keys(self.chain_pem.as_bytes(), self.key_pem.as_bytes(), self.algorithm, None)
            .map(LocalSigner)
            .map_err(|e| wrong(format!("key and certificate cannot be used together ({e})")))
    }
}

/// The library's signer, but with room for what is really signed: by default it leaves kilobytes of padding for a time
/// stamp, and there is none.
pub(crate) struct LocalSigner(BoxedSigner);

impl c2pa::Signer for LocalSigner {
    fn sign(&self, data: &[u8]) -> c2pa::Result<Vec<u8>> {
        self.0.sign(data)
    }
    fn alg(&self) -> SigningAlg {
        self.0.alg()
    }
    fn certs(&self) -> c2pa::Result<Vec<Vec<u8>>> {
        self.0.certs()
    }
    /// Certificates, at most 512 bytes of signature (RSA 4096), and headers.
    fn reserve_size(&self) -> usize {
        1024 + self.0.certs().map_or(8192, |certs| certs.iter().map(|c| c.len() + 8).sum())
    }
}

/// The PEM blocks of one kind, with their lines.
fn blocks(text: &str, kind: &str) -> Result<Vec<String>, ProvenanceError> {
    let (begin, end) = (format!("-----BEGIN {kind}-----"), format!("-----END {kind}-----"));
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(from) = rest.find(&begin) {
        let to =
            rest[from..].find(&end).ok_or_else(|| wrong(format!("a {kind} block has no end: the file is cut off")))?;
        let to = from + to + end.len();
        out.push(format!("{}\n", &rest[from..to]));
        rest = &rest[to..];
    }
    Ok(out)
}

/// The signature algorithm that goes with a certificate's key.
fn algorithm_of(certificate: &x509_parser::certificate::X509Certificate<'_>) -> Result<SigningAlg, ProvenanceError> {
    let key = &certificate.public_key().algorithm;
    let curve = key.parameters.as_ref().and_then(|p| p.as_oid().ok()).map(|oid| oid.to_id_string());
    match (key.algorithm.to_id_string().as_str(), curve.as_deref()) {
        ("1.2.840.10045.2.1", Some("1.2.840.10045.3.1.7")) => Ok(SigningAlg::Es256),
        ("1.2.840.10045.2.1", Some("1.3.132.0.34")) => Ok(SigningAlg::Es384),
        ("1.2.840.10045.2.1", Some("1.3.132.0.35")) => Ok(SigningAlg::Es512),
        ("1.3.101.112", _) => Ok(SigningAlg::Ed25519),
        ("1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10", _) => Ok(SigningAlg::Ps256),
        (other, _) => Err(wrong(format!("its key is of kind {other}; use P-256, P-384, P-521, Ed25519 or RSA"))),
    }
}

/// The folder of this user's settings.
fn user_folder() -> Result<PathBuf, ProvenanceError> {
    let from = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = if cfg!(target_os = "windows") {
        from("APPDATA").map(|p| p.join("Continuo"))
    } else if cfg!(target_os = "macos") {
        from("HOME").map(|p| p.join("Library/Application Support/Continuo"))
    } else {
        // XDG Base Directory Specification: a relative value is to be ignored.
        from("XDG_CONFIG_HOME")
            .filter(|p| p.is_absolute())
            .or_else(|| from("HOME").map(|p| p.join(".config")))
            .map(|p| p.join("continuo"))
    };
    base.ok_or_else(|| wrong("the folder of the user's settings is not known; set HOME (APPDATA on Windows)"))
}

fn create_folder(folder: &Path) -> Result<(), ProvenanceError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(ProvenanceError::io("create", folder))
}

/// Writes the key file, readable by its owner alone; false when another program was first.
fn write_private(folder: &Path, path: &Path, text: &str) -> Result<bool, ProvenanceError> {
    let beside =
        folder.join(format!(".{KEY_FILE}.{}.part", hash::sha256_hex(text.as_bytes()).get(..16).unwrap_or("new")));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    // A hard link does not replace a file that is there: of two programs the first wins.
    let linked = written.and_then(|()| match fs::hard_link(&beside, path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
        // Some file systems have no hard links.
        Err(_) if !path.exists() => fs::rename(&beside, path).map(|()| true),
        Err(e) => Err(e),
    });
    let _ = fs::remove_file(&beside);
    linked.map_err(ProvenanceError::io("write", path))
}
