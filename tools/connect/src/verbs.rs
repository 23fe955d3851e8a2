//! The verbs of the command line.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::verb_error::VerbError;
use flex_handoff::upstream::transport;

use crate::apply::apply;
use crate::backup::{Backup, BackupFile};
use crate::check::check;
use crate::client::Client;
use crate::credentials::Credentials;
use crate::export::{self, ExportError};
use crate::options::{Options, Verb};
use crate::output::say;
use crate::plan::{Change, plan};
use crate::report::Report;
use crate::session_probe::probe;
use crate::smoke::smoke;
use crate::undo::{Undone, undo};

const NO_WORKSPACE: &str = "name the workspace with --workspace WS… (Console: TaskRouter, Workspaces)";
const NO_WORKER: &str = "name the AI's worker with --ai-worker WK… (Console: TaskRouter, your workspace, Workers)";

/// Runs the verb of the options. The exit code is 1 if something is wrong.
pub(crate) async fn run(options: Options) -> Result<ExitCode, VerbError> {
    let http = transport::client("connect").map_err(VerbError::Http)?;
    let is_good = match &options.verb {
        Verb::Check { json } => Connection::open(http, &options, true).await?.check(*json).await?,
        Verb::Apply { yes } => Connection::open(http, &options, true).await?.apply(*yes).await?,
        Verb::Export => Connection::open(http, &options, false).await?.export().await?,
        Verb::Undo { file } => {
            let backup = Backup::read(file)?;
            let (client, _) = client(&http, &options).await?;
            tell(&undo(&client, &backup).await?)?
        }
        Verb::Smoke { stack } => smoke(&http, &options, stack).await?,
    };
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A client of the account and the session API's token.
async fn client(http: &reqwest::Client, options: &Options) -> Result<(Client, Option<String>), VerbError> {
    let credentials = Credentials::find(options.target.secret.as_deref(), http).await?;
    let client = Client::new(http.clone(), credentials.twilio, options.urls.clone());
    Ok((client, credentials.session_api_token))
}

/// A verb's work with a workspace.
struct Connection<'o> {
    http: reqwest::Client,
    options: &'o Options,
    client: Client,
    session_api_token: Option<String>,
}

impl<'o> Connection<'o> {
    async fn open(http: reqwest::Client, options: &'o Options, needs_worker: bool) -> Result<Self, VerbError> {
        if options.target.workspace.is_empty() {
            return Err(VerbError::Usage(NO_WORKSPACE));
        }
        if needs_worker && options.target.ai_workers.is_empty() {
            return Err(VerbError::Usage(NO_WORKER));
        }
        let (client, session_api_token) = client(&http, options).await?;
        Ok(Self {
            http,
            options,
            client,
            session_api_token,
        })
    }

    /// Prints the findings. Returns whether there is no error. A probe that couldn't be made doesn't hide the findings.
    async fn check(&self, json: bool) -> Result<bool, VerbError> {
        let token = self.session_api_token.as_deref();
        let probe = probe(&self.http, &self.options.session, token).await;
        let (report, _) = check(&self.client, self.options, &probe).await?;
        match json {
            true => say(serde_json::to_string_pretty(&report)?)?,
            false => say(&report)?,
        }
        probe?;
        Ok(!report.has_errors())
    }

    /// Shows the changes, asks and makes them. Returns whether they were made.
    async fn apply(&self, yes: bool) -> Result<bool, VerbError> {
        let (report, account) = check(&self.client, self.options, &Ok(None)).await?;
        let Some(account) = account else {
            say(&report)?;
            return Ok(false);
        };
        let changes = plan(&account, self.options);
        if changes.is_empty() {
            return Ok(tell_no_change(&report)?);
        }
        for change in &changes {
            say(format_args!("{change}\n"))?;
        }
        if !yes && !confirmed(&changes)? {
            say("Nothing was changed.")?;
            return Ok(false);
        }
        let mut file = BackupFile::create(&self.options.target.workspace, &changes)?;
        say(format_args!(
            "The old configuration is in {0}. To go back: connect undo {0}",
            file.path.display()
        ))?;
        for change in &changes {
            apply(&self.client, &mut file, change).await?;
        }
        // The changes are made even if nobody reads this line.
        let _ = say("Done. Run connect check to see what is left.");
        Ok(true)
    }

    /// Prints the workspace. Returns whether all of it may be read.
    async fn export(&self) -> Result<bool, VerbError> {
        let target = &self.options.target;
        match export::read(&self.client, &target.workspace, target.workflow.as_deref()).await {
            Ok(export) => {
                say(serde_json::to_string_pretty(&export)?)?;
                Ok(true)
            }
            Err(ExportError::Twilio(error)) => Err(error.into()),
            Err(error) => {
                eprintln!("connect: {error}");
                Ok(false)
            }
        }
    }
}

/// Prints the errors that no change of `apply` fixes. Returns whether there are none.
fn tell_no_change(report: &Report) -> io::Result<bool> {
    if !report.has_errors() {
        say("Nothing to change.")?;
        return Ok(true);
    }
    say("Nothing was changed, because connect apply can't mend the errors that are left:\n")?;
    for error in report.errors() {
        say(error)?;
    }
    Ok(false)
}

/// Prints each part. Returns whether all were put back.
fn tell(undone: &[Undone]) -> io::Result<bool> {
    if undone.is_empty() {
        say("Nothing to undo: no change of this backup was made.")?;
    }
    for part in undone {
        match part {
            Undone::PutBack(what) => say(format_args!("✓ as before: {what}"))?,
            Undone::LeftAlone(what) => say(format_args!(
                "✗ left alone: {what}, which somebody has changed since. The backup has the old text."
            ))?,
        }
    }
    Ok(undone.iter().all(|part| matches!(part, Undone::PutBack(_))))
}

fn confirmed(changes: &[Change]) -> io::Result<bool> {
    let things = if changes.len() == 1 {
        "this change"
    } else {
        "these changes"
    };
    let mut output = io::stdout();
    write!(output, "Make {things} at Twilio? [y/N] ")?;
    output.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
