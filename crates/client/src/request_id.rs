use conclave_wire::RequestId;

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct RandomnessError;

pub(crate) fn random<const N: usize>() -> Result<[u8; N], RandomnessError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| RandomnessError)?;
    Ok(bytes)
}

/// An id that no other request has.
pub(crate) fn fresh() -> Result<RequestId, RandomnessError> {
    let id = format!("conclave-{}", hex::encode(random::<16>()?));
    // Letters, digits and a hyphen always parse.
    RequestId::parse(&id).map_err(|_| RandomnessError)
}
