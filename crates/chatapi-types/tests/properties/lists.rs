//! Lists keep odd items to the letter.

use chatapi_types::{Item, List, json, wamm};
use proptest::prelude::*;

use crate::tree::any_json;

const MESSAGE: &str = r#"{"msg_id":"1","from_me":"1","phone":"79000000000","chat_name":"","tip_msg":"textMessage","msg_text":"","msg_link":null,"date_ins":null,"date_upd":null,"state":"sent"}"#;

proptest! {
    #[test]
    fn odd_items_are_kept_to_the_letter(
        odd in proptest::collection::vec(
            (any_json(), proptest::sample::select(vec!["", " ", "\n\t"])), 0..6),
        good: u8,
    ) {
        let mut items: Vec<_> = odd.iter().map(|(tree, blank)| tree.write(blank)).collect();
        let good = usize::from(good) % (items.len() + 1);
        items.insert(good, MESSAGE.to_owned());
        let document = format!("[{}]", items.join(" , "));

        let list: List<wamm::Message> = json::from_str(&document).unwrap();
        prop_assert_eq!(list.len(), items.len());
        prop_assert!(matches!(list.iter().nth(good), Some(Item::Known(_))));
        prop_assert_eq!(list.known().count(), 1, "any JSON is no message");
        let raw: Vec<_> = list.raw().collect();
        let odd: Vec<_> = items.iter().filter(|item| *item != MESSAGE).collect();
        prop_assert_eq!(raw, odd);
        prop_assert_eq!(serde_json::to_string(&list).unwrap(), format!("[{}]", items.join(",")));
    }

    #[test]
    fn numbers_in_any_form_are_known(numbers: Vec<i64>, quoted: u64) {
        let items: Vec<_> = numbers
            .iter()
            .enumerate()
            .map(|(at, number)| match quoted >> (at % 64) & 1 {
                0 => number.to_string(),
                _ => format!("\"{number}\""),
            })
            .collect();
        let list: List<i64> = json::from_str(&format!("[{}]", items.join(","))).unwrap();
        prop_assert_eq!(list.into_known(), numbers);
    }
}
