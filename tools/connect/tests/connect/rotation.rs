//! The auth token's rotation with the credentials in the secret at AWS.

use serde_json::json;
use simulator::exchange::Upstream;
use simulator::secrets_manager::SECRET_NAME;
use simulator::twilio::sids::ACCOUNT_SID;

use crate::broken::broken;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_sent_with_the_other_auth_token_after_a_401() {
    for name in ["other_auth_token", "next_auth_token"] {
        let mut scene = broken("callback-missing").await;
        let token = scene.world.twilio.credentials().auth_token;
        let secret = json!({"account_sid": ACCOUNT_SID, "auth_token": "revoked", name: token});
        scene.world.secrets.rotate(secret.to_string());
        scene.option("--secret", SECRET_NAME);
        scene.variables.extend([
            (
                "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                scene.world.server(Upstream::SecretsManager).url(),
            ),
            ("AWS_REGION", "eu-west-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIA".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "key".to_owned()),
        ]);
        assert_eq!(scene.check(&[]).await, (1, vec!["callback-missing".to_owned()]));
        let run = scene.connect(&["apply", "--yes"]).await;
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
        assert_eq!(scene.check(&[]).await, (0, Vec::new()));
    }
}
