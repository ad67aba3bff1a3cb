//! The JavaScript engine, and the loop that drives an action until nothing is left to do.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use conclave_actions::protocol::{
    self, CallError, Failure, FailureCause, FetchResponse, Reply, SCRIPT_NAME, Start, ToRunner,
    Turn,
};
use rquickjs::context::EvalOptions;
use rquickjs::{
    CatchResultExt, CaughtError, Context, Ctx, Function, Object, Persistent, Promise, Runtime,
    TypedArray, Value,
};

use crate::globals::{self, Hooks, NoModules, Response, TextLimits};
use crate::link::Link;

/// Stack of the engine; deeper recursion throws. The process has more.
const STACK_BYTES: usize = 1024 * 1024;

/// Heap that only describing an error may use, when the script has used up its own.
const RESERVE_BYTES: usize = 4 * 1024 * 1024;

/// Promises that were rejected before anyone listened, with their reasons.
type Rejections = Rc<RefCell<Vec<(Persistent<Value<'static>>, Persistent<Value<'static>>)>>>;

/// The engine with its global scope. Runs one script.
pub(crate) struct Engine {
    runtime: Runtime,
    context: Context,
    hooks: Hooks,
    link: Link,
    limits: Rc<TextLimits>,
    response: Response,
    rejections: Rejections,
}

impl Engine {
    /// Loads the engine, the globals and ethers.
    pub(crate) fn load(link: Link) -> Result<Self, Box<dyn std::error::Error>> {
        let runtime = Runtime::new()?;
        runtime.set_max_stack_size(STACK_BYTES);
        runtime.set_loader(NoModules, NoModules);
        let context = Context::full(&runtime)?;
        let limits = Rc::new(TextLimits::default());
        let response = Response::default();
        let hooks = context.with(|ctx| {
            // The C library looks for its time zone once, in files that the sandbox closes.
            let _: f64 =
                ctx.eval("new Date().getTimezoneOffset()").map_err(|error| error.to_string())?;
            globals::install(&ctx, link.clone(), limits.clone(), response.clone())
                .catch(&ctx)
                .map_err(|error| error.to_string())
        })?;
        let rejections = Rejections::default();
        let noted = rejections.clone();
        runtime.set_host_promise_rejection_tracker(Some(Box::new(
            move |ctx, promise, reason, is_handled| {
                let mut noted = noted.borrow_mut();
                if is_handled {
                    noted.retain(|(other, _)| {
                        other.clone().restore(&ctx).is_ok_and(|other| other != promise)
                    });
                } else {
                    noted.push((Persistent::save(&ctx, promise), Persistent::save(&ctx, reason)));
                }
            },
        )));
        Ok(Self { runtime, context, hooks, link, limits, response, rejections })
    }

    /// Uses the engine once inside the sandbox: what the sandbox would kill a script for, it kills
    /// this for.
    pub(crate) fn rehearse(&self) -> Result<(), Box<dyn std::error::Error>> {
        const USE: &str = "
            new ethers.Wallet('0x' + '01'.repeat(32))._signingKey().signDigest(ethers.utils.hashMessage(''))
            crypto.getRandomValues(new Uint8Array(32))
            new Array(100000).fill('x').join().length + Date.now() + Math.random()
        ";
        self.evaluate(USE)?;
        self.warm_up()
    }

    /// Does what most scripts do. The pages that it takes to do so are a new worker's own
    /// afterwards, and a script does not wait for them.
    pub(crate) fn warm_up(&self) -> Result<(), Box<dyn std::error::Error>> {
        const USE: &str = "
            ethers.utils.recoverAddress('0x' + '01'.repeat(32), { r: '0x' + '01'.repeat(32), s: '0x' + '01'.repeat(32), v: 27 })
            new ethers.utils.Interface(['function f(address a, uint256 n)']).encodeFunctionData('f', [ethers.constants.AddressZero, 1])
            ethers.utils.serializeTransaction({ type: 2, chainId: 1, nonce: 0, to: ethers.constants.AddressZero, data: '0x' })
        ";
        self.evaluate(USE)
    }

    fn evaluate(&self, script: &str) -> Result<(), Box<dyn std::error::Error>> {
        self.context
            .with(|ctx| ctx.eval::<(), _>(script).catch(&ctx).map_err(|error| error.to_string()))?;
        Ok(())
    }

