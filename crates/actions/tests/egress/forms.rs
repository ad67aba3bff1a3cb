//! Every form of URL in `forms.txt`, asked for at once and by a redirect: none leads to a
//! connection.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use conclave_actions::{Egress, EgressConfig, FetchError, FetchResponse, Resolver};
use futures_util::future::{BoxFuture, FutureExt};

use crate::sink::{Sink, ok, redirect};
use crate::{allowing, get, text};

/// A resolver of a network in which every name is one of its own machines.
#[derive(Default)]
struct AllPrivate {
    asked: AtomicUsize,
}

impl Resolver for AllPrivate {
    fn addresses(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        const PRIVATE: [&str; 5] =
            ["127.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254", "::ffff:127.0.0.1"];
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let address = PRIVATE[asked % PRIVATE.len()].parse().unwrap();
        async move { Ok(vec![address]) }.boxed()
    }
}

/// The URLs, with the sink's port in them.
fn forms(port: u16) -> Vec<String> {
    let table = include_str!("forms.txt").lines().filter(|line| !line.starts_with('#'));
    table.map(|line| line.replace("{port}", &port.to_string())).collect()
}

fn egress(config: EgressConfig) -> Egress {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Egress::with_resolver(config, Arc::new(AllPrivate::default())).unwrap()
}

fn is_refused(result: &Result<FetchResponse, FetchError>) -> bool {
    matches!(result, Err(FetchError::NotPublic { .. } | FetchError::Url))
}

#[tokio::test]
async fn no_form_of_url_leads_to_a_private_address() {
    let sink = Sink::everywhere(|_| ok("reached")).await;
    let forms = forms(sink.port);
    assert!(forms.len() >= 250, "{} forms", forms.len());
    let closed = egress(EgressConfig::default());
    for url in &forms {
        let result = closed.fetch(get(url)).await;
        assert!(is_refused(&result), "{url:?}: {result:?}");
    }
    assert_eq!(sink.seen(), 0);
    // The sink counts: it is reached where that is allowed.
    let open = egress(allowing(&[sink.host()]));
    assert_eq!(
        text(open.fetch(get(&format!("http://{}/", sink.host()))).await.unwrap()),
        "reached"
    );
    assert_eq!(sink.seen(), 1);
}

#[tokio::test]
async fn no_form_of_url_leads_to_a_private_address_by_a_redirect() {
    let sink = Sink::everywhere(|_| ok("reached")).await;
    let forms = forms(sink.port);
    let targets = forms.clone();
    // Redirects with the status and to the form of the number that the path says.
    let allowed = Sink::open(move |request| {
        let mut path = request.split([' ', '/']).skip(2).map_while(|part| part.parse().ok());
        let status_and_form: Option<(u16, usize)> = path.next().zip(path.next().map(usize::from));
        status_and_form
            .map_or_else(|| ok("itself"), |(status, form)| redirect(status, &targets[form]))
    })
    .await;
    let egress = egress(allowing(&[allowed.host()]));
    let mut judged = 0;
    let all = [301, 302, 303, 307, 308]
        .into_iter()
        .flat_map(|status| forms.iter().enumerate().map(move |form| (status, form)));
    for (status, (number, form)) in all {
        let result =
            egress.fetch(get(&format!("http://{}/{status}/{number}", allowed.host()))).await;
        match &result {
            // A location that is no URL is not followed; a path leads back to the server that may
            // be reached.
            Ok(response) => {
                assert!(
                    response.url.starts_with(&format!("http://{}/", allowed.host())),
                    "{form:?}: {}",
                    response.url
                )
            }
            Err(error) => {
                assert!(is_refused(&result), "{form:?}: {error:?}");
                judged += 1;
            }
        }
    }
    assert_eq!(sink.seen(), 0);
    assert!(judged >= 5 * 250, "{judged} forms were followed and refused");
}
