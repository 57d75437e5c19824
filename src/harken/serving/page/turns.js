// The log of turns: what was heard, how it was understood, what was answered, and how long it took.

import { drawSpectrogram } from "./charts.js";
import { make, percent } from "./elements.js";

const SURE = [0.5, 0.7, 0.85, 0.95]; // limits of the five colours of confidence
const KEPT = 30; // turns whose sound is kept for replay

const STEPS = [
  ["transcript", "words"],
  ["interpretation", "meaning"],
  ["reply", "answer"],
  ["speech", "voice"],
];

/** Words in the colours of their confidence. */
export function coloured(words) {
  return words.flatMap((word) => {
    const level = SURE.filter((limit) => word.confidence >= limit).length;
    return [make("span", { class: `word sure${level}`, title: `${percent(word.confidence)} sure` }, word.text), " "];
  });
}

export class Turns {
  constructor(list, { explain, correct, play }) {
    this.list = list;
    this.explain = explain;
    this.correct = correct;
    this.logged = false; // whether turns are kept, so that they can be corrected
    this.play = play;
    this.known = new Map();
  }

  /** A new conversation: numbers of turns begin again. */
  restart() {
    for (const turn of this.known.values()) turn.past();
    this.known.clear();
  }

  get(number) {
    if (!this.known.has(number)) {
      const turn = new Turn(this, number);
      this.known.set(number, turn);
      this.list.prepend(turn.element);
      const old = [...this.known.values()][this.known.size - KEPT];
      if (old) old.forget();
    }
    return this.known.get(number);
  }

  /** An event of the server that belongs to a turn. */
  show(event) {
    switch (event.event) {
      case "Transcript":
        if (event.final && (event.written || event.hypotheses[0]?.words.length)) this.get(event.turn).heard(event);
        break;
      case "Interpretation":
        this.get(event.turn).meant(event);
        break;
      case "StateChanged":
        this.get(event.turn).state(event.state);
        break;
      case "Reply":
        this.get(event.turn).replied(event);
        break;
      case "StageFailed":
        if (event.turn >= 0) this.get(event.turn).failed(event);
        break;
    }
  }
}

class Turn {
  constructor(turns, number) {
    this.turns = turns;
    this.number = number;
    this.pieces = [];
    this.said = make("p", { class: "said" });
    this.meaning = make("p", { class: "meaning" });
    this.answer = make("div", { class: "answer" });
    this.actions = make("div", { class: "actions" });
    this.details = make("div", { class: "details" });
    this.bar = make("div", { class: "latency" });
    this.element = make("li", { class: "turn card" }, this.said, this.meaning, this.answer, this.actions, this.bar, this.details);
  }

  heard(event) {
    this.text = event.written || event.hypotheses[0].words.map((word) => word.text).join(" ");
    this.said.replaceChildren(make("span", { class: "hidden" }, "You: "));
    if (event.written) {
      this.said.append(event.written);
      return;
    }
    this.said.append(...coloured(event.hypotheses[0].words));
    if (event.confusion.length) this.details.append(network(event));
    this.mistake = make("button", { type: "button", class: "quiet", onclick: () => this.wrong() }, "That was wrong");
    this.actions.append(this.mistake);
  }

  /** The conversation that it belongs to is over. */
  past() {
    this.mistake?.remove();
  }

  /** What was really said, for the log. */
  wrong() {
    this.mistake.remove();
    const told = make("p", { role: "status" });
    const explained = (text, fault) => {
      told.textContent = text;
      told.className = fault ? "failed" : "good";
    };
    if (!this.turns.logged) {
      this.actions.append(told);
      explained("Nothing is kept to learn from, because the log is off. Run “harken log on” on the server; turns are then kept on that machine only, and “harken adapt” learns from them.", false);
      told.className = "hint";
      return;
    }
    const said = make("input", { value: this.text, "aria-label": "What you said", maxlength: 4000 });
    const form = make("form", { class: "say", onsubmit: async (event) => {
      event.preventDefault();
      try {
        const { said: kept } = await this.turns.correct(this.number, said.value.trim() || this.text);
        form.remove();
        explained(`Kept for adaptation: “${kept}”.`, false);
      } catch (error) {
        explained(error.message, true);
      }
    } }, said, make("button", { type: "submit" }, "Keep"));
    this.actions.append(make("p", { class: "hint" }, "What did you say?"), form, told);
    said.select();
  }

