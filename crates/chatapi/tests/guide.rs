//! What the guide says twice is said alike.

use chatapi::sandbox::MagicRecipient;

#[test]
fn the_guide_lists_every_magic_recipient_as_it_is() {
    let page = include_str!("../docs/guide/09-a-gateway-on-your-desk.md");
    let rows = page.lines().filter(|line| line.starts_with("| `999"));
    assert_eq!(rows.count(), MagicRecipient::ALL.len());
    for one in MagicRecipient::ALL {
        let (api, wamm) = (one.on_chat_api(), one.on_wamm());
        let row = format!("| `{}` | {} | {api} | {wamm} |", one.address(), one.name());
        assert!(page.contains(&row), "{row}");
    }
}
