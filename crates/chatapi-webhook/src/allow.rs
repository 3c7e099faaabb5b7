//! From where may be posted.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

/// From which addresses may be posted. All others are answered like a wrong secret.
///
/// What counts is the address of the peer. Only where that is a trusted proxy, `X-Forwarded-For` is
/// read, from the right, as far as proxies are trusted: anybody may write anything to the left of
/// that. Other headers (`Forwarded`, `X-Real-IP`) are not read.
///
/// ```
/// use chatapi_webhook::AllowList;
///
/// let allow = AllowList::new(["203.0.113.0/24", "2001:db8::7"])?.behind(["127.0.0.1"])?;
/// # let _ = allow;
/// # Ok::<(), chatapi_webhook::BadRange>(())
/// ```
#[derive(Clone, Debug)]
pub struct AllowList {
    allowed: Vec<IpNet>,
    proxies: Vec<IpNet>,
}

impl AllowList {
    /// Only from these ranges (`203.0.113.0/24`) and addresses.
    ///
    /// # Errors
    ///
    /// [`BadRange`] for what is neither.
    pub fn new<'a>(ranges: impl IntoIterator<Item = &'a str>) -> Result<Self, BadRange> {
        Ok(Self { allowed: parse(ranges)?, proxies: Vec::new() })
    }

    /// Trusts the proxies at these ranges and addresses to say whom they forward.
    ///
    /// # Errors
    ///
    /// [`BadRange`] for what is neither.
    pub fn behind<'a>(
        mut self,
        proxies: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, BadRange> {
        self.proxies = parse(proxies)?;
        Ok(self)
    }

    /// Whether may be posted from there. Not when it is not known where that is.
    #[must_use]
    pub fn allows(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
        peer.and_then(|peer| self.client(peer, headers))
            .is_some_and(|client| self.allowed.iter().any(|range| range.contains(&client)))
    }

    /// Whether the peer is a proxy that is trusted.
    #[cfg(feature = "server")]
    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.proxies.iter().any(|range| range.contains(&peer))
    }

    /// Who is behind the trusted proxies; `None` when a trusted proxy says something unreadable.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let mut client = peer.to_canonical();
        let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
        for line in lines.iter().rev() {
            for hop in line.to_str().ok().unwrap_or("?").rsplit(',') {
                if !self.proxies.iter().any(|range| range.contains(&client)) {
                    return Some(client);
                }
                client = address(hop.trim())?;
            }
        }
        Some(client)
    }
}

/// An address as proxies write it: bare, in brackets, with a port.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.split_once(']'));
    let parsed = match bare {
        Some((bare, _)) => bare.parse().ok(),
        None => hop
            .parse()
            .ok()
            .or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip())),
    };
    parsed.map(|address: IpAddr| address.to_canonical())
}

fn parse<'a>(ranges: impl IntoIterator<Item = &'a str>) -> Result<Vec<IpNet>, BadRange> {
    let one = |range: &str| {
        let range = range.trim();
        let address = range.parse::<IpAddr>().ok().map(|address| address.to_canonical().into());
        address.or_else(|| range.parse().ok()).ok_or_else(|| BadRange(range.into()))
    };
    ranges.into_iter().map(one).collect()
}

/// A text that is neither an address nor a range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an IP address nor a range such as 203.0.113.0/24")]
pub struct BadRange(Box<str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &AllowList, peer: &str, forwarded: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        list.allows(peer.parse().ok(), &headers)
    }

    #[test]
    fn without_proxies_only_the_peer_counts() {
        let list = AllowList::new(["203.0.113.0/24", "2001:db8::7"]).unwrap();
        assert!(allows(&list, "203.0.113.9", &[]));
        assert!(allows(&list, "::ffff:203.0.113.9", &[]), "the same address in IPv6 clothes");
        assert!(allows(&list, "2001:db8::7", &[]));
        assert!(!allows(&list, "2001:db8::8", &[]));
        assert!(!allows(&list, "198.51.100.1", &["203.0.113.9"]), "anybody may write that");
        assert!(!allows(&list, "nobody knows", &[]));
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_nobody_behind_it() {
        let list = AllowList::new(["203.0.113.0/24"]).unwrap();
        let list = list.behind(["10.0.0.0/8", "::1"]).unwrap();
        assert!(allows(&list, "10.0.0.1", &["203.0.113.9"]));
        assert!(allows(&list, "10.0.0.1", &["198.51.100.1, 203.0.113.9, 10.2.3.4"]));
        assert!(allows(&list, "10.0.0.1", &["198.51.100.1", "203.0.113.9:4711"]));
        assert!(!allows(&list, "10.0.0.1", &["203.0.113.9, 198.51.100.1"]), "written by a client");
        assert!(!allows(&list, "10.0.0.1", &["203.0.113.9", "198.51.100.1"]));
        assert!(!allows(&list, "198.51.100.1", &["203.0.113.9"]));
        assert!(!allows(&list, "10.0.0.1", &[]), "the proxy itself does not post");
        assert!(!allows(&list, "10.0.0.1", &["203.0.113.9, junk"]));
        assert!(!allows(&list, "10.0.0.1", &["203.0.113.9,"]));
        assert!(allows(&list, "::1", &["[::ffff:203.0.113.9]:80"]));
    }

    #[test]
    fn what_is_no_range_is_named() {
        let error = AllowList::new(["10.0.0.0/33"]).unwrap_err();
        assert!(error.to_string().contains("10.0.0.0/33"), "{error}");
        assert!(AllowList::new(["10.0.0.1"]).unwrap().behind(["example.org"]).is_err());
    }
}
