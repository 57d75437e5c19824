// The page: joins microphone, connection, log of turns and drawings.

import { Scores, Waveform } from "./charts.js";
import { Connection, headers, token } from "./connection.js";
import { find, make, percent } from "./elements.js";
import { Microphone, Player, audioContext } from "./sound.js";
import { showFirst, showLists, showSkills, showTimers } from "./overview.js";
import { isTeaching } from "./teach.js";
import { Turns, coloured } from "./turns.js";

const LISTEN = 30; // seconds for which a pressed button replaces the wake word
const LOOK_EVERY = 10000; // ms between two looks at timers and lists

const waveform = new Waveform(find("waveform"));
const scores = new Scores(find("scores"));
const explanations = [];
const corrections = [];
let pressed = false;

const player = new Player((turn) => {
  find("stop").hidden = true;
  connection.send({ type: "played", turn });
});
const turns = new Turns(find("turns"), { explain, correct, play: (pieces) => {
  player.stop();
  for (const { samples, rate } of pieces) player.play(samples, rate);
} });

const microphone = new Microphone((frame) => {
  if (isTeaching() || (!pressed && !find("free").checked)) return;
  waveform.add(frame);
  glow(frame);
  connection.hear(frame);
});

const connection = new Connection(
  { type: "start", rate: audioContext().sampleRate, scores: true, reports: true },
  { open: opened, close: closed, message: take, sound: spoken },
);

function say(state, text) {
  const status = find("status");
  status.dataset.state = state;
  status.textContent = text;
}

function opened(ready) {
  turns.restart();
  const words = ready.wake.map((word) => `“${word}”`).join(" or ");
  say("ready", words ? `Ready. Say ${words}, hold the button, or type` : "Ready");
  look();
}

function closed(code, reason) {
  player.stop();
  say("wait", code === 1006 ? "Connecting" : reason || "Connecting");
  if (code === 1006 || code === 1008) askForToken();
}

async function askForToken() {
  const answer = await fetch("v1/models", { headers: headers() }).catch(() => null);
  if (answer?.status !== 401 || find("gate").open) return;
  find("gate").showModal();
}

find("gate").addEventListener("close", () => {
  token.set(find("token").value);
  location.reload();
});

function take(message) {
  switch (message.type) {
    case "scores": {
      const wake = Math.max(0, ...Object.values(message.wake));
      scores.add(message.speech, wake, player.level());
      find("score-speech").textContent = percent(message.speech);
      find("score-wake").textContent = percent(wake);
      return;
    }
    case "latency":
      turns.get(message.turn).took(message);
      return;
    case "spoken":
      turns.get(message.turn).complete();
      player.finish(message.turn);
      look();
      return;
    case "explanation":
      explanations.shift()?.(message);
      return;
    case "corrected":
      corrections.shift()?.resolve(message);
      return;
    case "error":
      if (corrections.length) corrections.shift().reject(new Error(message.message));
      else say("fault", message.message);
      return;
    case "event":
      happened(message);
  }
}

function happened(event) {
  turns.show(event);
  find("empty").hidden = find("turns").children.length > 0;
  switch (event.event) {
    case "WakeDetected":
      say("listening", `Heard “${event.word}”`);
      break;
    case "TurnStarted":
      say("listening", "Listening");
      break;
    case "TurnEnded":
      say("busy", "Thinking");
      break;
    case "Transcript":
      show(event.final ? [] : event.hypotheses[0].words);
      if (event.final && !event.hypotheses[0].words.length && !event.written) say("ready", "I heard nothing");
      break;
    case "Reply":
      say("ready", event.expects_answer ? "Your answer, please" : "Ready");
      break;
    case "PlaybackStarted":
      find("stop").hidden = false;
      break;
    case "PlaybackEnded":
      find("stop").hidden = true;
      if (event.interrupted) player.stop();
      break;
  }
}

function show(words) {
  find("live").hidden = !words.length;
  find("partial").replaceChildren(...coloured(words));
}

function spoken(steps, event) {
  const samples = Float32Array.from(steps, (step) => step / 32768);
  turns.get(event.turn).spoke(samples, event.rate);
  player.play(samples, event.rate);
}

function explain(text) {
  connection.send({ type: "explain", text });
  return new Promise((answered) => explanations.push(answered));
}

/** Tell the log what was really said in a turn. */
function correct(turn, said) {
  connection.send({ type: "correct", turn, said });
  return new Promise((resolve, reject) => corrections.push({ resolve, reject }));
}

