//! Sends a text.

use chatapi_client::line::Outgoing;
use chatapi_types::chat_api::Recipient;
use serde_json::json;

use super::{follow, print_json};
use crate::connect;
use crate::exit::{Code, Failure};
use crate::options::{GatewayOptions, SendOptions, Vendor};

/// Sends, prints the id, and follows if asked to.
pub(crate) async fn run(
    gateway: GatewayOptions,
    send: SendOptions,
    json: bool,
) -> Result<Code, Failure> {
    let client = connect::client(&gateway)?;
    let to = recipient(&send.to, gateway.vendor)?;
    let sent = client.line().submit(&Outgoing::text(to, send.text)).await?;
    let id = sent.id.as_ref().map(ToString::to_string);
    if json {
        print_json(&json!({
            "id": id,
            "queueNumber": sent.queue_number,
            "waitsForAccount": sent.waits_for_account,
        }))?;
    } else {
        println!("{}", id.as_deref().unwrap_or("taken, without an id"));
        if sent.waits_for_account {
            println!("it waits: the instance is not linked to a phone");
        }
    }
    match send.follow {
        Some(goal) => follow::follow(&client, sent, goal, send.within, json).await,
        None => Ok(Code::Done),
    }
}

fn recipient(text: &str, vendor: Vendor) -> Result<Recipient, Failure> {
    match (text.parse::<Recipient>(), vendor) {
        (Ok(recipient), _) => Ok(recipient),
        // Nicknames and group numbers are addresses on wamm.
        (Err(_), Vendor::Wamm) if !text.starts_with(['+', '0', '8']) => {
            Ok(Recipient::Chat(text.into()))
        }
        (Err(bad), _) => Err(Failure::Usage(format!("the recipient cannot be used: {bad}"))),
    }
}
