//! A script is all there is: nothing can be imported.

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::{Declared, Module};
use rquickjs::{Ctx, Exception, Result};

/// Refuses every module by a sentence that the script's author understands.
pub(crate) struct NoModules;

impl NoModules {
    fn refuse(ctx: &Ctx<'_>) -> rquickjs::Error {
        Exception::throw_type(ctx, "import is not offered to actions: bundle what the script needs")
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
