//! Where the register of divisions is, and what a year's file says.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use gongxin_types::Date;

use crate::failure::Failure;
use crate::files;

/// First and last year of the data.
const YEARS: RangeInclusive<u16> = 1981..=2024;
/// Largest file of a year; the real ones have about 60 kB.
const YEAR_BYTES_MAX: usize = 1024 * 1024;

/// Codes and names at the end of one year.
pub(crate) struct Year {
    /// 31 December of the file's year.
    pub(crate) effective: Date,
    /// Code → name.
    pub(crate) divisions: BTreeMap<String, String>,
}

/// The folder of the data: the one given, the shared one beside the repository, or the repository's own copy.
pub(crate) fn find(given: Option<&Path>) -> Result<PathBuf, Failure> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let places = match given {
        Some(path) => vec![path.to_owned()],
        None => vec![
            repository.join("../shared/data/divisions"),
            repository.join("data/divisions"),
            PathBuf::from("data/divisions"),
        ],
    };
    let found = places.iter().find(|place| YEARS.clone().any(|year| place.join(format!("{year}.txt")).exists()));
    found.cloned().ok_or_else(|| {
        let tried: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
        Failure::usage(format_args!(
            "no register of divisions in {}; name its folder with `--divisions`",
            tried.join(", ")
        ))
    })
}

/// Reads every year's file that is there, oldest first.
pub(crate) fn years(folder: &Path) -> Result<Vec<Year>, Failure> {
    let present = YEARS.filter(|year| folder.join(format!("{year}.txt")).exists());
    present.map(|year| read_year(folder, year)).collect()
}

fn read_year(folder: &Path, year: u16) -> Result<Year, Failure> {
    let path = folder.join(format!("{year}.txt"));
    let bytes = files::read(&path, YEAR_BYTES_MAX)?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::file(&path, "not UTF-8"))?;
    let mut divisions = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let Some((code, name)) = line.split_once(char::is_whitespace) else {
            return Err(Failure::file(&path, format_args!("line {}: not `code name`", number.saturating_add(1))));
        };
        divisions.insert(code.to_owned(), name.trim().to_owned());
    }
    let effective = Date::new(year, 12, 31).ok_or_else(|| Failure::file(&path, "no such year"))?;
    Ok(Year { effective, divisions })
}
