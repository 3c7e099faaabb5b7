//! How much memory a process has, from `/proc`, in bytes; 0 where there is no `/proc`.

fn field(process: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// This process, resident now.
#[must_use]
pub fn now() -> u64 {
    field("self", "VmRSS")
}

/// This process, resident at most so far.
#[must_use]
pub fn peak() -> u64 {
    field("self", "VmHWM")
}

/// Another process, resident now.
#[must_use]
pub fn of(process: u32) -> u64 {
    field(&process.to_string(), "VmRSS")
}

/// Another process, resident at most so far.
#[must_use]
pub fn peak_of(process: u32) -> u64 {
    field(&process.to_string(), "VmHWM")
}
