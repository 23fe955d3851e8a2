//! Credentials from the environment (by the Twilio CLI's names) or from the secret at AWS.

use std::env;

use serde::Deserialize;
use thiserror::Error;

use crate::aws;

/// The user of requests to Twilio and its passwords. During a rotation of the auth token there are two.
#[derive(Clone)]
pub(crate) struct TwilioCredentials {
    pub(crate) user: String,
    pub(crate) passwords: Vec<String>,
}

/// The account and token that sign Twilio's webhooks.
#[derive(Clone)]
pub(crate) struct Signing {
    pub(crate) account_sid: String,
    pub(crate) auth_token: String,
}

/// All credentials that requests need. They can't be printed.
pub(crate) struct Credentials {
    pub(crate) twilio: TwilioCredentials,
    pub(crate) session_api_token: Option<String>,
    /// Present only if the credentials come from the secret.
    pub(crate) signing: Option<Signing>,
}

/// The reason why there are no credentials.
#[derive(Debug, Error)]
pub(crate) enum CredentialsError {
    /// A variable that the others need isn't set.
    #[error(
        "there are no Twilio credentials: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (Console: Account Dashboard, \
         Account Info), or TWILIO_API_KEY and TWILIO_API_SECRET beside the account's SID, or name the AWS secret with \
         --secret"
    )]
    Missing,
    /// The secret can't be read.
    #[error("the secret can't be read: {0}")]
    Secret(#[from] aws::AwsError),
    /// The secret's text isn't a JSON object with the needed fields.
    #[error("the secret isn't a JSON object with account_sid and auth_token (docs/reference.md lists its fields)")]
    Malformed,
}

#[derive(Deserialize)]
struct Secret {
    account_sid: String,
    auth_token: String,
    other_auth_token: Option<String>,
    next_auth_token: Option<String>,
    api_key_sid: Option<String>,
    api_key_secret: Option<String>,
    session_api_token: Option<String>,
}

impl Credentials {
    /// Reads the secret of this name, or else the environment. The session API's token may be in the environment in
    /// both cases.
    pub(crate) async fn find(secret: Option<&str>, http: &reqwest::Client) -> Result<Self, CredentialsError> {
        let token = variable("SESSION_API_TOKEN");
        let Some(secret) = secret else {
            let twilio = from_environment(variable).ok_or(CredentialsError::Missing)?;
            return Ok(Self {
                twilio,
                session_api_token: token,
                signing: None,
            });
        };
        let text = aws::Aws::load(http).await.secret(secret).await?;
        let mut found = Self::parse(&text).ok_or(CredentialsError::Malformed)?;
        found.session_api_token = token.or(found.session_api_token);
        Ok(found)
    }

    fn parse(secret: &str) -> Option<Self> {
        let secret: Secret = serde_json::from_str(secret).ok()?;
        let given = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let key = given(secret.api_key_sid).zip(given(secret.api_key_secret));
        let signing = Signing {
            account_sid: given(Some(secret.account_sid))?,
            auth_token: given(Some(secret.auth_token))?,
        };
        let twilio = match key {
            Some((user, password)) => TwilioCredentials {
                user,
                passwords: vec![password],
            },
            None => TwilioCredentials {
                user: signing.account_sid.clone(),
                passwords: [
                    Some(signing.auth_token.clone()),
                    secret.other_auth_token,
                    secret.next_auth_token,
                ]
                .into_iter()
                .filter_map(given)
                .collect(),
            },
        };
        Some(Self {
            twilio,
            session_api_token: given(secret.session_api_token),
            signing: Some(signing),
        })
    }
}

/// An API key is preferred to the auth token, as in the Twilio CLI.
fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Option<TwilioCredentials> {
    let pair = |user: &str, password: &str| Some((variable(user)?, variable(password)?));
    let (user, password) =
        pair("TWILIO_API_KEY", "TWILIO_API_SECRET").or_else(|| pair("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"))?;
    Some(TwilioCredentials {
        user,
        passwords: vec![password],
    })
}

fn variable(name: &str) -> Option<String> {
    let value = env::var(name).ok()?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(variables: &[(&str, &str)]) -> Option<(String, String)> {
        let value = |name: &str| {
            let found = variables.iter().find(|(own, _)| *own == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        from_environment(value).map(|found| (found.user, found.passwords.concat()))
    }

    #[test]
    fn an_api_key_goes_before_the_auth_token() {
        let account = ("TWILIO_ACCOUNT_SID", "AC1");
        let token = ("TWILIO_AUTH_TOKEN", "t");
        let key = [("TWILIO_API_KEY", "SK1"), ("TWILIO_API_SECRET", "s")];
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(users(&[account, token]), pair("AC1", "t"));
        assert_eq!(users(&[account, token, key[0], key[1]]), pair("SK1", "s"));
        assert_eq!(users(&[account, key[0], key[1]]), pair("SK1", "s"));
        assert_eq!(users(&[account, key[0]]), None);
        assert_eq!(users(&[]), None);
    }

    #[test]
    fn a_secret_gives_its_api_key_or_its_auth_token() {
        let parse = |text: &str| {
            let found = Credentials::parse(text)?;
            Some((found.twilio.user, found.twilio.passwords, found.session_api_token))
        };
        let all = r#"{"account_sid":"AC1","auth_token":" t ","api_key_sid":"SK1","api_key_secret":"s","session_api_token":"x"}"#;
        let passwords = |passwords: &[&str]| passwords.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let expected = ("SK1".to_owned(), passwords(&["s"]), Some("x".to_owned()));
        assert_eq!(parse(all), Some(expected));
        let least = r#"{"account_sid":"AC1","auth_token":" t ","api_key_sid":""}"#;
        assert_eq!(parse(least), Some(("AC1".to_owned(), passwords(&["t"]), None)));
        for other in ["other_auth_token", "next_auth_token"] {
            let rotating = format!(r#"{{"account_sid":"AC1","auth_token":"t","{other}":" n "}}"#);
            assert_eq!(parse(&rotating), Some(("AC1".to_owned(), passwords(&["t", "n"]), None)));
        }
        for malformed in [
            "",
            "[]",
            r#"{"account_sid":"AC1"}"#,
            r#"{"account_sid":"AC1","auth_token":""}"#,
        ] {
            assert_eq!(parse(malformed), None, "{malformed}");
        }
    }
}
