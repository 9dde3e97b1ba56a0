//! `gongxin calendar`: which days are worked, and on which day a term of working days ends.

use clap::{Args, Subcommand};
use gongxin_types::{Calendar, Date, limits::TERM_WORKING_DAYS_MAX};
use serde_json::{Value, json};

use super::{Acting, Context, listing::member};
use crate::failure::Failure;
use crate::files;
use crate::output::{self, Format};

/// Where the calendar in force is asked for.
pub(crate) const PATH: &str = "/api/v1/calendar";

/// Working days.
#[derive(Subcommand)]
pub(crate) enum CalendarCommand {
    /// The last day of a term of working days: it ends at 24:00 in Shanghai, the day of receipt does not count
    Due(DueArgs),
    /// The days off outside weekends, and the weekends that are worked, year by year
    Show(ShowArgs),
}

/// Which calendar: without a word, that of the notices this program knows.
#[derive(Args)]
struct Which {
    /// The calendar in force on the ledger, as this officer's gateway has it
    #[arg(long = "as", value_name = "OFFICER")]
    officer: Option<String>,
    /// The calendar of a network's beginning, from its `genesis.json`
    #[arg(long, value_name = "FILE", conflicts_with = "officer")]
    genesis: Option<std::path::PathBuf>,
}

/// A term.
#[derive(Args)]
pub(crate) struct DueArgs {
    /// The day of receipt, such as `2026-09-30`
    #[arg(long, value_name = "DATE")]
    from: Date,
    /// The term
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(TERM_WORKING_DAYS_MAX)))]
    working_days: u16,
    #[command(flatten)]
    which: Which,
}

/// Years.
#[derive(Args)]
pub(crate) struct ShowArgs {
    /// This year alone
    #[arg(long)]
    year: Option<u16>,
    #[command(flatten)]
    which: Which,
}

/// Carries the command out.
pub(crate) async fn run(command: CalendarCommand, context: &Context) -> Result<(), Failure> {
    match command {
        CalendarCommand::Due(arguments) => due(&arguments, context).await,
        CalendarCommand::Show(arguments) => show(&arguments, context).await,
    }
}

async fn due(arguments: &DueArgs, context: &Context) -> Result<(), Failure> {
    let (calendar, source) = arguments.which.calendar(context).await?;
    let due = calendar.due(arguments.from, arguments.working_days);
    let provisional = calendar.is_provisional(due);
    output::print(
        context.format,
        &json!({
            "due": due,
            "from": arguments.from,
            "working_days": arguments.working_days,
            "provisional": provisional,
            "calendar": source,
        }),
        &[],
    );
    if provisional && context.format == Format::Table {
        output::note(&format!(
            "no holiday notice for {} is known yet: only weekends count as days off, so this date may still move",
            due.year()
        ));
    }
    Ok(())
}

async fn show(arguments: &ShowArgs, context: &Context) -> Result<(), Failure> {
    let (calendar, source) = arguments.which.calendar(context).await?;
    let years = calendar.years.iter().filter(|year| arguments.year.is_none_or(|asked| asked == year.year));
    let years: Vec<_> = years.collect();
    if let (Some(year), true) = (arguments.year, years.is_empty()) {
        return Err(Failure::usage(format!(
            "no holiday notice for {year} is known yet: only its weekends count as days off"
        )));
    }
    let rows = serde_json::to_value(&years).map_err(Failure::usage)?;
    match context.format {
        Format::Json => output::print(Format::Json, &json!({ "years": rows, "calendar": source }), &[]),
        Format::Table => {
            output::print(Format::Table, &rows, &["year", "days_off", "days_worked", "notices"]);
            output::note(&format!("calendar: {source}"));
        }
    }
    Ok(())
}

impl Which {
    /// The calendar, and where it is from.
    async fn calendar(&self, context: &Context) -> Result<(Calendar, String), Failure> {
        if let Some(officer) = &self.officer {
            let desk = Acting::of(officer).open(context).await?;
            let document = desk.get(PATH).await?;
            let (calendar, revision, height) =
                (of_document(&document)?, member::<u32>(&document, "revision")?, member::<Value>(&document, "height")?);
            return Ok((calendar, format!("revision {revision}, of block {height}")));
        }
        if let Some(path) = &self.genesis {
            return Ok((files::genesis(path)?.objects.calendar, format!("genesis, {}", path.display())));
        }
        let known = gongxin_config::holidays::known().map_err(Failure::usage)?;
        Ok((known, "the notices that this program knows".into()))
    }
}

/// The calendar in what a gateway answered.
pub(crate) fn of_document(document: &Value) -> Result<Calendar, Failure> {
    Ok(Calendar { version: member(document, "version")?, years: member(document, "years")? })
}
