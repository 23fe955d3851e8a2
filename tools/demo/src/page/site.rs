//! The page's own files, built into the program.

use axum::extract::Path;
use axum::response::{Html, IntoResponse};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::problem::Problem;

macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("site/", $name)))),*]
    };
}

/// Name and text of each file besides the page itself.
static FILES: [(&str, &str); 48] = files! {
    "address.js"
    "api.js"
    "clipboard.js"
    "composer.js"
    "connection.js"
    "controls.css"
    "conversation.css"
    "conversation.js"
    "dom.js"
    "faults.js"
    "forms.css"
    "forms.js"
    "guide.css"
    "guide.js"
    "handoff-dialog.js"
    "highlights.js"
    "icon.svg"
    "icons.js"
    "journey.css"
    "journey.js"
    "layout.css"
    "live.js"
    "loop-alert.js"
    "main.js"
    "promise.css"
    "promise.js"
    "queues.css"
    "queues.js"
    "reset.js"
    "route.js"
    "roving.js"
    "session-panel.js"
    "store.js"
    "task-actions.js"
    "task-panel.css"
    "task-panel.js"
    "theme.js"
    "timeline-details.js"
    "timeline-tree.js"
    "timeline-words.js"
    "timeline.css"
    "timeline.js"
    "tokens.css"
    "twilio.js"
    "views.js"
    "wording.js"
    "workflow-editor.js"
    "workflow.css"
};

pub(crate) async fn index() -> Html<&'static str> {
    Html(include_str!("site/index.html"))
}

pub(crate) async fn file(Path(name): Path<String>) -> Result<impl IntoResponse, Problem> {
    let file = FILES.iter().find(|(file, _)| *file == name);
    let (_, text) = file.ok_or_else(not_found)?;
    Ok(([(CONTENT_TYPE, media_type(&name))], *text))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

/// There is no file at that address.
pub(crate) fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is nothing here.")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_of_the_page_is_in_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page/site");
        let there: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        let embedded = FILES.iter().map(|(name, _)| *name).chain(["index.html"]);
        assert_eq!(there, embedded.map(str::to_owned).collect());
    }
}
