//! Follows a message.

use std::fmt;
use std::time::Duration;

use chatapi_client::line::Submitted;
use chatapi_client::{Outcome, Tracking};
use chatapi_types::Delivery;
use serde_json::{Value, json};

use crate::connect::{self, Client};
use crate::exit::{Code, Failure};
use crate::options::{GatewayOptions, Goal};
use crate::out;

/// A message as `send` told of it.
pub(crate) fn message(id: &str, queue_number: Option<u64>) -> Submitted {
    let mut message = Submitted::from(id);
    message.queue_number = queue_number;
    message
}

/// Follows a message.
pub(crate) async fn run(
    gateway: GatewayOptions,
    message: Submitted,
    until: Goal,
    within: u64,
    json: bool,
) -> Result<Code, Failure> {
    let client = connect::client(&gateway)?;
    let followed = follow(&client, message, until, within).await?;
    match json {
        true => out::json(&followed.to_json())?,
        false => out::line(&followed)?,
    }
    Ok(followed.code())
}

/// How following ended.
pub(crate) struct Followed {
    outcome: Outcome,
    within: u64,
    /// Why no more was seen, where that lies in how was looked.
    remark: Option<&'static str>,
}

/// Follows a message.
pub(crate) async fn follow(
    client: &Client,
    message: Submitted,
    until: Goal,
    within: u64,
) -> Result<Followed, Failure> {
    let goal = match until {
        Goal::Sent => Delivery::Sent,
        Goal::Delivered => Delivery::Delivered,
        Goal::Read => Delivery::Read,
    };
    let capabilities = client.line().capabilities();
    let searched = message.queue_number.is_some() || !capabilities.shows_queue;
    let tracking = Tracking::new(client.line(), message).until(goal);
    let outcome = tracking.within(Duration::from_secs(within)).outcome().await?;
    let remark = match outcome.state() {
        None if !searched => Some("the queue was not searched: give --queue-number"),
        Some(_) if !capabilities.polls_delivery && until != Goal::Sent => Some(
            "polling mostly proves no more than \"sent\" here: switch on ackNotificationsOn and \
             listen to webhooks",
        ),
        _ => None,
    };
    Ok(Followed { outcome, within, remark })
}

impl Followed {
    fn state(&self) -> Option<String> {
        self.outcome.state().map(|state| state.delivery.to_string())
    }

    /// For scripts.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "reached": self.outcome.is_reached(), "state": self.state() })
    }

    /// The exit code.
    pub(crate) const fn code(&self) -> Code {
        if self.outcome.is_reached() { Code::Done } else { Code::Failed }
    }
}

impl fmt::Display for Followed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        let state = state.as_deref().unwrap_or("not seen in the vendor's records");
        match &self.outcome {
            Outcome::Reached(_) => return f.write_str(state),
            Outcome::Ended(_) => return write!(f, "{state}: it will not get further"),
            _ => write!(f, "{state} after {} s", self.within)?,
        }
        self.remark.map_or(Ok(()), |remark| write!(f, "\n{remark}"))
    }
}
