//! The files that the inspector and the demo's page share: colours, sizes, controls and the drawing of elements.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

/// The name and the text of a page's file.
pub type File = (&'static str, &'static str);

/// Builds the files of a folder beside the source file into the program.
#[macro_export]
macro_rules! page_files {
    ($folder:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!($folder, "/", $name)))),*]
    };
}

/// The files that every page needs.
pub static SHARED: &[File] = page_files! {
    "shared":
    "clipboard.js"
    "controls.css"
    "credentials.js"
    "dom.js"
    "forms.css"
    "icon.svg"
    "icons.js"
    "panes.css"
    "roving.js"
    "route.css"
    "route.js"
    "theme.js"
    "tokens.css"
    "top.css"
    "wording.js"
};

/// The file of this name, a page's own or a shared one.
pub fn file(own: &[File], name: &str) -> Option<Response> {
    let (name, text) = own.iter().chain(SHARED).find(|(file, _)| *file == name)?;
    Some(([(CONTENT_TYPE, media_type(name))], *text).into_response())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

/// The names of the files that are only in a folder or only in the program.
///
/// # Panics
/// If the folder can't be read.
pub fn difference(folder: &str, files: &[File], elsewhere: &[&str]) -> Vec<String> {
    let there = std::fs::read_dir(folder).expect("the folder is there").flatten();
    let there: Vec<String> = there
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .collect();
    let built_in: Vec<&str> = files
        .iter()
        .map(|(name, _)| *name)
        .chain(elsewhere.iter().copied())
        .collect();
    let missing = there.iter().filter(|name| !built_in.contains(&name.as_str())).cloned();
    let gone = built_in.iter().map(|name| (*name).to_owned());
    missing.chain(gone.filter(|name| !there.contains(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::{SHARED, difference};

    #[test]
    fn every_shared_file_is_in_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page/shared");
        assert_eq!(difference(folder, SHARED, &[]), [""; 0]);
    }
}
