//! Defaults: the policies, legal bases and purposes that a new network begins with.
//!
//! They are the files of `policies/`, compiled in. Each policy carries its identifier, its legal basis and what it
//! says in Chinese and English as annotations. What the rules mean as a whole is the hand-written
//! `policies/matrix.csv`, which tests hold against them in both directions.

use std::str::FromStr;

use cedar_policy as cedar;
use gongxin_types::{
    Bilingual, List, PolicySet,
    limits::TITLE_BYTES_MAX,
    parameters::{CODES_MAX, LegalBasis, Purpose},
    policy_set::{Policy, Source},
};

use crate::{analysis, check::PolicyFile, limits};

/// The schema of this program's facts: `policies/schema.cedarschema`.
pub const SCHEMA: &str = include_str!("../../../policies/schema.cedarschema");

/// The files of the default policies.
const FILES: [&str; 12] = [
    include_str!("../../../policies/alerts.cedar"),
    include_str!("../../../policies/bounds.cedar"),
    include_str!("../../../policies/catalogue.cedar"),
    include_str!("../../../policies/evidence.cedar"),
    include_str!("../../../policies/gateways.cedar"),
    include_str!("../../../policies/governance.cedar"),
    include_str!("../../../policies/grants.cedar"),
    include_str!("../../../policies/obligations.cedar"),
    include_str!("../../../policies/officers.cedar"),
    include_str!("../../../policies/organizations.cedar"),
    include_str!("../../../policies/pending.cedar"),
    include_str!("../../../policies/records.cedar"),
];

const LEGAL_BASES: &str = include_str!("../../../policies/legal_bases.csv");
const PURPOSES: &str = include_str!("../../../policies/purposes.csv");

/// A file of `policies/` that is not as it should be.
#[derive(Debug, thiserror::Error)]
#[error("the default `{file}` of this program is wrong: {reason}")]
pub struct DefaultsError {
    file: &'static str,
    reason: String,
}

/// The policy set of a new network, revision 1. The same bytes from every build of the same sources.
#[expect(clippy::expect_used, reason = "the files are compiled in, and a test reads them")]
pub fn default_set() -> PolicySet {
    read_set().expect("the default policies are well-formed")
}

/// The legal bases of a new network, ascending by code.
#[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
pub fn default_legal_bases() -> List<LegalBasis, CODES_MAX> {
    let rows = read_codes("legal_bases.csv", LEGAL_BASES).expect("the legal bases are well-formed");
    let bases = rows.into_iter().map(|(code, title)| LegalBasis { code, title });
    List::new(bases.collect()).expect("the list holds them")
}

/// The purposes of a new network, ascending by code.
#[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
pub fn default_purposes() -> List<Purpose, CODES_MAX> {
    let rows = read_codes("purposes.csv", PURPOSES).expect("the purposes are well-formed");
    let purposes = rows.into_iter().map(|(code, title)| Purpose { code, title });
    List::new(purposes.collect()).expect("the list holds them")
}

fn fault(file: &'static str) -> impl Fn(String) -> DefaultsError {
    move |reason| DefaultsError { file, reason }
}

fn read_set() -> Result<PolicySet, DefaultsError> {
    let files: Vec<PolicyFile<'_>> = FILES.iter().map(|text| PolicyFile { name: "*.cedar", text }).collect();
    policy_set(&files, 1).map_err(|error| DefaultsError { file: "*.cedar", reason: error.to_string() })
}

/// A file that is no set of policies.
#[derive(Debug, thiserror::Error)]
#[error("`{file}`: {reason}")]
pub struct PolicyFileError {
    file: String,
    reason: String,
}

/// The set that these files make: every policy with its `@id`, `@legal_basis`, `@zh` and `@en`. Whether it compiles, and
/// keeps the invariants, is not asked here.
///
/// # Errors
/// When a file is not Cedar, an annotation is missing, or a bound is exceeded.
pub fn policy_set(files: &[PolicyFile<'_>], revision: u32) -> Result<PolicySet, PolicyFileError> {
    stacker::grow(limits::COMPILATION_STACK_BYTES, || read_files(files, revision))
}

fn read_files(files: &[PolicyFile<'_>], revision: u32) -> Result<PolicySet, PolicyFileError> {
    let mut policies = Vec::new();
    for file in files {
        let fault = |reason: String| PolicyFileError { file: file.name.into(), reason };
        analysis::source(file.text, limits::CHECKED_TOKENS_MAX)
            .map_err(|_| fault("nested too deeply, or too long a policy".into()))?;
        let set = cedar::PolicySet::from_str(file.text).map_err(|error| fault(error.to_string()))?;
        for policy in set.policies() {
            policies.push(read_policy(policy).map_err(fault)?);
        }
    }
    policies.sort_by(|one, other| one.id.cmp(&other.id));
    let fault = |reason: String| PolicyFileError { file: "the policies".into(), reason };
    Ok(PolicySet {
        version: 1,
        revision,
        schema: Source::new(SCHEMA).ok_or_else(|| fault("the schema is too long".into()))?,
        policies: List::new(policies).map_err(|error| fault(error.to_string()))?,
    })
}

/// The policy with its annotations as fields, and its source as it stands in the file.
fn read_policy(policy: &cedar::Policy) -> Result<Policy, String> {
    let annotation = |name| policy.annotation(name).ok_or_else(|| format!("`@{name}` is missing in {policy}"));
    let id = annotation("id")?;
    let source = policy.to_cedar().ok_or_else(|| format!("`{id}` has no text"))?;
    Ok(Policy {
        id: id.parse().map_err(|error| format!("`{id}`: {error}"))?,
        source: Source::new(&source).ok_or_else(|| format!("`{id}` is too long"))?,
        legal_basis: annotation("legal_basis")?.parse().map_err(|error| format!("`{id}`: {error}"))?,
        sentence: Bilingual::new(annotation("zh")?, annotation("en")?).map_err(|error| format!("`{id}`: {error}"))?,
    })
}

type Coded<C> = (C, Bilingual<TITLE_BYTES_MAX>);

/// Rows of `code,zh,en`, ascending by code, each once.
fn read_codes<C: FromStr + Ord>(file: &'static str, text: &str) -> Result<Vec<Coded<C>>, DefaultsError>
where
    C::Err: std::fmt::Display,
{
    let fault = fault(file);
    let mut rows: Vec<Coded<C>> = Vec::new();
    for row in csv::Reader::from_reader(text.as_bytes()).into_deserialize::<(String, String, String)>() {
        let (code, zh, en) = row.map_err(|error| fault(error.to_string()))?;
        let code: C = code.parse().map_err(|error: C::Err| fault(error.to_string()))?;
        let title = Bilingual::new(&zh, &en).map_err(|error| fault(format!("`{zh}`: {error}")))?;
        if rows.last().is_some_and(|(last, _)| *last >= code) {
            return Err(fault(format!("`{zh}` is out of order")));
        }
        rows.push((code, title));
    }
    Ok(rows)
}
