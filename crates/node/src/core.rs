//! The task that owns a node's members: links, questions of requests, and finished jobs go in, and
//! what the members want is done. Everything else asks it through [`Command`]s.

mod asking;
mod links;

pub use asking::{Command, Ended};

use crate::ceremonies::{Jobs, Returned};
use crate::chain_view::ChainView;
use crate::entropy::SystemEntropy;
use crate::seat::Seat;
use crate::tap::Tap;
use asking::Askers;
use conclave_agreement::time::Instant as Moment;
use conclave_agreement::{Addressed, Input, Level, Member, Note, Output, Router, Workshop};
use conclave_mesh::{Inbound, Mesh};
use conclave_threshold::ids::EpochDigest;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Between two looks at the clock. A bind deadline is at least ten of these.
const TICK: Duration = Duration::from_millis(10);
/// Ticks between two looks at round trips and at questions that nobody waits for any more.
const LOOK_TICKS: u64 = 10;

/// Questions to the core that wait for their turn; beyond it a client is told to come back.
pub const MAX_COMMANDS: usize = 4_096;

/// What the core is made of.
pub struct Parts {
    pub mesh: Mesh,
    pub entropy: SystemEntropy,
    pub jobs: Jobs,
    pub view: watch::Receiver<ChainView>,
    pub tap: Option<Arc<dyn Tap>>,
}

/// What outputs of one epoch's member need.
struct Place {
    seat: Arc<Seat>,
    workshop: Arc<dyn Workshop>,
}

pub struct Core {
    parts: Parts,
    router: Router,
    places: BTreeMap<EpochDigest, Place>,
    started: Instant,
    askers: Askers,
    ticks: u64,
}

impl Core {
    pub fn new(parts: Parts) -> Self {
        Core {
            parts,
            router: Router::default(),
            places: BTreeMap::new(),
            started: Instant::now(),
            askers: Askers::default(),
            ticks: 0,
        }
    }

    /// Takes the member of a seat in. From now on it hears what is said in its epoch.
    pub fn seat(&mut self, seat: Arc<Seat>, member: Member) {
        let epoch = seat.epoch.digest();
        let workshop = seat.workshop();
        self.places.insert(epoch, Place { seat, workshop });
        let outputs = self.router.insert(member, self.now(), &mut self.parts.entropy);
        self.carry_out(outputs);
        let view = self.parts.view.borrow().for_members();
        self.tell(&epoch, Input::Chain(view));
    }

    /// Randomness for those who prepare members.
    pub fn entropy(&mut self) -> &mut SystemEntropy {
        &mut self.parts.entropy
    }

    fn now(&self) -> Moment {
        let elapsed = self.started.elapsed().as_millis();
        Moment::from_millis(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    /// Runs until the commands end or the links do.
    pub async fn run(
        mut self,
        mut inbound: Inbound,
        mut commands: mpsc::Receiver<Command>,
        mut returned: mpsc::Receiver<Returned>,
    ) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = inbound.recv() => match event {
                    Some(event) => self.on_link(event),
                    None => return,
                },
                command = commands.recv() => match command {
                    Some(command) => self.on_command(command),
                    None => return self.parts.mesh.shutdown().await,
                },
                Some(Returned { epoch, finished }) = returned.recv() => {
                    self.tell(&epoch, Input::Finished(finished));
                }
                _ = ticks.tick() => self.on_tick(),
            }
        }
    }

    fn on_tick(&mut self) {
        self.ticks += 1;
        if self.parts.view.has_changed().unwrap_or(false) {
            let view = self.parts.view.borrow_and_update().for_members();
            self.tell_all(|| Input::Chain(view));
        }
        if self.ticks.is_multiple_of(LOOK_TICKS) {
            self.follow_round_trips();
            self.askers.forget_gone();
        }
        self.tell_all(|| Input::Tick);
    }

    /// Gives the member of one epoch an input, and does what it wants.
    fn tell(&mut self, epoch: &EpochDigest, input: Input) {
        let outputs = self.router.handle(epoch, input, self.now(), &mut self.parts.entropy);
        self.carry_out(outputs);
    }

    fn tell_all(&mut self, input: impl FnMut() -> Input) {
        let outputs = self.router.handle_all(input, self.now(), &mut self.parts.entropy);
        self.carry_out(outputs);
    }

    fn carry_out(&mut self, outputs: Vec<Addressed>) {
        for Addressed { epoch, output } in outputs {
            match output {
                Output::Send { to, message } => self.send(epoch, to, message),
                Output::Start(job) => {
                    if let Some(place) = self.places.get(&epoch) {
                        self.parts.jobs.give(epoch, job, place.workshop.clone());
                    }
                }
                Output::Called { call, outcome, say_before } => {
                    let say_before = self.started + Duration::from_millis(say_before.as_millis());
                    self.askers.called(epoch, call, Ended { outcome, say_before });
                }
                Output::Exchanged { ticket, exchange, outcome } => {
                    self.on_exchanged(epoch, ticket, exchange, outcome);
                }
                Output::TurnEnded { ticket, had_one } => self.askers.turn_ended(ticket, had_one),
                Output::Register { keys, proposer } => {
                    if let Some(place) = self.places.get(&epoch) {
                        tokio::spawn(place.seat.registrar.clone().register(keys, proposer));
                    }
                }
                Output::Note(note) => log(&note),
            }
        }
    }
}

fn log(note: &Note) {
    match note.level() {
        Level::Debug => tracing::debug!("{note}"),
        Level::Info => tracing::info!("{note}"),
        Level::Warning => tracing::warn!("{note}"),
        Level::Error => tracing::error!("{note}"),
    }
}
