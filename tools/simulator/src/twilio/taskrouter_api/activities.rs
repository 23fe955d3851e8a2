//! The activities of a workspace.

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, admits, created, deleted, ok, page};
use crate::clock::iso_8601;
use crate::twilio::account::Twilio;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Flag, Form, Query, required};
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::model::Activity;
use crate::twilio::taskrouter::workspace::Workspace;
use crate::twilio::taskrouter::workspace::resources::TASKROUTER;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    friendly_name: Option<String>,
    #[serde(default)]
    available: Flag,
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    Form(form): Form<Create>,
) -> Answer {
    let name = required("FriendlyName", form.friendly_name)?;
    twilio.in_workspace(&workspace, |workspace| {
        let activity = workspace.create_activity(&name, form.available.0)?;
        Ok(created(resource(workspace, &activity)))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    friendly_name: Option<String>,
    available: Option<Flag>,
}

impl Filter {
    fn admits(&self, activity: &Activity) -> bool {
        admits(self.friendly_name.as_ref(), &activity.friendly_name)
            && self
                .available
                .is_none_or(|Flag(available)| activity.available == available)
    }
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        let wanted = workspace
            .activities
            .numbered()
            .filter(|(_, activity)| filter.admits(activity));
        let items = wanted
            .map(|(number, activity)| (number, resource(workspace, activity)))
            .collect();
        Ok(page("activities", &uri, &query, items))
    })
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path((workspace, sid)): Path<(String, String)>) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        Ok(ok(resource(workspace, workspace.activities.get(&sid)?)))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    friendly_name: Option<String>,
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((workspace, sid)): Path<(String, String)>,
    Form(form): Form<Update>,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        if let Some(name) = form.friendly_name {
            workspace.rename_activity(&sid, &name)?;
        }
        Ok(ok(resource(workspace, workspace.activities.get(&sid)?)))
    })
}

pub(super) async fn delete(State(twilio): State<Twilio>, Path((workspace, sid)): Path<(String, String)>) -> Answer {
    twilio.in_workspace(&workspace, |workspace| workspace.delete_activity(&sid))?;
    Ok(deleted())
}

/// The resource `taskrouter.v1.workspace.activity`.
fn resource(workspace: &Workspace, activity: &Activity) -> Value {
    let workspace_url = format!("{TASKROUTER}{}", workspace.path());
    json!({
        "account_sid": ACCOUNT_SID,
        "available": activity.available,
        "date_created": iso_8601(activity.date_created),
        "date_updated": iso_8601(activity.date_updated),
        "friendly_name": activity.friendly_name,
        "links": { "workspace": workspace_url },
        "sid": activity.sid,
        "url": format!("{workspace_url}/Activities/{}", activity.sid),
        "workspace_sid": workspace.sid,
    })
}
