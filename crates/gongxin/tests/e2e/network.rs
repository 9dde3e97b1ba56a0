//! A whole network of real processes: four validators, six gateways, two years of real divisions.

mod alerts;
mod caller;
mod drill;
mod epochs;
mod four_eyes;
mod governed;
mod killed;
mod living;
mod metrics;
mod owed;
mod refused;
mod serving;
mod taught;

use std::time::Duration;

use living::{DIVISION, Living};

use crate::command::{complained, json, said};

/// An officer of housing reads a record of civil-affairs; the reading is listed, and its receipt verifies offline, in any
/// folder, with the network file alone. One flipped byte, and it does not.
#[test]
fn a_reading_is_listed_and_proven() {
    let living = Living::start();
    let receipt = living.file("receipt.json");
    let answer = living
        .answer(&format!("record read civil-affairs/divisions {DIVISION} --as housing/clerk --receipt {receipt}"));
    assert_eq!(answer["fields"]["name"], "东城区");
    let verified = living.elsewhere(&["verify", &receipt, "--network", &living.network()]);
    assert!(verified.status.success(), "{}", said(&verified));
    let list = living.answer("access list --resource civil-affairs/divisions --as audit-office/supervisor");
    let readings = list["items"].as_array().expect("items");
    assert!(
        readings.iter().any(|reading| reading["reader"] == "housing" && reading["place"]["height"] == answer["height"])
    );
    let mut bytes = std::fs::read(&receipt).expect("a receipt");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&receipt, bytes).expect("written");
    let refused = living.elsewhere(&["verify", &receipt, "--network", &living.network()]);
    assert!(matches!(refused.status.code(), Some(1 | 2)), "{}", said(&refused));
}

/// Public security has no grant: the reading is refused on the ledger, and the refusal's receipt verifies.
#[test]
fn a_refusal_is_proven_too() {
    let living = Living::start();
    let receipt = living.file("refusal.json");
    let output = living.call(&[
        "record",
        "read",
        "civil-affairs/divisions",
        DIVISION,
        "--as",
        "public-security/clerk",
        "--receipt",
        &receipt,
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", complained(&output));
    assert!(!said(&output).contains("东城区"));
    let report = json(&living.elsewhere(&["--output", "json", "verify", &receipt, "--network", &living.network()]));
    assert_eq!(report["ok"], true);
    assert!(report.to_string().contains("deny"), "{report}");
    // The same for any other act: a clerk may not grant, and can prove having been refused.
    let receipt = living.file("no-grant.json");
    let output = living.call(&[
        "grant",
        "issue",
        "civil-affairs/divisions",
        "--reader",
        "housing",
        "--fields",
        "code",
        "--purpose",
        "case-handling",
        "--legal-basis",
        "sharing-regulation-art-20",
        "--until",
        "2027-01-01T00:00:00Z",
        "--as",
        "civil-affairs/clerk",
        "--receipt",
        &receipt,
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", complained(&output));
    let verified = living.elsewhere(&["verify", &receipt, "--network", &living.network()]);
    assert!(verified.status.success(), "{}", said(&verified));
}

/// The history of a code that was renamed shows both names in order; a code nobody ever had is "not found", which stands
/// on the ledger like any reading.
#[test]
fn history_and_not_found() {
    let living = Living::start();
    let history = living.answer("record history civil-affairs/divisions 432500 --as civil-affairs/clerk");
    let versions = history["versions"].as_array().expect("versions");
    assert!(versions.len() >= 2, "{history}");
    assert_eq!(versions[0]["operation"], "create");
    let receipt = living.file("nothing.json");
    let output = living.call(&[
        "record",
        "read",
        "civil-affairs/divisions",
        "999999",
        "--as",
        "housing/clerk",
        "--receipt",
        &receipt,
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", complained(&output));
    assert!(living.elsewhere(&["verify", &receipt, "--network", &living.network()]).status.success());
}

/// With two of four validators stopped nothing is final, so nothing comes out; when they go on, the reading does.
#[test]
fn without_consensus_nothing_comes_out() {
    let living = Living::start();
    let read = ["record", "read", "civil-affairs/divisions", DIVISION, "--as", "housing/clerk"];
    living.signal("STOP", &["social-security", "public-security"]);
    let output = living.call(&read);
    living.signal("CONT", &["social-security", "public-security"]);
    assert_eq!(output.status.code(), Some(3), "{} {}", said(&output), complained(&output));
    assert!(!said(&output).contains("东城区"));
    living.until("the network goes on", Duration::from_secs(60), || living.call(&read).status.success());
}

/// One of four validators is killed: readings go on, and what was acknowledged before is still there.
#[test]
fn one_validator_killed_nothing_happens() {
    let living = Living::start();
    let before = living.file("before.json");
    let read = |receipt: &str| {
        living.call(&[
            "record",
            "read",
            "civil-affairs/divisions",
            DIVISION,
            "--as",
            "housing/clerk",
            "--receipt",
            receipt,
        ])
    };
    assert!(read(&before).status.success());
    living.signal("KILL", &["social-security"]);
    let after = living.file("after.json");
    living.until("a reading without it", Duration::from_secs(30), || read(&after).status.success());
    for receipt in [&before, &after] {
        assert!(living.elsewhere(&["verify", receipt, "--network", &living.network()]).status.success());
    }
}

/// Calls that are not signed are answered 401 with a problem document; health is open to everyone.
#[test]
fn unsigned_calls_are_refused() {
    let living = Living::start();
    let (status, body) = living.get("/api/v1/organizations");
    assert_eq!(status, 401);
    assert!(body.contains("\"status\":401"), "{body}");
    assert_eq!(living.get("/healthz").0, 200);
}

/// A second start on the same folder is refused while the first runs; after it the data is still there.
#[test]
fn one_process_per_folder_and_the_data_stays() {
    let mut living = Living::start();
    let second = living.second_start();
    assert_eq!(second.status.code(), Some(2));
    assert!(complained(&second).contains("another process"), "{}", complained(&second));
    living.restart();
    let answer = living.answer(&format!("record read civil-affairs/divisions {DIVISION} --as housing/clerk"));
    assert_eq!(answer["fields"]["name"], "东城区");
}
