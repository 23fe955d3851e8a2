//! The texts of the three conversations.

use super::speaker::Speaker;

/// A customer and the texts of the conversation.
pub(crate) struct Dialogue {
    pub(crate) customer: Speaker,
    pub(crate) title: &'static str,
    pub(crate) question: &'static str,
    /// The AI's reply.
    pub(crate) reply: &'static str,
    /// The customer's second message.
    pub(crate) response: &'static str,
    /// The human agent's first message, if the conversation has a human agent.
    pub(crate) greeting: Option<&'static str>,
}

const TITLES: [&str; 3] = [
    "1  The AI hands Ana over to a human agent",
    "2  The AI hands Ben over after it has accepted his task",
    "3  The AI helps Eva, and her task ends by itself",
];

/// The conversations about the tasks of the example.
pub(crate) fn example() -> [Dialogue; 3] {
    let [first, second, third] = TITLES;
    [
        Dialogue {
            customer: Speaker::Ana,
            title: first,
            question: "My espresso machine leaks. I got it three weeks ago!",
            reply: "I'm sorry, Ana! A new one is on its way, free of charge.",
            response: "But my wooden floor is ruined! I want to speak to a human.",
            greeting: Some("Hello Ana, this is Sam. We will pay for your floor."),
        },
        Dialogue {
            customer: Speaker::Ben,
            title: second,
            question: "Can I return a gift without the receipt?",
            reply: "Yes, within 30 days, for a voucher.",
            response: "I don't want a voucher. Can somebody make an exception?",
            greeting: Some("Hi Ben, Sam here. I'll send the money to your account."),
        },
        Dialogue {
            customer: Speaker::Eva,
            title: third,
            question: "Which descaler do I need?",
            reply: "The one with the blue cap. It came in the box.",
            response: "Found it, thanks!",
            greeting: None,
        },
    ]
}

/// Conversations that fit any task and any handoff.
pub(crate) fn neutral() -> [Dialogue; 3] {
    let mut dialogues = example();
    for dialogue in &mut dialogues {
        dialogue.question = "Hello! I have a question.";
        dialogue.reply = "Hello! I'll see what I can do for you.";
        dialogue.response = match dialogue.greeting {
            Some(_) => "I'd like to speak to a human, please.",
            None => "That was all, thank you!",
        };
        dialogue.greeting = dialogue
            .greeting
            .map(|_| "Hello, this is Sam. I have read what it is about.");
    }
    dialogues
}
