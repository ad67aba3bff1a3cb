//! What scripts find in their global scope, and the functions of the runner that stand behind it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use conclave_actions::protocol::{
    Call, FetchRequest, FromRunner, NAME_BYTES_MAX, PERSONAL_MESSAGE_BYTES_MAX, REQUEST_BODY_BYTES_MAX, SignKind, SignRequest,
};
use rquickjs::prelude::Opt;
use rquickjs::{Ctx, Exception, Function, IntoJs, Object, Persistent, Result, TypedArray, Value};
use url::Url;

use crate::link::Link;
use crate::primitives;

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
    pub(crate) calls: Persistent<Object<'static>>,
    pub(crate) timers: Persistent<Object<'static>>,
}

/// What the last `setResponse` gave.
pub(crate) type Response = Rc<std::cell::RefCell<String>>;

/// Fills the global scope.
pub(crate) fn install(ctx: &Ctx<'_>, link: Link, limits: Rc<TextLimits>, response: Response) -> Result<Hooks> {
    let globals = ctx.globals();
    for name in ["global", "self"] {
        define(ctx, name, globals.clone())?;
    }
    let host = host(ctx, link, limits, response)?;
    let bytes: Object = part(ctx, include_str!("globals/bytes.js"), ())?;
    let calls: Object = part(ctx, include_str!("globals/calls.js"), ())?;
    let console: Object = part(ctx, include_str!("globals/console.js"), (host.clone(), bytes.clone()))?;
    let timers: Object = part(ctx, include_str!("globals/timers.js"), (host.clone(),))?;
    let text: Object = part(ctx, include_str!("globals/text.js"), (host.clone(), bytes.clone()))?;
    let url: Object = part(ctx, include_str!("globals/url.js"), (host.clone(), bytes.clone()))?;
    for part in [&console, &timers, &text, &url] {
        define_all(ctx, part)?;
    }
    let fetch = (host.clone(), bytes.clone(), calls.clone(), globals.clone());
    define_all(ctx, &part(ctx, include_str!("globals/fetch.js"), fetch)?)?;
    let actions: Object = part(ctx, include_str!("globals/lit.js"), (host, bytes.clone(), calls.clone()))?;
    let describe: Function = part(ctx, include_str!("globals/describe.js"), (calls.clone(), console, bytes))?;
    let start: Function = ctx.eval(include_str!("globals/start.js"))?;

    define(ctx, "ethers", ethers(ctx)?)?;
    Ok(Hooks {
        start: Persistent::save(ctx, start),
        describe: Persistent::save(ctx, describe),
        actions: Persistent::save(ctx, actions),
        calls: Persistent::save(ctx, calls),
        timers: Persistent::save(ctx, timers),
    })
}

/// Evaluates a file of `globals/`, which is a function, and calls it.
fn part<'js, A, R>(ctx: &Ctx<'js>, source: &str, arguments: A) -> Result<R>
where
    A: rquickjs::function::IntoArgs<'js>,
    R: rquickjs::FromJs<'js>,
{
    ctx.eval::<Function, _>(source)?.call(arguments)
}

fn define_all<'js>(ctx: &Ctx<'js>, part: &Object<'js>) -> Result<()> {
    for entry in part.get::<_, Object>("globals")?.props::<String, Value>() {
        let (name, value) = entry?;
        define(ctx, &name, value)?;
    }
    Ok(())
}

/// Defined as the engine defines its own globals: not enumerable, and free for a script to declare anew.
fn define<'js>(ctx: &Ctx<'js>, name: &str, value: impl IntoJs<'js>) -> Result<()> {
    ctx.globals().prop(name, rquickjs::object::Property::from(value.into_js(ctx)?).writable().configurable())
}

