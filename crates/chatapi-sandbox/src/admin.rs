//! The account's functions: create, list, look after and delete instances.

mod upkeep;

use chatapi_types::admin::{
    CleanInstance, Created, CreatedInstance, DeleteInstance, Deleted, ListInstances, NewInstance,
    ReloadInstance, TransferDays,
};
use chatapi_types::admin::{Instance as Listed, Instances};
use chatapi_types::{InstanceId, List, Operation, Token};

use crate::chat_api::Instance;
use crate::http::{Answer, Question};
use crate::world::{Happening, Key, World};

/// Answers a function for the account in this place. `Err` is what stands in `error`; the vendor's
/// texts were never seen.
type Handler = fn(&mut World, usize, &Question) -> Result<Answer, String>;

const NO_SUCH_INSTANCE: &str = "No such instance";

/// Every function.
const FUNCTIONS: &[(Operation, Handler)] = &[
    (Operation::of::<NewInstance>(), new_instance),
    (Operation::of::<DeleteInstance>(), delete_instance),
    (Operation::of::<ListInstances>(), list_instances),
    (Operation::of::<CleanInstance>(), upkeep::clean_instance),
    (Operation::of::<ReloadInstance>(), upkeep::reload_instance),
    (Operation::of::<TransferDays>(), upkeep::transfer_days),
];

/// A function by its name.
pub(crate) fn function(name: &str) -> Option<&'static (Operation, Handler)> {
    FUNCTIONS.iter().find(|(operation, _)| operation.is_named(name))
}

/// Answers a function. Refusals are HTTP 200 (§9, grade B), that of a wrong key too.
pub(crate) fn answer(world: &mut World, handler: Handler, question: &Question) -> Answer {
    let uid = question.args.text("uid").unwrap_or_default();
    let mut keys = world.accounts.iter().map(|account| account.key.expose());
    let answer = match keys.position(|key| key == uid) {
        Some(account) => handler(world, account, question),
        None => Err("Wrong uid".to_owned()),
    };
    answer.unwrap_or_else(|refusal| Answer::error(200, refusal))
}

fn new_instance(world: &mut World, account: usize, question: &Question) -> Result<Answer, String> {
    let call: NewInstance = question.args.read().map_err(|error| error.to_string())?;
    if !call.platform.is_known() {
        return Err("Unknown type".to_owned());
    }
    // Ours: no vendor was seen to say it.
    if world.instances.len() >= world.scene.profile.limits.instances {
        return Err("There are too many instances".to_owned());
    }
    let id = world.next_instance_id();
    let token = Token::new(world.scene.random.token());
    let key = world.instances.next_key();
    let mut instance = Instance::new(key, id.clone(), token.clone(), &world.scene);
    instance.owner = Some(account);
    instance.platform = call.platform;
    instance.note(&mut world.scene, Happening::Control("created".into()));
    instance.settle(&mut world.scene);
    world.instances.add(id.as_str(), instance);
    let url = api_url(&id, question);
    Ok(Answer::of(&Created::new(CreatedInstance::new(id, url, token))))
}

fn delete_instance(
    world: &mut World,
    account: usize,
    question: &Question,
) -> Result<Answer, String> {
    let call: DeleteInstance = question.args.read().map_err(|error| error.to_string())?;
    owned(world, account, &call.instance_id)?;
    if let Some(mut instance) = world.instances.remove(call.instance_id.as_str().trim()) {
        instance.note(&mut world.scene, Happening::Control("deleted".into()));
        instance.retire(&mut world.scene);
    }
    Ok(Answer::of(&Deleted::done()))
}

/// An instance that belongs to the account.
fn owned(world: &World, account: usize, id: &InstanceId) -> Result<Key, String> {
    let key = world.instances.find(id.as_str().trim());
    let is_owned = |key: &Key| {
        world.instances.get(*key).is_some_and(|instance| instance.owner == Some(account))
    };
    key.filter(is_owned).ok_or_else(|| NO_SUCH_INSTANCE.to_owned())
}

fn list_instances(
    world: &mut World,
    account: usize,
    question: &Question,
) -> Result<Answer, String> {
    let owned = world.instances.iter().filter(|instance| instance.owner == Some(account));
    let list: List<Listed> = owned.map(|instance| describe(instance, question)).collect();
    Ok(Answer::of(&Instances::new(list)))
}

fn describe(instance: &Instance, question: &Question) -> Listed {
    let url = api_url(&instance.id, question);
    let mut listed = Listed::new(&instance.id, url, instance.platform.clone());
    listed.name = format!("Instance {}", instance.id);
    listed.stopped = !instance.paid;
    listed.paid_till = Some(instance.paid_till);
    listed
}

/// Ends with a slash (§1, grade B).
fn api_url(id: &InstanceId, question: &Question) -> String {
    format!("{}/instance{id}/", question.origin)
}
