//! Analysis: what a policy's text shows before anything is evaluated.
//!
//! [`source`] bounds a text before Cedar's recursive parser sees it. [`inspect`] reads the parsed policy in Cedar's
//! JSON form: how deep it is, whether it reads `context`, which single things it names, and which extension functions
//! it calls: whether those exist depends on how Cedar was built, so no policy may call one.

use serde_json::Value;

use crate::{limits, vocabulary::NAMEABLE};

/// Why a text is not handed to the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceFault {
    /// More than [`limits::BRACKETS_MAX`] brackets open at once.
    Brackets,
    /// More words and signs than allowed.
    Tokens,
}

/// Bounds every policy of a text: brackets open at once, and tokens from one `;` to the next.
///
/// Counts tokens as Cedar's lexer would, or more: never fewer.
pub(crate) fn source(text: &str, tokens_max: usize) -> Result<(), SourceFault> {
    let (mut open, mut tokens, mut in_word) = (0_usize, 0_usize, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_word = character.is_alphanumeric() || character == '_';
        match character {
            '/' if characters.peek() == Some(&'/') => {
                characters.by_ref().find(|end| *end == '\n' || *end == '\r');
            }
            '"' => skip_string(&mut characters),
            '(' | '[' | '{' => open = open.saturating_add(1),
            ')' | ']' | '}' => open = open.saturating_sub(1),
            ';' if open == 0 => tokens = 0,
            _ => {}
        }
        if !(character.is_whitespace() || (is_word && in_word)) {
            tokens = tokens.saturating_add(1);
        }
        in_word = is_word;
        if open > limits::BRACKETS_MAX {
            return Err(SourceFault::Brackets);
        }
        if tokens > tokens_max {
            return Err(SourceFault::Tokens);
        }
    }
    Ok(())
}

/// How many generics and brackets a schema opens within each other.
pub(crate) fn schema_depth(text: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0_usize);
    for character in text.chars() {
        match character {
            '(' | '[' | '{' | '<' => open = open.saturating_add(1),
            ')' | ']' | '}' | '>' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

/// To the closing quotation mark; one after a backslash does not close.
fn skip_string(characters: &mut impl Iterator<Item = char>) {
    while let Some(character) = characters.next() {
        match character {
            '"' => return,
            '\\' => drop(characters.next()),
            _ => {}
        }
    }
}

/// What a parsed policy shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Levels of the JSON form.
    pub(crate) levels: usize,
    /// Whether `context` occurs anywhere.
    pub(crate) reads_context: bool,
    /// The type of a single thing that policies may not name, such as an officer.
    pub(crate) names: Option<String>,
    /// An extension function that it calls, such as `ip`.
    pub(crate) calls: Option<String>,
}

/// The members of Cedar's JSON form that hold an array; a call of an extension function is any other.
const ARRAYS: [&str; 4] = ["Set", "conditions", "entities", "pattern"];

/// Reads a policy in Cedar's JSON form. Where a form is ambiguous the finding is the stricter one.
pub(crate) fn inspect(policy: &Value) -> Findings {
    let mut findings = Findings::default();
    descend(policy, 1, &mut findings);
    findings
}

fn descend(value: &Value, level: usize, findings: &mut Findings) {
    findings.levels = findings.levels.max(level);
    match value {
        Value::Object(members) => {
            if members.get("Var").and_then(Value::as_str) == Some("context") {
                findings.reads_context = true;
            }
            if let (Some(Value::String(kind)), Some(Value::String(_))) = (members.get("type"), members.get("id"))
                && !NAMEABLE.contains(&kind.as_str())
            {
                findings.names = Some(kind.clone());
            }
            for (name, member) in members {
                if member.is_array() && !ARRAYS.contains(&name.as_str()) {
                    findings.calls = Some(name.clone());
                }
                // Annotations are words for people, whatever they look like.
                if name != "annotations" || level > 1 {
                    descend(member, level.saturating_add(1), findings);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                descend(item, level.saturating_add(1), findings);
            }
        }
        _ => {}
    }
}
