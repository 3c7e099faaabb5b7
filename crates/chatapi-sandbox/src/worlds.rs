//! Many sandboxes under one roof.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::clock::VirtualClock;
use crate::command::CommandError;
use crate::world::Random;
use crate::{ClockMode, Profile, Sandbox};

/// How many worlds there can be unless told otherwise, besides the main one.
const MOST: usize = 256;

/// Sandboxes that know nothing of each other: tests that run at the same time take one each. Every
/// world has its own instances, clock, seed, messages and journal.
///
/// A world begins as the main one [was at the beginning](Sandbox::keep_as_origin), with the same
/// instances and tokens. Cheap to clone; clones are the same worlds.
///
/// ```
/// use chatapi_sandbox::{Sandbox, Worlds};
///
/// let sandbox = Sandbox::new();
/// sandbox.add_instance("123", "token");
/// let worlds = Worlds::new(sandbox);
/// let (one, two) = (worlds.open("one")?, worlds.open("two")?);
/// one.instance("123").phone_offline();
/// assert_ne!(one.instance("123").status(), two.instance("123").status());
/// # Ok::<(), chatapi_sandbox::CommandError>(())
/// ```
#[derive(Clone)]
pub struct Worlds {
    shared: Arc<Shared>,
}

struct Shared {
    main: Sandbox,
    most: usize,
    named: Mutex<BTreeMap<String, Sandbox>>,
    /// Told whenever there is another world, or one less.
    changes: watch::Sender<()>,
}

/// A world that is to be made: as the main one was at the beginning, unless said otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct NewWorld {
    /// Its name: 1 to 64 letters, digits, `-`, `_`, `.`, the first of them a letter or digit.
    pub name: String,
    /// The seed of everything that is left to chance in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How its clock moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockMode>,
    /// The vendors' figures in it.
    #[serde(skip)]
    pub profile: Option<Profile>,
}

impl NewWorld {
    /// A world of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), seed: None, clock: None, profile: None }
    }

    /// With this seed.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// With a clock that moves so.
    #[must_use]
    pub const fn clock(mut self, mode: ClockMode) -> Self {
        self.clock = Some(mode);
        self
    }

    /// With these figures.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }
}

impl Worlds {
    /// The name of the world that requests are for which name none.
    pub const MAIN: &'static str = "main";

    /// A sandbox and, besides it, up to 256 worlds as it is now.
    #[must_use]
    pub fn new(main: Sandbox) -> Self {
        Self::at_most(main, MOST)
    }

    /// A sandbox and, besides it, up to so many worlds as it is now.
    #[must_use]
    pub fn at_most(main: Sandbox, most: usize) -> Self {
        main.keep_as_origin();
        Self {
            shared: Arc::new(Shared {
                main,
                most,
                named: Mutex::default(),
                changes: watch::Sender::new(()),
            }),
        }
    }

    fn named(&self) -> MutexGuard<'_, BTreeMap<String, Sandbox>> {
        self.shared.named.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The main world.
    #[must_use]
    pub fn main(&self) -> &Sandbox {
        &self.shared.main
    }

    /// The names of all, the main one first.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let named = self.named();
        std::iter::once(Self::MAIN.to_owned()).chain(named.keys().cloned()).collect()
    }

    /// Tells whenever there is another world, or one less.
    #[cfg(feature = "server")]
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.shared.changes.subscribe()
    }

    /// All but the main one, by their names.
    #[cfg(feature = "server")]
    pub(crate) fn others(&self) -> BTreeMap<String, Sandbox> {
        self.named().clone()
    }

    /// A world that is there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Sandbox> {
        match name {
            Self::MAIN => Some(self.shared.main.clone()),
            name => self.named().get(name).cloned(),
        }
    }

    /// A world, made on first use.
    ///
    /// # Errors
    ///
    /// Those of [`create`](Self::create).
    pub fn open(&self, name: &str) -> Result<Sandbox, CommandError> {
        if let Some(world) = self.get(name) {
            return Ok(world);
        }
        check(name)?;
        let mut named = self.named();
        // Another may have been faster.
        if let Some(world) = named.get(name) {
            return Ok(world.clone());
        }
        self.make(&mut named, NewWorld::new(name))
    }

    /// Makes a world.
    ///
    /// # Errors
    ///
    /// [`CommandError`] when there is one of this name, when the name is none that can be given, or
    /// when there are as many as there can be.
    pub fn create(&self, world: NewWorld) -> Result<Sandbox, CommandError> {
        check(&world.name)?;
        let mut named = self.named();
        if world.name == Self::MAIN || named.contains_key(&world.name) {
            let text = format!("there is a world {} already", world.name);
            return Err(CommandError::impossible(text));
        }
        self.make(&mut named, world)
    }

    fn make(
        &self,
        named: &mut BTreeMap<String, Sandbox>,
        new: NewWorld,
    ) -> Result<Sandbox, CommandError> {
        let most = self.shared.most;
        if named.len() >= most {
            return Err(CommandError::impossible(format!(
                "there are {most} worlds, and no more can be: delete one that is done with"
            )));
        }
        let main = &self.shared.main;
        let mut world = (*main.origin()).clone();
        if let Some(seed) = new.seed {
            world.scene.random = Random::new(seed);
        }
        if let Some(profile) = new.profile {
            world.scene.profile = profile;
        }
        let mode = new.clock.unwrap_or_else(|| main.clock().mode());
        let clock = match mode {
            ClockMode::Real | ClockMode::Scaled(_) => VirtualClock::new(mode),
            mode => VirtualClock::starting_at(mode, world.scene.start),
        };
        if let ClockMode::Real | ClockMode::Scaled(_) = mode {
            world.begin_at(clock.start());
        }
        let origin = main.quietly(|world| world.scene.origin.clone());
        if origin != Sandbox::ADDRESS {
            world.scene.origin = format!("{origin}/_world/{}", new.name);
        }
        // What the main one has on its way is not on its way here.
        world.scene.regain_hooks();
        clock.set_world(world.scene.start, world.scene.now);
        let sandbox = main.another(world, clock);
        named.insert(new.name, sandbox.clone());
        self.shared.changes.send_replace(());
        Ok(sandbox)
    }

    /// Deletes a world. Who holds it can go on using it; the name leads to a new one.
    ///
    /// # Errors
    ///
    /// [`CommandError`] when there is none, and for the main one, which can only be
    /// [reset](Sandbox::reset).
    pub fn delete(&self, name: &str) -> Result<(), CommandError> {
        if name == Self::MAIN {
            let text = "the main world cannot be deleted: reset it";
            return Err(CommandError::impossible(text));
        }
        let gone = self.named().remove(name);
        self.shared.changes.send_replace(());
        gone.map(drop).ok_or_else(|| CommandError::missing("there is no such world"))
    }
}

impl From<Sandbox> for Worlds {
    fn from(main: Sandbox) -> Self {
        Self::new(main)
    }
}

impl fmt::Debug for Worlds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Worlds({})", self.names().join(", "))
    }
}

fn check(name: &str) -> Result<(), CommandError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    match begins_well && name.len() <= 64 && name.chars().all(is_plain) {
        true => Ok(()),
        false => Err(CommandError::invalid(
            "a world's name has 1 to 64 letters, digits, `-`, `_` or `.`, and begins with a letter \
             or digit",
        )),
    }
}
