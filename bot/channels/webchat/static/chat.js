// The page: what it shows and what its visitor does. The line carries it, bubbles draw it.

import { Line, keep, recall } from "./line.js";
import { bubble, el } from "./bubbles.js";
import { solve } from "./effort.js";

const start = JSON.parse(document.getElementById("start").textContent);
const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const log = $("log");
const scroll = $("scroll");
const input = $("message");
const pending = new Map(); // number of our own message -> its bubble, until the server has it
const shown = new Map(); // message id -> bubble
const busy = new Map(); // number of a press -> its button
const title = document.title;

const page = {
  words: start.strings,
  language: start.language,
  say,
  press,
  copy,
  download,
  view,
  fetchFile,
};

let ended = false;
let unread = 0;
let typingTimer = 0;
let toastTimer = 0;

// Words and direction

function translate(told) {
  page.words = told.strings;
  page.language = told.language;
  root.lang = told.language;
  root.dir = told.dir;
  for (const [attribute, put] of [
    ["word", (element, text) => { element.textContent = text; }],
    ["label", (element, text) => { element.setAttribute("aria-label", text); if (element.matches("button")) element.title = text; }],
    ["placeholder", (element, text) => { element.placeholder = text; }],
  ]) {
    for (const element of document.querySelectorAll(`[data-${attribute}]`)) {
      const text = page.words[element.dataset[attribute]];
      if (text) put(element, text);
    }
  }
  $("commands").replaceChildren(...(told.commands ?? []).map(({ command, description }) =>
    el("li", {}, el("button", { type: "button", class: "quiet", click: () => { toggle(false); say(`/${command}`); } },
      el("span", { dir: "auto" }, description), el("bdi", { dir: "ltr", class: "slash", "aria-hidden": "true" }, `/${command}`)))));
  status(state);
  grow();
}

let state = "connecting";

function status(now) {
  state = now;
  const word = { connecting: "connecting", online: "online", offline: "offline", full: "full" }[now];
  $("state").dataset.state = now;
  const brief = now === "full" ? "connecting" : word;
  $("state").textContent = now === "offline" ? "" : page.words[brief];
  const banner = $("banner");
  const trouble = (now === "offline" || now === "full") && !ended;
  if (trouble) {
    const text = page.words[now];
    if (banner.hidden || banner.firstElementChild.textContent !== text) {
      banner.hidden = false;
      banner.firstElementChild.textContent = text;
    }
  } else if (now === "online" || ended) {
    banner.hidden = true;
  }
}

// Reading

function atEnd() {
  return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
}

function follow(box, wasAtEnd, mine) {
  if (wasAtEnd || mine) {
    // A long answer is read from its beginning.
    const tall = box.offsetHeight > scroll.clientHeight - 24;
    if (tall) scroll.scrollTop += box.getBoundingClientRect().top - scroll.getBoundingClientRect().top - 12;
    else scroll.scrollTop = scroll.scrollHeight;
  } else {
    $("newest").hidden = false;
  }
}

function typing(on) {
  clearTimeout(typingTimer);
  const line = $("typing");
  line.classList.toggle("on", on);
  line.lastElementChild.textContent = on ? page.words.typing : "";
  if (on) {
    if (atEnd()) scroll.scrollTop = scroll.scrollHeight;
    typingTimer = setTimeout(() => typing(false), 6000);
  }
}

function put(message) {
  const box = bubble(message, page);
  const wasAtEnd = atEnd();
  const mine = message.from === "visitor";
  const waiting = mine && message.cid ? pending.get(message.cid) : undefined;
  if (message.cid) {
    line.done(message.cid);
    pending.delete(message.cid);
  }
  if (!mine) typing(false);
  if (waiting) waiting.replaceWith(box);
  else if (shown.has(message.id)) shown.get(message.id).replaceWith(box);
  else log.insertBefore(box, pending.values().next().value ?? null);
  shown.set(message.id, box);
  follow(box, wasAtEnd, mine && !waiting);
  if (!mine && document.hidden) document.title = `(${++unread}) ${title}`;
}

