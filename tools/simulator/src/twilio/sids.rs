//! The SIDs of a world's account, and the generation of new SIDs.

pub const ACCOUNT_SID: &str = "ACf1e0000000000000000000000000ac01";
pub const API_KEY_SID: &str = "SKf1e00000000000000000000000005c01";
/// The account's default operating unit.
pub const OPERATING_UNIT_SID: &str = "OUf1e00000000000000000000000000001";
pub const WORKSPACE_SID: &str = "WSf1e00000000000000000000000005e01";
pub const WORKFLOW_SID: &str = "WWf1e0000000000000000000000000ff01";
pub const AI_QUEUE_SID: &str = "WQf1e0000000000000000000000000a101";
pub const PEOPLE_QUEUE_SID: &str = "WQf1e0000000000000000000000000e901";
/// The task channel `chat`.
pub const TASK_CHANNEL_SID: &str = "TCf1e00000000000000000000000000c01";
/// The AI's worker.
pub const AI_WORKER_SID: &str = "WKf1e0000000000000000000000000a101";
/// A person at the service desk.
pub const REP_WORKER_SID: &str = "WKf1e0000000000000000000000000e901";
pub const OFFLINE_ACTIVITY_SID: &str = "WAf1e0000000000000000000000000a000";
/// The activity in which every worker starts.
pub const AVAILABLE_ACTIVITY_SID: &str = "WAf1e0000000000000000000000000a001";
pub const BREAK_ACTIVITY_SID: &str = "WAf1e0000000000000000000000000a002";
pub const CHAT_SERVICE_SID: &str = "ISf1e0000000000000000000000000c501";
pub const ROLE_SID: &str = "RLf1e00000000000000000000000000001";

/// A new SID: the prefix and 32 hexadecimal digits.
pub(crate) fn new(prefix: &str) -> String {
    format!("{prefix}{:032x}", fastrand::u128(..))
}
