//! A file is a room: beyond 500 lines it has a door to the next one that nobody has cut yet.
//!
//! `xtask/long-files.allow` lists reviewed exceptions, one `path reason` per line; it is meant to stay empty.

use crate::finding::Finding;
use crate::workspace::SourceFile;

const RULE: &str = "length";

/// Reviewed exceptions.
pub(crate) const ALLOWED: &str = "xtask/long-files.allow";
/// Most files have 80 to 250 lines; twice the upper end is where folding stops helping.
const LINES_MAX: usize = 500;

pub(crate) fn check(files: &[SourceFile], allowed: &str) -> Vec<Finding> {
    let allowed: Vec<(usize, &str)> = allowed
        .lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let path = line.split_whitespace().next()?;
            (!path.starts_with('#')).then_some((index + 1, path))
        })
        .collect();
    let long = |file: &&SourceFile| file.is_rust() && file.text.lines().count() > LINES_MAX;
    let too_long = files.iter().filter(long).filter(|file| !allowed.iter().any(|(_, path)| *path == file.path));
    let stale = allowed.iter().filter(|(_, path)| !files.iter().filter(long).any(|file| file.path == *path));

    too_long
        .map(|file| {
            let count = file.text.lines().count();
            let message = format!("{count} lines, {LINES_MAX} at most: cut a door to the next room");
            Finding::new(&file.path, LINES_MAX + 1, RULE, message)
        })
        .chain(
            stale
                .map(|(line, path)| Finding::new(ALLOWED, *line, RULE, format!("`{path}` is not long: strike it out"))),
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, lines: usize) -> SourceFile {
        SourceFile { path: path.to_owned(), text: "x\n".repeat(lines) }
    }

    /// 500 lines pass, 501 do not unless reviewed, and a review that is no longer needed is struck out.
    #[test]
    fn a_long_file_needs_a_review() {
        assert_eq!(check(&[file("a.rs", 500), file("a.md", 900)], ""), []);
        assert_eq!(check(&[file("a.rs", 501)], "# none\n").len(), 1);
        assert_eq!(check(&[file("a.rs", 501)], "a.rs a table, read as one page\n"), []);
        assert_eq!(check(&[file("a.rs", 10)], "a.rs a table, read as one page\n").len(), 1);
    }
}
