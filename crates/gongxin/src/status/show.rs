//! What was said, for people and for programs.

use console::style;
use serde_json::{Value, json};

use super::ask::{Answer, Round, Seen, SeenGateway};
use super::judge::{self, Finding, Weight};
use crate::disk;
use crate::output;
use crate::serving::{Serving, Standing};

/// For programs.
pub(super) fn document(round: &Round, findings: &[Finding]) -> Value {
    let newest = round.newest();
    json!({
        "at": round.at,
        "network": newest.map(|report| report.network),
        "height": newest.map(|report| report.height),
        "time": newest.and_then(|report| report.time),
        "epoch": newest.map(|report| report.epoch),
        "quorum": round.serving.as_ref().map(Serving::quorum),
        "validators_of": round.serving.as_ref().map(|serving| json!({ "epoch": serving.epoch(), "by": serving.source() })),
        "validators": validators(round),
        "gateways": round.gateways.iter().map(|seen| gateway(seen, round)).collect::<Vec<_>>(),
        "alerts_open": round.alerts_open(),
        "attention": findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    let weight = match finding.weight {
        Weight::Wrong => "wrong",
        Weight::Note => "note",
    };
    json!({ "weight": weight, "subject": finding.subject, "what": finding.what, "todo": finding.todo })
}

/// Everybody who was asked, and who serves and was not.
fn validators(round: &Round) -> Vec<Value> {
    let asked = round.validators.iter().map(|seen| validator(seen, round));
    let unasked = round.unasked().into_iter().map(|one| {
        let (hearing, of) = round.hearing(&one.key);
        json!({
            "name": one.name, "validator": null, "answers": false, "serves": true, "key": one.key,
            "error": format!("answers at no URL that was asked; heard by {hearing} of {of}"),
        })
    });
    asked.chain(unasked).collect()
}

fn validator(seen: &Seen, round: &Round) -> Value {
    let serves = seen.standing.map(|standing| standing == Standing::Serves);
    let row = json!({ "name": seen.name, "validator": seen.url, "answers": seen.answer.is_ok(), "serves": serves });
    let mut row = match row {
        Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    };
    match &seen.answer {
        Ok(answer) => {
            if let Ok(Value::Object(report)) = serde_json::to_value(&answer.report) {
                row.extend(report);
            }
            row.insert("lag_ms".into(), judge::lag_ms(&answer.report, round).into());
            row.insert("clock_off_ms".into(), off_ms(answer, round).into());
        }
        Err(why) => {
            row.insert("error".into(), why.as_str().into());
        }
    }
    Value::Object(row)
}

fn gateway(seen: &SeenGateway, round: &Round) -> Value {
    json!({
        "organization": seen.name,
        "gateway": seen.url,
        "ready": seen.says.is_ok(),
        "says": seen.says.as_ref().unwrap_or_else(|why| why),
        "height": seen.height,
        "lag_s": gateway_lag(seen, round),
    })
}

fn off_ms(answer: &Answer, round: &Round) -> Option<i64> {
    Some(answer.ahead_ms?.saturating_sub(round.median_ahead_ms()?))
}

fn gateway_lag(seen: &SeenGateway, round: &Round) -> Option<u64> {
    let newest = round.newest()?.time?.millis() / 1_000;
    Some(newest.saturating_sub(seen.time_seconds?))
}

/// For people.
pub(super) fn text(round: &Round, findings: &[Finding]) -> String {
    let mut lines = vec![headline(round)];
    if let Some(serving) = round.serving.as_ref().filter(|serving| serving.epoch() > 0) {
        lines.push(format!("validators are those of epoch {}, proven by {}", serving.epoch(), serving.source()));
    }
    let unasked = round.unasked().into_iter().map(|one| {
        let (hearing, of) = round.hearing(&one.key);
        json!({ "validator": one.name, "votes": "?", "hears": format!("heard by {hearing} of {of}") })
    });
    let rows: Vec<Value> = round.validators.iter().map(|seen| row(seen, round)).chain(unasked).collect();
    if !rows.is_empty() {
        let columns = ["validator", "height", "lag", "votes", "hears", "waiting", "clock", "disk_free", "program"];
        lines.push(output::table(&rows.into(), &columns));
    }
    let rows: Vec<Value> = round.gateways.iter().map(|seen| gateway_row(seen, round)).collect();
    if !rows.is_empty() {
        lines.push(output::table(&rows.into(), &["gateway", "height", "lag", "says"]));
    }
    if findings.is_empty() {
        lines.push(style("nothing needs attention").green().to_string());
    }
    lines.extend(findings.iter().map(|finding| {
        let mark = match finding.weight {
            Weight::Wrong => style("✗").red().bold(),
            Weight::Note => style("·").yellow(),
        };
        format!("{mark} {} {}\n    {}", style(&finding.subject).bold(), finding.what, finding.todo)
    }));
    lines.join("\n")
}

fn headline(round: &Round) -> String {
    let serving = round.serving.as_ref();
    let name = serving.map_or("network", |serving| serving.head().name.as_str());
    let Some(newest) = round.newest() else {
        return format!("{name}: no validator answers");
    };
    let now = round.at.millis().saturating_add_signed(round.median_ahead_ms().unwrap_or(0));
    let age = newest.time.map_or("no block yet".to_owned(), |time| {
        let millis = now.saturating_sub(time.millis());
        format!("{}.{} s ago", millis / 1_000, millis % 1_000 / 100)
    });
    let voting = round.voting();
    let votes = serving.map_or_else(
        || format!("{voting} vote"),
        |serving| format!("{voting} of {} vote, {} are needed", serving.validators().len(), serving.quorum()),
    );
    format!("{name}: block {} {age}, epoch {}, {votes}", newest.height, newest.epoch)
}

fn row(seen: &Seen, round: &Round) -> Value {
    let answer = match &seen.answer {
        Ok(answer) => answer,
        Err(why) => {
            let votes = match seen.standing {
                Some(Standing::Left(epoch)) => format!("not since epoch {epoch}"),
                _ => "no answer".to_owned(),
            };
            return json!({ "validator": seen.name, "votes": votes, "hears": why });
        }
    };
    let report = &answer.report;
    let lag = judge::lag_ms(report, round);
    let hears = report.operator.heard.as_ref().map_or(report.peers.to_string(), |heard| heard.len().to_string());
    json!({
        "validator": seen.name,
        "height": report.height,
        "lag": if lag < 1_000 { "-".to_owned() } else { format!("{} s", lag / 1_000) },
        "votes": match (report.role.as_str(), seen.standing, report.voting, report.leader) {
            (_, Some(Standing::Left(epoch)), ..) => format!("follows since epoch {epoch}"),
            ("follower", ..) | (_, Some(Standing::Unknown), ..) => "follows".to_owned(),
            (_, _, false, _) => "NO".to_owned(),
            (_, _, true, true) => "yes, leads".to_owned(),
            (_, _, true, false) => "yes".to_owned(),
        },
        "hears": hears,
        "waiting": report.mempool_transactions,
        "clock": off_ms(answer, round).map(|off| format!("{off:+} ms")),
        "disk_free": report.operator.disk.map(|disk| disk::readable(disk.free_bytes)),
        "program": report.operator.program,
    })
}

fn gateway_row(seen: &SeenGateway, round: &Round) -> Value {
    let says = seen.says.as_ref().unwrap_or_else(|why| why);
    json!({
        "gateway": seen.name,
        "height": seen.height,
        "lag": gateway_lag(seen, round).map(|lag| if lag < 2 { "-".to_owned() } else { format!("{lag} s") }),
        "says": says.lines().next(),
    })
}
