//! What is said once it serves.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chatapi_sandbox::Server;
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::options::SandboxOptions;
use crate::out;

/// A sandbox that serves: its addresses, and what was made to begin with.
pub(super) struct Ready<'a> {
    server: Server,
    options: &'a SandboxOptions,
    /// Where the certificate of its authority stands.
    ca: Option<PathBuf>,
}

impl<'a> Ready<'a> {
    /// Writes the certificate of the authority, if there is one.
    pub(super) fn new(server: Server, options: &'a SandboxOptions) -> Result<Self, Failure> {
        let ca = match (server.tls_socket(), server.ca_certificate()) {
            (Some(socket), Some(pem)) => {
                let name = format!("chatapi-sandbox-ca-{}.pem", socket.port());
                let path = std::env::temp_dir().join(name);
                write(&path, pem).map_err(|error| {
                    Failure::Machine(format!("{} cannot be written: {error}", path.display()))
                })?;
                Some(path)
            }
            _ => None,
        };
        Ok(Self { server, options, ca })
    }

    /// The addresses, one line each, by name.
    fn addresses(&self) -> Vec<(&'static str, &'static str, String)> {
        let server = &self.server;
        let base = server.address();
        let mut addresses = vec![
            ("page", "page", format!("{base}/")),
            ("chatApi", "Chat API", base.as_str().to_owned()),
            ("admin", "admin", server.admin_address().as_str().to_owned()),
            ("wamm", "wamm", server.wamm_address().as_str().to_owned()),
            ("control", "control", server.control_address().as_str().to_owned()),
        ];
        if let (Some(socket), Some(ca)) = (server.tls_socket(), &self.ca) {
            addresses.push(("tls", "TLS", format!("https://{socket}")));
            addresses.push(("ca", "CA", ca.display().to_string()));
        }
        addresses
    }

    pub(super) fn tell(&self, json: bool) -> Result<(), Failure> {
        if json {
            return out::json(&self.to_json());
        }
        let mut text = String::new();
        for (_, title, address) in self.addresses() {
            text.push_str(&format!("{title:<9} {address}\n"));
        }
        text.push('\n');
        for line in self.lines() {
            text.push_str(&line);
            text.push('\n');
        }
        out::print(text)
    }

    fn to_json(&self) -> Value {
        let mut object: serde_json::Map<String, Value> = self
            .addresses()
            .into_iter()
            .map(|(key, _, address)| (key.to_owned(), Value::from(address)))
            .collect();
        let options = self.options;
        let instances = options.instances.iter();
        let instances = instances.map(|made| json!({ "id": made.id, "token": made.token }));
        object.insert("instances".to_owned(), instances.collect());
        object.insert("channels".to_owned(), json!(options.channels));
        object.insert("uids".to_owned(), json!(options.uids));
        Value::Object(object)
    }

    /// What can be pasted into another terminal.
    fn lines(&self) -> Vec<String> {
        let (server, options) = (&self.server, self.options);
        let (chat_api, wamm) = (server.address(), server.wamm_address());
        let mut lines = Vec::new();
        if let Some(made) = options.instances.first() {
            let (id, token) = (&made.id, &made.token);
            lines.push(format!(
                "export CHATAPI_ADDRESS={chat_api} CHATAPI_INSTANCE={id} CHATAPI_TOKEN={token}"
            ));
            lines.push("chatapi status".to_owned());
            lines.push("chatapi send 79000000001 hello --follow read".to_owned());
            lines.push(format!(
                "curl '{chat_api}/instance{id}/sendMessage?token={token}' -d phone=79000000001 -d body=hello"
            ));
        }
        if let Some(token) = options.channels.first() {
            lines.push(format!("curl '{wamm}/msg_to/{token}/?phone=79000000001&text=hello'"));
        }
        if let Some(key) = options.uids.first() {
            let admin = server.admin_address();
            lines.push(format!("export CHATAPI_ADMIN_ADDRESS={admin} CHATAPI_UID={key}"));
            lines.push("chatapi instances create".to_owned());
        }
        if let Some(ca) = &self.ca {
            let ca = ca.display();
            lines.push("# clients with the vendors' https hosts built in, unchanged:".to_owned());
            lines.push(format!("export HTTPS_PROXY={chat_api} SSL_CERT_FILE={ca}"));
            lines.push(format!(
                "export REQUESTS_CA_BUNDLE={ca} CURL_CA_BUNDLE={ca} NODE_EXTRA_CA_CERTS={ca}"
            ));
        }
        lines
    }

    pub(super) const fn socket(&self) -> SocketAddr {
        self.server.socket()
    }

    /// Stops serving and takes away what was written.
    pub(super) async fn end(self) {
        self.server.shutdown().await;
        if let Some(path) = &self.ca {
            let _ = fs::remove_file(path);
        }
    }
}

/// Writes a file anew. What stands at its place, a link of somebody else's included, is not written
/// through.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::File::create_new(path)?.write_all(text.as_bytes())
}
