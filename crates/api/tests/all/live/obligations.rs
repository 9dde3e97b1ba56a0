//! Terms as a gateway shows them: due on a day of the calendar in force, and overdue from its midnight on.

use gongxin_test_support::cast;
use gongxin_types::obligation::{NewObligation, ObligationKind};
use gongxin_types::{Action, ObligationId, Role};

use super::stage::{CASE_OFFICER, READER, Stage, Who};

const DAY_MS: u64 = 86_400_000;
const SUPERVISOR: Who = (cast::SUPERVISOR, Role::Supervisor);

/// The supervisor sets housing a task of one working day on Saturday, 1 August 2026: it is due on Monday, overdue on Tuesday, and
/// late when housing reports it.
#[tokio::test]
async fn a_task_becomes_overdue() {
    let stage = Stage::open().await;
    let id = ObligationId::new([7; 16]);
    let new = NewObligation {
        version: 1,
        id,
        kind: ObligationKind::Explain,
        obligor: READER.parse().unwrap(),
        legal_basis: "sharing-regulation".parse().unwrap(),
        document: None,
        term: 1,
    };
    let opened = stage.ledger.block(vec![stage.signed(SUPERVISOR, Action::OpenObligation(new))]);
    stage.sees(opened.header.height).await;
    let path = format!("/api/v1/obligations/{id}");
    let shown = stage.get(&path, CASE_OFFICER).await;
    assert_eq!(
        (&shown["due_date"], &shown["overdue"], &shown["provisional"]),
        (&"2026-08-03".into(), &false.into(), &false.into())
    );
    assert_eq!((&shown["obligee"], &shown["status"]["status"]), (&"audit-office".into(), &"running".into()));
    let calendar = stage.get("/api/v1/calendar", CASE_OFFICER).await;
    assert_eq!((&calendar["today"], &calendar["revision"]), (&"2026-08-01".into(), &1.into()));
    let late = "/api/v1/obligations?obligor=housing&overdue=true";
    assert_eq!(stage.get(late, CASE_OFFICER).await["items"].as_array().unwrap().len(), 0);

    stage.sees(stage.ledger.passes(3 * DAY_MS)).await;
    let listed = stage.get(late, CASE_OFFICER).await;
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["overdue"]), (&id.to_string().into(), &true.into()));
    let fulfilled = stage.ledger.block(vec![stage.signed(CASE_OFFICER, Action::FulfilObligation(id))]);
    stage.sees(fulfilled.header.height).await;
    let shown = stage.get(&path, SUPERVISOR).await;
    assert_eq!((&shown["status"]["status"], &shown["status"]["late"]), (&"fulfilled".into(), &true.into()));
    assert_eq!(stage.get(late, SUPERVISOR).await["items"].as_array().unwrap().len(), 0);
}
