//! Checks the order of the modules in `shared/src` and the purity of the lowest two by reading the source.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// From top to bottom as in `lib.rs`. A module depends only on modules further down.
const MODULES: [&str; 9] = [
    "lambda",
    "jobs",
    "clients",
    "upstream",
    "aws",
    "config",
    "invocation",
    "twilio",
    "attributes",
];

const PURE_MODULES: [&str; 2] = ["twilio", "attributes"];

/// I/O, the environment, randomness and threads.
const IMPURE: [&str; 13] = [
    "fastrand",
    "lambda_runtime",
    "reqwest",
    "rustls",
    "rustls_native_certs",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "tokio",
];

/// Imports that would let a file name an impure item by a shorter path.
const TOO_WIDE: [&str; 4] = ["std", "std::*", "std::time", "std::time::*"];

#[test]
fn the_list_of_modules_is_complete() {
    let mut listed = [&MODULES[..], &["lib.rs"]].concat();
    listed.sort_unstable();
    assert_eq!(names(&source()), listed);
}

#[test]
fn modules_depend_only_on_modules_further_down() {
    let mut upwards = Vec::new();
    for (place, module) in MODULES.iter().enumerate() {
        for (file, path) in paths_in(module) {
            let is_allowed = path[0] != "crate" || MODULES[place..].contains(&path.get(1).map_or("", String::as_str));
            if !is_allowed {
                upwards.push(format!("{file}: {}", path.join("::")));
            }
        }
    }
    assert_eq!(upwards, Vec::<String>::new());
}

#[test]
fn pure_modules_name_nothing_impure() {
    let impure: Vec<String> = PURE_MODULES
        .iter()
        .flat_map(|module| paths_in(module))
        .filter(|(_, path)| is_impure(path))
        .map(|(file, path)| format!("{file}: {}", path.join("::")))
        .collect();
    assert_eq!(impure, Vec::<String>::new());
}

#[test]
fn impure_paths_are_recognised() {
    let impure = [
        "use tokio;",
        "use std::time;",
        "use std::{fmt, env::var};",
        "use crate::config;",
        "use std::time::{self, Duration};",
        "fn f() { std::net::TcpStream::connect(a); }",
        "fn f() -> u8 { format!(\"{}\", OffsetDateTime::now_utc()) }",
        "fn f() { time::SystemTime::now(); }",
        "use aws_sdk_sqs::Client;",
        "use super::aws;",
        "mod tests { use super::super::upstream::retry; }",
    ];
    let pure = [
        "// tokio::spawn, and \"tokio::spawn\"",
        "const TEXT: &str = \"std::env::var\";",
        "use std::time::Duration;",
        "use crate::attributes::{flatten, json::Document};",
        "use time::OffsetDateTime;",
        "pub(crate) fn f() { tokio(); }",
        "mod tests { use super::*; use super::super::attributes; }",
    ];
    let is_recognised = |text: &&str| paths(text, &["crate", "twilio"]).iter().any(|path| is_impure(path));
    let missed: Vec<&str> = impure.into_iter().filter(|text| !is_recognised(text)).collect();
    assert_eq!(missed, Vec::<&str>::new());
    let mistaken: Vec<&str> = pure.into_iter().filter(is_recognised).collect();
    assert_eq!(mistaken, Vec::<&str>::new());
}

#[test]
fn every_form_of_path_is_read() {
    let text = "use a::{self, b::*, c::{d, e as f},};\nuse g;\nmod m { use super::h; fn i() { self::j(); crate::k::l::<M>() } }\n";
    let expected = [
        "a",
        "a::b::*",
        "a::c::d",
        "a::c::e",
        "g",
        "crate::twilio::h",
        "crate::twilio::m::j",
        "crate::k::l",
    ];
    let read: Vec<String> = paths(text, &["crate", "twilio"])
        .iter()
        .map(|path| path.join("::"))
        .collect();
    assert_eq!(read, expected);
}

