//! Which addresses may be fetched.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// What of IPv4 is not the public internet: the special registry of IANA (RFC 6890 and what updates
/// it), multicast, what is reserved, and the address at which Azure answers its machines.
const INSIDE_V4: [Ipv4Net; 18] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([168, 63, 129, 16], 32),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 31, 196, 0], 24),
    v4([192, 52, 193, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([192, 175, 48, 0], 24),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 3),
];
/// Of IPv6 only this is given out …
const GIVEN_OUT_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 3);
/// … and of that not this: protocols (Teredo and benchmarking among them), examples, 6to4, AS112.
const INSIDE_V6: [Ipv6Net; 5] = [
    v6([0x2001, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0], 32),
    v6([0x2002, 0, 0, 0], 16),
    v6([0x2620, 0x4f, 0x8000, 0], 48),
    v6([0x3fff, 0, 0, 0], 20),
];

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(front: [u16; 4], prefix: u8) -> Ipv6Net {
    let [a, b, c, d] = front;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix)
}

/// Which addresses may be fetched: those of the public internet, and what is allowed besides.
///
/// What strangers wrote must not make this machine ask its own network: loopback, private,
/// link-local and shared (CGNAT) ranges, multicast, a cloud's metadata, and all of these in the
/// clothes of IPv6 (mapped, NAT64, 6to4, Teredo, ISATAP) are refused; so are schemes but http and
/// https, a user name in the address, ports of other services (below 1024, but for 80 and 443), and
/// IPv4 addresses that are not written as four decimal numbers.
///
/// ```
/// use chatapi_outbox::checks::Guard;
///
/// let guard = Guard::new();
/// assert!(guard.check("https://files.example.org/price.pdf").is_ok());
/// assert!(guard.check("http://169.254.169.254/latest/meta-data/").is_err());
/// assert!(guard.check("http://2130706433/").is_err());
/// let guard = guard.allow(["10.1.0.0/16"])?;
/// assert!(guard.check("http://10.1.2.3:8080/price.pdf").is_ok());
/// # Ok::<(), chatapi_outbox::checks::BadRange>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: Vec<IpNet>,
}

impl Guard {
    /// Only the public internet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also these ranges (`10.1.0.0/16`) and addresses: of a gateway or a file server of your own.
    /// An IPv4 range allows these addresses in the clothes of IPv6 no more than before.
    ///
    /// # Errors
    ///
    /// [`BadRange`] for what is neither.
    pub fn allow<'a>(
        mut self,
        ranges: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, BadRange> {
        for range in ranges {
            let bare = range.trim();
            let address = bare.parse::<IpAddr>().ok().map(IpNet::from);
            let range = address.or_else(|| bare.parse().ok());
            self.allowed.push(range.ok_or_else(|| BadRange(bare.into()))?);
        }
        Ok(self)
    }

    /// Whether an address may be asked, as far as can be told before its name is looked up.
    ///
    /// # Errors
    ///
    /// [`Refused`] says why not.
    pub fn check(&self, address: &str) -> Result<(), Refused> {
        self.look(address).map(drop)
    }

    /// Whether a connection to there may be opened.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        is_public(address) || self.allowed.iter().any(|range| range.contains(&address))
    }

    /// The address, if it may be asked.
    pub(super) fn look(&self, address: &str) -> Result<Url, Refused> {
        let url = Url::parse(address.trim()).map_err(|_| Refused::Unreadable)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::User);
        }
        if url.port().is_some_and(|port| port < 1024 && port != 80 && port != 443) {
            return Err(Refused::Port);
        }
        match url.host() {
            Some(Host::Domain(_)) => {}
            // Decimal, octal and hexadecimal numbers, and fewer than four of them, were made four
            // decimal ones by the parser; whoever writes them so hides something.
            Some(Host::Ipv4(ip)) if !is_plainly_written(address, ip) => {
                return Err(Refused::Spelling);
            }
            Some(Host::Ipv4(ip)) if !self.permits(ip.into()) => return Err(Refused::Inside),
            Some(Host::Ipv6(ip)) if !self.permits(ip.into()) => return Err(Refused::Inside),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => {}
            None => return Err(Refused::Unreadable),
        }
        Ok(url)
    }
}

