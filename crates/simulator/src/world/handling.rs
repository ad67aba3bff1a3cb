//! What a process does: one thing after another as its member, and jobs beside it.

use super::{Event, Happening, World};
use crate::node::{Command, Inward, Process};
use crate::workshop::lock;
use crate::{Micros, SECOND};
use conclave_agreement::ceremony::MAX_CEREMONIES;
use conclave_agreement::{Addressed, Frame, Input, MemberMessage, Note, Output};
use conclave_mesh::{Lane, Waiting};
use conclave_threshold::codec::Encode;
use conclave_threshold::party::PartyId;
use std::time::Duration;

/// Between two ticks.
const TICK: Micros = 10_000;
/// Ticks between two looks at the round trips.
const ROUND_TRIP_TICKS: u64 = 10;
/// A member passed over brings keys to the chain this much later.
const TURN: Micros = SECOND;
/// As many as the API lets wait.
const MAX_COMMANDS: usize = 4_096;

/// Where a process can find something to do.
#[derive(Clone, Copy)]
enum Source {
    Inbound,
    Command,
    Finished,
    Tick,
}

impl World {
    pub(super) fn happen_to(&mut self, place: usize, what: Happening) {
        match what {
            Happening::Tick => {
                if let Some(process) = &mut self.nodes[place].process {
                    process.is_tick_due = true;
                }
                self.pump(place);
            }
            Happening::Done => {
                let process = self.nodes[place].process.as_mut();
                let done = process.and_then(|process| process.doing.take());
                self.apply(place, done.unwrap_or_default());
                self.pump(place);
            }
            Happening::JobDone(number) => self.job_done(place, number),
            Happening::Judged { request, permitted } => self.judged(place, request, permitted),
            Happening::Tell { requests, outcome, say_before } => {
                self.tell(place, &requests, &outcome, say_before);
            }
            Happening::Look(look) => self.look(place, look),
            Happening::Register(number) => self.register(place, number),
        }
    }

    /// Lets the member of a process that is idle take the next thing there is.
    pub(super) fn pump(&mut self, place: usize) {
        let node = &mut self.nodes[place];
        let Some(process) = node.process.as_mut().filter(|process| process.doing.is_none()) else {
            return;
        };
        if node.paused.is_some() {
            return;
        }
        let sources = [
            (!process.inbound.is_empty()).then_some(Source::Inbound),
            (!process.commands.is_empty()).then_some(Source::Command),
            (!process.finished.is_empty()).then_some(Source::Finished),
            process.is_tick_due.then_some(Source::Tick),
        ];
        let ready: Vec<Source> = sources.into_iter().flatten().collect();
        if ready.is_empty() {
            return;
        }
        let source = self.chance.pick(&ready);
        let (outputs, cost) = match source {
            Source::Inbound => self.take_inbound(place),
            Source::Command => self.take_command(place),
            Source::Finished => {
                let process = self.nodes[place].process.as_mut();
                let finished = process.and_then(|process| process.finished.pop_front());
                finished.map_or_else(Default::default, |finished| {
                    self.give(place, Input::Finished(finished))
                })
            }
            Source::Tick => self.take_tick(place),
        };
        let listed: Vec<&Output> = outputs.iter().map(|addressed| &addressed.output).collect();
        let cost = (cost + self.costs.outputs(&listed)).max(1);
        let cores = self.nodes[place].cores;
        let Some(process) = &mut self.nodes[place].process else { return };
        process.doing = Some(outputs);
        // The member goes before jobs, on a core that one of them has.
        if process.jobs.running.len() >= cores
            && let Some((_, owed)) = process.jobs.running.values_mut().next()
        {
            *owed += cost;
        }
        self.schedule_to(place, cost, Happening::Done);
        if matches!(source, Source::Inbound) {
            self.room_was_made(place);
        }
        self.check_queues(place);
    }

    /// Gives the member an input.
    fn give(&mut self, place: usize, input: Input) -> (Vec<Addressed>, Micros) {
        let (now, epoch) = (self.now, self.epoch.digest());
        let cost = self.costs.input(&input);
        let Some(process) = &mut self.nodes[place].process else { return Default::default() };
        let clock = process.clock(now);
        (process.router.handle(&epoch, input, clock, &mut process.entropy), cost)
    }

