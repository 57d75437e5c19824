// What stands beside the conversation: skills with requests to try, timers, lists.

import { make } from "./elements.js";

const TRIED = 3; // requests shown of each skill

let ticking = [];

/** Skills with buttons that try a request. */
export function showSkills(place, skills, ask) {
  const shown = skills.map((skill) => skill.name).join();
  if (place.dataset.shown === shown) return; // what somebody has opened stays open
  place.dataset.shown = shown;
  place.replaceChildren(...skills.map((skill, place) => make("details", { open: place === 0 },
    make("summary", {}, skill.name, make("small", {}, ` ${skill.about}`)),
    make("div", { class: "tries" }, ...skill.examples.slice(0, TRIED).map((text) =>
      make("button", { type: "button", class: "try", onclick: () => ask(text), "aria-label": `Try: ${text}` }, text))),
    skill.examples.length > TRIED
      ? make("details", { class: "more" }, make("summary", {}, "More sentences"), make("ul", {}, ...skill.examples.slice(TRIED).map((text) => make("li", {}, text))))
      : null)));
}

/** One request of each of the first skills, for those who do not know what to say. */
export function showFirst(place, skills, ask) {
  if (place.children.length) return;
  place.replaceChildren(...skills.slice(0, 6).map((skill) => skill.examples[0]).filter(Boolean).map((text) =>
    make("button", { type: "button", class: "try", onclick: () => ask(text) }, text)));
}

/** Timers that count down. */
export function showTimers(place, timers) {
  const now = Date.now();
  ticking = timers.map((timer) => ({ ...timer, at: now + 1000 * timer.left, left: make("time", {}) }));
  place.replaceChildren(...ticking.map((timer) => make("li", { class: "timer" }, timer.left, make("span", {}, timer.label || timer.kind, timer.paused ? " (paused)" : ""))));
  if (!ticking.length) place.append(make("li", { class: "none" }, "None is running."));
  tick();
}

/** Lists and their members. */
export function showLists(place, lists) {
  const names = Object.keys(lists);
  place.replaceChildren(...names.map((name) => make("div", {}, make("h3", {}, name), make("ul", {}, ...lists[name].map((item) => make("li", {}, item))))));
  if (!names.length) place.append(make("p", { class: "none" }, "There are none yet."));
}

function tick() {
  for (const timer of ticking) {
    const seconds = Math.max(0, Math.round((timer.at - Date.now()) / 1000));
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    const two = (number) => String(number).padStart(2, "0");
    timer.left.textContent = `${hours ? `${hours}:` : ""}${two(minutes)}:${two(seconds % 60)}`;
  }
}

setInterval(tick, 1000);
