//! Check: whether server, role, slot, publication and tables are such that nothing can pass unseen.

mod publication;
mod table;

use std::sync::Arc;

use gongxin_connector_api::{Bound, ConnectorError, Finding, Problem};
use tokio_postgres::Client;

use crate::Settings;
use crate::cause::refused;
use crate::slot::Slot;

/// Everything that is wrong, and what to do.
pub(crate) async fn check(
    client: &Client,
    settings: &Settings,
    bounds: &[Arc<Bound>],
) -> Result<Vec<Finding>, ConnectorError> {
    let mut findings = server(client, settings).await?;
    findings.extend(role(client, settings).await?);
    findings.extend(slot(client, settings).await?);
    let mut followed = Vec::new();
    for bound in bounds {
        let found = table::check(client, settings, bound).await?;
        findings.extend(found.findings);
        if found.can_be_followed {
            followed.push(bound.clone());
        }
    }
    findings.extend(publication::check(client, settings, &followed).await?);
    Ok(findings)
}

/// Settings of the server without which there is no stream, or too much of it.
async fn server(client: &Client, settings: &Settings) -> Result<Vec<Finding>, ConnectorError> {
    let statement = "SELECT current_setting('wal_level'), current_setting('max_slot_wal_keep_size'),
        current_setting('server_version_num')::int4, pg_encoding_to_char(encoding)
        FROM pg_database WHERE datname = current_database()";
    let failed = refused("tell its settings", settings.database.as_str());
    let row = client.query_one(statement, &[]).await.map_err(&failed)?;
    let text = |index: usize| row.try_get::<_, String>(index).map_err(&failed);
    let mut findings = Vec::new();
    if text(0)? != "logical" {
        let todo = "set `wal_level = logical` in postgresql.conf and restart the server".to_owned();
        findings.push(Finding::fault(Problem::ServerSetting, None, format!("`wal_level` is `{}`", text(0)?), todo));
    }
    if text(1)? == "-1" {
        let what = "the server keeps its log for us without a bound".to_owned();
        let todo =
            "set `max_slot_wal_keep_size` to what the disk can spare; a slot beyond it is lost, and a full pass is due";
        findings.push(Finding::advice(Problem::ServerSetting, None, what, todo.to_owned()));
    }
    let version: i32 = row.try_get(2).map_err(&failed)?;
    if version < 150_000 {
        let what = format!("the server is of version {}", version / 10_000);
        let todo = "use PostgreSQL 15 or later: earlier ones cannot publish some columns alone".to_owned();
        findings.push(Finding::fault(Problem::ServerSetting, None, what, todo));
    }
    if text(3)? == "SQL_ASCII" {
        let what = "the database has no encoding (SQL_ASCII): a text need not be UTF-8".to_owned();
        let todo =
            "rows with such texts are named by every pass; convert them, and make a database with `ENCODING 'UTF8'`";
        findings.push(Finding::advice(Problem::Encoding, None, what, todo.to_owned()));
    }
    Ok(findings)
}

/// Whether the role may follow, and no more than that.
async fn role(client: &Client, settings: &Settings) -> Result<Vec<Finding>, ConnectorError> {
    let statement = "SELECT rolreplication, rolsuper, rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
    let failed = refused("tell who we are", settings.database.as_str());
    let row = client.query_one(statement, &[]).await.map_err(&failed)?;
    let flag = |index: usize| row.try_get::<_, bool>(index).map_err(&failed);
    let role = settings.user.quoted();
    let mut findings = Vec::new();
    if !flag(0)? && !flag(1)? {
        let what = format!("role `{}` may not follow changes", settings.user);
        let todo = format!("run: ALTER ROLE {role} REPLICATION");
        findings.push(Finding::fault(Problem::PrivilegeMissing, None, what, todo));
    }
    if flag(1)? || flag(2)? {
        let what = format!("role `{}` may do more than follow changes and read", settings.user);
        let todo = format!("run: ALTER ROLE {role} NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS");
        findings.push(Finding::advice(Problem::PrivilegeExcess, None, what, todo));
    }
    Ok(findings)
}

/// Whether the slot is there, ours, alive, and within its limit.
async fn slot(client: &Client, settings: &Settings) -> Result<Vec<Finding>, ConnectorError> {
    let name = &settings.slot;
    let again = "drop the slot, make it anew, then make a full pass over the registers".to_owned();
    let Some(slot) = Slot::read(client, settings).await? else {
        let what = format!("there is no slot `{name}`: the server keeps no changes for us");
        return Ok(vec![Finding::fault(
            Problem::Slot,
            None,
            what,
            "make the slot, then make a full pass over the registers".into(),
        )]);
    };
    let mut findings = Vec::new();
    if slot.plugin.as_deref() != Some("pgoutput") || slot.database.as_deref() != Some(settings.database.as_str()) {
        let what = format!("slot `{name}` is of another plugin or another database");
        findings.push(Finding::fault(Problem::Slot, None, what, "name a slot of your own under `slot`".into()));
    } else if slot.is_lost() {
        let what = format!("slot `{name}` is lost: the server threw away what it had not handed out");
        findings.push(Finding::fault(Problem::Slot, None, what, again.clone()));
    }
    if slot.kept > settings.slot_bytes_max {
        let (kept, max) = (slot.kept, settings.slot_bytes_max);
        let what = format!("the server keeps {kept} bytes of its log for slot `{name}`, more than {max}");
        let todo = format!("let the gateway catch up; if it cannot, {again}");
        findings.push(Finding::fault(Problem::Backlog, None, what, todo));
    }
    Ok(findings)
}
