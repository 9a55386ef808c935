//! Users with their accounts, plugins and tags: what others refer to.

use uuid::Uuid;

use crate::Result;
use crate::shapes::{
    Account, NewAccount, NewPlugin, NewTag, NewUser, Pipeline, Plugin, PluginType, Tag, User,
};
use crate::unit::Unit;

const MOST: usize = 6;

pub(crate) async fn insert(unit: &mut Unit<'_>) -> Result {
    if unit.world.users.len() >= MOST {
        return Ok(());
    }
    let (id, name) = (unit.key(), unit.name());
    let account = unit.random.once_in(2).then(|| new_account(unit, id));
    let email = format!("{name}@example.org");
    let mut new = NewUser::new(&*email, &*name).id(id);
    if let Some(account) = &account {
        new = new.account(NewAccount::new(&*account.number, persist::Parent).id(account.id));
    }
    unit.insert(new, User { id, email, display_name: name, version: 0, account })
}

fn new_account(unit: &mut Unit<'_>, owner_id: Uuid) -> Account {
    Account { id: unit.key(), number: unit.name(), owner_id }
}

pub(crate) async fn change(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<User>() else { return Ok(()) };
    let mut user: User = unit.take(id).await?;
    match (unit.random.below(4), &mut user.account) {
        (0, _) => user.display_name = unit.name(),
        (1, Some(account)) => account.number = unit.name(),
        (2, account @ Some(_)) => *account = None,
        // Another takes the place of the old one: of its owner there is only one.
        (_, account) => *account = Some(new_account(unit, id)),
    }
    unit.save(user)
}

/// An account goes to another user, who had none. Numbers are not exchanged: invoices refer to them.
pub(crate) async fn give_account(unit: &mut Unit<'_>) -> Result {
    let Some([one, other]) = unit.two::<User>() else { return Ok(()) };
    let (mut one, mut other): (User, User) = (unit.take(one).await?, unit.take(other).await?);
    match (&mut one.account, &mut other.account) {
        (Some(_), Some(_)) => {}
        (from, to) => {
            std::mem::swap(from, to);
            from.iter_mut().for_each(|account| account.owner_id = one.id);
            to.iter_mut().for_each(|account| account.owner_id = other.id);
        }
    }
    unit.save(one)?;
    unit.save(other)?;
    // Nothing else can stand for the key of an owner meanwhile: who gives an account away gets another one in
    // the next flush only.
    unit.flush().await
}

/// A user of whom nothing else knows, with the account.
pub(crate) async fn delete(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<User>() else { return Ok(()) };
    let owns = unit.world.pipelines.values().any(|pipeline| pipeline.owner_id == Some(id));
    let writes = unit.world.comments.values().any(|remark| remark.author_id == Some(id));
    if owns || writes {
        return Ok(());
    }
    let user: User = unit.take(id).await?;
    unit.delete(&user)
}

pub(crate) async fn insert_plugin(unit: &mut Unit<'_>) -> Result {
    if unit.world.plugins.len() >= MOST {
        return Ok(());
    }
    let (id, name) = (unit.key(), unit.name());
    let new = NewPlugin::new(&*name, "1", PluginType::Source).id(id);
    unit.insert(new, Plugin { id, name, version: "1".into(), plugin_type: PluginType::Source })
}

/// Two plugins take each other's names and versions, which are one key.
pub(crate) async fn exchange_versions(unit: &mut Unit<'_>) -> Result {
    let Some([one, other]) = unit.two::<Plugin>() else { return Ok(()) };
    let (mut one, mut other): (Plugin, Plugin) = (unit.take(one).await?, unit.take(other).await?);
    std::mem::swap(&mut one.name, &mut other.name);
    std::mem::swap(&mut one.version, &mut other.version);
    if unit.random.once_in(2) {
        one.version.push('1');
    }
    unit.save(one)?;
    unit.save(other)
}

/// The steps that use a plugin turn to another in the flush that deletes it, before which the key says
/// RESTRICT.
pub(crate) async fn delete_plugin(unit: &mut Unit<'_>) -> Result {
    let Some([id, other]) = unit.two::<Plugin>() else { return Ok(()) };
    let uses = |pipeline: &&Pipeline| pipeline.steps.iter().any(|step| step.plugin_id == Some(id));
    let users: Vec<Uuid> = unit.world.pipelines.values().filter(uses).map(|pipeline| pipeline.id).collect();
    let plugin: Plugin = unit.take(id).await?;
    let mut pipelines = Vec::new();
    for user in users {
        pipelines.push(unit.take::<Pipeline>(user).await?);
    }
    let is_first = unit.random.once_in(2);
    if is_first {
        unit.delete(&plugin)?;
    }
    for mut pipeline in pipelines {
        for step in pipeline.steps.iter_mut().filter(|step| step.plugin_id == Some(id)) {
            step.plugin_id = if unit.random.once_in(2) { Some(other) } else { None };
        }
        unit.save(pipeline)?;
    }
    if is_first { Ok(()) } else { unit.delete(&plugin) }
}

pub(crate) async fn insert_tag(unit: &mut Unit<'_>) -> Result {
    if unit.world.tags.len() >= MOST {
        return Ok(());
    }
    let (id, name) = (unit.key(), unit.name());
    unit.insert(NewTag::new(&*name).id(id), Tag { id, name })
}

/// The pipelines that hold the tag under its old name.
fn holders(unit: &Unit<'_>, tag: Uuid) -> Vec<Uuid> {
    let holds = |pipeline: &&Pipeline| pipeline.tags.iter().any(|linked| linked.id == tag);
    unit.world.pipelines.values().filter(holds).map(|pipeline| pipeline.id).collect()
}

pub(crate) async fn rename_tag(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Tag>() else { return Ok(()) };
    let mut tag: Tag = unit.take(id).await?;
    tag.name = unit.name();
    holders(unit, id).into_iter().for_each(|pipeline| unit.forget(pipeline));
    unit.save(tag)
}

/// A tag that its pipelines give up in the same flush.
pub(crate) async fn delete_tag(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Tag>() else { return Ok(()) };
    let tag: Tag = unit.take(id).await?;
    let mut pipelines = Vec::new();
    for holder in holders(unit, id) {
        pipelines.push(unit.take::<Pipeline>(holder).await?);
    }
    for mut pipeline in pipelines {
        pipeline.tags.retain(|linked| linked.id != id);
        unit.save(pipeline)?;
    }
    unit.delete(&tag)
}
