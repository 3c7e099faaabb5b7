//! Groups: who is in them, who joins, leaves and speaks.

use maud::{Markup, html};
use serde_json::json;

use super::layout::dialog_head;
use super::phone::Frame;
use super::view::MemberView;
use super::wall;

/// Who of the members sends what the composer says. It stands beside the composer, which stays as it
/// is while people type, so that whoever joins can be chosen.
pub(super) fn author(members: &[MemberView], composer: &str) -> Markup {
    html! {
        div.author-choice {
            label for="author" { "From" }
            select #author name="with.author" form=(composer) data-stay {
                @for member in members {
                    option id=(format!("from-{}", member.number)) value=(member.number) { (named(member)) }
                }
            }
        }
    }
}

/// A name with its number, where it has one. Marks around it keep a name that is written from right
/// to left from turning the number round.
fn named(member: &MemberView) -> String {
    match member.name == member.number {
        true => format!("+{}", member.number),
        false => format!("\u{2068}{}\u{2069} (+{})", member.name, member.number),
    }
}

/// Who is in the group. `contact` gives the address of what is done in its chat.
pub(super) fn members_dialog(members: &[MemberView], contact: &dyn Fn(&str) -> String) -> Markup {
    html! {
        dialog #members aria-labelledby="members-title" {
            (dialog_head("members", "Members"))
            @if members.is_empty() { p.dim { "Nobody but us." } }
            ul.members aria-label="Members" {
                @for member in members {
                    li id=(format!("member-{}", member.number)) {
                        span { (named(member)) }
                        button type="button" id=(format!("leave-{}", member.number)) data-post=(contact("leave"))
                            data-body=(json!({ "phone": member.number })) data-done="Gone from the group"
                            aria-label=(format!("{} leaves", named(member))) { "Leaves" }
                    }
                }
            }
            form #join data-post=(contact("join")) data-keep data-clear data-done="In the group now" {
                div.row {
                    label.field { span { "Phone number" } input name="phone" required data-first inputmode="tel" autocomplete="off" pattern="[+0-9 .\\(\\)\\/\\-]*[0-9][+0-9 .\\(\\)\\/\\-]*" title="A phone number" placeholder="79001234567"; }
                    button.primary type="submit" { "Joins" }
                }
            }
        }
    }
}

/// A contact makes a group with us in it.
pub(super) fn new_form(frame: &Frame<'_>) -> Markup {
    html! {
        form #group-form data-post=(frame.control("add-group")) data-keep data-clear data-then-close
            data-done="The group is there" data-goto-chat=(wall::href(frame.line(), frame.place)) {
            h3 { "Somebody makes a group with us in it" }
            label.field { span { "Name" } input name="name" required autocomplete="off" dir="auto"; }
            label.field {
                span { "Phone numbers of the others, with commas between them; the first makes it" }
                input name="members" required data-type="list" inputmode="tel" autocomplete="off" placeholder="79001234567, 79007654321";
            }
            div.row.end { button.primary type="submit" { "Make the group" } }
        }
    }
}
