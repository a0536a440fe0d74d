// The map: strips are drawn when they come into view, and a cursor moves over their sessions.

const SVG = "http://www.w3.org/2000/svg";
const rows = [...document.querySelectorAll("#map tbody tr")];
const views = { state: "State", source: "Source", bars: "Bars" };
const seen = { view: "state", marks: [], first: 0, last: 0, series: -1, place: -1 };
const map = document.getElementById("map");
const why = document.getElementById("why");
let cells;

const rect = (x, width, top, height) => `M${x} ${top}h${width}v${height}h-${width}z`;

// The class and the shape, as pairs of top and height, of a mark that stands for some dates.
function mark(series, [from, to]) {
  const found = [];
  for (let place = from; place < to; place += 1) {
    const at = cells.at(series, place);
    if (at >= 0) found.push([place, at]);
  }
  if (!found.length) return null;
  const rank = ([, at]) => data.worst.indexOf(cells.state(at));
  const [, worst] = found.reduce((a, b) => (rank(b) < rank(a) ? b : a));
  const state = cells.state(worst);
  const shape = data.shapes[state];
  if (seen.view === "state") return [state, shape];
  if (state !== "present") return [seen.view === "bars" ? state : `${state} faint`, shape];
  if (seen.view === "source") {
    const source = Math.max(...found.map(([, at]) => cells.source[at]));
    if (!source) return ["found", [[3, 6]]];
    return [`s${(source - 1) % 6}`, notched((source - 1) % 4)];
  }
  const odd = found.map(([place]) => cells.anomaly(series, place)).filter(Boolean);
  const least = Math.min(...found.map(([, at]) => cells.rows[at] - 1));
  const share = Math.min(1, least / (1.2 * cells.usual(series) || 1));
  const height = Math.max(1, Math.round(12 * share));
  if (odd.some(({ kind }) => kind !== "half day")) return ["odd", [[12 - height, height], [0, 1]]];
  return [odd.length ? "half" : "present", [[12 - height, height]]];
}

// One block, or several on top of each other: sources differ in shape, too.
function notched(notches) {
  const height = (12 - notches) / (notches + 1);
  return Array.from({ length: notches + 1 }, (_, n) => [n * (height + 1), height]);
}

function draw(row) {
  const series = Number(row.dataset.series);
  const svg = row.querySelector("svg");
  const paths = new Map();
  const gap = seen.marks.length > 130 ? 0 : 0.15;
  let run = null;
  const close = (end) => {
    if (!run) return;
    const width = end - run.start - gap;
    const d = run.shape.map(([top, height]) => rect(run.start, width, top, height)).join("");
    paths.set(run.name, (paths.get(run.name) ?? "") + d);
    run = null;
  };
  seen.marks.forEach((span, n) => {
    const found = mark(series, span);
    const key = found && found.join("|");
    if (gap || !run || run.key !== key) close(n);
    if (found && !run) run = { start: n, key, name: found[0], shape: found[1] };
  });
  close(seen.marks.length);
  svg.setAttribute("viewBox", `0 0 ${Math.max(1, seen.marks.length)} 12`);
  svg.replaceChildren(...[...paths].map(([name, d]) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    return path;
  }));
  row.drawn = seen.marks;
  row.view = seen.view;
}

const isStale = (row) => row.drawn !== seen.marks || row.view !== seen.view;
const near = new Set();
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) near.add(target); else near.delete(target);
    if (isIntersecting && isStale(target)) draw(target);
  }
}, { rootMargin: "300px" });

function redraw() {
  for (const row of near) draw(row);
  axis();
  cursor();
}

// Years, or months of one year or less, above the first mark of each.
function axis() {
  const labels = [];
  const dates = seen.marks.map(([from]) => date(from));
  const isYear = dates.at(-1) - dates[0] < 366 * 86400000;
  let before = "";
  dates.forEach((at, n) => {
    const name = isYear ? at.toLocaleString("en", { month: "short", timeZone: "UTC" }) : String(at.getUTCFullYear());
    if (name !== before) labels.push([n, name]);
    before = name;
  });
  document.getElementById("axis").replaceChildren(...labels.map(([n, name], i) => {
    const label = document.createElement("span");
    const [end] = labels[i + 1] ?? [seen.marks.length];
    label.style.left = `${(100 * n) / seen.marks.length}%`;
    label.style.width = `${(100 * (end - n)) / seen.marks.length}%`;
    label.textContent = name;
    return label;
  }));
}

// All of the time, or one year session by session.
function show(year) {
  seen.year = year;
  const chosen = document.querySelector(`input[name="Time"][value="${year ?? "all"}"]`);
  if (chosen) chosen.checked = true;
  if (year === null) {
    seen.marks = data.marks;
  } else {
    const places = data.dates.map((_, place) => place).filter((place) => date(place).getUTCFullYear() === year);
    seen.marks = places.map((place) => [place, place + 1]);
  }
  redraw();
}

function cursor() {
  document.querySelector(".cursor")?.remove();
  for (const row of document.querySelectorAll("tr.here")) row.classList.remove("here");
  const n = seen.marks.findIndex(([from, to]) => seen.place >= from && seen.place < to);
  if (seen.series < 0 || n < 0) return;
  const box = document.createElement("div");
  box.className = "cursor";
  box.style.left = `calc(${(100 * n) / seen.marks.length}% - 2px)`;
  box.style.width = `calc(${100 / seen.marks.length}% + 4px)`;
  rows[seen.series].classList.add("here");
  rows[seen.series].querySelector(".strip").append(box);
}
