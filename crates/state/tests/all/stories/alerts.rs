//! Stories of alerts: what is proven is proven by anyone, what is said is said once by each, and nothing is deleted.

use expect_test::expect;
use gongxin_state::key;
use gongxin_test_support::validators::proposed;
use gongxin_test_support::{Sandbox, cast};
use gongxin_types::alert::{Finding, NewAlert, RejectionCode};
use gongxin_types::fault::{CertifiedHeader, ConsensusVote, Equivocation, SignedVote, TwoCertificates};
use gongxin_types::limits::{ALERT_WINDOW_MS, ALERTS_PER_HOUR_MAX};
use gongxin_types::proposal::{Choice, Matter};
use gongxin_types::{Action, Alert, AlertId, Height, Refusal, Role, codec};

use super::{noun, opens, votes};
use crate::support::{both_suites, told};

/// Raises what was found.
fn raise(finding: Finding) -> Action {
    Action::RaiseAlert(NewAlert { version: 1, finding })
}

fn alert(sandbox: &Sandbox, id: AlertId) -> Alert {
    noun(sandbox, |page| key::of(key::Kind::Alert, &id, page))
}

/// The identifier of the alert about this for the first time.
fn first(finding: &Finding) -> AlertId {
    finding.topic().id(1)
}

/// Who says so, and who has taken it back.
fn said(alert: &Alert) -> String {
    let word = |one: &gongxin_types::alert::Confirmation| {
        format!("{}{}", one.organization, if one.over.is_some() { " no longer" } else { "" })
    };
    let words: Vec<String> = alert.confirmations.iter().map(word).collect();
    format!("{} {} {}: {}", alert.topic.kind.code(), alert.number, alert.state.code(), words.join(", "))
}

fn equivocation(sandbox: &Sandbox, name: &str, view: u64) -> Equivocation {
    sandbox.validators.equivocation(&sandbox.genesis.head, name, (0, view))
}

fn silent(sandbox: &Sandbox, name: &str) -> Finding {
    Finding::SilentValidator { validator: sandbox.validators.key(name) }
}

/// Two votes of one validator in one view: whoever brings them, the ledger names the validator. Others confirm it, each once.
#[test]
fn two_votes_convict_whoever_signed_them() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let fault = equivocation(story.sandbox, "housing", 9);
        let finding = Finding::Equivocation(fault);
        story.act_of_gateway("civil-affairs", "shows two votes", |_| raise(finding.clone()));
        story.act_of_gateway("civil-affairs", "shows them again", |_| raise(finding.clone()));
        story.act("data-bureau", Role::Operator, "shows them too", |_| raise(finding.clone()));
        story.act("audit-office", Role::Supervisor, "shows them too", |_| raise(finding.clone()));
        story.act_of_gateway("civil-affairs", "says that it is over", |_| Action::EndAlert(first(&finding)));
        let other = Finding::Equivocation(equivocation(story.sandbox, "housing", 10));
        story.act_of_gateway("civil-affairs", "shows those of the next view", |_| raise(other.clone()));
        let alert = alert(story.sandbox, first(&finding));
        assert_eq!(said(&alert), "equivocation 1 open: civil-affairs, data-bureau, audit-office");
        assert_eq!(*alert.convicted, [story.sandbox.validators.key("housing")]);
        assert_eq!((alert.height, alert.confirmed), (Height::new(1), Some(alert.time)), "proven at once");
        assert_eq!(alert.evidence, finding.evidence().map(|evidence| evidence.digest(story.sandbox.suite)));
        story.ends(expect![[r#"
            civil-affairs's gateway shows two votes: done (gateway-raises-alerts-for-own-organization)
            civil-affairs's gateway shows them again: refused, already-raised
            data-bureau's operator shows them too: done (operator-and-supervisor-raise-alerts)
            audit-office's supervisor shows them too: done (operator-and-supervisor-raise-alerts)
            civil-affairs's gateway says that it is over: refused, not-over
            civil-affairs's gateway shows those of the next view: done (gateway-raises-alerts-for-own-organization)
        "#]]);
    });
}

