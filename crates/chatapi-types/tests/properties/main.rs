//! Properties that hold for every value, not only for the samples.

#![expect(clippy::panic, clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

mod calls;
mod decoding;
mod enums;
mod events;
mod lists;
mod phones;
mod read_back;
#[path = "../wire/render.rs"]
mod render;
mod replies;
mod samples;
mod secrets;
mod times;
mod tree;

use proptest::prelude::*;

/// Any text, and more often than by chance what breaks things.
fn text() -> impl Strategy<Value = String> {
    let nasty = [
        "",
        " ",
        ".",
        "..",
        "/",
        "a/b",
        "%",
        "%2F",
        "+",
        "&",
        "?x=1",
        "#",
        "{secret}",
        "null",
        "true",
        "0",
        "007",
        "-1",
        "1e3",
        "18446744073709551615",
        "18446744073709551616",
        "a\nb",
        "a, b",
        "\u{0}",
        "\"\\",
        "привет",
        "😀",
        "\u{feff}x",
    ];
    prop_oneof![
        3 => any::<String>(),
        2 => "\\PC{0,12}",
        2 => proptest::sample::select(nasty.to_vec()).prop_map(str::to_owned),
    ]
}

/// A phone that is one.
fn phone() -> impl Strategy<Value = chatapi_types::Phone> {
    "[1-9][0-9]{6,14}".prop_filter_map("a home prefix", |digits| digits.parse().ok())
}
