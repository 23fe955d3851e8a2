"""Workspaces and everything in them."""

import json
from datetime import datetime, timezone
from types import SimpleNamespace

from check import check, equal, refuses
from simulator import client

workspaces = client.taskrouter.v1.workspaces
# Resources that are created by a check and needed by a later check.
made = SimpleNamespace()


def sids(items):
    return [item.sid for item in items]


def names(items):
    return [item.friendly_name for item in items]


@check("a workspace is created, listed, updated and read")
def _():
    sid = workspaces.create(friendly_name="Bakery", template="FIFO", multi_task_enabled=True).sid
    made.workspace = workspaces(sid)
    updated = made.workspace.update(
        friendly_name="Baker's",
        event_callback_url="https://events.invalid/",
        events_filter="task.created,task.deleted",
        prioritize_queue_order="LIFO",
    )
    equal((updated.default_activity_name, updated.prioritize_queue_order), ("Offline", "LIFO"))
    equal(made.workspace.fetch().events_filter, "task.created,task.deleted")
    assert sid in sids(workspaces.stream(page_size=1))
    equal(sids(workspaces.list(friendly_name="Baker's")), [sid])
    refuses(400, 20001, workspaces.create, friendly_name="Shop", event_callback_url="nowhere")


@check("activities are created, listed, renamed and deleted")
def _():
    activities = made.workspace.activities
    lunch = activities.create(friendly_name="Lunch", available=False)
    equal(names(activities.stream(page_size=1)), ["Offline", "Available", "Unavailable", "Lunch"])
    made.available = activities.list(available="true")[0]
    equal(made.available.friendly_name, "Available")
    lunch.update(friendly_name="Dinner")
    equal(activities(lunch.sid).fetch().friendly_name, "Dinner")
    assert lunch.delete()
    refuses(404, 20404, activities(lunch.sid).fetch)


@check("task channels are created, listed, updated and deleted")
def _():
    channels = made.workspace.task_channels
    pigeon = channels.create(friendly_name="Pigeon", unique_name="pigeon")
    equal(list(channels.stream(page_size=2))[-1].unique_name, "pigeon")
    channels("pigeon").update(friendly_name="Carrier pigeon", channel_optimized_routing=True)
    found = channels(pigeon.sid).fetch()
    equal((found.friendly_name, found.channel_optimized_routing), ("Carrier pigeon", True))
    assert pigeon.delete()
    refuses(400, 20001, channels("chat").delete)


@check("workers are created, filtered, updated and deleted")
def _():
    workers = made.workspace.workers
    made.worker = workers.create(friendly_name="Ana", attributes='{"languages":["es","en"]}')
    bob = workers.create(friendly_name="Bob", activity_sid=made.available.sid)
    equal(sids(workers.stream(page_size=1)), [made.worker.sid, bob.sid])
    equal(names(workers.list(available="1")), ["Bob"])
    equal(names(workers.list(activity_name="Offline")), ["Ana"])
    equal(names(workers.list(target_workers_expression="languages HAS 'es'")), ["Ana"])
    refuses(400, 20001, workers.list, target_workers_expression="languages HAS")
    updated = workers(made.worker.sid).update(activity_sid=made.available.sid, if_match='"0"')
    equal((updated.activity_name, updated.available), ("Available", True))
    equal(workers(made.worker.sid).fetch().activity_name, "Available")
    refuses(412, 20412, workers(made.worker.sid).update, friendly_name="Eve", if_match='"0"')
    assert bob.delete()
    refuses(404, 20404, workers(bob.sid).fetch)


@check("a worker's channels are listed and updated")
def _():
    channels = made.workspace.workers(made.worker.sid).worker_channels
    chat = next(one for one in channels.stream(page_size=2) if one.task_channel_unique_name == "chat")
    updated = chat.update(capacity=4, available=True)
    equal((updated.configured_capacity, updated.available_capacity_percentage), (4, 100))
    equal(channels("chat").fetch().configured_capacity, 4)


@check("task queues are created, filtered, updated and deleted")
def _():
    queues = made.workspace.task_queues
    made.queue = queues.create(friendly_name="Spanish", target_workers="languages HAS 'es'")
    dutch = queues.create(friendly_name="Dutch", target_workers="languages HAS 'nl'", task_order="LIFO")
    equal(names(queues.stream(page_size=1)), ["Sample Queue", "Spanish", "Dutch"])
    equal(names(queues.list(worker_sid=made.worker.sid)), ["Sample Queue", "Spanish"])
    equal(names(queues.list(evaluate_worker_attributes='{"languages":["nl"]}')), ["Sample Queue", "Dutch"])
    equal(names(made.workspace.workers.list(task_queue_name="Spanish")), ["Ana"])
    updated = dutch.update(max_reserved_workers=3, assignment_activity_sid=made.available.sid)
    equal((updated.max_reserved_workers, updated.assignment_activity_name), (3, "Available"))
    equal(queues(dutch.sid).fetch().task_order, "LIFO")
    refuses(400, 20001, queues(dutch.sid).update, target_workers="languages HAS")
    assert dutch.delete()


