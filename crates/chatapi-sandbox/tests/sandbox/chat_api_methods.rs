//! That there is every method of the wire document.

use chatapi_types::chat_api::CATALOGUE;

use crate::wire::{exchange, with_instance};

/// The names of the wire document, sections 2 to 7, copied from it.
const NAMES: &str = "status logout takeover expiry retry reboot qr_code screenshot me outputIP \
    setName setStatus settings webhook repeatHook sendMessage message sendFile sendPTT sendAudio \
    sendLink sendContact sendLocation sendVCard forwardMessage deleteMessage sendButtons \
    sendProduct messages messagesHistory getFile getProducts getProduct getOrder dialogs dialog \
    group addGroupParticipant removeGroupParticipant promoteGroupParticipant \
    demoteGroupParticipant joinGroup leaveGroup readChat unreadChat pinChat unpinChat removeChat \
    typing recording archiveChat unarchiveChat clearChat disappearingChat labelsList createLabel \
    updateLabel removeLabel labelChat unlabelChat checkPhone userStatus showMessagesQueue \
    showActionsQueue clearMessagesQueue clearActionsQueue banSettings banTest instanceStatuses \
    webhookStatus";

#[test]
fn every_method_is_there_by_either_verb() {
    let declared = CATALOGUE
        .iter()
        .flat_map(|entry| entry.operation.aliases.iter().copied().chain([entry.operation.name]));
    for name in NAMES.split_whitespace().chain(declared) {
        for verb in ["GET", "POST"] {
            let sandbox = with_instance();
            let request = format!("{verb} /instance123/{name}?token=token");
            let answer = exchange(&sandbox, &request);
            let body = String::from_utf8_lossy(answer.body()).into_owned();
            assert!(!body.contains("Unknown method"), "{request}: {body}");
            assert!(!answer.status().is_server_error(), "{request}: {body}");
            assert_ne!(answer.status(), 405, "{request}");
        }
    }
}

#[test]
fn what_is_no_method_of_chat_api_is_not_there() {
    let sandbox = with_instance();
    for name in ["sendList", "sendCatalog", "sendTemplate"] {
        let answer = exchange(&sandbox, &format!("POST /instance123/{name}?token=token"));
        assert_eq!(answer.status(), 404);
    }
}
