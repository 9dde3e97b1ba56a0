//! The fields of the types in a file, with the names that their types mention.
//!
//! Tests are left out. A macro is opaque to the parser: of one that is defined, the bodies of its structs and enums
//! are looked at; of one that is called among the items, all of it.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Fields, Item};

use crate::tokens::{self, Token};
use crate::workspace::SourceFile;

/// One field, or the body of one macro.
pub(super) struct Field {
    pub(super) path: String,
    pub(super) line: usize,
    /// The type's name, or the macro's with `!`.
    pub(super) owner: String,
    /// The variant, for an enum.
    variant: Option<String>,
    /// The field's name or position.
    pub(super) label: String,
    /// Every name that its type mentions.
    pub(super) names: Vec<String>,
    /// Whether its owner was seen to have the canonical encoding, here or in a field-less mark.
    pub(super) is_ledger: bool,
}

impl Field {
    /// `Type.field` or `Enum::Variant.field`.
    pub(super) fn place(&self) -> String {
        let Self { owner, label, .. } = self;
        match &self.variant {
            Some(variant) => format!("{owner}::{variant}.{label}"),
            None => format!("{owner}.{label}"),
        }
    }
}

/// `type Name = …;`
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) names: Vec<String>,
}

#[derive(Default)]
pub(super) struct Seen {
    pub(super) fields: Vec<Field>,
    pub(super) aliases: Vec<Alias>,
    /// Macros that write the canonical encoding for a type they are given.
    pub(super) encoding_macros: Vec<String>,
    /// Macros called among the items, with every name they are given.
    pub(super) calls: Vec<(String, Vec<String>)>,
}

impl Seen {
    pub(super) fn extend(&mut self, more: Self) {
        self.fields.extend(more.fields);
        self.aliases.extend(more.aliases);
        self.encoding_macros.extend(more.encoding_macros);
        self.calls.extend(more.calls);
    }

    /// The types that have the canonical encoding: derived, written by hand, or by a macro of ours.
    pub(super) fn ledger_types(&self) -> BTreeSet<String> {
        let marked = self.fields.iter().filter(|field| field.is_ledger).map(|field| field.owner.clone());
        let calls = self.calls.iter().filter(|(name, _)| self.encoding_macros.contains(name));
        marked.chain(calls.flat_map(|(_, given)| given.clone())).collect()
    }
}

pub(super) fn of_file(file: &SourceFile) -> Seen {
    let mut seen = Seen::default();
    if let Ok(parsed) = syn::parse_file(&file.text) {
        items(&file.path, &parsed.items, &mut seen);
    }
    seen
}

fn items(path: &str, items_here: &[Item], seen: &mut Seen) {
    for item in items_here {
        match item {
            Item::Struct(item) => {
                let ledger = is_derived(&item.attrs);
                fields(path, &item.ident.to_string(), None, &item.fields, ledger, seen);
            }
            Item::Enum(item) => {
                let ledger = is_derived(&item.attrs);
                for variant in &item.variants {
                    let name = variant.ident.to_string();
                    fields(path, &item.ident.to_string(), Some(&name), &variant.fields, ledger, seen);
                }
            }
            Item::Impl(item) => {
                let encoding = item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
                if encoding.is_some_and(|segment| is_encoding(&segment.ident.to_string())) {
                    seen.fields.extend(mark(path, &item.self_ty));
                }
            }
            Item::Type(item) => {
                seen.aliases.push(Alias { name: item.ident.to_string(), names: names(item.ty.to_token_stream()) });
            }
            Item::Macro(item) => macro_item(path, item, seen),
            Item::Mod(item) if !is_test(&item.attrs) => {
                let inner = item.content.as_ref().map_or(&[][..], |(_, inner)| inner);
                items(path, inner, seen);
            }
            _ => {}
        }
    }
}

fn fields(path: &str, owner: &str, variant: Option<&str>, fields: &Fields, is_ledger: bool, seen: &mut Seen) {
    for (index, field) in fields.iter().enumerate() {
        seen.fields.push(Field {
            path: path.to_owned(),
            line: field.span().start().line,
            owner: owner.to_owned(),
            variant: variant.map(str::to_owned),
            label: field.ident.as_ref().map_or_else(|| index.to_string(), ToString::to_string),
            names: names(field.ty.to_token_stream()),
            is_ledger,
        });
    }
}

/// A field without content that says: this type has the canonical encoding, written by hand.
fn mark(path: &str, of: &syn::Type) -> Option<Field> {
    let syn::Type::Path(of_path) = of else { return None };
    let owner = of_path.path.segments.last()?.ident.to_string();
    let line = of.span().start().line;
    let (variant, label, names) = (None, "encoding".to_owned(), Vec::new());
    Some(Field { path: path.to_owned(), line, owner, variant, label, names, is_ledger: true })
}

fn macro_item(path: &str, item: &syn::ItemMacro, seen: &mut Seen) {
    let all = tokens::of_stream(item.mac.tokens.clone());
    let identifiers = |tokens: &[&Token]| -> Vec<String> {
        tokens.iter().filter(|token| token.is_identifier).map(|token| token.text.clone()).collect()
    };
    let everything: Vec<&Token> = all.iter().collect();
    let (name, names) = match &item.ident {
        Some(defined) => {
            let name = defined.to_string();
            if identifiers(&everything).iter().any(|word| is_encoding(word)) {
                seen.encoding_macros.push(name.clone());
            }
            (name, identifiers(&type_bodies(&all)))
        }
        None => {
            let name = item.mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            let given = identifiers(&everything);
            // A macro that is given a type's name alone says nothing about its fields.
            let has_body = all.iter().any(|token| token.text == "(");
            seen.calls.push((name.clone(), given.clone()));
            (name, if has_body { given } else { Vec::new() })
        }
    };
    let (path, line, owner) = (path.to_owned(), item.span().start().line, format!("{name}!"));
    let (variant, label) = (None, "body".to_owned());
    seen.fields.push(Field { path, line, owner, variant, label, names, is_ledger: true });
}

/// What stands in the brackets after each `struct` or `enum`.
fn type_bodies(all: &[Token]) -> Vec<&Token> {
    let mut body = Vec::new();
    let mut rest = all.iter();
    while let Some(token) = rest.next() {
        if !token.is_identifier || !matches!(token.text.as_str(), "struct" | "enum") {
            continue;
        }
        let mut depth = 0_u32;
        for token in rest.by_ref() {
            match token.text.as_str() {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                ";" if depth == 0 => break,
                _ if depth > 0 => body.push(token),
                _ => {}
            }
            if token.text == ")" && depth == 0 {
                break;
            }
        }
    }
    body
}

fn names(stream: TokenStream) -> Vec<String> {
    tokens::of_stream(stream).into_iter().filter(|token| token.is_identifier).map(|token| token.text).collect()
}

fn is_encoding(name: &str) -> bool {
    matches!(name, "BorshSerialize" | "BorshDeserialize")
}

fn is_derived(attributes: &[Attribute]) -> bool {
    let derives = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
    derives.flat_map(|attribute| names(attribute.meta.to_token_stream())).any(|name| is_encoding(&name))
}

fn is_test(attributes: &[Attribute]) -> bool {
    let conditions = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    conditions.flat_map(|attribute| names(attribute.meta.to_token_stream())).any(|name| name == "test")
}
