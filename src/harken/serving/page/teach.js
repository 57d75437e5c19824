// Teaching a wake word: type it, hear it, try it, record it, train it.

import { Connection, headers } from "./connection.js";
import { find, make, percent } from "./elements.js";
import { Microphone, audioContext, wav } from "./sound.js";

const LENGTH = 2.4; // seconds of a recording
const QUIET = 0.02; // peak below which the level is shown as too low
const LOOK_EVERY = 1000; // ms between two looks at a training

const STEPS = { start: "Starting", speak: "Synthesising examples", learn: "Learning", measure: "Measuring" };

let word = null; // the one that is being taught
let enough = 5;
let recording = null; // frames so far; null when nothing is recorded
let trial = null; // the connection on which the word is tried

const microphone = new Microphone((frame) => {
  const peak = frame.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 32768;
  find("level").value = Math.sqrt(peak);
  find("level").dataset.low = peak < QUIET;
  if (recording) recording.push(frame);
  trial?.hear(frame);
});

/** Whether the microphone is needed for teaching, so that the conversation must not hear it. */
export function isTeaching() {
  return find("teach").open;
}

async function call(path = "", options = {}) {
  const answer = await fetch(`v1/wake-words${path}`, { ...options, headers: { ...headers(), ...options.headers } });
  const content = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw new Error(content.error?.message || `The server answered ${answer.status}`);
  return content;
}

function tell(place, text, fault = false) {
  find(place).textContent = text;
  find(place).classList.toggle("failed", fault);
}

async function guarded(place, work) {
  try {
    await work();
  } catch (error) {
    const refused = error.name === "NotAllowedError";
    tell(place, refused ? "The browser does not let this page hear the microphone; allow it in the address bar." : error.message, true);
  }
}

const inPath = () => `/${encodeURIComponent(word.word)}`;

/** All words, and the training in progress. */
async function look() {
  const about = await call();
  enough = about.recordings.enough;
  find("words").replaceChildren(...about.words.map((one) => make("li", {},
    make("b", {}, one.word),
    make("span", { class: "trait" }, one.network ? "own network" : "by its sound"),
    one.taught ? make("button", { type: "button", class: "quiet", "aria-label": `Continue with ${one.word}`, onclick: () => open(one.word) }, "Open") : null,
    one.taught ? make("button", { type: "button", class: "quiet", "aria-label": `Forget ${one.word}`, onclick: () => forget(one.word) }, "Forget") : null)));
  const mine = about.words.find((one) => one.word === word?.word && one.taught);
  if (word) shown(mine, about.training);
  return about.training?.running;
}

function shown(mine, training) {
  find("use").hidden = Boolean(mine);
  find("active").hidden = !mine;
  find("more").hidden = !mine;
  if (!mine) return;
  const count = mine.recordings;
  find("takes").replaceChildren(...Array.from({ length: Math.max(enough, count) }, (_, place) => make("li", { class: place < count ? "done" : "" })));
  find("takes-label").textContent = `${count} of ${enough} recordings`;
  const running = training?.running && training.word === mine.word;
  find("train").disabled = Boolean(training?.running);
  find("training").hidden = !running;
  if (running) {
    find("training").value = training.step === "learn" ? 0.3 + 0.6 * training.share : training.step === "speak" ? 0.3 * training.share : training.step === "measure" ? 0.9 + 0.1 * training.share : 0;
    tell("trained", `${STEPS[training.step]}: ${percent(training.share)}`);
  } else if (training?.word === mine.word && training.step === "failed") {
    tell("trained", `It could not be trained: ${training.why}`, true);
  } else if (mine.network) {
    const { held_out_recordings: all, missed, false_accepts: wrong, hours_without_the_word: hours } = mine.scores;
    const own = training?.word === mine.word && training.step === "done" ? `${training.why} ` : "";
    tell("trained", `It has its own network. ${own}By itself, it missed ${missed} of ${all} voices that it had not learned from, and was wrong ${wrong} times in ${(60 * hours).toFixed(0)} minutes of other sound. It is asked first; the word's sound decides.`);
  } else {
    tell("trained", word.training_needs || (count < enough ? `You can train now, with synthesised examples alone; ${enough} recordings of your own make it better.` : "Training takes a few minutes."));
    find("train").disabled = find("train").disabled || Boolean(word.training_needs);
  }
  find("train").textContent = mine.network ? "Train again" : "Train its network";
}

async function follow() {
  if (isTeaching() && (await look())) setTimeout(() => guarded("trained", follow), LOOK_EVERY);
}