    fn take_inbound(&mut self, place: usize) -> (Vec<Addressed>, Micros) {
        let now = self.now;
        let Some(process) = &mut self.nodes[place].process else { return Default::default() };
        let clock = process.clock(now);
        let Process { router, entropy, inbound, .. } = process;
        match inbound.pop() {
            None => Default::default(),
            Some(Inward::Opened(peer, boot)) => {
                (router.link_opened(peer, boot, clock, entropy), self.costs.frame(0))
            }
            Some(Inward::Closed(peer)) => {
                (router.link_closed(peer, clock, entropy), self.costs.frame(0))
            }
            Some(Inward::Frame(peer, bytes)) => {
                self.report.trace.note(now, "frame", &bytes);
                let cost = self.costs.frame(bytes.len());
                match router.read(&peer, &bytes) {
                    Ok((_, from, message)) => {
                        self.extra_words(place, from, &message);
                        let (outputs, more) = self.give(place, Input::Message { from, message });
                        (outputs, cost + more)
                    }
                    Err(_) => {
                        self.report.events.add("frames that could not be read");
                        (Vec::new(), cost)
                    }
                }
            }
        }
    }

    /// Sends a word of a member that deviates; one to itself its own member hears as from another.
    pub(super) fn say(&mut self, place: usize, to: PartyId, message: MemberMessage) {
        if to != self.nodes[place].id {
            return self.send(place, to, message);
        }
        let peer = self.nodes[(place + 1) % self.nodes.len()].id;
        let (outputs, _) = self.give(place, Input::Message { from: peer, message });
        outputs.into_iter().for_each(|addressed| self.put_out(place, addressed.output));
    }

    fn extra_words(&mut self, place: usize, from: PartyId, message: &MemberMessage) {
        let corrupt = self.nodes[place].corrupt.as_mut();
        let words = corrupt.map(|corrupt| corrupt.hears(from, message)).unwrap_or_default();
        words.into_iter().for_each(|(to, word)| self.send(place, to, word));
    }

    fn take_command(&mut self, place: usize) -> (Vec<Addressed>, Micros) {
        let process = self.nodes[place].process.as_mut();
        match process.and_then(|process| process.commands.pop_front()) {
            None => Default::default(),
            Some(Command::Sign(wish)) => self.give(place, Input::Sign(wish)),
            Some(Command::View(view)) => self.give(place, Input::Chain(view)),
        }
    }

    fn take_tick(&mut self, place: usize) -> (Vec<Addressed>, Micros) {
        let peers: Vec<usize> = (0..self.nodes.len()).filter(|peer| *peer != place).collect();
        let linked = peers.into_iter().filter(|peer| self.network.link((place, *peer)).is_some());
        let linked: Vec<usize> = linked.collect();
        let trips = linked.iter().map(|peer| self.network.round_trip((place, *peer)));
        let trips = trips.map(Duration::from_micros).collect();
        let Some(process) = &mut self.nodes[place].process else { return Default::default() };
        process.is_tick_due = false;
        process.ticks += 1;
        let measures = process.ticks.is_multiple_of(ROUND_TRIP_TICKS);
        let mut outputs = Vec::new();
        if measures {
            outputs = self.give(place, Input::RoundTrips(trips)).0;
        }
        let (ticked, cost) = self.give(place, Input::Tick);
        outputs.extend(ticked);
        self.schedule_to(place, TICK + cost, Happening::Tick);
        (outputs, cost)
    }

    /// Lets a member's outputs leave. A process that dies now gets to some of them.
    fn apply(&mut self, place: usize, outputs: Vec<Addressed>) {
        let dies = core::mem::take(&mut self.nodes[place].dies_at_next_step);
        let reached =
            if dies { self.chance.below(outputs.len() as u64 + 1) as usize } else { outputs.len() };
        for Addressed { output, .. } in outputs.into_iter().take(reached) {
            self.put_out(place, output);
        }
        if dies {
            self.crash(place);
        }
    }

    fn put_out(&mut self, place: usize, output: Output) {
        match output {
            Output::Send { to, message } => {
                let words = match &mut self.nodes[place].corrupt {
                    Some(corrupt) => corrupt.says(to, message),
                    None => vec![(to, message)],
                };
                words.into_iter().for_each(|(to, word)| self.send(place, to, word));
            }
            Output::Start(job) => {
                if let Some(process) = &mut self.nodes[place].process {
                    process.jobs.waiting.push_back(job);
                }
                self.start_jobs(place);
            }
            Output::Called { call, outcome, say_before } => {
                let process = self.nodes[place].process.as_mut();
                let requests = process.and_then(|process| process.waiters.remove(&call.0));
                if let Some(requests) = requests {
                    let outcome = Box::new(outcome);
                    let tell = Happening::Tell { requests, outcome, say_before };
                    self.schedule_to(place, 50, tell);
                }
            }
            Output::Register { keys, proposer } => {
                self.report.events.add("generations of keys");
                let number = self.scheduled;
                let turn =
                    |id: PartyId| self.nodes.iter().position(|node| node.id == id).unwrap_or(0);
                let size = self.nodes.len();
                let rank = (place + size - turn(proposer)) % size;
                if let Some(process) = &mut self.nodes[place].process {
                    process.registering.insert(number, keys);
                }
                let after = TURN * rank as u64 + 1_000;
                self.schedule_to(place, after, Happening::Register(number));
            }
            Output::Exchanged { .. } | Output::TurnEnded { .. } => (),
            Output::Note(note) => self.note(place, &note),
        }
    }

