//! Many instances at once: surveys, plans, reports.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::{Arc, Mutex};

use chatapi_admin::fleet::{LiveState, Step, Survey};
use chatapi_admin::{Admin, ApiKey, Platform};
use chatapi_sandbox::Sandbox;
use chatapi_transport::{ErrorKind, Gateway, Request, Response, Transport, TransportError};
use chatapi_types::InstanceId;
use chatapi_types::admin as dialect;
use chatapi_types::chat_api::Substatus;

/// An account whose instances have these many paid days. Its answers to some instances get lost or
/// are refusals.
#[derive(Debug, Default)]
struct Account {
    days: Vec<u64>,
    lost: Vec<&'static str>,
    refused: Vec<&'static str>,
    asked: Mutex<Vec<String>>,
}

const NOW_MS: u64 = 1_600_000_000_000;

#[async_trait::async_trait]
impl Transport for Account {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let body = String::from_utf8(request.expose()?.body().to_vec()).unwrap();
        if request.operation() == "listInstances" {
            let instance = |(at, days): (usize, &u64)| {
                let till = NOW_MS + days * 86_400_000 + 1_000;
                format!(
                    r#"{{"id":"{}","name":"n","apiUrl":"https://h/instance{}/","type":"whatsapp","stopped":false,"paymentsCount":1,"paidTill":{till}}}"#,
                    at + 1,
                    at + 1
                )
            };
            let list: Vec<_> = self.days.iter().enumerate().map(instance).collect();
            return Ok(Response::json(format!(r#"{{"result":[{}]}}"#, list.join(","))));
        }
        let arguments = body.split_once(',').map_or("", |(_, rest)| rest).to_owned();
        self.asked.lock().unwrap().push(format!("{} {arguments}", request.operation()));
        let names = |ids: &[&str]| ids.iter().any(|id| body.contains(&format!("\"{id}\"")));
        if names(&self.lost) {
            return Err(TransportError::broken());
        }
        Ok(match names(&self.refused) {
            true => Response::json(r#"{"error":"no such instance"}"#),
            false => Response::json(r#"{"result":"deleted"}"#),
        })
    }
}

fn admin(account: &Arc<Account>) -> Admin {
    let address = "https://admin.example".parse().unwrap();
    let key = ApiKey::new("key");
    let gateway = Gateway::new(address, dialect::Admin::json(), key, Arc::clone(account));
    Admin::over(gateway.on_clock(Sandbox::new().clock()))
}

async fn account(days: impl IntoIterator<Item = u64>) -> (Arc<Account>, Admin, Survey) {
    let account = Arc::new(Account { days: days.into_iter().collect(), ..Account::default() });
    let admin = admin(&account);
    let survey = admin.fleet().survey().await.unwrap();
    (account, admin, survey)
}

#[tokio::test]
async fn a_survey_joins_the_list_with_live_states() {
    let sandbox = Sandbox::new();
    sandbox.add_account("key");
    let address = sandbox.admin_address();
    let key = ApiKey::new("key");
    let gateway = Gateway::new(address, dialect::Admin::json(), key, sandbox.clone());
    let admin = Admin::over(gateway.on_clock(sandbox.clock()));

    let report = admin.fleet().plan_creation(&Platform::WhatsApp, 3).run().await.unwrap();
    assert!(report.is_complete());
    let created: Vec<_> = report.done.iter().map(|done| done.created.as_ref().unwrap()).collect();
    let mut fleet = admin.fleet().at_once(2);
    for created in &created[..2] {
        fleet = fleet.token(created.id(), created.token().clone());
    }
    // One comes up, and its phone's battery is low; one sleeps; of one the token is not known.
    let first = sandbox.instance(created[0].id());
    let scanner = first.clone();
    let client = created[0].client().unwrap();
    let ready = client.state().wait_until_ready().on_qr(move |_| {
        scanner.scan_qr();
    });
    assert!(ready.run().await.unwrap().is_ready());
    first.battery(3);

    let survey = fleet.survey().await.unwrap();
    assert_eq!(survey.members.len(), 3);
    let state = |at: usize| survey.members[at].live.to_string();
    assert_eq!(state(0), format!("authenticated/{}", Substatus::BatteryLow2));
    assert!(state(1).starts_with("init"), "a survey wakes nobody: {}", state(1));
    assert!(matches!(survey.members[2].live, LiveState::NoToken));
    let needy = survey.select(chatapi_admin::fleet::Member::needs_help);
    assert_eq!(needy.len(), 2, "{survey}");
    let table = survey.to_string();
    assert!(table.contains("battery_low_2") && table.contains("no token"), "{table}");
    assert!(!table.contains(created[0].token().expose()));

    let mut wrong = admin.fleet();
    wrong = wrong.token(created[2].id(), "wrong");
    let survey = wrong.survey().await.unwrap();
    assert_eq!(survey.members[2].live.to_string(), "not read (Unauthorized)");
}

#[tokio::test]
async fn a_plan_does_nothing_until_it_is_run() {
    let (account, admin, survey) = account([5, 5, 5]).await;
    let plan = admin.fleet().plan_restart(&survey.members[..2]);
    assert_eq!(plan.to_string(), "   1. restart instance 1\n   2. restart instance 2");
    drop(plan);
    assert!(account.asked.lock().unwrap().is_empty());
    let report = admin.fleet().plan_cleaning(&survey.members).run().await.unwrap();
    assert_eq!(report.to_string(), "3 done");
    let asked = account.asked.lock().unwrap();
    assert_eq!(asked[0], r#"cleanInstance "instanceId":"1"}"#);
    assert_eq!(asked.len(), 3);
}

#[tokio::test]
async fn deletions_are_confirmed_by_their_number() {
    let (account, admin, survey) = account([5, 5, 5]).await;
    let plan = admin.fleet().plan_deletion(survey.select(|m| m.instance.id.as_str() != "2"));
    let unconfirmed = plan.clone().run().await.unwrap_err();
    assert_eq!(unconfirmed.kind(), ErrorKind::Invalid);
    let slip = plan.clone().confirm_deletions(3).unwrap_err();
    assert!(slip.to_string().contains("deletes 2 instances, but 3 were confirmed"), "{slip}");
    assert!(account.asked.lock().unwrap().is_empty());
    let report = plan.confirm_deletions(2).unwrap().run().await.unwrap();
    assert!(report.is_complete());
    assert_eq!(account.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn one_failure_stops_nobody_and_doubt_is_not_repeated() {
    let account = Arc::new(Account {
        days: vec![5; 4],
        lost: vec!["2"],
        refused: vec!["3"],
        ..Account::default()
    });
    let admin = admin(&account);
    let survey = admin.fleet().survey().await.unwrap();
    let plan = admin.fleet().plan_deletion(&survey.members).confirm_deletions(4).unwrap();
    let report = plan.run().await.unwrap();
    assert_eq!(report.done.len(), 2);
    assert_eq!(report.troubles.len(), 2);
    let doubt: Vec<_> = report.in_doubt().map(|trouble| trouble.step.clone()).collect();
    assert_eq!(doubt, [Step::Delete("2".into())]);
    assert_eq!(report.rest().steps(), [Step::Delete("3".into())]);
    assert!(report.to_string().contains("no such instance"), "{report}");
}

#[tokio::test]
async fn the_soonest_to_expire_come_first() {
    let (_, _, survey) = account([9, 1, 5]).await;
    let order: Vec<_> =
        survey.soonest_to_expire().iter().map(|m| m.instance.id.to_string()).collect();
    assert_eq!(order, ["2", "3", "1"]);
}

#[tokio::test]
async fn days_are_transferred_only_where_the_vendor_allows_it() {
    let (account, admin, survey) = account([30; 25]).await;
    let error = admin.fleet().plan_transfer(&survey, "1", "2", 5).unwrap_err();
    assert!(
        error.to_string().contains("has 25 instances")
            && error.to_string().contains("more than 25"),
        "{error}"
    );
    assert!(admin.fleet().plan_even_days(&survey).is_err());
    assert!(account.asked.lock().unwrap().is_empty());

    let (account, admin, survey) = self::account([30; 26]).await;
    let plan = |source: &str, receiver: &str, days| {
        admin.fleet().plan_transfer(&survey, source, receiver, days)
    };
    for (refused, words) in [
        (plan("1", "2", 30), "must keep 1"),
        (plan("1", "1", 3), "at once"),
        (plan("1", "99", 3), "no instance 99"),
        (plan("1", "2", 0), "change nothing"),
    ] {
        let error = refused.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    plan("1", "2", 29).unwrap().run().await.unwrap();
    let asked = account.asked.lock().unwrap();
    assert_eq!(*asked, [r#"transferDays "source":"1","receiver":"2","days":29}"#]);
}

#[tokio::test]
async fn shared_days_are_even_and_none_is_lost() {
    let days: Vec<u64> = (0..30).map(|at| (at * 7) % 31 + at % 3).collect();
    let (_, admin, survey) = account(days.clone()).await;
    let plan = admin.fleet().plan_even_days(&survey).unwrap();
    let mut after = days.clone();
    let at = |id: &InstanceId| id.as_str().parse::<usize>().unwrap() - 1;
    for step in plan.steps() {
        let Step::Transfer { source, receiver, days } = step else { unreachable!() };
        assert!(after[at(source)] > u64::from(*days), "the source keeps a day");
        after[at(source)] -= u64::from(*days);
        after[at(receiver)] += u64::from(*days);
    }
    assert_eq!(after.iter().sum::<u64>(), days.iter().sum::<u64>());
    let (least, most) = (after.iter().min().unwrap(), after.iter().max().unwrap());
    assert!(most - least <= 1, "{after:?}");
    assert!(plan.steps().len() < days.len(), "each transfer settles an instance");
}
