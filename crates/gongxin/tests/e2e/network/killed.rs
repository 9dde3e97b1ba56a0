//! Power cut: every process of the demonstration is killed at the same moment.

use super::living::{DIVISION, Living};

/// Everything that was acknowledged before is there after the next start: the reading and its list, the records, the
/// receipts, byte for byte; and the network goes on above the height it had.
#[test]
fn all_processes_killed_at_once() {
    let mut living = Living::start();
    let (before, after) = (living.file("before.json"), living.file("after.json"));
    let read = |living: &Living, receipt: &str| {
        living.answer(&format!("record read civil-affairs/divisions {DIVISION} --as housing/clerk --receipt {receipt}"))
    };
    let list = |living: &Living| {
        let listed = living.answer("access list --resource civil-affairs/divisions --as audit-office/supervisor");
        listed["items"].as_array().expect("items").clone()
    };
    let first = read(&living, &before);
    living.until("the supervisor's copy has the reading", std::time::Duration::from_secs(30), || {
        list(&living).iter().any(|reading| reading["place"]["height"] == first["height"])
    });
    let listed = list(&living);

    living.kill_all();
    living.start_again();
    let now = list(&living);
    assert!(listed.iter().all(|reading| now.contains(reading)), "{listed:?} in {now:?}");
    let second = read(&living, &after);
    assert_eq!(second["fields"], first["fields"]);
    assert!(second["height"].as_u64() > first["height"].as_u64());
    for receipt in [&before, &after] {
        assert!(living.elsewhere(&["verify", receipt, "--network", &living.network()]).status.success());
    }
    // The loading, which had ended, was not done twice: every record has the versions it had.
    let history = living.answer(&format!("record history civil-affairs/divisions {DIVISION} --as civil-affairs/clerk"));
    assert_eq!(history["versions"].as_array().expect("versions").len(), 1, "{history}");
}
