//! How the emulated gateway runs.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::str::FromStr;

use chatapi_sandbox::{ClockMode, Profile};
use chatapi_transport::Address;
use clap::Args;

/// How the emulated gateway runs.
#[derive(Debug, Args)]
pub(crate) struct SandboxOptions {
    /// The port; a free one unless given.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The address to listen on. With one that other machines can reach, whoever reaches it can read
    /// and change everything in the sandbox: there is no password.
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) bind: IpAddr,
    /// Also serve the vendors' host names over TLS on this port (0 for a free one), with a CA made
    /// at start whose certificate is written to a file. The other port is then also their proxy.
    #[arg(long, value_name = "PORT")]
    pub(crate) tls: Option<u16>,
    /// What `apiUrl` and addresses of files in replies begin with, instead of the address in use. The
    /// page and the control API are then called by its host, too.
    #[arg(long, value_name = "URL", value_parser = base)]
    pub(crate) public_url: Option<String>,
    /// Let webhooks go to other machines than this one.
    #[arg(long)]
    pub(crate) allow_remote_webhooks: bool,
    /// How time runs: `real`, `frozen` (it moves when told to), or `xN` for N times as fast.
    #[arg(long, value_name = "real|frozen|xN", default_value = "real", value_parser = clock)]
    pub(crate) clock: ClockMode,
    /// The seed of all that is left to chance.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The vendors' figures, by name, or a JSON file that says what differs from a named one.
    #[arg(long, value_name = "NAME", value_parser = profile)]
    pub(crate) profile: Option<Profile>,
    /// Play a scenario from the start: a file in YAML that says what happens when.
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// Keep the state in this SQLite file, and go on from what it holds, its profile and its time
    /// included; in memory unless given.
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// An authenticated Chat API instance to begin with; may be given several times. Without any
    /// instance, channel and account there is one of each.
    #[arg(long = "instance", value_name = "ID:TOKEN")]
    pub(crate) instances: Vec<NewInstance>,
    /// A connected wamm channel to begin with; may be given several times.
    #[arg(long = "channel", value_name = "TOKEN", value_parser = word)]
    pub(crate) channels: Vec<String>,
    /// An account of the admin functions to begin with; may be given several times.
    #[arg(long = "uid", value_name = "KEY", value_parser = word)]
    pub(crate) uids: Vec<String>,
}

impl SandboxOptions {
    /// Whether somebody is asked for.
    pub(crate) fn is_peopled(&self) -> bool {
        !(self.instances.is_empty() && self.channels.is_empty() && self.uids.is_empty())
    }

    /// An instance that is asked for with one token and with another.
    pub(crate) fn claimed_twice(&self) -> Option<&str> {
        let mut known = BTreeMap::new();
        let mut instances = self.instances.iter();
        let twice = instances.find(|it| *known.entry(&it.id).or_insert(&it.token) != &it.token);
        twice.map(|instance| &*instance.id)
    }

    /// Asks for one of each.
    pub(crate) fn people(&mut self) {
        self.instances = vec![NewInstance { id: "12345".to_owned(), token: "token".to_owned() }];
        self.channels = vec!["channel".to_owned()];
        self.uids = vec!["account".to_owned()];
    }
}

/// A mode of the clock. One that follows sleepers is of no use: clients sleep in other processes.
fn clock(word: &str) -> Result<ClockMode, String> {
    match word.parse() {
        Ok(ClockMode::Auto) | Err(_) => {
            Err("write real, frozen, or how many times as fast, as in x60".to_owned())
        }
        Ok(mode) => Ok(mode),
    }
}

/// An instance to begin with. These tokens are the sandbox's own: no secret of anybody's.
#[derive(Clone, Debug)]
pub(crate) struct NewInstance {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl FromStr for NewInstance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (id, token) = text.split_once(':').ok_or("write ID:TOKEN, as in 12345:secret")?;
        if !(1..=128).contains(&id.len())
            || !id.chars().all(|letter| letter.is_ascii_alphanumeric())
        {
            return Err("an instance has a number, as in 12345:secret".to_owned());
        }
        Ok(Self { id: id.to_owned(), token: word(token)? })
    }
}

/// A token or key, which has to stand in an address and in a line of shell. The control API takes the
/// same.
fn word(text: &str) -> Result<String, String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if !(1..=128).contains(&text.len()) || !text.chars().all(is_plain) {
        return Err("it stands in addresses and in lines of shell: take 1 to 128 letters, digits \
                    and -_."
            .to_owned());
    }
    Ok(text.to_owned())
}

/// An address that others begin with.
fn base(text: &str) -> Result<String, String> {
    if !text.contains("://") {
        return Err("write it whole, as in http://sandbox:8080".to_owned());
    }
    let address: Address = text.parse().map_err(|error| format!("{error}"))?;
    Ok(address.as_str().to_owned())
}

/// A profile's name, or a JSON file with what is different from one.
fn profile(name: &str) -> Result<Profile, String> {
    if !name.to_ascii_lowercase().ends_with(".json") {
        return Profile::read(&name.into()).map_err(|error| error.to_string());
    }
    let data = std::fs::read(name).map_err(|error| error.to_string())?;
    let data = serde_json::from_slice(&data).map_err(|error| error.to_string())?;
    Profile::read(&data).map_err(|error| error.to_string())
}
