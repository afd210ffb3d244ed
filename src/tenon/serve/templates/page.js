"use strict";
const words = JSON.parse(document.getElementById("words").textContent);
const examples = JSON.parse(document.getElementById("examples").textContent);
const form = document.getElementById("row"), button = form.querySelector("[type=submit]");
const result = document.getElementById("result"), said = document.getElementById("said"), why = document.getElementById("why");
const fields = [...form.querySelectorAll("label")];
const images = new Map();

function typed(field) {
  const { kind, name } = field.dataset;
  if (kind === "image") {
    if (!images.has(name)) throw words.no_image;
    return images.get(name);
  }
  const text = field.querySelector("input, textarea").value;
  if (kind === "tokens") return text.split(/\s+/).filter(Boolean);
  if (kind === "text") return text;
  if (!text.trim()) return null;
  if (kind !== "number") return text.trim();
  const number = Number(text.trim());
  if (!Number.isFinite(number)) throw words.no_number.replace("{name}", name).replace("{text}", text);
  return number;
}

async function sent(path, request) {
  const answer = await fetch(path, request);
  if (!answer.ok) throw (await answer.json()).error;
  return answer;
}

function ask(path, body, accept) {
  const headers = { "Content-Type": "application/json", Accept: accept };
  return sent(path, { method: "POST", body: JSON.stringify(body), headers });
}

function reason(error) {
  return typeof error === "string" ? error : words.gone;
}

function shown(prediction) {
  const value = prediction.prediction;
  if (Array.isArray(value)) return value.join(" ");
  return value === "" ? words.none : typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    const row = Object.fromEntries(fields.map((field) => [field.dataset.name, typed(field)]));
    const answer = await (await ask("predict", { rows: [row] }, "application/json")).json();
    said.textContent = shown(answer.predictions[0]);
    said.className = "";
    why.textContent = words.wait;
    result.hidden = false;
    why.innerHTML = await (await ask("explain?lang=" + words.lang, { row }, "text/html")).text();
  } catch (error) {
    said.textContent = reason(error);
    said.className = "wrong";
    why.textContent = "";
    result.hidden = false;
  }
  button.disabled = false;
});

function receive(drop, take) {
  const input = drop.querySelector("input");
  const passed = (files) => { if (files[0]) take(files[0]); };
  input.addEventListener("change", () => passed(input.files));
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); passed(event.dataTransfer.files); });
}

function takeImage(field, file) {
  const reader = new FileReader();
  reader.onload = () => {
    images.set(field.dataset.name, reader.result);
    const picture = field.querySelector("img");
    picture.src = reader.result;
    picture.hidden = false;
    field.querySelector("em").hidden = true;
  };
  reader.readAsDataURL(file);
}

for (const field of fields.filter((one) => one.dataset.kind === "image")) {
  receive(field.querySelector(".drop"), (file) => takeImage(field, file));
}

if (examples.length) {
  const example = document.getElementById("example");
  let next = 0;
  example.hidden = false;
  example.addEventListener("click", () => {
    const row = examples[next++ % examples.length];
    for (const field of fields) if (field.dataset.name in row) field.querySelector("input, textarea").value = row[field.dataset.name];
  });
}
