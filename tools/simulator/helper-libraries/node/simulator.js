// Twilio's own client, pointed at the simulator. Only the hosts differ.

"use strict";

const twilio = require("twilio");

class ToSimulator extends twilio.RequestClient {
  request(options) {
    const url = new URL(options.uri);
    const base = {
      "conversations.twilio.com": process.env.CONVERSATIONS_URL,
      "flex-api.twilio.com": process.env.FLEX_URL,
      "taskrouter.twilio.com": process.env.TASKROUTER_URL,
    }[url.host];
    if (!base) throw new Error(`the simulator has no ${url.host}`);
    return super.request({ ...options, uri: base + url.pathname + url.search });
  }
}

exports.client = twilio(process.env.TWILIO_ACCOUNT_SID, process.env.TWILIO_AUTH_TOKEN, {
  httpClient: new ToSimulator(),
});
