//! Writes the tables into docs/performance.md, each between its markers.

use crate::report::{self, GROWTH, PROFILE, SIDES, load};
use crate::tables;
use std::io;

/// Every report that there is; a table without one stays as it is.
///
/// # Errors
/// The page, or a marker in it, is missing.
pub fn write() -> io::Result<()> {
    let path = report::repository().join("docs/performance.md");
    let mut page = std::fs::read_to_string(&path)?;
    let tables = [
        (SIDES, load(SIDES).map(|report| tables::sides(&report))),
        (GROWTH, load(GROWTH).map(|report| tables::growth(&report))),
        (PROFILE, load(PROFILE).map(|report| tables::profile(&report))),
    ];
    for (name, table) in tables {
        if let Some(table) = table {
            page = replaced(&page, name, &table)
                .ok_or(io::Error::other(format!("no markers of {name} in {}", path.display())))?;
        }
    }
    std::fs::write(path, page)
}

fn replaced(page: &str, name: &str, table: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{table}{end}{after}"))
}
