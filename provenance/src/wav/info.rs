//! The `LIST INFO` chunk of RIFF: four-letter keys with zero-ended text.

use crate::error::ProvenanceError;

/// The entries, in their order; keys may repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info(pub Vec<([u8; 4], Vec<u8>)>);

impl Info {
    /// The first text under `key`; bytes that are no UTF-8 are shown as the replacement character.
    pub fn get(&self, key: &[u8; 4]) -> Option<String> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| String::from_utf8_lossy(v).into_owned())
    }

    /// Sets the first text under `key`, or adds it.
    pub fn set(&mut self, key: &[u8; 4], value: &str) {
        let value: Vec<u8> = value.bytes().filter(|&b| b != 0).collect();
        match self.0.iter_mut().find(|(k, _)| k == key) {
            Some(entry) => entry.1 = value,
            None => self.0.push((*key, value)),
        }
    }

    /// The chunk's content, type word included.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = b"INFO".to_vec();
        for (key, value) in &self.0 {
            out.extend_from_slice(key);
            out.extend_from_slice(&(value.len() as u32 + 1).to_le_bytes());
            out.extend_from_slice(value);
            out.push(0);
            if out.len() % 2 == 1 {
                out.push(0);
            }
        }
        out
    }

    /// Reads the content of a `LIST` chunk; `None` when the list is of another type.
    ///
    /// # Errors
    /// When an entry reaches past the end.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, ProvenanceError> {
        if bytes.get(..4) != Some(b"INFO".as_slice()) {
            return Ok(None);
        }
        let mut entries = Vec::new();
        let mut at = 4usize;
        while at + 8 <= bytes.len() {
            let key = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
            let size = u32::from_le_bytes([bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7]]) as usize;
            let content =
                at.checked_add(8).and_then(|from| bytes.get(from..from.checked_add(size)?)).ok_or_else(|| {
                    ProvenanceError::Wav("an entry of its INFO list reaches past the list's end".to_owned())
                })?;
            let end = content.iter().position(|&b| b == 0).unwrap_or(content.len());
            entries.push((key, content[..end].to_vec()));
            at += 8 + size + size % 2;
        }
        Ok(Some(Self(entries)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_round_trips_odd_and_even() {
        let mut info = Info::default();
        info.set(b"ISFT", "abc");
        info.set(b"ICMT", "abcd");
        info.set(b"ISFT", "xyz");
        let bytes = info.to_bytes();
        assert_eq!(bytes.len() % 2, 0);
        assert_eq!(&bytes[..12], b"INFOISFT\x04\0\0\0");
        assert_eq!(Info::parse(&bytes).unwrap().unwrap(), info);
        assert_eq!(info.get(b"ISFT").unwrap(), "xyz");
        assert_eq!(Info::parse(b"adtl....").unwrap(), None);
    }

    #[test]
    fn a_forged_size_is_an_error() {
        let mut bytes = b"INFOICMT".to_vec();
        bytes.extend_from_slice(&u32::MAX.to_le_bytes());
        bytes.extend_from_slice(b"abcd");
        assert!(Info::parse(&bytes).is_err());
    }
}
