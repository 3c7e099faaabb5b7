//! A whole sandbox, kept to be restored.

use std::fmt;
use std::sync::Arc;

use chatapi_types::RawJson;
use serde::{Deserialize, Serialize};

use crate::Sandbox;
use crate::world::World;

/// The form in which snapshots are written. Raised whenever a world of before cannot be read any
/// more, or means something else.
const FORMAT: u32 = 1;

/// A sandbox at one moment: instances, channels, messages, plans, chance, journal and the time.
///
/// Restored, it goes on as it would have: the same calls at the same times get the same answers, to
/// the byte. What belongs to the place where a sandbox runs is no part of it: how its clock moves,
/// and its public address.
///
/// Cheap to clone. **It holds the tokens of its instances and channels**, which are worth nothing
/// elsewhere, and the texts of their messages.
///
/// ```
/// use chatapi_sandbox::{Sandbox, Snapshot};
///
/// let sandbox = Sandbox::new();
/// sandbox.add_instance("12345", "token");
/// let bytes = sandbox.snapshot().to_bytes()?;
///
/// let other = Sandbox::new();
/// other.restore(&Snapshot::from_bytes(&bytes)?);
/// assert!(other.instance("12345").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    world: Arc<World>,
}

/// What stands around a world that is written down.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    chatapi_sandbox: u32,
    /// The version that wrote it.
    version: String,
    /// Of the text of `world`.
    checksum: String,
    world: Option<RawJson>,
}

impl Snapshot {
    /// As JSON, whose members may change between versions: for keeping, not for reading.
    ///
    /// # Errors
    ///
    /// [`BadSnapshot`] when it cannot be written, which no world that this version knows gives
    /// cause for.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BadSnapshot> {
        let unwritten = |error: &dyn fmt::Display| {
            BadSnapshot::new(format!("the snapshot cannot be written: {error}"))
        };
        let world = serde_json::to_string(&*self.world).map_err(|error| unwritten(&error))?;
        let envelope = Envelope {
            chatapi_sandbox: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            checksum: checksum(world.as_bytes()),
            world: Some(RawJson::new(world).map_err(|error| unwritten(&error))?),
        };
        serde_json::to_vec(&envelope).map_err(|error| unwritten(&error))
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    ///
    /// [`BadSnapshot`] when it is none, is of a form that this version does not read, or is damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadSnapshot> {
        let envelope: Envelope = serde_json::from_slice(bytes)
            .map_err(|_| BadSnapshot::new("this is not a whole snapshot of a sandbox"))?;
        let (format, version) = (envelope.chatapi_sandbox, envelope.version);
        if format != FORMAT {
            return Err(BadSnapshot::new(format!(
                "the snapshot has form {format}, written by version {version}; this version reads \
                 form {FORMAT}: take it anew, or use the version that wrote it"
            )));
        }
        let world =
            envelope.world.ok_or_else(|| BadSnapshot::new("the snapshot holds no world"))?;
        if checksum(world.get().as_bytes()) != envelope.checksum {
            return Err(BadSnapshot::new("the snapshot is damaged: its checksum is another"));
        }
        let world = serde_json::from_str(world.get()).map_err(|error| {
            BadSnapshot::new(format!(
                "the snapshot, written by version {version}, does not fit this one: {error}"
            ))
        })?;
        Ok(Self { world: Arc::new(world) })
    }
}

/// Shows how much it holds, and nothing of what.
impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("at", &self.world.scene.unix())
            .field("instances", &self.world.instances.iter().count())
            .field("channels", &self.world.channels.iter().count())
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// The sandbox as it is now. What was due has happened; the sandbox is held up only while its
    /// memory is copied.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { world: Arc::new(self.quietly(|world| world.clone())) }
    }

    /// Puts the sandbox back to a snapshot, of this one or of another, with its time: the calendar
    /// of the [`clock`](Self::clock) goes back (or forth) to the moment of the snapshot and moves on
    /// from there in the clock's own mode. Sleepers sleep on for as long as they had left.
    ///
    /// Handles stay valid and mean the instance of that number, the channel and the account of that
    /// place in the restored sandbox, where there is one.
    pub fn restore(&self, snapshot: &Snapshot) {
        self.replace((*snapshot.world).clone());
    }
}

/// Why bytes are not taken as a [`Snapshot`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSnapshot {
    reason: String,
}

impl BadSnapshot {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl fmt::Display for BadSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for BadSnapshot {}

/// FNV-1a, 64 bits: against accidents, not against anybody.
fn checksum(bytes: &[u8]) -> String {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, fold))
}
