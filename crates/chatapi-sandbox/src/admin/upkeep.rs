//! `cleanInstance`, `reloadInstance` and `transferDays`. Their answers were never seen (§9).

use chatapi_types::admin::{CleanInstance, Done, ReloadInstance, TransferDays};

use crate::admin::{NO_SUCH_INSTANCE, owned};
use crate::http::{Answer, Question};
use crate::world::World;

pub(super) fn clean_instance(
    world: &mut World,
    account: usize,
    question: &Question,
) -> Result<Answer, String> {
    let call: CleanInstance = question.args.read().map_err(|error| error.to_string())?;
    let key = owned(world, account, &call.instance_id)?;
    if let Some(instance) = world.instances.get_mut(key) {
        instance.clean(&mut world.scene, question);
    }
    Ok(Answer::of(&Done::new(&*world.scene.profile.admin.cleaned)))
}

pub(super) fn reload_instance(
    world: &mut World,
    account: usize,
    question: &Question,
) -> Result<Answer, String> {
    let call: ReloadInstance = question.args.read().map_err(|error| error.to_string())?;
    let key = owned(world, account, &call.instance_id)?;
    if let Some(instance) = world.instances.get_mut(key) {
        instance.reload(&mut world.scene);
    }
    Ok(Answer::of(&Done::new(&*world.scene.profile.admin.reloaded)))
}

pub(super) fn transfer_days(
    world: &mut World,
    account: usize,
    question: &Question,
) -> Result<Answer, String> {
    let call: TransferDays = question.args.read().map_err(|error| error.to_string())?;
    let (days, figures) = (call.days, &world.scene.profile.admin);
    let above = figures.transfer_above;
    let count = world.instances.iter().filter(|instance| instance.owner == Some(account)).count();
    if count <= above {
        return Err(format!(
            "transferDays is open to accounts with more than {above} instances; this one has \
             {count}"
        ));
    }
    if days == 0 {
        return Err("days must be at least 1".to_owned());
    }
    let source = owned(world, account, &call.source)?;
    let receiver = owned(world, account, &call.receiver)?;
    if source == receiver {
        return Err("source and receiver are the same instance".to_owned());
    }
    let keeps = figures.source_keeps_days;
    let has = world.instances.get(source).map_or(0, |instance| instance.paid_days(&world.scene));
    if has < u64::from(days) + u64::from(keeps) {
        return Err(format!("source has {has} days and must keep at least {keeps}"));
    }
    let World { instances, scene, .. } = world;
    instances.get_mut(source).ok_or(NO_SUCH_INSTANCE)?.give_days(days);
    instances.get_mut(receiver).ok_or(NO_SUCH_INSTANCE)?.take_days(days, scene);
    Ok(Answer::of(&Done::new(&*scene.profile.admin.transferred)))
}
