//! `Signature-Input` and `Signature` as structured fields (RFC 9651), read strictly.

use gongxin_crypto::Signature;
use gongxin_types::OfficerId;
use http::HeaderMap;
use sfv::{
    BareItem, DictSerializer, Dictionary, FieldType, InnerList, Item, Key, KeyRef, ListEntry, ListSerializer, Parser,
    StringRef, key_ref, string_ref,
};

use super::{Call, ReadError, SIGNATURE, SIGNATURE_INPUT, Signer};
use crate::limits;

/// The label of signatures made here; any is read.
pub(super) const LABEL: &str = "call";

/// What a signature may cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Component {
    Method,
    TargetUri,
    ContentDigest,
}

impl Component {
    const ALL: [Self; 3] = [Self::Method, Self::TargetUri, Self::ContentDigest];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Method => "@method",
            Self::TargetUri => "@target-uri",
            Self::ContentDigest => "content-digest",
        }
    }

    pub(super) fn value<'a>(self, call: Call<'a>, digest: Option<&'a str>) -> &'a str {
        match self {
            Self::Method => call.method,
            Self::TargetUri => call.target_uri,
            Self::ContentDigest => digest.unwrap_or_default(),
        }
    }
}

/// What a signature made here covers.
pub(super) const fn covered(body: bool) -> &'static [Component] {
    const WITH_BODY: &[Component] = &Component::ALL;
    const WITHOUT: &[Component] = &[Component::Method, Component::TargetUri];
    if body { WITH_BODY } else { WITHOUT }
}

pub(super) fn header(header: &'static str, reason: &'static str) -> ReadError {
    ReadError::Header { header, reason }
}

/// The value of a header, its lines joined (RFC 9110 §5.3).
pub(super) fn single(headers: &HeaderMap, name: &'static str) -> Result<Option<String>, ReadError> {
    let mut joined: Option<String> = None;
    for value in headers.get_all(name) {
        let text = value.to_str().map_err(|_| header(name, "has bytes that are not ASCII"))?.trim();
        let whole = joined.get_or_insert_with(String::new);
        if whole.len().saturating_add(text.len()) > limits::SIGNATURE_HEADER_BYTES_MAX {
            return Err(header(name, "is too long"));
        }
        if !whole.is_empty() {
            whole.push_str(", ");
        }
        whole.push_str(text);
    }
    Ok(joined)
}

/// The one signature's label, components and parameters.
pub(super) fn read_input(text: &str) -> Result<(Key, InnerList), ReadError> {
    let dictionary: Dictionary =
        Parser::new(text).parse().map_err(|_| header(SIGNATURE_INPUT, "is no dictionary of signatures"))?;
    let mut entries = dictionary.into_iter();
    match (entries.next(), entries.next()) {
        (Some((label, ListEntry::InnerList(list))), None) => Ok((label, list)),
        _ => Err(header(SIGNATURE_INPUT, "must describe exactly one signature")),
    }
}

/// The bytes of the signature with that label.
pub(super) fn read_signature(text: &str, label: &Key) -> Result<Vec<u8>, ReadError> {
    let dictionary: Dictionary =
        Parser::new(text).parse().map_err(|_| header(SIGNATURE, "is no dictionary of signatures"))?;
    let mut entries = dictionary.into_iter();
    match (entries.next(), entries.next()) {
        (Some((found, ListEntry::Item(Item { bare_item: BareItem::ByteSequence(bytes), .. }))), None)
            if found == *label =>
        {
            Ok(bytes)
        }
        _ => Err(header(SIGNATURE, "must hold exactly the signature that `Signature-Input` describes")),
    }
}

/// The covered components: all that must be, each once, none with parameters of its own.
pub(super) fn read_components(items: &[Item]) -> Result<Vec<Component>, ReadError> {
    let mut components = Vec::with_capacity(Component::ALL.len());
    for item in items {
        let name = item.bare_item.as_string().filter(|_| item.params.is_empty()).ok_or(ReadError::Covered)?;
        let component = Component::ALL.into_iter().find(|component| component.name() == name.as_str());
        match component {
            Some(component) if !components.contains(&component) => components.push(component),
            _ => return Err(ReadError::Covered),
        }
    }
    let complete = components.contains(&Component::Method) && components.contains(&Component::TargetUri);
    if complete { Ok(components) } else { Err(ReadError::Covered) }
}

