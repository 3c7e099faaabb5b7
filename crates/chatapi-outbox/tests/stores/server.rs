//! A PostgreSQL server for tests: the one of `DATABASE_URL` if that is set, otherwise one in a
//! temporary folder, started once and stopped at the end of the process.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection as _, PgConnection};

use crate::support::Folder;

/// A server of a test's own, or a schema of its own on somebody else's.
#[derive(Debug)]
pub(crate) struct Server {
    url: String,
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    folder: Folder,
    bin: PathBuf,
    user: Option<String>,
    settings: String,
}

impl Server {
    /// `None`, loudly, where there is no PostgreSQL; with CI=true that is a failure.
    pub(crate) fn start() -> Option<Self> {
        if let Ok(url) = std::env::var("DATABASE_URL") {
            return Some(Self { url, own: None });
        }
        Self::own(|_| String::new())
    }

    /// A server with settings of its own, as in `-c ssl=on`, for which files may be put into its
    /// folder first. `None` as above.
    pub(crate) fn own(settings: impl FnOnce(&Path) -> String) -> Option<Self> {
        let Some(bin) = binaries() else {
            missing(
                "SKIPPED: there is no PostgreSQL here (initdb in the PATH or in \
                 /usr/lib/postgresql), or none of the test's own\n",
            );
            return None;
        };
        let folder = Folder::new();
        // The server does not run as root.
        let root = std::process::Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let user = root.then(|| "postgres".to_owned());
        let settings = settings(folder.path());
        if let Some(user) = &user {
            run(Command::new("chown").arg("-R").arg(user).arg(folder.path()));
        }
        let own = Own { folder, bin, user, settings };
        let data = own.data();
        run(own
            .command("initdb")
            .args(["-A", "trust", "-U", "outbox", "-E", "UTF8", "--wal-segsize=1"])
            .arg("-D")
            .arg(data));
        own.start();
        // A socket in the folder: no port that somebody else may take.
        let host = own.folder.path().display().to_string().replace('/', "%2F");
        let url = format!("postgres://outbox@{host}/postgres");
        Some(Self { url, own: Some(own) })
    }

    /// A database of a test's own.
    pub(crate) async fn database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("outbox_{}_{count}", std::process::id());
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let make = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"));
        sqlx::query(make).execute(&mut connection).await.unwrap();
        let and = if self.url.contains('?') { '&' } else { '?' };
        format!("{}{and}options=-csearch_path%3D{name}", self.url)
    }

    /// A database of a test's own on that server, by the server's address.
    pub(crate) async fn whole_database(&self, name: &str, and: &str) -> String {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let make = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} {and}"));
        sqlx::raw_sql(make).execute(&mut connection).await.unwrap();
        self.url.replace("/postgres", &format!("/{name}"))
    }

    /// The folder of a server of a test's own.
    pub(crate) fn folder(&self) -> &Path {
        self.own.as_ref().unwrap().folder.path()
    }

    /// What a server of a test's own has logged.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read(self.folder().join("log")).unwrap();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Has no process of a server of a test's own write beyond that many bytes of any file: what
    /// needs more room finds none, as on a full disk. Nobody needs rights or a disk of his own for
    /// that. 1 MiB is what the write-ahead log needs.
    pub(crate) async fn limit_files(&self, bytes: Option<u64>) {
        let own = self.own.as_ref().unwrap();
        let postmaster = std::fs::read_to_string(own.data().join("postmaster.pid")).unwrap();
        let mut pids = vec![postmaster.lines().next().unwrap().to_owned()];
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        // Those that it has, and so those that it will have.
        let all = "SELECT pid::text FROM pg_stat_activity WHERE backend_type = 'client backend'";
        let all = sqlx::query_scalar(all);
        pids.extend(all.fetch_all(&mut connection).await.unwrap());
        let limit = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
        for pid in pids {
            // Whose processes they are needs no rights for it.
            let mut prlimit = own.command("/usr/bin/env");
            run(prlimit.arg("prlimit").arg(format!("--fsize={limit}:")).args(["--pid", &pid]));
        }
    }

    /// The address of the server itself.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Ends all processes of the server at once, as if the machine had lost its power, and starts it
    /// again. False where it is somebody else's.
    pub(crate) fn crash(&self) -> bool {
        let Some(own) = &self.own else { return false };
        own.stop("immediate");
        own.start();
        true
    }
}

impl Own {
    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        match &self.user {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
        }
    }

    fn start(&self) {
        let socket = self.folder.path().display();
        let settings = &self.settings;
        let options = format!("-k {socket} -c listen_addresses= -c max_connections=60 {settings}");
        let log = self.folder.path().join("log");
        let mut command = self.command("pg_ctl");
        command.args(["start", "-w", "-o", &options, "-l"]).arg(log);
        run(command.arg("-D").arg(self.data()));
    }

    fn stop(&self, how: &str) {
        run(self.command("pg_ctl").args(["stop", "-w", "-m", how]).arg("-D").arg(self.data()));
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.stop("immediate");
    }
}

/// Says it, whatever the harness does with what tests print.
pub(crate) fn told(what: &str) {
    std::io::Write::write_all(&mut std::io::stderr(), what.as_bytes()).unwrap();
}

/// Says that a tool is missing; with CI=true that is a failure.
pub(crate) fn missing(what: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{what}");
    told(what);
}

fn run(command: &mut Command) {
    let done = command.stdin(Stdio::null()).stdout(Stdio::null()).current_dir("/").status();
    assert!(done.unwrap().success(), "{command:?} failed");
}

/// Where `initdb` and the others are: the latest version.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    versions.sort();
    found.extend(versions.into_iter().rev());
    let has_all = |folder: &&PathBuf| {
        ["initdb", "pg_ctl", "postgres"].iter().all(|name| Path::exists(&folder.join(name)))
    };
    found.iter().find(has_all).cloned()
}
