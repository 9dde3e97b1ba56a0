//! No free text and no person's name on the ledger (PROTOCOL 3): personal data never stands in a block.
//!
//! A ledger type is any type of `types` with the canonical encoding, derived or written by hand. Where one of its
//! fields holds text, `xtask/ledger-text.allow` must list the place, one `Type.field kind reason` per line:
//! `code` for a spelling too narrow for a sentence, `text` for a type that is itself a bounded official text (the
//! fields that hold it are then looked at in turn), `official` for a reviewed place where an official public text
//! stands, `off-ledger` for a type with the canonical encoding that no block may hold: what a transaction, a block or a
//! genesis mentions, directly or not, must not be such a type. There is no exception for names of people.
//!
//! Not seen: text hidden in bytes. That is what the rooms' own reviews are for.

mod allow;
mod fields;

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::workspace::SourceFile;
use allow::{Allowed, Kind};
use fields::{Alias, Field, Seen};

const RULE: &str = "ledger";

/// The reviewed places of text.
pub(crate) const ALLOWED: &str = "xtask/ledger-text.allow";
const LEDGER: &str = "crates/types/src/";
/// What stands on the ledger is what these mention.
const ROOTS: [&str; 3] = ["Transaction", "FinalizedBlock", "Genesis"];
/// Types that hold any text whatever.
const FREE_TEXT: [&str; 6] = ["String", "str", "OsString", "OsStr", "PathBuf", "Path"];
/// Words of a field that name a person or a way to one, whatever the type.
const PERSONAL: [&str; 14] = [
    "surname",
    "forename",
    "nickname",
    "fullname",
    "firstname",
    "lastname",
    "passport",
    "birthday",
    "birthdate",
    "phone",
    "telephone",
    "mobile",
    "email",
    "idcard",
];
/// Pairs of words that do so together.
const PERSONAL_PAIRS: [(&str, &str); 8] = [
    ("full", "name"),
    ("first", "name"),
    ("last", "name"),
    ("given", "name"),
    ("family", "name"),
    ("id", "card"),
    ("id", "number"),
    ("identity", "number"),
];
/// Beside one of these, in the field or in the name of its type, `name` is a person's.
const PEOPLE: [&str; 8] = ["person", "citizen", "officer", "subject", "applicant", "holder", "household", "reader"];

pub(crate) fn check(files: &[SourceFile], allowed: &str) -> Vec<Finding> {
    let (allowed, mut findings) = allow::parse(allowed);
    let mut seen = Seen::default();
    for file in files.iter().filter(|file| file.is_rust() && file.path.starts_with(LEDGER)) {
        seen.extend(fields::of_file(file));
    }
    let written = seen.ledger_types();
    let Seen { fields: mut places, aliases, .. } = seen;
    places.retain(|field| written.contains(&field.owner));

    let texts = texts(&places, &aliases, &allowed);
    let holds_text = |field: &Field| field.names.iter().any(|name| texts.contains(name));
    for field in &places {
        if holds_text(field) && !allowed.iter().any(|entry| entry.place == field.place()) {
            let message = format!("`{}` holds text: keep it in a vault, or list it in `{ALLOWED}`", field.place());
            findings.push(Finding::new(&field.path, field.line, RULE, message));
        }
        if names_a_person(field) {
            let message = format!("`{}` suggests a person's name: it belongs in a vault", field.place());
            findings.push(Finding::new(&field.path, field.line, RULE, message));
        }
    }
    for entry in &allowed {
        if !places.iter().any(|field| field.place() == entry.place && holds_text(field)) {
            let message = format!("`{}` holds no text: strike it out", entry.place);
            findings.push(Finding::new(ALLOWED, entry.line, RULE, message));
        }
    }
    findings.extend(off_ledger(&places, &aliases, &allowed));
    findings
}

