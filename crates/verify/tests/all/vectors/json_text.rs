//! Receipts whose text is not the canonical one, and files that are no receipts at all.

use gongxin_verify::{Outcome, bundle};

use super::Theme;
use crate::fixture::World;

/// The beginning of an object with the largest double, written as larger than it is.
const NUMBER_LARGEST: &str = r#"{"a":1.7976931348623158e308,"#;

/// 2^1024 − 2^970 without its last digit, 2: half a step of a double above the largest one.
const INTEGER_LIMIT: &str = "\
    1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775872070\
    9633028641669288791094655554785194040263065748867150582068190890200070838367627385484581771153176447\
    5730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880177904\
    17449779";

pub(super) fn make(theme: &mut Theme) {
    let network = bundle::network_to_bytes(&theme.world.file());
    let mut receipt = theme.plain();
    receipt.certificate = theme.world.certify_in_view(&theme.block.header, &[0, 1, 2], 1 << 60);
    theme.accept("as-it-is", "the receipt that the cases below change", &receipt, &theme.world.file());
    let text = String::from_utf8(bundle::to_bytes(&receipt)).expect("text");
    make_refused(theme, &text, &network);
    make_base64(theme, &text, &network);
    make_unreadable(theme, &text, &network);
}

fn make_refused(theme: &mut Theme, text: &str, network: &[u8]) {
    let certificate_start = text.find(r#""certificate":"#).expect("a field");
    let epochs_start = text.find(r#","epochs":"#).expect("a field");
    let certificate = &text[certificate_start..epochs_start];
    let reordered =
        text.replace(certificate, "").replace("{,\"epochs\":[],", &format!("{{\"epochs\":[],{certificate},"));
    let nested = |depth: usize| format!("{{\"a\":{}{},", "[".repeat(depth), "]".repeat(depth));
    let cases: Vec<(&str, &str, String)> = vec![
        ("space-between", "white space between tokens", text.replacen(':', ": ", 1)),
        ("newline-at-the-end", "a newline behind the file", format!("{text}\n")),
        ("space-before", "a space before the file", format!(" {text}")),
        ("fields-reordered", "the same fields in another order", reordered),
        ("field-twice", "the same field twice, with the same content", text.replacen('{', r#"{"epochs":[],"#, 1)),
        (
            "format-twice",
            "the name of the format twice",
            text.replacen(r#""format":"#, r#""format":"gongxin-receipt-1","format":"#, 1),
        ),
        (
            "format-twice-first-other",
            "two formats, the last of them the right one, with an escape in its name and its text",
            text.replacen(
                r#""format":"gongxin-receipt-1""#,
                r#""format":"x","form\u0061t":"gongxin\u002dreceipt-1""#,
                1,
            ),
        ),
        (
            "field-twice-inside",
            "the same field twice inside the certificate",
            text.replacen(r#""epoch":0"#, r#""epoch":0,"epoch":0"#, 1),
        ),
        ("field-unknown", "a field that the format does not have", text.replacen('{', r#"{"a":0,"#, 1)),
        (
            "field-unknown-inside",
            "a field that the subject does not have",
            text.replacen(r#""kind":"action""#, r#""kind":"action","write":null"#, 1),
        ),
        ("field-missing", "a field left out", text.replacen(r#""epochs":[],"#, "", 1)),
        ("field-null", "null where a list should be", text.replacen(r#""epochs":[]"#, r#""epochs":null"#, 1)),
        (
            "field-of-another-type",
            "a text where a list should be",
            text.replacen(r#""epochs":[]"#, r#""epochs":"""#, 1),
        ),
        (
            "kind-unknown",
            "a subject of a kind that does not exist",
            text.replacen(r#""kind":"action""#, r#""kind":"block""#, 1),
        ),
        (
            "letter-escaped",
            "a letter written as an escape",
            text.replacen("gongxin-receipt-1", r"gongxin\u002dreceipt-1", 1),
        ),
        ("name-escaped", "a letter of a name written as an escape", text.replacen(r#""path":"#, r#""p\u0061th":"#, 1)),
        (
            "format-escaped",
            "the name `format` with an escape is still that name",
            text.replacen(r#""format":"#, r#""form\u0061t":"#, 1),
        ),
        ("slash-escaped", "a format with an escaped slash inside another field", text.replacen('{', r#"{"\/":0,"#, 1)),
        ("number-with-fraction", "a whole number with a fraction", text.replacen(r#""epoch":0"#, r#""epoch":0.0"#, 1)),
        ("number-with-exponent", "a whole number with an exponent", text.replacen(r#""index":0"#, r#""index":0e0"#, 1)),
        ("number-minus-zero", "zero with a sign", text.replacen(r#""epoch":0"#, r#""epoch":-0"#, 1)),
        ("number-as-text", "a small number as text", text.replacen(r#""epoch":0"#, r#""epoch":"0""#, 1)),
        ("number-true", "true where a number should be", text.replacen(r#""index":0"#, r#""index":false"#, 1)),
        (
            "large-number-as-number",
            "a number above 2^53 − 1 not as text",
            text.replacen(r#""view":"1152921504606846976""#, r#""view":1152921504606846976"#, 1),
        ),
        (
            "large-number-with-zero",
            "a zero before a number as text",
            text.replacen(r#""view":"1152"#, r#""view":"01152"#, 1),
        ),
        (
            "large-number-with-plus",
            "a sign before a number as text",
            text.replacen(r#""view":"1152"#, r#""view":"+1152"#, 1),
        ),
        (
            "number-of-65-bits",
            "a number above 64 bits",
            text.replacen(r#""view":"1152921504606846976""#, r#""view":"18446744073709551616""#, 1),
        ),
        ("hex-upper-case", "a digest in upper case", upper_network(text)),
        ("hex-odd", "a digest of an odd number of digits", text.replacen(r#""hashes":[""#, r#""hashes":["0"#, 1)),
        ("hex-empty", "a digest of no digits", text.replacen(r#""hashes":["#, r#""hashes":["","#, 1)),
        (
            "path-of-41",
            "a path of 41 hashes",
            text.replacen(
                r#""hashes":["#,
                &format!(r#""hashes":[{}"#, format!(r#""{}","#, "ab".repeat(32)).repeat(38)),
                1,
            ),
        ),
        ("array-instead-of-object", "a list of the values of an object", as_array(text)),
        ("nested-127", "an unknown field, nested as deeply as a reader must bear", text.replacen('{', &nested(126), 1)),
        (
            "name-of-a-library",
            "an unknown field whose name and text mean something to a library that reads JSON",
            text.replacen('{', r#"{"a":{"$serde_json::private::RawValue":"]"},"#, 1),
        ),
        ("number-largest", "a number that rounds to the largest double", text.replacen('{', NUMBER_LARGEST, 1)),
        (
            "integer-largest",
            "the largest integer that rounds to a double: 2^1024 − 2^970 − 1",
            text.replacen('{', &format!(r#"{{"a":{INTEGER_LIMIT}1,"#), 1),
        ),
        (
            "number-tiny",
            "numbers that round to zero, or are zero",
            text.replacen('{', r#"{"a":[1e-999,0e99999999999,0.0e400],"#, 1),
        ),
    ];
    for (name, why, changed) in cases {
        assert_ne!(changed, text, "{name} changes nothing");
        theme.add(name, why, Outcome::Refused, changed.into_bytes(), network.to_vec());
    }
    let many: Vec<String> = (0..65).map(|_| text_of_header(text)).collect();
    let changed = text.replace(&text_of_header(text), &many.join(","));
    theme.add(
        "headers-65",
        "more headers than a receipt may have",
        Outcome::Refused,
        changed.into_bytes(),
        network.to_vec(),
    );
}

fn text_of_header(text: &str) -> String {
    let start = text.find(r#""headers":["#).expect("a field") + 11;
    let end = start + text[start..].find(']').expect("the end of a list");
    text[start..end].to_owned()
}

fn upper_network(text: &str) -> String {
    let start = text.find(r#""network":""#).expect("a field") + 11;
    let digest = &text[start..start + 64];
    text.replacen(digest, &digest.to_uppercase(), 1)
}

/// The path as a list of its values: some readers take that for the object.
fn as_array(text: &str) -> String {
    let start = text.find(r#""path":{"#).expect("a field") + 7;
    let end = start + text[start..].find('}').expect("the end of an object") + 1;
    let hashes_start = text[start..].find('[').expect("a list") + start;
    let hashes_end = text[start..].find(']').expect("a list") + start + 1;
    format!("{}[0,7,{}]{}", &text[..start], &text[hashes_start..hashes_end], &text[end..])
}

fn make_base64(theme: &mut Theme, text: &str, network: &[u8]) {
    // The action's 56 bytes end in a group of two: three letters, the last of which has two bits to spare.
    let start = text.find(r#""action":""#).expect("a field") + 10;
    let end = start + text[start..].find('"').expect("the end of a text");
    let action = &text[start..end];
    let with = |changed: &str| text.replacen(action, changed, 1).into_bytes();
    let (head, last) = action.split_at(action.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = alphabet.find(last).expect("a letter of the alphabet");
    let spare = &alphabet[place + 1..place + 2];
    assert_ne!(action.len() % 4, 0, "without spare bits there is nothing to show");
    let cases = [
        ("base64-padded", "base64 with padding", with(&format!("{action}{}", "=".repeat(4 - action.len() % 4)))),
        ("base64-spare-bits", "base64 whose spare bits are not zero", with(&format!("{head}{spare}"))),
        (
            "base64-one-letter-more",
            "base64 of an impossible length",
            with(&format!("{}{}", &action[..action.len() / 4 * 4], "A")),
        ),
        ("base64-space", "white space inside base64", with(&format!("{} {}", &action[..4], &action[4..]))),
        ("base64-other-alphabet", "the alphabet with + and /", with(&format!("+/{}", &action[2..]))),
        ("base64-empty", "no bytes", with("")),
    ];
    for (name, why, changed) in cases {
        theme.add(name, why, Outcome::Refused, changed, network.to_vec());
    }
}

fn make_unreadable(theme: &mut Theme, text: &str, network: &[u8]) {
    let insert = |what: &[u8]| [&text.as_bytes()[..1], what, &text.as_bytes()[1..]].concat();
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("empty", "an empty file", vec![]),
        ("truncated", "a file cut short", text.as_bytes()[..text.len() - 1].to_vec()),
        ("one-more-brace", "something behind the end", format!("{text}}}").into_bytes()),
        ("two-files", "two receipts behind each other", format!("{text}{text}").into_bytes()),
        ("byte-order-mark", "a byte-order mark before the file", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("utf-16", "the same in UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("not-utf-8", "a byte that is no text", insert(b"\"a\xff\":0,")),
        ("surrogate-bytes", "half a pair of surrogates in UTF-8", insert(b"\"a\xed\xa0\x80\":0,")),
        ("surrogate-escape", "half a pair of surrogates as an escape", insert(br#""a\ud800":0,"#)),
        ("control-character", "a control character inside a text", insert(b"\"a\x01\":0,")),
        ("number-too-large", "a number that is infinite", insert(br#""a":1e400,"#)),
        (
            "number-above-the-largest",
            "the next number of so many digits, which rounds to infinity",
            insert(br#""a":1.7976931348623159e308,"#),
        ),
        (
            "integer-above-the-largest",
            "2^1024 − 2^970, which lies halfway between the largest double and infinity",
            insert(format!(r#""a":{INTEGER_LIMIT}2,"#).as_bytes()),
        ),
        (
            "number-forgotten",
            "a number that is infinite under a name that occurs again",
            insert(br#""format":-1e309,"#),
        ),
        (
            "format-of-a-library",
            "an object without a format, whose name and text mean something to a library that reads JSON",
            format!("{{\"$serde_json::private::RawValue\":{}}}", serde_json::Value::from(text)).into_bytes(),
        ),
        (
            "integer-too-large",
            "an integer that is infinite",
            insert(format!(r#""a":1{},"#, "0".repeat(400)).as_bytes()),
        ),
        ("not-a-number", "NaN is not JSON", insert(br#""a":NaN,"#)),
        ("infinity", "Infinity is not JSON", insert(br#""a":-Infinity,"#)),
        ("leading-zero", "a number with a zero before it", insert(br#""a":01,"#)),
        ("single-quotes", "a text in single quotation marks", insert(b"'a':0,")),
        ("comment", "a comment", insert(b"/* a */")),
        ("trailing-comma", "a comma behind the last field", format!("{},}}", &text[..text.len() - 1]).into_bytes()),
        (
            "nested-128",
            "nested more deeply than a reader must bear",
            insert(format!("\"a\":{}{},", "[".repeat(127), "]".repeat(127)).as_bytes()),
        ),
        (
            "nested-128-forgotten",
            "nested too deeply under a name that occurs again",
            insert(format!("\"a\":{}{},\"a\":0,", "[".repeat(127), "]".repeat(127)).as_bytes()),
        ),
        (
            "surrogate-forgotten",
            "half a pair of surrogates under a name that occurs again",
            insert(br#""a":"\udc00","a":0,"#),
        ),
        ("list", "a list", format!("[{text}]").into_bytes()),
        ("null", "no object at all", b"null".to_vec()),
        (
            "format-2",
            "a receipt of a later format",
            text.replace("gongxin-receipt-1", "gongxin-receipt-2").into_bytes(),
        ),
        (
            "format-missing",
            "a file that does not name its format",
            text.replace(r#""format":"gongxin-receipt-1","#, "").into_bytes(),
        ),
        (
            "format-number",
            "a format that is no text",
            text.replace(r#""format":"gongxin-receipt-1""#, r#""format":1"#).into_bytes(),
        ),
        (
            "format-twice-last-other",
            "two formats, the last of them unknown",
            text.replace(r#""format":"gongxin-receipt-1""#, r#""format":"gongxin-receipt-1","format":"x""#)
                .into_bytes(),
        ),
        (
            "format-twice-escaped-last-other",
            "two formats, the last of them unknown and its name escaped",
            text.replace(r#""format":"gongxin-receipt-1""#, r#""format":"gongxin-receipt-1","form\u0061t":"x""#)
                .into_bytes(),
        ),
        ("a-network-file", "a network file where the receipt should be", network.to_vec()),
    ];
    for (name, why, changed) in cases {
        theme.add(&format!("unreadable-{name}"), why, Outcome::Unreadable, changed, network.to_vec());
    }
    let other = World::new(gongxin_crypto::Suite::Intl, "elsewhere", 4);
    let file = bundle::network_to_bytes(&other.file());
    theme.add(
        "unreadable-before-refused",
        "an unreadable receipt and a wrong network",
        Outcome::Unreadable,
        b"{}".to_vec(),
        file,
    );
}
