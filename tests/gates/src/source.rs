//! Constants and defaults in the source, by name.

use crate::tree;

/// One file of a crate's library or programs, without comments and unit tests.
pub struct Source {
    /// The crate's folder under `crates`.
    pub owner: String,
    /// Below the root of the repository.
    pub path: String,
    /// Code alone.
    pub code: String,
}

/// Every file of every crate, but for tests and what only tests compile.
pub fn sources() -> Vec<Source> {
    let of_crate = |owner: String| {
        let files = tree::files(&format!("crates/{owner}/src"), &["rs"]);
        let product = files.into_iter().filter(|path| !is_for_tests(path));
        product
            .map(|path| Source { owner: owner.clone(), code: code(&tree::read(&path)), path })
            .collect::<Vec<_>>()
    };
    tree::folders("crates").into_iter().flat_map(of_crate).collect()
}

fn is_for_tests(path: &str) -> bool {
    path.split(['/', '.']).any(|part| matches!(part, "tests" | "testing" | "support"))
}

/// Unit tests stand at the end of a file.
fn code(source: &str) -> String {
    let product = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = product.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The value of a constant `NAME`, or of a field `Type.name` as `Type`'s constructor sets it. A
/// name in several crates is written `crate::NAME`. Times are milliseconds.
///
/// # Errors
/// No place defines it, several do, or its value is none that this module can compute.
pub fn value(sources: &[Source], name: &str) -> Result<u64, String> {
    let (owner, name) = match name.split_once("::") {
        Some((owner, name)) => (Some(owner), name),
        None => (None, name),
    };
    let here = sources.iter().filter(|source| owner.is_none_or(|owner| source.owner == owner));
    let found: Vec<_> = match name.split_once('.') {
        Some((owner, field)) => here.filter_map(|source| default(source, owner, field)).collect(),
        None => here.flat_map(|source| constants(source, name)).collect(),
    };
    match found.as_slice() {
        [only] => evaluate(only).ok_or_else(|| format!("{name} = {only}: not understood")),
        [] => Err(format!("{name} is not defined")),
        more => Err(format!("{name} is defined {} times", more.len())),
    }
}

fn constants(source: &Source, name: &str) -> Vec<String> {
    let definition = format!("const {name}: ");
    let behind = source.code.split(&definition).skip(1);
    behind.filter_map(|text| Some(text.split_once('=')?.1.split_once(';')?.0.to_owned())).collect()
}

fn default(source: &Source, owner: &str, field: &str) -> Option<String> {
    let starts = [format!("impl Default for {owner} {{"), format!("impl {owner} {{")];
    let body =
        starts.iter().find_map(|start| source.code.split_once(start)).map(|(_, body)| body)?;
    let body = body.split_once("\n}\n").map_or(body, |(body, _)| body);
    let set = format!("\n            {field}: ");
    body.split_once(&set)?.1.split_once(",\n").map(|(value, _)| value.to_owned())
}

/// Sums of products of shifts of literals, and times made of them.
fn evaluate(expression: &str) -> Option<u64> {
    let expression = expression.trim();
    for (made, factor) in [
        ("Duration::from_millis(", 1),
        ("Duration::from_secs(", 1_000),
        ("Duration::seconds(", 1_000),
        ("Duration::minutes(", 60_000),
        ("Duration::days(", 24 * 3_600_000),
    ] {
        if let Some(inside) = expression.strip_prefix(made) {
            return evaluate(inside.strip_suffix(')')?)?.checked_mul(factor);
        }
    }
    if let Some((left, right)) = expression.split_once('+') {
        return evaluate(left)?.checked_add(evaluate(right)?);
    }
    if let Some((left, right)) = expression.split_once("<<") {
        return evaluate(left)?.checked_shl(u32::try_from(evaluate(right)?).ok()?);
    }
    if let Some((left, right)) = expression.split_once('*') {
        return evaluate(left)?.checked_mul(evaluate(right)?);
    }
    expression.replace('_', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(code: &str) -> Source {
        Source { owner: "node".into(), path: "a.rs".into(), code: super::code(code) }
    }

    #[test]
    fn expressions_of_constants_have_their_value() {
        assert_eq!(evaluate("16 * 1024 * 1024"), Some(16 << 20));
        assert_eq!(evaluate("64 << 10"), Some(64 << 10));
        assert_eq!(evaluate("24 * 3_600_000"), Some(86_400_000));
        assert_eq!(evaluate("Duration::from_secs(10 * 60)"), Some(600_000));
        assert_eq!(evaluate("OTHER"), None);
    }

    #[test]
    fn a_constant_counts_once_and_outside_comments_and_tests() {
        let source = source(
            "// const A: u8 = 1;\nconst A: u8 = 2;\n#[cfg(test)]\nmod tests {\nconst A: u8 = 3;\n}",
        );
        assert_eq!(value(&[source], "A"), Ok(2));
        let twice = self::source("const A: u8 = 1;\nmod b {\n    pub const A: u8 = 1;\n}");
        assert!(value(&[twice], "A").is_err());
        assert!(value(&[], "A").is_err());
    }

    #[test]
    fn a_default_is_that_of_its_own_type() {
        let source = source(
            "impl Default for Other {\n    fn default() -> Self {\n        Self {\n            \
             time: 1,\n        }\n    }\n}\nimpl Default for Limits {\n    fn default() -> Self \
             {\n        Self {\n            time: Duration::from_secs(30),\n        }\n    }\n}\n",
        );
        assert_eq!(value(&[source], "Limits.time"), Ok(30_000));
    }
}
