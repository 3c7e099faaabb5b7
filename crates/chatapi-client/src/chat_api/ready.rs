//! From a sleeping instance to one that sends.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatapi_transport::Result;
use chatapi_types::chat_api::{AccountStatus, Remedy, Status};

use super::Client;

/// How often the state is read. The QR code lives for about a minute (grade A), so a code is seen
/// within a few seconds of its coming.
const POLL: Duration = Duration::from_secs(3);

/// How long is waited unless [`WaitUntilReady::within`] says otherwise.
const PATIENCE: Duration = Duration::from_secs(300);

/// Brings an instance up; made by
/// [`InstanceState::wait_until_ready`](super::InstanceState::wait_until_ready).
#[must_use = "nothing happens until it is run"]
pub struct WaitUntilReady<'a> {
    client: &'a Client,
    on_qr: Option<ShowQr<'a>>,
    patience: Duration,
    poll: Duration,
}

type ShowQr<'a> = Box<dyn FnMut(&QrCode) + Send + 'a>;

/// How waiting for an instance ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Readiness {
    /// It is authenticated; messages leave, or will: see [`Status::advice`].
    Ready(Status),
    /// A person must decide, for example to pay, to take the session over, to change the proxy: it
    /// does not pass by itself, and nothing of it is done unasked. See [`Status::advice`].
    Blocked(Status),
    /// Time is up.
    TimedOut(Status),
}

impl Readiness {
    /// Whether the instance is authenticated.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        matches!(self, Self::Ready(_))
    }

    /// The last state that was read.
    #[must_use]
    pub const fn status(&self) -> &Status {
        match self {
            Self::Ready(status) | Self::Blocked(status) | Self::TimedOut(status) => status,
        }
    }
}

/// A QR code to be scanned with the phone within a minute. Whoever has it can take the account
/// over, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct QrCode {
    data_uri: String,
}

impl QrCode {
    /// The picture as `data:image/…;base64,…`, fit for an `<img>`.
    #[must_use]
    pub fn data_uri(&self) -> &str {
        &self.data_uri
    }

    /// The picture; `None` when the vendor's text holds none.
    #[must_use]
    pub fn image(&self) -> Option<Vec<u8>> {
        let encoded =
            self.data_uri.rsplit_once("base64,").map_or(&*self.data_uri, |(_, data)| data);
        STANDARD.decode(encoded.trim()).ok().filter(|image| !image.is_empty())
    }
}

impl fmt::Debug for QrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QrCode(…)")
    }
}

impl fmt::Debug for WaitUntilReady<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitUntilReady").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl<'a> WaitUntilReady<'a> {
    pub(super) fn new(client: &'a Client) -> Self {
        Self { client, on_qr: None, patience: PATIENCE, poll: POLL }
    }

    /// Hands out each new QR code, once.
    pub fn on_qr(mut self, show: impl FnMut(&QrCode) + Send + 'a) -> Self {
        self.on_qr = Some(Box::new(show));
        self
    }

    /// Waits at most this long; 5 minutes unless given.
    pub const fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Reads the state this often; every 3 seconds unless given.
    pub const fn every(mut self, poll: Duration) -> Self {
        self.poll = poll;
        self
    }

    /// Waits.
    ///
    /// # Errors
    ///
    /// Those of a call, unless the call may succeed a little later and there is time left. That the
    /// QR code cannot be fetched is never one: it may have been scanned just now.
    pub async fn run(mut self) -> Result<Readiness> {
        let clock = self.client.gateway.clock();
        let deadline = clock.now().plus(self.patience);
        let mut shown: Option<String> = None;
        loop {
            let status = match self.client.state().wake().await {
                Ok(status) => Some(status),
                Err(error) if error.is_transient() && clock.now() < deadline => {
                    tracing::debug!(kind = ?error.kind(), "state not read, trying again");
                    None
                }
                Err(error) => return Err(error),
            };
            if let Some(status) = status {
                if status.account_status == AccountStatus::Authenticated {
                    return Ok(Readiness::Ready(status));
                }
                let advice = status.advice();
                match advice.remedy {
                    Remedy::RefreshQr => match self.client.state().expiry().await {
                        Err(error) if error.is_transient() => {
                            tracing::debug!(kind = ?error.kind(), "no new QR code, trying again");
                        }
                        answer => drop(answer?),
                    },
                    Remedy::ScanQr => self.show(&status, &mut shown).await,
                    Remedy::Wait | Remedy::Wake | Remedy::Retry => {}
                    // A phone that has lost its network, say, finds it again.
                    _ if advice.heals_itself => {}
                    // Taking a session over would throw somebody out: not without being asked.
                    _ => return Ok(Readiness::Blocked(status)),
                }
                if clock.now() >= deadline {
                    return Ok(Readiness::TimedOut(status));
                }
            }
            let left = deadline.since(clock.now());
            clock.sleep(self.poll.min(left).max(Duration::from_millis(1))).await;
        }
    }

    async fn show(&mut self, status: &Status, shown: &mut Option<String>) {
        let Some(show) = &mut self.on_qr else {
            return;
        };
        let data_uri = match &status.qr_code {
            Some(code) if !code.is_empty() => code.clone(),
            _ => match self.client.state().qr_code().await {
                Ok(picture) => {
                    let encoded = STANDARD.encode(&picture.bytes);
                    format!("data:{};base64,{encoded}", picture.content_type)
                }
                Err(error) => {
                    tracing::debug!(kind = ?error.kind(), "QR code not read, trying again");
                    return;
                }
            },
        };
        if shown.as_ref() != Some(&data_uri) {
            *shown = Some(data_uri.clone());
            show(&QrCode { data_uri });
        }
    }
}
