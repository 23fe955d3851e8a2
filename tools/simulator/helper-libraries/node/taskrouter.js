"use strict";

const assert = require("node:assert/strict");

const { check, collect, refuses } = require("./check");

const sids = (items) => items.map(({ sid }) => sid);
const names = (items) => items.map(({ friendlyName }) => friendlyName);

module.exports = async (client) => {
  const { workspaces } = client.taskrouter.v1;
  let workspace;
  let available;
  let queue;
  let workflow;
  let worker;
  let task;

  await check("a workspace is created, listed, updated and read", async () => {
    const { sid } = await workspaces.create({ friendlyName: "Bakery", template: "FIFO" });
    workspace = workspaces(sid);
    const updated = await workspace.update({
      friendlyName: "Baker's",
      eventCallbackUrl: "https://events.invalid/",
      eventsFilter: "task.created,task.deleted",
    });
    assert.deepEqual((await workspace.fetch()).toJSON(), updated.toJSON());
    assert.deepEqual([updated.defaultActivityName, updated.prioritizeQueueOrder], ["Offline", "FIFO"]);
    assert.ok(sids(await collect(workspaces, { pageSize: 1 })).includes(sid));
    assert.deepEqual(sids(await workspaces.list({ friendlyName: "Baker's" })), [sid]);
    await refuses(workspaces.create({ friendlyName: "Shop", eventCallbackUrl: "nowhere" }), 400, 20001);
  });

  await check("activities are created, listed, renamed and deleted", async () => {
    const { activities } = workspace;
    const lunch = await activities.create({ friendlyName: "Lunch", available: false });
    assert.deepEqual(names(await activities.list({ pageSize: 1 })), ["Offline", "Available", "Unavailable", "Lunch"]);
    [available] = await activities.list({ available: "true" });
    assert.equal(available.friendlyName, "Available");
    await activities(lunch.sid).update({ friendlyName: "Dinner" });
    assert.equal((await activities(lunch.sid).fetch()).friendlyName, "Dinner");
    assert.equal(await activities(lunch.sid).remove(), true);
    await refuses(activities(lunch.sid).fetch(), 404, 20404);
  });

  await check("task channels are created, listed, updated and deleted", async () => {
    const { taskChannels } = workspace;
    const { sid } = await taskChannels.create({ friendlyName: "Pigeon", uniqueName: "pigeon" });
    const all = await collect(taskChannels, { pageSize: 2 });
    assert.equal(all.at(-1).uniqueName, "pigeon");
    await taskChannels("pigeon").update({ friendlyName: "Carrier pigeon", channelOptimizedRouting: true });
    const found = await taskChannels(sid).fetch();
    assert.deepEqual([found.friendlyName, found.channelOptimizedRouting], ["Carrier pigeon", true]);
    assert.equal(await taskChannels(sid).remove(), true);
    await refuses(taskChannels("chat").remove(), 400, 20001);
  });

  await check("workers are created, filtered, updated and deleted", async () => {
    const { workers } = workspace;
    worker = await workers.create({ friendlyName: "Ana", attributes: '{"languages":["es","en"]}' });
    const bob = await workers.create({ friendlyName: "Bob", activitySid: available.sid });
    assert.deepEqual(sids(await collect(workers, { pageSize: 1 })), [worker.sid, bob.sid]);
    assert.deepEqual(names(await workers.list({ available: "1" })), ["Bob"]);
    assert.deepEqual(names(await workers.list({ activityName: "Offline" })), ["Ana"]);
    assert.deepEqual(names(await workers.list({ targetWorkersExpression: "languages HAS 'es'" })), ["Ana"]);
    await refuses(workers.list({ targetWorkersExpression: "languages HAS" }), 400, 20001);
    const updated = await workers(worker.sid).update({ activitySid: available.sid, ifMatch: '"0"' });
    assert.deepEqual([updated.activityName, updated.available], ["Available", true]);
    assert.deepEqual((await workers(worker.sid).fetch()).toJSON(), updated.toJSON());
    await refuses(workers(worker.sid).update({ friendlyName: "Eve", ifMatch: '"0"' }), 412, 20412);
    assert.equal(await workers(bob.sid).remove(), true);
    await refuses(workers(bob.sid).fetch(), 404, 20404);
  });

  await check("a worker's channels are listed and updated", async () => {
    const { workerChannels } = workspace.workers(worker.sid);
    const all = await collect(workerChannels, { pageSize: 2 });
    const chat = all.find(({ taskChannelUniqueName }) => taskChannelUniqueName === "chat");
    const updated = await workerChannels(chat.sid).update({ capacity: 4, available: true });
    assert.deepEqual([updated.configuredCapacity, updated.availableCapacityPercentage], [4, 100]);
    assert.deepEqual((await workerChannels("chat").fetch()).toJSON(), updated.toJSON());
  });

  await check("task queues are created, filtered, updated and deleted", async () => {
    const { taskQueues } = workspace;
    queue = await taskQueues.create({ friendlyName: "Spanish", targetWorkers: "languages HAS 'es'" });
    const dutch = await taskQueues.create({ friendlyName: "Dutch", targetWorkers: "languages HAS 'nl'", taskOrder: "LIFO" });
    assert.deepEqual(names(await collect(taskQueues, { pageSize: 1 })), ["Sample Queue", "Spanish", "Dutch"]);
    assert.deepEqual(names(await taskQueues.list({ workerSid: worker.sid })), ["Sample Queue", "Spanish"]);
    const attributes = { evaluateWorkerAttributes: '{"languages":["nl"]}' };
    assert.deepEqual(names(await taskQueues.list(attributes)), ["Sample Queue", "Dutch"]);
    assert.deepEqual(names(await workspace.workers.list({ taskQueueSid: queue.sid })), ["Ana"]);
    const updated = await taskQueues(dutch.sid).update({ maxReservedWorkers: 3, assignmentActivitySid: available.sid });
    assert.deepEqual([updated.maxReservedWorkers, updated.assignmentActivityName], [3, "Available"]);
    assert.equal((await taskQueues(dutch.sid).fetch()).taskOrder, "LIFO");
    await refuses(taskQueues(dutch.sid).update({ targetWorkers: "languages HAS" }), 400, 20001);
    assert.equal(await taskQueues(dutch.sid).remove(), true);
  });

  await check("workflows are created, listed, updated and deleted", async () => {
    const { workflows } = workspace;
    const configuration = JSON.stringify({ task_routing: { filters: [], default_filter: { queue: queue.sid } } });
    workflow = await workflows.create({ friendlyName: "All Spanish", configuration, taskReservationTimeout: 30 });
    assert.equal((await workflows(workflow.sid).fetch()).configuration, configuration);
    assert.deepEqual(names(await workflows.list({ pageSize: 1 })), ["Default Fifo Workflow", "All Spanish"]);
    const url = "https://assignment.invalid/";
    const updated = await workflows(workflow.sid).update({ assignmentCallbackUrl: url, reEvaluateTasks: "true" });
    assert.deepEqual([updated.assignmentCallbackUrl, updated.taskReservationTimeout], [url, 30]);
    await refuses(workflows.create({ friendlyName: "Broken", configuration: "{" }), 400, 20001);
    const [fifo] = await workflows.list({ friendlyName: "Default Fifo Workflow" });
    assert.equal(await workflows(fifo.sid).remove(), true);
  });

  await check("tasks are created, filtered, updated and deleted", async () => {
    const { tasks } = workspace;
    // Nobody takes these calls.
    await workspace.workers(worker.sid).workerChannels("voice").update({ available: false });
    const all = [];
    for (const priority of [1, 3, 2]) {
      const attributes = JSON.stringify({ order: priority });
      all.push(await tasks.create({ workflowSid: workflow.sid, taskChannel: "voice", attributes, priority, timeout: 600 }));
    }
    [task] = all;
    const priorities = (items) => items.map(({ priority }) => priority);
    assert.deepEqual(priorities(await collect(tasks, { pageSize: 1 })), [1, 3, 2]);
    assert.deepEqual(priorities(await tasks.list({ ordering: "Priority:desc", pageSize: 2 })), [3, 2, 1]);
    assert.deepEqual(priorities(await tasks.list({ evaluateTaskAttributes: "order > 1" })), [3, 2]);
    assert.deepEqual(priorities(await tasks.list({ priority: 2, workflowName: "All Spanish" })), [2]);
    const either = { assignmentStatus: ["pending", "canceled"], pageSize: 1 };
    await tasks(all[1].sid).update({ assignmentStatus: "canceled", reason: "asked twice" });
    assert.deepEqual(priorities(await tasks.list(either)), [1, 3, 2]);
    assert.deepEqual(priorities(await tasks.list({ assignmentStatus: "canceled" })), [3]);
    await refuses(tasks.list({ assignmentStatus: "lost" }), 400, 20001);
    const updated = await tasks(task.sid).update({ attributes: '{"order":4}', virtualStartTime: new Date("2020-01-01") });
    assert.deepEqual(updated.virtualStartTime, new Date("2020-01-01"));
    await refuses(tasks(task.sid).update({ priority: 7, ifMatch: '"never"' }), 412, 20412);
    assert.equal((await tasks(task.sid).fetch()).attributes, '{"order":4}');
    assert.equal(await tasks(all[2].sid).remove(), true);
    await refuses(tasks(all[2].sid).fetch(), 404, 20404);
  });

  await check("events are listed by what they are about, and read", async () => {
    const { events } = workspace;
    const types = (items) => items.map(({ eventType }) => eventType);
    const ofTask = await collect(events, { taskSid: task.sid, eventType: "task.created", pageSize: 1 });
    assert.deepEqual(types(ofTask), ["task.created"]);
    assert.equal(ofTask[0].eventData.task_sid, task.sid);
    assert.equal((await events(ofTask[0].sid).fetch()).resourceSid, task.sid);
    assert.deepEqual(await events.list({ taskSid: task.sid, endDate: new Date("2020-01-01") }), []);
    assert.ok((await events.list({ workerSid: worker.sid, minutes: 5 })).length > 1);
  });

  await check("it is counted who does what and what waits", async () => {
    const counts = await workspace.taskQueues(queue.sid).realTimeStatistics().fetch();
    assert.deepEqual([counts.totalEligibleWorkers, counts.totalAvailableWorkers], [1, 1]);
    const ofWorkers = await workspace.workers.realTimeStatistics().fetch();
    assert.equal(ofWorkers.activityStatistics.find(({ friendly_name }) => friendly_name === "Available").workers, 1);
    assert.equal((await workspace.realTimeStatistics().fetch()).totalTasks, 1);
    const ofWorkflow = await workspace.workflows(workflow.sid).realTimeStatistics().fetch({ taskChannel: "voice" });
    assert.deepEqual([ofWorkflow.tasksByPriority, ofWorkflow.totalTasks], [{ 1: 1 }, 1]);
    const overTime = await workspace.cumulativeStatistics().fetch({ minutes: 60, splitByWaitTime: "5" });
    assert.deepEqual([overTime.tasksCreated > 0, Object.keys(overTime.splitByWaitTime)], [true, ["5"]]);
    const { cumulative, realtime } = await workspace.taskQueues(queue.sid).statistics().fetch();
    assert.deepEqual([cumulative.tasks_entered > 0, realtime.total_eligible_workers], [true, 1]);
    await refuses(workspace.workers.statistics().fetch(), 404, 20404);
  });

  await check("a task is routed to a worker, whose reservation is seen from both sides and moved", async () => {
    const { sid } = await workspace.tasks.create({ workflowSid: workflow.sid, taskChannel: "chat" });
    const { reservations } = workspace.tasks(sid);
    const [reservation] = await collect(reservations, { reservationStatus: "pending" });
    const ofWorker = workspace.workers(worker.sid).reservations;
    assert.deepEqual(sids(await ofWorker.list({ pageSize: 1 })), [reservation.sid]);
    assert.equal((await reservations(reservation.sid).fetch()).workerName, "Ana");
    await refuses(reservations(reservation.sid).update({ instruction: "dequeue" }), 400, 20001);
    await refuses(reservations(reservation.sid).update({ reservationStatus: "accepted", ifMatch: '"9"' }), 412, 20412);
    const accepted = await reservations(reservation.sid).update({ reservationStatus: "accepted" });
    assert.equal(accepted.reservationStatus, "accepted");
    const channel = await workspace.workers(worker.sid).workerChannels("chat").fetch();
    assert.deepEqual([channel.assignedTasks, channel.availableCapacityPercentage], [1, 75]);
    const done = await ofWorker(reservation.sid).update({ reservationStatus: "completed" });
    assert.deepEqual((await ofWorker(reservation.sid).fetch()).toJSON(), done.toJSON());
    assert.equal((await workspace.tasks(sid).fetch()).assignmentStatus, "completed");
  });

  await check("what is in use stays, and a workspace goes with all that is in it", async () => {
    await refuses(workspace.taskQueues(queue.sid).remove(), 400, 20001);
    await refuses(workspace.workflows(workflow.sid).remove(), 400, 20001);
    await refuses(workspace.activities(available.sid).remove(), 400, 20001);
    assert.equal(await workspace.remove(), true);
    await refuses(workspace.tasks(task.sid).fetch(), 404, 20404);
  });
};