fn is_impure(path: &[String]) -> bool {
    let text = path.join("::");
    let is_within = |impure: &&str| {
        text.strip_prefix(*impure)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let asks_the_clock = path.iter().any(|name| name == "SystemTime" || name == "Instant")
        || path
            .windows(2)
            .any(|names| names[0] == "OffsetDateTime" && names[1].starts_with("now"));
    let is_elsewhere = path[0] == "crate"
        && !path
            .get(1)
            .is_some_and(|module| PURE_MODULES.contains(&module.as_str()));
    IMPURE.iter().any(is_within)
        || TOO_WIDE.contains(&text.as_str())
        || path[0].starts_with("aws_")
        || asks_the_clock
        || is_elsewhere
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The names in a folder in order.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder of the source")
        .map(|entry| entry.expect("a file of the source").file_name())
        .map(|name| name.into_string().expect("a name in UTF-8"))
        .collect();
    names.sort();
    names
}

/// Each path in the files of a module, and the path's file.
fn paths_in(module: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let mut folders = vec![module.to_owned()];
    while let Some(folder) = folders.pop() {
        for name in names(&source().join(&folder)) {
            let file = format!("{folder}/{name}");
            if let Some(stem) = name.strip_suffix(".rs") {
                let text = fs::read_to_string(source().join(&file)).expect("a file of Rust");
                let mut parents = vec!["crate"];
                parents.extend(folder.split('/'));
                parents.extend((stem != "mod").then_some(stem));
                found.extend(paths(&text, &parents).into_iter().map(|path| (file.clone(), path)));
            } else {
                folders.push(file);
            }
        }
    }
    assert!(!found.is_empty(), "no path was read in {module}");
    found
}

/// The paths in a text of Rust, with `self` and `super` resolved: each path of two names or more, and each import.
fn paths(text: &str, module: &[&str]) -> Vec<Vec<String>> {
    let module: Vec<String> = module.iter().map(|&name| name.to_owned()).collect();
    let mut found = Vec::new();
    read(text.parse().expect("tokens of Rust"), &module, &mut found);
    found
}

fn read(tokens: TokenStream, module: &[String], found: &mut Vec<Vec<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at..] {
            [
                TokenTree::Ident(word),
                TokenTree::Ident(name),
                TokenTree::Group(body),
                ..,
            ] if word == "mod" => {
                read(body.stream(), &[module, &[name.to_string()]].concat(), found);
                at += 3;
            }
            [TokenTree::Group(group), ..] => {
                read(group.stream(), module, found);
                at += 1;
            }
            [TokenTree::Ident(_), ..] => {
                let is_import = at > 0 && matches!(&tokens[at - 1], TokenTree::Ident(word) if word == "use");
                let (length, paths) = path(&tokens[at..], &[]);
                let paths = paths.into_iter().filter(|path| is_import || path.len() > 1);
                found.extend(paths.map(|path| resolved(path, module)));
                at += length;
            }
            _ => at += 1,
        }
    }
}

/// The path at the beginning of some tokens, or the paths in a tree of imports. Also returns how many tokens were read.
fn path(tokens: &[TokenTree], parent: &[String]) -> (usize, Vec<Vec<String>>) {
    let Some(first) = tokens.first() else {
        return (0, Vec::new());
    };
    let mut path = [parent, &[first.to_string()]].concat();
    let mut length = 1;
    while let [TokenTree::Punct(one), TokenTree::Punct(two), next, ..] = &tokens[length..] {
        match next {
            _ if (one.as_char(), two.as_char()) != (':', ':') => break,
            TokenTree::Ident(_) => path.push(next.to_string()),
            TokenTree::Punct(star) if star.as_char() == '*' => path.push(next.to_string()),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let items: Vec<TokenTree> = group.stream().into_iter().collect();
                let items = items.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ','));
                return (length + 3, items.flat_map(|item| self::path(item, &path).1).collect());
            }
            _ => break,
        }
        length += 3;
    }
    (length, vec![path])
}

/// A path that begins with `self` or `super`, from the crate's root.
fn resolved(mut path: Vec<String>, module: &[String]) -> Vec<String> {
    path.pop_if(|last| last == "self");
    let mut parents = module.to_vec();
    let mut rest = &path[..];
    while let [first, others @ ..] = rest
        && (first == "self" || first == "super")
    {
        if first == "super" {
            parents.pop();
        }
        rest = others;
    }
    if rest.len() == path.len() {
        path
    } else {
        [&parents, rest].concat()
    }
}