function change(message) {
  const old = shown.get(message.id);
  if (!old) return;
  const wasAtEnd = atEnd();
  const place = focusPlace(old);
  const box = bubble(message, page);
  old.replaceWith(box);
  shown.set(message.id, box);
  if (place >= 0) (box.querySelectorAll(".buttons button, .buttons a")[place] ?? box.querySelector(".buttons button") ?? box).focus({ preventScroll: true });
  if (wasAtEnd) follow(box, true, false);
}

// Whoever works with the keyboard must not be thrown to the top when a message changes.
function focusPlace(box) {
  if (!box.contains(document.activeElement)) return -1;
  return Math.max(0, [...box.querySelectorAll(".buttons button, .buttons a")].indexOf(document.activeElement));
}

function remove(ids) {
  for (const id of ids) {
    const box = shown.get(id);
    if (!box) continue;
    if (box.contains(document.activeElement)) input.focus({ preventScroll: true });
    box.remove();
    shown.delete(id);
  }
}

function redraw(event) {
  log.setAttribute("aria-live", "off");
  if (event.keep) {
    retire();
  } else {
    shown.clear();
    log.replaceChildren(...pending.values());
  }
  for (const message of event.messages) put(message);
  keyboard(event.keyboard);
  scroll.scrollTop = scroll.scrollHeight;
  setTimeout(() => log.setAttribute("aria-live", "polite"), 300);
}

// Buttons of a conversation the server no longer knows cannot be pressed any more.
function retire() {
  for (const press of log.querySelectorAll(".buttons button")) press.disabled = true;
}

function keyboard(told) {
  const box = $("keyboard");
  input.placeholder = told?.placeholder || page.words.placeholder;
  if (told?.placeholder) delete input.dataset.placeholder;
  else input.dataset.placeholder = "placeholder";
  const rows = (told?.rows ?? []).map((row) => el("div", { class: "row" }, ...row.map((one) => el("button", {
    type: "button",
    class: "choice",
    dir: "auto",
    click: () => {
      if (one.ask === "location") locate();
      else say(one.text);
      if (told.once) keyboard(null);
    },
  }, one.text))));
  const wasAtEnd = atEnd();
  box.replaceChildren(...rows);
  box.hidden = rows.length === 0;
  if (wasAtEnd) scroll.scrollTop = scroll.scrollHeight;
  if (told?.focus) input.focus();
}

const acts = {
  welcome(event) {
    for (const button of busy.values()) free(button);
    busy.clear();
    translate(event.page);
  },
  redraw,
  message: (event) => put(event.message),
  edit: (event) => change(event.message),
  delete: (event) => remove(event.ids),
  keyboard: (event) => keyboard(event.keyboard),
  page: (event) => translate(event.page),
  typing: () => typing(true),
  notice(event) {
    if (event.alert) ask(event.text, page.words.ok);
    else toast(event.text);
  },
  answered(event) {
    free(busy.get(event.cid));
    busy.delete(event.cid);
  },
  taken(event) {
    line.done(event.cid);
  },
  async work({ salt, bits }) {
    toast(page.words.working);
    line.send({ type: "work", salt, nonce: await solve(salt, bits) });
  },
  refused,
  forgotten: () => finish(page.words.forgotten, false),
};

function refused({ cid, reason }) {
  if (reason === "fast" && line.waits(cid)) {
    toast(page.words.too_fast);
    line.later(cid);
    return;
  }
  line.done(cid);
  free(busy.get(cid));
  busy.delete(cid);
  if (reason === "gone") toast(page.words.old_button);
  else if (reason === "long") fail(cid, page.words.too_long);
  else if (reason === "empty") { pending.get(cid)?.remove(); pending.delete(cid); }
}

function fail(cid, text) {
  const box = pending.get(cid);
  if (!box) return;
  pending.delete(cid);
  box.classList.remove("waiting");
  box.classList.add("failed");
  box.querySelector(".fate").textContent = text;
}