/// Every pair of votes that no honest validator signs convicts; those that it may sign do not.
#[test]
fn what_contradicts_itself() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let (one, other) = (proposed("one", 5), proposed("other", 5));
        let elsewhere = gongxin_types::fault::Proposed { parent_view: 3, ..one };
        let pairs = [
            ("two notarizes", ConsensusVote::Notarize(one), ConsensusVote::Notarize(other)),
            ("two notarizes on two parents", ConsensusVote::Notarize(one), ConsensusVote::Notarize(elsewhere)),
            ("two finalizes", ConsensusVote::Finalize(one), ConsensusVote::Finalize(other)),
            ("a nullify and a finalize", ConsensusVote::Nullify, ConsensusVote::Finalize(one)),
            ("a notarize and another finalize", ConsensusVote::Notarize(one), ConsensusVote::Finalize(other)),
            ("a notarize and a nullify", ConsensusVote::Notarize(one), ConsensusVote::Nullify),
            ("the same twice", ConsensusVote::Notarize(one), ConsensusVote::Notarize(one)),
        ];
        for (view, (what, one, other)) in (20..).zip(pairs) {
            story.act_of_gateway("civil-affairs", &format!("shows {what}"), |sandbox| {
                let vote = |vote| sandbox.validators.vote(&sandbox.genesis.head, "housing", (0, view), vote);
                let (network, key) = (sandbox.network(), sandbox.validators.key("housing"));
                raise(Finding::Equivocation(Equivocation::new(network, (0, view), key, vote(one), vote(other))))
            });
        }
        story.ends(expect![[r#"
            civil-affairs's gateway shows two notarizes: done (gateway-raises-alerts-for-own-organization)
            civil-affairs's gateway shows two notarizes on two parents: done (gateway-raises-alerts-for-own-organization)
            civil-affairs's gateway shows two finalizes: done (gateway-raises-alerts-for-own-organization)
            civil-affairs's gateway shows a nullify and a finalize: done (gateway-raises-alerts-for-own-organization)
            civil-affairs's gateway shows a notarize and another finalize: refused, invalid-evidence
            civil-affairs's gateway shows a notarize and a nullify: refused, invalid-evidence
            civil-affairs's gateway shows the same twice: refused, invalid-evidence
        "#]]);
    });
}

/// Evidence in which anything was changed, of another network, of nobody's key or an epoch to come proves nothing.
#[test]
fn forged_evidence_convicts_nobody() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let right = equivocation(story.sandbox, "housing", 9);
        let swap = |fault: &mut Equivocation| std::mem::swap(&mut fault.one, &mut fault.other);
        let stranger = story.sandbox.validators.equivocation(&story.sandbox.genesis.head, "stranger", (0, 9));
        let mut elsewhere = story.sandbox.genesis.head.clone();
        elsewhere.name = "another-network".parse().unwrap();
        let foreign = story.sandbox.validators.equivocation(&elsewhere, "housing", (0, 9));
        let mut shows = |what: &str, fault: &Equivocation| {
            story.act_of_gateway("civil-affairs", &format!("shows {what}"), |_| {
                raise(Finding::Equivocation(fault.clone()))
            });
        };
        let changed = |change: &dyn Fn(&mut Equivocation)| {
            let mut fault = right.clone();
            change(&mut fault);
            fault
        };
        shows("another signature", &changed(&|fault| fault.one.signature[10] ^= 1));
        shows("another view", &changed(&|fault| fault.view += 1));
        shows("another order", &changed(&swap));
        shows("another version", &changed(&|fault| fault.version = 2));
        shows("another validator", &changed(&|fault| fault.validator.0[0] ^= 1));
        shows("an epoch to come", &changed(&|fault| fault.epoch = 1));
        let forged = |fault: &mut Equivocation| {
            let SignedVote { signature, .. } = fault.one;
            fault.other = SignedVote { signature, ..fault.other };
        };
        shows("one signature twice", &changed(&forged));
        shows("votes of another network", &foreign);
        let network = right.network;
        shows("the same under this network's name", &Equivocation { network, ..foreign.clone() });
        shows("votes of a stranger", &stranger);
        shows("the right ones", &right);
        story.ends(expect![[r#"
            civil-affairs's gateway shows another signature: refused, invalid-evidence
            civil-affairs's gateway shows another view: refused, invalid-evidence
            civil-affairs's gateway shows another order: refused, invalid-evidence
            civil-affairs's gateway shows another version: refused, invalid-evidence
            civil-affairs's gateway shows another validator: refused, invalid-evidence
            civil-affairs's gateway shows an epoch to come: refused, unknown-epoch
            civil-affairs's gateway shows one signature twice: refused, invalid-evidence
            civil-affairs's gateway shows votes of another network: refused, invalid-evidence
            civil-affairs's gateway shows the same under this network's name: refused, invalid-evidence
            civil-affairs's gateway shows votes of a stranger: refused, invalid-evidence
            civil-affairs's gateway shows the right ones: done (gateway-raises-alerts-for-own-organization)
        "#]]);
    });
}