    fn note(&mut self, place: usize, note: &Note) {
        let name = match note {
            Note::AssignedTwice { culprit, .. } => {
                let honest =
                    self.nodes.iter().any(|node| node.id == *culprit && node.corrupt.is_none());
                if honest && !self.is_corrupt(place) {
                    let what = format!("{culprit} is honest and convicted of two assignments");
                    self.report.violate(self.now, what);
                }
                "convictions of two assignments"
            }
            Note::BindFailed { .. } => "binds that failed",
            Note::WrongShare { .. } => "wrong shares",
            Note::PairFailed { .. } => "pairs that failed",
            Note::PeerRestarted { .. } => "peers seen to restart",
            Note::CeremonyFailed { .. } => "ceremonies that came to nothing",
            Note::CeremonyMessageDropped { .. } => "messages of ceremonies dropped",
        };
        self.report.events.add(name);
    }

    /// Sends a word as bytes.
    pub(super) fn send(&mut self, place: usize, to: PartyId, message: MemberMessage) {
        let Some(peer) = self.nodes.iter().position(|node| node.id == to) else { return };
        let lane = if message.is_urgent() { Lane::Urgent } else { Lane::Bulk };
        let frame = Frame { epoch: self.epoch.digest(), message };
        self.launch((place, peer), lane, frame.encoded());
    }

    fn start_jobs(&mut self, place: usize) {
        let cores = self.nodes[place].cores;
        while let Some(process) = &mut self.nodes[place].process {
            let jobs = &mut process.jobs;
            if jobs.running.len() >= cores {
                return;
            }
            let Some(job) = jobs.waiting.pop_front() else { return };
            let cost = self.costs.job(&job);
            jobs.begun += 1;
            let number = jobs.begun;
            jobs.running.insert(number, (job, 0));
            self.schedule_to(place, cost, Happening::JobDone(number));
        }
    }

    fn job_done(&mut self, place: usize, number: u64) {
        let Some(process) = &mut self.nodes[place].process else { return };
        let Some((_, owed)) = process.jobs.running.get_mut(&number) else { return };
        let owed = core::mem::take(owed);
        if owed > 0 {
            return self.schedule_to(place, owed, Happening::JobDone(number));
        }
        let Some((job, _)) = process.jobs.running.remove(&number) else { return };
        let workshop = process.workshop.clone();
        let finished = job.run(&workshop);
        if lock(&self.nodes[place].disk).is_torn {
            self.report.events.add("torn writes");
            self.crash(place);
            return self.schedule(SECOND / 5, Event::Start { node: place });
        }
        if let Some(process) = &mut self.nodes[place].process {
            process.finished.push_back(finished);
        }
        self.start_jobs(place);
        self.pump(place);
    }

    /// Every queue of a process is within its limit.
    fn check_queues(&mut self, place: usize) {
        let Some(process) = &self.nodes[place].process else { return };
        let lanes =
            [Waiting::Message(Lane::Urgent), Waiting::Message(Lane::Bulk), Waiting::LinkEvent];
        let over = self.nodes.iter().any(|peer| {
            lanes.iter().any(|lane| {
                process.inbound.taken(&peer.identity, *lane) > process.inbound.limit(*lane)
            })
        });
        let jobs = process.jobs.waiting.len() + process.jobs.running.len();
        let most_jobs = MAX_CEREMONIES + 3 * self.nodes.len();
        let member = process.router.member(&self.epoch.digest());
        let backlogs = member.map(|member| member.backlogs()).unwrap_or_default();
        let long = backlogs.iter().find(|queue| queue.length > queue.limit);
        let what = if over {
            "what waits of a peer exceeds its room".to_owned()
        } else if process.commands.len() > MAX_COMMANDS {
            "more commands wait than may".to_owned()
        } else if jobs > most_jobs {
            format!("{jobs} jobs are under way, and {most_jobs} may be")
        } else if let Some(queue) = long {
            format!("{} of {} {}", queue.length, queue.limit, queue.name)
        } else {
            return;
        };
        let what = format!("{}: {what}", self.nodes[place].id);
        self.report.violate(self.now, what);
    }
}
