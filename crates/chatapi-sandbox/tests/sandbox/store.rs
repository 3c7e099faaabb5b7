//! State in a file: it survives the process, however that ends, and harms nobody else's file.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use chatapi_sandbox::{ClockMode, Sandbox, Store};
use chatapi_transport::{Clock as _, TokioClock};

use crate::wire::exchange;

/// A file of the test's own, gone at its end.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let file =
            Self(std::env::temp_dir().join(format!("chatapi-{}-{name}", std::process::id())));
        file.remove();
        file
    }

    fn remove(&self) {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(format!("{}{ending}", self.0.display()));
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.remove();
    }
}

async fn refused(path: &Path) -> String {
    Store::open(path).await.unwrap_err().to_string()
}

#[tokio::test]
async fn what_is_saved_is_there_when_the_file_is_opened_again() {
    let file = File::new("again");
    let store = Store::open(&file.0).await.unwrap();
    let (first, second) = (Sandbox::new(), Sandbox::builder().seed(2).build());
    let keeper = store.keep("first", &first).await.unwrap();
    first.add_instance("123", "token").phone_offline();
    exchange(&first, "GET /instance123/message?token=token&phone=79000000001&body=hi");
    first.clock().advance(Duration::from_secs(60));
    second.add_instance("7", "seventh");
    store.save("second", &second).await.unwrap();
    keeper.close().await.unwrap();
    store.close().await.unwrap();
    assert!(store.names().await.unwrap_err().to_string().contains("closed"));

    let store = Store::open(&file.0).await.unwrap();
    assert_eq!(store.names().await.unwrap(), ["first", "second"]);
    let again = Sandbox::builder().seed(9).build();
    let keeper = store.keep("first", &again).await.unwrap();
    assert_eq!(again.snapshot().to_bytes().unwrap(), first.snapshot().to_bytes().unwrap());
    assert_eq!(again.instance("123").queue_len(), 1);
    drop(keeper);
    store.forget("second").await.unwrap();
    assert!(store.load("second").await.unwrap().is_none());
    assert!(store.load("first").await.unwrap().is_some());
}

#[tokio::test]
async fn on_the_machines_clock_the_time_in_between_has_passed() {
    let file = File::new("between");
    let store = Store::open(&file.0).await.unwrap();
    let hours = Duration::from_secs(3 * 3_600);
    let before = Sandbox::builder().clock(ClockMode::Frozen);
    let now = TokioClock::new().unix();
    let start = chatapi_types::UnixMillis::from_millis(now.as_millis() - 3 * 3_600_000);
    let before = before.starting_at(start).build();
    before.add_instance("123", "token");
    exchange(&before, "GET /instance123/message?token=token&phone=79000000001&body=hi");
    assert!(before.instance("123").sent().is_empty());
    store.save("main", &before).await.unwrap();

    let after = Sandbox::builder().clock(ClockMode::Real).build();
    let _keeper = store.keep("main", &after).await.unwrap();
    assert!(after.clock().unix() >= start.plus(hours));
    let sent = after.instance("123").sent();
    assert!(sent.len() == 1 && sent[0].at < start.plus(Duration::from_secs(60)));
}

