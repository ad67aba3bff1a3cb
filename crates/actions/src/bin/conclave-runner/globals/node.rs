//! What goes to the node: log lines, the response and calls.

use std::cell::Cell;
use std::rc::Rc;

use conclave_actions::protocol::{
    Call, FetchRequest, FromRunner, NAME_BYTES_MAX, PERSONAL_MESSAGE_BYTES_MAX, Redirect, SignKind,
    SignRequest,
};
use rquickjs::prelude::Opt;
use rquickjs::{Ctx, Exception, Function, Object, Result};

use super::{Response, TextLimits};
use crate::link::Link;

/// Adds the functions to `host`. Those that call return the number of the call.
pub(super) fn define<'js>(
    ctx: &Ctx<'js>,
    host: &Object<'js>,
    link: Link,
    limits: Rc<TextLimits>,
    response: Response,
) -> Result<()> {
    let define = |name: &str, function: Result<Function<'js>>| host.set(name, function?);
    let (to_node, at_most) = (link.clone(), limits.clone());
    define("log", Function::new(ctx.clone(), move |line: String| log(&to_node, &at_most, line)))?;
    let to_node = link.clone();
    define(
        "respond",
        Function::new(ctx.clone(), move |text: String| respond(&to_node, &limits, &response, text)),
    )?;

    let calls = Calls { link, last: Rc::default() };
    let sent = calls.clone();
    let ask = move |ctx: Ctx<'js>, call: String| {
        let call = serde_json::from_str(&call)
            .map_err(|error| Exception::throw_type(&ctx, &error.to_string()))?;
        sent.send(&ctx, call)
    };
    define("ask", Function::new(ctx.clone(), ask))?;
    let sent = calls.clone();
    let sign =
        move |ctx: Ctx<'js>, kind: String, bytes: String, public_key: String, name: String| {
            let call = sign_call(&ctx, &kind, &bytes, public_key, name)?;
            sent.send(&ctx, call)
        };
    define("sign", Function::new(ctx.clone(), sign))?;
    let fetch = move |ctx: Ctx<'js>,
                      url: String,
                      method: String,
                      headers: Vec<String>,
                      redirect: String,
                      body: Opt<Option<String>>| {
        let body = body.0.flatten().map(hex::decode).transpose();
        let body = body.map_err(|_| Exception::throw_type(&ctx, "invalid bytes"))?;
        let redirect = if redirect == "error" { Redirect::Error } else { Redirect::Follow };
        calls.send(
            &ctx,
            Call::Fetch(FetchRequest { url, method, headers: pairs(headers), body, redirect }),
        )
    };
    define("fetch", Function::new(ctx.clone(), fetch))
}

/// Numbers calls and sends them.
#[derive(Clone)]
struct Calls {
    link: Link,
    last: Rc<Cell<u32>>,
}

impl Calls {
    /// The node judges what is asked; what is too long for a frame never gets there.
    fn send(&self, ctx: &Ctx<'_>, call: Call) -> Result<u32> {
        let id = self.last.get() + 1;
        let sent = self.link.try_send(&FromRunner::Call { id, call });
        sent.map_err(|_| Exception::throw_type(ctx, "the request is too long"))?;
        self.last.set(id);
        Ok(id)
    }
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

fn sign_call(
    ctx: &Ctx<'_>,
    kind: &str,
    bytes: &str,
    public_key: String,
    name: String,
) -> Result<Call> {
    let bytes = hex::decode(bytes).map_err(|_| Exception::throw_type(ctx, "invalid bytes"))?;
    for (field, text) in [("publicKey", &public_key), ("sigName", &name)] {
        if text.len() > NAME_BYTES_MAX {
            return Err(Exception::throw_type(
                ctx,
                &format!("{field} has at most {NAME_BYTES_MAX} bytes"),
            ));
        }
    }
    if kind == "personal" {
        if bytes.len() > PERSONAL_MESSAGE_BYTES_MAX {
            let message =
                format!("a message to sign has at most {PERSONAL_MESSAGE_BYTES_MAX} bytes");
            return Err(Exception::throw_type(ctx, &message));
        }
        return Ok(Call::Sign(SignRequest {
            kind: SignKind::PersonalMessage(bytes),
            public_key,
            name,
        }));
    }
    let digest =
        bytes.try_into().map_err(|_| Exception::throw_type(ctx, "a digest has 32 bytes"))?;
    let request = SignRequest { kind: SignKind::Raw(digest), public_key, name };
    Ok(if kind == "combined" { Call::SignAndCombine(request) } else { Call::Sign(request) })
}

fn pairs(flat: Vec<String>) -> Vec<(String, String)> {
    let mut flat = flat.into_iter();
    std::iter::from_fn(|| flat.next().zip(flat.next())).collect()
}
