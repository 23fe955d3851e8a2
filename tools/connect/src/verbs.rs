//! The verbs of the command line.

use std::io::{self, Write};
use std::process::ExitCode;

use flex_handoff::upstream::transport;
use thiserror::Error;

use crate::account::Account;
use crate::apply::{ApplyError, apply};
use crate::aws::AwsError;
use crate::backup::{Backup, BackupError, BackupFile};
use crate::check::check;
use crate::client::{Client, ReadError};
use crate::credentials::{Credentials, CredentialsError};
use crate::export::Export;
use crate::options::{Options, Verb};
use crate::plan::{Change, plan};
use crate::session_probe::{ProbeError, probe};
use crate::smoke;
use crate::undo::{Undone, undo};

/// Why a verb has no result.
#[derive(Debug, Error)]
pub(crate) enum VerbError {
    #[error("{0}")]
    Usage(&'static str),
    #[error("{0}")]
    Http(String),
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    Twilio(#[from] ReadError),
    #[error(transparent)]
    Session(#[from] ProbeError),
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error("the answer can't be read or written: {0}")]
    Terminal(#[from] io::Error),
    #[error("the result can't be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

const NO_WORKSPACE: &str = "name the workspace with --workspace WS… (Console: TaskRouter, Workspaces)";
const NO_WORKER: &str = "name the AI's worker with --ai-worker WK… (Console: TaskRouter, your workspace, Workers)";

/// Does what the options ask for. The exit code is 1 where something is wrong.
pub(crate) async fn run(options: Options) -> Result<ExitCode, VerbError> {
    let http = transport::client("connect").map_err(VerbError::Http)?;
    if let Verb::Smoke { stack } = &options.verb {
        let passed = smoke::smoke(&http, &options, stack).await?;
        return Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let credentials = Credentials::find(options.target.secret.as_deref(), &http).await?;
    let token = credentials.session_api_token.as_deref();
    let client = Client::new(http.clone(), credentials.twilio.clone(), options.urls.clone());
    match &options.verb {
        Verb::Check { json } => {
            usable(&options, true)?;
            let probe = probe(&http, &options.session, token).await?;
            let (report, _) = check(&client, &options, probe).await?;
            match json {
                true => println!("{}", serde_json::to_string_pretty(&report)?),
                false => println!("{report}"),
            }
            Ok(if report.has_errors() {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            })
        }
        Verb::Apply { yes } => {
            usable(&options, true)?;
            let (report, account) = check(&client, &options, None).await?;
            let Some(account) = account else {
                println!("{report}");
                return Ok(ExitCode::FAILURE);
            };
            apply_plan(&client, &options, &account, *yes).await
        }
        Verb::Undo { file } => {
            let undone = undo(&client, &Backup::read(file)?).await?;
            let mut code = ExitCode::SUCCESS;
            for part in undone {
                match part {
                    Undone::PutBack(what) => println!("✓ as before: {what}"),
                    Undone::LeftAlone(what) => {
                        code = ExitCode::FAILURE;
                        println!("✗ left alone: {what}, which somebody has changed since. The file has the old text.");
                    }
                }
            }
            Ok(code)
        }
        Verb::Export => {
            usable(&options, false)?;
            let (report, account) = check(&client, &options, None).await?;
            match account.as_ref().and_then(Export::of) {
                Some(export) => println!("{}", serde_json::to_string_pretty(&export)?),
                None => {
                    eprintln!("{report}");
                    return Ok(ExitCode::FAILURE);
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Verb::Smoke { .. } => Ok(ExitCode::SUCCESS),
    }
}

fn usable(options: &Options, needs_worker: bool) -> Result<(), VerbError> {
    if options.target.workspace.is_empty() {
        return Err(VerbError::Usage(NO_WORKSPACE));
    }
    if needs_worker && options.target.ai_workers.is_empty() {
        return Err(VerbError::Usage(NO_WORKER));
    }
    Ok(())
}

/// Shows the changes, asks, and makes them.
async fn apply_plan(client: &Client, options: &Options, account: &Account, yes: bool) -> Result<ExitCode, VerbError> {
    let changes = plan(account, options);
    if changes.is_empty() {
        println!("Nothing to change. connect check says what is left for you to mend, if anything.");
        return Ok(ExitCode::SUCCESS);
    }
    for change in &changes {
        println!("{change}\n");
    }
    if !yes && !confirmed(&changes)? {
        println!("Nothing was changed.");
        return Ok(ExitCode::FAILURE);
    }
    let mut file = BackupFile::create(&options.target.workspace, &changes)?;
    println!(
        "The old configuration is in {0}. To go back: connect undo {0}",
        file.path.display()
    );
    for change in &changes {
        apply(client, &mut file, change).await?;
    }
    println!("Done. Run connect check to see what is left.");
    Ok(ExitCode::SUCCESS)
}

fn confirmed(changes: &[Change]) -> io::Result<bool> {
    let things = if changes.len() == 1 {
        "this change"
    } else {
        "these changes"
    };
    print!("Make {things} at Twilio? [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
