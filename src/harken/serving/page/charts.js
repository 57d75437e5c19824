// Drawings on canvases: waveform, scores over time, spectrogram. They take their colours from the style sheet.

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const CALM_EVERY = 500; // ms between two drawings when motion is unwelcome

function prepared(canvas) {
  const scale = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

const probe = document.createElement("span");
probe.hidden = true;

/** A colour of the style sheet, as it is in the current theme. */
function colour(name) {
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

class Chart {
  constructor(canvas) {
    this.canvas = canvas;
    this.drawn = 0;
    this.waiting = false;
    new ResizeObserver(() => this.changed()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.changed());
  }

  changed() {
    if (this.waiting) return;
    this.waiting = true;
    const pause = calm.matches ? Math.max(0, CALM_EVERY - (performance.now() - this.drawn)) : 0;
    setTimeout(() => requestAnimationFrame(() => {
      this.waiting = false;
      this.drawn = performance.now();
      this.draw();
    }), pause);
  }
}

/** Peaks of the microphone, newest at the right. */
export class Waveform extends Chart {
  constructor(canvas) {
    super(canvas);
    this.peaks = new Array(160).fill(0);
  }

  add(samples) {
    const step = Math.ceil(samples.length / 4);
    for (let first = 0; first < samples.length; first += step) {
      let peak = 0;
      for (let place = first; place < Math.min(first + step, samples.length); place++) {
        peak = Math.max(peak, Math.abs(samples[place]));
      }
      this.peaks.push(peak / 32768);
      this.peaks.shift();
    }
    this.changed();
  }

  draw() {
    const { pen, width, height } = prepared(this.canvas);
    const gap = width / this.peaks.length;
    pen.fillStyle = colour("--accent");
    this.peaks.forEach((peak, place) => {
      const size = Math.max(1.5, Math.sqrt(peak) * height * 0.92);
      pen.globalAlpha = 0.25 + 0.75 * (place / this.peaks.length);
      pen.beginPath();
      pen.roundRect(place * gap, (height - size) / 2, Math.max(1, gap * 0.6), size, gap * 0.3);
      pen.fill();
    });
  }
}

/** Scores over the last 20 s. */
export class Scores extends Chart {
  constructor(canvas) {
    super(canvas);
    this.speech = new Array(250).fill(0);
    this.wake = new Array(250).fill(0);
    this.own = new Array(250).fill(0);
  }

  add(speech, wake, own) {
    for (const [values, value] of [[this.speech, speech], [this.wake, wake], [this.own, own]]) {
      values.push(value);
      values.shift();
    }
    this.changed();
  }

  draw() {
    const { pen, width, height } = prepared(this.canvas);
    pen.strokeStyle = colour("--line");
    for (const share of [0.02, 0.5, 0.98]) {
      pen.beginPath();
      pen.moveTo(0, height * share);
      pen.lineTo(width, height * share);
      pen.stroke();
    }
    this.line(pen, this.own, width, height, colour("--own"), [1, 2], true);
    this.line(pen, this.speech, width, height, colour("--speech"), [], true);
    this.line(pen, this.wake, width, height, colour("--wake"), [4, 3], false);
  }

  line(pen, values, width, height, stroke, dash, filled) {
    pen.setLineDash(dash);
    pen.lineWidth = 2;
    pen.strokeStyle = pen.fillStyle = stroke;
    pen.beginPath();
    values.forEach((value, place) => pen.lineTo((place / (values.length - 1)) * width, height * (0.98 - 0.96 * value)));
    pen.stroke();
    pen.setLineDash([]);
    if (!filled) return;
    pen.lineTo(width, height);
    pen.lineTo(0, height);
    pen.globalAlpha = 0.15;
    pen.fill();
    pen.globalAlpha = 1;
  }
}

const WINDOW = 512; // samples: 32 ms at 16 kHz
const BANDS = 96; // of the 256 frequencies, joined

/** Draw the spectrogram of samples, 0 to 8 kHz at 16 kHz, time from left to right. */
export function drawSpectrogram(canvas, samples) {
  const { pen, width, height } = prepared(canvas);
  const columns = Math.max(1, Math.floor(width));
  const hop = Math.max(1, Math.floor((samples.length - WINDOW) / columns));
  const [low, high] = [colour("--spectrum-low"), colour("--spectrum-high")];
  pen.fillStyle = low;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = high;
  for (let column = 0; column * hop + WINDOW <= samples.length && column < columns; column++) {
    const powers = spectrum(samples.subarray(column * hop, column * hop + WINDOW));
    const band = powers.length / BANDS;
    for (let row = 0; row < BANDS; row++) {
      let sum = 0;
      for (let place = Math.floor(row * band); place < Math.floor((row + 1) * band); place++) sum += powers[place];
      const loud = Math.min(1, Math.max(0, (Math.log10(sum + 1e-9) + 5) / 7));
      if (loud < 0.04) continue;
      pen.globalAlpha = loud * loud;
      pen.fillRect(column, height * (1 - (row + 1) / BANDS), 1.2, height / BANDS + 0.5);
    }
  }
  pen.globalAlpha = 1;
}

/** Powers [256] of a window of 512 samples: a fast Fourier transform (radix 2). */
function spectrum(samples) {
  const size = WINDOW;
  const real = new Float32Array(size);
  const imaginary = new Float32Array(size);
  for (let place = 0, bits = Math.log2(size); place < size; place++) {
    let turned = 0;
    for (let bit = 0; bit < bits; bit++) turned |= ((place >> bit) & 1) << (bits - 1 - bit);
    real[turned] = samples[place] * (0.5 - 0.5 * Math.cos((2 * Math.PI * place) / (size - 1)));
  }
  for (let span = 2; span <= size; span *= 2) {
    for (let start = 0; start < size; start += span) {
      for (let place = 0; place < span / 2; place++) {
        const angle = (-2 * Math.PI * place) / span;
        const [one, two] = [start + place, start + place + span / 2];
        const re = Math.cos(angle) * real[two] - Math.sin(angle) * imaginary[two];
        const im = Math.sin(angle) * real[two] + Math.cos(angle) * imaginary[two];
        real[two] = real[one] - re;
        imaginary[two] = imaginary[one] - im;
        real[one] += re;
        imaginary[one] += im;
      }
    }
  }
  return Array.from({ length: size / 2 }, (_, place) => real[place] ** 2 + imaginary[place] ** 2);
}
