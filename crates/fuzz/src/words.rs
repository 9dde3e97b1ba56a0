//! Rows, what is sealed for a reader, and the text forms of names.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::LazyLock;

use gongxin_crypto::{Digest, PublicKey, SealingPublic, SealingSecret, Signature, Suite, seal};
use gongxin_projection::Cursor;
use gongxin_types::{
    Bilingual, Date, DutyId, EvidenceId, Field, HeaderDigest, List, OfficerId, Resource, ResourceId, Slug, Time,
    TransactionId,
    evidence::MediaType,
    gateway::Address,
    genesis::ConsensusKey,
    json,
    resource::{Classification, FieldType, OpenAttribute, ShareAttribute, SubjectKind, UpdateCycle},
    response::{AccessResponse, SEALING_INFO},
    row::{Row, Salt},
};

use crate::{Outcome, canonical};

/// Associated data of the sealed messages of the corpus.
pub const SEALING_CONTEXT: &[u8] = b"corpus";

/// Opens the sealed messages of the corpus.
pub fn sealing_secret() -> SealingSecret {
    SealingSecret::from_seed(&[7; 32])
}

/// A resource with a column of every type.
pub fn resource() -> Resource {
    RESOURCE.clone()
}

static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    fn both<const MAX: usize>() -> Bilingual<MAX> {
        Bilingual::new("样本", "sample").expect("official texts")
    }
    let field = |name: &str, value, nullable, key| Field {
        name: name.parse().expect("a name"),
        title: both(),
        value,
        nullable,
        key,
        classification: Classification::General1,
    };
    let fields = vec![
        field("code", FieldType::Text, false, true),
        field("count", FieldType::Integer, true, false),
        field("open", FieldType::Boolean, true, false),
        field("since", FieldType::Date, true, false),
    ];
    Resource {
        version: 1,
        id: "civil-affairs/sample".parse().expect("a name"),
        duty: "civil-affairs/sampling".parse().expect("a name"),
        title: both(),
        description: both(),
        fields: List::new(fields).expect("four fields"),
        subjects: SubjectKind::None,
        share: ShareAttribute::Unconditional,
        open: OpenAttribute::Unconditional,
        classification: Classification::General1,
        update_cycle: UpdateCycle::Yearly,
        revision: 1,
        withdrawn: None,
    }
});

/// A row in its canonical bytes.
pub(crate) fn row(bytes: &[u8]) -> Outcome {
    let Some(row) = canonical::<Row>("row", bytes) else {
        return Outcome::Refused;
    };
    if row.check(&RESOURCE).is_ok() {
        same_in_json(&row);
    }
    Outcome::Accepted
}

/// A row as an office writes it: a JSON object of the resource's fields.
pub(crate) fn row_json(bytes: &[u8]) -> Outcome {
    let Ok(object) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(bytes) else {
        return Outcome::Refused;
    };
    let Ok(row) = Row::from_json(&object, &RESOURCE) else {
        return Outcome::Refused;
    };
    assert_eq!(row.check(&RESOURCE), Ok(()));
    let encoded = gongxin_types::codec::encode(&row);
    assert_eq!(canonical::<Row>("row", &encoded).as_ref(), Some(&row));
    same_in_json(&row);
    Outcome::Accepted
}

/// A row of the resource is shown in JSON so that it reads back as the same row, with the same commitment.
fn same_in_json(row: &Row) {
    let named = row.0.iter().zip(&RESOURCE.fields);
    let object = named.map(|(value, field)| (field.name.to_string(), value.to_json())).collect();
    let again = Row::from_json(&object, &RESOURCE).expect("what we wrote, we read");
    assert_eq!(again, *row);
    let salt = Salt([1; 32]);
    let commitment = |row: &Row| row.commitment(Suite::Intl, &salt, &RESOURCE);
    assert_eq!(commitment(&again), commitment(row));
}

/// What a sealed response opens to; its versions are then checked against their commitments.
pub(crate) fn access_response(bytes: &[u8]) -> Outcome {
    let Some(response) = canonical::<AccessResponse>("response", bytes) else {
        return Outcome::Refused;
    };
    for version in response.records.iter().flat_map(|record| &record.versions) {
        let _ = version.check(Suite::Intl);
    }
    Outcome::Accepted
}

/// A response as it arrives, sealed; opened, it is decoded as above.
pub(crate) fn sealed_response(bytes: &[u8]) -> Outcome {
    match seal::open(&sealing_secret(), SEALING_INFO, SEALING_CONTEXT, bytes) {
        Ok(plain) => {
            assert_eq!(plain.len() + seal::OVERHEAD_LENGTH, bytes.len());
            access_response(&plain)
        }
        Err(_) => Outcome::Refused,
    }
}

/// A text that names something: whatever accepts it writes the very same text, so that nothing has two names.
fn one_spelling<T: FromStr + Display>(text: &str) -> bool {
    text.parse::<T>().is_ok_and(|name| {
        assert_eq!(name.to_string(), text, "two texts name the same thing");
        true
    })
}

/// Every text form there is; accepted where one of them reads it.
pub(crate) fn text_forms(bytes: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Outcome::Refused;
    };
    let readers: [fn(&str) -> bool; 17] = [
        one_spelling::<Address>,
        one_spelling::<ConsensusKey>,
        one_spelling::<Cursor>,
        one_spelling::<Date>,
        one_spelling::<Digest>,
        one_spelling::<DutyId>,
        one_spelling::<EvidenceId>,
        one_spelling::<HeaderDigest>,
        one_spelling::<MediaType>,
        one_spelling::<OfficerId>,
        one_spelling::<PublicKey>,
        one_spelling::<ResourceId>,
        one_spelling::<SealingPublic>,
        one_spelling::<Signature>,
        one_spelling::<Slug>,
        one_spelling::<Suite>,
        one_spelling::<TransactionId>,
    ];
    let mut accepted = readers.into_iter().filter(|read| read(text)).count() > 0;
    // An instant may be given in any zone and precision; what it is written as names the same one.
    if let Ok(time) = text.parse::<Time>() {
        assert_eq!(time.to_string().parse(), Ok(time));
        accepted = true;
    }
    if let Ok(bytes) = json::from_base64(text) {
        assert_eq!(json::to_base64(&bytes), text, "two texts for the same bytes");
        accepted = true;
    }
    if let Ok(official) = gongxin_types::text::Title::new(text) {
        assert_eq!(official.as_str(), text);
    }
    Outcome::of(accepted)
}
