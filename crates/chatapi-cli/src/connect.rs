//! From options to clients.

use chatapi_admin::{Admin, ApiKey};
use chatapi_client::{Line, chat_api, wamm};
use chatapi_transport::Error;
use chatapi_types::Token;

use crate::exit::Failure;
use crate::options::{AccountOptions, GatewayOptions, Vendor};

/// A client of either vendor.
pub(crate) enum Client {
    /// Of a Chat API instance.
    ChatApi(chat_api::Client),
    /// Of a wamm channel.
    Wamm(wamm::Client),
}

impl Client {
    /// What both have in common.
    pub(crate) fn line(&self) -> &dyn Line {
        match self {
            Self::ChatApi(client) => client,
            Self::Wamm(client) => client,
        }
    }

    /// The Chat API client, for commands that only it has.
    pub(crate) fn chat_api(&self, command: &str) -> Result<&chat_api::Client, Failure> {
        match self {
            Self::ChatApi(client) => Ok(client),
            Self::Wamm(_) => Err(Failure::Usage(format!("wamm.chat has no {command}"))),
        }
    }
}

/// The client that the options name.
pub(crate) fn client(options: &GatewayOptions) -> Result<Client, Failure> {
    let token = Token::new(secret(options.token_stdin, "CHATAPI_TOKEN", "--token-stdin")?);
    Ok(match options.vendor {
        Vendor::ChatApi => {
            let address = options.address.as_deref();
            let address = address.unwrap_or(chatapi_types::chat_api::DEFAULT_ADDRESS);
            let instance = options.instance.as_deref().ok_or_else(|| {
                Failure::Usage("say which instance: --instance or CHATAPI_INSTANCE".to_owned())
            })?;
            Client::ChatApi(chat_api::Client::connect(address, instance, token).map_err(unusable)?)
        }
        Vendor::Wamm => {
            let address = options.address.as_deref();
            let address = address.unwrap_or(chatapi_types::wamm::DEFAULT_ADDRESS);
            Client::Wamm(wamm::Client::connect(address, token).map_err(unusable)?)
        }
    })
}

/// The account that the options name.
pub(crate) fn admin(options: &AccountOptions) -> Result<Admin, Failure> {
    let key = ApiKey::new(secret(options.uid_stdin, "CHATAPI_UID", "--uid-stdin")?);
    let address = options.admin_address.as_deref().unwrap_or(chatapi_admin::DEFAULT_ADDRESS);
    Admin::connect(address, key).map_err(unusable)
}

/// Nothing was called yet: an address or an instance cannot be used.
fn unusable(error: Error) -> Failure {
    Failure::Usage(error.message().unwrap_or("the address cannot be used").to_owned())
}

/// A secret from standard input or from the environment; never from the command line, which
/// everybody on the machine can read.
fn secret(stdin: bool, variable: &str, option: &str) -> Result<String, Failure> {
    let found = if stdin {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .map_err(|error| Failure::Machine(format!("standard input: {error}")))?;
        line
    } else {
        std::env::var(variable).unwrap_or_default()
    };
    match found.trim() {
        "" => Err(Failure::Usage(format!("set {variable}, or give {option} and a line to read"))),
        secret => Ok(secret.to_owned()),
    }
}
