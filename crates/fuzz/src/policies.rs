//! Policy sets, from the ledger and from files: Cedar text that somebody proposes.

use gongxin_policy::{CompiledSet, PolicyFile, SCHEMA, check_files};
use gongxin_types::{
    Bilingual, List, PolicySet,
    policy_set::{Policy, Source},
};

use crate::{Outcome, canonical, shown};

/// Stands between the parts of an input of `policy_files`: policies, schema, entities, request.
pub const SEPARATOR: &str = "\n====\n";

/// A policy set in its canonical bytes; accepted where it compiles.
pub(crate) fn policy_set(bytes: &[u8]) -> Outcome {
    let Some(set) = canonical::<PolicySet>("policy set", bytes) else {
        return Outcome::Refused;
    };
    shown(&set);
    compiles(&set)
}

/// The text of one policy under our schema; accepted where a set of it compiles.
pub(crate) fn policy_source(bytes: &[u8]) -> Outcome {
    let source = std::str::from_utf8(bytes).ok().and_then(Source::new);
    let Some((source, schema)) = source.zip(Source::new(SCHEMA)) else {
        return Outcome::Refused;
    };
    let policy = Policy {
        id: "policy".parse().expect("an identifier"),
        source,
        legal_basis: "sharing-regulation-art-20".parse().expect("a code"),
        sentence: Bilingual::new("规则", "a rule").expect("official texts"),
    };
    compiles(&PolicySet { version: 1, revision: 1, schema, policies: List::new(vec![policy]).expect("one policy") })
}

/// Compiling says yes or no, the same each time; a refusal has a reason.
fn compiles(set: &PolicySet) -> Outcome {
    match CompiledSet::compile(set) {
        Ok(_) => Outcome::Accepted,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            Outcome::Refused
        }
    }
}

/// What `gongxin policy check` is given, joined by [`SEPARATOR`]; accepted where there is an answer, and it is the same twice.
pub(crate) fn policy_files(bytes: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Outcome::Refused;
    };
    let parts: Vec<&str> = text.split(SEPARATOR).collect();
    let [policies, schema, entities, request] = parts.as_slice() else {
        return Outcome::Refused;
    };
    let files = [PolicyFile { name: "a.cedar", text: policies }];
    let Ok(report) = check_files(&files, schema, entities, request) else {
        return Outcome::Refused;
    };
    assert_eq!(check_files(&files, schema, entities, request).ok().as_ref(), Some(&report));
    assert!(report.policies.is_sorted());
    Outcome::Accepted
}
