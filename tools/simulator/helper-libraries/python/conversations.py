"""Conversations, their participants and their messages."""

import json
from datetime import datetime, timezone

from check import check, equal, refuses
from simulator import client

conversations = client.conversations.v1.conversations
NAME = "order-7"


def sids(items):
    return [item.sid for item in items]


@check("a conversation is created, and found by SID and by unique name")
def _():
    created = conversations.create(
        friendly_name="Order 7",
        unique_name=NAME,
        attributes=json.dumps({"order": 7}),
        state="active",
        timers_inactive="PT1H",
        timers_closed="P2D",
    )
    for name in [created.sid, NAME]:
        found = client.conversations.v1.conversations(name).fetch()
        equal((found.sid, found.friendly_name, found.attributes), (created.sid, "Order 7", '{"order": 7}'))
    assert created.date_created <= datetime.now(timezone.utc)
    equal(sorted(created.timers), ["date_closed", "date_inactive"])


@check("a conversation is updated")
def _():
    updated = conversations(NAME).update(friendly_name="Order 8", state="inactive")
    equal((updated.friendly_name, updated.state), ("Order 8", "inactive"))


@check("a unique name that is taken is refused")
def _():
    refuses(409, 50353, conversations.create, unique_name=NAME)


@check("conversations are listed page by page")
def _():
    own = [conversations(NAME).fetch().sid] + [conversations.create().sid for _ in range(4)]

    def listed(items):
        return [sid for sid in sids(items) if sid in own]

    equal(listed(conversations.list(page_size=2)), own)
    equal(listed(conversations.stream(page_size=1)), own)
    equal(listed(conversations.list(state="inactive", page_size=1)), own[:1])
    equal(listed(conversations.list(start_date="2000-01-01", end_date="2999-12-31T00:00:00Z")), own)
    first = conversations.page(page_size=2)
    equal(len(list(first.next_page().previous_page())), len(list(first)))
    for sid in own[1:]:
        assert conversations(sid).delete()


@check("participants are added, listed, changed and removed")
def _():
    participants = conversations(conversations(NAME).fetch().sid).participants
    ana = participants.create(identity="ana", attributes='{"age":40}')
    phone = participants.create(
        messaging_binding_address="whatsapp:+4712345678",
        messaging_binding_proxy_address="whatsapp:+4787654321",
    )
    equal(phone.messaging_binding["type"], "whatsapp")
    refuses(409, 50433, participants.create, identity="ana")
    equal(sids(participants.stream(page_size=1)), [ana.sid, phone.sid])
    changed = participants(ana.sid).update(attributes='{"age":41}', last_read_message_index=0)
    equal((changed.attributes, changed.last_read_message_index), ('{"age":41}', 0))
    equal(participants(ana.sid).fetch().attributes, '{"age":41}')
    assert participants(phone.sid).delete()
    refuses(404, 20404, participants(phone.sid).fetch)


@check("messages are posted, read in both orders, edited and deleted")
def _():
    messages = conversations(NAME).messages
    for body in ["one", "two", "three"]:
        messages.create(author="ana", body=body)

    def bodies(items):
        return [item.body for item in items]

    equal(bodies(messages.list(page_size=1)), ["one", "two", "three"])
    equal(bodies(messages.stream(page_size=2, order="desc")), ["three", "two", "one"])
    equal(bodies(messages.list(limit=2, order="desc")), ["three", "two"])
    first = messages.list(limit=1)[0]
    equal(first.date_updated, None)
    edited = first.update(body="1", attributes='{"edited":true}')
    equal((edited.author, edited.body, edited.attributes), ("ana", "1", '{"edited":true}'))
    equal(messages(first.sid).fetch().body, "1")
    assert edited.delete()
    refuses(404, 20404, messages(first.sid).fetch)


@check("a closed conversation can only be read and deleted")
def _():
    conversation = conversations(NAME)
    conversation.update(state="closed")
    refuses(400, 50377, conversation.messages.create, body="Hello?")
    equal(len(conversation.messages.list()), 2)
    assert conversation.delete()
    refuses(404, 20404, conversation.fetch)
