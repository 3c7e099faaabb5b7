//! Replies survive what a vendor may add.

use proptest::prelude::*;

use crate::samples::any_sample;
use crate::tree::{Tree, any_json};

/// Members whose values are words that a vendor may extend.
const WORDS: [&str; 15] = [
    "accountStatus",
    "substatus",
    "reason",
    "act",
    "type",
    "quotedMsgType",
    "ack",
    "result",
    "status",
    "state",
    "pay_state",
    "api_tip",
    "tip_msg",
    "tip",
    "acc",
];

proptest! {
    #[test]
    fn members_that_nobody_knows_are_passed_over(
        sample in any_sample(),
        extras in proptest::collection::vec(
            (any::<usize>(), any::<usize>(), "x_\\PC{0,8}", any_json()), 1..6),
    ) {
        let json = sample.json();
        let mut tree = Tree::parse(&json);
        prop_assert_eq!(&tree.write(""), &json, "the tree keeps the order");
        for (nth, at, name, value) in extras {
            let is_object = |_: &str, node: &Tree| matches!(node, Tree::Object(_));
            tree.change(nth, is_object, |node| {
                if let Tree::Object(members) = node {
                    // Not twice the same: which of two counts is another question.
                    if members.iter().all(|(known, _)| *known != name) {
                        members.insert(at % (members.len() + 1), (name, value));
                    }
                }
            });
        }
        let fattened = tree.write("");
        let read = (sample.read)(fattened.as_bytes());
        prop_assert_eq!(read, Ok(json), "{}: {}", sample.file, fattened);
    }

    #[test]
    fn words_that_nobody_knows_come_back(
        sample in any_sample(), nth: usize, word in "zz\\PC{0,12}",
    ) {
        let mut tree = Tree::parse(&sample.json());
        let is_word = |name: &str, node: &Tree| {
            WORDS.contains(&name) && matches!(node, Tree::Scalar(json) if json.starts_with('"'))
        };
        tree.change(nth, is_word, |node| *node = Tree::text(&word));
        let json = tree.write("");
        prop_assert_eq!((sample.read)(json.as_bytes()), Ok(json), "{}", sample.file);
    }

    #[test]
    fn the_order_of_members_does_not_matter(sample in any_sample(), turns in any::<[u8; 4]>()) {
        let json = sample.json();
        let mut tree = Tree::parse(&json);
        let mut turns = turns.into_iter().cycle();
        tree.visit("", &mut |_, node| {
            if let Tree::Object(members) = node {
                let by = usize::from(turns.next().unwrap()) % members.len().max(1);
                members.rotate_left(by);
            }
        });
        let turned = tree.write(" ");
        let read = (sample.read)(turned.as_bytes()).unwrap();
        // What is kept to the letter keeps its blanks too.
        let without_blanks = Tree::parse(&read).write("");
        prop_assert_eq!(without_blanks, json, "{}", turned);
    }
}
