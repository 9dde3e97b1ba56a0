//! Foreign names stay in their rooms: the consensus engine, the policy language, HTTP. And who may say what is random.
//!
//! An upstream break is then a change in one room. Both the manifests (what a crate may depend on) and the sources
//! (what it names in code; comments and strings may say what they like) are looked at.

use super::line_of_dependency;
use crate::finding::Finding;
use crate::tokens::{self, Token};
use crate::workspace::{Package, SourceFile};

const RULE: &str = "room";

/// Crates that are at home with the engine.
const ENGINE_ROOMS: [&str; 2] = ["chain", "simulation"];
/// Crates that may use the engine family's codec and cryptography.
const ENGINE_WORDS_ROOMS: [&str; 3] = ["types", "crypto", "verify"];
const ENGINE_WORDS: [&str; 2] = ["commonware_codec", "commonware_cryptography"];
/// Tests of `verify` compare its state proof with the engine's own verifier (PROTOCOL 10).
const ENGINE_IN_TESTS_OF: &str = "verify";
const POLICY_ROOMS: [&str; 1] = ["policy"];
/// The faces, the program that wires them, the crate that calls them, and the fuzz targets that throw bytes at them.
const HTTP_ROOMS: [&str; 5] = ["api", "portal", "client", "gongxin", "fuzz"];
/// Who may say where unpredictable bytes come from: `crypto`, of the operating system; the simulation, of a seed.
const RANDOMNESS_ROOMS: [&str; 2] = ["crypto", "simulation"];
const RANDOMNESS: &str = "Randomness";
/// As crates are named in code.
const HTTP: [&str; 12] = [
    "axum",
    "axum_extra",
    "http",
    "http_body",
    "http_body_util",
    "httpsig",
    "hyper",
    "hyper_util",
    "reqwest",
    "tower_http",
    "ureq",
    "utoipa_axum",
];

/// What the manifest of a crate may not ask for.
pub(crate) fn check_manifest(member: &Package, manifest: &str, text: &str) -> Vec<Finding> {
    let Some(room) = room(manifest) else {
        return Vec::new();
    };
    let outside = member.dependencies.iter().filter(|dependency| dependency.path.is_none());
    outside
        .filter_map(|dependency| {
            let refusal = refusal(room, &dependency.name.replace('-', "_"), dependency.is_dev())?;
            Some(Finding::new(manifest, line_of_dependency(text, &dependency.name), RULE, refusal))
        })
        .collect()
}

/// What a source file may not name.
pub(crate) fn check_source(file: &SourceFile) -> Vec<Finding> {
    let Some(room) = room(&file.path) else {
        return Vec::new();
    };
    let in_tests = is_test(&file.path);
    let tokens = tokens::of_file(&file.text);
    let words = tokens
        .iter()
        .filter(|token| token.is_identifier)
        .filter(|token| token.text.contains("commonware") || token.text.contains("cedar"));
    let foreign = words
        .chain(tokens::crate_names(&tokens, &HTTP))
        .filter_map(|token| Some(Finding::new(&file.path, token.line, RULE, refusal(room, &token.text, in_tests)?)));
    foreign.chain(other_randomness(room, &file.path, &tokens)).collect()
}

/// Where a room other than those two says what is random: `impl Randomness for …`.
fn other_randomness<'a>(room: &'a str, path: &'a str, tokens: &'a [Token]) -> impl Iterator<Item = Finding> + 'a {
    let said =
        tokens.iter().zip(tokens.iter().skip(1)).filter(|(name, next)| name.text == RANDOMNESS && next.text == "for");
    said.filter(move |_| !RANDOMNESS_ROOMS.contains(&room)).map(move |(name, _)| {
        let words = format!("`{room}` implements `{RANDOMNESS}`: outside the simulation it is the operating system's");
        Finding::new(path, name.line, RULE, words)
    })
}

/// Why `room` may not name `name`, if it may not.
fn refusal(room: &str, name: &str, in_tests: bool) -> Option<String> {
    if name.contains("commonware") {
        let words = ENGINE_WORDS_ROOMS.contains(&room) && ENGINE_WORDS.contains(&name);
        let compared = in_tests && room == ENGINE_IN_TESTS_OF;
        let home = ENGINE_ROOMS.contains(&room);
        return (!(home || words || compared)).then(|| {
            format!("`{room}` names `{name}`: the consensus engine is named only in `chain` and `simulation`")
        });
    }
    if name.contains("cedar") {
        return (!POLICY_ROOMS.contains(&room))
            .then(|| format!("`{room}` names `{name}`: the policy language is named only in `policy`"));
    }
    (HTTP.contains(&name) && !HTTP_ROOMS.contains(&room))
        .then(|| format!("`{room}` names `{name}`: HTTP is known only to the faces, the program and `client`"))
}

/// `state` for `crates/state/…`; other folders have no room and no such law.
fn room(path: &str) -> Option<&str> {
    path.strip_prefix("crates/")?.split('/').next()
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::finding::lines;

    fn source(path: &str, text: &str) -> String {
        lines(&check_source(&SourceFile { path: path.to_owned(), text: text.to_owned() }))
    }

    /// Each name is welcome at home, and in comments and strings everywhere.
    #[test]
    fn names_at_home_pass() {
        assert_eq!(source("crates/chain/src/run.rs", "use commonware_runtime::tokio;"), "");
        assert_eq!(source("crates/verify/src/lib.rs", "use commonware_cryptography::Verifier;"), "");
        assert_eq!(source("crates/verify/tests/state_proof.rs", "use commonware_storage::qmdb;"), "");
        assert_eq!(source("crates/policy/src/set.rs", "use cedar_policy::PolicySet;"), "");
        assert_eq!(source("crates/api/src/lib.rs", "use axum::Router;"), "");
        assert_eq!(
            source("crates/state/src/lib.rs", "//! Not axum::Router, not cedar.\nconst A: &str = \"cedar\";"),
            ""
        );
    }

    /// Only the simulation has other randomness than the operating system's; whoever uses it may name it.
    #[test]
    fn randomness_has_two_sources() {
        let other = "use gongxin_crypto::Randomness;\nimpl gongxin_crypto::Randomness for Dice {}";
        assert_eq!(source("crates/simulation/src/machine.rs", other), "");
        assert_eq!(source("crates/service/src/machine.rs", "fn randomness(&self) -> Arc<dyn Randomness>;"), "");
        expect![[r#"
            crates/service/src/machine.rs:2: room: `service` implements `Randomness`: outside the simulation it is the operating system's
        "#]]
        .assert_eq(&source("crates/service/src/machine.rs", other));
    }

    /// Elsewhere each is refused where it stands.
    #[test]
    fn names_abroad_are_refused() {
        expect![[r#"
            crates/state/src/lib.rs:1: room: `state` names `commonware_codec`: the consensus engine is named only in `chain` and `simulation`
            crates/state/src/lib.rs:2: room: `state` names `cedar_policy`: the policy language is named only in `policy`
            crates/state/src/lib.rs:3: room: `state` names `http`: HTTP is known only to the faces, the program and `client`
        "#]]
        .assert_eq(&source("crates/state/src/lib.rs", "use commonware_codec::Encode;\nuse cedar_policy as c;\nfn f(_: http::Uri) {}"));
        expect![[r#"
            crates/verify/src/lib.rs:1: room: `verify` names `commonware_storage`: the consensus engine is named only in `chain` and `simulation`
        "#]]
        .assert_eq(&source("crates/verify/src/lib.rs", "use commonware_storage::qmdb;"));
    }
}
