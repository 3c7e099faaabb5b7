//! The owner's view on the emulated gateway, in every encoding.

use chatapi_admin::{Admin, ApiKey, Platform};
use chatapi_sandbox::Sandbox;
use chatapi_transport::{ErrorKind, Gateway, MockTransport, TransportError};
use chatapi_types::Phone;
use chatapi_types::admin as dialect;

fn admin(sandbox: &Sandbox, dialect: dialect::Admin, key: &str) -> Admin {
    let address = sandbox.admin_address();
    let gateway = Gateway::new(address, dialect, ApiKey::new(key), sandbox.clone());
    Admin::over(gateway.on_clock(sandbox.clock()))
}

fn setup(dialect: dialect::Admin) -> (Sandbox, Admin) {
    let sandbox = Sandbox::new();
    sandbox.add_account("key");
    let admin = admin(&sandbox, dialect, "key");
    (sandbox, admin)
}

#[tokio::test]
async fn a_new_instance_is_a_ready_client_in_every_encoding() {
    for dialect in [dialect::Admin::json(), dialect::Admin::form(), dialect::Admin::query()] {
        let (sandbox, admin) = setup(dialect);
        let created = admin.instances().create(Platform::WhatsApp).await.unwrap();
        let phone = sandbox.instance(created.id());
        assert!(phone.exists());

        let client = created.client().unwrap();
        let scanner = phone.clone();
        let ready = client.state().wait_until_ready().on_qr(move |_| {
            scanner.scan_qr();
        });
        assert!(ready.run().await.unwrap().is_ready());
        let to: Phone = "79000000001".parse().unwrap();
        let sent = client.messages().send_text(&to, "first words").send().await.unwrap();
        let outcome = client.messages().track(&sent).outcome().await.unwrap();
        assert!(outcome.is_reached());
        assert_eq!(phone.sent()[0].body, "first words");
    }
}

#[tokio::test]
async fn lists_show_instances_without_tokens() {
    let (_sandbox, admin) = setup(dialect::Admin::json());
    let created = admin.instances().create(Platform::WhatsApp).await.unwrap();
    let list = admin.instances().list().await.unwrap();
    let instance = list.known().next().unwrap();
    assert_eq!(&instance.id, created.id());
    assert_eq!(instance.api_url, *created.api_url());
    assert_eq!(instance.platform, Platform::WhatsApp);
    let token = created.token().expose();
    assert!(!format!("{list:?}").contains(token));
    assert!(!format!("{created:?}").contains(token), "{created:?}");
}

#[tokio::test]
async fn deleting_needs_the_number_twice_and_happens_once() {
    let (sandbox, admin) = setup(dialect::Admin::json());
    let created = admin.instances().create(Platform::WhatsApp).await.unwrap();
    let id = created.id();
    let before = sandbox.journal().len();
    let slip = admin.instances().delete(id).confirm("1").await.unwrap_err();
    assert_eq!(slip.kind(), ErrorKind::Invalid);
    assert_eq!(sandbox.journal().len(), before, "nothing was asked of the vendor");

    admin.instances().delete(id).confirm(id).await.unwrap();
    assert!(!sandbox.instance(id).exists());
    let again = admin.instances().delete(id).confirm(id).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Refused);
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_never_printed() {
    let (sandbox, _) = setup(dialect::Admin::json());
    let stranger = admin(&sandbox, dialect::Admin::query(), "canary-key");
    let error = stranger.instances().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("API key"), "{error}");
    assert!(!format!("{error} {error:?} {stranger:?}").contains("canary"));
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_in_doubt() {
    let mut transport = MockTransport::new();
    transport.expect_exchange().times(1).returning(|_| Err(TransportError::broken()));
    let admin = Admin::at("https://admin.example", ApiKey::new("key"), transport).unwrap();
    let error = admin.instances().create(Platform::WhatsApp).await.unwrap_err();
    assert!(error.may_have_taken_effect(), "{error}");
}
