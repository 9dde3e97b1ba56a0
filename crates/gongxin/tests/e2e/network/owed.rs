//! A supervisor sets a task with a term of working days; it stands still, runs on, and is fulfilled.

use super::living::Living;
use crate::command::said;

const SUPERVISOR: &str = "--as audit-office/supervisor";
const CLERK: &str = "--as housing/clerk";

/// Who oversees nobody sets no task; whoever owes it sees when it is due and reports it done; every step has a receipt.
#[test]
fn a_task_is_set_and_fulfilled() {
    let living = Living::start();
    let open = "obligation open --obligor housing --kind rectify --working-days 5 --legal-basis sharing-regulation";
    living.refused(&format!("{open} --as social-security/clerk"), "policy");
    let receipt = living.file("task.json");
    let opened = living.answer(&format!("{open} {SUPERVISOR} --receipt {receipt}"));
    let id = opened["obligation"].as_str().expect("an identifier").to_owned();
    let verified = living.elsewhere(&["verify", &receipt, "--network", &living.network()]);
    assert!(verified.status.success(), "{}", said(&verified));

    let shown = living.answer(&format!("obligation show {id} {CLERK}"));
    assert_eq!(shown["overdue"], false, "{shown}");
    let due = shown["due_date"].as_str().expect("a date").to_owned();
    let today = living.answer(&format!("calendar show --year {} {CLERK}", &due[..4]));
    assert!(today.to_string().contains("days_off"), "{today}");

    living.refused(&format!("obligation suspend {id} --reason hearing {CLERK}"), "policy");
    living.answer(&format!("obligation suspend {id} --reason hearing {SUPERVISOR}"));
    living.refused(&format!("obligation extend {id} --working-days 2 {SUPERVISOR}"), "not-running");
    living.answer(&format!("obligation resume {id} {SUPERVISOR}"));
    living.answer(&format!("obligation extend {id} --working-days 2 {SUPERVISOR}"));
    living.refused(&format!("obligation extend {id} --working-days 2 {SUPERVISOR}"), "already-extended");
    let later = living.answer(&format!("obligation show {id} {CLERK}"));
    assert!(later["due_date"].as_str().expect("a date") > due.as_str(), "{later}");

    living.answer(&format!("obligation fulfil {id} {CLERK}"));
    living.refused(&format!("obligation withdraw {id} {SUPERVISOR}"), "obligation-ended");
    let listed = living.answer(&format!("obligation list --obligor housing {SUPERVISOR}"));
    assert_eq!(listed["items"][0]["status"]["status"], "fulfilled", "{listed}");
    let late = living.answer(&format!("obligation list --overdue {SUPERVISOR}"));
    assert_eq!(late["items"].as_array().map(Vec::len), Some(0), "{late}");
}
