//! What an office's own validators find out is raised in its name, once, and taken back when it is over.

use gongxin_test_support::{Sandbox, cast};
use gongxin_types::alert::Finding;
use gongxin_types::{Action, AlertKind, Height, Role};
use serde_json::Value;

use super::stage::{OWNER, Stage, Who};

const OPERATOR: Who = (OWNER, Role::Operator);
const OPEN: &str = "/api/v1/alerts?open=true";

/// Kinds of the alerts on a page, and who says so.
fn told(page: &Value) -> Vec<String> {
    let word = |item: &Value| format!("{} {}", item["topic"]["kind"], item["confirmations"][0]["organization"]);
    let mut words: Vec<String> = page["items"].as_array().unwrap().iter().map(word).collect();
    words.sort();
    words
}

/// How many acts on alerts stand on the ledger.
fn acts(sandbox: &Sandbox) -> usize {
    let actions = sandbox.blocks.iter().flat_map(|block| &block.transactions).flat_map(|one| &one.body.actions);
    actions.filter(|action| matches!(action, Action::RaiseAlert(_) | Action::EndAlert(_))).count()
}

/// So many acts on alerts stand on the ledger, and the office has heard of them.
async fn after(stage: &Stage, count: usize) {
    stage.ledger.becomes(|sandbox| acts(sandbox) >= count).await;
    let height: Height = stage.ledger.look(|sandbox| sandbox.header().height);
    stage.sees(height).await;
}

/// Its validator hears one no longer, and has proof against another: both are raised once. It hears the one again: that alert
/// ends, the other stands. What the ledger refuses is not said again at once.
#[tokio::test]
async fn what_its_validators_find_is_raised_once_and_taken_back() {
    let stage = Stage::open().await;
    stage.ledger.run();
    let (silent, fault, nobody) = stage.ledger.look(|sandbox| {
        let validators = &sandbox.validators;
        (
            Finding::SilentValidator { validator: validators.key("housing") },
            Finding::Equivocation(validators.equivocation(&sandbox.genesis.head, "public-security", (0, 4))),
            Finding::SilentValidator { validator: validators.key("stranger") },
        )
    });
    stage.ledger.finds(vec![silent.clone(), fault.clone(), nobody.clone()]);
    after(&stage, 3).await;
    let both = ["\"equivocation\" \"civil-affairs\"", "\"silent-validator\" \"civil-affairs\""];
    assert_eq!(told(&stage.get(OPEN, OPERATOR).await), both);
    let silence = stage.get(&format!("/api/v1/alerts/{}", silent.topic().id(1)), OPERATOR).await;
    assert_eq!(
        (&silence["state"]["state"], &silence["confirmed"]),
        (&"open".into(), &Value::Null),
        "one alone says so"
    );

    stage.ledger.finds(vec![fault.clone(), nobody]);
    after(&stage, 4).await;
    assert_eq!(told(&stage.get(OPEN, OPERATOR).await), both[..1]);
    let ended = stage.get(&format!("/api/v1/alerts/{}", silent.topic().id(1)), OPERATOR).await;
    assert_eq!((&ended["state"]["state"], &ended["state"]["ending"]["how"]), (&"ended".into(), &"over".into()));
    let kind = format!("/api/v1/alerts?kind={}", AlertKind::Equivocation.code());
    let convicted = stage.get(&kind, (cast::SUPERVISOR, Role::Supervisor)).await;
    let key = stage.ledger.look(|sandbox| sandbox.validators.key("public-security"));
    assert_eq!(convicted["items"][0]["convicted"], serde_json::json!([key]));

    stage.ledger.finds(vec![silent.clone(), fault]);
    after(&stage, 5).await;
    assert_eq!(told(&stage.get(OPEN, OPERATOR).await), both);
    assert_eq!(stage.ledger.look(acts), 5, "each was said once");
    let again = stage.get(&format!("/api/v1/alerts/{}", silent.topic().id(2)), OPERATOR).await;
    assert_eq!((&again["number"], &again["state"]["state"]), (&2.into(), &"open".into()));
    assert!(stage.asks("/metrics").await.text().contains("gongxin_gateway_alerts_open "));
}
