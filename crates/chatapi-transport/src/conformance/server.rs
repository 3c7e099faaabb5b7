//! A loopback server that does exactly what its script says.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::address::Address;

/// What a [`Server`] does on a connection. After the last step it closes the connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Step {
    /// Reads one whole request and notes it.
    Read,
    /// Writes these bytes.
    Write(Bytes),
    /// Writes these bytes one by one.
    Drip(Bytes),
    /// Writes these bytes again and again until the client has had enough, at most 64 MiB of them.
    Endless(Bytes),
    /// Says nothing more until the client goes away.
    Stall,
    /// Resets the connection.
    Reset,
}

impl Step {
    /// Writes a whole answer after which the connection is closed; `headers` are whole lines.
    pub fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut answer = format!(
            "HTTP/1.1 {status} Scripted\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
            body.len(),
        )
        .into_bytes();
        answer.extend_from_slice(body);
        Self::Write(answer.into())
    }

    /// Writes a whole answer in JSON with status 200 after which the connection is closed.
    pub fn json(body: impl AsRef<[u8]>) -> Self {
        Self::answer(200, "Content-Type: application/json\r\n", body)
    }
}

/// A request as it stood on the wire.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Seen {
    /// Verb, target and version.
    pub line: String,
    /// Header lines.
    pub headers: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    /// Path and query, as they stood.
    #[must_use]
    pub fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    /// The value of a header; the name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            (found.to_ascii_lowercase() == name).then(|| value.trim())
        })
    }
}

/// A loopback HTTP server that follows a script and counts. It ends when dropped.
#[derive(Debug)]
pub struct Server {
    address: Address,
    record: Arc<Mutex<Record>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Record {
    connections: usize,
    requests: Vec<Seen>,
    written: usize,
}

impl Server {
    /// Starts it on a free port. The first connection follows the first script, the second the
    /// second, and all beyond the last follow the last.
    ///
    /// # Errors
    ///
    /// When loopback cannot be listened on.
    pub async fn start(scripts: impl Into<Vec<Vec<Step>>>) -> io::Result<Self> {
        let scripts = scripts.into();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = address_of(listener.local_addr()?)?;
        let record = Arc::<Mutex<Record>>::default();
        let task = tokio::spawn(accept(listener, scripts, Arc::clone(&record)));
        Ok(Self { address, record, task })
    }

    /// Where it is.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// The requests that were read so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        lock(&self.record).requests.clone()
    }

    /// How many connections came so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        lock(&self.record).connections
    }

    /// How many bytes of endless answers were written so far.
    #[must_use]
    pub fn written(&self) -> usize {
        lock(&self.record).written
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An address where nobody listens, and nobody else can begin to while this exists.
#[derive(Debug)]
pub struct Nowhere {
    address: Address,
    _port: TcpSocket,
}

impl Nowhere {
    /// Takes a free port and leaves it unused.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn new() -> io::Result<Self> {
        let port = TcpSocket::new_v4()?;
        port.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(Self { address: address_of(port.local_addr()?)?, _port: port })
    }

    /// Where it is.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }
}

fn address_of(socket: SocketAddr) -> io::Result<Address> {
    format!("http://{socket}").parse().map_err(io::Error::other)
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, scripts: Vec<Vec<Step>>, record: Arc<Mutex<Record>>) {
    // Owned here, so that they end with this task.
    let mut conversations = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let script = {
            let mut record = lock(&record);
            record.connections += 1;
            scripts.get(record.connections - 1).or(scripts.last())
        };
        let script = script.cloned().unwrap_or_default();
        let record = Arc::clone(&record);
        conversations.spawn(async move {
            // A client that goes away in mid-script is part of the play.
            let _ = follow(stream, script, &record).await;
        });
    }
}

async fn follow(stream: TcpStream, script: Vec<Step>, record: &Mutex<Record>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    for step in script {
        match step {
            Step::Read => {
                let seen = read(&mut stream).await?;
                lock(record).requests.push(seen);
            }
            Step::Write(bytes) => stream.write_all(&bytes).await?,
            Step::Drip(bytes) => {
                for byte in bytes {
                    stream.write_all(&[byte]).await?;
                    tokio::task::yield_now().await;
                }
            }
            Step::Endless(bytes) => {
                let mut left = 64_usize << 20;
                while left > 0 && !bytes.is_empty() {
                    stream.write_all(&bytes).await?;
                    lock(record).written += bytes.len();
                    left = left.saturating_sub(bytes.len());
                }
            }
            Step::Stall => {
                tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
            }
            Step::Reset => return stream.get_ref().set_zero_linger(),
        }
    }
    stream.shutdown().await
}

async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Seen> {
    let mut seen = Seen { line: line(stream).await?, headers: Vec::new(), body: Vec::new() };
    loop {
        match line(stream).await? {
            empty if empty.is_empty() => break,
            header => seen.headers.push(header),
        }
    }
    if seen.header("transfer-encoding").is_some() {
        loop {
            let size = line(stream).await?;
            let size = usize::from_str_radix(&size, 16).map_err(io::Error::other)?;
            take(stream, size, &mut seen.body).await?;
            line(stream).await?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = seen.header("content-length") {
        let length = length.parse().map_err(io::Error::other)?;
        take(stream, length, &mut seen.body).await?;
    }
    Ok(seen)
}

async fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    match stream.read_line(&mut line).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}

async fn take(
    stream: &mut BufReader<TcpStream>,
    length: usize,
    body: &mut Vec<u8>,
) -> io::Result<()> {
    let start = body.len();
    body.resize(start + length, 0);
    stream.read_exact(&mut body[start..]).await?;
    Ok(())
}
