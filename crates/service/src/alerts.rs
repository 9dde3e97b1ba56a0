//! Alerts 预警: what the organization's own validators have found out is raised in its name, and taken back when it is over.
//!
//! Nothing is kept for that here: every few seconds, what they say is compared with what stands on the ledger under this
//! gateway's name, and the difference is handed in. So whatever was lost on the way is made good, and nothing is said twice
//! but after a crash, when the ledger refuses it. What an officer said is left to officers. What the ledger refused is tried
//! again after a while, not at once.
//!
//! Whose word is taken is the operator's to say (`own_validators`): what is proven the ledger checks itself, all else is this
//! organization's word.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};

pub use gongxin_projection::AlertFilter;
use gongxin_projection::PageRequest;
use gongxin_types::alert::{AlertTopic, Confirmation, Finding, NewAlert};
use gongxin_types::fault::TwoCertificates;
use gongxin_types::transaction::Actor;
use gongxin_types::{Action, Alert, AlertId, Effect, Time, codec};

use crate::decided::{self, Waited};
use crate::follow::words;
use crate::office::{Office, internal};
use crate::port::OfficeError;
use crate::{limits, submit};

/// Two certificates for one height that this gateway has seen itself; the last of them.
#[derive(Default)]
pub(crate) struct Forks(Mutex<Option<Box<TwoCertificates>>>);

impl Forks {
    /// Keeps them.
    pub(crate) fn seen(&self, two: Box<TwoCertificates>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(two);
    }

    fn all(&self) -> Option<Finding> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().map(Finding::TwoCertificates)
    }
}

/// What is known of the organization's own validators.
#[derive(Default)]
struct Known {
    findings: BTreeMap<AlertTopic, Finding>,
    /// Whether what passes by itself is over where it is not among them.
    complete: bool,
}

/// What is to be said, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Say {
    Raise(Box<Finding>),
    End(AlertTopic, AlertId),
}

impl Say {
    fn topic(&self) -> AlertTopic {
        match self {
            Self::Raise(finding) => finding.topic(),
            Self::End(topic, _) => topic.clone(),
        }
    }

    fn action(&self) -> Action {
        match self {
            Self::Raise(finding) => Action::RaiseAlert(NewAlert { version: 1, finding: (**finding).clone() }),
            Self::End(_, id) => Action::EndAlert(*id),
        }
    }
}

/// Raises and takes back for as long as the office lives.
pub(crate) async fn run(office: Weak<Office>) {
    let mut put_off = BTreeMap::new();
    loop {
        let Some(office) = office.upgrade() else {
            return;
        };
        if let Err(error) = round(&office, &mut put_off).await {
            tracing::warn!(error = %words(&error), "alerts could not be raised");
        }
        let pause = office.machine.sleep(limits::ALERTS_EVERY);
        drop(office);
        pause.await;
    }
}

async fn round(office: &Arc<Office>, put_off: &mut BTreeMap<AlertTopic, Time>) -> Result<(), OfficeError> {
    let open = office.blocking(|office| Ok(office.projection.open_alerts().map_err(internal)?.value)).await?;
    office.alerts_open.store(open, Ordering::Relaxed);
    let known = ask(office).await;
    if known.findings.is_empty() && !known.complete {
        return Ok(());
    }
    let now = office.tip().time;
    put_off.retain(|_, until| now < *until);
    let due = office.blocking(move |office| due(office, &known)).await?;
    let due = due.into_iter().filter(|say| !put_off.contains_key(&say.topic()));
    for say in due.take(limits::ALERTS_AT_ONCE).collect::<Vec<_>>() {
        if !takes_effect(office, &say).await? {
            put_off.insert(say.topic(), now.plus_millis(limits::ALERT_AGAIN_AFTER_MS));
        }
    }
    Ok(())
}

/// What the organization's own validators say, and what this gateway has seen itself.
async fn ask(office: &Office) -> Known {
    let reports = office.validators.findings().await;
    let mut known = Known { complete: !reports.is_empty(), ..Known::default() };
    for report in reports {
        match report {
            Ok(report) => {
                known.complete &= report.watching;
                known.findings.extend(report.findings.into_iter().map(|finding| (finding.topic(), finding)));
            }
            Err(error) => {
                tracing::debug!(%error, "a validator does not say what it has found out");
                known.complete = false;
            }
        }
    }
    known.findings.extend(office.forks.all().map(|finding| (finding.topic(), finding)));
    known
}

/// What is to be said so that the ledger holds what is known.
fn due(office: &Office, known: &Known) -> Result<Vec<Say>, OfficeError> {
    let mut due = Vec::new();
    for (topic, finding) in &known.findings {
        let latest = office.projection.latest_alert(topic).map_err(internal)?.value;
        if is_news(office, latest.as_ref().map(|fact| &fact.noun)) {
            due.push(Say::Raise(Box::new(finding.clone())));
        }
    }
    if known.complete {
        let filter = AlertFilter { kind: None, is_open: true };
        let mut page = PageRequest::largest();
        loop {
            let found = office.projection.alerts(&filter, &page).map_err(internal)?;
            let over = found.items.into_iter().map(|fact| fact.noun).filter(|alert| is_over(office, alert, known));
            due.extend(over.map(|alert| Say::End(alert.topic, alert.id)));
            match found.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
    }
    Ok(due)
}

/// Whether the organization has not said so yet of what was found.
fn is_news(office: &Office, latest: Option<&Alert>) -> bool {
    match latest {
        None => true,
        Some(alert) if alert.is_open() => alert.said_by(&office.organization).is_none_or(|said| said.over.is_some()),
        Some(alert) => alert.topic.kind.passes(),
    }
}

/// Whether this gateway said so, and it is over.
fn is_over(office: &Office, alert: &Alert, known: &Known) -> bool {
    let own = |said: &Confirmation| said.over.is_none() && said.actor == Actor::Gateway(office.gateway);
    let stands = alert.said_by(&office.organization).is_some_and(own);
    alert.topic.kind.passes() && stands && !known.findings.contains_key(&alert.topic)
}

/// Says it, and waits until that is final; whether it took effect.
async fn takes_effect(office: &Arc<Office>, say: &Say) -> Result<bool, OfficeError> {
    let action = say.action();
    let transaction = office.blocking(move |office| office.sign(action)).await?;
    let (id, valid_until) = (transaction.id(office.suite), transaction.body.valid_until);
    let bytes = codec::encode(&transaction);
    submit::hand_over_own(office, id, bytes.clone()).await?;
    let Waited::Final(decided) = decided::wait(office, id, valid_until, &bytes).await? else {
        return Ok(false);
    };
    let refused = decided.receipts().find(|receipt| receipt.decision.effect == Effect::Deny);
    let (kind, about) = (say.topic().kind.code(), say.topic().about);
    match refused.and_then(|receipt| receipt.decision.refusal) {
        Some(refusal) => tracing::warn!(kind, %about, refusal = refusal.code(), "an alert was refused"),
        None => {
            tracing::warn!(kind, %about, raised = matches!(say, Say::Raise(_)), "an alert was raised or taken back")
        }
    }
    Ok(refused.is_none())
}