async function open(text) {
  await stopTrial();
  word = null;
  find("lesson").hidden = true;
  for (const place of ["teach-fault", "take", "trained", "tried"]) tell(place, "");
  await guarded("teach-fault", async () => {
    word = await call(`/${encodeURIComponent(text.trim().toLowerCase().replace(/\s+/g, " "))}`);
    find("lesson-word").textContent = `“${word.word}”`;
    find("phones").textContent = word.phones.map((phones) => `/${phones.join("")}/`).join(" ");
    find("meter-threshold").textContent = `It counts from ${percent(word.threshold)}.`;
    find("score").setAttribute("high", word.threshold);
    await follow();
    find("lesson").hidden = false;
    find("lesson-word").focus();
  });
}

async function forget(text) {
  await guarded("teach-fault", async () => {
    await call(`/${encodeURIComponent(text)}`, { method: "DELETE" });
    if (word?.word === text) {
      await stopTrial();
      word = null;
      find("lesson").hidden = true;
    }
    await look();
  });
}

async function hear() {
  const answer = await fetch("v1/audio/speech", {
    method: "POST", headers: { ...headers(), "Content-Type": "application/json" }, body: JSON.stringify({ input: word.word, response_format: "wav" }),
  });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}`);
  const audio = audioContext();
  await audio.resume();
  const node = audio.createBufferSource();
  node.buffer = await audio.decodeAudioData(await answer.arrayBuffer());
  node.connect(audio.destination);
  node.start();
}

async function record() {
  find("record").disabled = true;
  try {
    await microphone.start();
    tell("take", `Say “${word.word}” now`);
    find("level").dataset.on = true;
    recording = [];
    await new Promise((done) => setTimeout(done, 1000 * LENGTH));
    const frames = recording;
    recording = null;
    tell("take", "Listening to it");
    if (!frames.length) throw new Error("The microphone gave no sound.");
    const taken = await call(`${inPath()}/recordings`, {
      method: "POST", body: wav(frames, audioContext().sampleRate), headers: { "Content-Type": "audio/wav" },
    });
    tell("take", taken.kept ? `Kept: ${percent(taken.score)} like the word, at ${taken.level.toFixed(0)} dB.` : taken.advice, !taken.kept);
    await look();
  } finally {
    recording = null;
    find("level").removeAttribute("data-on");
    find("record").disabled = false;
    if (!trial) microphone.stop();
  }
}

async function tryIt() {
  if (trial) return stopTrial();
  await microphone.start();
  let times = 0;
  let wakes = true;
  trial = new Connection({ type: "start", rate: audioContext().sampleRate, voice: false, scores: true }, {
    open: ({ wake }) => {
      wakes = wake.includes(word.word);
      tell("tried", wakes ? `Say “${word.word}”, and other things as well.` : "It becomes active within a second.");
    },
    close: () => {},
    sound: () => {},
    message: (message) => {
      if (message.type === "scores" && word && word.word in message.wake) {
        find("score").value = message.wake[word.word];
        if (!wakes) tell("tried", `Say “${word.word}”, and other things as well.`);
        wakes = true;
      } else if (message.event === "WakeDetected" && message.word === word?.word) {
        times += 1;
        tell("tried", `Heard ${times === 1 ? "once" : `${times} times`}, the last time with ${percent(message.score)}.`);
      } else if (message.event === "TurnStarted") {
        trial?.send({ type: "reset" }); // what follows is no request
      }
    },
  });
  trial.open();
  find("try").textContent = "Stop trying";
  find("try").setAttribute("aria-pressed", "true");
}

async function stopTrial() {
  trial?.close();
  trial = null;
  find("try").textContent = "Try it";
  find("try").setAttribute("aria-pressed", "false");
  find("score").value = 0;
  if (!recording) microphone.stop();
}

find("teach-open").addEventListener("click", () => {
  find("teach").showModal();
  guarded("teach-fault", follow);
});
find("teach").addEventListener("close", stopTrial);
find("teach-close").addEventListener("click", () => find("teach").close());
find("teach-form").addEventListener("submit", (event) => {
  event.preventDefault();
  open(find("teach-word").value);
});
find("hear").addEventListener("click", () => guarded("teach-fault", hear));
find("use").addEventListener("click", () => guarded("teach-fault", async () => {
  word = await call(inPath(), { method: "PUT" });
  await look();
  find("try").focus();
}));
find("try").addEventListener("click", () => guarded("tried", tryIt));
find("record").addEventListener("click", () => guarded("take", record));
find("train").addEventListener("click", () => guarded("trained", async () => {
  await call(`${inPath()}/training`, { method: "POST" });
  await follow();
}));
