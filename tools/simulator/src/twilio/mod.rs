//! TaskRouter and Conversations.
