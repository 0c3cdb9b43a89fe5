//! Makes the certificates of a signing identity: a private root whose key is thrown away, and a leaf that signs.
//!
//! The leaf has what C2PA asks for (specification 2.2, "X.509 certificates"): authority key identifier, the digital
//! signature usage, and an allowed extended usage (e-mail protection). There is no personal field in either.

use crate::error::ProvenanceError;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::{EncodePrivateKey as _, LineEnding};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose,
    SerialNumber,
};
use sha2::{Digest as _, Sha256};

/// Years a certificate is valid: a file signed today must still verify when the record matters.
const YEARS_VALID: i32 = 30;

/// Fresh PEM texts.
pub(super) struct Fresh {
    /// PKCS 8 private key of the leaf.
    pub key_pem: String,
    /// Leaf, then root.
    pub chain_pem: String,
    /// The root alone, to be given to others.
    pub root_pem: String,
}

fn failed(what: &'static str) -> impl Fn(String) -> ProvenanceError {
    move |why| ProvenanceError::Identity(format!("{what} failed ({why})"))
}

fn random<const N: usize>() -> Result<[u8; N], ProvenanceError> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(|e| failed("asking the system for random numbers")(e.to_string()))?;
    Ok(bytes)
}

/// A P-256 key as the certificate library wants it.
struct Key {
    key: SigningKey,
    public: Vec<u8>,
}

impl Key {
    fn fresh() -> Result<Self, ProvenanceError> {
        loop {
            // One in 2^32 draws is no scalar of the curve; then another is drawn.
            if let Ok(key) = SigningKey::from_slice(&random::<32>()?) {
                let public = key.verifying_key().to_encoded_point(false).as_bytes().to_vec();
                return Ok(Self { key, public });
            }
        }
    }

    /// RFC 7093 method 1: the first 160 bits of the SHA-256 of the public key.
    fn identifier(&self) -> KeyIdMethod {
        KeyIdMethod::PreSpecified(Sha256::digest(&self.public)[..20].to_vec())
    }
}

impl rcgen::PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }
    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: DerSignature = self.key.try_sign(message).map_err(|_| rcgen::Error::RemoteKeyError)?;
        Ok(signature.as_bytes().to_vec())
    }
}

fn params(name: &str, key: &Key, year: i32) -> Result<CertificateParams, ProvenanceError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Continuo (local identity)");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(year - 1, 1, 1);
    params.not_after = rcgen::date_time_ymd(year + YEARS_VALID, 1, 1);
    let mut serial = random::<16>()?;
    // A serial number is a positive integer of fixed length.
    serial[0] = (serial[0] & 0x7F) | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.key_identifier_method = key.identifier();
    Ok(params)
}

/// A new identity; `year` is the current year, from which the certificates are valid for [`YEARS_VALID`] years.
pub(super) fn fresh(year: i32) -> Result<Fresh, ProvenanceError> {
    let root_key = Key::fresh()?;
    let leaf_key = Key::fresh()?;
    // A short random mark tells one user's identity from another's without saying who either is.
    let mark = crate::hash::hex(&random::<4>()?);
    let mut root = params(&format!("Continuo local root {mark}"), &root_key, year)?;
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root_certificate =
        root.self_signed(&root_key).map_err(|e| failed("making the root certificate")(e.to_string()))?;
    let mut leaf = params(&format!("Continuo local signer {mark}"), &leaf_key, year)?;
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    leaf.use_authority_key_identifier_extension = true;
    let issuer = Issuer::from_params(&root, &root_key);
    let leaf_certificate =
        leaf.signed_by(&leaf_key, &issuer).map_err(|e| failed("making the signing certificate")(e.to_string()))?;
    let secret = p256::SecretKey::from(leaf_key.key.clone());
    let key_pem = secret.to_pkcs8_pem(LineEnding::LF).map_err(|e| failed("writing the key")(e.to_string()))?;
    Ok(Fresh {
        key_pem: key_pem.to_string(),
        chain_pem: format!("{}{}", leaf_certificate.pem(), root_certificate.pem()),
        root_pem: root_certificate.pem(),
    })
}
