//! What the gateway's log says: which message it took, how often, and in which order.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use crate::Anything;

/// The log, read on and on.
#[derive(Debug)]
pub(crate) struct Truth {
    address: String,
    client: reqwest::Client,
    last: u64,
    /// How often each number's message was taken in.
    pub(crate) taken: HashMap<String, u32>,
    /// In which order, the first time.
    pub(crate) order: Vec<String>,
}

impl Truth {
    pub(crate) fn of(gateway: &str) -> Anything<Self> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(60)).build()?;
        let address = format!("{}/_sandbox/journal", gateway.trim_end_matches('/'));
        Ok(Self { address, client, last: 0, taken: HashMap::new(), order: Vec::new() })
    }

    /// Reads what is new.
    pub(crate) async fn read(&mut self) -> Anything {
        let url = format!("{}?after={}", self.address, self.last);
        let text = self.client.get(url).send().await?.error_for_status()?.text().await?;
        let entries: Vec<Value> = serde_json::from_str(&text)?;
        for entry in entries {
            let number = entry["number"].as_u64().ok_or("an entry of the log has no number")?;
            if number != self.last + 1 {
                return Err(
                    format!("the log has a gap after {}: it forgot something", self.last).into()
                );
            }
            self.last = number;
            let Some(chat) = entry["event"]["queued"]["chat"].as_str() else { continue };
            let to = chat.trim_end_matches("@c.us").to_owned();
            let times = self.taken.entry(to.clone()).or_default();
            *times += 1;
            if *times == 1 {
                self.order.push(to);
            }
        }
        Ok(())
    }
}
