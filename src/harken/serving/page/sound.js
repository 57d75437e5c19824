// The microphone and the loudspeaker of the browser.

const HIGHEST_RATE = 48000; // Hz that the server takes

let context;

/** The one audio context; it stays silent until somebody has clicked something. */
export function audioContext() {
  if (!context) {
    context = new AudioContext();
    if (context.sampleRate > HIGHEST_RATE) context = new AudioContext({ sampleRate: HIGHEST_RATE });
  }
  return context;
}

/** The microphone. `onFrame` gets an Int16Array every 80 ms while it is on. */
export class Microphone {
  constructor(onFrame) {
    this.onFrame = onFrame;
    this.stream = null;
  }

  get on() {
    return this.stream !== null;
  }

  /** Switch it on; the browser asks the user the first time. */
  async start() {
    if (this.on) return;
    if (!navigator.mediaDevices) throw new Error("the browser gives the microphone only to pages from https or localhost");
    const audio = audioContext();
    await audio.resume();
    if (!this.loaded) {
      await audio.audioWorklet.addModule("worklet.js");
      this.loaded = true;
    }
    this.stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, autoGainControl: true, noiseSuppression: false },
    });
    this.source = audio.createMediaStreamSource(this.stream);
    this.capture = new AudioWorkletNode(audio, "capture", { numberOfOutputs: 0 });
    this.capture.port.onmessage = ({ data }) => this.on && this.onFrame(new Int16Array(data));
    this.source.connect(this.capture);
    this.stream.getAudioTracks()[0].addEventListener("ended", () => this.stop());
  }

  /** Switch it off; the browser's sign disappears. */
  stop() {
    if (!this.on) return;
    for (const track of this.stream.getTracks()) track.stop();
    this.source.disconnect();
    this.capture.disconnect();
    this.stream = null;
  }
}

/** Plays the pieces of replies one after the other. `onSilent` is called when a complete reply has been played. */
export class Player {
  constructor(onSilent) {
    this.onSilent = onSilent;
    this.playing = new Set();
    this.next = 0;
    this.complete = null; // turn whose last piece has come
  }

  /** A piece: Float32Array and its rate. */
  play(samples, rate) {
    const audio = audioContext();
    audio.resume();
    const buffer = audio.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    const node = audio.createBufferSource();
    node.buffer = buffer;
    node.connect(audio.destination);
    node.onended = () => {
      this.playing.delete(node);
      this.report();
    };
    this.next = Math.max(this.next, audio.currentTime + 0.03);
    node.start(this.next);
    this.next += buffer.duration;
    this.playing.add(node);
  }

  /** All of a reply has come. */
  finish(turn) {
    // A page that nobody has clicked yet may not make a sound: nothing will ever end there.
    if (audioContext().state !== "running") this.stop();
    this.complete = turn;
    this.report();
  }

  report() {
    if (this.complete === null || this.playing.size) return;
    const turn = this.complete;
    this.complete = null;
    this.onSilent(turn);
  }

  /** Fall silent. */
  stop() {
    for (const node of this.playing) {
      node.onended = null;
      node.stop();
    }
    this.playing.clear();
    this.next = 0;
    this.complete = null;
  }
}