@check("workflows are created, listed, updated and deleted")
def _():
    workflows = made.workspace.workflows
    configuration = json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": made.queue.sid}}})
    made.workflow = workflows.create(
        friendly_name="All Spanish", configuration=configuration, task_reservation_timeout=30
    )
    equal(workflows(made.workflow.sid).fetch().configuration, configuration)
    equal(names(workflows.stream(page_size=1)), ["Default Fifo Workflow", "All Spanish"])
    url = "https://assignment.invalid/"
    updated = made.workflow.update(assignment_callback_url=url, re_evaluate_tasks="true")
    equal((updated.assignment_callback_url, updated.task_reservation_timeout), (url, 30))
    refuses(400, 20001, workflows.create, friendly_name="Broken", configuration="{")
    assert workflows.list(friendly_name="Default Fifo Workflow")[0].delete()


@check("tasks are created, filtered, updated and deleted")
def _():
    tasks = made.workspace.tasks
    # Nobody takes these calls.
    made.workspace.workers(made.worker.sid).worker_channels("voice").update(available=False)
    made.task, canceled, removed = (
        tasks.create(
            workflow_sid=made.workflow.sid,
            task_channel="voice",
            attributes=json.dumps({"order": priority}),
            priority=priority,
            timeout=600,
        )
        for priority in [1, 3, 2]
    )

    def priorities(items):
        return [item.priority for item in items]

    equal(priorities(tasks.stream(page_size=1)), [1, 3, 2])
    equal(priorities(tasks.list(ordering="Priority:desc", page_size=2)), [3, 2, 1])
    equal(priorities(tasks.list(evaluate_task_attributes="order > 1")), [3, 2])
    equal(priorities(tasks.list(priority=2, task_queue_name="nowhere")), [])
    canceled.update(assignment_status="canceled", reason="asked twice")
    equal(priorities(tasks.list(assignment_status=["pending", "canceled"], page_size=1)), [1, 3, 2])
    equal(priorities(tasks.list(assignment_status="canceled", has_addons=False)), [3])
    refuses(400, 20001, tasks.list, assignment_status="lost")
    start = datetime(2020, 1, 1, tzinfo=timezone.utc)
    updated = tasks(made.task.sid).update(attributes='{"order":4}', virtual_start_time=start)
    equal((updated.virtual_start_time, updated.attributes), (start, '{"order":4}'))
    refuses(412, 20412, tasks(made.task.sid).update, priority=7, if_match='"never"')
    assert removed.delete()
    refuses(404, 20404, tasks(removed.sid).fetch)


@check("events are listed by what they are about, and read")
def _():
    events = made.workspace.events
    of_task = list(events.stream(task_sid=made.task.sid, event_type="task.created", page_size=1))
    equal([event.event_type for event in of_task], ["task.created"])
    equal(of_task[0].event_data["task_sid"], made.task.sid)
    equal(events(of_task[0].sid).fetch().resource_sid, made.task.sid)
    equal(events.list(task_sid=made.task.sid, end_date=datetime(2020, 1, 1)), [])
    assert len(events.list(worker_sid=made.worker.sid, minutes=5)) > 1


@check("it is counted who does what and what waits")
def _():
    counts = made.workspace.task_queues(made.queue.sid).real_time_statistics().fetch()
    equal((counts.total_eligible_workers, counts.total_available_workers), (1, 1))
    of_workers = made.workspace.workers.real_time_statistics().fetch()
    equal([one["workers"] for one in of_workers.activity_statistics if one["friendly_name"] == "Available"], [1])
    equal(made.workspace.real_time_statistics().fetch().total_tasks, 1)
    of_workflow = made.workspace.workflows(made.workflow.sid).real_time_statistics().fetch(task_channel="voice")
    equal((of_workflow.tasks_by_priority, of_workflow.total_tasks), ({"1": 1}, 1))
    over_time = made.workspace.cumulative_statistics().fetch(minutes=60, split_by_wait_time="5")
    equal((over_time.tasks_created, list(over_time.split_by_wait_time)), (3, ["5"]))
    of_queue = made.workspace.task_queues(made.queue.sid).statistics().fetch()
    equal((of_queue.cumulative["tasks_entered"], of_queue.realtime["total_eligible_workers"]), (3, 1))
    refuses(404, 20404, made.workspace.workers.statistics().fetch)


@check("a task is routed to a worker, whose reservation is seen from both sides and moved")
def _():
    created = made.workspace.tasks.create(workflow_sid=made.workflow.sid, task_channel="chat")
    task = made.workspace.tasks(created.sid)
    (reservation,) = task.reservations.stream(reservation_status="pending")
    of_worker = made.workspace.workers(made.worker.sid).reservations
    equal(sids(of_worker.list(page_size=1)), [reservation.sid])
    equal(task.reservations(reservation.sid).fetch().worker_name, "Ana")
    refuses(400, 20001, reservation.update, instruction="dequeue")
    refuses(412, 20412, reservation.update, reservation_status="accepted", if_match='"9"')
    equal(reservation.update(reservation_status="accepted").reservation_status, "accepted")
    channel = made.workspace.workers(made.worker.sid).worker_channels("chat").fetch()
    equal((channel.assigned_tasks, channel.available_capacity_percentage), (1, 75))
    of_worker(reservation.sid).update(reservation_status="completed")
    equal(of_worker(reservation.sid).fetch().reservation_status, "completed")
    equal(task.fetch().assignment_status, "completed")


@check("what is in use stays, and a workspace goes with all that is in it")
def _():
    refuses(400, 20001, made.workspace.task_queues(made.queue.sid).delete)
    refuses(400, 20001, made.workspace.workflows(made.workflow.sid).delete)
    refuses(400, 20001, made.workspace.activities(made.available.sid).delete)
    assert made.workspace.delete()
    refuses(404, 20404, made.workspace.tasks(made.task.sid).fetch)