// Writing

function sketch(message) {
  const cid = message.cid;
  const box = bubble({ id: "", from: "visitor", date: Date.now() / 1000, dir: "auto", body: [], ...message }, page);
  box.classList.add("waiting");
  box.firstElementChild.append(el("span", { class: "fate" }, page.words.sending));
  pending.set(cid, box);
  log.append(box);
  follow(box, true, true);
}

function say(text) {
  const said = text.trim();
  if (!said || ended) return;
  const cid = line.send({ type: "text", text: said });
  sketch({ cid, body: [said] });
}

function press(message, one, button) {
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const cid = line.send({ type: "press", message: message.id, data: one.data });
  busy.set(cid, button);
  setTimeout(() => { if (line.connected) free(button); }, 8000);
}

function free(button) {
  button?.removeAttribute("aria-busy");
}

function locate() {
  if (!navigator.geolocation) {
    toast(page.words.location_denied);
    return;
  }
  toast(page.words.location_wait);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      hush();
      // About a hundred metres: enough for the town and the nearest office.
      const spot = { latitude: Number(coords.latitude.toFixed(3)), longitude: Number(coords.longitude.toFixed(3)) };
      const cid = line.send({ type: "location", ...spot, accuracy: Math.min(Math.max(coords.accuracy, 100), 1500) });
      sketch({ cid, place: spot });
    },
    () => toast(page.words.location_denied),
    { timeout: 15000, maximumAge: 300000 },
  );
}

function upload(file) {
  if (file.size > start.uploadLimit) {
    toast(page.words.file_too_large);
    return;
  }
  const cid = Line.number();
  sketch({ cid, media: { type: "document", name: file.name, size: file.size, local: true } });
  const box = pending.get(cid);
  const fate = box.querySelector(".fate");
  const bar = el("progress", { max: "1", value: "0", "aria-label": page.words.uploading });
  fate.replaceChildren(bar);
  const request = new XMLHttpRequest();
  request.open("POST", "upload");
  request.setRequestHeader("Authorization", `Visitor ${line.secret}`);
  request.setRequestHeader("X-Client-Id", cid);
  request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
  request.upload.onprogress = (event) => { bar.value = event.loaded / event.total; };
  request.onload = () => {
    if (request.status === 200) fate.textContent = "";
    else fail(cid, request.status === 413 ? page.words.file_too_large : request.status === 429 ? page.words.too_fast : page.words.file_failed);
  };
  request.onerror = () => fail(cid, page.words.file_failed);
  request.send(file);
}

// Files