/// The bundle declares a variable; a function around it keeps that from becoming a global that no script could redeclare.
fn ethers<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    const BUNDLE: &str = concat!("(function () {", include_str!(env!("ETHERS_BUNDLE")), "\nreturn ethers\n})()");
    const PRIMITIVES: &str = "__primitives";
    let options = rquickjs::context::EvalOptions::default();
    let options = {
        let mut options = options;
        options.strict = false;
        options.filename = Some("ethers".to_owned());
        options
    };
    ctx.globals().set(PRIMITIVES, primitives::object(ctx)?)?;
    let ethers = ctx.eval_with_options(BUNDLE, options)?;
    ctx.globals().remove(PRIMITIVES)?;
    Ok(ethers)
}

fn host<'js>(ctx: &Ctx<'js>, link: Link, limits: Rc<TextLimits>, response: Response) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    let define = |name: &str, function: Result<Function<'js>>| host.set(name, function?);
    let start = Instant::now();
    define("now", Function::new(ctx.clone(), move || start.elapsed().as_secs_f64() * 1000.0))?;
    define("random", Function::new(ctx.clone(), random))?;
    define("utf8Encode", Function::new(ctx.clone(), utf8_encode))?;
    define("utf8Decode", Function::new(ctx.clone(), utf8_decode))?;
    define("parseUrl", Function::new(ctx.clone(), parse_url))?;
    define("parseForm", Function::new(ctx.clone(), parse_form))?;
    define("printForm", Function::new(ctx.clone(), print_form))?;

    let to_node = link.clone();
    let at_most = limits.clone();
    define("log", Function::new(ctx.clone(), move |line: String| log(&to_node, &at_most, line)))?;
    let to_node = link.clone();
    define("respond", Function::new(ctx.clone(), move |text: String| respond(&to_node, &limits, &response, text)))?;

    let number = Rc::new(Cell::new(0));
    let call = {
        let number = number.clone();
        move |call| {
            number.set(number.get() + 1);
            link.send(&FromRunner::Call { id: number.get(), call });
            number.get()
        }
    };
    let send = call.clone();
    define(
        "sign",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, kind: String, bytes: String, public_key: String, name: String| {
            let kind = sign_kind(&ctx, &kind, &bytes)?;
            check_name(&ctx, "publicKey", &public_key)?;
            check_name(&ctx, "sigName", &name)?;
            Ok::<_, rquickjs::Error>(send(Call::Sign(SignRequest { kind, public_key, name })))
        }),
    )?;
    define(
        "fetch",
        Function::new(
            ctx.clone(),
            move |ctx: Ctx<'js>, url: String, method: String, headers: Vec<String>, body: Opt<Option<String>>| {
                let request = fetch_request(&ctx, url, method, headers, body.0.flatten())?;
                Ok::<_, rquickjs::Error>(call(Call::Fetch(request)))
            },
        ),
    )?;
    Ok(host)
}

/// What goes past the limit is cut off one byte after it, so that the node sees that it did.
fn log(link: &Link, limits: &TextLimits, mut line: String) {
    let left = limits.log_bytes.get();
    line.truncate(line.ceil_char_boundary(left + 1));
    limits.log_bytes.set(left.saturating_sub(line.len()));
    link.send(&FromRunner::Log(line));
}

/// A response that is too long ends the action; the node sees that it is.
fn respond(link: &Link, limits: &TextLimits, response: &Response, mut text: String) {
    let most = limits.response_bytes.get();
    if text.len() > most {
        text.truncate(text.ceil_char_boundary(most + 1));
        link.send(&FromRunner::Done(Ok(text)));
        std::process::exit(0);
    }
    *response.borrow_mut() = text;
}

fn sign_kind(ctx: &Ctx<'_>, kind: &str, bytes: &str) -> Result<SignKind> {
    let bytes = hex::decode(bytes).map_err(|_| Exception::throw_type(ctx, "invalid bytes"))?;
    if kind == "personal" {
        if bytes.len() > PERSONAL_MESSAGE_BYTES_MAX {
            let message = format!("a message to sign has at most {PERSONAL_MESSAGE_BYTES_MAX} bytes");
            return Err(Exception::throw_type(ctx, &message));
        }
        return Ok(SignKind::PersonalMessage(bytes));
    }
    bytes.try_into().map(SignKind::Raw).map_err(|_| Exception::throw_type(ctx, "a digest has 32 bytes"))
}

