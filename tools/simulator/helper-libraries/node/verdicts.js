// Lists the requests that Twilio's helper library for Node finds valid: node verdicts.js
//
// Reads the requests as a JSON list from standard input. Writes a list of booleans to standard output.

"use strict";

const fs = require("node:fs");
const twilio = require("twilio");

// A form's values by name. A repeated name has a list.
function parameters(fields) {
  const byName = {};
  for (const [name, value] of fields) {
    byName[name] = name in byName ? [byName[name], value].flat() : value;
  }
  return byName;
}

function isValid({ key, settings, url, fields, body, signature }) {
  const algorithm = twilio.getSignatureAlgorithm(settings);
  if (fields === null) return twilio.validateRequestWithBody(key, signature, url, body, algorithm);
  return twilio.validateRequest(key, signature, url, parameters(fields), algorithm);
}

const requests = JSON.parse(fs.readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(requests.map(isValid)));
