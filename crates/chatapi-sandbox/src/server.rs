//! The sandbox over a socket.

mod connection;
mod exchange;
mod limits;
mod line;
mod options;
mod patience;
mod places;
mod post_office;
mod postman;
mod refusals;
#[cfg(feature = "tls")]
mod tls;
mod travel;
#[cfg(feature = "tls")]
mod tunnel;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use chatapi_transport::Address;
#[cfg(feature = "tls")]
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::control_api::Desk;
use crate::sandbox::{Builder, address};
use crate::{ClockMode, Sandbox, Worlds};

pub use options::ServerOptions;

pub(crate) use exchange::{Body, whole};
pub(crate) use line::Cutter;
#[cfg(feature = "tls")]
pub use tls::Tls;
pub(crate) use travel::travel;

use connection::{Doors, Serving};
use post_office::PostOffice;
#[cfg(feature = "tls")]
use tls::Identity;

/// A sandbox that is being served. Dropping it cuts all connections; [`shutdown`](Self::shutdown)
/// lets answers on their way arrive.
#[must_use = "dropping it stops serving"]
pub struct Server {
    worlds: Worlds,
    socket: SocketAddr,
    #[cfg(feature = "tls")]
    tls: Option<(SocketAddr, Identity)>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    /// Carries webhooks until the server is gone.
    office: PostOffice,
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
    pub async fn serve_with(&self, options: ServerOptions) -> io::Result<Server> {
        Worlds::at_most(self.clone(), options.worlds).serve_with(options).await
    }
}

impl Worlds {
    /// Serves all of them: the main one at the root, each also under `/_world/{name}` and for
    /// requests with the header `X-Sandbox-World`. A world is made on first use, and begins as the
    /// main one is now.
    ///
    /// # Errors
    ///
    /// Those of [`Sandbox::serve_with`].
    pub async fn serve_with(&self, mut options: ServerOptions) -> io::Result<Server> {
        let sandbox = self.main();
        let plain = options.open().await?;
        let socket = plain.local_addr()?;
        #[cfg(feature = "tls")]
        let (tls_listener, tls) = match &options.tls {
            Some(tls) => {
                let wanted = SocketAddr::new(socket.ip(), tls.port);
                let listener = TcpListener::bind(wanted).await.map_err(cannot_listen(wanted))?;
                let tls = (listener.local_addr()?, Identity::make(tls, socket.ip())?);
                (Some(listener), Some(tls))
            }
            None => (None, None),
        };
        if let Some(url) = options.public_url.take() {
            sandbox.with(|world| world.public_url = Some(url));
        }
        sandbox.keep_as_origin();
        let (stop, stopped) = watch::channel(false);
        let public_url = sandbox.with(|world| world.public_url.clone());
        let desk = Desk::new(self.clone(), options.exposed, public_url.as_deref(), stopped.clone());
        let serving = Serving {
            desk,
            limits: options.limits,
            stopped: stopped.clone(),
            #[cfg(feature = "tls")]
            identity: tls.as_ref().map(|(_, identity)| identity.clone()),
        };
        let doors = Doors {
            plain,
            #[cfg(feature = "tls")]
            tls: tls_listener,
        };
        let task = tokio::spawn(serving.run(doors, options.grace));
        let base = format!("http://{}", reachable(socket));
        let remote = options.remote_webhooks;
        let office = PostOffice::open(self.clone(), base, remote, stopped, options.grace);
        Ok(Server {
            worlds: self.clone(),
            socket,
            office,
            #[cfg(feature = "tls")]
            tls,
            stop,
            task,
        })
    }
}

/// Where this machine reaches a socket: "any address" is none that can be called.
const fn reachable(socket: SocketAddr) -> SocketAddr {
    match socket.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => {
            SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), socket.port())
        }
        IpAddr::V6(ip) if ip.is_unspecified() => {
            SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), socket.port())
        }
        _ => socket,
    }
}

/// Says where, because there may be two places.
fn cannot_listen(socket: SocketAddr) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("cannot listen on {socket}: {error}"))
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
    pub fn sandbox(&self) -> &Sandbox {
        self.worlds.main()
    }

    /// The sandbox and the worlds beside it.
    #[must_use]
    pub const fn worlds(&self) -> &Worlds {
        &self.worlds
    }

    /// Where Chat API is.
    #[must_use]
    pub fn address(&self) -> Address {
        address(&format!("http://{}", self.reachable()))
    }

    /// Where the admin functions are.
    #[must_use]
    pub fn admin_address(&self) -> Address {
        address(&format!("http://{}/admin", self.reachable()))
    }

    /// Where wamm.chat is.
    #[must_use]
    pub fn wamm_address(&self) -> Address {
        address(&format!("http://{}/api2", self.reachable()))
    }

    /// Where the control API is.
    #[must_use]
    pub fn control_address(&self) -> Address {
        address(&format!("http://{}/_sandbox", self.reachable()))
    }

    /// The socket.
    #[must_use]
    pub const fn socket(&self) -> SocketAddr {
        self.socket
    }

    const fn reachable(&self) -> SocketAddr {
        reachable(self.socket)
    }

    /// The socket of TLS, where there is one.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    #[must_use]
    pub fn tls_socket(&self) -> Option<SocketAddr> {
        self.tls.as_ref().map(|(socket, _)| *socket)
    }

    /// The certificate of the authority that clients over TLS have to trust, as PEM. It is another
    /// one at every start.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    #[must_use]
    pub fn ca_certificate(&self) -> Option<&str> {
        self.tls.as_ref().map(|(_, identity)| &*identity.ca_certificate)
    }

    /// Takes no more connections, lets answers and webhooks on their way arrive, and returns when
    /// nothing is left; what takes longer than the [grace](ServerOptions::grace) is cut off. A webhook
    /// that was cut off waits again, and may so be told twice, if the sandbox is served once more.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        // The task ends by itself; if it was cancelled with its runtime, there is nothing to wait
        // for.
        let _ = (&mut self.task).await;
        // Was told at the same time, and has no more of it.
        self.office.closed().await;
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