/// What is listed as off the ledger and stands on it all the same.
fn off_ledger(places: &[Field], aliases: &[Alias], allowed: &[Allowed]) -> Vec<Finding> {
    let on_ledger = on_ledger(places, aliases);
    let listed = allowed.iter().filter(|entry| entry.kind == Kind::OffLedger);
    let mut findings = Vec::new();
    for entry in listed {
        for field in places.iter().filter(|field| field.place() == entry.place && on_ledger.contains(&field.owner)) {
            let message = format!("`{}` is listed as off the ledger, but a block can hold it", entry.place);
            findings.push(Finding::new(&field.path, field.line, RULE, message));
        }
    }
    findings
}

/// Every name that the roots mention, directly or not.
fn on_ledger(places: &[Field], aliases: &[Alias]) -> BTreeSet<String> {
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut waiting: Vec<String> = ROOTS.iter().map(|name| (*name).to_owned()).collect();
    while let Some(name) = waiting.pop() {
        if !reached.insert(name.clone()) {
            continue;
        }
        let of_fields = places.iter().filter(|field| field.owner == name).flat_map(|field| &field.names);
        let of_aliases = aliases.iter().filter(|alias| alias.name == name).flat_map(|alias| &alias.names);
        waiting.extend(of_fields.chain(of_aliases).cloned());
    }
    reached
}

/// Every name that stands for text: the free ones, the reviewed text types, and what is another name for them.
fn texts(places: &[Field], aliases: &[Alias], allowed: &[Allowed]) -> BTreeSet<String> {
    let mut texts: BTreeSet<String> = FREE_TEXT.iter().map(|name| (*name).to_owned()).collect();
    let is_text = |field: &Field| allowed.iter().any(|entry| entry.kind == Kind::Text && entry.place == field.place());
    texts.extend(places.iter().filter(|field| is_text(field)).map(|field| field.owner.clone()));
    // An alias may name an alias: each round adds at least one or ends.
    loop {
        let more: Vec<String> = aliases
            .iter()
            .filter(|alias| !texts.contains(&alias.name) && alias.names.iter().any(|name| texts.contains(name)))
            .map(|alias| alias.name.clone())
            .collect();
        if more.is_empty() {
            return texts;
        }
        texts.extend(more);
    }
}

