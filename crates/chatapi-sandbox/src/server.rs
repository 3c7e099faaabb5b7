//! The sandbox over a socket.

mod connection;
mod exchange;
mod limits;
mod options;

use std::fmt;
use std::io;
use std::net::SocketAddr;

use chatapi_transport::Address;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::sandbox::{Builder, address};
use crate::{ClockMode, Sandbox};

pub use options::ServerOptions;

use connection::Serving;

/// A sandbox that is being served. Dropping it cuts all connections; [`shutdown`](Self::shutdown)
/// lets answers on their way arrive.
#[must_use = "dropping it stops serving"]
pub struct Server {
    sandbox: Sandbox,
    socket: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// An empty sandbox with the usual figures on a free port of 127.0.0.1, its clock running as
    /// the machine's does. [`Server::sandbox`] is the handle to it; [`Builder::start`] takes other
    /// figures.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use chatapi_sandbox::Sandbox;
    ///
    /// let server = Sandbox::start().await?;
    /// let instance = server.sandbox().add_instance("12345", "token");
    /// // … any client, in any language, calls server.address() …
    /// assert!(instance.sent().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of binding the socket.
    pub async fn start() -> io::Result<Server> {
        Self::builder().clock(ClockMode::Real).start().await
    }

    /// Serves the sandbox on a free port of 127.0.0.1, on the tokio runtime of the caller.
    ///
    /// On a clock in [`ClockMode::Auto`](crate::ClockMode::Auto), time moves only while somebody in
    /// this process sleeps on it. For clients in other processes choose
    /// [`Real`](crate::ClockMode::Real) or [`Scaled`](crate::ClockMode::Scaled).
    ///
    /// # Errors
    ///
    /// Those of binding the socket.
    pub async fn serve(&self) -> io::Result<Server> {
        self.serve_with(ServerOptions::new()).await
    }

    /// Serves the sandbox; see [`serve`](Self::serve).
    ///
    /// # Errors
    ///
    /// Those of binding the socket, and [`io::ErrorKind::Unsupported`] for an address that is not
    /// loopback, unless the options [expose](ServerOptions::exposed) it.
    pub async fn serve_with(&self, mut options: ServerOptions) -> io::Result<Server> {
        let listener = options.open().await?;
        let socket = listener.local_addr()?;
        if let Some(url) = options.public_url.take() {
            self.with(|world| world.public_url = Some(url));
        }
        let (stop, stopped) = watch::channel(false);
        let serving = Serving { sandbox: self.clone(), limits: options.limits, stopped };
        let task = tokio::spawn(serving.run(listener, options.grace));
        Ok(Server { sandbox: self.clone(), socket, stop, task })
    }
}

impl Builder {
    /// Builds the sandbox and serves it on a free port of 127.0.0.1. Its clock is that of the
    /// builder: [`Real`](ClockMode::Real) is what clients in other processes expect; see
    /// [`Sandbox::serve`].
    ///
    /// # Errors
    ///
    /// Those of binding the socket.
    pub async fn start(self) -> io::Result<Server> {
        self.build().serve().await
    }
}

impl Server {
    /// The sandbox: what clients do can be looked at and disturbed through it.
    #[must_use]
    pub const fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Where Chat API is.
    #[must_use]
    pub fn address(&self) -> Address {
        address(&format!("http://{}", self.socket))
    }

    /// Where the admin functions are.
    #[must_use]
    pub fn admin_address(&self) -> Address {
        address(&format!("http://{}/admin", self.socket))
    }

    /// Where wamm.chat is.
    #[must_use]
    pub fn wamm_address(&self) -> Address {
        address(&format!("http://{}/api2", self.socket))
    }

    /// The socket.
    #[must_use]
    pub const fn socket(&self) -> SocketAddr {
        self.socket
    }

    /// Takes no more connections, lets answers on their way arrive, and returns when nothing is
    /// left; what takes longer than the grace is cut off.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        // The task ends by itself; if it was cancelled with its runtime, there is nothing to wait
        // for.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Connections are owned by this task and go with it.
        self.task.abort();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.socket)
    }
}