/// Two certificates for one height name those who signed both, whatever the headers say otherwise.
#[test]
fn two_certificates_name_who_signed_both() {
    both_suites(|sandbox| {
        sandbox.block(vec![]).unwrap();
        let mut story = told(sandbox);
        let certified = |sandbox: &Sandbox, minute: u64, height: u64, voters: usize| {
            let mut header = sandbox.header().clone();
            header.time = header.time.plus_millis(minute * 60_000);
            header.height = Height::new(height);
            let certificate = sandbox.validators.certify(&sandbox.genesis.head, header.height, header.digest(), voters);
            CertifiedHeader { header, certificate }
        };
        let two = |one, other| raise(Finding::TwoCertificates(Box::new(TwoCertificates::new(one, other))));
        story.act_of_gateway("housing", "shows one twice", |sandbox| {
            two(certified(sandbox, 0, 1, 3), certified(sandbox, 0, 1, 3))
        });
        story.act_of_gateway("housing", "shows two heights", |sandbox| {
            two(certified(sandbox, 0, 1, 3), certified(sandbox, 1, 2, 3))
        });
        story.act_of_gateway("housing", "shows one with too few votes", |sandbox| {
            two(certified(sandbox, 0, 1, 3), certified(sandbox, 1, 1, 2))
        });
        story.act_of_gateway("housing", "shows a certificate of another", |sandbox| {
            let (one, mut other) = (certified(sandbox, 0, 1, 3), certified(sandbox, 1, 1, 3));
            other.certificate = one.certificate.clone();
            two(one, other)
        });
        story.act_of_gateway("housing", "shows two", |sandbox| {
            two(certified(sandbox, 0, 1, 3), certified(sandbox, 1, 1, 4))
        });
        story.act_of_gateway("civil-affairs", "shows two others", |sandbox| {
            two(certified(sandbox, 2, 1, 3), certified(sandbox, 3, 1, 3))
        });
        let finding = Finding::TwoCertificates(Box::new(TwoCertificates::new(
            certified(story.sandbox, 0, 1, 3),
            certified(story.sandbox, 1, 1, 4),
        )));
        let alert = alert(story.sandbox, first(&finding));
        let keys: Vec<_> = story.sandbox.validators.keys().into_iter().map(|(_, key)| key).collect();
        assert_eq!(alert.convicted.iter().map(|key| key.0).collect::<Vec<_>>(), keys[..3]);
        assert_eq!(said(&alert), "two-certificates 1 open: housing, civil-affairs");
        story.ends(expect![[r#"
            housing's gateway shows one twice: refused, invalid-evidence
            housing's gateway shows two heights: refused, invalid-evidence
            housing's gateway shows one with too few votes: refused, invalid-evidence
            housing's gateway shows a certificate of another: refused, invalid-evidence
            housing's gateway shows two: done (gateway-raises-alerts-for-own-organization)
            civil-affairs's gateway shows two others: done (gateway-raises-alerts-for-own-organization)
        "#]]);
    });
}

/// That a leader signed a block is proven, that it is invalid is said: it counts when more say so than validators may fail.
#[test]
fn an_invalid_proposal_is_confirmed_by_more_than_may_fail() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let proposal = story.sandbox.validators.proposal(&story.sandbox.genesis.head, "housing", (0, 9), "bad");
        let finding = Finding::InvalidProposal { proposal: proposal.clone(), reason: RejectionCode::State };
        story.act_of_gateway("civil-affairs", "saw an invalid block", |_| raise(finding.clone()));
        let before = alert(story.sandbox, first(&finding));
        assert_eq!((before.confirmed, before.convicted.len()), (None, 0), "one may lie");
        story.act("audit-office", Role::Supervisor, "saw it too", |_| raise(finding.clone()));
        let other = Finding::InvalidProposal { proposal: proposal.clone(), reason: RejectionCode::Receipts };
        story.act_of_gateway("public-security", "saw it too", |_| raise(other.clone()));
        let after = alert(story.sandbox, first(&finding));
        assert_eq!(after.confirmed, Some(story.sandbox.header().time));
        story.act_of_gateway("public-security", "saw another, by a changed signature", |_| {
            let mut proposal = proposal.clone();
            proposal.view += 1;
            raise(Finding::InvalidProposal { proposal, reason: RejectionCode::State })
        });
        story.act_of_gateway("public-security", "takes it back", |_| Action::EndAlert(first(&finding)));
        story.act_of_gateway("housing", "ends it", |_| Action::EndAlert(first(&finding)));
        story.act("data-bureau", Role::Operator, "ends it", |_| Action::EndAlert(first(&finding)));
        story.act("audit-office", Role::Supervisor, "settles it", |_| Action::EndAlert(first(&finding)));
        story.act("audit-office", Role::Supervisor, "settles it again", |_| Action::EndAlert(first(&finding)));
        story.act_of_gateway("social-security", "saw it too", |_| raise(finding.clone()));
        story.ends(expect![[r#"
            civil-affairs's gateway saw an invalid block: done (gateway-raises-alerts-for-own-organization)
            audit-office's supervisor saw it too: refused, validators-required
            public-security's gateway saw it too: done (gateway-raises-alerts-for-own-organization)
            public-security's gateway saw another, by a changed signature: refused, invalid-evidence
            public-security's gateway takes it back: refused, not-over
            housing's gateway ends it: refused, policy
            data-bureau's operator ends it: refused, policy
            audit-office's supervisor settles it: done (overseer-settles-alerts)
            audit-office's supervisor settles it again: refused, alert-ended
            social-security's gateway saw it too: refused, alert-ended
        "#]]);
    });
}

/// A validator is not heard by two, then by nobody's word any more; when it is silent again that is a further alert, and the
/// first stays as it was.
#[test]
fn silence_ends_and_comes_again() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let finding = silent(story.sandbox, "housing");
        let (one, two) = (finding.topic().id(1), finding.topic().id(2));
        story.act_of_gateway("civil-affairs", "does not hear housing", |_| raise(finding.clone()));
        story.act_of_gateway("public-security", "does not hear it either", |_| raise(finding.clone()));
        story.act_of_gateway("civil-affairs", "hears it", |_| Action::EndAlert(one));
        assert_eq!(
            said(&alert(story.sandbox, one)),
            "silent-validator 1 open: civil-affairs no longer, public-security"
        );
        story.act_of_gateway("civil-affairs", "hears it still", |_| Action::EndAlert(one));
        story.act_of_gateway("civil-affairs", "does not hear it again", |_| raise(finding.clone()));
        story.act_of_gateway("civil-affairs", "hears it", |_| Action::EndAlert(one));
        story.act("public-security", Role::Operator, "hears it", |_| Action::EndAlert(one));
        story.act_of_gateway("social-security", "hears it", |_| Action::EndAlert(one));
        let ended = alert(story.sandbox, one);
        assert_eq!(said(&ended), "silent-validator 1 ended: civil-affairs no longer, public-security no longer");
        story.act_of_gateway("social-security", "does not hear it", |_| raise(finding.clone()));
        assert_eq!(said(&alert(story.sandbox, two)), "silent-validator 2 open: social-security");
        assert_eq!(alert(story.sandbox, one), ended, "what has ended stays as it was");
        story.ends(expect![[r#"
            civil-affairs's gateway does not hear housing: done (gateway-raises-alerts-for-own-organization)
            public-security's gateway does not hear it either: done (gateway-raises-alerts-for-own-organization)
            civil-affairs's gateway hears it: done (gateway-raises-alerts-for-own-organization)
            civil-affairs's gateway hears it still: refused, not-over
            civil-affairs's gateway does not hear it again: done (gateway-raises-alerts-for-own-organization)
            civil-affairs's gateway hears it: done (gateway-raises-alerts-for-own-organization)
            public-security's operator hears it: done (operator-and-supervisor-raise-alerts)
            social-security's gateway hears it: refused, policy
            social-security's gateway does not hear it: done (gateway-raises-alerts-for-own-organization)
        "#]]);
    });
}

/// Each speaks of its own clocks, whoever has no validators says nothing of others', and nobody speaks of nobody.
#[test]
fn each_speaks_of_what_it_can_know() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let clock = |sandbox: &Sandbox, name: &str| Finding::ClockFault { validator: sandbox.validators.key(name) };
        let quota = |name: &str| Finding::QuotaAbuse { organization: name.parse().unwrap() };
        story.act_of_gateway("housing", "has a wrong clock", |sandbox| raise(clock(sandbox, "housing")));
        story.act_of_gateway("housing", "says so of another", |sandbox| raise(clock(sandbox, "civil-affairs")));
        story.act_of_gateway("housing", "does not hear a stranger", |sandbox| raise(silent(sandbox, "stranger")));
        story.act("data-bureau", Role::Operator, "does not hear housing", |sandbox| raise(silent(sandbox, "housing")));
        story.act_of_gateway("housing", "turns an office away", |_| raise(quota("civil-affairs")));
        story.act_of_gateway("housing", "turns nobody away", |_| raise(quota("nobody")));
        story.act("housing", Role::CaseOfficer, "does not hear civil-affairs", |sandbox| {
            raise(silent(sandbox, "civil-affairs"))
        });
        story.act("housing", Role::Authority, "does not hear civil-affairs", |sandbox| {
            raise(silent(sandbox, "civil-affairs"))
        });
        story.act("housing", Role::DataSteward, "ends an alert that is none", |_| {
            Action::EndAlert(AlertId::new([1; 16]))
        });
        let id = clock(story.sandbox, "housing").topic().id(1);
        story.act("housing", Role::CaseOfficer, "has it right", |_| Action::EndAlert(id));
        story.act("housing", Role::Operator, "has it right", |_| Action::EndAlert(id));
        let ended = alert(story.sandbox, id);
        assert!(!ended.is_open() && ended.confirmed == Some(ended.time), "its owner's word is enough");
        story.act("housing", Role::Operator, "raises what it cannot", |sandbox| {
            Action::RaiseAlert(NewAlert { version: 2, finding: silent(sandbox, "civil-affairs") })
        });
        story.ends(expect![[r#"
            housing's gateway has a wrong clock: done (gateway-raises-alerts-for-own-organization)
            housing's gateway says so of another: refused, not-a-validator
            housing's gateway does not hear a stranger: refused, not-a-validator
            data-bureau's operator does not hear housing: refused, validators-required
            housing's gateway turns an office away: done (gateway-raises-alerts-for-own-organization)
            housing's gateway turns nobody away: refused, not-found
            housing's case-officer does not hear civil-affairs: refused, policy
            housing's authority does not hear civil-affairs: refused, policy
            housing's data-steward ends an alert that is none: refused, not-found
            housing's case-officer has it right: refused, policy
            housing's operator has it right: done (operator-and-supervisor-raise-alerts)
            housing's operator raises what it cannot: refused, malformed
        "#]]);
    });
}

/// An office that raises alerts without end is refused within the hour; the others are not.
#[test]
fn an_office_cannot_flood_the_ledger() {
    both_suites(|sandbox| {
        let acts = |sandbox: &Sandbox, views: std::ops::Range<u64>| -> Vec<Action> {
            views.map(|view| raise(Finding::Equivocation(equivocation(sandbox, "housing", view)))).collect()
        };
        let gateway = |sandbox: &Sandbox, name: &str, views: std::ops::Range<u64>| {
            sandbox.sign(sandbox.cast.gateway(name), acts(sandbox, views))
        };
        let most = u64::from(ALERTS_PER_HOUR_MAX);
        let refusals = |sandbox: &mut Sandbox, transaction| -> Vec<Option<Refusal>> {
            let block = sandbox.block(vec![transaction]).unwrap();
            let results = block.receipts.transactions[0].actions.iter();
            results.map(|result| result.receipt.decision.refusal).collect()
        };
        let flood = gateway(sandbox, "civil-affairs", 1..most + 3);
        let told = refusals(sandbox, flood);
        let refused = told.iter().filter(|refusal| **refusal == Some(Refusal::TooManyAlerts)).count();
        assert_eq!((told.len() - refused, refused), (usize::from(ALERTS_PER_HOUR_MAX), 2));
        let other = gateway(sandbox, "public-security", 1..3);
        assert_eq!(refusals(sandbox, other), [None, None], "others are heard");
        sandbox.wait(ALERT_WINDOW_MS - 60_000);
        let early = gateway(sandbox, "civil-affairs", most + 1..most + 2);
        assert_eq!(refusals(sandbox, early), [Some(Refusal::TooManyAlerts)]);
        sandbox.wait(60_000);
        let later = gateway(sandbox, "civil-affairs", most + 1..most + 3);
        assert_eq!(refusals(sandbox, later), [None, None], "and so is it after an hour");
    });
}

/// Whoever served once can be convicted of what they signed then.
#[test]
fn former_validators_are_convicted_too() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let fault = equivocation(story.sandbox, "housing", 4);
        let others: Vec<&str> = cast::DEPARTMENTS.iter().copied().filter(|name| *name != "housing").collect();
        let set = story.sandbox.validators.next(&[others.as_slice(), &["data-bureau"]].concat());
        let matter = Matter::ValidatorSet(set);
        opens(&mut story, "civil-affairs", "without housing", &matter);
        others.iter().for_each(|name| votes(&mut story, name, "without housing", &matter, Choice::For));
        story.sandbox.block(vec![]).unwrap();
        story.act_of_gateway("civil-affairs", "shows two votes of before", |_| {
            raise(Finding::Equivocation(fault.clone()))
        });
        let later =
            |sandbox: &Sandbox, name: &str| sandbox.validators.equivocation(&sandbox.genesis.head, name, (1, 4));
        story.act_of_gateway("civil-affairs", "shows two votes of after", |sandbox| {
            raise(Finding::Equivocation(later(sandbox, "housing")))
        });
        story.act_of_gateway("civil-affairs", "shows two votes of the newcomer", |sandbox| {
            raise(Finding::Equivocation(later(sandbox, "data-bureau")))
        });
        story.act_of_gateway("housing", "does not hear civil-affairs", |sandbox| {
            raise(silent(sandbox, "civil-affairs"))
        });
        story.ends(expect![[r#"
            civil-affairs's authority proposes without housing: done (authority-proposes)
            civil-affairs's authority votes for without housing: done (authority-votes)
            public-security's authority votes for without housing: done (authority-votes)
            social-security's authority votes for without housing: done (authority-votes)
            civil-affairs's gateway shows two votes of before: done (gateway-raises-alerts-for-own-organization)
            civil-affairs's gateway shows two votes of after: refused, invalid-evidence
            civil-affairs's gateway shows two votes of the newcomer: done (gateway-raises-alerts-for-own-organization)
            housing's gateway does not hear civil-affairs: refused, validators-required
        "#]]);
    });
}

/// What everyone who finds it names the same is named the same: the identifier follows from what it is about.
#[test]
fn identifiers_are_derived() {
    both_suites(|sandbox| {
        let one = Finding::Equivocation(equivocation(sandbox, "housing", 4));
        let mut other = equivocation(sandbox, "housing", 4);
        other.one.signature = [0; 64];
        assert_eq!(one.topic(), Finding::Equivocation(other).topic());
        let topic = codec::encode(&(one.topic(), 1_u32));
        let digest = gongxin_crypto::Suite::Intl.tagged("gongxin-alert-1", &[&topic]);
        assert_eq!(one.topic().id(1).as_bytes()[..], digest.as_bytes()[..16]);
        assert_ne!(one.topic().id(1), one.topic().id(2));
    });
}
