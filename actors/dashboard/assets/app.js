// Shows what the head answers. All data goes through textContent, so none of it can be markup.

const POLL_MS = 2000;
const NODES_SHOWN = 200;
const TASKS_SHOWN = 50;
const LIMITS = [25, 100, 500, 1000];

const $ = (id) => document.getElementById(id);

// --- text -------------------------------------------------------------------------------------

function bytesText(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    ++unit;
  }
  return `${bytes >= 100 || unit === 0 ? Math.round(bytes) : Math.round(bytes * 10) / 10} ${units[unit]}`;
}

function amountText(resource, amount) {
  return resource === "memory" && amount > 0 ? bytesText(amount) : amount.toLocaleString("en");
}

function durationText(ms) {
  const s = Math.max(0, ms) / 1000;
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} days`;
}

function agoText(time) {
  return time ? `${durationText(Date.now() - Date.parse(time))} ago` : "";
}

const NODE_STATES = {
  active: "takes work",
  disconnected: "not heard now; what runs there stays leased",
  recovering: "not heard since the head started",
  draining: "takes no new work; what runs there may end",
  drained: "takes no work, nothing runs there",
  lost: "its lease is over; its tasks run elsewhere",
};

// --- elements ---------------------------------------------------------------------------------

function make(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function setText(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}

// Makes the children of `parent` be those of `items`, in order. A child is made once for a key and
// then filled again, so that focus and selection stay where they are.
function fillList(parent, items, keyOf, create, fill) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let child = known.get(key);
    if (child) {
      known.delete(key);
    } else {
      child = create(item);
      child.dataset.key = key;
    }
    fill(child, item);
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
  for (const child of known.values()) child.remove();
}

function row(...classes) {
  const made = make("tr");
  for (const name of classes) made.append(make("td", name));
  return made;
}

function fillRow(tr, texts) {
  texts.forEach((text, i) => setText(tr.cells[i], text));
}

function chip(element, state, title) {
  element.dataset.state = state;
  setText(element, state.replaceAll("_", " "));
  element.title = title || "";
}

function fillMeter(meter, used, total) {
  const share = total > 0 ? Math.min(1, used / total) : 0;
  meter.firstElementChild.style.width = `${share * 100}%`;
  meter.dataset.level = share >= 1 ? "full" : share > 0 ? "some" : "none";
  meter.setAttribute("role", "meter");
  meter.setAttribute("aria-valuemin", "0");
  meter.setAttribute("aria-valuemax", String(total));
  meter.setAttribute("aria-valuenow", String(used));
}

function makeMeter() {
  return make("div", "meter", make("div"));
}

function jobLink(id) {
  const link = make("a", "", id);
  link.href = `#${id}`;
  return link;
}

// --- the page ---------------------------------------------------------------------------------

function showHead(status) {
  const head = status.head;
  setText($("head"), `${head.address} · version ${head.version} · up ${durationText(Date.now() - head.started)}` +
    ` · start ${head.epoch} · lease ${durationText(head.lease_ms)}`);
  $("head").title = `cluster ${head.cluster}`;
  document.title = `Fabric · ${head.address}`;
}

function showWarnings(warnings) {
  fillList($("warnings"), warnings, (text) => text.replace(/\d+ s ago$/, ""), () => make("li"), setText);
}

function sums(nodes) {
  const all = new Map([["cpu", [0, 0]], ["gpu", [0, 0]], ["memory", [0, 0]]]);
  for (const node of nodes) {
    if (node.state === "lost") continue;
    for (const [name, total] of Object.entries(node.resources.total)) {
      const sum = all.get(name) || [0, 0];
      sum[0] += node.resources.used[name] || 0;
      sum[1] += total;
      all.set(name, sum);
    }
  }
  return [...all].filter(([name, sum]) => name === "cpu" || sum[1] > 0);
}

