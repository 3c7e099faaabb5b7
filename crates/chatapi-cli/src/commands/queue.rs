//! What waits in the vendor's queue?

use chatapi_types::Masked;
use serde_json::json;

use crate::connect;
use crate::exit::{Code, Failure};
use crate::options::GatewayOptions;
use crate::out;

/// Shows or clears the queue.
pub(crate) async fn run(gateway: GatewayOptions, clear: bool, json: bool) -> Result<Code, Failure> {
    let client = connect::client(&gateway)?;
    if clear {
        let cleared = client.chat_api("way to clear its queue")?.queue().clear().await?;
        if json {
            out::json(&cleared)?;
        } else {
            out::line(cleared.message)?;
        }
        return Ok(Code::Done);
    }
    let queue = client.line().queue().await?;
    if json {
        let items: Vec<_> = queue
            .items
            .iter()
            .map(|item| json!({ "number": item.number, "chat": item.chat, "body": item.body }))
            .collect();
        out::json(&json!({ "total": queue.total, "complete": queue.complete, "items": items }))?;
        return Ok(Code::Done);
    }
    out::line(format_args!("{} wait", queue.total))?;
    for item in &queue.items {
        let chat = item.chat.as_ref().map_or("", |chat| chat.as_str());
        let what: String = item.body.chars().take(40).collect();
        out::line(format_args!(
            "{:>6}  {:<14}  {what}",
            item.number,
            Masked::new(chat).to_string()
        ))?;
    }
    if !queue.complete {
        out::line(format_args!(
            "        … and more: the vendor shows the first {} only",
            queue.items.len()
        ))?;
    }
    Ok(Code::Done)
}
