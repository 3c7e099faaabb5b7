//! What is asked for on the command line.

use std::time::Duration;

pub(crate) const HELP: &str = "\
kill-test: kills dispatchers at random moments and counts what was lost or sent twice

  --store sqlite|postgres       where the outbox rests: a file in a temporary folder (the default),
                                or the database of DATABASE_URL, which must be empty
  --workers N                   how many dispatch at once (1; more need postgres)
  --freezes                     half of the misfortunes freeze a worker (SIGSTOP) for longer than its
                                lease, and let it go on, instead of killing it
  --restarts N                  how often the database is restarted in mid-flight (0), by the program
                                of POSTGRES_RESTART
  --messages N                  how many in all (20000)
  --kills N                     how many at least (100)
  --phones N                    through how many phones they go (40)
  --scale N                     how much faster than life everything runs: times are divided by it (100)
  --seed N                      of kills and faults (1)
  --re-execute                  a worker that runs again what was in flight, as job queues do:
                                then duplicates must be found, or this test sees nothing

Ends with 0 when nothing was lost, nothing sent twice, all was settled, and no kill left more than one
doubt per phone; with --re-execute, when duplicates were found.";

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Which process this is.
    pub(crate) role: String,
    pub(crate) store: String,
    pub(crate) messages: u64,
    pub(crate) kills: u32,
    pub(crate) phones: u64,
    pub(crate) scale: u32,
    pub(crate) seed: u64,
    pub(crate) re_execute: bool,
    pub(crate) workers: usize,
    pub(crate) freezes: bool,
    pub(crate) restarts: u32,
    /// For the worker: where the gateway is, and which message is the first not yet taken in.
    pub(crate) gateway: String,
    pub(crate) from: u64,
}

impl Options {
    /// So many seconds of life, in the time of the test.
    pub(crate) fn real(&self, seconds: u64) -> Duration {
        Duration::from_secs(seconds) / self.scale
    }

    /// `None` for help.
    pub(crate) fn read(arguments: &[String]) -> Result<Option<Self>, String> {
        let mut options = Self {
            role: String::new(),
            store: "sqlite".to_owned(),
            messages: 20_000,
            kills: 100,
            phones: 40,
            scale: 100,
            seed: 1,
            re_execute: false,
            workers: 1,
            freezes: false,
            restarts: 0,
            gateway: String::new(),
            from: 0,
        };
        let mut arguments = arguments.iter();
        while let Some(name) = arguments.next() {
            match name.as_str() {
                "--help" | "-h" => return Ok(None),
                "--re-execute" => {
                    options.re_execute = true;
                    continue;
                }
                "--freezes" => {
                    options.freezes = true;
                    continue;
                }
                _ => {}
            }
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            let bad = |_| format!("{name} needs a number, not {value:?}");
            match name.as_str() {
                "--role" => options.role.clone_from(value),
                "--store" => options.store.clone_from(value),
                "--gateway" => options.gateway.clone_from(value),
                "--messages" => options.messages = value.parse().map_err(bad)?,
                "--kills" => options.kills = value.parse().map_err(bad)?,
                "--phones" => options.phones = value.parse().map_err(bad)?,
                "--scale" => options.scale = value.parse().map_err(bad)?,
                "--seed" => options.seed = value.parse().map_err(bad)?,
                "--workers" => options.workers = value.parse().map_err(bad)?,
                "--restarts" => options.restarts = value.parse().map_err(bad)?,
                "--from" => options.from = value.parse().map_err(bad)?,
                _ => return Err(format!("{name} is not known; --help lists what is")),
            }
        }
        if options.phones == 0 || options.messages == 0 || options.scale == 0 {
            return Err("messages, phones and scale must be at least 1".to_owned());
        }
        if options.store == "postgres" {
            let url = std::env::var("DATABASE_URL");
            options.store = url.map_err(|_| "DATABASE_URL is not set".to_owned())?;
        }
        if options.workers == 0 || options.workers > 1 && !options.is_postgres() {
            return Err("one worker at a time dispatches from a file".to_owned());
        }
        Ok(Some(options))
    }

    /// As arguments for a process of this test.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let named = [
            ("--role", self.role.clone()),
            ("--store", self.store.clone()),
            ("--gateway", self.gateway.clone()),
            ("--messages", self.messages.to_string()),
            ("--kills", self.kills.to_string()),
            ("--phones", self.phones.to_string()),
            ("--scale", self.scale.to_string()),
            ("--seed", self.seed.to_string()),
            ("--from", self.from.to_string()),
        ];
        let named = named.into_iter().flat_map(|(name, value)| [name.to_owned(), value]);
        named.chain(self.re_execute.then(|| "--re-execute".to_owned())).collect()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.store.starts_with("postgres")
    }

    /// Through which phone a message goes.
    pub(crate) const fn phone_of(&self, message: u64) -> u64 {
        message % self.phones
    }
}

/// The number that a message goes to; no other does.
pub(crate) fn number_of(message: u64) -> String {
    (79_000_000_000 + message).to_string()
}

/// The instance of a phone.
pub(crate) fn instance_of(phone: u64) -> String {
    (10_001 + phone).to_string()
}

/// With which others a message must keep its order.
pub(crate) fn order_key_of(options: &Options, message: u64) -> String {
    // Five keys to a phone.
    format!("key-{}", message % (options.phones * 5))
}
