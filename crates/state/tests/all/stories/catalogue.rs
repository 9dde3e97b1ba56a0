//! Stories of the catalogue and the duties behind it.

use expect_test::expect;
use gongxin_test_support::{Reading, cast, world};
use gongxin_types::resource::{FieldType, ShareAttribute, SubjectKind};
use gongxin_types::{Action, Grant, ListKey, Resource, Role};

use super::{DAY_MS, duty};
use crate::support::{both_suites, told};

/// The catalogue: what is published must hold together, and rows written before stay rows.
#[test]
fn the_catalogue_changes() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let steward = ("civil-affairs", Role::DataSteward);
        let streets = || Resource { id: "civil-affairs/streets".parse().unwrap(), ..world::divisions() };
        let mut publish = |what: &'static str, resource: Resource| {
            story.act(steward.0, steward.1, what, move |_| Action::PublishResource(resource.clone()));
        };
        publish("publishes streets about persons", Resource { subjects: SubjectKind::Person, ..streets() });
        publish("publishes streets without fields", Resource { fields: world::list([]), ..streets() });
        publish("publishes streets of housing", Resource { id: "housing/streets".parse().unwrap(), ..streets() });
        publish("publishes revision 7", Resource { revision: 7, ..streets() });
        publish("publishes streets", streets());
        publish("publishes them again", streets());
        let mut amend = |what: &'static str, resource: Resource| {
            story.act(steward.0, steward.1, what, move |_| Action::AmendResource(resource.clone()));
        };
        let second = || Resource { revision: 2, ..streets() };
        let mut number = world::field("name", false, false);
        number.value = FieldType::Integer;
        amend(
            "makes names numbers",
            Resource { fields: world::list([world::field("code", true, false), number]), ..second() },
        );
        let note = world::field("note", false, true);
        let fields =
            || world::list([world::field("code", true, false), world::field("name", false, false), note.clone()]);
        amend("adds a column on an old revision", Resource { fields: fields(), ..streets() });
        amend("adds a column", Resource { fields: fields(), ..second() });
        let basis = "sharing-regulation-art-15".parse().unwrap();
        let withheld = ShareAttribute::Withheld { legal_basis: basis };
        let closed = gongxin_types::resource::OpenAttribute::Conditional { condition: world::text("on request") };
        amend("withholds it", Resource { fields: fields(), revision: 3, share: withheld, open: closed, ..streets() });
        let grant = Grant {
            resource: streets().id,
            ..story.sandbox.grant("g", "housing", &["code"], story.sandbox.now().plus_millis(DAY_MS))
        };
        story.act(steward.0, steward.1, "grants what is withheld", move |_| Action::IssueGrant(grant.clone()));
        let id = streets().id;
        story.act(cast::AUTHORITY, Role::Authority, "withdraws it", move |_| Action::WithdrawResource(id.clone()));
        let id = streets().id;
        story.act(steward.0, steward.1, "withdraws it again", move |_| Action::WithdrawResource(id.clone()));
        story.ends(expect![[r#"
            civil-affairs's data-steward publishes streets about persons: refused, personal-subjects
            civil-affairs's data-steward publishes streets without fields: refused, malformed
            civil-affairs's data-steward publishes streets of housing: refused, malformed
            civil-affairs's data-steward publishes revision 7: refused, revision-mismatch
            civil-affairs's data-steward publishes streets: done, 3 pages (steward-keeps-own-resources)
            civil-affairs's data-steward publishes them again: refused, already-exists
            civil-affairs's data-steward makes names numbers: refused, malformed
            civil-affairs's data-steward adds a column on an old revision: refused, revision-mismatch
            civil-affairs's data-steward adds a column: done, 3 pages (steward-keeps-own-resources)
            civil-affairs's data-steward withholds it: done, 2 pages (steward-keeps-own-resources)
            civil-affairs's data-steward grants what is withheld: refused, policy (withheld-data-is-not-granted)
            data-bureau's authority withdraws it: done, 2 pages (competent-authority-withdraws-resources)
            civil-affairs's data-steward withdraws it again: refused, unknown-resource
        "#]]);
    });
}

/// A duty is published, changed in steps and ended; what is ended entitles to nothing.
#[test]
fn a_duty_ends() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let steward = ("civil-affairs", Role::DataSteward);
        let duty_of =
            |revision| gongxin_types::Duty { revision, ..world::duty("civil-affairs/marriages", "sharing-regulation") };
        story.act(steward.0, steward.1, "registers a duty", move |_| Action::RegisterDuty(duty_of(1)));
        story.act(steward.0, steward.1, "skips a revision", move |_| Action::AmendDuty(duty_of(3)));
        story.act(steward.0, steward.1, "changes it", move |_| Action::AmendDuty(duty_of(2)));
        story.act(steward.0, steward.1, "names an unknown law", move |_| {
            Action::AmendDuty(gongxin_types::Duty { legal_basis: "no-such-law".parse().unwrap(), ..duty_of(3) })
        });
        let id: gongxin_types::DutyId = world::DIVISIONS_DUTY.parse().unwrap();
        story.act(steward.0, steward.1, "ends the divisions' duty", move |_| Action::WithdrawDuty(id.clone()));
        let network = story.sandbox.network();
        let suite = story.sandbox.suite;
        let nothing = ListKey::of_resource(suite, &world::DIVISIONS.parse().unwrap());
        story.act_of_gateway("civil-affairs", "records a reading under it", |sandbox| {
            let officer = sandbox.officer("civil-affairs", Role::CaseOfficer);
            let reading = Reading::of_division(network, suite, officer, duty(), "310101", "a");
            Action::RecordAccess(reading.answered(suite, sandbox.cast.gateway("civil-affairs"), [nothing]))
        });
        story.ends(expect![[r#"
            civil-affairs's data-steward registers a duty: done, 2 pages (steward-keeps-own-duties)
            civil-affairs's data-steward skips a revision: refused, revision-mismatch
            civil-affairs's data-steward changes it: done, 1 page (steward-keeps-own-duties)
            civil-affairs's data-steward names an unknown law: refused, unknown-legal-basis
            civil-affairs's data-steward ends the divisions' duty: done, 2 pages (steward-keeps-own-duties)
            civil-affairs's gateway records a reading under it: refused, not-found
        "#]]);
    });
}
