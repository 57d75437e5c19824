// The microphone and the loudspeaker of the browser.

const HIGHEST_RATE = 48000; // Hz that the server takes

let context;
let loaded; // the worklet, once for all microphones

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
    loaded ??= audio.audioWorklet.addModule("worklet.js");
    await loaded;
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

/** Frames of 16-bit samples as a WAV file. */
export function wav(frames, rate) {
  const length = 2 * frames.reduce((sum, frame) => sum + frame.length, 0);
  const head = new DataView(new ArrayBuffer(44));
  const text = (place, letters) => [...letters].forEach((letter, index) => head.setUint8(place + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  head.setUint32(4, 36 + length, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, rate, true);
  head.setUint32(28, 2 * rate, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  text(36, "data");
  head.setUint32(40, length, true);
  return new Blob([head, ...frames], { type: "audio/wav" });
}

/** Plays the pieces of replies one after the other. `onSilent` is called when a complete reply has been played. */
export class Player {
  constructor(onSilent) {
    this.onSilent = onSilent;
    this.playing = new Set();
    this.next = 0;
    this.complete = null; // turn whose last piece has come
  }

  /** How loud it is at present, 0..1. */
  level() {
    if (!this.analyser || !this.playing.size) return 0;
    this.analyser.getFloatTimeDomainData(this.window);
    return Math.min(1, Math.sqrt(this.window.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)));
  }

  /** A piece: Float32Array and its rate. */
  play(samples, rate) {
    const audio = audioContext();
    audio.resume();
    const buffer = audio.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    const node = audio.createBufferSource();
    node.buffer = buffer;
    node.connect(this.output(audio));
    node.onended = () => {
      this.playing.delete(node);
      this.report();
    };
    this.next = Math.max(this.next, audio.currentTime + 0.03);
    node.start(this.next);
    this.next += buffer.duration;
    this.playing.add(node);
  }

  output(audio) {
    if (!this.analyser) {
      this.analyser = new AnalyserNode(audio, { fftSize: 2048 });
      this.window = new Float32Array(this.analyser.fftSize);
      this.analyser.connect(audio.destination);
    }
    return this.analyser;
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