fn is_plainly_written(address: &str, ip: Ipv4Addr) -> bool {
    let rest = address.split_once("//").map_or(address, |(_, rest)| rest);
    let rest = rest.strip_prefix(&ip.to_string()).unwrap_or("x");
    rest.is_empty() || rest.starts_with([':', '/', '?', '#'])
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !INSIDE_V4.iter().any(|range| range.contains(&address)),
        IpAddr::V6(address) => {
            // ISATAP carries an IPv4 address in the last four bytes, whatever comes before.
            let is_isatap = matches!(address.segments(), [_, _, _, _, 0 | 0x200, 0x5efe, _, _]);
            GIVEN_OUT_V6.contains(&address)
                && !is_isatap
                && !INSIDE_V6.iter().any(|range| range.contains(&address))
        }
    }
}

/// Why an address is not asked. None of the address is shown: it may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It is none.
    #[error("it is no web address")]
    Unreadable,
    /// Its scheme is another.
    #[error("it is neither http nor https")]
    Scheme,
    /// There is a user name or a password in it.
    #[error("there is a user name or a password in it; addresses like that are not asked")]
    User,
    /// Its port is another service's.
    #[error("its port belongs to another service than the web; it is not asked")]
    Port,
    /// Its IPv4 address is not written as four decimal numbers.
    #[error("its IP address is not plainly written; it is not asked")]
    Spelling,
    /// It leads into a network that the public internet does not reach.
    #[error(
        "it leads to an address inside a network, which the gateway cannot reach; if the gateway is \
         your own, allow that range in the guard"
    )]
    Inside,
}

impl Refused {
    /// Whether a gateway can do nothing with such an address either.
    pub(super) const fn is_dead(self) -> bool {
        matches!(self, Self::Unreadable | Self::Scheme | Self::Inside)
    }
}

/// A text that is neither an address nor a range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an IP address nor a range such as 10.1.0.0/16")]
pub struct BadRange(Box<str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_internet_may_be_asked() {
        let guard = Guard::new();
        for address in [
            "http://8.8.8.8/",
            "https://93.184.215.14:8443/a?b=c#d",
            "https://[2606:4700:4700::1111]/",
            "https://[2001:200::1]:443/",
            "https://files.example.org",
            "https://bücher.example/ü.pdf",
            "http://100.63.255.255/",
            "http://100.128.0.1/",
            "http://172.15.0.1/",
            "http://172.32.0.1/",
            "http://223.255.255.255/",
        ] {
            assert_eq!(guard.check(address), Ok(()), "{address}");
        }
    }

    #[test]
    fn an_address_is_judged_by_what_it_is_not_by_how_it_looks() {
        let guard = Guard::new();
        for address in ["http://134744072/", "http://0x8.8.8.8/", "http://8.8.2056/"] {
            assert_eq!(guard.check(address), Err(Refused::Spelling), "{address}");
        }
        assert_eq!(guard.check("http://8.8.8.8@127.0.0.1/"), Err(Refused::User));
        assert_eq!(guard.check("http://8.8.8.8:25/"), Err(Refused::Port));
        assert_eq!(guard.check("ftp://8.8.8.8/"), Err(Refused::Scheme));
        assert_eq!(guard.check("8.8.8.8"), Err(Refused::Unreadable));
    }

    #[test]
    fn what_is_allowed_is_allowed_in_its_own_clothes_only() {
        let guard = Guard::new().allow(["127.0.0.1", " fd00::/8 "]).unwrap();
        assert_eq!(guard.check("http://127.0.0.1:8080/"), Ok(()));
        assert_eq!(guard.check("http://[fd00::1]/"), Ok(()));
        assert_eq!(guard.check("http://127.0.0.2/"), Err(Refused::Inside));
        assert_eq!(guard.check("http://[::ffff:127.0.0.1]/"), Err(Refused::Inside));
        assert!(Guard::new().allow(["localhost"]).unwrap_err().to_string().contains("localhost"));
    }
}
