//! Stories: who does what to whom, and what the ledger says to it. Every story is told with both suites.

mod support;

use expect_test::expect;
use gongxin_crypto::Suite;
use gongxin_test_support::{Person, Reading, Sandbox, cast, world};
use gongxin_types::access::AccessOutcome;
use gongxin_types::action::OfficerChange;
use gongxin_types::resource::{FieldType, ShareAttribute, SubjectKind};
use gongxin_types::{
    AccessAuthority, Action, Bilingual, Evidence, Grant, GrantId, ListKey, Officer, OfficerKey, OrganizationKind, Refusal,
    Resource, Role,
};
use support::{both_suites, told};

const DAY_MS: u64 = 86_400_000;

fn evidence(sandbox: &Sandbox, document: &str) -> Action {
    Action::NotariseEvidence(Evidence {
        digest: sandbox.suite.hash(&[document.as_bytes()]),
        media_type: "application/pdf".parse().unwrap(),
        legal_basis: "electronic-signature-law-art-8".parse().unwrap(),
    })
}

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
        story.ends(expect![[r#""#]]);
    });
}

/// A division is recorded, renamed and abolished; a code that returns is a new record.
#[test]
fn a_record_lives_and_ends() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let steward = ("civil-affairs", Role::DataSteward);
        story.act(steward.0, steward.1, "records 310101", |sandbox| sandbox.batch([sandbox.create("310101", "黄浦区")]));
        story.act(steward.0, steward.1, "records it twice", |sandbox| sandbox.batch([sandbox.create("310101", "黄浦区")]));
        story.act(steward.0, steward.1, "renames it", |sandbox| sandbox.batch([sandbox.update("310101", "新黄浦区", 1)]));
        story.act(steward.0, steward.1, "renames it on an old version", |sandbox| {
            sandbox.batch([sandbox.update("310101", "旧黄浦区", 1)])
        });
        story.act(steward.0, steward.1, "abolishes it", |sandbox| sandbox.batch([sandbox.delete("310101", 2)]));
        story.act(steward.0, steward.1, "renames what is gone", |sandbox| sandbox.batch([sandbox.update("310101", "无", 3)]));
        story.act(steward.0, steward.1, "takes the record up again", |sandbox| {
            sandbox.batch([sandbox.create("310101", "黄浦区")])
        });
        story.act(steward.0, steward.1, "creates, renames and deletes in one batch", |sandbox| {
            sandbox.batch([sandbox.create("310103", "卢湾区"), sandbox.update("310103", "卢湾", 1), sandbox.delete("310103", 2)])
        });
        story.act(steward.0, steward.1, "mixes one wrong operation in", |sandbox| {
            sandbox.batch([sandbox.create("310104", "徐汇区"), sandbox.update("310105", "长宁区", 1)])
        });
        story.act(steward.0, steward.1, "sends an empty batch", |sandbox| sandbox.batch([]));
        story.act("civil-affairs", Role::CaseOfficer, "records without the role", |sandbox| {
            sandbox.batch([sandbox.create("310106", "静安区")])
        });
        story.act("housing", Role::DataSteward, "records what is not theirs", |sandbox| {
            sandbox.batch([sandbox.create("310106", "静安区")])
        });
        story.ends(expect![[r#""#]]);
    });
}

/// An officer whose grant ended is refused at that block's time, though the page was opened before.
#[test]
fn a_grant_ends_while_the_form_is_open() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let steward = ("civil-affairs", Role::DataSteward);
        story.act(steward.0, steward.1, "records 310101", |sandbox| sandbox.batch([sandbox.create("310101", "黄浦区")]));
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
        story.ends(expect![[r#""#]]);
    });
}

