//! The forms that public workflows have, in names of our own: Twilio's pages, its helper libraries and their tests, its
//! sample code and templates for Flex, Terraform modules of contact centres in production, plugins and tutorials.

mod expressions;
mod written_by_people;
mod written_by_tools;