function showTiles(status) {
  const tiles = sums(status.nodes).map(([name, [used, total]]) => ({
    name, value: amountText(name, used), rest: `of ${amountText(name, total)}`, used, total,
  }));
  tiles.push({name: "tasks running", value: amountText("", status.queue.running), rest: ""});
  tiles.push({name: "tasks waiting", value: amountText("", status.queue.waiting), rest: ""});
  fillList($("tiles"), tiles, (tile) => tile.name, (tile) => {
    const made = make("div", "tile", make("span", "name"), make("b"), make("span", "rest"));
    if (tile.total !== undefined) made.append(makeMeter());
    return made;
  }, (element, tile) => {
    setText(element.children[0], tile.name);
    setText(element.children[1], tile.value);
    setText(element.children[2], tile.rest);
    if (tile.total !== undefined) fillMeter(element.children[3], tile.used, tile.total);
  });
  const count = status.counters;
  setText($("counters"), `Since the head's start: ${amountText("", count.granted)} attempts given out, ` +
    `${amountText("", count.finished)} tasks finished, ${amountText("", count.lost_attempts)} attempts lost, ` +
    `${amountText("", count.stale_results)} stale results refused.`);
}

function makeNode() {
  return make("article", "node",
    make("div", "bar", make("h3"), make("span", "chip")),
    make("p", "id"), make("div", "resources"), make("p", "labels"));
}

function fillNode(card, node) {
  const [title, state] = card.children[0].children;
  setText(title, node.name);
  chip(state, node.state, NODE_STATES[node.state]);
  const silent = node.last_heard_ms > 5000 ? ` · heard ${durationText(node.last_heard_ms)} ago` : "";
  setText(card.children[1], `${node.id} · ${node.running} running${silent}`);
  const resources = Object.entries(node.resources.total)
    .filter(([name, total]) => total > 0 || name === "cpu");
  fillList(card.children[2], resources, ([name]) => name,
    () => make("div", "resource", make("span", "name"), makeMeter(), make("span", "amount")),
    (line, [name, total]) => {
      const used = node.resources.used[name] || 0;
      setText(line.children[0], name);
      fillMeter(line.children[1], used, total);
      setText(line.children[2], `${amountText(name, used)} / ${amountText(name, total)}`);
    });
  fillList(card.children[3], Object.entries(node.labels), ([key]) => key, () => make("span", "label"),
    (label, [key, value]) => setText(label, `${key}=${value}`));
}

function showNodes(nodes) {
  const shown = nodes.slice(0, NODES_SHOWN);
  const hidden = nodes.length - shown.length;
  setText($("node-count"), nodes.length + (hidden > 0 ? `, ${hidden} of them not shown` : ""));
  fillList($("nodes"), shown, (node) => node.id, makeNode, fillNode);
}

function showStudies(studies) {
  $("studies-section").hidden = studies.length === 0;
  setText($("study-count"), studies.length);
  fillList($("studies"), studies, (study) => study.name, () => row("name", "number", "number", "number"),
    (tr, study) => fillRow(tr, [study.name, study.running, study.waiting, study.finished]));
}

const PARTS = ["succeeded", "failed", "cancelled", "running", "waiting"];

function makeJob(job) {
  const tr = row("id", "name", "", "progress", "study", "time");
  tr.cells[0].append(jobLink(job.id));
  tr.cells[2].append(make("span", "chip"));
  const stack = make("div", "stack");
  for (const part of PARTS) stack.append(make("i", part));
  tr.cells[3].append(stack, make("span", "amount"));
  tr.addEventListener("click", () => { location.hash = job.id; });
  return tr;
}

function fillJob(tr, job) {
  setText(tr.cells[1], job.name || "");
  chip(tr.cells[2].firstElementChild, job.state);
  const [stack, amount] = tr.cells[3].children;
  PARTS.forEach((part, i) => { stack.children[i].style.flexGrow = job[part]; });
  stack.title = PARTS.filter((part) => job[part] > 0).map((part) => `${job[part]} ${part}`).join(", ");
  const done = job.succeeded + job.failed + job.cancelled;
  setText(amount, `${amountText("", done)} / ${amountText("", job.tasks)}`);
  setText(tr.cells[4], job.study || "");
  setText(tr.cells[5], agoText(job.submitted));
  tr.cells[5].title = job.submitted ? new Date(job.submitted).toLocaleString() : "";
}

