//! Asking everybody once, all at the same time.

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures::future::join_all;
use gongxin_client::wire::StatusReport;
use gongxin_types::Time;
use gongxin_types::genesis::{ConsensusKey, Validator};

use super::{Targets, limits};
use crate::failure::Failure;
use crate::serving::{Serving, Standing};

/// Asks the same servers again and again.
pub(super) struct Asker {
    client: reqwest::Client,
    targets: Targets,
}

/// What everybody said.
pub(super) struct Round {
    /// When, by this machine's clock.
    pub(super) at: Time,
    pub(super) validators: Vec<Seen>,
    pub(super) gateways: Vec<SeenGateway>,
    /// Who serves, as far as it is proven, where a file of the network that was asked is at hand.
    pub(super) serving: Option<Serving>,
}

/// A validator or follower.
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) url: String,
    /// What it said, or why it did not.
    pub(super) answer: Result<Answer, String>,
    /// What it is to the network, where that is known.
    pub(super) standing: Option<Standing>,
}

/// What a validator said.
pub(super) struct Answer {
    pub(super) report: StatusReport,
    /// How far its clock is ahead of this machine's, give or take half of the way.
    pub(super) ahead_ms: Option<i64>,
    /// That half.
    pub(super) way_ms: u64,
}

/// A gateway.
pub(super) struct SeenGateway {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) height: Option<u64>,
    /// Seconds since 1970 of the newest block it has.
    pub(super) time_seconds: Option<u64>,
    /// Alerts that stand on the ledger, by its copy.
    pub(super) alerts_open: Option<u64>,
    /// What it says of itself, line by line: `ready`, or why not.
    pub(super) says: Result<String, String>,
}

impl Round {
    /// Those that answered.
    pub(super) fn answering(&self) -> impl Iterator<Item = (&Seen, &Answer)> {
        self.validators.iter().filter_map(|seen| Some((seen, seen.answer.as_ref().ok()?)))
    }

    /// The newest block that anybody has.
    pub(super) fn newest(&self) -> Option<&StatusReport> {
        self.answering().map(|(_, answer)| &answer.report).max_by_key(|report| report.height)
    }

    /// How many of those that answer vote, of those that serve where that is known.
    pub(super) fn voting(&self) -> usize {
        let may_vote = |seen: &Seen| seen.standing.is_none_or(|standing| standing == Standing::Serves);
        let votes = self.answering().filter(|(seen, answer)| answer.report.voting && may_vote(seen));
        votes.map(|(_, answer)| answer.report.key).collect::<BTreeSet<_>>().len()
    }

    /// Who serves and was not asked, as far as names and keys tell.
    pub(super) fn unasked(&self) -> Vec<&Validator> {
        let serving = self.serving.as_ref().map_or(&[][..], Serving::validators);
        let answers = |one: &&Validator| self.answering().any(|(_, answer)| answer.report.key == one.key);
        let is_named = |one: &&Validator| self.validators.iter().any(|seen| seen.name == one.name.as_str());
        serving.iter().filter(|one| !answers(one) && !is_named(one)).collect()
    }

    /// How many of those that answer, and say whom they hear, hear this one, and how many those are.
    pub(super) fn hearing(&self, key: &ConsensusKey) -> (usize, usize) {
        let others = self.answering().filter(|(_, answer)| answer.report.key != *key);
        let told = others.filter_map(|(_, answer)| answer.report.operator.heard.as_ref());
        told.fold((0, 0), |(hearing, count), heard| (hearing + usize::from(heard.contains(key)), count + 1))
    }

    /// Alerts that stand on the ledger, by the copy that knows the most.
    pub(super) fn alerts_open(&self) -> Option<u64> {
        self.gateways.iter().filter_map(|gateway| gateway.alerts_open).max()
    }

    /// The middle of all clocks that are known, as milliseconds ahead of this machine's; told by three at least.
    pub(super) fn median_ahead_ms(&self) -> Option<i64> {
        let mut all: Vec<i64> = self.answering().filter_map(|(_, answer)| answer.ahead_ms).collect();
        all.sort_unstable();
        if all.len() < 3 { None } else { all.get(all.len() / 2).copied() }
    }

    /// How far two clocks may seem apart though they agree: the longest way there, and the longest back.
    pub(super) fn blur_ms(&self) -> u64 {
        self.answering().map(|(_, answer)| answer.way_ms).max().unwrap_or(0).saturating_mul(2)
    }
}

impl Asker {
    pub(super) fn new(targets: Targets) -> Result<Self, Failure> {
        let client = reqwest::Client::builder().timeout(limits::ANSWER_WITHIN).build().map_err(Failure::usage)?;
        Ok(Self { client, targets })
    }

