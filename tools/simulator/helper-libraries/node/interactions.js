"use strict";

const assert = require("node:assert/strict");

const { check, refuses } = require("./check");

module.exports = async (client) => {
  const { interaction: interactions } = client.flexApi.v1;
  let interaction;
  const channel = () => interactions(interaction.sid).channels(interaction.channel.sid);

  await check("an interaction is created with a task, and found", async () => {
    const conversation = await client.conversations.v1.conversations.create();
    interaction = await interactions.create({
      channel: { type: "web", properties: { media_channel_sid: conversation.sid } },
      routing: { properties: { task_channel_unique_name: "chat", attributes: { name: "Ana" } } },
    });
    const attributes = JSON.parse(interaction.routing.properties.attributes);
    assert.deepEqual([attributes.name, attributes.flexInteractionSid], ["Ana", interaction.sid]);
    assert.deepEqual((await interactions(interaction.sid).fetch()).toJSON(), interaction.toJSON());
    const webhookTtid = "flex_interactionwebhook_1";
    assert.equal((await interactions(interaction.sid).update({ webhookTtid })).webhookTtid, webhookTtid);
  });

  await check("its channel is found and listed", async () => {
    const { type, status } = await channel().fetch();
    assert.deepEqual([type, status], ["web", "active"]);
    const listed = await interactions(interaction.sid).channels.list();
    assert.deepEqual(listed.map(({ sid }) => sid), [interaction.channel.sid]);
  });

  await check("invites are created, and listed page by page", async () => {
    const invited = [];
    for (let number = 0; number < 3; number += 1) {
      invited.push((await channel().invites.create({ routing: { properties: { attributes: { number } } } })).sid);
    }
    const listed = await channel().invites.list({ pageSize: 2 });
    assert.deepEqual(listed.map(({ sid }) => sid).slice(1), invited);
    await refuses(channel().invites.create({ routing: {} }), 400, 20001);
  });

  await check("a participant is added, listed and closed", async () => {
    const nobody = "0".repeat(32);
    const routingProperties = { task_sid: `WT${nobody}`, worker_sid: `WK${nobody}`, reservation_sid: `WR${nobody}` };
    const added = await channel().participants.create({
      type: "agent",
      mediaProperties: { identity: "sam" },
      routingProperties,
    });
    assert.deepEqual([added.type, added.routingProperties], ["agent", routingProperties]);
    assert.deepEqual((await channel().participants.list()).map(({ sid }) => sid), [added.sid]);
    await channel().participants(added.sid).update({ status: "closed" });
    assert.deepEqual(await channel().participants.list(), []);
    await refuses(channel().participants(added.sid).update({ status: "closed" }), 404, 20404);
  });

  await check("the channel is closed, with its tasks", async () => {
    const closed = await channel().update({ status: "closed", routing: { status: "closed" } });
    assert.equal(closed.status, "closed");
    await refuses(channel().invites.create({ routing: { properties: {} } }), 400, 20001);
  });
};
