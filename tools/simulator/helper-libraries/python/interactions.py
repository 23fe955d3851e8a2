"""Interactions of Flex, their channel, participants and invites."""

import json
from types import SimpleNamespace

from check import check, equal, refuses
from simulator import client

interactions = client.flex_api.v1.interaction

made = SimpleNamespace()


def channel():
    return interactions(made.sid).channels(made.channel)


@check("an interaction is created with a task, and found")
def _():
    conversation = client.conversations.v1.conversations.create()
    media = {"type": "web", "properties": {"media_channel_sid": conversation.sid}}
    routing = {"properties": {"task_channel_unique_name": "chat", "attributes": {"name": "Ana"}}}
    created = interactions.create(channel=media, routing=routing)
    made.sid, made.channel = created.sid, created.channel["sid"]
    attributes = json.loads(created.routing["properties"]["attributes"])
    equal((attributes["name"], attributes["flexInteractionSid"]), ("Ana", created.sid))
    equal(interactions(made.sid).fetch().routing, created.routing)
    webhook = "flex_interactionwebhook_1"
    equal(interactions(made.sid).update(webhook_ttid=webhook).webhook_ttid, webhook)


@check("its channel is found and listed")
def _():
    equal((channel().fetch().type, channel().fetch().status), ("web", "active"))
    equal([one.sid for one in interactions(made.sid).channels.list()], [made.channel])


@check("invites are created, and listed page by page")
def _():
    invited = [
        channel().invites.create(routing={"properties": {"attributes": {"number": number}}}).sid for number in range(3)
    ]
    equal([invite.sid for invite in channel().invites.list(page_size=2)][1:], invited)
    refuses(400, 20001, channel().invites.create, routing={})


@check("a participant is added, listed and closed")
def _():
    routing = {"task_sid": "WT" + "0" * 32, "worker_sid": "WK" + "0" * 32, "reservation_sid": "WR" + "0" * 32}
    added = channel().participants.create(
        type="agent", media_properties={"identity": "sam"}, routing_properties=routing
    )
    equal((added.type, added.routing_properties), ("agent", routing))
    equal([one.sid for one in channel().participants.list()], [added.sid])
    channel().participants(added.sid).update(status="closed")
    equal(channel().participants.list(), [])
    refuses(404, 20404, channel().participants(added.sid).update, "closed")


@check("the channel is closed, with its tasks")
def _():
    equal(channel().update(status="closed", routing={"status": "closed"}).status, "closed")
    refuses(400, 20001, channel().invites.create, routing={"properties": {}})
