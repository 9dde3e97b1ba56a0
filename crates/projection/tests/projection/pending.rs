//! Acts that take two in the copy: they wait, take effect or end, and the officers they are about change with them.

use gongxin_state::key::Kind;
use gongxin_test_support::{Person, Sandbox, cast, world};
use gongxin_types::officer::Recovery;
use gongxin_types::pending::{Approval, NewPending, PendingAct, PendingStatus};
use gongxin_types::{Action, Officer, OfficerKey, Pending, PendingId, Role};

use crate::ledger::{agree, copy_of, takes_effect};

/// A clerk whose key was lost is recovered by two, another act is taken back, a steward is stopped: the copy holds what the state
/// holds, and shows who the two were.
#[test]
fn a_recovery_is_shown_with_both() {
    let mut sandbox = Sandbox::new();
    let suite = sandbox.suite;
    let person = |organization, role: Role| Person::new(suite, 1, organization, role.code(), &[role]);
    let (head, second) = (person("housing", Role::Authority), person(cast::AUTHORITY, Role::Authority));
    let [clerk, steward] = [Role::CaseOfficer, Role::DataSteward].map(|role| person("housing", role).officer_id());
    let recover = |name: &str| {
        let key = world::key(&Person::new(suite, 1, "housing", name, &[]));
        PendingAct::RecoverOfficer(Recovery { officer: clerk, key: OfficerKey { from: world::BEGINNING, ..key } })
    };
    let [recovery, other] = [1, 2].map(|number| PendingId::new([number; 16]));
    for (id, act) in [(recovery, recover("new key")), (other, recover("another"))] {
        takes_effect(&mut sandbox, &head, Action::OpenPending(NewPending { version: 1, id, act }));
    }
    let act = recover("new key");
    let approval = Approval { pending: recovery, act: act.digest(suite) };
    takes_effect(&mut sandbox, &second, Action::ApprovePending(approval));
    takes_effect(&mut sandbox, &head, Action::WithdrawPending(other));
    takes_effect(&mut sandbox, &head, Action::RevokeOfficerKeys(steward));

    let (_directory, projection) = copy_of(&sandbox);
    assert_eq!(agree::<Pending>(&sandbox, &projection, Kind::Pending), (2, 2));
    assert_eq!(agree::<Officer>(&sandbox, &projection, Kind::Officer).1, 2);
    let shown = projection.pending(&recovery).unwrap().value.unwrap();
    assert!(matches!(shown.noun.status, PendingStatus::Approved { officer, key, .. }
        if officer == second.officer_id() && key == second.secret.public()));
    assert_eq!((shown.revision, shown.noun.act), (2, act));
}