  meant(event) {
    const slots = event.slots.map((slot) =>
      make("tr", {}, make("th", { scope: "row" }, slot.name), make("td", {}, slot.text), make("td", {}, readable(slot.value))));
    const verdict = event.rejected ? (event.refused ? "cannot be done here" : "not understood") : `${event.skill}, ${event.intent}`;
    const traits = ["negated", "doubtful", "exact"].filter((trait) => event[trait]).map((trait) => make("span", { class: "trait" }, trait));
    const unread = event.unread.length ? make("p", {}, `Nothing explains: ${event.unread.map((one) => one.text).join(", ")}`) : null;
    this.meaning.replaceChildren(make("span", { class: event.rejected ? "chip no" : "chip" }, verdict),
      ...event.slots.map((slot) => make("span", { class: "chip slot" }, make("small", {}, slot.name), ` ${typeof slot.value === "number" ? slot.text : readable(slot.value)}`)));
    const words = make("div", { class: "explanation" });
    const why = make("button", { type: "button", class: "quiet", onclick: async () => {
      why.disabled = true;
      words.replaceChildren(explained(await this.turns.explain(event.text)));
    } }, "What was each word taken for?");
    this.details.append(make("details", {},
      make("summary", {}, `Meaning: ${verdict}`, make("span", { class: "score" }, ` ${percent(event.score)}`), ...traits),
      slots.length ? make("table", {}, make("thead", {}, make("tr", {}, ...["slot", "words", "value"].map((name) => make("th", { scope: "col" }, name)))), make("tbody", {}, ...slots)) : null,
      unread, why, words));
  }

  state(state) {
    const known = Object.entries(state).filter(([, value]) => value !== null && !(typeof value === "object" && !Object.keys(value).length));
    this.details.append(make("details", {}, make("summary", {}, "State of the dialogue"),
      make("table", {}, make("tbody", {}, ...known.map(([name, value]) => make("tr", {}, make("th", { scope: "row" }, name),
        make("td", {}, nested(value))))))));
  }

  replied(event) {
    this.canvas = make("canvas", { class: "spectrogram", role: "img", "aria-label": "Spectrogram of the spoken reply", hidden: true });
    this.replay = make("button", { type: "button", class: "quiet", hidden: true, "aria-label": `Play again: ${event.text}`,
      onclick: () => this.turns.play(this.pieces) }, "Play again");
    this.answer.append(make("p", { class: "reply" }, make("span", { class: "hidden" }, "harken: "), event.text), this.canvas);
    this.actions.prepend(this.replay);
  }

  /** A piece of the spoken reply. */
  spoke(samples, rate) {
    this.pieces.push({ samples, rate });
  }

  /** All of it has come. */
  complete() {
    if (!this.pieces.length || !this.canvas) return;
    const whole = new Float32Array(this.pieces.reduce((sum, piece) => sum + piece.samples.length, 0));
    let place = 0;
    for (const { samples } of this.pieces) {
      whole.set(samples, place);
      place += samples.length;
    }
    this.canvas.hidden = this.replay.hidden = false;
    drawSpectrogram(this.canvas, whole);
  }

  /** The sound is no longer kept. */
  forget() {
    this.pieces = [];
    if (this.replay) this.replay.hidden = true;
  }

  failed(event) {
    this.answer.append(make("p", { class: "failed" }, `The stage “${event.stage}” failed: ${event.message}`));
  }

  /** How long each stage took. */
  took(message) {
    const total = Math.max(...Object.values(message.after_end), 1);
    let before = 0;
    const times = [];
    const parts = STEPS.filter(([step]) => step in message.after_end).map(([step, name]) => {
      const own = Math.max(0, message.after_end[step] - before);
      before = message.after_end[step];
      times.push(`${name} ${own.toFixed(0)}`);
      const part = make("span", { class: `step of-${step}`, title: `${name}: ${own.toFixed(0)} ms` });
      part.style.flexGrow = own / total;
      return part;
    });
    const processor = Object.entries(message.processor).map(([stage, took]) => `${stage} ${took.toFixed(0)} ms`).join(", ");
    this.bar.replaceChildren(
      make("div", { class: "bar", "aria-hidden": "true" }, ...parts),
      make("p", { class: "took", title: `Processor: ${processor}` }, `${before.toFixed(0)} ms from the end of the request to the ${"speech" in message.after_end ? "first sound" : "reply"}: ${times.join(", ")}`));
  }
}

/** A value of the state: short ones at once, long ones to open. */
function nested(value) {
  if (typeof value !== "object") return String(value);
  const flat = JSON.stringify(value).replaceAll('"', "").replaceAll(",", ", ").replaceAll(":", ": ");
  if (flat.length <= 70) return flat;
  return make("details", {}, make("summary", {}, `${Object.keys(value).length} entries`), make("pre", { tabindex: "0" }, JSON.stringify(value, null, 1)));
}

/** A value as people read it. */
function readable(value) {
  if (Array.isArray(value)) return value.map(readable).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The competing words, slot by slot. */
function network(event) {
  const rows = event.confusion.filter((bin) => bin.words[0][0] || bin.words[0][1] < 0.95).map((bin) =>
    make("li", {}, ...bin.words.slice(0, 4).map(([word, share], rank) => {
      const option = make("span", { class: rank ? "rival" : "best" }, word || "–", make("small", {}, ` ${percent(share)}`));
      option.style.backgroundSize = `${100 * share}% 3px`;
      return option;
    })));
  return make("details", {}, make("summary", {}, "Other words that were possible"), make("ol", { class: "network", tabindex: "0", "aria-label": "Competing words" }, ...rows));
}

function explained(message) {
  const words = message.words.map(([word, role]) => make("tr", { class: role ? "taken" : "" }, make("th", { scope: "row" }, word), make("td", {}, role)));
  return make("div", {}, make("p", {}, message.verdict), make("table", { class: "roles" }, make("tbody", {}, ...words)));
}
