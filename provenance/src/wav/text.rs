//! The two XML chunks: `iXML` (iXML specification 2.10) and `_PMX`, which carries an XMP packet with the IPTC digital source
//! type. In an imported file only our own element is put in or replaced; everything else in the chunk stays.

use crate::record::UseRecordDocument;

const OPEN: &str = "<CONTINUO>";
const CLOSE: &str = "</CONTINUO>";
/// Our element in XMP. The name of the namespace is a name, not an address.
const XMP_NAMESPACE: &str = "urn:continuo:use-record:1";

/// Text made safe inside an element.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no way to write the other control characters.
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The text between `open` and `close`.
pub(crate) fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let from = text.find(open)? + open.len();
    let to = from + text[from..].find(close)?;
    Some(&text[from..to])
}

/// `text` without the first stretch from `open` to `close`.
fn without(text: &str, open: &str, close: &str) -> String {
    match (text.find(open), text.find(close)) {
        (Some(from), Some(to)) if to > from => format!("{}{}", &text[..from], &text[to + close.len()..]),
        _ => text.to_owned(),
    }
}

/// The `iXML` chunk with the record's id, digest and statement; `old` is the imported file's chunk.
pub fn ixml(record: &UseRecordDocument, old: Option<&str>) -> String {
    let ours = format!(
        "{OPEN}<RECORD_ID>{}</RECORD_ID><RECORD_SHA256>{}</RECORD_SHA256><STATEMENT>{}</STATEMENT>{CLOSE}",
        record.record_id,
        record.digest(),
        escape(&record.statement)
    );
    if let Some(old) = old {
        let bare = without(old, OPEN, CLOSE);
        if let Some(at) = bare.rfind("</BWFXML>") {
            return format!("{}{ours}{}", &bare[..at], &bare[at..]);
        }
    }
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BWFXML><IXML_VERSION>2.10</IXML_VERSION>{ours}</BWFXML>\n")
}

/// Id and digest out of an `iXML` chunk.
pub fn read_ixml(text: &str) -> Option<(String, String)> {
    let ours = between(text, OPEN, CLOSE)?;
    let id = between(ours, "<RECORD_ID>", "</RECORD_ID>")?;
    let digest = between(ours, "<RECORD_SHA256>", "</RECORD_SHA256>")?;
    Some((id.to_owned(), digest.to_owned()))
}

/// The XMP packet with the IPTC digital source type and the record's id and digest; `old` is the imported file's packet.
/// `None` when an old packet is there that cannot be added to.
pub fn xmp(record: &UseRecordDocument, source_type: &str, old: Option<&str>) -> Option<String> {
    let open = format!("<rdf:Description rdf:about=\"\" xmlns:continuo=\"{XMP_NAMESPACE}\"");
    let close = "</continuo:sha256></rdf:Description>";
    let ours = format!(
        "{open} xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\">\
         <Iptc4xmpExt:DigitalSourceType>{}</Iptc4xmpExt:DigitalSourceType>\
         <continuo:recordId>{}</continuo:recordId><continuo:sha256>{}{close}",
        escape(source_type),
        record.record_id,
        record.digest()
    );
    match old {
        Some(old) => {
            let bare = without(old, &open, close);
            let at = bare.rfind("</rdf:RDF>")?;
            Some(format!("{}{ours}{}", &bare[..at], &bare[at..]))
        }
        None => Some(format!(
            "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
             <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">{ours}</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>"
        )),
    }
}

/// Id and digest out of an XMP packet.
pub fn read_xmp(text: &str) -> Option<(String, String)> {
    let id = between(text, "<continuo:recordId>", "</continuo:recordId>")?;
    let digest = between(text, "<continuo:sha256>", "</continuo:sha256>")?;
    Some((id.to_owned(), digest.to_owned()))
}
