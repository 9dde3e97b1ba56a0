//! A Rust file as a flat list of tokens with their lines: what it names, comments and strings apart.

use proc_macro2::{TokenStream, TokenTree};

/// One token; a group counts as its opening mark, its content and its closing mark.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) is_identifier: bool,
}

/// The tokens of a file, or none where it is not Rust (the compiler says so better than we could).
pub(crate) fn of_file(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    if let Ok(stream) = text.parse::<TokenStream>() {
        flatten(stream, &mut tokens);
    }
    tokens
}

pub(crate) fn of_stream(stream: TokenStream) -> Vec<Token> {
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);
    tokens
}

fn flatten(stream: TokenStream, into: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => {
                into.push(Token { text: "(".to_owned(), line, is_identifier: false });
                flatten(group.stream(), into);
                into.push(Token { text: ")".to_owned(), line, is_identifier: false });
            }
            TokenTree::Ident(name) => {
                into.push(Token { text: name.to_string(), line, is_identifier: true });
            }
            other => into.push(Token { text: other.to_string(), line, is_identifier: false }),
        }
    }
}

/// The places where one of `names` is used as the name of a crate: `name::…`, `use name;`, `extern crate name`.
///
/// A module or a field of the same name inside another path (`crate::http::…`, `request.http`) is none.
pub(crate) fn crate_names<'a>(tokens: &'a [Token], names: &'a [&str]) -> impl Iterator<Item = &'a Token> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let before = move |index: usize, back: usize| index.checked_sub(back).map_or("", text);
    tokens.iter().enumerate().filter_map(move |(index, token)| {
        if !token.is_identifier || !names.contains(&token.text.as_str()) {
            return None;
        }
        let opens_a_path = text(index + 1) == ":" && text(index + 2) == ":";
        let imported = matches!(before(index, 1), "use" | "crate") && matches!(text(index + 1), ";" | "as");
        let after_a_path = before(index, 1) == ":" && before(index, 2) == ":";
        let inside_a_path = after_a_path
            && index
                .checked_sub(3)
                .and_then(|i| tokens.get(i))
                .is_some_and(|t| (t.is_identifier && t.text != "use") || matches!(t.text.as_str(), ">" | ")"));
        ((opens_a_path || imported) && !inside_a_path).then_some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        crate_names(&of_file(text), &["http"]).map(|token| token.line).collect()
    }

    /// A crate is found wherever it opens a path, and nowhere else.
    #[test]
    fn a_crate_name_is_told_from_a_module_and_a_word() {
        assert_eq!(found("use http::Uri;\nfn f(_: ::http::Uri) {}\nuse http;"), [1, 2, 3]);
        assert_eq!(found("// http::Uri\nuse crate::http::Uri;\nfn f() { let http = \"http::x\"; g.http(); }"), [0; 0]);
    }
}
