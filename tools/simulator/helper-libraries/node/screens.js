// The code of docs/connect.md for two screens: Flex's task panel and a web chat. The code is taken from the page and run here.
// Handlebars renders the template, as in Flex UI 2.

"use strict";

const assert = require("node:assert/strict");
const { readFileSync } = require("node:fs");
const path = require("node:path");

const Handlebars = require("handlebars");

const { check } = require("./check");

const PAGE = readFileSync(path.join(__dirname, "../../../../docs/connect.md"), "utf8");

// The only block of JavaScript that contains the word.
const block = (word) => {
  const blocks = [...PAGE.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code).filter((code) => code.includes(word));
  assert.equal(blocks.length, 1, word);
  return blocks[0];
};

// The manager's strings after a plugin has run the code.
const strings = () => {
  const manager = {
    strings: { TaskInfoPanelContent: "<p>Task context</p>", SupervisorTaskInfoPanelContent: "<p>Supervisor</p>" },
  };
  new Function("manager", block("TaskInfoPanelContent"))(manager);
  return manager.strings;
};

const render = (template, attributes) => {
  // Flex UI renders no string with an unescaped expression.
  assert.doesNotMatch(template, /{{{/);
  const html = Handlebars.compile(template)({ task: { attributes: JSON.parse(attributes) } });
  return html.replaceAll(/>\s+</g, "><").trim();
};

const SIX = {
  handedOff: true,
  handoffReason: "wants to cancel",
  handoffSummary: "Charged twice <img src=x onerror=alert(1)> & angry",
  handoffSentiment: "negative",
  handoffLanguage: "en",
  handoffTimestamp: "2026-11-22T09:00:00.000Z",
};

const PANEL =
  "<p>Handed off by the AI agent</p><dl>" +
  "<div><dt>Summary:&nbsp;</dt><dd>Charged twice &lt;img src&#x3D;x onerror&#x3D;alert(1)&gt; &amp; angry</dd></div>" +
  "<div><dt>Reason:&nbsp;</dt><dd>wants to cancel</dd></div>" +
  "<div><dt>Sentiment:&nbsp;</dt><dd>negative</dd></div>" +
  "<div><dt>Language:&nbsp;</dt><dd>en</dd></div>" +
  "<div><dt>Handed off at:&nbsp;</dt><dd>2026-11-22T09:00:00.000Z</dd></div>" +
  "</dl>";

module.exports = async (client) => {
  const workspaces = client.taskrouter.v1.workspaces;

  await check("Flex's task panels show the six attributes of a handoff, with HTML escaped", async () => {
    const [workspace] = await workspaces.list({ limit: 1 });
    const { tasks } = workspaces(workspace.sid);
    const task = await tasks.create({ attributes: JSON.stringify({ name: "Ana", ...SIX }) });
    const { TaskInfoPanelContent, SupervisorTaskInfoPanelContent } = strings();
    assert.equal(render(TaskInfoPanelContent, task.attributes), `${PANEL}<p>Task context</p>`);
    assert.equal(render(SupervisorTaskInfoPanelContent, task.attributes), `${PANEL}<p>Supervisor</p>`);
    assert.equal(await tasks(task.sid).remove(), true);
  });

  await check("Flex's task panel of a task that was not handed off is as before", () => {
    for (const attributes of ['{"name":"Ana"}', '{"handedOff":false}']) {
      assert.equal(render(strings().TaskInfoPanelContent, attributes), "<p>Task context</p>");
    }
  });

  await check("a web chat leaves out the note, and no other message", async () => {
    const conversation = await client.conversations.v1.conversations.create();
    const messages = conversation.messages();
    const note = { handoff: { taskSid: `WT${"0".repeat(32)}`, reservationSid: `WR${"0".repeat(32)}` } };
    for (const [body, attributes] of [
      ["Hello", undefined],
      ["Handed off by the AI agent", JSON.stringify(note)],
      ["A text as attributes", '"handoff"'],
      ["A message of the AI", JSON.stringify({ ai: { messageId: "answer-17" } })],
    ]) {
      await messages.create({ body, attributes });
    }
    // Twilio's Conversations SDK has a message's attributes as a value rather than text.
    const listed = await messages.list();
    const drawn = listed.map(({ body, attributes }) => ({ body, attributes: JSON.parse(attributes) }));
    drawn.push({ body: "No attributes", attributes: null });
    const isNote = new Function(`${block("isNote =")}; return isNote;`)();
    assert.deepEqual(
      drawn.filter((message) => !isNote(message)).map(({ body }) => body),
      ["Hello", "A text as attributes", "A message of the AI", "No attributes"],
    );
    assert.equal(await conversation.remove(), true);
  });
};