/** The ring around the button follows the voice. */
function glow(frame) {
  const peak = frame.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 32768;
  find("mic").style.setProperty("--loud", Math.sqrt(peak).toFixed(2));
}

function ask(text) {
  audioContext().resume();
  player.stop();
  connection.send({ type: "stop" });
  connection.send({ type: "text", text });
}

async function look() {
  const answer = await fetch("v1/assistant", { headers: headers() }).catch(() => null);
  if (!answer?.ok) return;
  const about = await answer.json();
  showSkills(find("skills"), about.skills, ask);
  showTimers(find("timers"), about.timers);
  showLists(find("lists"), about.lists);
  showFirst(find("first"), about.skills, ask);
  find("wakes").replaceChildren(...about.wake.map((word) => make("li", { class: "trait" }, word)));
  turns.logged = about.log;
  find("kept").textContent = about.log
    ? "What you say is kept on this server, to learn from (the log is on)."
    : "Nothing that you say is kept (the log is off).";
}

// The button: pressed with a pointer, held with a key, or switched by a click without either (assistive technology).

async function press() {
  if (pressed || find("free").checked) return;
  pressed = true;
  marked();
  player.stop();
  if (!(await switched(true)) || !pressed) return;
  connection.send({ type: "listen", seconds: LISTEN });
}

function release() {
  if (!pressed) return;
  // The end of the last word is still on its way through the browser.
  setTimeout(() => {
    pressed = false;
    marked();
    connection.send({ type: "done" });
    if (!find("free").checked) microphone.stop();
  }, 200);
}

function marked() {
  find("mic").setAttribute("aria-pressed", String(pressed || find("free").checked));
  find("mic-label").textContent = find("free").checked ? "Listening" : pressed ? "Release to send" : "Hold to talk";
}

async function switched(on) {
  try {
    if (on) await microphone.start();
    else microphone.stop();
    return true;
  } catch (error) {
    pressed = false;
    find("free").checked = false;
    marked();
    const refused = error.name === "NotAllowedError";
    say("fault", refused ? "The browser does not let this page hear the microphone; allow it in the address bar" : `No microphone: ${error.message}`);
    return false;
  }
}

const mic = find("mic");
let byPointer = false;
mic.addEventListener("pointerdown", (event) => {
  byPointer = true;
  mic.setPointerCapture(event.pointerId);
  press();
});
mic.addEventListener("pointerup", release);
mic.addEventListener("pointercancel", release);
mic.addEventListener("contextmenu", (event) => event.preventDefault());
mic.addEventListener("click", () => {
  if (byPointer) byPointer = false;
  else if (pressed) release();
  else press();
});
mic.addEventListener("keydown", (event) => {
  if (event.key !== " " && event.key !== "Enter") return;
  event.preventDefault();
  if (!event.repeat) press();
});
mic.addEventListener("keyup", (event) => {
  if (event.key === " " || event.key === "Enter") release();
});
addEventListener("keydown", (event) => {
  if (isTeaching()) return;
  if (event.key === "Escape") find("stop").click();
  if (event.key === " " && event.target === document.body && !event.repeat) {
    event.preventDefault();
    press();
  }
});
addEventListener("keyup", (event) => event.key === " " && event.target === document.body && release());

find("free").addEventListener("change", async ({ target }) => {
  await switched(target.checked);
  marked();
  find("hint").textContent = target.checked
    ? "Say the wake word, then your request. It also works while harken speaks."
    : "Hold the button, or the space bar, and speak.";
});
find("stop").addEventListener("click", () => {
  player.stop();
  connection.send({ type: "stop" });
  find("stop").hidden = true;
});
find("reset").addEventListener("click", () => {
  player.stop();
  connection.send({ type: "reset" });
  turns.restart();
  find("turns").replaceChildren();
  find("empty").hidden = false;
});
find("say-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = find("say").value.trim();
  if (text) ask(text);
  find("say").value = "";
});

// Colours: as the system has them, or as chosen.

const THEMES = { auto: "Auto", light: "Light", dark: "Dark" };

function theme(name) {
  document.documentElement.dataset.theme = name;
  find("theme").textContent = THEMES[name];
  find("theme").setAttribute("aria-label", `Colours: ${name === "auto" ? "as the system has them" : name}`);
  localStorage.setItem("theme", name);
  waveform.changed();
  scores.changed();
}

find("theme").addEventListener("click", () => {
  const names = Object.keys(THEMES);
  theme(names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length]);
});
theme(localStorage.getItem("theme") in THEMES ? localStorage.getItem("theme") : "auto");

connection.open();
setInterval(look, LOOK_EVERY);
