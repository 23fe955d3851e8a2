//! What the command says at its start: all that one needs to use it.

use std::io::{self, Write};

use owo_colors::OwoColorize;
use simulator::secrets_manager::SECRET_NAME;
use simulator::twilio::sids::{ACCOUNT_SID, API_KEY_SID, WORKSPACE_SID};
use simulator::world::World;

use crate::arguments::Serve;

pub(crate) fn print(world: &World, url: &str, arguments: &Serve) -> io::Result<()> {
    let credentials = world.twilio.credentials();
    let auth_token = &credentials.auth_token;
    let api_key_secret = credentials.api_keys.get(API_KEY_SID).map_or("", String::as_str);
    let token = world.session_api.settings().token;
    let callback = match &*arguments.callback {
        "" => "none: name one with --callback URL",
        url => url,
    };
    let mut out = anstream::stdout();
    writeln!(out, "{}\n", "A Twilio on this machine, until Ctrl-C.".bold())?;
    for (name, value) in [
        ("TaskRouter, Conversations", url),
        ("account SID", ACCOUNT_SID),
        ("auth token", auth_token),
        ("API key", API_KEY_SID),
        ("API key secret", api_key_secret),
        ("workspace SID", WORKSPACE_SID),
        ("event callback", callback),
        ("session API", &format!("{url}/chat/sessions/{{session_id}}")),
        ("session API's token", &token),
        ("Secrets Manager", &format!("AWS_ENDPOINT_URL_SECRETS_MANAGER={url}")),
        ("secret's name", SECRET_NAME),
    ] {
        writeln!(out, "  {name:<25}  {value}")?;
    }
    writeln!(out, "\nMake a task, and look at it:\n")?;
    let tasks = format!("{url}/v1/Workspaces/{WORKSPACE_SID}/Tasks");
    let user = format!("{ACCOUNT_SID}:{auth_token}");
    writeln!(
        out,
        "  curl -u {user} {tasks} \\\n    -d 'Attributes={{\"name\":\"Ana\"}}'"
    )?;
    writeln!(out, "  curl -u {user} {tasks}\n")?;
    out.flush()
}