let limitStep = 0;

function showJobs(jobs) {
  const limit = LIMITS[limitStep];
  const isCut = jobs.length >= limit;
  setText($("job-count"), isCut ? `the newest ${limit}` : jobs.length);
  $("no-jobs").hidden = jobs.length > 0;
  $("more").hidden = !isCut || limitStep === LIMITS.length - 1;
  fillList($("jobs"), jobs, (job) => job.id, makeJob, fillJob);
}

// --- one job or task --------------------------------------------------------------------------

const FACTS = [
  ["name", "Name"], ["study", "Study"], ["attempts", "Attempts"],
  ["node_name", "Node"], ["exit_code", "Exit code"], ["signal", "Signal"], ["code", "Code"],
  ["detail", "Detail"], ["submitted", "Submitted"], ["started", "Started"], ["ended", "Ended"],
  ["cpu_ms", "CPU time"], ["memory_peak", "Peak memory"], ["stdout_bytes", "Output"],
  ["stderr_bytes", "Errors"], ["resources", "Needs"], ["labels", "Only where"],
  ["priority", "Priority"], ["retries", "Retries"], ["after", "After"], ["failures", "Failures"],
  ["lost_attempts", "Lost attempts"], ["cwd", "Folder"], ["key", "Key"], ["submitter", "Submitter"],
];
const COUNTS = [
  ["tasks", "Tasks"], ["waiting", "Waiting"], ["running", "Running"], ["succeeded", "Succeeded"],
  ["failed", "Failed"], ["cancelled", "Cancelled"],
];
const ZERO_IS_NEWS = ["exit_code", "attempts", "stdout_bytes", "stderr_bytes"];

function factText(name, value) {
  if (value === null || value === undefined || value === "" || value.length === 0) return "";
  if (value === 0 && !ZERO_IS_NEWS.includes(name)) return "";
  if (name === "code" && value === "OK") return "";
  if (name === "key" && value.startsWith("auto-")) return "";
  if (["submitted", "started", "ended"].includes(name)) return new Date(value).toLocaleString();
  if (name === "cpu_ms") return value < 1000 ? `${value} ms` : durationText(value);
  if (name.endsWith("_bytes") || name === "memory_peak") return bytesText(value);
  if (name === "resources")
    return Object.entries(value).filter(([, amount]) => amount > 0)
      .map(([key, amount]) => `${key} ${amountText(key, amount)}`).join(", ");
  return Array.isArray(value) ? value.join(", ") : String(value);
}

