//! Paid days: who may transfer, and how to share them evenly.

use chatapi_transport::Result;
use chatapi_types::InstanceId;
use chatapi_types::admin::Limits;

use super::plan::Step;
use super::refuse;
use super::survey::{Survey, whole_days};

/// Whether the account is large enough.
pub(super) fn allowed(survey: &Survey, limits: &Limits) -> Result<()> {
    let count = survey.members.len() + survey.unreadable.len();
    if limits.allows_transfer(count) {
        return Ok(());
    }
    let most = limits.min_instances_for_transfer;
    Err(refuse(format!(
        "the account has {count} instances, and the vendor lets days be transferred only where \
         there are more than {most}"
    )))
}

/// Whether the source can give that many.
pub(super) fn enough(
    survey: &Survey,
    source: &InstanceId,
    receiver: &InstanceId,
    days: u32,
    limits: &Limits,
) -> Result<()> {
    if days == 0 {
        return Err(refuse("0 days change nothing".to_owned()));
    }
    if source == receiver {
        return Err(refuse(format!("instance {source} is source and receiver at once")));
    }
    for id in [source, receiver] {
        if survey.member(id).is_none() {
            return Err(refuse(format!("the account has no instance {id}")));
        }
    }
    let has = survey.member(source).and_then(|member| survey.paid_for(member)).map(whole_days);
    let keeps = u64::from(limits.source_keeps_days);
    match has {
        Some(has) if has < u64::from(days) + keeps => Err(refuse(format!(
            "instance {source} has {has} days and must keep {keeps}; it cannot give {days}"
        ))),
        _ => Ok(()),
    }
}

/// The transfers that bring every instance to the average, give or take a day. The richest gives to
/// the poorest until one of them has its share, so each transfer settles at least one instance.
pub(super) fn even(survey: &Survey, limits: &Limits) -> Vec<Step> {
    let mut purses: Vec<(InstanceId, u64)> = survey
        .members
        .iter()
        .filter_map(|member| {
            let days = whole_days(survey.paid_for(member)?);
            Some((member.instance.id.clone(), days))
        })
        .collect();
    let Some(count) = u64::try_from(purses.len()).ok().filter(|count| *count > 0) else {
        return Vec::new();
    };
    let total: u64 = purses.iter().map(|(_, days)| days).sum();
    let (share, odd) = (total / count, total % count);
    // The richest keep the days that cannot be shared out evenly.
    purses.sort_by_key(|(_, days)| std::cmp::Reverse(*days));
    let goal = |rank: usize| {
        let extra = u64::from(u64::try_from(rank).is_ok_and(|rank| rank < odd));
        (share + extra).max(u64::from(limits.source_keeps_days))
    };
    let goals: Vec<u64> = (0..purses.len()).map(goal).collect();
    let mut steps = Vec::new();
    let (mut rich, mut poor) = (0, purses.len() - 1);
    while rich < poor {
        let surplus = purses[rich].1.saturating_sub(goals[rich]);
        let lack = goals[poor].saturating_sub(purses[poor].1);
        if surplus == 0 {
            rich += 1;
        } else if lack == 0 {
            poor -= 1;
        } else {
            let days = surplus.min(lack);
            purses[rich].1 -= days;
            purses[poor].1 += days;
            steps.push(Step::Transfer {
                source: purses[rich].0.clone(),
                receiver: purses[poor].0.clone(),
                days: u32::try_from(days).unwrap_or(u32::MAX),
            });
        }
    }
    steps
}
