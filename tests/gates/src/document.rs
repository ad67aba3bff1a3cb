//! Tables and sentences of a document in Markdown.

/// Cells of the table whose first row begins with this title, row by row, without the head.
pub fn table(document: &str, title: &str) -> Vec<Vec<String>> {
    let head = format!("| {title} |");
    let rows = document
        .lines()
        .skip_while(|line| !line.starts_with(&head))
        .take_while(|line| line.starts_with('|'));
    rows.skip(2).map(cells).collect()
}

fn cells(row: &str) -> Vec<String> {
    row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
}

/// The text in one line: where a paragraph breaks decides nothing.
pub fn flat(document: &str) -> String {
    document.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lines of prose with their numbers: neither tables nor what stands between fences.
pub fn prose(document: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    document.lines().enumerate().map(|(index, line)| (index + 1, line)).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fence && !fenced && !line.starts_with('|')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str =
        "A\nline.\n\n| what | limit |\n|---|---|\n| time | 30 s |\n\n```\nx\n```\n";

    #[test]
    fn a_table_is_its_rows_below_the_head() {
        assert_eq!(table(DOCUMENT, "what"), [["time", "30 s"]]);
        assert!(table(DOCUMENT, "which").is_empty());
    }

    #[test]
    fn prose_is_neither_table_nor_code() {
        let lines: Vec<_> = prose(DOCUMENT).filter(|(_, line)| !line.is_empty()).collect();
        assert_eq!(lines, [(1, "A"), (2, "line.")]);
    }
}
