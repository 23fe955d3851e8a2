// Checks the simulator's signatures with Twilio's helper library for Node: node signatures.js
//
// The file WEBHOOKS has the requests. TWILIO_AUTH_TOKEN and SHARED_KEY_SECRET are the keys.

"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const twilio = require("twilio");

const { check, summary } = require("./check");

const webhooks = JSON.parse(fs.readFileSync(process.env.WEBHOOKS, "utf8"));

function isValid({ url, signature, settings, is_json: isJson, body }) {
  // A header with settings names the algorithm of the shared key.
  const secret = settings ? process.env.SHARED_KEY_SECRET : process.env.TWILIO_AUTH_TOKEN;
  const algorithm = twilio.getSignatureAlgorithm(settings);
  if (isJson) return twilio.validateRequestWithBody(secret, signature, url, body, algorithm);
  const parameters = Object.fromEntries(new URLSearchParams(body));
  return twilio.validateRequest(secret, signature, url, parameters, algorithm);
}

(async () => {
  for (const [kind, requests] of Object.entries(webhooks)) {
    await check(`${requests.length} requests are valid: ${kind}`, () => {
      for (const request of requests) assert(isValid(request), JSON.stringify(request));
    });
    await check(`no other body is valid: ${kind}`, () => {
      for (const request of requests) {
        const other = { ...request, body: request.body.replace("task", "tusk") };
        assert(!isValid(other), JSON.stringify(other));
      }
    });
    await check(`no other URL is valid: ${kind}`, () => {
      for (const request of requests) {
        const other = { ...request, url: request.url.replace("/hook", "/hoax") };
        assert(!isValid(other), JSON.stringify(other));
      }
    });
  }
  summary();
})();
