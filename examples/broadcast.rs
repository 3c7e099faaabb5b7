//! One message to many, with a result for each, and no number that clogs the queue.

use chatapi::chat_api::Client;
use chatapi::client::Broadcast;
use chatapi::client::line::Content;
use chatapi::{Phone, Sandbox};

const CUSTOMERS: [&str; 5] = [
    "+7 (900) 000-00-01",
    "007 900 000 00 02",
    "8 900 000-00-03", // as it is dialled at home
    "+44 (0) 20 7946 0000",
    "79000000009",
];

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("12345", "token");
    sandbox.no_account("79000000009");
    let client = Client::over(instance.gateway());

    // What people paste is parsed first; what cannot be a number says why.
    let mut phones: Vec<Phone> = Vec::new();
    for pasted in CUSTOMERS {
        match pasted.parse() {
            Ok(phone) => phones.push(phone),
            Err(why) => println!("{pasted}: {why}"),
        }
    }

    let text = Content::Text("We are closed tomorrow".to_owned());
    let report = Broadcast::new(&client, phones, text).checking_phones().at_once(4).run().await;
    println!("{report}");

    // Of these nobody knows: look before sending again. Here there are none.
    assert_eq!(report.in_doubt().count(), 0);
    Ok(())
}
