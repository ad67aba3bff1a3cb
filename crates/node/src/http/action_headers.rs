//! The headers of a request, as its action sees them.

use crate::requests::Failure;
use axum::http::{HeaderMap, HeaderName, header};
use conclave_wire::ErrorCode;

/// What all headers that an action sees may have together, names and values, in bytes.
pub const MAX_ACTION_HEADERS: usize = 16 << 10;

/// Of one connection only, or proof of who asks: nothing for an action's eyes.
static WITHHELD: [HeaderName; 12] = [
    header::AUTHORIZATION,
    header::CONNECTION,
    header::COOKIE,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::SET_COOKIE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Everything that the client sent but what is withheld; names in lower case, in the order of
/// arrival. A value that is no text is left out.
pub fn visible(headers: &HeaderMap) -> Result<Vec<(String, String)>, Failure> {
    let connection =
        headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<String> = connection
        .flat_map(|names| names.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let shown = headers.iter().filter(|(name, _)| {
        !WITHHELD.contains(name) && !named.iter().any(|other| other == name.as_str())
    });
    let visible: Vec<_> = shown
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let length: usize = visible.iter().map(|(name, value)| name.len() + value.len()).sum();
    if length > MAX_ACTION_HEADERS {
        let message = format!("the request's headers have more than {MAX_ACTION_HEADERS} bytes");
        return Err(Failure::new(ErrorCode::NodeBadInput, message));
    }
    Ok(visible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn an_action_sees_what_the_client_sent_but_neither_credentials_nor_the_connections_own() {
        let sent = headers(&[
            ("Host", "node"),
            ("X-Own", "1"),
            ("Cookie", "secret"),
            ("Authorization", "secret"),
            ("Proxy-Authorization", "secret"),
            ("Connection", "close, X-Hop"),
            ("X-Hop", "2"),
            ("Transfer-Encoding", "chunked"),
            ("Keep-Alive", "5"),
        ]);
        let expected = [("host", "node"), ("x-own", "1")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(visible(&sent).unwrap(), expected);
    }

    #[test]
    fn headers_are_taken_up_to_their_limit_and_no_further() {
        let of = |bytes: usize| headers(&[("x", &"v".repeat(bytes - 1))]);
        assert_eq!(visible(&of(MAX_ACTION_HEADERS)).unwrap().len(), 1);
        assert_eq!(visible(&of(MAX_ACTION_HEADERS + 1)).unwrap_err().code, ErrorCode::NodeBadInput);
    }

    #[test]
    fn a_value_that_is_no_text_is_left_out() {
        let mut sent = headers(&[("x-text", "a")]);
        sent.insert("x-bytes", HeaderValue::from_bytes(&[0xff, 0xfe]).unwrap());
        assert_eq!(visible(&sent).unwrap().len(), 1);
    }
}
