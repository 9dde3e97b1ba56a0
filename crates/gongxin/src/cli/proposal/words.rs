//! A matter in words: what would be different, beside what is in force.

use std::collections::BTreeMap;

use gongxin_types::calendar::CalendarChange;
use gongxin_types::policy_set::Policy;
use gongxin_types::proposal::{Admission, Matter};
use gongxin_types::{Bilingual, Calendar, Date, Parameters, PolicySet};

use super::super::listing::member;
use crate::cli::{Desk, calendar, listing, validator as validators};
use crate::failure::Failure;

/// What a matter says and changes, line by line.
pub(super) async fn of(matter: &Matter, desk: &Desk) -> Result<Vec<String>, Failure> {
    match matter {
        Matter::PolicySet(set) => {
            let shown = desk.get("/api/v1/policies").await?;
            let in_force: PolicySet = listing::noun(shown).map_err(Failure::unreachable)?;
            Ok(rules(&in_force, set))
        }
        Matter::Parameters(change) => {
            let mut shown = desk.get("/api/v1/parameters").await?;
            let revision: u32 = member(&shown, "revision")?;
            shown.as_object_mut().map(|members| members.remove("revision"));
            let in_force: Parameters = listing::noun(shown).map_err(Failure::unreachable)?;
            Ok(parameters((revision, &in_force), (change.revision, &change.parameters)))
        }
        Matter::Admission(Admission { organization, head }) => Ok(vec![
            format!("admits `{}`: {}, a {}", organization.id, both(&organization.name), organization.kind.code()),
            format!("headed by officer `{}`", head.id),
        ]),
        Matter::Expulsion(organization) => Ok(vec![format!("shuts out `{organization}`")]),
        Matter::Appointment(change) => {
            let roles: Vec<&str> = change.roles.iter().map(|role| role.code()).collect();
            let until = change.until.map(|until| format!(" until {until}")).unwrap_or_default();
            Ok(vec![format!("gives officer `{}` the roles {}{until}, and no others", change.id, roles.join(", "))])
        }
        Matter::Calendar(change) => {
            let shown = desk.get(calendar::PATH).await?;
            let (in_force, revision) = (calendar::of_document(&shown)?, member(&shown, "revision")?);
            Ok(days((revision, &in_force), change))
        }
        Matter::ProtocolVersion(version) => Ok(vec![
            format!("puts version {version} of the rules in force"),
            "every node must run a program that has it by then, or it ends and waits for one".into(),
        ]),
        Matter::ValidatorSet(set) => Ok(validators::words(&validators::serving(desk).await?, set)),
        Matter::Recovery(recovery) => Ok(vec![
            format!("gives officer `{}` the key `{}`", recovery.officer, recovery.key.key),
            "and ends every other key of that officer".into(),
        ]),
    }
}

/// Days that become others.
fn days((revision, in_force): (u32, &Calendar), change: &CalendarChange) -> Vec<String> {
    let mut lines =
        vec![format!("calendar, revision {}, beside revision {revision}, which is in force:", change.revision)];
    let Some(after) = in_force.with(&change.years) else {
        lines.push("more years than a calendar holds".into());
        return lines;
    };
    for year in &change.years {
        let ends = (Date::new(year.year, 1, 1), Date::new(year.year, 12, 31));
        let (Some(first), Some(last)) = ends else { continue };
        let all = (first.number()..=last.number()).map(Date::of_number);
        for day in all.filter(|day| after.is_worked(*day) != in_force.is_worked(*day)) {
            lines.push(format!("~ {day}: {}", if after.is_worked(day) { "worked" } else { "off" }));
        }
        lines.extend(year.notices.iter().map(|notice| format!("{}: {notice}", year.year)));
    }
    lines
}

/// Policies that come, go and change.
fn rules(in_force: &PolicySet, proposed: &PolicySet) -> Vec<String> {
    let by_id = |set: &PolicySet| -> BTreeMap<String, Policy> {
        set.policies.iter().map(|policy| (policy.id.to_string(), policy.clone())).collect()
    };
    let (before, after) = (by_id(in_force), by_id(proposed));
    let mut lines = vec![format!(
        "rules of access, revision {}, beside revision {}, which is in force:",
        proposed.revision, in_force.revision
    )];
    for (id, policy) in &after {
        let sentence = both(&policy.sentence);
        match before.get(id) {
            None => lines.push(format!("+ {id}: {sentence}")),
            Some(old) if old == policy => {}
            Some(old) if old.source == policy.source => lines.push(format!("~ {id}, in words alone: {sentence}")),
            Some(_) => lines.push(format!("~ {id}: {sentence}")),
        }
    }
    let gone = before.iter().filter(|(id, _)| !after.contains_key(*id));
    lines.extend(gone.map(|(id, policy)| format!("- {id}: {}", both(&policy.sentence))));
    if lines.len() == 1 {
        lines.push("no difference".into());
    }
    lines
}

/// Numbers that change, and codes that come and go.
fn parameters((before, in_force): (u32, &Parameters), (after, proposed): (u32, &Parameters)) -> Vec<String> {
    let mut lines = vec![format!("parameters, revision {after}, beside revision {before}, which is in force:")];
    let numbers = [
        ("answers are kept for, in ms", in_force.release_lifetime_ms, proposed.release_lifetime_ms),
        ("longest term of a grant, in ms", in_force.grant_term_ms_max, proposed.grant_term_ms_max),
        ("an act that takes two waits for, in ms", in_force.pending_term_ms, proposed.pending_term_ms),
        ("the two have nothing from each other for, in ms", in_force.independence_ms, proposed.independence_ms),
    ];
    let changed = numbers.iter().filter(|(_, before, after)| before != after);
    lines.extend(changed.map(|(what, before, after)| format!("~ {what}: {before} → {after}")));
    let codes = |all: &Parameters| -> BTreeMap<String, String> {
        let bases = all.legal_bases.iter().map(|one| (format!("law {}", one.code), both(&one.title)));
        bases.chain(all.purposes.iter().map(|one| (format!("purpose {}", one.code), both(&one.title)))).collect()
    };
    let (old, new) = (codes(in_force), codes(proposed));
    for (code, title) in &new {
        match old.get(code) {
            None => lines.push(format!("+ {code}: {title}")),
            Some(before) if before == title => {}
            Some(_) => lines.push(format!("~ {code}: {title}")),
        }
    }
    lines.extend(
        old.iter().filter(|(code, _)| !new.contains_key(*code)).map(|(code, title)| format!("- {code}: {title}")),
    );
    if lines.len() == 1 {
        lines.push("no difference".into());
    }
    lines
}

fn both<const MAX: usize>(text: &Bilingual<MAX>) -> String {
    format!("{} {}", text.zh.as_str(), text.en.as_str())
}