    /// Asks everybody; who is in a later epoch than is known here proves it.
    pub(super) async fn round(&mut self) -> Round {
        let validators =
            join_all(self.targets.validators.iter().map(|(name, url)| self.validator(name.as_deref(), url)));
        let gateways = join_all(self.targets.gateways.iter().map(|(name, url)| self.gateway(name, url)));
        let (mut validators, gateways) = futures::join!(validators, gateways);
        let at = Time::from_millis(now_ms());
        let serving = self.serving(&validators).await;
        for seen in &mut validators {
            seen.standing = serving.as_ref().map(|serving| match &seen.answer {
                Ok(answer) => serving.standing(&answer.report.key),
                Err(_) => serving.standing_of_name(&seen.name),
            });
        }
        Round { at, validators, gateways, serving }
    }

    /// Who serves. The network at hand is not meant where nobody who answers is of it: then another one was asked for.
    async fn serving(&mut self, validators: &[Seen]) -> Option<Serving> {
        let serving = self.targets.serving.as_mut()?;
        let network = serving.head().id();
        let reports = validators.iter().filter_map(|seen| Some((&seen.url, &seen.answer.as_ref().ok()?.report)));
        let own: Vec<_> = reports.filter(|(_, report)| report.network == network).collect();
        for (url, report) in &own {
            if report.epoch > serving.epoch() {
                serving.ask(&self.client, url, limits::ANSWER_WITHIN).await;
            }
        }
        (!own.is_empty()).then(|| serving.clone())
    }

    async fn validator(&self, name: Option<&str>, url: &str) -> Seen {
        let (begun, sent) = (Instant::now(), now_ms());
        let text = self.get(&format!("{url}/v1/status")).await;
        let way: Duration = begun.elapsed() / limits::ROUND_TRIP_SHARE;
        let answer = text.and_then(|(_, text)| {
            let report: StatusReport =
                serde_json::from_str(&text).map_err(|error| format!("no answer of a validator: {error}"))?;
            let way_ms = u64::try_from(way.as_millis()).unwrap_or(u64::MAX);
            let here = sent.saturating_add(way_ms);
            let ahead = |clock: Time| i64::try_from(clock.millis()).ok()?.checked_sub(i64::try_from(here).ok()?);
            Ok(Answer { ahead_ms: report.operator.clock.and_then(ahead), way_ms, report })
        });
        let own = answer.as_ref().ok().and_then(|answer| answer.report.operator.name.as_ref()).map(ToString::to_string);
        Seen {
            name: name.map(str::to_owned).or(own).unwrap_or_else(|| url.to_owned()),
            url: url.to_owned(),
            answer,
            standing: None,
        }
    }

    async fn gateway(&self, name: &str, url: &str) -> SeenGateway {
        let (ready, metrics) = (format!("{url}/readyz"), format!("{url}/metrics"));
        let (ready, metrics) = futures::join!(self.get(&ready), self.get(&metrics));
        let metrics = metrics.map(|(_, text)| text).unwrap_or_default();
        let value = |metric: &str| {
            let line = metrics.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix(' '));
            line.and_then(|value| value.trim().parse().ok())
        };
        let says = ready.and_then(|(is_ready, text)| match is_ready {
            true => Ok(text.trim().to_owned()),
            false => Err(reason(&text)),
        });
        SeenGateway {
            name: name.to_owned(),
            url: url.to_owned(),
            height: value("gongxin_gateway_height"),
            time_seconds: value("gongxin_gateway_time_seconds"),
            alerts_open: value("gongxin_gateway_alerts_open"),
            says,
        }
    }

    /// Whether it went well, and the body.
    async fn get(&self, url: &str) -> Result<(bool, String), String> {
        let words = |error: reqwest::Error| match (error.is_timeout(), error.is_connect()) {
            (true, _) => format!("no answer within {} s", limits::ANSWER_WITHIN.as_secs()),
            (_, true) => "nothing listens there".to_owned(),
            _ => error.without_url().to_string(),
        };
        let answer = self.client.get(url).send().await.map_err(words)?;
        let is_well = answer.status().is_success();
        Ok((is_well, answer.text().await.map_err(words)?))
    }
}

/// The words of a problem document.
fn reason(text: &str) -> String {
    let problem: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let words = ["detail", "message", "title"].iter().find_map(|name| problem.get(name)?.as_str());
    words.map_or_else(|| "it does not say why".to_owned(), str::to_owned)
}

fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    u64::try_from(now).unwrap_or(u64::MAX)
}
