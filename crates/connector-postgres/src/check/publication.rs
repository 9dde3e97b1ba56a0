//! Whether the publication tells all changes of all bound tables, with the columns that we need.

use std::sync::Arc;

use gongxin_connector_api::{Bound, ConnectorError, Finding, Problem, TableName};
use tokio_postgres::Client;

use crate::Settings;
use crate::cause::refused;
use crate::select;

pub(super) async fn check(
    client: &Client,
    settings: &Settings,
    bounds: &[Arc<Bound>],
) -> Result<Vec<Finding>, ConnectorError> {
    let failed = refused("tell what is published", settings.database.as_str());
    let name = settings.publication.as_str();
    let statement =
        "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication WHERE pubname = $1";
    let Some(row) = client.query_opt(statement, &[&name]).await.map_err(&failed)? else {
        let what = format!("there is no publication `{name}`: changes are not told");
        let todo = "make it, as its owner; then make a full pass over the registers".to_owned();
        return Ok(vec![Finding::fault(Problem::Publication, None, what, todo)]);
    };
    let mut findings = Vec::new();
    if !row.try_get::<_, bool>(0).map_err(&failed)? {
        let what = format!("publication `{name}` does not tell all kinds of changes");
        let todo = format!(
            "run, as its owner: ALTER PUBLICATION {} SET (publish = 'insert, update, delete, truncate'); then make a full pass",
            settings.publication.quoted()
        );
        findings.push(Finding::fault(Problem::Publication, None, what, todo));
    }
    for bound in bounds {
        let columns: Vec<&str> = bound.columns().iter().map(|column| column.column.as_str()).collect();
        let finding = published(client, settings, &bound.binding.table, &columns).await?;
        findings.extend(
            finding.map(|(what, todo)| Finding::fault(Problem::Publication, Some(&bound.resource.id), what, todo)),
        );
    }
    if let Some(outbox) = &settings.outbox {
        let finding = published(client, settings, outbox, &["ticket"]).await?;
        findings.extend(finding.map(|(what, todo)| Finding::fault(Problem::Outbox, None, what, todo)));
    }
    Ok(findings)
}

/// What is wrong with one table in the publication.
async fn published(
    client: &Client,
    settings: &Settings,
    table: &TableName,
    columns: &[&str],
) -> Result<Option<(String, String)>, ConnectorError> {
    let statement = "SELECT attnames::text[], rowfilter IS NOT NULL FROM pg_publication_tables
        WHERE pubname = $1 AND schemaname = $2 AND tablename = $3";
    let failed = refused("tell what is published", settings.database.as_str());
    let schema = table.schema.as_ref().map_or("public", |schema| schema.as_str());
    let name = settings.publication.as_str();
    let row = client.query_opt(statement, &[&name, &schema, &table.name.as_str()]).await.map_err(&failed)?;
    let (quoted, publication) = (select::table(table), settings.publication.quoted());
    let Some(row) = row else {
        let what = format!("table `{table}` is not in publication `{name}`: its changes pass unseen");
        return Ok(Some((
            what,
            format!("run, as its owner: ALTER PUBLICATION {publication} ADD TABLE {quoted}; then make a full pass"),
        )));
    };
    let told: Vec<String> = row.try_get(0).map_err(&failed)?;
    if let Some(column) = columns.iter().find(|column| !told.iter().any(|told| told == *column)) {
        let what = format!("column `{column}` of `{table}` is not in publication `{name}`");
        return Ok(Some((
            what,
            format!("run, as its owner: ALTER PUBLICATION {publication} with this column in its list"),
        )));
    }
    if row.try_get::<_, bool>(1).map_err(&failed)? {
        let what = format!("publication `{name}` leaves out rows of `{table}`: their changes pass unseen");
        return Ok(Some((what, format!("publish {quoted} without `WHERE`, then make a full pass"))));
    }
    Ok(None)
}
