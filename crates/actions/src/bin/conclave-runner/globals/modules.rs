//! A script is all there is: nothing can be imported.

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::{Declared, Module};
use rquickjs::{Ctx, Exception, Result};

/// Names the statement that a script, which is no module, cannot have on this line.
pub(crate) fn refused_statement(line: &str) -> Option<String> {
    let line = line.trim_start();
    let statement = ["import", "export"].into_iter().find(|word| {
        let after = line.strip_prefix(word).and_then(|rest| rest.chars().next());
        after.is_some_and(|after| !after.is_alphanumeric() && after != '_' && after != '$')
    })?;
    Some(refusal(statement))
}

fn refusal(statement: &str) -> String {
    format!("{statement} is not offered to actions: bundle what the script needs")
}

/// Refuses every module by a sentence that the script's author understands.
pub(crate) struct NoModules;

impl NoModules {
    fn refuse(ctx: &Ctx<'_>) -> rquickjs::Error {
        Exception::throw_type(ctx, &refusal("import"))
    }
}

impl Resolver for NoModules {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        _base: &str,
        _name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        Err(Self::refuse(ctx))
    }
}

impl Loader for NoModules {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        _name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        Err(Self::refuse(ctx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_modules_are_told_from_names_that_begin_like_them() {
        for line in
            ["import x from 'y'", "  import{x}from'y'", "import 'y'", "import * as x from 'y'"]
        {
            assert!(
                refused_statement(line)
                    .is_some_and(|sentence| sentence.starts_with("import is not offered")),
                "{line}"
            );
        }
        assert!(
            refused_statement("export default 1")
                .is_some_and(|sentence| sentence.starts_with("export is not offered"))
        );
        for line in ["", "imported = = 1", "import_ x", "exports.x = = 1", "x import"] {
            assert_eq!(refused_statement(line), None, "{line}");
        }
    }
}
