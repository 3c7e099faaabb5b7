//! The gateway: a sandbox that loses answers and takes some messages in late.

use std::io::Write as _;
use std::time::Duration;

use chatapi_sandbox::fault::{Effect, Fault, Scope, When};
use chatapi_sandbox::{ClockMode, Sandbox};

use crate::Anything;
use crate::options::{Options, instance_of};

/// How many of a hundred messages are taken in while their answer is lost.
const LOST: f64 = 0.05;
/// How many of a hundred are taken in late, and how late: within the deadline and settle time.
const LATE: f64 = 0.01;
const LATE_BY: Duration = Duration::from_secs(30);

pub(crate) async fn serve(options: &Options) -> Anything {
    let clock = ClockMode::Scaled(f64::from(options.scale));
    // Nothing must be forgotten before it was read.
    let sandbox = Sandbox::builder().clock(clock).seed(options.seed).journal(2_000_000).build();
    for phone in 0..options.phones {
        sandbox.add_instance(instance_of(phone), "token");
        let of = || Scope::instance(instance_of(phone)).method("sendMessage");
        let faults = [
            (Effect::AnswerLost { hold: None }, LOST),
            (Effect::AcceptedLate { after: LATE_BY, hold: None }, LATE),
        ];
        for (effect, probability) in faults {
            let fault = Fault::new(effect).at(of()).when(When::Chance { probability });
            sandbox.faults().add(fault)?;
        }
    }
    let server = sandbox.serve().await?;
    println!("{}", server.address());
    std::io::stdout().flush()?;
    // Until whoever started us is gone.
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()))
        .await??;
    server.shutdown().await;
    Ok(())
}
