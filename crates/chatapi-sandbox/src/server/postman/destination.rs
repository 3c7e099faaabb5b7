//! Where webhooks may go: to this machine, unless the whole world is allowed.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The address of a receiver; the reason where it is not called. Names are looked at once more when
/// they are [resolved](Resolver).
pub(super) fn of(target: &str, allow_remote: bool) -> Result<Url, String> {
    let url = Url::parse(target.trim()).map_err(|error| format!("no address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("the address must begin with http:// or https://".to_owned());
    }
    let host = url.host_str().unwrap_or_default();
    // However a number was written, here it has its usual form.
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match ip {
        Ok(ip) if !allow_remote && !is_here(ip) => Err(Elsewhere(host.to_owned()).to_string()),
        _ => Ok(url),
    }
}

fn is_here(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// A host that is not this machine.
#[derive(Debug)]
pub(super) struct Elsewhere(String);

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is not on this machine; to let webhooks go there, allow remote webhooks",
            self.0
        )
    }
}

impl std::error::Error for Elsewhere {}

/// Finds the addresses of names and leaves out those that are not allowed. The connection goes to
/// what it found and to nothing else, so a name that is another address a moment later leads nowhere.
pub(super) struct Resolver {
    pub(super) allow_remote: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_remote = self.allow_remote;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed = found.filter(|found| allow_remote || is_here(found.ip()));
            let allowed: Vec<SocketAddr> = allowed.collect();
            match allowed.is_empty() {
                true => Err(Elsewhere(name.as_str().to_owned()).into()),
                false => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_called_however_an_address_is_written() {
        for here in [
            "http://127.0.0.1:9/hook",
            "https://127.9.9.9/",
            "http://[::1]:9/",
            "http://[::ffff:127.0.0.1]/",
            "http://2130706433/",
            "http://0177.1/",
            "http://localhost/",
            " http://user:pass@127.0.0.1/ ",
        ] {
            assert!(of(here, false).is_ok(), "{here}");
        }
        for elsewhere in [
            "http://192.0.2.1/",
            "http://0.0.0.0/",
            "http://10.0.0.1/",
            "http://169.254.169.254/latest/",
            "http://[::ffff:192.0.2.1]/",
            "http://[::]/",
            "http://3221225985/",
            "http://127.0.0.1@192.0.2.1/",
        ] {
            assert!(
                of(elsewhere, false).unwrap_err().contains("not on this machine"),
                "{elsewhere}"
            );
            assert!(of(elsewhere, true).is_ok(), "{elsewhere}");
        }
        for wrong in ["file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1/hook", "", "http://"] {
            assert!(of(wrong, true).is_err(), "{wrong}");
        }
    }
}
