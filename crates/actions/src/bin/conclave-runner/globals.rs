//! What scripts find in their global scope, and the functions of the runner that stand behind it.

mod modules;
mod node;
mod platform;

use std::cell::Cell;
use std::rc::Rc;

use rquickjs::context::EvalOptions;
use rquickjs::{Ctx, Function, IntoJs, Object, Persistent, Result, Value};

use crate::link::Link;
use crate::primitives;
pub(crate) use modules::{NoModules, refused_statement};

/// Both are known only once an action has started.
#[derive(Default)]
pub(crate) struct TextLimits {
    pub(crate) response_bytes: Cell<usize>,
    /// How much may still be logged.
    pub(crate) log_bytes: Cell<usize>,
}

/// The functions of the global scope that the engine itself calls.
#[derive(Clone)]
pub(crate) struct Hooks {
    pub(crate) start: Persistent<Function<'static>>,
    pub(crate) describe: Persistent<Function<'static>>,
    pub(crate) actions: Persistent<Object<'static>>,
    pub(crate) headers: Persistent<Object<'static>>,
    pub(crate) calls: Persistent<Object<'static>>,
    pub(crate) timers: Persistent<Object<'static>>,
}

/// What the last `setResponse` gave.
pub(crate) type Response = Rc<std::cell::RefCell<String>>;

/// Evaluates a file of `globals/`, which is a function, and calls it.
macro_rules! part {
    ($ctx:expr, $name:literal $(, $argument:expr)*) => {
        $ctx.eval::<Function, _>(include_str!(concat!("globals/", $name, ".js")))?.call(($($argument.clone(),)*))?
    };
}

/// Fills the global scope.
pub(crate) fn install(
    ctx: &Ctx<'_>,
    link: Link,
    limits: Rc<TextLimits>,
    response: Response,
) -> Result<Hooks> {
    let globals = ctx.globals();
    for name in ["global", "self"] {
        define(ctx, name, globals.clone())?;
    }
    let host = Object::new(ctx.clone())?;
    node::define(ctx, &host, link, limits, response)?;
    platform::define(ctx, &host)?;
    let primitives = primitives::object(ctx)?;

    let bytes: Object = part!(ctx, "bytes");
    let calls: Object = part!(ctx, "calls");
    let console: Object = part!(ctx, "console", host, bytes);
    let timers: Object = part!(ctx, "timers", host);
    let events: Object = part!(ctx, "events", timers);
    let text: Object = part!(ctx, "text", host, bytes);
    let crypto: Object = part!(ctx, "crypto", host, primitives, bytes);
    let clone: Object = part!(ctx, "clone");
    let url: Object = part!(ctx, "url", host, bytes);
    let headers: Object = part!(ctx, "headers");
    let refusals: Object = part!(ctx, "refusals");
    for part in [&console, &timers, &events, &text, &crypto, &clone, &url, &headers, &refusals] {
        define_all(ctx, part)?;
    }
    let encodings: Object = part!(ctx, "encodings", bytes, globals);
    let messages: Object = part!(ctx, "messages", bytes, globals);
    let fetch: Object = part!(ctx, "fetch", host, bytes, calls, messages);
    let keys: Object = part!(ctx, "jwt/keys", primitives, bytes, globals);
    let format: Object = part!(ctx, "jwt/format", globals);
    let verify: Function = part!(ctx, "jwt/verify", keys, format);
    let sign: Function = part!(ctx, "jwt/sign", keys, format);
    let jwt: Object = part!(ctx, "jwt", format, verify, sign);
    for part in [&encodings, &messages, &fetch, &jwt] {
        define_all(ctx, part)?;
    }
    let actions: Object = part!(ctx, "lit", host, primitives, bytes, calls, console, encodings);
    let describe: Function = part!(ctx, "describe", calls, console, bytes);
    let start: Function = ctx.eval(include_str!("globals/start.js"))?;

    define(ctx, "ethers", ethers(ctx, &primitives)?)?;
    let _: () = part!(ctx, "generation");
    Ok(Hooks {
        start: Persistent::save(ctx, start),
        describe: Persistent::save(ctx, describe),
        actions: Persistent::save(ctx, actions),
        headers: Persistent::save(ctx, headers),
        calls: Persistent::save(ctx, calls),
        timers: Persistent::save(ctx, timers),
    })
}

fn define_all<'js>(ctx: &Ctx<'js>, part: &Object<'js>) -> Result<()> {
    for entry in part.get::<_, Object>("globals")?.props::<String, Value>() {
        let (name, value) = entry?;
        define(ctx, &name, value)?;
    }
    Ok(())
}

/// Defined as the engine defines its own globals: not enumerable, and free for a script to declare
/// anew.
fn define<'js>(ctx: &Ctx<'js>, name: &str, value: impl IntoJs<'js>) -> Result<()> {
    ctx.globals()
        .prop(name, rquickjs::object::Property::from(value.into_js(ctx)?).writable().configurable())
}

/// The bundle declares a variable; a function around it keeps that from becoming a global that no
/// script could redeclare.
fn ethers<'js>(ctx: &Ctx<'js>, primitives: &Object<'js>) -> Result<Object<'js>> {
    const BUNDLE: &str =
        concat!("(function () {", include_str!(env!("ETHERS_BUNDLE")), "\nreturn ethers\n})()");
    const PRIMITIVES: &str = "__primitives";
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some("ethers".to_owned());
    ctx.globals().set(PRIMITIVES, primitives.clone())?;
    let ethers = ctx.eval_with_options(BUNDLE, options)?;
    ctx.globals().remove(PRIMITIVES)?;
    Ok(ethers)
}
