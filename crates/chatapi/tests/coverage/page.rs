//! The page.

use std::fmt::Write as _;

use super::VENDORS;
use super::methods::methods;
use super::routes::is_served;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/coverage.md");

/// Where the sandbox cannot do what the wire documents ask of an emulator.
const DEVIATIONS: &str = "\n## Where the sandbox deviates\n\n\
    | Asked for | Served | Why |\n|---|---|---|\n\
    | request targets of 64 KiB (wamm, note 8) | 65,534 bytes, two fewer; a longer one gets 414 with \
    the limit in its text | what the HTTP library can hold; the longest text a wamm address carries \
    makes 54,000 |\n";

async fn page() -> String {
    let methods = methods().await;
    let mut page = String::from(
        "# Coverage\n\n\
         Every method of the vendors: its name on the wire, its typed call, the client's method, its \
         route in the sandbox, and how well it is documented (A the vendor's own word, B two or more \
         independent clients, C one client). Written from the declarations by the test `coverage`, \
         which also proves it; do not edit.\n",
    );
    for vendor in VENDORS {
        let _ = write!(page, "\n## {}\n\n", vendor.name);
        page.push_str("| Method | Also | Call | Client | Sandbox | Repeat | Grade |\n|---|---|---|---|---|---|---|\n");
        for entry in vendor.entries {
            let operation = &entry.operation;
            let also: Vec<_> = operation.aliases.iter().map(|alias| format!("`{alias}`")).collect();
            let by: Vec<_> = methods
                .iter()
                .filter(|method| method.vendor == vendor.name && method.makes(entry))
                .map(|method| format!("`{}`", method.name))
                .collect();
            let names = [operation.name].into_iter().chain(operation.aliases.iter().copied());
            let served = names.clone().all(|name| is_served(vendor.name, name, operation));
            let _ = writeln!(
                page,
                "| {} `{}` | {} | `{}` | {} | {} | {} | {} |",
                operation.verb.as_str(),
                operation.name,
                if also.is_empty() { "–".to_owned() } else { also.join(", ") },
                entry.call,
                by.join(", "),
                if served { "yes" } else { "**no**" },
                match operation.repeat {
                    chatapi::types::Repeat::Safe => "safe",
                    _ => "never",
                },
                operation.grade,
            );
        }
    }
    page.push_str(DEVIATIONS);
    page
}

#[tokio::test]
async fn the_page_is_what_the_declarations_say() {
    let page = page().await;
    if std::env::var_os("CHATAPI_WRITE_COVERAGE").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(written == page, "docs/coverage.md is out of date: see the head of tests/coverage");
    let gaps: Vec<_> =
        page.lines().filter(|line| line.contains("**no**") || line.contains("|  |")).collect();
    assert!(gaps.is_empty(), "without a client method or a route:\n{}", gaps.join("\n"));
}
