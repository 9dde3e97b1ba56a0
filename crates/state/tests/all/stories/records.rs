//! Stories of records and evidence.

use expect_test::expect;
use gongxin_test_support::Sandbox;
use gongxin_types::{Refusal, Role};

use super::evidence;
use crate::support::{both_suites, told};

/// A document is notarised once per organization; a second time the first one counts.
#[test]
fn evidence_is_notarised_once() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let clerk = |sandbox: &Sandbox, organization: &str| sandbox.officer(organization, Role::CaseOfficer).sender();
        assert_ne!(clerk(story.sandbox, "housing"), clerk(story.sandbox, "civil-affairs"));
        story.act("housing", Role::CaseOfficer, "notarises a contract", |sandbox| evidence(sandbox, "contract"));
        story.act("housing", Role::CaseOfficer, "notarises it again", |sandbox| evidence(sandbox, "contract"));
        story.act("civil-affairs", Role::CaseOfficer, "notarises the same", |sandbox| evidence(sandbox, "contract"));
        story.act_of_gateway("housing", "notarises on its own", |sandbox| evidence(sandbox, "other"));
        story.ends(expect![[r#"
            housing's case-officer notarises a contract: done, 1 page (officer-notarises-for-own-organization)
            housing's case-officer notarises it again: refused, already-exists
            civil-affairs's case-officer notarises the same: done, 1 page (officer-notarises-for-own-organization)
            housing's gateway notarises on its own: refused, officer-required
        "#]]);
    });
}

/// A division is recorded, renamed and abolished; a code that returns is a new record.
#[test]
fn a_record_lives_and_ends() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let steward = ("civil-affairs", Role::DataSteward);
        story
            .act(steward.0, steward.1, "records 310101", |sandbox| sandbox.batch([sandbox.create("310101", "黄浦区")]));
        story.act(steward.0, steward.1, "records it twice", |sandbox| {
            sandbox.batch([sandbox.create("310101", "黄浦区")])
        });
        story.act(steward.0, steward.1, "renames it", |sandbox| {
            sandbox.batch([sandbox.update("310101", "新黄浦区", 1)])
        });
        story.act(steward.0, steward.1, "renames it on an old version", |sandbox| {
            sandbox.batch([sandbox.update("310101", "旧黄浦区", 1)])
        });
        story.act(steward.0, steward.1, "abolishes it", |sandbox| sandbox.batch([sandbox.delete("310101", 2)]));
        story.act(steward.0, steward.1, "renames what is gone", |sandbox| {
            sandbox.batch([sandbox.update("310101", "无", 3)])
        });
        story.act(steward.0, steward.1, "takes the record up again", |sandbox| {
            sandbox.batch([sandbox.create("310101", "黄浦区")])
        });
        story.act(steward.0, steward.1, "creates, renames and deletes in one batch", |sandbox| {
            sandbox.batch([
                sandbox.create("310103", "卢湾区"),
                sandbox.update("310103", "卢湾", 1),
                sandbox.delete("310103", 2),
            ])
        });
        story.act(steward.0, steward.1, "mixes one wrong operation in", |sandbox| {
            sandbox.batch([sandbox.create("310104", "徐汇区"), sandbox.update("310105", "长宁区", 1)])
        });
        story.act("civil-affairs", Role::CaseOfficer, "records without the role", |sandbox| {
            sandbox.batch([sandbox.create("310106", "静安区")])
        });
        story.act("housing", Role::DataSteward, "records what is not theirs", |sandbox| {
            sandbox.batch([sandbox.create("310106", "静安区")])
        });
        story.ends(expect![[r#"
            civil-affairs's data-steward records 310101: done, 1 page, +1 ~0 -0 (steward-writes-own-records)
            civil-affairs's data-steward records it twice: refused, already-exists
            civil-affairs's data-steward renames it: done, 1 page, +0 ~1 -0 (steward-writes-own-records)
            civil-affairs's data-steward renames it on an old version: refused, version-mismatch
            civil-affairs's data-steward abolishes it: done, 1 page, +0 ~0 -1 (steward-writes-own-records)
            civil-affairs's data-steward renames what is gone: refused, unknown-record
            civil-affairs's data-steward takes the record up again: refused, already-exists
            civil-affairs's data-steward creates, renames and deletes in one batch: done, 3 pages, +1 ~1 -1 (steward-writes-own-records)
            civil-affairs's data-steward mixes one wrong operation in: refused, unknown-record
            civil-affairs's case-officer records without the role: refused, policy
            housing's data-steward records what is not theirs: refused, policy (nobody-writes-records-of-others)
        "#]]);
    });
}

/// A window of readings: a revoked grant does not sink the others; all or nothing, one refusal undoes everything.
#[test]
fn a_window_is_not_sunk_by_one_refusal() {
    both_suites(|sandbox| {
        let steward = sandbox.officer("civil-affairs", Role::DataSteward);
        let create = |code: &str| sandbox.batch([sandbox.create(code, "甲")]);
        let actions = || [create("310101"), create("310102"), create("310101"), create("310103")];
        let (apart, whole) = (sandbox.sign(steward, actions()), sandbox.sign_whole(steward, actions()));
        let answers = |transaction| {
            let (executed, _) = sandbox.execute(sandbox.now(), &[transaction]).unwrap();
            let actions = executed.receipts.transactions[0].actions.iter();
            let answers: Vec<_> =
                actions.map(|result| (result.receipt.decision.refusal, result.writes.len())).collect();
            (answers, executed.writes.len())
        };
        let done = (None, 1);
        let refused = |refusal| (Some(refusal), 0);
        let twice = refused(Refusal::AlreadyExists);
        // Three slots and the replay window; then the window alone.
        assert_eq!(answers(apart), (vec![done, done, twice, done], 4));
        let sunk = refused(Refusal::RolledBack);
        assert_eq!(answers(whole), (vec![sunk, sunk, twice, sunk], 1));
    });
}
