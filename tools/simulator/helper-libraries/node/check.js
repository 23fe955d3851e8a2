// Prints a line for each check and the number of checks.

"use strict";

const assert = require("node:assert/strict");

let passed = 0;
let failed = 0;

exports.check = async (sentence, body) => {
  try {
    await body();
    passed += 1;
    console.log(`ok      ${sentence}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${sentence}\n${error.stack}`);
  }
};

// Asserts that Twilio refuses a request with this status and code.
exports.refuses = (promise, status, code) =>
  assert.rejects(promise, (error) => {
    assert.deepEqual([error.status, error.code], [status, code], error.message);
    return true;
  });

// Collects the items of an auto-paging `each`.
exports.collect = (list, options) =>
  new Promise((resolve, reject) => {
    const items = [];
    const done = (error) => (error ? reject(error) : resolve(items));
    list.each({ ...options, callback: (item) => items.push(item), done });
  });

exports.summary = () => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
};
