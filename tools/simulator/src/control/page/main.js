// @ts-check
/** Puts the page's parts together. */

import * as account from "./account.js";
import * as address from "./address.js";
import * as clock from "./clock.js";
import * as connection from "./connection.js";
import * as detail from "./detail.js";
import * as faults from "./faults.js";
import * as limits from "./limits.js";
import { follow } from "./live.js";
import * as log from "./log.js";
import * as newTask from "./new-task.js";
import * as reset from "./reset.js";
import * as search from "./search.js";
import { onChange } from "./store.js";
import * as tasks from "./tasks.js";
import * as views from "./views.js";
import * as workspace from "./workspace.js";

const drawn = [
  reset,
  connection,
  account,
  clock,
  views,
  search,
  log,
  tasks,
  workspace,
  faults,
  limits,
  newTask,
  detail,
];
const started = [views, log, tasks, search, faults, newTask, reset, clock, detail, address];

for (const part of drawn) onChange(part.draw);
for (const part of started) part.start();
follow();
