//! A file that waits to be sent.

use chatapi_transport::{Gateway, Result};
use chatapi_types::wamm::{Address, FileFromBase64, FileSent, FileTo, Wamm};

use crate::file::File;

/// A file that waits to be sent; made by [`Messages::send_file`](super::Messages::send_file).
#[derive(Clone, Debug)]
#[must_use = "nothing happens until it is sent"]
pub struct FileSending {
    gateway: Gateway<Wamm>,
    call: FileCall,
}

/// The vendor has two methods: for a file at an address, and for one that is carried along.
#[derive(Clone, Debug)]
enum FileCall {
    Fetched(FileTo),
    Carried(FileFromBase64),
}

impl FileSending {
    pub(super) fn new(gateway: &Gateway<Wamm>, to: Address, file: File) -> Self {
        let (body, name) = file.into_parts();
        let call = match body.strip_prefix("data:") {
            None => FileCall::Fetched(FileTo::new(to, body)),
            Some(carried) => {
                let content = carried.split_once(',').map_or("", |(_, content)| content);
                FileCall::Carried(FileFromBase64::new(to, name, content))
            }
        };
        Self { gateway: gateway.clone(), call }
    }

    /// Sends it.
    ///
    /// Dropping the future abandons the call; the gateway may still do it.
    ///
    /// # Errors
    ///
    /// Those of [`Gateway::call`]. Before repeating it, ask
    /// [`Error::may_have_taken_effect`](chatapi_transport::Error::may_have_taken_effect).
    pub async fn send(self) -> Result<FileSent> {
        match &self.call {
            FileCall::Fetched(call) => self.gateway.call(call).await,
            FileCall::Carried(call) => self.gateway.call(call).await,
        }
    }
}
