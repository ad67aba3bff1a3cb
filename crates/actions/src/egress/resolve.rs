//! Names to addresses, judged where they are resolved: the connection uses exactly what passed
//! here.

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;

/// Finds the addresses of a name.
pub trait Resolver: Send + Sync {
    /// All addresses of `name`, in the order in which to try them.
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        }
        .boxed()
    }
}

/// A resolver that refuses names with any address that is not public.
pub(super) struct PublicOnly {
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) public_only: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("the name has an address that is not public")]
struct Refused;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.resolver.addresses(name.as_str().to_owned());
        let public_only = self.public_only;
        Box::pin(async move {
            let found = found.await?;
            // One private address among public ones is no accident.
            if public_only && !found.iter().copied().all(is_public) {
                return Err(Refused.into());
            }
            let addresses: Addrs =
                Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// Whether a request failed because its host was refused here.
pub(super) fn was_refused(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<Refused>() {
            return true;
        }
        cause = error.source();
    }
    false
}
