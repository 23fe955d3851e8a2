//! The text that the command prints at its start.

use std::io::{self, Write};

use owo_colors::OwoColorize;
use simulator::secrets_manager::SECRET_NAME;
use simulator::twilio::Twilio;
use simulator::twilio::sids::{ACCOUNT_SID, API_KEY_SID};
use simulator::world::World;

use crate::arguments::Serve;

/// The number of resources of each kind that are listed.
const NAMED: usize = 5;

pub(crate) fn print(world: &World, url: &str, arguments: &Serve) -> io::Result<()> {
    let mut out = anstream::stdout();
    writeln!(out, "{}\n", "A Twilio on this machine, until Ctrl-C.".bold())?;
    print_credentials(&mut out, world, url, arguments)?;
    writeln!(out, "\nThe workspace:\n")?;
    print_workspace(&mut out, &world.twilio)?;
    writeln!(out, "\nMake a task, and see where it goes:\n")?;
    let tasks = format!("{url}/v1/Workspaces/{}/Tasks", world.twilio.workspace_sid());
    let user = format!("{ACCOUNT_SID}:{}", world.twilio.credentials().auth_token);
    let attributes = r#"{"channelType":"web"}"#;
    writeln!(
        out,
        "  curl -u {user} {tasks} \\\n    -d TaskChannel=chat -d 'Attributes={attributes}'"
    )?;
    writeln!(out, "  curl -u {user} {tasks}\n")?;
    out.flush()
}

fn print_credentials(out: &mut impl Write, world: &World, url: &str, arguments: &Serve) -> io::Result<()> {
    let credentials = world.twilio.credentials();
    let api_key_secret = credentials.api_keys.get(API_KEY_SID).map_or("", String::as_str);
    let callback = match &*arguments.callback {
        "" => "none: name one with --callback URL",
        url => url,
    };
    let sinks = match &*arguments.sinks {
        [] => "none: name one with --sink URL".to_owned(),
        urls => urls.join(", "),
    };
    let workspace_sid = world.twilio.workspace_sid();
    for (name, value) in [
        ("inspector", &*format!("{url}/")),
        ("TaskRouter, Conversations", url),
        ("account SID", ACCOUNT_SID),
        ("auth token", &credentials.auth_token),
        ("API key", API_KEY_SID),
        ("API key secret", api_key_secret),
        ("workspace SID", &workspace_sid),
        ("event callback", callback),
        ("Event Streams' sinks", &sinks),
        ("session API", &format!("{url}/chat/sessions/{{session_id}}")),
        ("session API's token", &world.session_api.settings().token),
        ("Secrets Manager", &format!("AWS_ENDPOINT_URL_SECRETS_MANAGER={url}")),
        ("secret's name", SECRET_NAME),
    ] {
        writeln!(out, "  {name:<25}  {value}")?;
    }
    Ok(())
}

fn print_workspace(out: &mut impl Write, twilio: &Twilio) -> io::Result<()> {
    let workflows = twilio.workflows().into_iter();
    let workflows = workflows.map(|workflow| format!("{}  {}", workflow.sid, workflow.friendly_name));
    print_some(out, "workflow", workflows.collect())?;
    let queues = twilio.queues().into_iter();
    let queues = queues.map(|queue| format!("{}  {:<8}  {}", queue.sid, queue.friendly_name, queue.target_workers));
    print_some(out, "queue", queues.collect())?;
    let workers = twilio.workers().into_iter();
    let workers = workers.map(|worker| format!("{}  {:<8}  {}", worker.sid, worker.friendly_name, worker.attributes));
    print_some(out, "worker", workers.collect())
}

/// Prints a line for each of the first resources of a kind, then the number of the others.
fn print_some(out: &mut impl Write, kind: &str, lines: Vec<String>) -> io::Result<()> {
    for line in lines.iter().take(NAMED) {
        writeln!(out, "  {kind:<8}  {line}")?;
    }
    match lines.len().checked_sub(NAMED) {
        Some(1) => writeln!(out, "  and 1 more {kind}"),
        Some(more @ 2..) => writeln!(out, "  and {more} more {kind}s"),
        _ => Ok(()),
    }
}
