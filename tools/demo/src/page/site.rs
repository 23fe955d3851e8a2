//! The page's own files, built into the program.

use axum::extract::Path;
use axum::response::{Html, Response};
use http::StatusCode;
use simulator::page::{self, File};

use super::problem::Problem;

/// The files besides the page itself and those that it shares with the simulator's inspector.
static FILES: &[File] = simulator::page_files! {
    "site":
    "address.js"
    "api.js"
    "composer.js"
    "connection.js"
    "conversation.css"
    "conversation.js"
    "faults.css"
    "faults.js"
    "forms.js"
    "guide.css"
    "guide.js"
    "handoff-dialog.js"
    "highlights.js"
    "journey.css"
    "journey.js"
    "layout.css"
    "live.js"
    "loop-alert.js"
    "main.js"
    "motion.css"
    "promise.css"
    "promise.js"
    "queues.css"
    "queues.js"
    "reset.js"
    "session-panel.js"
    "store.js"
    "task-actions.js"
    "task-panel.css"
    "task-panel.js"
    "timeline-details.js"
    "timeline-tree.js"
    "timeline-words.js"
    "timeline.css"
    "timeline.js"
    "twilio.js"
    "views.js"
    "workflow-editor.js"
    "workflow.css"
};

pub(crate) async fn index() -> Html<&'static str> {
    Html(include_str!("site/index.html"))
}

pub(crate) async fn file(Path(name): Path<String>) -> Result<Response, Problem> {
    page::file(FILES, &name).ok_or_else(not_found)
}

/// There is no file at that address.
pub(crate) fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is nothing here.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_in_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page/site");
        assert_eq!(page::difference(folder, FILES, &["index.html"]), [""; 0]);
    }
}
