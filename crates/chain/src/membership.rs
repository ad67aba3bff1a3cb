use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddrV4};

use alloy::primitives::Address;

use crate::bindings::Staking::{MemberView, membersCall, membersReturn};
use crate::{Chain, ChainError};

/// Most members of a network.
pub const MAX_MEMBERS: usize = 64;

const OPERATION: &str = "read the members";

/// Who the nodes are, at one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The chain.
    pub chain_id: u64,
    /// The contract that says so.
    pub staking: Address,
    /// The current epoch, from 1; 0 while the network has not started.
    pub epoch: u64,
    /// How many members must agree, at least two thirds; 0 while the network has not started.
    pub threshold: u16,
    /// The members in ascending order of their ids, which may have gaps.
    pub members: Vec<Member>,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Not 0.
    pub id: u16,
    /// The account with which it signs attestations and sends transactions.
    pub address: Address,
    /// Where clients reach it.
    pub http: SocketAddrV4,
    /// Where the other nodes reach it.
    pub mesh: SocketAddrV4,
    /// Its Ed25519 public key.
    pub identity: [u8; 32],
}

impl Membership {
    /// Whether the members are fixed and the first epoch has begun.
    pub fn is_started(&self) -> bool {
        self.epoch > 0
    }

    /// The member with this account.
    pub fn member_of(&self, address: Address) -> Option<&Member> {
        self.members.iter().find(|member| member.address == address)
    }
}

impl Chain {
    /// The members, the epoch and the threshold, checked against each other and against the chain
    /// id.
    pub async fn membership(&self) -> Result<Membership, ChainError> {
        self.rpc().check_chain().await?;
        let staking = self.addresses().staking;
        let answer = self.rpc().call(OPERATION, staking, membersCall {}).await?;
        checked(self.chain_id(), staking, answer)
            .map_err(|detail| ChainError::BadAnswer { operation: OPERATION, detail })
    }
}

fn checked(chain_id: u64, staking: Address, answer: membersReturn) -> Result<Membership, String> {
    if answer.list.len() > MAX_MEMBERS {
        return Err(format!("{} members are more than {MAX_MEMBERS}", answer.list.len()));
    }
    let epoch =
        u64::try_from(answer.epochNumber).map_err(|_| "the epoch number is out of range")?;
    let count = answer.list.len();
    if epoch > 0 && count < 3 {
        return Err(format!("a started network has {count} members"));
    }
    let allowed = if epoch == 0 { 0..=0 } else { (2 * count).div_ceil(3)..=count };
    let threshold = usize::try_from(answer.threshold).ok().filter(|said| allowed.contains(said));
    let threshold = threshold.ok_or_else(|| {
        format!("the threshold of {count} members is said to be {}", answer.threshold)
    })?;
    let members = answer.list.iter().map(member).collect::<Result<Vec<_>, _>>()?;
    if let Some((_, later)) =
        members.iter().zip(members.iter().skip(1)).find(|(one, next)| one.id >= next.id)
    {
        return Err(format!("member {} stands behind one of a higher or the same id", later.id));
    }
    all_differ("address", &members, |member| member.address)?;
    all_differ("identity key", &members, |member| member.identity)?;
    all_differ("HTTP endpoint", &members, |member| member.http)?;
    all_differ("mesh endpoint", &members, |member| member.mesh)?;
    Ok(Membership { chain_id, staking, epoch, threshold: threshold as u16, members })
}

fn member(view: &MemberView) -> Result<Member, String> {
    let id = u16::try_from(view.id).ok().filter(|id| *id > 0);
    let id = id.ok_or_else(|| format!("a member has id {}", view.id))?;
    let endpoint = |what, ip: u32, port: u32| match u16::try_from(port) {
        Ok(port) if port > 0 => Ok(SocketAddrV4::new(Ipv4Addr::from_bits(ip), port)),
        _ => Err(format!("member {id} has {what} port {port}")),
    };
    Ok(Member {
        id,
        address: view.nodeAddress,
        http: endpoint("HTTP", view.ip, view.port)?,
        mesh: endpoint("mesh", view.meshIp, view.meshPort)?,
        identity: view.identityKey.0,
    })
}

fn all_differ<T: Eq + std::hash::Hash>(
    what: &str,
    members: &[Member],
    of: impl Fn(&Member) -> T,
) -> Result<(), String> {
    let mut seen = HashSet::new();
    for member in members {
        if !seen.insert(of(member)) {
            return Err(format!("member {} has the {what} of another", member.id));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
