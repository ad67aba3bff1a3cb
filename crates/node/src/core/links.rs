//! Between the links and the members: every frame goes to the member of the epoch that it names.

use super::Core;
use conclave_agreement::exchange::MAX_EXCHANGE_MESSAGE;
use conclave_agreement::{FRAME_HEADER, MAX_MESSAGE, MAX_RUN_MESSAGE};
use conclave_agreement::{Frame, Input, MemberMessage};
use conclave_mesh::{Event, Lane, MAX_BULK_MESSAGE, MAX_URGENT_MESSAGE};
use conclave_threshold::codec::Encode;
use conclave_threshold::ids::EpochDigest;
use conclave_threshold::party::PartyId;

/// Every message that members may send finds room in its lane.
const _: () = assert!(
    FRAME_HEADER + MAX_MESSAGE <= MAX_URGENT_MESSAGE
        && FRAME_HEADER + MAX_RUN_MESSAGE <= MAX_BULK_MESSAGE
        && FRAME_HEADER + MAX_EXCHANGE_MESSAGE <= MAX_BULK_MESSAGE
);

impl Core {
    pub(super) fn on_link(&mut self, event: Event) {
        let now = self.now();
        let entropy = &mut self.parts.entropy;
        let outputs = match event {
            Event::Connected { peer, boot } => self.router.link_opened(peer, boot, now, entropy),
            Event::Disconnected { peer, .. } => self.router.link_closed(peer, now, entropy),
            Event::Message { from: peer, bytes, .. } => match self.router.read(&peer, &bytes) {
                Ok((epoch, from, message)) => {
                    if self.parts.tap.as_ref().is_some_and(|tap| !tap.incoming(from, &message)) {
                        return;
                    }
                    self.router.handle(&epoch, Input::Message { from, message }, now, entropy)
                }
                Err(error) => {
                    let peer = hex::encode(peer);
                    return tracing::warn!(%peer, %error, "a message was dropped");
                }
            },
        };
        self.carry_out(outputs);
    }

    pub(super) fn send(&self, epoch: EpochDigest, to: PartyId, message: MemberMessage) {
        let Some(identity) = self.router.identity(&epoch, to) else { return };
        if self.parts.tap.as_ref().is_some_and(|tap| !tap.outgoing(to, &message)) {
            return;
        }
        let lane = if message.is_urgent() { Lane::Urgent } else { Lane::Bulk };
        let frame = Frame { epoch, message }.encoded();
        if let Err(error) = self.parts.mesh.send(&identity, lane, frame.into()) {
            tracing::debug!(peer = %to, %error, "a message was not sent");
        }
    }

    /// Tells each member the round trips to those of its peers whose link stands.
    pub(super) fn follow_round_trips(&mut self) {
        let peers = self.parts.mesh.peers();
        for epoch in self.router.epochs() {
            let Some(member) = self.router.member(&epoch) else { continue };
            let members = member.epoch().members();
            let known = |identity| members.iter().any(|member| member.identity == identity);
            let trips = peers.iter().filter(|peer| known(peer.identity));
            let trips = trips.filter_map(|peer| peer.round_trip).collect();
            self.tell(&epoch, Input::RoundTrips(trips));
        }
    }
}
