//! The vectors: what is made here is what is committed, and each is judged as it says.

use expect_test::expect_file;
use gongxin_verify::{bundle, jcs};

use crate::vectors;

/// The committed vectors are the ones made here, byte for byte.
#[test]
fn vectors_are_those_committed() {
    for (theme, cases) in vectors::all() {
        let path = format!("{}/../../conformance/vectors/{theme}.json", env!("CARGO_MANIFEST_DIR"));
        expect_file![path].assert_eq(&vectors::to_text(&cases));
    }
}

/// Every vector gets the verdict it names.
#[test]
fn vectors_are_judged_as_they_say() {
    let mut wrong = Vec::new();
    for (theme, cases) in vectors::all() {
        for case in cases {
            let report = bundle::verify(&case.receipt, &case.network);
            if report.outcome != case.expect {
                let failures: Vec<_> = report.failures().collect();
                wrong.push(format!(
                    "{theme}/{}: {:?} instead of {:?}: {failures:?}",
                    case.name, report.outcome, case.expect
                ));
            }
            assert_eq!(report.ok, report.outcome.exit_code() == 0, "{theme}/{}", case.name);
            assert_eq!(report.ok, report.steps.iter().all(|step| step.ok), "{theme}/{}", case.name);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A wrong receipt is refused for its own reason: no vector fails in more steps than its story touches.
#[test]
fn refusals_name_their_step() {
    let mut lines = Vec::new();
    for (theme, cases) in vectors::all() {
        for case in cases {
            let report = bundle::verify(&case.receipt, &case.network);
            let failed: Vec<String> = report.failures().map(|step| format!("{}: {}", step.name, step.detail)).collect();
            lines.push(format!(
                "{theme}/{} {}",
                case.name,
                if failed.is_empty() { "ok".into() } else { failed.join(" | ") }
            ));
        }
    }
    let path = format!("{}/tests/all/reasons.txt", env!("CARGO_MANIFEST_DIR"));
    expect_file![path].assert_eq(&(lines.join("\n") + "\n"));
}

/// What a clerk reads about an ordinary reading and about a refusal.
#[test]
fn a_report_reads_like_this() {
    let mut texts = Vec::new();
    for (theme, cases) in vectors::all() {
        for case in cases.iter().filter(|case| {
            theme == "accepting" && ["access-answered", "denied", "operation-update"].contains(&case.name.as_str())
        }) {
            let report = bundle::verify(&case.receipt, &case.network);
            let steps: Vec<String> =
                report.steps.iter().map(|step| format!("  {}: {}", step.name, step.detail)).collect();
            texts.push(format!("{}\n{}", case.name, steps.join("\n")));
            let json = serde_json::to_value(&report).expect("JSON");
            assert!(json["ok"].as_bool() == Some(true) && json["steps"][0]["name"] == "format");
            jcs::check(&case.receipt).expect("canonical");
        }
    }
    let path = format!("{}/tests/all/reports.txt", env!("CARGO_MANIFEST_DIR"));
    expect_file![path].assert_eq(&(texts.join("\n\n") + "\n"));
}
