//! What does the fleet look like this morning, and what would put it right? A plan shows what it
//! would do before it does anything.

use chatapi::admin::Platform;
use chatapi::admin::fleet::Member;
use chatapi::{Admin, Sandbox};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // In production: let admin = Admin::connect(chatapi::admin::DEFAULT_ADDRESS, key)?;
    let sandbox = Sandbox::new();
    let account = sandbox.add_account("key");
    let admin = Admin::over(account.gateway());

    // Four instances, created in one plan. Keep the tokens: no list shows them again.
    let plan = admin.fleet().plan_creation(&Platform::WhatsApp, 4);
    println!("{plan}\n");
    let report = plan.run().await?;
    let mut fleet = admin.fleet();
    for created in report.done.iter().filter_map(|done| done.created.as_ref()) {
        fleet = fleet.token(created.id(), created.token().clone());
        let phone = sandbox.instance(created.id());
        let waiting = created
            .client()?
            .state()
            .wait_until_ready()
            .on_qr(move |_| {
                phone.scan_qr();
            })
            .run()
            .await?;
        assert!(waiting.is_ready());
    }

    // A bad night: one phone is off, one battery is nearly empty, one session was taken over.
    for (instance, trouble) in account.instances().iter().zip(0..) {
        let phone = sandbox.instance(instance);
        match trouble {
            0 => phone.phone_offline(),
            1 => phone.battery(3),
            2 => phone.open_second_session(),
            _ => {}
        }
    }

    let survey = fleet.survey().await?;
    println!("{survey}");
    for member in survey.select(Member::needs_help) {
        if let Some(status) = member.status() {
            println!("{}: {}", member.instance.id, status.advice().action);
        }
    }
    println!("\nPaid for the shortest time: {}", survey.soonest_to_expire()[0].instance.id);

    let plan = fleet.plan_restart(survey.select(Member::needs_help));
    println!("\nThis would be done:\n{plan}");
    Ok(())
}
