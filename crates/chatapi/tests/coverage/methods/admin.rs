//! The methods of the admin client; plans are made and run.

use chatapi::ApiKey;
use chatapi::admin::fleet::Survey;
use chatapi::admin::{Admin, Platform};
use chatapi::transport::{MockTransport, Response};

use super::Method;
use super::record::Recorder;

pub(super) async fn methods() -> Vec<Method> {
    let mut seen = Recorder::new("Chat API admin");
    let key = ApiKey::new("key");
    let admin = Admin::at("https://h.example", key, seen.transport()).unwrap();

    let instances = admin.instances();
    seen.calls("instances().list", instances.list()).await;
    seen.calls("instances().create", instances.create(Platform::WhatsApp)).await;
    seen.calls("instances().delete", instances.delete("1").confirm("1")).await;

    let (fleet, survey) = (admin.fleet(), survey().await);
    let one = &survey.members[..1];
    seen.calls("fleet().survey", fleet.survey()).await;
    let creation = fleet.plan_creation(&Platform::WhatsApp, 1);
    seen.calls("fleet().plan_creation", creation.run()).await;
    seen.calls("fleet().plan_restart", fleet.plan_restart(one).run()).await;
    seen.calls("fleet().plan_cleaning", fleet.plan_cleaning(one).run()).await;
    let deletion = fleet.plan_deletion(one).confirm_deletions(1).unwrap();
    seen.calls("fleet().plan_deletion", deletion.run()).await;
    let transfer = fleet.plan_transfer(&survey, "2", "1", 1).unwrap();
    seen.calls("fleet().plan_transfer", transfer.run()).await;
    let sharing = fleet.plan_even_days(&survey).unwrap();
    seen.calls("fleet().plan_even_days", sharing.run()).await;
    seen.methods()
}

/// A look at as many instances as an account needs to transfer days, with more days each.
async fn survey() -> Survey {
    let instance = |number: u64| {
        let paid_till = 4_102_444_800_000 + number * 10 * 86_400_000;
        format!(
            r#"{{"id":"{number}","apiUrl":"https://h.example/instance{number}/","type":"whatsapp","paidTill":{paid_till}}}"#
        )
    };
    let list: Vec<_> = (1..=26).map(instance).collect();
    let answer = format!(r#"{{"result":[{}]}}"#, list.join(","));
    let mut transport = MockTransport::new();
    transport.expect_exchange().returning(move |_| Ok(Response::json(answer.clone())));
    let admin = Admin::at("https://h.example", ApiKey::new("key"), transport).unwrap();
    admin.fleet().survey().await.unwrap()
}
