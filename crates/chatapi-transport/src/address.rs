//! Where a gateway is.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use url::Url;

/// What may stand unencoded in one path segment or one query value: RFC 3986's unreserved
/// characters. Everything else is encoded, so that `/`, `%`, `&`, `+` and `?` arrive as themselves.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The base address of a gateway: scheme, host, port, and whatever path stands before the method.
///
/// It is the user's: a vendor's host, a shard, a self-hosted clone, the sandbox. A missing scheme
/// reads as https, except for loopback, where it reads as http; slashes at the end do not matter.
///
/// ```
/// use chatapi_transport::Address;
///
/// let shard: Address = "eu41.chat-api.com/".parse()?;
/// assert_eq!(shard.to_string(), "https://eu41.chat-api.com");
/// let clone: Address = "http://127.0.0.1:8080//gateway//".parse()?;
/// assert_eq!(clone.to_string(), "http://127.0.0.1:8080//gateway");
/// # Ok::<(), chatapi_transport::BadAddress>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// Without slashes at the end.
    base: String,
}

/// Why a text is not the address of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadAddress {
    /// It is no address at all.
    #[error("not an address; write something like https://api.chat-api.com")]
    Unreadable,
    /// Gateways speak http or https.
    #[error("gateways speak http or https; write the address with one of them")]
    Scheme,
    /// A name or password stands before the host.
    #[error("leave out name and password before the @: the secret is given separately")]
    Credentials,
    /// It has a query or a fragment, in which a token often hides.
    #[error("leave out everything from the ? or # on: token and method are given separately")]
    Query,
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        let with_scheme = match text.split_once("://") {
            Some(("http" | "https" | "HTTP" | "HTTPS", _)) => text.to_owned(),
            Some(_) => return Err(BadAddress::Scheme),
            None if is_loopback(text) => format!("http://{text}"),
            None => format!("https://{text}"),
        };
        let url = Url::parse(&with_scheme).map_err(|_| BadAddress::Unreadable)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadAddress::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BadAddress::Query);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(BadAddress::Unreadable);
        }
        Ok(Self { base: url.as_str().trim_end_matches('/').to_owned() })
    }
}

fn is_loopback(text: &str) -> bool {
    let host = text.split(['/', ':']).next().unwrap_or_default();
    host == "localhost" || host.starts_with("127.") || text.starts_with("[::1]")
}

impl Address {
    /// The address as text, without slashes at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.base
    }
}

impl TryFrom<&str> for Address {
    type Error = BadAddress;

    fn try_from(text: &str) -> Result<Self, BadAddress> {
        text.parse()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.base)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

/// Percent-encodes one path segment, query name, query value or form value.
pub(crate) fn encode(text: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encode(text.as_bytes(), VALUE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, BadAddress> {
        text.parse().map(|address: Address| address.to_string())
    }

    #[test]
    fn people_write_addresses_in_many_ways() {
        for text in
            ["https://h.example", "https://h.example/", " h.example// ", "HTTPS://H.Example"]
        {
            assert_eq!(read(text).unwrap(), "https://h.example", "{text:?}");
        }
        assert_eq!(read("localhost:81").unwrap(), "http://localhost:81");
        assert_eq!(read("127.0.0.1:81/x/").unwrap(), "http://127.0.0.1:81/x");
        assert_eq!(read("[::1]:81").unwrap(), "http://[::1]:81");
        assert_eq!(read("https://wamm.chat/api2").unwrap(), "https://wamm.chat/api2");
    }

    #[test]
    fn what_is_refused_is_explained_without_repeating_it() {
        assert_eq!(read(""), Err(BadAddress::Unreadable));
        assert_eq!(read("ftp://h"), Err(BadAddress::Scheme));
        assert_eq!(read("https://user:pass@h"), Err(BadAddress::Credentials));
        assert_eq!(read("https://h/instance1/status?token=T"), Err(BadAddress::Query));
        assert_eq!(read("https://h/#x"), Err(BadAddress::Query));
    }
}
