// The sessions: columns are taken apart, and told about.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;.=>?@^_`{|}~";
const VALUES = new Uint8Array(128);
[...DIGITS].forEach((digit, value) => { VALUES[digit.charCodeAt(0)] = value; });

// Base 85: five digits are four bytes.
function bytesOf(text) {
  const padded = text.padEnd(Math.ceil(text.length / 5) * 5, "~");
  const bytes = new Uint8Array((padded.length / 5) * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0, at = 0; i < padded.length; i += 5, at += 4) {
    let number = 0;
    for (let k = 0; k < 5; k += 1) number = number * 85 + VALUES[padded.charCodeAt(i + k)];
    view.setUint32(at, number);
  }
  return bytes.subarray(0, bytes.length - (padded.length - text.length));
}

async function unpacked(text) {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// The numbers of a column: its planes hold the lowest bytes of all of them, then the next ones.
async function column(name) {
  const { width, planes } = data[name];
  const bytes = await unpacked(planes);
  if (width === 1) return bytes;
  const count = bytes.length / width;
  const numbers = new Uint32Array(count);
  for (let plane = 0; plane < width; plane += 1) {
    for (let i = 0, at = plane * count; i < count; i += 1, at += 1) {
      numbers[i] += bytes[at] * 256 ** plane;
    }
  }
  return numbers;
}

class Cells {
  constructor(columns, anomalies) {
    Object.assign(this, columns);
    this.starts = [];
    let start = 0;
    for (const series of data.series) {
      this.starts.push(start);
      start += series.count;
    }
    this.odd = new Map();
    for (const [series, place, kind, usual, where] of anomalies) {
      this.odd.set(`${series} ${place}`, { kind, usual, where });
    }
    this.details = null;
  }

  // Where the columns hold a date of a series; negative where it has no session.
  at(series, place) {
    const { first, count } = data.series[series];
    if (place < first || place >= first + count) return -1;
    const at = this.starts[series] + place - first;
    return this.reason[at] ? at : -1;
  }

  state(at) {
    return data.reasons[this.reason[at] - 1][0];
  }

  anomaly(series, place) {
    return this.odd.get(`${series} ${place}`);
  }

  // Worth a visit: it lacks, or has too few bars.
  lacks(series, place) {
    const at = this.at(series, place);
    if (at < 0) return false;
    const odd = this.anomaly(series, place);
    return ["missing", "damaged"].includes(this.state(at)) || (odd && odd.kind !== "half day");
  }

  // The median number of bars of a series.
  usual(series) {
    this.medians ??= [];
    if (this.medians[series] === undefined) {
      const start = this.starts[series];
      const rows = this.rows.slice(start, start + data.series[series].count).filter((n) => n > 1);
      rows.sort();
      this.medians[series] = rows.length ? rows[rows.length >> 1] - 1 : 0;
    }
    return this.medians[series];
  }

  // Request ids and digests are large: they are taken apart when the first one is wanted.
  more() {
    this.details ??= Promise.all([
      "request" in data ? column("request") : null,
      "digest" in data ? column("digest") : null,
      "requests" in data ? unpacked(data.requests) : null,
    ]).then(([request, digest, texts]) => ({
      request,
      digest,
      texts: texts ? new TextDecoder().decode(texts).split("\n") : [],
    }));
    return this.details;
  }
}

function date(place) {
  return new Date((data.dates[place] - 719163) * 86400000);
}

function day(place) {
  return date(place).toISOString().slice(0, 10);
}

// What is known of a session, as pairs of a name and a text.
async function facts(cells, series, place) {
  const at = cells.at(series, place);
  const found = [];
  const odd = cells.anomaly(series, place);
  const rows = cells.rows[at] - 1;
  if (rows >= 0) {
    const source = data.sources[cells.source[at]];
    found.push(["Source", source || "not leanfeed"]);
    const time = data.times[cells.time[at]];
    if (time) found.push(["Since", `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`]);
    found.push(["Bars", odd ? `${rows}, ${odd.usual} are usual` : `${rows}`]);
  }
  if (odd) found.push(["Bar count", odd.where ? `${odd.kind}: ${odd.where}` : odd.kind]);
  if (cells.fallback[at]) found.push(["Asked after", data.fallbacks[cells.fallback[at]]]);
  const { request, digest, texts } = await cells.more();
  if (request && request[at]) found.push(["Request id", texts[request[at]]]);
  if (digest && digest[at]) found.push(["Digest", digest[at].toString(16).padStart(8, "0")]);
  const digits = day(place).replaceAll("-", "");
  const path = data.series[series].path.replace("*", digits).replace("?", digits.slice(0, 4));
  found.push(["File", path]);
  const isSmall = rows < 0 || !data.left_out.length;
  if (rows < 0 || data.left_out.length) {
    const name = isSmall ? "More" : `No ${data.left_out.join(", no ")} on a page so large`;
    found.push([name, `leanfeed why ${data.folder}/${path} ${day(place)}`]);
  }
  return found;
}
