// Twilio's helper library for Node against the simulator: node main.js
//
// TASKROUTER_URL, CONVERSATIONS_URL and FLEX_URL name the simulator. TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are its
// credentials.

"use strict";

const { summary } = require("./check");
const { client } = require("./simulator");

(async () => {
  for (const part of ["conversations", "interactions", "taskrouter", "screens"]) {
    await require(`./${part}`)(client);
  }
  summary();
})();
