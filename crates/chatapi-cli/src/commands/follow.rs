//! Follows a message.

use std::time::Duration;

use chatapi_client::line::Submitted;
use chatapi_client::{Outcome, Tracking};
use chatapi_types::Delivery;
use serde_json::json;

use super::print_json;
use crate::connect::{self, Client};
use crate::exit::{Code, Failure};
use crate::options::{GatewayOptions, Goal};

/// Follows a message by its id.
pub(crate) async fn run(
    gateway: GatewayOptions,
    id: String,
    until: Goal,
    within: u64,
    json: bool,
) -> Result<Code, Failure> {
    let client = connect::client(&gateway)?;
    follow(&client, id.as_str().into(), until, within, json).await
}

/// Follows a message and prints how that ended.
pub(crate) async fn follow(
    client: &Client,
    message: Submitted,
    until: Goal,
    within: u64,
    json: bool,
) -> Result<Code, Failure> {
    let goal = match until {
        Goal::Sent => Delivery::Sent,
        Goal::Delivered => Delivery::Delivered,
        Goal::Read => Delivery::Read,
    };
    let tracking = Tracking::new(client.line(), message).until(goal);
    let outcome = tracking.within(Duration::from_secs(within)).outcome().await?;
    let state = outcome.state().map(|state| state.delivery.to_string());
    if json {
        print_json(&json!({ "reached": outcome.is_reached(), "state": state }))?;
    } else {
        let state = state.as_deref().unwrap_or("never seen in the vendor's records");
        match &outcome {
            Outcome::Reached(_) => println!("{state}"),
            Outcome::Ended(_) => println!("{state}: it will not get further"),
            _ => {
                println!("{state} after {within} s");
                if !client.line().capabilities().polls_delivery && until != Goal::Sent {
                    println!(
                        "polling mostly proves no more than \"sent\" here: switch on \
                         ackNotificationsOn and listen to webhooks"
                    );
                }
            }
        }
    }
    Ok(if outcome.is_reached() { Code::Done } else { Code::Failed })
}
