//! Every error code of the catalogue has a place that gives it.

use conclave_gates::source::{Source, sources};
use conclave_wire::ErrorCode;

const CATALOGUE: &str = "crates/wire/src/error/catalogue.rs";

/// Whether code gives this value, rather than comparing something with it or matching on it.
fn gives(source: &Source, variant: &str) -> bool {
    let name = format!("ErrorCode::{variant}");
    source.code.match_indices(&name).any(|(at, _)| {
        let before = source.code.get(..at).unwrap_or_default().trim_end();
        let behind = source.code.get(at + name.len()..).unwrap_or_default();
        let whole = !behind.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let behind = behind.trim_start();
        let compared = before.ends_with("==") || before.ends_with("!=");
        let pattern = behind.starts_with("=>")
            || behind.starts_with("if ")
            || (behind.starts_with('|') && !behind.starts_with("||"))
            || before.ends_with('|');
        whole && !compared && !pattern
    })
}

#[test]
fn every_code_is_given_somewhere_outside_the_catalogue() {
    let sources: Vec<_> = sources().into_iter().filter(|source| source.path != CATALOGUE).collect();
    let unheard: Vec<_> = ErrorCode::ALL
        .iter()
        .map(|code| format!("{code:?}"))
        .filter(|variant| !sources.iter().any(|source| gives(source, variant)))
        .collect();
    assert!(unheard.is_empty(), "no code gives {unheard:?}");
}

#[test]
fn a_pattern_and_a_comparison_give_nothing() {
    let gives = |code: &str| {
        gives(&Source { owner: "a".into(), path: "a".into(), code: code.into() }, "Overload")
    };
    assert!(gives("Failure::new(ErrorCode::Overload, text)"));
    assert!(gives("Kind::Busy => ErrorCode::Overload,"));
    assert!(!gives("ErrorCode::Overload => true"));
    assert!(!gives("matches!(code, ErrorCode::Retry | ErrorCode::Overload)"));
    assert!(!gives("code == ErrorCode::Overload"));
    assert!(!gives("ErrorCode::Overloaded"));
}
