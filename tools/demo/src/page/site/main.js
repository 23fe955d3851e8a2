// @ts-check
/** Puts the page's parts together. */

import * as address from "./address.js";
import * as composer from "./composer.js";
import * as connection from "./connection.js";
import * as conversation from "./conversation.js";
import * as faults from "./faults.js";
import * as guide from "./guide.js";
import * as handoffDialog from "./handoff-dialog.js";
import * as journey from "./journey.js";
import { listen } from "./live.js";
import * as loopAlert from "./loop-alert.js";
import * as promise from "./promise.js";
import * as queues from "./queues.js";
import * as reset from "./reset.js";
import * as sessionPanel from "./session-panel.js";
import { changed, onChange } from "./store.js";
import * as taskActions from "./task-actions.js";
import * as taskPanel from "./task-panel.js";
import * as timeline from "./timeline.js";
import * as twilio from "./twilio.js";
import * as views from "./views.js";
import * as workflowEditor from "./workflow-editor.js";

const drawn = [
  connection,
  guide,
  queues,
  loopAlert,
  journey,
  taskActions,
  conversation,
  composer,
  taskPanel,
  sessionPanel,
  workflowEditor,
  faults,
  timeline,
  promise,
  twilio,
];
const started = [
  views,
  guide,
  queues,
  conversation,
  composer,
  taskPanel,
  workflowEditor,
  faults,
  timeline,
  handoffDialog,
  reset,
  promise,
  twilio,
  address,
];

for (const part of drawn) onChange(part.draw);
for (const part of started) part.start();
changed();
listen();
