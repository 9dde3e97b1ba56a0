//! Stories of readings: who may read, under what, and what is listed.

use expect_test::expect;
use gongxin_test_support::{Reading, Sandbox, world};
use gongxin_types::access::AccessOutcome;
use gongxin_types::{AccessAuthority, Action, GrantId, ListKey, Refusal, Role};

use super::duty;
use crate::support::{both_suites, told};

/// An officer whose grant ended is refused at that block's time, though the page was opened before.
#[test]
fn a_grant_ends_while_the_form_is_open() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let steward = ("civil-affairs", Role::DataSteward);
        story
            .act(steward.0, steward.1, "records 310101", |sandbox| sandbox.batch([sandbox.create("310101", "黄浦区")]));
        let until = story.sandbox.now().plus_millis(600_000);
        let grant = story.sandbox.grant("g", "housing", &["code", "name"], until);
        let id = grant.id;
        story.act(steward.0, steward.1, "grants housing ten minutes", move |_| Action::IssueGrant(grant.clone()));
        story.read("housing", "reads", AccessAuthority::Grant { grant: id }, "one");
        story.read("housing", "reads again", AccessAuthority::Grant { grant: id }, "two");
        story.read("housing", "sends the first reading again", AccessAuthority::Grant { grant: id }, "one");
        story.read("public-security", "reads under another's grant", AccessAuthority::Grant { grant: id }, "three");
        story.read("housing", "reads under a duty of others", duty(), "four");
        story.read("civil-affairs", "reads its own under its duty", duty(), "five");
        story.wait(600_000);
        story.read("housing", "reads after ten minutes", AccessAuthority::Grant { grant: id }, "six");
        story.act(steward.0, steward.1, "revokes the grant", move |_| Action::RevokeGrant(id));
        story.read("housing", "reads after revocation", AccessAuthority::Grant { grant: id }, "seven");
        let nobody = AccessAuthority::Grant { grant: GrantId::new([9; 16]) };
        story.read("housing", "reads under no grant", nobody, "eight");
        story.ends(expect![[r#"
            civil-affairs's data-steward records 310101: done, 1 page, +1 ~0 -0 (steward-writes-own-records)
            civil-affairs's data-steward grants housing ten minutes: done, 2 pages (steward-keeps-own-grants)
            housing's case-officer reads: done, 2 pages, listed as 1 (case-officer-reads-shared-data)
            housing's case-officer reads again: done, 2 pages, listed as 2 (case-officer-reads-shared-data)
            housing's case-officer sends the first reading again: refused, already-exists
            public-security's case-officer reads under another's grant: refused, grant-mismatch
            housing's case-officer reads under a duty of others: refused, grant-mismatch
            civil-affairs's case-officer reads its own under its duty: done, 2 pages, listed as 3 (case-officer-reads-own-data)
            10 minutes pass
            housing's case-officer reads after ten minutes: refused, grant-expired
            civil-affairs's data-steward revokes the grant: done, 2 pages (steward-keeps-own-grants)
            housing's case-officer reads after revocation: refused, grant-revoked
            housing's case-officer reads under no grant: refused, grant-mismatch
        "#]]);
    });
}

/// What the owner's gateway refused stays refused and is not listed; its word has a receipt.
#[test]
fn the_owner_refuses_early() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        story.act("civil-affairs", Role::DataSteward, "records 310101", |sandbox| {
            sandbox.batch([sandbox.create("310101", "黄浦区")])
        });
        let outcome = |refusal| AccessOutcome::Refused { refusal };
        story.read_with("civil-affairs", "is told of a divergence", duty(), "one", outcome(Refusal::Divergence));
        story.read_with("civil-affairs", "is told of a grant", duty(), "two", outcome(Refusal::GrantExpired));
        story.read("civil-affairs", "reads", duty(), "three");
        story.ends(expect![[r#"
            civil-affairs's data-steward records 310101: done, 1 page, +1 ~0 -0 (steward-writes-own-records)
            civil-affairs's case-officer is told of a divergence: refused, divergence
            civil-affairs's case-officer is told of a grant: refused, refused-by-owner
            civil-affairs's case-officer reads: done, 2 pages, listed as 1 (case-officer-reads-own-data)
        "#]]);
    });
}