async function fetchFile(id) {
  const answer = await fetch("file", {
    method: "POST",
    headers: { Authorization: `Visitor ${line.secret}`, "Content-Type": "application/json" },
    body: JSON.stringify({ id }),
    credentials: "omit",
    cache: "no-store",
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.blob();
}

async function download(media) {
  let data;
  try {
    data = await fetchFile(media.file);
  } catch {
    toast(page.words.file_unavailable);
    return;
  }
  const url = URL.createObjectURL(data);
  const anchor = el("a", { href: url, download: media.name, hidden: true });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function view(image) {
  if (!image.src) return;
  const [large] = $("viewer").getElementsByTagName("img");
  large.src = image.src;
  large.alt = image.alt;
  $("viewer").showModal();
}

function copy(text) {
  navigator.clipboard?.writeText(text).then(() => toast(page.words.copied), () => ask(text, page.words.ok));
}

// Notices

function toast(text) {
  clearTimeout(toastTimer);
  const box = $("toast");
  box.hidden = false;
  box.textContent = text;
  toastTimer = setTimeout(hush, Math.max(6000, text.length * 90));
}

function hush() {
  $("toast").hidden = true;
}

function ask(question, yes, no) {
  const dialog = $("ask");
  $("question").textContent = question;
  $("yes").textContent = yes;
  $("no").textContent = no ?? "";
  $("no").hidden = !no;
  if (dialog.open) dialog.close();
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

// Beginning and end

function finish(text, tellServer) {
  if (ended) return;
  ended = true;
  toggle(false);
  typing(false);
  hush();
  keyboard(null);
  log.replaceChildren();
  for (const map of [shown, pending, busy]) map.clear();
  input.value = "";
  document.body.classList.add("ended");
  $("ended").hidden = false;
  $("ended").firstElementChild.textContent = text;
  line.end(tellServer);
  status("online");
  $("state").textContent = "";
  $("again").focus();
}

function toggle(open) {
  $("panel").hidden = !open;
  $("menu").setAttribute("aria-expanded", String(open));
}

function grow() {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, innerHeight / 3)}px`;
  // An empty field follows the page, or its placeholder would stand at the wrong end.
  input.dir = input.value ? "auto" : root.dir;
  const length = [...input.value].length;
  const counter = $("counter");
  counter.hidden = length < 3500;
  counter.textContent = length < 3500 ? "" : `${length} / ${start.textLimit}`;
  counter.classList.toggle("over", length > start.textLimit);
  input.setAttribute("aria-invalid", String(length > start.textLimit));
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if ([...input.value.trim()].length > start.textLimit) {
    toast(page.words.too_long);
    return;
  }
  say(input.value);
  input.value = "";
  grow();
  input.focus();
});
input.addEventListener("input", grow);
input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});
$("attach").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", () => {
  for (const file of $("file").files) upload(file);
  $("file").value = "";
});
$("locate").addEventListener("click", locate);
$("retry").addEventListener("click", () => line.retry());
$("newest").addEventListener("click", () => { scroll.scrollTop = scroll.scrollHeight; });
$("menu").addEventListener("click", () => toggle($("panel").hidden));
$("again").addEventListener("click", () => location.reload());
$("shut").addEventListener("click", () => $("viewer").close());
$("yes").addEventListener("click", () => $("ask").close("yes"));
$("no").addEventListener("click", () => $("ask").close("no"));
$("close").addEventListener("click", async () => {
  toggle(false);
  if (await ask(page.words.close_question, page.words.close_yes, page.words.cancel)) finish(page.words.closed, true);
});
for (const button of document.querySelectorAll("[data-say]")) button.addEventListener("click", () => say(button.dataset.say));
scroll.addEventListener("scroll", () => { if (atEnd()) $("newest").hidden = true; }, { passive: true });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("panel").hidden) {
    toggle(false);
    $("menu").focus();
  }
});
document.addEventListener("click", (event) => {
  if (!$("panel").hidden && !$("panel").contains(event.target) && !$("menu").contains(event.target)) toggle(false);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    unread = 0;
    document.title = title;
  }
});
for (const type of ["dragover", "drop"]) {
  addEventListener(type, (event) => {
    event.preventDefault();
    if (type === "drop" && !ended) for (const file of event.dataTransfer.files) upload(file);
  });
}

const SIZES = ["100", "125", "150", "200"];
root.dataset.size = recall("size") ?? "100";
$("size").addEventListener("click", () => {
  root.dataset.size = SIZES[(SIZES.indexOf(root.dataset.size) + 1) % SIZES.length];
  keep("size", root.dataset.size);
  toast(`${page.words.text_size}: ${root.dataset.size} %`);
  grow();
});

const line = new Line(start.language, (event) => {
  // After the end only the bot's farewell is shown.
  if (!ended) acts[event.kind]?.(event);
  else if (event.kind === "message" && event.message.from === "bot") put({ ...event.message, buttons: undefined });
}, status);

// A link to this page may carry a start word in its fragment, which no server ever sees.
function startWord() {
  const word = /^#start=([A-Za-z0-9_-]{1,64})$/.exec(location.hash)?.[1];
  if (word) history.replaceState(null, "", location.pathname);
  return word;
}
addEventListener("hashchange", () => {
  const word = startWord();
  if (word) say(`/start ${word}`);
});

line.open(startWord());
if (matchMedia("(pointer: fine)").matches) input.focus({ preventScroll: true });
