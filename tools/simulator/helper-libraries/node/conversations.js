"use strict";

const assert = require("node:assert/strict");

const { check, collect, refuses } = require("./check");

module.exports = async (client) => {
  const { conversations } = client.conversations.v1;
  let conversation;

  await check("a conversation is created, and found by SID and by unique name", async () => {
    conversation = await conversations.create({
      friendlyName: "Order 7",
      uniqueName: "order-7",
      attributes: JSON.stringify({ order: 7 }),
      state: "active",
      "timers.inactive": "PT1H",
      "timers.closed": "P2D",
    });
    for (const name of [conversation.sid, "order-7"]) {
      const found = await conversations(name).fetch();
      assert.deepEqual(found.toJSON(), conversation.toJSON());
    }
    assert.equal(conversation.attributes, '{"order":7}');
    assert.ok(conversation.dateCreated instanceof Date);
    assert.ok(Date.parse(conversation.timers.date_inactive) > Date.now());
  });

  await check("a conversation is updated", async () => {
    const updated = await conversations(conversation.sid).update({ friendlyName: "Order 8", state: "inactive" });
    assert.deepEqual([updated.friendlyName, updated.state], ["Order 8", "inactive"]);
  });

  await check("a unique name that is taken is refused", () =>
    refuses(conversations.create({ uniqueName: "order-7" }), 409, 50353));

  await check("conversations are listed page by page", async () => {
    const sids = [conversation.sid];
    for (let number = 0; number < 4; number += 1) sids.push((await conversations.create()).sid);
    const own = (items) => items.map(({ sid }) => sid).filter((sid) => sids.includes(sid));
    assert.deepEqual(own(await conversations.list({ pageSize: 2 })), sids);
    assert.deepEqual(own(await collect(conversations, { pageSize: 2 })), sids);
    assert.deepEqual(own(await conversations.list({ state: "inactive", pageSize: 1 })), [conversation.sid]);
    const first = await conversations.page({ pageSize: 2 });
    const second = await first.nextPage();
    assert.deepEqual((await second.previousPage()).instances.length, first.instances.length);
    for (const sid of sids.slice(1)) assert.equal(await conversations(sid).remove(), true);
  });

  await check("participants are added, listed, changed and removed", async () => {
    const { participants } = conversations(conversation.sid);
    const ana = await participants.create({ identity: "ana", attributes: '{"age":40}' });
    const phone = await participants.create({
      "messagingBinding.address": "+4712345678",
      "messagingBinding.proxyAddress": "+4787654321",
    });
    assert.equal(phone.messagingBinding.type, "sms");
    await refuses(participants.create({ identity: "ana" }), 409, 50433);
    const all = await collect(participants, { pageSize: 1 });
    assert.deepEqual(all.map(({ sid }) => sid), [ana.sid, phone.sid]);
    const changed = await participants(ana.sid).update({ attributes: '{"age":41}', lastReadMessageIndex: 0 });
    assert.deepEqual([changed.attributes, changed.lastReadMessageIndex], ['{"age":41}', 0]);
    assert.deepEqual((await participants(ana.sid).fetch()).toJSON(), changed.toJSON());
    assert.equal(await participants(phone.sid).remove(), true);
    await refuses(participants(phone.sid).fetch(), 404, 20404);
  });

  await check("messages are posted, read in both orders, edited and deleted", async () => {
    const { messages } = conversations("order-7");
    for (const body of ["one", "two", "three"]) await messages.create({ author: "ana", body });
    const bodies = (items) => items.map(({ body }) => body);
    assert.deepEqual(bodies(await messages.list({ pageSize: 1 })), ["one", "two", "three"]);
    assert.deepEqual(bodies(await collect(messages, { pageSize: 2, order: "desc" })), ["three", "two", "one"]);
    assert.deepEqual(bodies(await messages.list({ limit: 2, order: "desc" })), ["three", "two"]);
    const [first] = await messages.list({ limit: 1 });
    assert.equal(first.dateUpdated, null);
    const edited = await messages(first.sid).update({ body: "1", attributes: '{"edited":true}' });
    assert.deepEqual([edited.author, edited.body, edited.attributes], ["ana", "1", '{"edited":true}']);
    assert.deepEqual((await messages(first.sid).fetch()).toJSON(), edited.toJSON());
    assert.equal(await messages(first.sid).remove(), true);
    await refuses(messages(first.sid).fetch(), 404, 20404);
  });

  await check("a closed conversation can only be read and deleted", async () => {
    await conversations("order-7").update({ state: "closed" });
    await refuses(conversations("order-7").messages.create({ body: "Hello?" }), 400, 50377);
    assert.equal((await conversations("order-7").messages.list()).length, 2);
    assert.equal(await conversations("order-7").remove(), true);
    await refuses(conversations("order-7").fetch(), 404, 20404);
  });
};
