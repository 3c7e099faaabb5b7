//! `channel_list`: the channels of the account.

use chatapi_types::List;
use chatapi_types::wamm::{ChannelFilter, Channels, ErrorCode, PayState};

use crate::http::{Answer, Question};
use crate::wamm::{Channel, Refusal, refuse};
use crate::world::{Key, Roster, Scene};

pub(super) fn channel_list(
    channels: &Roster<Channel>,
    asking: Key,
    scene: &Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let filter = question.args.text("filter").filter(|text| !text.is_empty());
    let filter = filter.map(ChannelFilter::from);
    let over = scene.office.trial_is_over(scene.now, &scene.profile.wamm);
    let is_wanted = |channel: &&Channel| {
        let active = !over && channel.pay_state == PayState::Active;
        match filter {
            Some(ChannelFilter::Active) => active,
            Some(ChannelFilter::Archive) => !active,
            Some(ChannelFilter::StatusOn) => active && channel.state.can_send(),
            Some(ChannelFilter::StatusOff) => active && !channel.state.can_send(),
            Some(ChannelFilter::One) => channel.key == asking,
            // None, and words that the page does not have.
            _ => true,
        }
    };
    let list: List<_> =
        channels.iter().filter(is_wanted).map(|channel| channel.describe(scene)).collect();
    match list.is_empty() {
        true => Err(refuse(ErrorCode::NoData)),
        false => Ok(Answer::of(&Channels::new(list))),
    }
}

impl Channel {
    fn describe(&self, scene: &Scene) -> chatapi_types::wamm::Channel {
        let kind = self.kind(&scene.profile.wamm);
        let mut channel = chatapi_types::wamm::Channel::new(&self.api_id, kind, self.state.clone());
        channel.pay_state = self.pay_state.clone();
        if scene.office.trial_is_over(scene.now, &scene.profile.wamm) {
            channel.pay_state = PayState::Archive;
        }
        channel.phone = Some(self.phone.as_str().into());
        channel.hook = self.hook.clone().unwrap_or_default();
        channel.api_tag = format!("Channel {}", self.api_id);
        channel
    }
}
