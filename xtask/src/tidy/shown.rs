//! What ARCHITECTURE.md says is shown by a test, is: every test, file and command in its tables exists by that name.
//!
//! Only the column that names what holds an invariant, or shows what a part cannot do, is read. Each row names at least one
//! thing in backticks, a tool of [`TOOLS`], or says why there is nothing to show.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::workspace::SourceFile;

/// The page.
pub(super) const PAGE: &str = "ARCHITECTURE.md";
const RULE: &str = "shown";
/// The tables, by the last column of their heads.
const HEADS: [&str; 2] = ["held by", "shown by"];
/// Tools that hold something without a name of a test.
const TOOLS: [&str; 3] = ["clippy", "rustfmt", "property test"];
/// How a cell begins that says why nothing shows it.
const NOTHING: &str = "nothing: ";

/// What stands in the repository.
pub(super) struct House<'a> {
    /// Whether a path exists, from the root.
    pub(super) exists: &'a dyn Fn(&str) -> bool,
    /// Files that people write.
    pub(super) files: &'a [SourceFile],
    /// Names of the members.
    pub(super) packages: BTreeSet<String>,
}

/// Findings of the page's tables.
pub(super) fn check(page: &str, house: &House<'_>) -> Vec<Finding> {
    let (mut findings, mut reads, mut rows) = (Vec::new(), false, 0_usize);
    for (index, line) in page.lines().enumerate() {
        let Some(cell) = last_cell(line) else {
            reads = false;
            continue;
        };
        if HEADS.contains(&cell) {
            reads = true;
            continue;
        }
        if !reads || cell.starts_with("---") {
            continue;
        }
        rows = rows.saturating_add(1);
        let mut found = |message: String| findings.push(Finding::new(PAGE, index.saturating_add(1), RULE, message));
        let named: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        if named.is_empty() && !cell.starts_with(NOTHING) && !TOOLS.iter().any(|tool| cell.contains(tool)) {
            found(format!("`{cell}` names no test, file or command; say `{NOTHING}…` where nothing can show it"));
        }
        for name in named {
            if let Err(why) = is_there(name, house) {
                found(format!("`{name}`: {why}"));
            }
        }
    }
    if rows == 0 {
        findings.push(Finding::new(PAGE, 1, RULE, "there is no table that says what is held or shown by what"));
    }
    findings
}

/// The last cell of a row.
fn last_cell(line: &str) -> Option<&str> {
    let row = line.strip_prefix('|')?.trim_end().strip_suffix('|')?;
    row.rsplit('|').next().map(str::trim)
}

/// Whether what a cell names exists.
fn is_there(name: &str, house: &House<'_>) -> Result<(), String> {
    match name.split_once(' ') {
        Some(("cargo", rest)) => cargo(rest, house),
        Some((program, rest)) if house.packages.contains(program) => options(program, rest, house),
        None if name.contains("::") => test(name, house),
        None if name.contains('/') => {
            let missing = expanded(name).into_iter().find(|path| !(house.exists)(path));
            missing.map_or(Ok(()), |path| Err(format!("there is no file or folder `{path}`")))
        }
        _ if house.packages.contains(&format!("gongxin-{name}")) || (house.exists)(name) => Ok(()),
        _ => word(name, house),
    }
}

/// `xtask tidy` and `test -p NAME`.
fn cargo(rest: &str, house: &House<'_>) -> Result<(), String> {
    let words: Vec<&str> = rest.split(' ').collect();
    match words.as_slice() {
        ["xtask", command, ..] => {
            let main = house.files.iter().find(|file| file.path == "xtask/src/main.rs");
            let knows = main.is_some_and(|file| file.text.contains(&format!("\"{command}\"")));
            if knows { Ok(()) } else { Err(format!("xtask has no command `{command}`")) }
        }
        ["test", "-p", package] if house.packages.contains(*package) => Ok(()),
        _ => Err("neither a command of xtask nor the tests of a member".to_owned()),
    }
}

