//! What the engine lacks of the web's platform: time, random numbers, text and URLs.

use std::time::Instant;

use rquickjs::prelude::Opt;
use rquickjs::{Ctx, Exception, Function, Object, Result, TypedArray};
use url::{Url, quirks};

/// The largest block of random bytes that a script takes at once.
const RANDOM_BYTES_MAX: usize = 65536;

/// Adds the functions to `host`.
pub(super) fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    let define = |name: &str, function: Result<Function<'js>>| host.set(name, function?);
    let start = Instant::now();
    define("now", Function::new(ctx.clone(), move || start.elapsed().as_secs_f64() * 1000.0))?;
    define("random", Function::new(ctx.clone(), random))?;
    define("uniform", Function::new(ctx.clone(), uniform))?;
    define("utf8Encode", Function::new(ctx.clone(), utf8_encode))?;
    define("utf8Decode", Function::new(ctx.clone(), utf8_decode))?;
    define("parseUrl", Function::new(ctx.clone(), parse_url))?;
    define("changeUrl", Function::new(ctx.clone(), change_url))?;
    define("parseForm", Function::new(ctx.clone(), parse_form))?;
    define("printForm", Function::new(ctx.clone(), print_form))
}

fn random<'js>(ctx: Ctx<'js>, length: usize) -> Result<TypedArray<'js, u8>> {
    let mut bytes = vec![0; length.min(RANDOM_BYTES_MAX)];
    getrandom::fill(&mut bytes).map_err(|_| Exception::throw_message(&ctx, "no random bytes"))?;
    TypedArray::new(ctx, bytes)
}

/// At least 0 and below 1: a random fraction of as many bits as a number of JavaScript holds.
fn uniform(ctx: Ctx<'_>) -> Result<f64> {
    let bits = getrandom::u64().map_err(|_| Exception::throw_message(&ctx, "no random bytes"))?
        >> (64 - f64::MANTISSA_DIGITS);
    Ok(bits as f64 / (1_u64 << f64::MANTISSA_DIGITS) as f64)
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

/// `undefined` for what is no URL.
fn parse_url<'js>(
    ctx: Ctx<'js>,
    url: String,
    base: Opt<Option<String>>,
) -> Result<Option<Object<'js>>> {
    let base = match base.0.flatten().map(|base| Url::parse(&base)).transpose() {
        Ok(base) => base,
        Err(_) => return Ok(None),
    };
    let Ok(url) = Url::options().base_url(base.as_ref()).parse(&url) else { return Ok(None) };
    parts(ctx, &url).map(Some)
}

/// The parts of the URL after one of them was set. What the standard does not accept changes
/// nothing.
fn change_url<'js>(ctx: Ctx<'js>, url: String, part: String, value: String) -> Result<Object<'js>> {
    let mut url =
        Url::parse(&url).map_err(|error| Exception::throw_type(&ctx, &error.to_string()))?;
    match part.as_str() {
        "protocol" => quirks::set_protocol(&mut url, &value).unwrap_or_default(),
        "username" => quirks::set_username(&mut url, &value).unwrap_or_default(),
        "password" => quirks::set_password(&mut url, &value).unwrap_or_default(),
        "host" => quirks::set_host(&mut url, &value).unwrap_or_default(),
        "hostname" => quirks::set_hostname(&mut url, &value).unwrap_or_default(),
        "port" => quirks::set_port(&mut url, &value).unwrap_or_default(),
        "pathname" => quirks::set_pathname(&mut url, &value),
        "search" => quirks::set_search(&mut url, &value),
        "hash" => quirks::set_hash(&mut url, &value),
        _ => {}
    }
    parts(ctx, &url)
}

/// The parts of a URL, under their names in the URL standard.
fn parts<'js>(ctx: Ctx<'js>, url: &Url) -> Result<Object<'js>> {
    let parts = Object::new(ctx)?;
    parts.set("origin", url.origin().ascii_serialization())?;
    parts.set("href", quirks::href(url))?;
    parts.set("protocol", quirks::protocol(url))?;
    parts.set("username", quirks::username(url))?;
    parts.set("password", quirks::password(url))?;
    parts.set("host", quirks::host(url))?;
    parts.set("hostname", quirks::hostname(url))?;
    parts.set("port", quirks::port(url))?;
    parts.set("pathname", quirks::pathname(url))?;
    parts.set("search", quirks::search(url))?;
    parts.set("hash", quirks::hash(url))?;
    Ok(parts)
}

fn parse_form(text: String) -> Vec<Vec<String>> {
    url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| vec![name.into_owned(), value.into_owned()])
        .collect()
}

fn print_form(names_and_values: Vec<String>) -> String {
    let pairs = names_and_values.as_chunks().0.iter().map(|[name, value]| (name, value));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