    /// Runs the script and returns what it gave to `setResponse`.
    pub(crate) fn run(&self, start: Start) -> Result<String, Failure> {
        self.limits.response_bytes.set(start.response_bytes as usize);
        self.limits.log_bytes.set(start.log_bytes as usize);
        let memory_bytes = usize::try_from(start.memory_bytes).unwrap_or(usize::MAX);
        self.runtime.set_memory_limit(memory_bytes);
        let ended = self.context.with(|ctx| {
            self.drive(&ctx, start).map_err(|thrown| match thrown {
                Thrown::Value(value) => Ended::Threw(Persistent::save(&ctx, value)),
                Thrown::Parameter(name) => Ended::Failed(refused_parameter(name)),
                Thrown::Unreadable => Ended::Failed(unreadable()),
                Thrown::Engine => Ended::Failed(out_of_memory()),
            })
        });
        match ended {
            Ok(()) => Ok(self.response.take()),
            Err(Ended::Failed(failure)) => Err(failure),
            Err(Ended::Threw(value)) => {
                // Without room for an error object the engine throws null, as a script may too.
                let full = self.runtime.memory_usage().malloc_size.unsigned_abs()
                    > memory_bytes as u64 / 2;
                self.runtime.set_memory_limit(memory_bytes.saturating_add(RESERVE_BYTES));
                Err(self.context.with(|ctx| self.describe(&ctx, value, full)))
            }
        }
    }

    fn drive<'js>(&self, ctx: &Ctx<'js>, start: Start) -> Result<(), Thrown<'js>> {
        let Hooks { start: begin, actions, headers, calls, timers, .. } = self.hooks.clone();
        let begin: Function = begin.restore(ctx).or_thrown(ctx)?;
        let actions: Object = actions.restore(ctx).or_thrown(ctx)?;
        let calls: Object = calls.restore(ctx).or_thrown(ctx)?;
        let timers: Object = timers.restore(ctx).or_thrown(ctx)?;
        let headers: Object = headers.restore(ctx).or_thrown(ctx)?;
        let given = (actions, headers, start.auth, pairs(start.headers), start.params);
        if let Some(name) = begin.call(given).or_thrown(ctx)? {
            return Err(Thrown::Parameter(name));
        }

        if start.code.contains('\0') {
            return Err(Thrown::Unreadable);
        }
        let mut options = EvalOptions::default();
        // As a classic script, in which a top-level `await` is allowed.
        options.strict = false;
        options.promise = true;
        options.filename = Some(SCRIPT_NAME.to_owned());
        let evaluated: Result<Promise, _> =
            ctx.eval_with_options(start.code.as_str(), options).or_thrown(ctx);
        let _ended = evaluated.inspect_err(|thrown| tell_of_modules(thrown, &start.code))?;
        drop(start.code);
        loop {
            while ctx.execute_pending_job() {}
            let rejected = self.rejections.borrow_mut().drain(..).next();
            if let Some((_, reason)) = rejected {
                return Err(Thrown::Value(reason.restore(ctx).or_thrown(ctx)?));
            }
            let waiting: usize =
                method(&calls, "count").and_then(|count| count.call(())).or_thrown(ctx)?;
            let timer: Option<f64> = method(&timers, "wait")
                .and_then(|wait| wait.call((waiting > 0,)))
                .or_thrown(ctx)?;
            let reply = match (waiting, timer) {
                (0, None) => return Ok(()),
                (_, None) => Some(self.link.receive()),
                (_, Some(wait)) => self.link.receive_within(Some(milliseconds(wait))),
            };
            match reply {
                Some(ToRunner::Reply { id, result }) => {
                    settle(ctx, &calls, id, result).or_thrown(ctx)?
                }
                // The node never sends a second action.
                Some(ToRunner::Start(_)) => std::process::exit(1),
                None => method(&timers, "fire").and_then(|fire| fire.call(())).or_thrown(ctx)?,
            }
        }
    }

    fn describe(&self, ctx: &Ctx<'_>, thrown: Persistent<Value<'static>>, full: bool) -> Failure {
        let describe = || -> rquickjs::Result<Failure> {
            let describe = self.hooks.describe.clone().restore(ctx)?;
            let described: Object = describe.call((thrown.restore(ctx)?,))?;
            if described.get("outOfMemory")? || (full && described.get("isNull")?) {
                return Ok(out_of_memory());
            }
            let message = protocol::cut(described.get("message")?);
            let stack: Option<String> = described.get("stack")?;
            let (line, column) = stack.and_then(|stack| position(&stack)).unzip();
            let call: Option<u32> = described.get("call")?;
            let cause = call.map_or(FailureCause::Thrown, FailureCause::Call);
            Ok(Failure { cause, message, line, column })
        };
        describe().unwrap_or_else(|_| Failure {
            cause: FailureCause::Thrown,
            message: "an error that cannot be shown".into(),
            line: None,
            column: None,
        })
    }
}

