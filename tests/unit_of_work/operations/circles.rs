//! Tables that refer to each other: teams with their lead, runbooks with their current revision.

use crate::Result;
use crate::shapes::{NewRevision, NewRunbook, NewTeam, NewTeamMember, Revision, Runbook, Team, TeamMember};
use crate::unit::Unit;

const MOST: usize = 4;

pub(crate) async fn insert_team(unit: &mut Unit<'_>) -> Result {
    if unit.world.teams.len() >= MOST {
        return Ok(());
    }
    let (id, name) = (unit.key(), unit.name());
    let mut members: Vec<TeamMember> = Vec::new();
    for rank in 1..=unit.random.below(4) as i32 {
        members.push(TeamMember { id: unit.key(), team_id: id, rank, name: unit.name() });
    }
    let lead_id = unit.random.maybe_of(&members).map(|member| member.id);
    let fresh =
        members.iter().map(|row| NewTeamMember::new(persist::Parent, row.rank, &*row.name).id(row.id));
    let new = NewTeam::new(&*name).id(id).lead_id(lead_id).members(fresh);
    unit.insert(new, Team { id, name, lead_id, members })
}

pub(crate) async fn change_team(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Team>() else { return Ok(()) };
    let mut team: Team = unit.take(id).await?;
    for _ in 0..=unit.random.below(3) {
        let last = team.members.iter().map(|member| member.rank).max().unwrap_or(0);
        match unit.random.below(5) {
            0 => team.name = unit.name(),
            1 => {
                // Whoever is new leads.
                let member = TeamMember { id: unit.key(), team_id: id, rank: last + 1, name: unit.name() };
                team.lead_id = Some(member.id);
                team.members.push(member);
            }
            2 => {
                // The lead leaves, another member takes over.
                team.members.retain(|member| Some(member.id) != team.lead_id);
                team.lead_id = unit.random.maybe_of(&team.members).map(|member| member.id);
            }
            3 => {
                let ranks: Vec<i32> = team.members.iter().rev().map(|member| member.rank).collect();
                team.members.iter_mut().zip(ranks).for_each(|(member, rank)| member.rank = rank);
            }
            _ => team.members.iter_mut().for_each(|member| member.rank += 1),
        }
    }
    unit.save(team)
}

/// A member goes to another team, and leads it.
pub(crate) async fn move_member(unit: &mut Unit<'_>) -> Result {
    let Some([one, other]) = unit.two::<Team>() else { return Ok(()) };
    let (mut one, mut other): (Team, Team) = (unit.take(one).await?, unit.take(other).await?);
    let deletes = unit.random.once_in(3);
    if let Some(mut member) = one.members.pop() {
        one.lead_id.take_if(|lead| *lead == member.id);
        let last = other.members.iter().map(|member| member.rank).max().unwrap_or(0);
        (member.team_id, member.rank) = (other.id, last + 1);
        other.lead_id = Some(member.id);
        other.members.push(member);
    }
    unit.save(other)?;
    if deletes { unit.delete(&one) } else { unit.save(one) }
}

pub(crate) async fn delete_team(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Team>() else { return Ok(()) };
    let team: Team = unit.take(id).await?;
    unit.delete(&team)
}

pub(crate) async fn insert_runbook(unit: &mut Unit<'_>) -> Result {
    if unit.world.runbooks.len() >= MOST {
        return Ok(());
    }
    let (id, title) = (unit.key(), unit.name());
    let mut revisions = Vec::new();
    for number in 1..=1 + unit.random.below(2) as i32 {
        revisions.push(Revision { id: unit.key(), runbook_id: id, number, body: unit.name() });
    }
    let current_id = unit.random.of(&revisions).id;
    let fresh =
        revisions.iter().map(|row| NewRevision::new(persist::Parent, row.number, &*row.body).id(row.id));
    let new = NewRunbook::new(&*title, current_id).id(id).revisions(fresh);
    unit.insert(new, Runbook { id, title, current_id, revisions })
}

pub(crate) async fn change_runbook(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Runbook>() else { return Ok(()) };
    let mut runbook: Runbook = unit.take(id).await?;
    for _ in 0..=unit.random.below(3) {
        let revisions = &mut runbook.revisions;
        let last = revisions.iter().map(|revision| revision.number).max().unwrap_or(0);
        match unit.random.below(5) {
            0 => runbook.title = unit.name(),
            1 => {
                let (key, body) = (unit.key(), unit.name());
                revisions.push(Revision { id: key, runbook_id: id, number: last + 1, body });
                runbook.current_id = key;
            }
            2 => {
                // All but one go, and that one is the current one.
                let kept = unit.random.of(revisions).id;
                revisions.retain(|revision| revision.id == kept);
                runbook.current_id = kept;
            }
            3 => revisions.iter_mut().for_each(|revision| revision.number += 1),
            _ => {
                let numbers: Vec<i32> = revisions.iter().rev().map(|revision| revision.number).collect();
                revisions.iter_mut().zip(numbers).for_each(|(revision, number)| revision.number = number);
            }
        }
    }
    unit.save(runbook)
}

pub(crate) async fn delete_runbook(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Runbook>() else { return Ok(()) };
    let runbook: Runbook = unit.take(id).await?;
    unit.delete(&runbook)
}
