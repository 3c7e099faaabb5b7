//! The account's instances.

use chatapi_admin::Platform;
use serde_json::json;

use crate::connect;
use crate::exit::{Code, Failure};
use crate::options::{AccountOptions, InstancesCommand};
use crate::out;

/// Lists, creates or deletes instances.
pub(crate) async fn run(
    account: AccountOptions,
    command: InstancesCommand,
    json: bool,
) -> Result<Code, Failure> {
    let admin = connect::admin(&account)?;
    let instances = admin.instances();
    match command {
        InstancesCommand::List => {
            let list = instances.list().await?;
            if json {
                out::json(&list)?;
            } else {
                for instance in list.known() {
                    let state = if instance.stopped { "stopped" } else { "running" };
                    out::line(format_args!(
                        "{:<8} {:<12} {state:<8} {}",
                        instance.id, instance.platform, instance.name
                    ))?;
                }
                for _ in list.raw() {
                    out::line(
                        "(an instance of a shape that this version does not know; see --json)",
                    )?;
                }
            }
        }
        InstancesCommand::Create => {
            let created = instances.create(Platform::WhatsApp).await?;
            // The one place where the token is shown on purpose: the vendor never shows it again.
            if json {
                out::json(&json!({
                    "id": created.id(),
                    "apiUrl": created.api_url(),
                    "token": created.token().expose(),
                }))?;
            } else {
                let (id, address, token) = (created.id(), created.api_url(), created.token());
                out::line(format_args!(
                    "instance {id}\naddress  {address}\ntoken    {}   (keep it: no list shows it)",
                    token.expose()
                ))?;
            }
        }
        InstancesCommand::Delete { id, confirm } => {
            instances.delete(id.as_str()).confirm(confirm).await?;
            if json {
                out::json(&json!({ "deleted": id }))?;
            } else {
                out::line(format_args!("instance {id} is deleted"))?;
            }
        }
    }
    Ok(Code::Done)
}