/// A leaf is the owner's gateway's to send: nobody else's, and not under a list that does not exist.
#[test]
fn only_the_owners_gateway_records_a_reading() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let network = story.sandbox.network();
        let suite = story.sandbox.suite;
        let reading = |sandbox: &Sandbox, label: &str| {
            Reading::of_division(
                network,
                suite,
                sandbox.officer("civil-affairs", Role::CaseOfficer),
                duty(),
                "310101",
                label,
            )
        };
        let nothing = ListKey::of_resource(suite, &world::DIVISIONS.parse().unwrap());
        let elsewhere = ListKey::of_resource(suite, &"housing/leases".parse().unwrap());
        story.act_of_gateway("civil-affairs", "records a reading that found nothing", |sandbox| {
            Action::RecordAccess(reading(sandbox, "a").answered(
                suite,
                sandbox.cast.gateway("civil-affairs"),
                [nothing],
            ))
        });
        story.act_of_gateway("civil-affairs", "lists it elsewhere", |sandbox| {
            Action::RecordAccess(reading(sandbox, "b").answered(
                suite,
                sandbox.cast.gateway("civil-affairs"),
                [elsewhere],
            ))
        });
        story.act_of_gateway("civil-affairs", "lists it under no record", |sandbox| {
            let list = ListKey::Record { record: sandbox.record_id("none") };
            Action::RecordAccess(reading(sandbox, "c").answered(suite, sandbox.cast.gateway("civil-affairs"), [list]))
        });
        story.act_of_gateway("civil-affairs", "lists it nowhere", |sandbox| {
            Action::RecordAccess(reading(sandbox, "d").answered(suite, sandbox.cast.gateway("civil-affairs"), []))
        });
        story.act_of_gateway("housing", "records a reading of others' data", |sandbox| {
            Action::RecordAccess(reading(sandbox, "e").answered(suite, sandbox.cast.gateway("housing"), [nothing]))
        });
        story.act("civil-affairs", Role::CaseOfficer, "records the own reading", |sandbox| {
            Action::RecordAccess(reading(sandbox, "f").answered(
                suite,
                sandbox.cast.gateway("civil-affairs"),
                [nothing],
            ))
        });
        story.ends(expect![[r#"
            civil-affairs's gateway records a reading that found nothing: done, 2 pages, listed as 1 (case-officer-reads-own-data)
            civil-affairs's gateway lists it elsewhere: refused, malformed
            civil-affairs's gateway lists it under no record: refused, unknown-record
            civil-affairs's gateway lists it nowhere: refused, malformed
            housing's gateway records a reading of others' data: refused, not-the-owner
            civil-affairs's case-officer records the own reading: refused, not-the-owner
        "#]]);
    });
}

/// A code that returned has two lives; a reading of its history stands in the lists of both, each once.
#[test]
fn a_history_is_listed_under_every_life_it_shows() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let steward = ("civil-affairs", Role::DataSteward);
        story.act(steward.0, steward.1, "records two lives", |sandbox| {
            sandbox.batch(["first", "second"].map(|life| sandbox.create(life, "黄浦区")))
        });
        let (network, suite) = (story.sandbox.network(), story.sandbox.suite);
        let leaf = |sandbox: &Sandbox, label: &str, lives: &[&str]| {
            let officer = sandbox.officer("civil-affairs", Role::CaseOfficer);
            let reading = Reading::of_division(network, suite, officer, duty(), "310101", label);
            let lists = lives.iter().map(|life| ListKey::Record { record: sandbox.record_id(life) });
            Action::RecordAccess(reading.answered(suite, sandbox.cast.gateway("civil-affairs"), lists))
        };
        let gateway = "civil-affairs";
        story.act_of_gateway(gateway, "lists both", |sandbox| leaf(sandbox, "a", &["first", "second"]));
        story.act_of_gateway(gateway, "lists the second", |sandbox| leaf(sandbox, "b", &["second"]));
        story.act_of_gateway(gateway, "lists one twice", |sandbox| leaf(sandbox, "c", &["first", "first"]));
        story.act_of_gateway(gateway, "lists one that is none", |sandbox| leaf(sandbox, "d", &["first", "third"]));
        story.ends(expect![[r#"
            civil-affairs's data-steward records two lives: done, 2 pages, +2 ~0 -0 (steward-writes-own-records)
            civil-affairs's gateway lists both: done, 3 pages, listed as 1, listed as 1 (case-officer-reads-own-data)
            civil-affairs's gateway lists the second: done, 2 pages, listed as 2 (case-officer-reads-own-data)
            civil-affairs's gateway lists one twice: refused, malformed
            civil-affairs's gateway lists one that is none: refused, unknown-record
        "#]]);
    });
}
