//! Compares our verdict on the signatures of random requests with the verdicts of Twilio's helper libraries, if they
//! are installed.
//!
//! `TWILIO_NODE` names a folder whose `node_modules` has the package `twilio`. `TWILIO_PYTHON` names a Python with that
//! package.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

use std::borrow::Cow;
use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;
use flex_handoff::twilio::signature::{SignedBody, SigningKey, is_valid, shared_key_id};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The number of requests of each kind.
const REQUESTS: usize = 1_000;

const SETTINGS: &str = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256";

/// The key of every request. A wrong key signs some requests.
const KEY: &str = "a key";

/// A request and its signature in the form that the programs read.
#[derive(Debug, Serialize)]
struct Request {
    key: &'static str,
    settings: Option<&'static str>,
    url: String,
    /// A form's names and values. `None` for a body whose hash is in the URL.
    fields: Option<Vec<(String, String)>>,
    body: String,
    signature: String,
}

impl Request {
    /// A random request. Half of the requests are changed after signing or signed in another way.
    fn random(random: &mut Rng, is_form: bool, by_shared_key: bool) -> Self {
        let body = text(random, 20);
        let mut url = format!("https://{}.example{}/{}", word(random), port(random), word(random));
        if !is_form {
            url += &format!("?bodySHA256={}", hex(&Sha256::digest(&body)));
        } else if random.bool() {
            url += &format!("?{}={}", word(random), word(random));
        }
        let count = random.usize(..6);
        let mut fields: Vec<_> = (0..count).map(|_| (text(random, 2), text(random, 3))).collect();
        let signed = if is_form { fields.clone() } else { Vec::new() };
        let signed_url = match random.u8(..4) {
            0 => url.replace(":443", ""),
            _ => url.clone(),
        };
        let key = if random.u8(..10) == 0 { "another key" } else { KEY };
        let mut request = Self {
            key: KEY,
            settings: by_shared_key.then_some(SETTINGS),
            signature: sign(key, by_shared_key, &signed_url, signed),
            fields: None,
            body,
            url,
        };
        match random.u8(..12) {
            0 => request.url = request.url.replace("example", "sample"),
            1 => request.url += "&more",
            2 => fields.push((text(random, 1), text(random, 1))),
            3 => drop(fields.pop()),
            4 => request.body += " ",
            5 => request.signature = sign(KEY, !by_shared_key, &request.url, Vec::new()),
            _ => {}
        }
        request.fields = is_form.then_some(fields);
        request
    }

    fn is_valid(&self) -> bool {
        let key = match self.settings {
            Some(settings) => {
                assert_eq!(shared_key_id(settings), Some("webhooks_sharedkey_1"));
                SigningKey::SharedKey(self.key)
            }
            None => SigningKey::AuthToken(self.key),
        };
        let form: Vec<_> = self.fields.iter().flatten().map(borrowed).collect();
        let body = match self.fields {
            Some(_) => SignedBody::Form(&form),
            None => SignedBody::Hashed(self.body.as_bytes()),
        };
        is_valid(&self.signature, key, &self.url, body)
    }
}

fn borrowed((name, value): &(String, String)) -> (Cow<'_, str>, Cow<'_, str>) {
    (name.into(), value.into())
}

/// Twilio's signature, written independently of the verifier.
fn sign(key: &str, by_shared_key: bool, url: &str, mut fields: Vec<(String, String)>) -> String {
    fields.sort();
    fields.dedup();
    let text = fields
        .iter()
        .fold(url.to_owned(), |text, (name, value)| text + name + value);
    let mac = match by_shared_key {
        true => mac::<Hmac<Sha256>>(key, &text),
        false => mac::<Hmac<Sha1>>(key, &text),
    };
    STANDARD.encode(mac)
}

fn mac<M: Mac + KeyInit>(key: &str, text: &str) -> Vec<u8> {
    M::new_from_slice(key.as_bytes())
        .unwrap()
        .chain_update(text)
        .finalize()
        .into_bytes()
        .to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn word(random: &mut Rng) -> String {
    (0..random.usize(1..6)).map(|_| random.lowercase()).collect()
}

fn port(random: &mut Rng) -> &'static str {
    random.choice(["", "", ":443", ":8443"]).unwrap()
}

/// Text that a form or a body may hold. Names repeat now and then.
fn text(random: &mut Rng, longest: usize) -> String {
    let characters: Vec<char> = "abAB01 &=+%?#\n\"é日".chars().collect();
    (0..=random.usize(..=longest))
        .map(|_| *random.choice(&characters).unwrap())
        .collect()
}

/// The verdicts of a program that reads the requests.
fn verdicts(mut program: Command, requests: &[Request]) -> Vec<bool> {
    let mut program = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = program.stdin.take().unwrap();
    input.write_all(&serde_json::to_vec(requests).unwrap()).unwrap();
    drop(input);
    serde_json::from_slice(&program.wait_with_output().unwrap().stdout).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the variables of .ci/run")]
fn programs() -> Vec<(&'static str, Command)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/simulator/helper-libraries");
    let mut programs = Vec::new();
    match env::var_os("TWILIO_NODE").map(PathBuf::from) {
        Some(installed) => {
            let mut node = Command::new("node");
            node.arg(folder.join("node/verdicts.js"))
                .env("NODE_PATH", installed.join("node_modules"));
            programs.push(("Node", node));
        }
        None => println!("left out: TWILIO_NODE names no folder with node_modules/twilio"),
    }
    match env::var_os("TWILIO_PYTHON") {
        Some(installed) => {
            let mut python = Command::new(installed);
            python.arg("-B").arg(folder.join("python/verdicts.py"));
            programs.push(("Python", python));
        }
        None => println!("left out: TWILIO_PYTHON names no Python that has the package twilio"),
    }
    programs
}

#[test]
fn verdicts_agree_with_the_helper_libraries() {
    let mut random = Rng::with_seed(7);
    let kinds = [(true, false), (true, true), (false, false), (false, true)];
    let requests: Vec<Request> = kinds
        .into_iter()
        .flat_map(|kind| vec![kind; REQUESTS])
        .map(|(is_form, by_shared_key)| Request::random(&mut random, is_form, by_shared_key))
        .collect();
    let ours: Vec<bool> = requests.iter().map(Request::is_valid).collect();
    let valid = ours.iter().filter(|is_valid| **is_valid).count();
    assert!((1_500..3_500).contains(&valid), "{valid} are valid");
    for (name, program) in programs() {
        let theirs = verdicts(program, &requests);
        let compared = requests.iter().zip(ours.iter().zip(&theirs));
        let differing: Vec<_> = compared.filter(|(_, (ours, theirs))| ours != theirs).take(3).collect();
        assert!(differing.is_empty(), "{name}: {differing:?}");
        println!("{name} agrees on {} requests, {valid} of them valid", theirs.len());
    }
}