/// The node judges names too; beyond, the frame itself would be refused.
fn check_name(ctx: &Ctx<'_>, field: &str, name: &str) -> Result<()> {
    match name.len() <= NAME_BYTES_MAX {
        true => Ok(()),
        false => Err(Exception::throw_type(ctx, &format!("{field} has at most {NAME_BYTES_MAX} bytes"))),
    }
}

fn fetch_request(ctx: &Ctx<'_>, url: String, method: String, headers: Vec<String>, body: Option<String>) -> Result<FetchRequest> {
    let body = body.map(hex::decode).transpose().map_err(|_| Exception::throw_type(ctx, "invalid bytes"))?;
    let headers = pairs(headers);
    let request = FetchRequest { url, method, headers, body };
    let body_bytes = request.body.as_ref().map_or(0, Vec::len);
    let other_bytes: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    // The node judges these too; beyond, the frame itself would be refused.
    if body_bytes > REQUEST_BODY_BYTES_MAX || other_bytes + request.url.len() + request.method.len() > HEAD_BYTES_MAX {
        return Err(Exception::throw_type(ctx, "the request is too long"));
    }
    Ok(request)
}

/// The longest URL, method and headers of a request together, in bytes.
const HEAD_BYTES_MAX: usize = 256 * 1024;

/// The largest block of random bytes that a script takes at once.
const RANDOM_BYTES_MAX: usize = 65536;

fn random<'js>(ctx: Ctx<'js>, length: usize) -> Result<TypedArray<'js, u8>> {
    let mut bytes = vec![0; length.min(RANDOM_BYTES_MAX)];
    getrandom::fill(&mut bytes).map_err(|_| Exception::throw_message(&ctx, "no random bytes"))?;
    TypedArray::new(ctx, bytes)
}

fn utf8_encode<'js>(ctx: Ctx<'js>, text: String) -> Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx, text.into_bytes())
}

fn utf8_decode(ctx: Ctx<'_>, bytes: String, fatal: bool) -> Result<Option<String>> {
    let bytes = hex::decode(bytes).map_err(|_| Exception::throw_type(&ctx, "invalid bytes"))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) if fatal => Ok(None),
        Err(error) => Ok(Some(String::from_utf8_lossy(error.as_bytes()).into_owned())),
    }
}

/// The parts of a URL, under their names in the URL standard; `undefined` for what is none.
fn parse_url<'js>(ctx: Ctx<'js>, url: String, base: Opt<Option<String>>) -> Result<Option<Object<'js>>> {
    let base = match base.0.flatten().map(|base| Url::parse(&base)).transpose() {
        Ok(base) => base,
        Err(_) => return Ok(None),
    };
    let Ok(url) = Url::options().base_url(base.as_ref()).parse(&url) else { return Ok(None) };
    let parts = Object::new(ctx)?;
    parts.set("origin", url.origin().ascii_serialization())?;
    parts.set("href", url::quirks::href(&url))?;
    parts.set("protocol", url::quirks::protocol(&url))?;
    parts.set("username", url::quirks::username(&url))?;
    parts.set("password", url::quirks::password(&url))?;
    parts.set("host", url::quirks::host(&url))?;
    parts.set("hostname", url::quirks::hostname(&url))?;
    parts.set("port", url::quirks::port(&url))?;
    parts.set("pathname", url::quirks::pathname(&url))?;
    parts.set("search", url::quirks::search(&url))?;
    parts.set("hash", url::quirks::hash(&url))?;
    Ok(Some(parts))
}

fn parse_form(text: String) -> Vec<Vec<String>> {
    url::form_urlencoded::parse(text.as_bytes()).map(|(name, value)| vec![name.into_owned(), value.into_owned()]).collect()
}

fn print_form(names_and_values: Vec<String>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs(names_and_values)).finish()
}

fn pairs(flat: Vec<String>) -> Vec<(String, String)> {
    let mut flat = flat.into_iter();
    std::iter::from_fn(|| flat.next().zip(flat.next())).collect()
}
