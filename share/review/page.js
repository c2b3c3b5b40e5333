// What review's page does. Texts of records reach the page as text alone.
"use strict";

const page = JSON.parse(document.getElementById("records").textContent);
const element = (id) => document.getElementById(id);
const kinds = ["good", "bad", "unsure"];
const marks = new Map(); // the record's place to {mark, why, preferred}
const steps = []; // what undo goes back: [place, marks before]
let place = 0;
let isStored = true;

// ---- marks as lines, in the browser and in files

function line(at) {
  const { id, answer_id } = page.records[at];
  return JSON.stringify({ id, answer_id, mark: null, ...marks.get(at) });
}

function lines() {
  return [...marks.keys()].sort((a, b) => a - b)
    .map((at) => line(at) + "\n").join("");
}

// Takes the marks that are of records here; returns how many.
function take(text) {
  const places = new Map(page.records.map((record, at) => [record.id, at]));
  let taken = 0;
  for (const one of text.split("\n")) {
    if (!one.trim()) continue;
    const { id, answer_id, mark, why, preferred } = JSON.parse(one);
    const at = places.get(id);
    if (at === undefined) continue;
    if (answer_id && answer_id !== page.records[at].answer_id) continue;
    const given = {};
    if (kinds.includes(mark)) given.mark = mark;
    if (typeof why === "string" && why) given.why = why;
    if (typeof preferred === "string") given.preferred = preferred;
    if (Object.keys(given).length === 0) continue;
    marks.set(at, given);
    ++taken;
  }
  return taken;
}

function store() {
  try {
    localStorage.setItem(page.key, lines());
  } catch {
    isStored = false;
  }
}

function say(text) {
  element("status").textContent = isStored
    ? text
    : text + " This browser keeps nothing: save before you leave.";
}

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(
    new Blob([lines()], { type: "application/jsonl" }));
  link.download = "marks.jsonl";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  say("Saved as marks.jsonl.");
}

async function copy() {
  try {
    await navigator.clipboard.writeText(lines());
    say("Copied.");
  } catch {
    const box = element("lines");
    box.closest("details").open = true;
    box.select();
    say("Copy what is selected.");
  }
}

// ---- what is shown

function show() {
  const record = page.records[place];
  const given = marks.get(place) ?? {};
  const counts = kinds.map(
    (kind) => [...marks.values()].filter((one) => one.mark === kind).length);
  const done = counts.reduce((a, b) => a + b);
  const all = page.records.length;
  element("count").textContent = `${done} of ${all} marked: ` +
    kinds.map((kind, i) => `${counts[i]} ${kind}`).join(", ");
  element("progress").max = Math.max(1, all);
  element("progress").value = done;
  element("lines").value = lines();
  element("nothing").hidden = all > 0;
  element("record").hidden = element("why-row").hidden = all === 0;
  for (const button of document.querySelectorAll("footer button"))
    button.disabled = all === 0;
  if (all === 0) return;

  element("place").textContent = `${place + 1} of ${all}`;
  element("given").textContent = record.source ?? "";
  element("question").textContent = record.question;
  element("answer").textContent = record.answers[record.shown].text;
  element("why").value = given.why ?? "";
  for (const kind of kinds)
    element(kind).setAttribute("aria-pressed", given.mark === kind);
  element("undo").disabled = steps.length === 0;
  element("back").disabled = place === 0;
  element("next").disabled = place === all - 1;

  element("others").hidden = record.answers.length === 1;
  const choices = record.answers.map((answer, i) => {
    const isShown = i === record.shown ? "The answer above." : answer.text;
    return choice(i + 1, isShown, answer.id, given.preferred);
  });
  choices.push(choice(0, "None of them.", "none", given.preferred));
  element("answers").replaceChildren(...choices);
}

function choice(number, text, id, preferred) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const which = document.createElement("span");
  const words = document.createElement("span");
  button.type = "button";
  which.className = "which";
  which.textContent = number;
  words.className = "text";
  words.dir = "auto";
  words.textContent = text;
  button.setAttribute("aria-pressed", id === preferred);
  button.addEventListener("click", () => prefer(number));
  button.append(which, words);
  item.append(button);
  return item;
}

// ---- what a person does

function change(what) {
  steps.push([place, marks.get(place)]);
  marks.set(place, { ...marks.get(place), ...what });
  store();
}

function go(to) {
  if (to < 0 || to >= page.records.length) return;
  place = to;
  show();
  scrollTo(0, 0);
  element("place").focus({ preventScroll: true });
}

function setMark(kind) {
  change({ mark: kind });
  const all = page.records.length;
  for (let step = 1; step < all; ++step) {
    const at = (place + step) % all;
    if (marks.get(at)?.mark) continue;
    say(`${place + 1} is ${kind}.`);
    return go(at);
  }
  show();
  say(`${place + 1} is ${kind}. All are marked: save them.`);
}

function prefer(number) {
  const { answers } = page.records[place];
  if (answers.length === 1 || number > answers.length) return;
  change({ preferred: number === 0 ? "none" : answers[number - 1].id });
  show();
  say(number === 0 ? "None would do." : `You would have chosen ${number}.`);
}

function undo() {
  if (steps.length === 0) return;
  const [at, before] = steps.pop();
  if (before) marks.set(at, before);
  else marks.delete(at);
  store();
  go(at);
  say(`Undone: ${at + 1}.`);
}

const byKey = {
  g: () => setMark("good"),
  b: () => setMark("bad"),
  u: () => setMark("unsure"),
  w: () => element("why").focus(),
  z: undo,
  s: save,
  c: copy,
  ArrowLeft: () => go(place - 1),
  ArrowRight: () => go(place + 1),
};

document.addEventListener("keydown", (event) => {
  const isWriting = event.target.matches("input, textarea");
  if (event.target === element("why") && ["Enter", "Escape"].includes(event.key))
    return event.target.blur();
  const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey);
  if (isWriting || event.altKey || page.records.length === 0) return;
  if ((event.ctrlKey || event.metaKey) && !isUndo) return;
  const act = /^[0-9]$/.test(event.key)
    ? () => prefer(Number(event.key))
    : byKey[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

for (const kind of kinds)
  element(kind).addEventListener("click", () => setMark(kind));
element("undo").addEventListener("click", undo);
element("back").addEventListener("click", byKey.ArrowLeft);
element("next").addEventListener("click", byKey.ArrowRight);
element("save").addEventListener("click", save);
element("copy").addEventListener("click", copy);
// No show() here: it would replace a choice that is being clicked.
element("why").addEventListener("change", (event) => {
  change({ why: event.target.value.trim() || undefined });
  element("lines").value = lines();
  element("undo").disabled = false;
});
element("open").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  if (!file) return;
  try {
    const taken = take(await file.text());
    store();
    say(`Marks of records here in ${file.name}: ${taken}.`);
  } catch {
    say(`${file.name} holds no marks.`);
  }
  event.target.value = "";
  show();
});
addEventListener("beforeunload", (event) => {
  if (!isStored && marks.size > 0) event.preventDefault();
});

// ---- where one was

take(page.marks);
try {
  take(localStorage.getItem(page.key) ?? "");
} catch {
  isStored = false;
}
const first = page.records.findIndex((_, at) => !marks.get(at)?.mark);
place = Math.max(0, first);
show();
say(marks.size > 0 ? `Marks from before: ${marks.size}.` : "");
