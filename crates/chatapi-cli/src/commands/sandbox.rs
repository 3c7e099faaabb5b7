//! Runs an emulated gateway.

use chatapi_sandbox::{ClockMode, Sandbox, ServerOptions};
use chatapi_types::Messenger;
use serde_json::json;

use super::print_json;
use crate::exit::{Code, Failure};
use crate::options::SandboxOptions;

/// Serves until interrupted.
pub(crate) async fn run(options: SandboxOptions, json: bool) -> Result<Code, Failure> {
    if !(0.01..=10_000.0).contains(&options.speed) {
        return Err(Failure::Usage("--speed takes 0.01 to 10000".to_owned()));
    }
    let clock = ClockMode::Scaled(options.speed);
    let sandbox = Sandbox::builder().clock(clock).seed(options.seed).build();
    for instance in &options.instances {
        let (id, token) = instance
            .split_once(':')
            .filter(|(id, token)| !id.is_empty() && !token.is_empty())
            .ok_or_else(|| Failure::Usage("write an instance as ID:TOKEN".to_owned()))?;
        sandbox.add_instance(id, token);
    }
    for token in &options.channels {
        sandbox.add_channel(token.as_str(), Messenger::WhatsApp);
    }
    for key in &options.uids {
        sandbox.add_account(key.as_str());
    }
    let serving = sandbox.serve_with(ServerOptions::new().port(options.port)).await;
    let server = serving.map_err(|error| {
        Failure::Machine(format!("port {} cannot be opened: {error}", options.port))
    })?;
    let (chat_api, admin, wamm) = (server.address(), server.admin_address(), server.wamm_address());
    if json {
        print_json(&json!({
            "chatApi": chat_api.as_str(),
            "admin": admin.as_str(),
            "wamm": wamm.as_str(),
        }))?;
    } else {
        println!("Chat API  {chat_api}");
        println!("admin     {admin}");
        println!("wamm      {wamm}");
        if let Some((id, token)) = options.instances.first().and_then(|i| i.split_once(':')) {
            println!();
            println!(
                "export CHATAPI_ADDRESS={chat_api} CHATAPI_INSTANCE={id} CHATAPI_TOKEN={token}"
            );
            if let Some(key) = options.uids.first() {
                println!("export CHATAPI_ADMIN_ADDRESS={admin} CHATAPI_UID={key}");
            }
            println!("chatapi status");
            println!("chatapi send 79000000001 hello --follow read");
        }
    }
    interrupted().await?;
    server.shutdown().await;
    Ok(Code::Done)
}

/// Waits for Ctrl-C or, where there is such a thing, SIGTERM.
async fn interrupted() -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Machine(format!("signals: {error}"));
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result.map_err(failed),
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(failed)
}
