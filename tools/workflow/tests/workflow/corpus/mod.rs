//! The forms of public workflows with names of our own. The sources:
//!
//! - Twilio's pages, helper libraries and their tests
//! - Twilio's sample code and templates for Flex
//! - Terraform modules of contact centres in production
//! - plugins and tutorials

mod expressions;
mod written_by_people;
mod written_by_tools;
