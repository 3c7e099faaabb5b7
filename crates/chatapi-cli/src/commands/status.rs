//! Is the phone alive?

use serde_json::json;

use crate::connect;
use crate::exit::{Code, Failure};
use crate::options::GatewayOptions;
use crate::out;

/// Prints the state, what it means and what to do.
pub(crate) async fn run(gateway: GatewayOptions, json: bool) -> Result<Code, Failure> {
    let client = connect::client(&gateway)?;
    let health = client.line().health().await?;
    if json {
        out::json(&json!({
            "state": health.state,
            "canSend": health.can_send,
            "healsItself": health.heals_itself,
            "meaning": health.meaning,
            "action": health.action,
        }))?;
    } else {
        out::line(format_args!("{}: {}", health.state, health.meaning))?;
        if health.action != "nothing" {
            out::line(format_args!("do: {}", health.action))?;
        }
    }
    Ok(if health.can_send { Code::Done } else { Code::Failed })
}
