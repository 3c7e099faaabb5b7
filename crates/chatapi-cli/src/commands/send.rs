//! Sends a text.

use std::io::IsTerminal;

use chatapi_client::line::{Outgoing, Submitted};
use chatapi_types::chat_api::Recipient;
use serde_json::json;

use super::follow;
use crate::connect;
use crate::exit::{Code, Failure};
use crate::options::{GatewayOptions, SendOptions, Vendor};
use crate::out;

/// Sends, prints the id, and follows if asked to.
pub(crate) async fn run(
    gateway: GatewayOptions,
    send: SendOptions,
    json: bool,
) -> Result<Code, Failure> {
    let client = connect::client(&gateway)?;
    let to = recipient(&send.to, gateway.vendor)?;
    let sent = client.line().submit(&Outgoing::text(to, send.text)).await?;
    if !json {
        tell(&sent)?;
    }
    let followed = match send.follow {
        Some(goal) => Some(follow::follow(&client, sent.clone(), goal, send.within).await?),
        None => None,
    };
    if json {
        out::json(&json!({
            "id": sent.id,
            "queueNumber": sent.queue_number,
            "waitsForAccount": sent.waits_for_account,
            "followed": followed.as_ref().map(follow::Followed::to_json),
        }))?;
    } else if let Some(followed) = &followed {
        out::line(followed)?;
    }
    Ok(followed.map_or(Code::Done, |followed| followed.code()))
}

fn tell(sent: &Submitted) -> Result<(), Failure> {
    match &sent.id {
        Some(id) => out::line(id)?,
        None => out::line("taken, without an id")?,
    }
    if sent.waits_for_account {
        out::line("it waits: the instance is not linked to a phone")?;
    }
    // For a person, not for a script that reads the id.
    if let (Some(number), true) = (sent.queue_number, std::io::stdout().is_terminal()) {
        out::aside(format_args!(
            "queue number {number}; give it to `chatapi follow` with --queue-number"
        ));
    }
    Ok(())
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