/// The parameters, read.
pub(super) struct Parameters {
    pub(super) keyid: OfficerId,
    pub(super) created: u64,
    pub(super) nonce: String,
    algorithm: String,
}

impl Parameters {
    pub(super) fn read(parameters: &sfv::Parameters) -> Result<Self, ReadError> {
        const KNOWN: [&str; 4] = ["created", "nonce", "keyid", "alg"];
        if let Some(name) = parameters.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            let name = name.as_str().chars().take(32).collect();
            return Err(ReadError::Parameter { name, reason: "is not one of `created`, `nonce`, `keyid`, `alg`" });
        }
        let created = find(parameters, "created")?.as_integer().and_then(|seconds| u64::try_from(seconds).ok());
        let nonce = text(parameters, "nonce")?;
        if !limits::NONCE_CHARACTERS.contains(&nonce.len()) {
            return Err(wrong("nonce", "must have 8 to 128 characters"));
        }
        Ok(Self {
            keyid: text(parameters, "keyid")?.parse().map_err(|_| wrong("keyid", "is no identifier of an officer"))?,
            created: created.ok_or_else(|| wrong("created", "is not a number of seconds since 1970"))?,
            nonce: nonce.to_owned(),
            algorithm: text(parameters, "alg")?.to_owned(),
        })
    }

    /// The signature of the algorithm that was named: `alg` and the text form of keys and signatures share their names.
    pub(super) fn signature(&self, bytes: &[u8]) -> Result<Signature, ReadError> {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let signature = format!("{}:{hex}", self.algorithm).parse();
        signature.map_err(|_| wrong("alg", "is not `ed25519`, or the signature is not of its length"))
    }
}

fn wrong(name: &str, reason: &'static str) -> ReadError {
    ReadError::Parameter { name: name.to_owned(), reason }
}

fn find<'a>(parameters: &'a sfv::Parameters, name: &'static str) -> Result<&'a BareItem, ReadError> {
    parameters.get(key_ref(name)).ok_or_else(|| wrong(name, "is missing"))
}

fn text<'a>(parameters: &'a sfv::Parameters, name: &'static str) -> Result<&'a str, ReadError> {
    find(parameters, name)?.as_string().map(StringRef::as_str).ok_or_else(|| wrong(name, "is no string"))
}

/// The parameters of a signature made here, as they stand in both header and base.
pub(super) fn write_parameters(components: &[Component], signer: &Signer<'_>) -> String {
    let public = signer.key.public().to_string();
    let algorithm = public.split(':').next().unwrap_or_default();
    let mut list = ListSerializer::new();
    let mut inner = list.inner_list();
    for component in components {
        let _ = inner.bare_item(string(component.name()));
    }
    // Seconds fit the 15 digits of a structured integer for thirty million years.
    let created = sfv::Integer::try_from(signer.created).unwrap_or(sfv::Integer::MAX);
    let _ = inner
        .finish()
        .parameter(key_ref("created"), created)
        .parameter(key_ref("nonce"), string(signer.nonce))
        .parameter(key_ref("keyid"), string(&signer.officer.to_string()))
        .parameter(key_ref("alg"), string(algorithm));
    list.finish().unwrap_or_default()
}

/// Text that is not printable ASCII becomes the empty string, which no reader accepts.
fn string(text: &str) -> &StringRef {
    StringRef::from_str(text).unwrap_or_else(|_| string_ref(""))
}

pub(super) fn write_signature(bytes: &[u8]) -> String {
    let mut dictionary = DictSerializer::new();
    let label: &KeyRef = key_ref(LABEL);
    let _ = dictionary.bare_item(label, bytes);
    dictionary.finish().unwrap_or_default()
}

/// Components and parameters in the order they were given, as the base has them (RFC 9421 §2.3).
pub(super) fn serialize(input: &InnerList) -> String {
    vec![ListEntry::InnerList(input.clone())].serialize().unwrap_or_default()
}