/// A program of the house with options, or words, that its sources know.
fn options(program: &str, rest: &str, house: &House<'_>) -> Result<(), String> {
    let folder = format!("crates/{}/", program.strip_prefix("gongxin-").unwrap_or(program));
    let sources = || house.files.iter().filter(|file| file.path.starts_with(&folder) && file.is_rust());
    for word in rest.split(' ').filter(|word| !word.chars().all(|one| one.is_ascii_digit())) {
        let plain = word.trim_start_matches('-').replace('-', "_");
        let is_known = |text: &str| {
            let kebab = plain.replace('_', "-");
            // A field or variant of the command line, or a name in a table.
            let camel: String = plain.split('_').map(capital).collect();
            [format!("\"{kebab}\""), format!("\"--{kebab}\""), format!(" {plain}:"), format!(" {camel}")]
                .iter()
                .any(|known| text.contains(known))
        };
        if !sources().any(|file| is_known(&file.text)) {
            return Err(format!("`{program}` knows no `{word}`"));
        }
    }
    Ok(())
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A test by its path, `module::name`, or all of a module, `module::`.
fn test(name: &str, house: &House<'_>) -> Result<(), String> {
    let mut modules: Vec<&str> = name.split("::").collect();
    let function = modules.pop().unwrap_or_default();
    let is_in_modules = |file: &&SourceFile| {
        let path = file.path.trim_end_matches(".rs");
        let parts: Vec<&str> = path.split('/').collect();
        modules
            .iter()
            .all(|module| parts.iter().any(|part| part == module) || file.text.contains(&format!("mod {module} {{")))
    };
    let calls = if function.is_empty() { "#[test]".to_owned() } else { format!("fn {function}(") };
    let holds =
        |file: &&SourceFile| file.text.contains(&calls) || (function.is_empty() && file.text.contains("#[tokio::test"));
    let is_there = house.files.iter().filter(|file| file.is_rust()).filter(is_in_modules).any(|file| holds(&file));
    if is_there { Ok(()) } else { Err("there is no such test".to_owned()) }
}

/// A lint, a setting, a villain or a planted defect: a word of a manifest, or a name in a table of the simulation.
fn word(name: &str, house: &House<'_>) -> Result<(), String> {
    let quoted = format!("\"{name}\"");
    let is_said = |file: &SourceFile| match file.path.as_str() {
        "Cargo.toml" | "clippy.toml" => file.text.contains(name),
        path => path.starts_with("crates/") && file.is_rust() && file.text.contains(&quoted),
    };
    if house.files.iter().any(is_said) { Ok(()) } else { Err("nothing in the house is called so".to_owned()) }
}

/// `a/{b,c}.rs` as two paths.
fn expanded(path: &str) -> Vec<String> {
    let parts = path.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match parts {
        Some((before, (choices, after))) => {
            choices.split(',').map(|choice| format!("{before}{choice}{after}")).collect()
        }
        None => vec![path.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::finding::lines;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    fn found(rows: &str) -> String {
        let files = [
            file("Cargo.toml", "too_many_lines = \"deny\""),
            file("xtask/src/main.rs", "Some(\"tidy\") => tidy()"),
            file("crates/api/tests/all/live/restart.rs", "#[tokio::test]\nasync fn who_waits(\n"),
            file("crates/simulation/src/args.rs", "struct Args { seed_count: u64 }\n\"early-release\""),
        ];
        let exists = |path: &str| ["crates/api/tests/all/live/restart.rs", "deny.toml"].contains(&path);
        let packages = ["gongxin-simulation", "gongxin-state"].map(str::to_owned).into();
        let house = House { exists: &exists, files: &files, packages };
        lines(&check(&format!("| invariant | held by |\n|---|---|\n{rows}"), &house))
    }

    /// Tests, files, commands, programs, lints and defects that exist, and a row that says why there is nothing.
    #[test]
    fn what_exists_is_shown() {
        let rows = "\
            | a | `live::restart::who_waits`, `restart::` |\n\
            | b | `crates/api/tests/all/{live/restart,live/restart}.rs`, `deny.toml` |\n\
            | c | `cargo xtask tidy` (length), `cargo test -p gongxin-state`, tests of `state` |\n\
            | d | `gongxin-simulation --seed-count 4`, planted defect `early-release` |\n\
            | e | clippy (`too_many_lines`) |\n\
            | f | nothing: it is outside the promise |\n";
        assert_eq!(found(rows), "");
    }

    /// Whatever was renamed or never was.
    #[test]
    fn what_is_gone_is_found() {
        let rows = "\
            | a | `live::restart::who_went` |\n\
            | b | `stop::` |\n\
            | c | `crates/api/tests/{gone,all/live/restart}.rs` |\n\
            | d | `cargo xtask dance`, `cargo test -p gongxin-dance` |\n\
            | e | `gongxin-simulation --dance` |\n\
            | f | `late-release` |\n\
            | g | trust us |\n";
        expect![[r"
            ARCHITECTURE.md:3: shown: `live::restart::who_went`: there is no such test
            ARCHITECTURE.md:4: shown: `stop::`: there is no such test
            ARCHITECTURE.md:5: shown: `crates/api/tests/{gone,all/live/restart}.rs`: there is no file or folder `crates/api/tests/gone.rs`
            ARCHITECTURE.md:6: shown: `cargo xtask dance`: xtask has no command `dance`
            ARCHITECTURE.md:6: shown: `cargo test -p gongxin-dance`: neither a command of xtask nor the tests of a member
            ARCHITECTURE.md:7: shown: `gongxin-simulation --dance`: `gongxin-simulation` knows no `--dance`
            ARCHITECTURE.md:8: shown: `late-release`: nothing in the house is called so
            ARCHITECTURE.md:9: shown: `trust us` names no test, file or command; say `nothing: …` where nothing can show it
        "]]
        .assert_eq(&found(rows));
        assert!(check("", &House { exists: &|_| true, files: &[], packages: BTreeSet::new() }).len() == 1);
    }
}
