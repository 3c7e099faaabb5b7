//! What can be typed.

mod sandbox;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use sandbox::SandboxOptions;

const AFTER: &str = "\
Secrets come from CHATAPI_TOKEN (an instance or channel) and CHATAPI_UID (an account), or from
standard input; never from the command line, which everybody on the machine can read.

Exit codes: 0 done; 1 failure, or a finding that stops messages; 2 wrong usage; 4 token or key not
accepted; 5 declined by the vendor; 6 nobody knows whether it was done.";

/// Messenger gateways from a shell: send, follow, watch the queue, find out why it grows.
#[derive(Debug, Parser)]
#[command(name = "chatapi", version, propagate_version = true, after_help = AFTER)]
pub(crate) struct Options {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print JSON, for scripts.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Which gateway, and who asks.
#[derive(Clone, Debug, Args)]
pub(crate) struct GatewayOptions {
    /// The gateway's address; the vendor's own unless given.
    #[arg(long, env = "CHATAPI_ADDRESS")]
    pub(crate) address: Option<String>,
    /// The Chat API instance.
    #[arg(long, env = "CHATAPI_INSTANCE")]
    pub(crate) instance: Option<String>,
    /// The vendor.
    #[arg(long, env = "CHATAPI_VENDOR", value_enum, default_value = "chat-api")]
    pub(crate) vendor: Vendor,
    /// Read the token from the first line of standard input instead of CHATAPI_TOKEN.
    #[arg(long)]
    pub(crate) token_stdin: bool,
}

/// Which account.
#[derive(Clone, Debug, Args)]
pub(crate) struct AccountOptions {
    /// The address of the admin functions; the vendor's own unless given. Never that of an instance:
    /// the account's key must not go to another host.
    #[arg(long, env = "CHATAPI_ADMIN_ADDRESS", global = true)]
    pub(crate) admin_address: Option<String>,
    /// Read the account's API key from the first line of standard input instead of CHATAPI_UID.
    #[arg(long, global = true)]
    pub(crate) uid_stdin: bool,
}

/// A vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Vendor {
    /// Chat API, or a clone of it.
    ChatApi,
    /// wamm.chat.
    Wamm,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tells the whole story on an emulated gateway, in a few seconds.
    Demo {
        /// How many times faster than real the demo's time runs.
        #[arg(long, default_value_t = 60.0)]
        speed: f64,
    },
    /// Runs an emulated gateway on this machine until it is interrupted.
    Sandbox(Box<SandboxOptions>),
    /// Is the phone alive?
    Status(GatewayOptions),
    /// Sends a text.
    Send {
        /// Which gateway.
        #[command(flatten)]
        gateway: GatewayOptions,
        /// What to send.
        #[command(flatten)]
        send: SendOptions,
    },
    /// Follows a message that was sent.
    Follow {
        /// Which gateway.
        #[command(flatten)]
        gateway: GatewayOptions,
        /// The message's id, as `send` printed it.
        id: String,
        /// Its queue number, as `send` gave it: without it, the queue is not searched.
        #[arg(long)]
        queue_number: Option<u64>,
        /// How far to follow it.
        #[arg(long, value_enum, default_value = "sent")]
        until: Goal,
        /// For how many seconds at most.
        #[arg(long, default_value_t = 120)]
        within: u64,
    },
    /// What waits in the vendor's queue?
    Queue {
        /// Which gateway.
        #[command(flatten)]
        gateway: GatewayOptions,
        /// Drop everything that waits. It cannot be undone.
        #[arg(long)]
        clear: bool,
    },
    /// Why does the queue grow?
    Doctor {
        /// Which gateway.
        #[command(flatten)]
        gateway: GatewayOptions,
        /// How many seconds to watch whether the queue drains.
        #[arg(long, default_value_t = 30)]
        watch: u64,
    },
    /// The account's instances.
    Instances {
        /// Which account.
        #[command(flatten)]
        account: AccountOptions,
        /// What to do with them.
        #[command(subcommand)]
        command: InstancesCommand,
    },
}

/// What to send.
#[derive(Debug, Args)]
pub(crate) struct SendOptions {
    /// The recipient: a phone as people write it, or a chat id.
    pub(crate) to: String,
    /// The text.
    pub(crate) text: String,
    /// Follow it this far afterwards.
    #[arg(long, value_enum)]
    pub(crate) follow: Option<Goal>,
    /// For how many seconds at most.
    #[arg(long, default_value_t = 120)]
    pub(crate) within: u64,
}

/// How far to follow a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Goal {
    /// The messenger has it.
    Sent,
    /// It is on the recipient's device.
    Delivered,
    /// It was opened.
    Read,
}

/// What to do with instances.
#[derive(Debug, Subcommand)]
pub(crate) enum InstancesCommand {
    /// Lists them.
    List,
    /// Creates one and prints its token, which no list shows later.
    Create,
    /// Deletes one. It cannot be undone, so the number is said twice.
    Delete {
        /// The instance.
        id: String,
        /// The instance again.
        #[arg(long)]
        confirm: String,
    },
}