/// What ends a script early.
enum Thrown<'js> {
    Value(Value<'js>),
    /// The engine could not even make a value of it.
    Engine,
    /// The code is no text that the engine takes.
    Unreadable,
    Parameter(String),
}

/// The same, outlasting the engine's attention.
enum Ended {
    Threw(Persistent<Value<'static>>),
    Failed(Failure),
}

trait OrThrown<'js, T> {
    fn or_thrown(self, ctx: &Ctx<'js>) -> Result<T, Thrown<'js>>;
}

impl<'js, T> OrThrown<'js, T> for rquickjs::Result<T> {
    fn or_thrown(self, ctx: &Ctx<'js>) -> Result<T, Thrown<'js>> {
        self.catch(ctx).map_err(|error| match error {
            CaughtError::Exception(exception) => Thrown::Value(exception.into_value()),
            CaughtError::Value(value) => Thrown::Value(value),
            CaughtError::Error(_) => Thrown::Engine,
        })
    }
}

fn method<'js>(object: &Object<'js>, name: &str) -> rquickjs::Result<Function<'js>> {
    object.get(name)
}

fn settle<'js>(
    ctx: &Ctx<'js>,
    calls: &Object<'js>,
    id: u32,
    result: Result<Reply, CallError>,
) -> rquickjs::Result<()> {
    match result {
        Ok(Reply::Signed | Reply::Done) => method(calls, "resolve")?.call((id,)),
        Ok(Reply::Text(text)) => method(calls, "resolve")?.call((id, text)),
        Ok(Reply::Collected(values)) => method(calls, "resolve")?.call((id, values)),
        Ok(Reply::Turn(turn)) => method(calls, "resolve")?.call((id, turn_object(ctx, turn)?)),
        Ok(Reply::Fetched(response)) => {
            method(calls, "resolve")?.call((id, response_object(ctx, response)?))
        }
        Err(CallError { code, message, retryable }) => {
            method(calls, "reject")?.call((id, message, code, retryable))
        }
    }
}

fn turn_object<'js>(ctx: &Ctx<'js>, turn: Turn) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("isMine", turn == Turn::Mine)?;
    if let Turn::Others(Some(result)) = turn {
        object.set("result", result)?;
    }
    Ok(object)
}

fn response_object<'js>(ctx: &Ctx<'js>, response: FetchResponse) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("url", response.url)?;
    object.set("redirected", response.redirected)?;
    object.set("status", response.status)?;
    object.set("statusText", response.status_text)?;
    object.set("headers", pairs(response.headers))?;
    object.set("body", TypedArray::new(ctx.clone(), response.body)?)?;
    Ok(object)
}

fn pairs(headers: Vec<(String, String)>) -> Vec<Vec<String>> {
    headers.into_iter().map(|(name, value)| vec![name, value]).collect()
}

fn milliseconds(wait: f64) -> Duration {
    Duration::try_from_secs_f64(wait / 1000.0).unwrap_or(Duration::MAX)
}

fn refused_parameter(name: String) -> Failure {
    Failure {
        cause: FailureCause::Parameter(name),
        message: String::new(),
        line: None,
        column: None,
    }
}

/// The engine takes no code with a NUL in it.
fn unreadable() -> Failure {
    Failure {
        cause: FailureCause::Thrown,
        message: "SyntaxError: the code contains a NUL character".into(),
        line: None,
        column: None,
    }
}

fn out_of_memory() -> Failure {
    Failure {
        cause: FailureCause::Memory,
        message: "out of memory".into(),
        line: None,
        column: None,
    }
}

/// Adds to the error of code that cannot be read what a statement of modules on its line means.
/// Nothing else is thrown at once: what a script throws rejects its promise.
fn tell_of_modules(thrown: &Thrown<'_>, code: &str) {
    let Thrown::Value(value) = thrown else { return };
    let Some(exception) = value.as_exception() else { return };
    let place = exception.stack().and_then(|stack| position(&stack));
    let line = place.and_then(|(line, _)| code.lines().nth((line as usize).checked_sub(1)?));
    if let Some(sentence) = line.and_then(globals::refused_statement) {
        let message = exception.message().unwrap_or_default();
        // Without memory for it the engine's own message stays.
        let _ = exception.set("message", format!("{message}: {sentence}"));
    }
}

/// The innermost line and column of the script in a stack trace: `at name (action.js:LINE:COLUMN)`.
fn position(stack: &str) -> Option<(u32, u32)> {
    stack.lines().find_map(|frame| {
        let (_, after) = frame.rsplit_once(SCRIPT_NAME)?;
        let mut numbers =
            after.trim_start_matches(':').split(|other: char| !other.is_ascii_digit());
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    })
}