fn names_a_person(field: &Field) -> bool {
    let words: Vec<&str> = field.label.split('_').collect();
    let has = |word: &str| words.contains(&word);
    let owner = field.owner.to_lowercase();
    PERSONAL.iter().any(|word| has(word))
        || PERSONAL_PAIRS.iter().any(|(one, other)| has(one) && has(other))
        || (has("name") && PEOPLE.iter().any(|person| has(person) || owner.contains(person)))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::finding::lines;

    fn checked(text: &str, allowed: &str) -> String {
        let file = SourceFile { path: "crates/types/src/a.rs".to_owned(), text: text.to_owned() };
        lines(&check(&[file], allowed))
    }

    /// Codes, digests and numbers pass; so do reviewed texts, and text in types that never reach the ledger.
    #[test]
    fn what_may_stand_on_the_ledger_passes() {
        let text = "
            #[derive(BorshSerialize)] pub struct Grant { id: GrantId, until: Option<Time> }
            #[derive(Debug)] pub struct IdError { text: String }
            pub struct Slug(Box<str>);
            impl BorshSerialize for Slug { }
            pub struct PublicText<const MAX: usize>(Box<str>);
            impl<const MAX: usize> borsh::BorshSerialize for PublicText<MAX> { }
            type Title = PublicText<{ limits::TITLE }>;
            #[derive(BorshSerialize)] pub struct Resource { title: Title, id: Slug }
            macro_rules! slug_id { ($name:ident) => {
                #[derive(BorshSerialize)] pub struct $name(Slug);
                impl $name { fn as_str(&self) -> &str { self.0.as_str() } }
            }; }
            #[cfg(test)] mod tests { #[derive(BorshSerialize)] struct Villain { text: String } }
        ";
        let allowed = "
            # place kind reason
            Slug.0 code lower-case letters and digits, 64 at most
            PublicText.0 text bounded, no control characters
            Resource.title official the catalogue's title
        ";
        assert_eq!(checked(text, allowed), "");
    }

    /// Free text is found in structs, enums and macros, behind an alias and inside a reviewed text type's holder.
    #[test]
    fn free_text_is_found() {
        let text = "
            #[derive(borsh::BorshSerialize)] pub struct Case { note: Option<String> }
            #[derive(BorshDeserialize)] pub enum Action { Say(Box<str>), Act { words: Title, } }
            #[derive(BorshSerialize)] pub struct PublicText(String);
            type Title = PublicText;
            macro_rules! encode { ($name:ident) => { impl BorshSerialize for $name {} }; }
            pub struct Note(String);
            encode!(Note);
            macro_rules! noun { ($name:ident) => { pub struct $name { remark: String } }; }
            actions! { Open { reason: String } }
        ";
        expect![[r#"
            crates/types/src/a.rs:2: ledger: `Case.note` holds text: keep it in a vault, or list it in `xtask/ledger-text.allow`
            crates/types/src/a.rs:3: ledger: `Action::Say.0` holds text: keep it in a vault, or list it in `xtask/ledger-text.allow`
            crates/types/src/a.rs:3: ledger: `Action::Act.words` holds text: keep it in a vault, or list it in `xtask/ledger-text.allow`
            crates/types/src/a.rs:7: ledger: `Note.0` holds text: keep it in a vault, or list it in `xtask/ledger-text.allow`
            crates/types/src/a.rs:9: ledger: `noun!.body` holds text: keep it in a vault, or list it in `xtask/ledger-text.allow`
            crates/types/src/a.rs:10: ledger: `actions!.body` holds text: keep it in a vault, or list it in `xtask/ledger-text.allow`
        "#]]
        .assert_eq(&checked(text, "PublicText.0 text bounded"));
    }

    /// A person's name has no exception; an organization's name is none.
    #[test]
    fn a_persons_name_is_found() {
        let text = "
            #[derive(BorshSerialize)] pub struct Organization { name: Digest }
            #[derive(BorshSerialize)] pub struct Officer { name: Digest }
            #[derive(BorshSerialize)] pub struct Case { applicant_name: Digest, id_number: u64 }
        ";
        expect![[r#"
            crates/types/src/a.rs:3: ledger: `Officer.name` suggests a person's name: it belongs in a vault
            crates/types/src/a.rs:4: ledger: `Case.applicant_name` suggests a person's name: it belongs in a vault
            crates/types/src/a.rs:4: ledger: `Case.id_number` suggests a person's name: it belongs in a vault
        "#]]
        .assert_eq(&checked(text, ""));
    }

    /// Sealed rows may hold any text as long as no block can hold a row.
    #[test]
    fn what_is_off_the_ledger_stays_off() {
        let row = "#[derive(BorshSerialize)] pub struct CellText(String);
            #[derive(BorshSerialize)] pub struct Row { cells: Vec<CellText> }
            #[derive(BorshSerialize)] pub struct Transaction { actions: Vec<Action> }";
        let allowed = "CellText.0 off-ledger rows are sealed";
        let (digest, whole) = ("pub enum Action { Write { row: Digest } }", "pub enum Action { Write { row: Row } }");
        assert_eq!(checked(&format!("{row}\n#[derive(BorshSerialize)] {digest}"), allowed), "");
        expect![[r#"
            crates/types/src/a.rs:1: ledger: `CellText.0` is listed as off the ledger, but a block can hold it
        "#]]
        .assert_eq(&checked(&format!("{row}\n#[derive(BorshSerialize)] {whole}"), allowed));
    }

    /// A list that no longer fits the code, or gives no reason, is itself out of order.
    #[test]
    fn the_list_is_kept() {
        expect![[r#"
            xtask/ledger-text.allow:2: ledger: not `Type.field code|text|official|off-ledger reason`
            xtask/ledger-text.allow:1: ledger: `Gone.note` holds no text: strike it out
        "#]]
        .assert_eq(&checked("", "Gone.note official once a title\nCase.note official"));
    }
}
