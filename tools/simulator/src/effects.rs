//! Ready-made effects of a proxy, another program or a busy upstream, for use in a [`Fault`](crate::fault::Fault).

use serde_json::{Value, json};

use crate::exchange::Answer;
use crate::fault::Effect;
use crate::twilio::Twilio;

impl Effect {
    /// A Twilio error answer, such as 409 with code 20162.
    pub fn refusal(status: u16, code: u32, message: &str) -> Self {
        Self::Answer(Answer::refusal(status, code, message))
    }

    /// Marks the answer's ETag as weak, as a compressing proxy does: `"1"` becomes `W/"1"`. TaskRouter refuses
    /// `If-Match` with a weak ETag.
    pub fn weak_etag() -> Self {
        Self::rewrite(|answer| {
            let etag = answer.headers.get("etag").and_then(|value| value.to_str().ok());
            match etag
                .filter(|etag| !etag.starts_with("W/"))
                .map(|etag| format!("W/{etag}"))
            {
                Some(weak) => answer.header("etag", &weak),
                None => answer,
            }
        })
    }

    /// Replaces the value of every member with this name in the answer's JSON, for example with an undocumented status.
    pub fn set_member(name: &str, value: Value) -> Self {
        let name = name.to_owned();
        Self::rewrite(move |answer| match serde_json::from_slice(&answer.body) {
            Ok(mut body) => {
                set(&mut body, &name, &value);
                answer.body(body.to_string())
            }
            Err(_) => answer,
        })
    }

    /// Simulates another program that writes the task's present attributes back without `If-Match`. The write undoes
    /// all changes made between now and the effect.
    pub fn stale_write(twilio: &Twilio, task_sid: &str) -> Self {
        let attributes = twilio.task(task_sid).map(|task| task.attributes).unwrap_or_default();
        let (twilio, task_sid) = (twilio.clone(), task_sid.to_owned());
        // The task may be gone by then.
        Self::run(move || drop(twilio.set_attributes(&task_sid, &attributes)))
    }
}

impl Answer {
    /// A Twilio error answer.
    pub fn refusal(status: u16, code: u32, message: &str) -> Self {
        let body = json!({
            "code": code,
            "message": message,
            "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
            "status": status,
        });
        Self::status(status)
            .header("content-type", "application/json")
            .body(body.to_string())
    }
}

fn set(json: &mut Value, name: &str, value: &Value) {
    match json {
        Value::Object(members) => {
            for (own, member) in members {
                match own == name {
                    true => *member = value.clone(),
                    false => set(member, name, value),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| set(element, name, value)),
        _ => {}
    }
}
