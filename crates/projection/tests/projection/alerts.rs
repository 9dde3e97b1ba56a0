//! Alerts in the copy: raised, confirmed, over and raised again; what two certificates of one height convict.

use gongxin_projection::{AlertFilter, PageRequest};
use gongxin_state::key::Kind;
use gongxin_test_support::Sandbox;
use gongxin_types::alert::{AlertKind, Finding, NewAlert};
use gongxin_types::{Action, Alert};

use crate::ledger::{agree, copy_of, takes_effect};

/// A gateway of an office, as those who act.
fn acts(sandbox: &mut Sandbox, office: &str, action: Action) {
    let gateway = gongxin_test_support::Person::gateway(sandbox.suite, sandbox.seed, office, "gateway");
    takes_effect(sandbox, &gateway, action);
}

/// A validator falls silent twice and another one contradicts itself: the copy holds what the state holds, finds what stands, and
/// knows which alert was the last about the same.
#[test]
fn alerts_are_in_the_copy() {
    let mut sandbox = Sandbox::new();
    let raise = |finding: &Finding| Action::RaiseAlert(NewAlert { version: 1, finding: finding.clone() });
    let silent = Finding::SilentValidator { validator: sandbox.validators.key("housing") };
    let fault = Finding::Equivocation(sandbox.validators.equivocation(&sandbox.genesis.head, "housing", (0, 4)));
    let topic = silent.topic();
    acts(&mut sandbox, "civil-affairs", raise(&silent));
    acts(&mut sandbox, "public-security", raise(&silent));
    acts(&mut sandbox, "civil-affairs", raise(&fault));
    acts(&mut sandbox, "civil-affairs", Action::EndAlert(topic.id(1)));
    acts(&mut sandbox, "public-security", Action::EndAlert(topic.id(1)));
    acts(&mut sandbox, "social-security", raise(&silent));

    let (_directory, projection) = copy_of(&sandbox);
    assert_eq!(agree::<Alert>(&sandbox, &projection, Kind::Alert), (3, 3));
    let ids = |filter: AlertFilter| -> Vec<_> {
        let page = projection.alerts(&filter, &PageRequest::largest()).unwrap();
        page.items.into_iter().map(|fact| fact.noun.id).collect()
    };
    let ascending = |mut ids: Vec<gongxin_types::AlertId>| {
        ids.sort();
        ids
    };
    let (one, two, proven) = (topic.id(1), topic.id(2), fault.topic().id(1));
    assert_eq!(ids(AlertFilter::default()), ascending(vec![one, two, proven]));
    assert_eq!(ids(AlertFilter { kind: None, is_open: true }), ascending(vec![two, proven]));
    let kind = Some(AlertKind::SilentValidator);
    assert_eq!(ids(AlertFilter { kind, is_open: false }), ascending(vec![one, two]));
    assert_eq!(ids(AlertFilter { kind, is_open: true }), [two]);
    assert_eq!(projection.open_alerts().unwrap().value, 2);
    let latest = projection.latest_alert(&topic).unwrap().value.unwrap().noun;
    assert_eq!((latest.id, latest.number, latest.confirmations.len()), (two, 2, 1));
    assert_eq!(
        projection
            .latest_alert(&Finding::ClockFault { validator: sandbox.validators.key("housing") }.topic())
            .unwrap()
            .value,
        None
    );
    let page = PageRequest { after: None, limit: 2 };
    let first = projection.alerts(&AlertFilter::default(), &page).unwrap();
    assert_eq!((first.items.len(), first.next.is_some()), (2, true));
}
