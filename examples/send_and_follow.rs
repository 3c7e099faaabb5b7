//! Send a message and see it arrive, on the emulated gateway: no account, no network, no waiting.

use std::time::Duration;

use chatapi::chat_api::Client;
use chatapi::{Delivery, Outcome, Phone, Sandbox};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // With a real gateway these lines read:
    // let client = Client::connect("https://api.chat-api.com", "12345", "token")?;
    let instance = Sandbox::new().add_instance("12345", "token");
    let client = Client::over(instance.gateway());

    // Is the phone alive?
    let status = client.state().read().await?;
    println!("{}: {}", status.account_status, status.advice().meaning);

    // May this number be written to?
    let phone: Phone = "+7 (900) 000-00-01".parse()?;
    if !client.contacts().check_phone(&phone).await? {
        println!("{} has no account", phone.masked());
        return Ok(());
    }

    // `send` comes back as soon as the gateway has the message in its queue …
    let sent = client.messages().send_text(&phone, "Your parcel has arrived").send().await?;
    println!("taken as {}", sent.id.as_ref().ok_or("the gateway gave no id")?);

    // … and following it shows how far it gets.
    let outcome = client
        .messages()
        .track(&sent)
        .until(Delivery::Sent)
        .within(Duration::from_secs(60))
        .outcome()
        .await?;
    match outcome {
        Outcome::Reached(state) => println!("{}", state.delivery),
        other => println!("not sent yet: {other:?}"),
    }
    Ok(())
}