#[tokio::test(start_paused = true)]
async fn changes_are_saved_without_being_asked() {
    let file = File::new("asked");
    let store = Store::open(&file.0).await.unwrap();
    let sandbox = Sandbox::new();
    let keeper = store.keep("main", &sandbox).await.unwrap();
    for number in ["1", "2"] {
        sandbox.add_instance(number, "token");
        let saved = Sandbox::new();
        for _ in 0..1_000 {
            TokioClock::new().sleep(Duration::from_millis(250)).await;
            if let Some(snapshot) = store.load("main").await.unwrap() {
                saved.restore(&snapshot);
            }
            if saved.instance(number).exists() {
                break;
            }
        }
        assert!(saved.instance(number).exists(), "{number} was never saved");
    }
    assert_eq!(keeper.trouble(), None);
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_left_as_it_was() {
    let file = File::new("foreign");
    // Not SQLite.
    std::fs::write(&file.0, "Dear diary, today I wrote no database at all.\n".repeat(100)).unwrap();
    let before = std::fs::read(&file.0).unwrap();
    let says = refused(&file.0).await;
    assert!(says.contains("not a SQLite file") && says.contains("take another"), "{says}");
    assert_eq!(std::fs::read(&file.0).unwrap(), before);
    file.remove();

    // SQLite, and another program's: ours with another mark in its head.
    let store = Store::open(&file.0).await.unwrap();
    store.save("main", &Sandbox::new()).await.unwrap();
    store.close().await.unwrap();
    let ours = std::fs::read(&file.0).unwrap();
    for (place, says) in [(68, "another program"), (60, "another file")] {
        let mut theirs = ours.clone();
        theirs[place..place + 4].copy_from_slice(&77_u32.to_be_bytes());
        std::fs::write(&file.0, &theirs).unwrap();
        let said = refused(&file.0).await;
        assert!(said.contains(says), "{said}");
        assert_eq!(std::fs::read(&file.0).unwrap(), theirs);
    }
    std::fs::write(&file.0, &ours).unwrap();
    Store::open(&file.0).await.unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_told_and_not_overwritten() {
    let file = File::new("damaged");
    let store = Store::open(&file.0).await.unwrap();
    let sandbox = Sandbox::new();
    for number in 0..200 {
        sandbox.add_instance(number, "token");
    }
    store.save("main", &sandbox).await.unwrap();
    store.close().await.unwrap();
    let bytes = sandbox.snapshot().to_bytes().unwrap();
    let whole = std::fs::read(&file.0).unwrap();
    let mut seen = Vec::new();
    for place in (4_096..whole.len()).step_by(whole.len() / 40) {
        let mut damaged = whole.clone();
        damaged[place..place + 8].copy_from_slice(b"********");
        std::fs::write(&file.0, &damaged).unwrap();
        match Store::open(&file.0).await {
            Err(error) => seen.push(error.to_string()),
            Ok(store) => {
                let restored = Sandbox::new();
                match store.keep("main", &restored).await {
                    Err(error) => seen.push(error.to_string()),
                    // It hit a place where nothing stands.
                    Ok(_) => assert!(restored.snapshot().to_bytes().unwrap() == bytes),
                }
                store.close().await.unwrap();
            }
        }
        file.remove();
    }
    assert!(seen.len() > 30, "most places hold something: {}", seen.len());
    for error in seen {
        let told = ["damaged", "not a whole", "not a SQLite file"];
        assert!(told.iter().any(|told| error.contains(told)), "{error}");
    }
    // Cut short.
    std::fs::write(&file.0, &whole[..whole.len() / 2]).unwrap();
    let says = refused(&file.0).await;
    assert!(says.contains("damaged"), "{says}");
    assert_eq!(std::fs::read(&file.0).unwrap(), whole[..whole.len() / 2]);
}

#[tokio::test]
async fn a_place_where_nothing_can_be_written_is_told() {
    for place in ["/proc/chatapi-sandbox.db", "/no/such/directory/sandbox.db", "/"] {
        let says = refused(Path::new(place)).await;
        assert!(says.starts_with(place) && says.contains("cannot be opened"), "{says}");
    }
}

/// How a test tells its child process, which is the same test, which file to use.
const CHILD: &str = "CHATAPI_STORE_TEST_FILE";

fn child_of(test: &str, file: &File) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let test = format!("store::{test}");
    command.args(["--exact", &test, "--nocapture"]).env(CHILD, &file.0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Saves one instance more again and again, and tells after each.
async fn save_for_ever(path: &str) {
    let store = Store::open(path).await.unwrap();
    let sandbox = Sandbox::new();
    for number in 1_u64.. {
        sandbox.add_instance(number, "token");
        store.save("main", &sandbox).await.unwrap();
        let _ = writeln!(std::io::stdout(), "saved {number}");
    }
}

#[tokio::test]
async fn nothing_that_was_saved_is_lost_when_the_process_is_killed() {
    if let Ok(path) = std::env::var(CHILD) {
        return save_for_ever(&path).await;
    }
    let file = File::new("killed");
    for least in [1, 10, 40] {
        file.remove();
        let test = "nothing_that_was_saved_is_lost_when_the_process_is_killed";
        let mut child = child_of(test, &file).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let numbers = lines.filter_map(|line| {
            let line = line.unwrap();
            line.rsplit_once("saved ").map(|(_, number)| number.parse::<u64>().unwrap())
        });
        let mut last = 0;
        for number in numbers {
            if number == least {
                // Somewhere in the middle of what it does next.
                child.kill().unwrap();
            }
            last = number;
        }
        child.wait().unwrap();
        assert!(last >= least);
        let store = Store::open(&file.0).await.unwrap();
        let sandbox = Sandbox::new();
        sandbox.restore(&store.load("main").await.unwrap().unwrap());
        for number in 1..=last {
            assert!(sandbox.instance(number).exists(), "{number} of {last} is lost");
        }
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_another_process_has_is_not_taken() {
    let test = "a_file_that_another_process_has_is_not_taken";
    if let Ok(path) = std::env::var(CHILD) {
        let _store = Store::open(path).await.unwrap();
        let _ = writeln!(std::io::stdout(), "open");
        // Until the other lets go.
        let _ = std::io::stdin().lines().count();
        return;
    }
    let file = File::new("locked");
    let mut child = child_of(test, &file).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("open")));
    let says = refused(&file.0).await;
    assert!(says.contains("another process has it open"), "{says}");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    let store = Store::open(&file.0).await.unwrap();
    // Nor twice by one process.
    assert!(refused(&file.0).await.contains("another process has it open"));
    store.close().await.unwrap();
}
