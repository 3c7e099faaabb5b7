//! Bad weather at a real socket: every gateway over `ReqwestTransport`.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

mod answers;
mod connection;
mod once;
mod texts;

use std::time::Duration;

use chatapi_transport::conformance::{Server, Step};
use chatapi_transport::{Address, Error, ErrorKind, Gateway, ReqwestTransport, Result, Transport};
use chatapi_types::admin::{self, Admin};
use chatapi_types::chat_api::{self, ChatApi};
use chatapi_types::wamm::{self, Wamm};
use chatapi_types::{ApiKey, Dialect, Phone, Token};

/// A token that needs care in addresses, in JSON and in headers.
const TOKEN: &str = "t0ken/%&+ \"д";

/// How long a silent server is waited for, and how long any other.
const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(20);

fn time_for(script: &[Step]) -> Duration {
    if script.iter().any(|step| matches!(step, Step::Stall)) { SHORT } else { LONG }
}

fn transport() -> ReqwestTransport {
    ReqwestTransport::new().unwrap()
}

fn gateway<D: Dialect>(
    address: &Address,
    dialect: D,
    transport: impl Transport + 'static,
) -> Gateway<D> {
    Gateway::new(address.clone(), dialect, Token::new(TOKEN), transport).attempts_within(LONG)
}

fn phone() -> Phone {
    "79000000001".parse().unwrap()
}

/// What is asked of which gateway: of each a call that may not be repeated and one that may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    ChatApiSend,
    ChatApiRead,
    WammSend,
    WammRead,
    AdminCreate,
    AdminList,
}

impl Ask {
    const ALL: [Self; 6] = [
        Self::ChatApiSend,
        Self::ChatApiRead,
        Self::WammSend,
        Self::WammRead,
        Self::AdminCreate,
        Self::AdminList,
    ];

    const fn may_be_repeated(self) -> bool {
        matches!(self, Self::ChatApiRead | Self::WammRead | Self::AdminList)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::ChatApiSend => "sendMessage",
            Self::ChatApiRead => "showMessagesQueue",
            Self::WammSend => "msg_to",
            Self::WammRead => "msg_state",
            Self::AdminCreate => "newInstance",
            Self::AdminList => "listInstances",
        }
    }

    const fn vendor(self) -> &'static str {
        match self {
            Self::ChatApiSend | Self::ChatApiRead => ChatApi::NAME,
            Self::WammSend | Self::WammRead => Wamm::NAME,
            Self::AdminCreate | Self::AdminList => Admin::NAME,
        }
    }

    /// Makes the call.
    async fn of(self, address: &Address, transport: impl Transport + 'static) -> Result<()> {
        self.within(LONG, address, transport).await
    }

    /// Makes the call, each attempt within this time.
    async fn within(
        self,
        time: Duration,
        address: &Address,
        transport: impl Transport + 'static,
    ) -> Result<()> {
        let chat_api = || ChatApi::path("12345");
        match self {
            Self::ChatApiSend => {
                let send = chat_api::SendMessage::new(phone(), "hi");
                gateway(address, chat_api(), transport)
                    .attempts_within(time)
                    .call(&send)
                    .await
                    .map(drop)
            }
            Self::ChatApiRead => {
                let show = chat_api::ShowMessagesQueue::new();
                gateway(address, chat_api(), transport)
                    .attempts_within(time)
                    .call(&show)
                    .await
                    .map(drop)
            }
            Self::WammSend => {
                let send = wamm::MsgTo::new(phone(), "hi");
                gateway(address, Wamm::query(), transport)
                    .attempts_within(time)
                    .call(&send)
                    .await
                    .map(drop)
            }
            Self::WammRead => {
                let state = wamm::MsgState::new(7);
                gateway(address, Wamm::path(), transport)
                    .attempts_within(time)
                    .call(&state)
                    .await
                    .map(drop)
            }
            Self::AdminCreate => {
                let create = admin::NewInstance::new(admin::Platform::WhatsApp);
                gateway(address, Admin::json(), transport)
                    .attempts_within(time)
                    .call(&create)
                    .await
                    .map(drop)
            }
            Self::AdminList => {
                let list = admin::ListInstances::new();
                gateway(address, Admin::form(), transport)
                    .attempts_within(time)
                    .call(&list)
                    .await
                    .map(drop)
            }
        }
    }

    /// Makes the call to a server that follows this script, and fails.
    async fn fails(self, transport: &ReqwestTransport, script: &[Step]) -> Error {
        let server = Server::start([script.to_vec()]).await.unwrap();
        let time = time_for(script);
        self.within(time, server.address(), transport.clone()).await.unwrap_err()
    }
}

/// What a caller learns from an error: a program by three questions, a person by one line.
#[track_caller]
fn assert_says(error: &Error, kind: ErrorKind, happened: bool, transient: bool, line: &str) {
    assert_eq!(error.to_string(), line);
    assert_eq!(error.kind(), kind, "{line}");
    assert_eq!(error.may_have_taken_effect(), happened, "{line}");
    assert_eq!(error.is_transient(), transient, "{line}");
}
