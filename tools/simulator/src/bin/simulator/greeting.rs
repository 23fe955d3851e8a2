//! The text that the command prints at its start.

use std::io::{self, Write};

use owo_colors::OwoColorize;
use simulator::secrets_manager::SECRET_NAME;
use simulator::twilio::Twilio;
use simulator::twilio::sids::{ACCOUNT_SID, API_KEY_SID, WORKFLOW_SID, WORKSPACE_SID};
use simulator::world::World;

use crate::arguments::Serve;

/// How many workers are named.
const WORKERS: usize = 5;

pub(crate) fn print(world: &World, url: &str, arguments: &Serve) -> io::Result<()> {
    let mut out = anstream::stdout();
    writeln!(out, "{}\n", "A Twilio on this machine, until Ctrl-C.".bold())?;
    print_credentials(&mut out, world, url, arguments)?;
    writeln!(out, "\nThe workflow {WORKFLOW_SID} leads to these:\n")?;
    print_queues_and_workers(&mut out, &world.twilio)?;
    writeln!(out, "\nMake a task, and see where it goes:\n")?;
    let tasks = format!("{url}/v1/Workspaces/{WORKSPACE_SID}/Tasks");
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
    for (name, value) in [
        ("TaskRouter, Conversations", url),
        ("account SID", ACCOUNT_SID),
        ("auth token", &credentials.auth_token),
        ("API key", API_KEY_SID),
        ("API key secret", api_key_secret),
        ("workspace SID", WORKSPACE_SID),
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

fn print_queues_and_workers(out: &mut impl Write, twilio: &Twilio) -> io::Result<()> {
    for queue in twilio.queues() {
        writeln!(
            out,
            "  queue   {}  {:<8}  {}",
            queue.sid, queue.friendly_name, queue.target_workers
        )?;
    }
    let workers = twilio.workers();
    for worker in workers.iter().take(WORKERS) {
        writeln!(
            out,
            "  worker  {}  {:<8}  {}",
            worker.sid, worker.friendly_name, worker.attributes
        )?;
    }
    if workers.len() > WORKERS {
        writeln!(out, "  and {} workers more", workers.len() - WORKERS)?;
    }
    Ok(())
}