function quoted(word) {
  return /^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function showFacts(job) {
  const shown = job.array ? [...FACTS, ...COUNTS] : FACTS;
  const facts = shown.map(([name, label]) => [label, factText(name, job[name])]).filter(([, text]) => text !== "");
  fillList($("facts"), facts, ([label]) => label, () => make("div", "", make("dt"), make("dd")),
    (pair, [label, text]) => {
      setText(pair.children[0], label);
      setText(pair.children[1], text);
    });
}

function showWhy(why) {
  $("why").hidden = !why;
  if (!why) return;
  setText($("why-summary"), why.summary);
  fillList($("why-nodes"), why.nodes, (line) => line.node, () => row("name", ""),
    (tr, line) => fillRow(tr, [line.name, line.reason]));
}

function showTasks(job, tasks) {
  $("tasks-section").hidden = !tasks;
  if (!tasks) return;
  $("tasks-cut").hidden = tasks.length >= job.tasks;
  setText($("tasks-cut"), `${tasks.length} of ${job.tasks} are shown; the others wait, or stand in ` +
    `fabricd list tasks --job ${job.id}.`);
  fillList($("tasks"), tasks, (task) => task.id, (task) => {
    const tr = row("id", "", "number", "number", "");
    tr.cells[0].append(jobLink(task.id));
    tr.cells[1].append(make("span", "chip"));
    return tr;
  }, (tr, task) => {
    chip(tr.cells[1].firstElementChild, task.state);
    setText(tr.cells[2], task.attempts);
    setText(tr.cells[3], task.exit_code ?? "");
    setText(tr.cells[4], task.detail ?? "");
  });
}

const WAITS = ["queued", "blocked", "backing_off"];

async function showDetail(id) {
  setText($("detail-title"), `${id.includes(".") ? "Task" : "Job"} ${id}`);
  try {
    const job = await ask(`api/jobs/${id}`);
    const mayWait = WAITS.includes(job.state) || job.waiting > 0;
    const why = mayWait ? await ask(`api/explain/${id}`) : null;
    const tasks = job.array ? (await ask(`api/tasks?job=${id}&limit=${TASKS_SHOWN}`)).tasks : null;
    if (openId() !== id) return;
    $("detail-error").hidden = true;
    $("detail-state").hidden = false;
    chip($("detail-state"), job.state);
    $("detail-command").hidden = !job.command;
    setText($("detail-command"), (job.command || []).map(quoted).join(" "));
    showWhy(why);
    showTasks(job, tasks);
    showFacts(job);
  } catch (trouble) {
    if (trouble.isOurs !== true) throw trouble;
    $("detail-state").hidden = true;
    for (const part of ["detail-command", "why", "tasks-section"]) $(part).hidden = true;
    showFacts({});
    $("detail-error").hidden = false;
    setText($("detail-error"), trouble.message);
  }
}

function openId() {
  const id = decodeURIComponent(location.hash.slice(1));
  return /^[0-9.]{1,32}$/.test(id) ? id : "";
}

function followHash() {
  const id = openId();
  const dialog = $("detail");
  if (id && !dialog.open) dialog.showModal();
  if (!id && dialog.open) dialog.close();
  if (id) showDetail(id).catch(showTrouble);
}

// --- asking -----------------------------------------------------------------------------------

let timer = 0;
let isSignedOut = false;

async function ask(path) {
  const answer = await fetch(path, {cache: "no-store", credentials: "same-origin"});
  if (answer.ok) return answer.json();
  if (answer.status === 401 || answer.status === 429) {
    isSignedOut = true;
    throw new Error("signed out: open the link that the head printed when it started");
  }
  const body = await answer.json().catch(() => null);
  const trouble = new Error(body?.error ? `${body.error.code}: ${body.error.detail}` : `HTTP ${answer.status}`);
  trouble.isOurs = answer.status === 404 || answer.status === 400;
  throw trouble;
}

function showTrouble(trouble) {
  $("link").dataset.link = "broken";
  setText($("link"), isSignedOut ? trouble.message
    : trouble instanceof TypeError ? "the head does not answer; trying again" : trouble.message);
}

async function poll() {
  clearTimeout(timer);
  try {
    const state = $("job-state").value;
    const jobs = `api/jobs?limit=${LIMITS[limitStep]}` + (state ? `&state=${encodeURIComponent(state)}` : "");
    const [status, listed, studies] = await Promise.all([ask("api/status"), ask(jobs), ask("api/studies")]);
    showHead(status);
    showWarnings(status.warnings);
    showTiles(status);
    showNodes(status.nodes);
    showStudies(studies.studies);
    showJobs(listed.jobs);
    if (openId()) await showDetail(openId());
    $("link").dataset.link = "live";
    setText($("link"), "live");
  } catch (trouble) {
    showTrouble(trouble);
  }
  clearTimeout(timer);
  if (!isSignedOut && !document.hidden) timer = setTimeout(poll, POLL_MS);
}

$("job-state").addEventListener("change", () => { limitStep = 0; poll(); });
$("more").addEventListener("click", () => { limitStep = Math.min(limitStep + 1, LIMITS.length - 1); poll(); });
$("close").addEventListener("click", () => { location.hash = ""; });
$("detail").addEventListener("close", () => { if (openId()) history.pushState(null, "", "#"); });
$("detail").addEventListener("click", (event) => { if (event.target === $("detail")) location.hash = ""; });
document.addEventListener("visibilitychange", () => { if (!document.hidden && !isSignedOut) poll(); });
window.addEventListener("hashchange", followHash);
followHash();
poll();
