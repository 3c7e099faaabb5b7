//! The account's instances.

use chatapi_admin::Platform;
use serde_json::json;

use super::print_json;
use crate::connect;
use crate::exit::{Code, Failure};
use crate::options::{AccountOptions, InstancesCommand};

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
                print_json(&list)?;
            } else {
                for instance in list.known() {
                    let state = if instance.stopped { "stopped" } else { "running" };
                    println!(
                        "{:<8} {:<12} {state:<8} {}",
                        instance.id, instance.platform, instance.name
                    );
                }
                for _ in list.raw() {
                    println!(
                        "(an instance of a shape that this version does not know; see --json)"
                    );
                }
            }
        }
        InstancesCommand::Create => {
            let created = instances.create(Platform::WhatsApp).await?;
            // The one place where the token is shown on purpose: the vendor never shows it again.
            if json {
                print_json(&json!({
                    "id": created.id(),
                    "apiUrl": created.api_url(),
                    "token": created.token().expose(),
                }))?;
            } else {
                println!("instance {}", created.id());
                println!("address  {}", created.api_url());
                println!("token    {}   (keep it: no list shows it)", created.token().expose());
            }
        }
        InstancesCommand::Delete { id, confirm } => {
            instances.delete(id.as_str()).confirm(confirm).await?;
            if json {
                print_json(&json!({ "deleted": id }))?;
            } else {
                println!("instance {id} is deleted");
            }
        }
    }
    Ok(Code::Done)
}
