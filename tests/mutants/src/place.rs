//! Puts mutants into one file.
//!
//! An expression becomes `(if live(7) { the mutant } else if live(8) { .. } else { the original
//! })`; the mutant is the plain text of the original but for its operator, as no other mutant is
//! live then. A body begins with `if live(9) { return ..; }`. Lines stay where they are.

use crate::source::{Positions, sites};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// One entry of the list.
#[derive(Deserialize)]
pub struct Mutant {
    pub file: String,
    pub genre: String,
    pub replacement: String,
    pub span: Span,
}

#[derive(Deserialize)]
pub struct Span {
    pub start: Position,
    pub end: Position,
}

/// Both from 1.
#[derive(Deserialize)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// Where a mutant stands now.
#[derive(Serialize)]
pub struct Placed {
    pub number: u32,
    pub file: String,
    /// First and last byte of what was added for it.
    pub from: usize,
    pub to: usize,
    /// The line that it changes.
    pub line: usize,
}

/// Something to add at a byte of the original. `order` sorts what is added at the same byte.
struct Addition {
    order: i64,
    text: String,
    /// Which mutant it is, where it is one.
    number: Option<(u32, usize)>,
}

/// The mutant of one operator: its number, and where the operator stands.
type OfOperator<'a> = (u32, &'a Mutant, Range<usize>);

fn live(number: u32) -> String {
    format!("crate::mutant_is_live({number})")
}

/// One line: what follows keeps its line number.
fn flat(text: &str) -> String {
    let without_comments = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    without_comments.collect::<Vec<_>>().join(" ")
}

/// The new text, and the mutants in it.
///
/// # Errors
/// The text is no Rust.
pub fn place(text: &str, mutants: &[(u32, Mutant)]) -> syn::Result<(String, Vec<Placed>)> {
    let positions = Positions::of(text);
    let sites = sites(text, &positions)?;
    let mut additions: BTreeMap<usize, Vec<Addition>> = BTreeMap::new();
    let mut of_expression = BTreeMap::<(usize, usize), Vec<OfOperator>>::new();
    for (number, mutant) in mutants {
        let byte =
            |position: &Position| positions.byte(position.line, position.column.checked_sub(1)?);
        let (Some(start), Some(end)) = (byte(&mutant.span.start), byte(&mutant.span.end)) else {
            continue;
        };
        match mutant.genre.as_str() {
            "FnValue" if sites.bodies.contains(&start) => {
                let text =
                    format!("if {} {{ return {}; }} ", live(*number), flat(&mutant.replacement));
                // Before whatever is put around the first expression.
                let order = i64::MIN + i64::from(*number);
                additions.entry(start).or_default().push(Addition {
                    order,
                    text,
                    number: Some((*number, mutant.span.start.line)),
                });
            }
            "BinaryOperator" | "UnaryOperator" => {
                if let Some(whole) = sites.expressions.get(&start) {
                    of_expression.entry((whole.start, whole.end)).or_default().push((
                        *number,
                        mutant,
                        start..end,
                    ));
                }
            }
            _ => (),
        }
    }
    for ((start, end), mutants) in of_expression {
        let length = (end - start) as i64;
        let mut before = additions.remove(&start).unwrap_or_default();
        for (at, (number, mutant, operator)) in mutants.iter().enumerate() {
            let opening = if at == 0 { "(if" } else { "} else if" };
            let changed =
                [&text[start..operator.start], &mutant.replacement, &text[operator.end..end]]
                    .concat();
            let text = format!("{opening} {} {{ {} ", live(*number), flat(&changed));
            // The longest expression that begins here is the outermost; its alternatives keep their
            // order.
            before.push(Addition {
                order: -length * 1000 + at as i64,
                text,
                number: Some((*number, mutant.span.start.line)),
            });
        }
        before.push(Addition {
            order: -length * 1000 + 999,
            text: "} else { ".to_owned(),
            number: None,
        });
        additions.insert(start, before);
        // At an end the shortest closes first. Nothing begins where an expression ends.
        additions.entry(end).or_default().push(Addition {
            order: length,
            text: " })".to_owned(),
            number: None,
        });
    }

    let mut out = String::with_capacity(text.len() * 4);
    let mut placed = Vec::new();
    let mut done = 0;
    for (at, mut here) in additions {
        out.push_str(&text[done..at]);
        done = at;
        here.sort_by_key(|addition| addition.order);
        for Addition { text, number, .. } in here {
            let from = out.len();
            out.push_str(&text);
            if let Some((number, line)) = number {
                let file =
                    mutants.first().map(|(_, mutant)| mutant.file.clone()).unwrap_or_default();
                placed.push(Placed { number, file, from, to: out.len(), line });
            }
        }
    }
    out.push_str(&text[done..]);
    Ok((out, placed))
}