fn duty() -> AccessAuthority {
    AccessAuthority::Duty { duty: world::DIVISIONS_DUTY.parse().unwrap() }
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
        story.ends(expect![[r#""#]]);
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
            Reading::of_division(network, suite, sandbox.officer("civil-affairs", Role::CaseOfficer), duty(), "310101", label)
        };
        let nothing = ListKey::of_resource(suite, &world::DIVISIONS.parse().unwrap());
        let elsewhere = ListKey::of_resource(suite, &"housing/leases".parse().unwrap());
        story.act_of_gateway("civil-affairs", "records a reading that found nothing", |sandbox| {
            Action::RecordAccess(reading(sandbox, "a").answered(suite, sandbox.cast.gateway("civil-affairs"), [nothing]))
        });
        story.act_of_gateway("civil-affairs", "lists it elsewhere", |sandbox| {
            Action::RecordAccess(reading(sandbox, "b").answered(suite, sandbox.cast.gateway("civil-affairs"), [elsewhere]))
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
            Action::RecordAccess(reading(sandbox, "f").answered(suite, sandbox.cast.gateway("civil-affairs"), [nothing]))
        });
        story.ends(expect![[r#""#]]);
    });
}

/// People come, change keys and go; nobody appoints themselves.
#[test]
fn officers_come_and_go() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let (suite, seed) = (story.sandbox.suite, story.sandbox.seed);
        let eve = Person::new(suite, seed, "housing", "eve", &[Role::CaseOfficer]);
        let noun = Officer { admitted_by: None, ..world::officer(&eve) };
        let id = eve.officer_id();
        story.unknown(&eve, "notarises before her appointment", |sandbox| evidence(sandbox, "a"));
        let appoint = noun.clone();
        story.act("housing", Role::CaseOfficer, "appoints eve without the role", {
            let appoint = appoint.clone();
            move |_| Action::RegisterOfficer(appoint.clone())
        });
        story.act("housing", Role::Operator, "appoints eve", {
            let appoint = appoint.clone();
            move |_| Action::RegisterOfficer(appoint.clone())
        });
        story.act("housing", Role::Operator, "appoints eve twice", move |_| Action::RegisterOfficer(appoint.clone()));
        story.act_as(&eve, "notarises", |sandbox| evidence(sandbox, "a"));
        let new = Person::new(suite, seed, "housing", "eve's new key", &[]);
        let key = OfficerKey { from: story.sandbox.now(), ..world::key(&new) };
        let taken = world::key(story.sandbox.officer("civil-affairs", Role::CaseOfficer));
        story.act_as(&eve, "adds a key", move |_| Action::AddOfficerKey(id, key.clone()));
        story.act_as(&eve, "adds another person's key", move |_| Action::AddOfficerKey(id, taken.clone()));
        let old = eve.secret.public();
        story.act_as(&eve, "revokes the old key", move |_| Action::RevokeOfficerKey(id, old));
        story.act_as(&eve, "signs with the old key", |sandbox| evidence(sandbox, "b"));
        let eve = Person { secret: new.secret, ..eve };
        story.act_as(&eve, "signs with the new key", |sandbox| evidence(sandbox, "b"));
        story.act("housing", Role::Authority, "makes eve a steward", move |_| {
            let roles = world::list([Role::CaseOfficer, Role::DataSteward]);
            Action::AmendOfficer(OfficerChange { id, roles, until: None })
        });
        let own = story.sandbox.officer("housing", Role::Authority).officer_id();
        story.act("housing", Role::Authority, "ends the own appointment", move |_| Action::DismissOfficer(own));
        story.act("housing", Role::Authority, "dismisses eve", move |_| Action::DismissOfficer(id));
        story.act_as(&eve, "notarises after her dismissal", |sandbox| evidence(sandbox, "c"));
        story.act("housing", Role::Authority, "dismisses eve again", move |_| Action::DismissOfficer(id));
        story.ends(expect![[r#""#]]);
    });
}

/// A member is admitted by the competent authority, which installs its first people; it then keeps its own gateway.
#[test]
fn a_member_is_admitted() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let (suite, seed) = (story.sandbox.suite, story.sandbox.seed);
        let health = || world::organization("health", OrganizationKind::Department);
        story.act("housing", Role::Authority, "admits health", move |_| Action::RegisterOrganization(health()));
        story.act(cast::AUTHORITY, Role::Authority, "admits health", move |_| Action::RegisterOrganization(health()));
        let operator = Person::new(suite, seed, "health", "operator", &[Role::Operator]);
        let noun = world::officer(&operator);
        story.act(cast::AUTHORITY, Role::Authority, "installs an operator", move |_| Action::RegisterOfficer(noun.clone()));
        let gateway = Person::gateway(suite, seed, "health", "gateway");
        let noun = world::gateway(&gateway, seed);
        let stolen = world::gateway(&Person::gateway(suite, seed, "housing", "second"), seed);
        story.act_as(&operator, "registers a gateway", {
            let noun = noun.clone();
            move |_| Action::RegisterGateway(noun.clone())
        });
        story.act_as(&operator, "registers one for housing", move |_| Action::RegisterGateway(stolen.clone()));
        let fresh = Person::gateway(suite, seed, "health", "fresh key");
        let mut rotated = noun.clone();
        rotated.keys = world::list([world::key(&fresh)]);
        story.act_as(&operator, "rotates its key", {
            let rotated = rotated.clone();
            move |_| Action::AmendGateway(rotated.clone())
        });
        story.act_as(&operator, "takes the dropped key up again", move |_| Action::AmendGateway(noun.clone()));
        let id = gateway.gateway_id();
        story.act_as(&operator, "revokes the gateway", move |_| Action::RevokeGateway(id));
        story.act_as(&operator, "changes what is revoked", move |_| Action::AmendGateway(rotated.clone()));
        story.ends(expect![[r#""#]]);
    });
}

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
        amend("makes names numbers", Resource { fields: world::list([world::field("code", true, false), number]), ..second() });
        let note = world::field("note", false, true);
        let fields = || world::list([world::field("code", true, false), world::field("name", false, false), note.clone()]);
        amend("adds a column on an old revision", Resource { fields: fields(), ..streets() });
        amend("adds a column", Resource { fields: fields(), ..second() });
        let basis = "sharing-regulation-art-15".parse().unwrap();
        let withheld = ShareAttribute::Withheld { legal_basis: basis };
        let closed = gongxin_types::resource::OpenAttribute::Conditional { condition: world::text("on request") };
        amend("withholds it", Resource { fields: fields(), revision: 3, share: withheld, open: closed, ..streets() });
        let grant = Grant { resource: streets().id, ..story.sandbox.grant("g", "housing", &["code"], story.sandbox.now().plus_millis(DAY_MS)) };
        story.act(steward.0, steward.1, "grants what is withheld", move |_| Action::IssueGrant(grant.clone()));
        let id = streets().id;
        story.act(cast::AUTHORITY, Role::Authority, "withdraws it", move |_| Action::WithdrawResource(id.clone()));
        let id = streets().id;
        story.act(steward.0, steward.1, "withdraws it again", move |_| Action::WithdrawResource(id.clone()));
        story.ends(expect![[r#""#]]);
    });
}

/// A duty is published, changed in steps and ended; what is ended entitles to nothing.
#[test]
fn a_duty_ends() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let steward = ("civil-affairs", Role::DataSteward);
        let duty_of = |revision| gongxin_types::Duty { revision, ..world::duty("civil-affairs/marriages", "sharing-regulation") };
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
        story.ends(expect![[r#""#]]);
    });
}

/// A grant is bounded: by the network's longest term, the owner, the fields there are.
#[test]
fn a_grant_is_bounded() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let now = story.sandbox.now();
        let base = story.sandbox.grant("g", "housing", &["code", "name"], now.plus_millis(DAY_MS));
        let mut issue = |organization: &str, what: &'static str, grant: Grant| {
            story.act(organization, Role::DataSteward, what, move |_| Action::IssueGrant(grant.clone()));
        };
        issue("civil-affairs", "grants two years", Grant { until: now.plus_millis(731 * DAY_MS), ..base.clone() });
        issue("civil-affairs", "grants the past", Grant { until: now, ..base.clone() });
        issue("civil-affairs", "grants no field", Grant { fields: world::list([]), ..base.clone() });
        let fields = world::list(["name", "code"].map(|name| name.parse().unwrap()));
        issue("civil-affairs", "grants fields out of order", Grant { fields, ..base.clone() });
        let fields = world::list(["salary".parse().unwrap()]);
        issue("civil-affairs", "grants a field that is none", Grant { fields, ..base.clone() });
        issue("civil-affairs", "grants to nobody", Grant { reader: "nobody".parse().unwrap(), ..base.clone() });
        issue("civil-affairs", "grants to itself", Grant { reader: "civil-affairs".parse().unwrap(), ..base.clone() });
        issue("civil-affairs", "grants for gossip", Grant { purpose: "gossip".parse().unwrap(), ..base.clone() });
        issue("public-security", "grants what is not theirs", base.clone());
        issue("civil-affairs", "grants", base.clone());
        issue("civil-affairs", "grants again", base.clone());
        story.ends(expect![[r#""#]]);
    });
}

/// Genesis is checked by the same measure as what comes later.
#[test]
fn a_wrong_genesis_is_refused() {
    both_suites(|sandbox| {
        let check = |change: &dyn Fn(&mut gongxin_types::Genesis)| {
            let mut genesis = sandbox.genesis.clone();
            change(&mut genesis);
            genesis.head.objects = genesis.objects.digest(genesis.head.suite);
            gongxin_state::genesis(&genesis).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(check(&|_| ()), Ok(()));
        let twice = check(&|genesis| genesis.objects.resources = world::list([world::divisions(), world::divisions()]));
        assert_eq!(twice, Err("the resource `civil-affairs/divisions` stands in genesis twice".into()));
        let persons = Resource { subjects: SubjectKind::Person, ..world::divisions() };
        let error = check(&move |genesis| genesis.objects.resources = world::list([persons.clone()])).unwrap_err();
        assert!(error.starts_with("the resource `civil-affairs/divisions` contradicts itself"), "{error}");
        let shared = check(&|genesis| {
            let mut officers: Vec<Officer> = genesis.objects.officers.to_vec();
            officers[1].keys = officers[0].keys.clone();
            genesis.objects.officers = world::list(officers);
        });
        assert!(shared.unwrap_err().ends_with("belongs to two officers or gateways"));
        let mut other = sandbox.genesis.clone();
        other.objects.parameters.release_lifetime_ms = 1;
        assert!(gongxin_state::genesis(&other).is_err(), "the head names other objects");
    });
}

/// The name of the second suite keeps this file honest: both were there.
#[test]
fn both_suites_are_tested() {
    let _: Bilingual<8> = world::text("both");
    assert_eq!(Suite::ALL.len(), 2);
}
