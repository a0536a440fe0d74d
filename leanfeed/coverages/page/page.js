// What people do: choose, search, point, move by keys, and ask why.

const element = (name, text = "", more = {}) => Object.assign(document.createElement(name), { textContent: text }, more);

async function tell() {
  const { series, place } = seen;
  const at = cells.at(series, place);
  if (at < 0) return;
  const [state, reason] = data.reasons[cells.reason[at] - 1];
  const found = await facts(cells, series, place);
  if (series !== seen.series || place !== seen.place) return; // it has moved on
  const { name, resolution } = data.series[series];
  const title = element("h3", `${resolution} ${name} on ${day(place)}: ${data.words[state]}`);
  const swatch = document.querySelector(`.legend path.${state}`)?.parentNode.cloneNode(true);
  if (swatch) title.prepend(swatch);
  const list = element("dl");
  for (const [term, text] of found) {
    const group = element("div");
    group.append(element("dt", term), element("dd", text));
    list.append(group);
  }
  why.replaceChildren(title, element("p", reason, { className: "quiet" }), list);
  why.hidden = false;
}

function go(series, place) {
  if (cells.at(series, place) < 0) return;
  Object.assign(seen, { series, place });
  if (!seen.marks.some(([from, to]) => place >= from && place < to)) show(date(place).getUTCFullYear());
  cursor();
  rows[series].scrollIntoView({ block: "nearest" });
  tell();
}

// The worst session of a mark stands for it.
function worst(series, [from, to]) {
  let found = -1;
  let least = Infinity;
  for (let place = from; place < to; place += 1) {
    const at = cells.at(series, place);
    const odd = at >= 0 && cells.lacks(series, place) ? 0 : 0.5;
    const rank = at < 0 ? Infinity : data.worst.indexOf(cells.state(at)) + odd;
    if (rank < least) [found, least] = [place, rank];
  }
  return found;
}

const shown = () => rows.filter((row) => !row.hidden).map((row) => Number(row.dataset.series));
const markOf = (place) => seen.marks.findIndex(([from, to]) => place >= from && place < to);

// To the nearest mark of the series, from one on in a direction.
function along(series, n, step) {
  for (let i = n; i >= 0 && i < seen.marks.length; i += step) {
    const place = worst(series, seen.marks[i]);
    if (place >= 0) return go(series, place);
  }
  return undefined;
}

function across(step) {
  const order = shown();
  const n = Math.max(0, markOf(seen.place));
  for (let i = order.indexOf(seen.series) + step; i >= 0 && i < order.length; i += step) {
    const place = worst(order[i], seen.marks[n]);
    if (place >= 0) return go(order[i], place);
  }
  return undefined;
}

// The next session that lacks or is odd: along the series, then in those below or above.
function lacking(step) {
  const order = shown();
  let place = seen.place + step;
  for (let i = Math.max(0, order.indexOf(seen.series)); i >= 0 && i < order.length; i += step) {
    const { first, count } = data.series[order[i]];
    for (; place >= first && place < first + count; place += step) {
      if (cells.lacks(order[i], place)) return go(order[i], place);
    }
    const next = data.series[order[i + step]];
    if (next) place = step > 0 ? next.first : next.first + next.count - 1;
  }
  return undefined;
}

function begin() {
  const order = shown();
  if (seen.series < 0 && order.length) along(order[0], 0, 1);
}

const keys = {
  ArrowRight: () => along(seen.series, markOf(seen.place) + 1, 1),
  ArrowLeft: () => along(seen.series, markOf(seen.place) - 1, -1),
  ArrowDown: () => across(1),
  ArrowUp: () => across(-1),
  Home: () => along(seen.series, 0, 1),
  End: () => along(seen.series, seen.marks.length - 1, -1),
  n: () => lacking(1),
  p: () => lacking(-1),
  Escape: () => { why.hidden = true; },
};

function choices(name, options, chosen, choose) {
  const set = element("fieldset");
  set.setAttribute("aria-label", name);
  for (const [value, text] of options) {
    const input = element("input", "", { type: "radio", name, value: value ?? "all", checked: value === chosen });
    input.addEventListener("change", () => choose(value));
    const label = element("label", "", { className: "choice" });
    label.append(input, element("span", text));
    set.append(label);
  }
  return set;
}

function legend() {
  const key = document.querySelector(".key");
  const parts = { state: [], source: [], bars: [["half", "half day"], ["odd", "too few bars"]] };
  parts.source = data.sources.slice(1).map((name, n) => [`s${n % 6}`, name, notched(n % 4)]);
  parts.source.push(["found", "on disk, not by leanfeed", [[3, 6]]]);
  key.innerHTML = "";
  for (const [name, text, shape = [[0, 12]]] of parts[seen.view]) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "swatch");
    svg.setAttribute("viewBox", "0 0 12 12");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", shape.map(([top, height]) => rect(0, 12, top, height)).join(""));
    svg.append(path);
    const item = element("i");
    item.append(svg, text);
    key.append(item);
  }
}

function controls() {
  const bar = document.getElementById("controls");
  const search = element("input", "", { type: "search", placeholder: "Find a series" });
  search.setAttribute("aria-label", "Find a series");
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
  });
  const years = [...new Set(data.dates.map((_, place) => date(place).getUTCFullYear()))];
  bar.append(search, choices("Colour by", Object.entries(views), "state", (view) => {
    seen.view = view;
    legend();
    redraw();
  }));
  if (years.length > 1) {
    const options = [[null, "All"], ...years.map((year) => [year, String(year)])];
    bar.append(choices("Time", options, null, show));
  }
  for (const [text, step] of [["Previous gap", -1], ["Next gap", 1]]) {
    bar.append(element("button", text, { type: "button", onclick: () => { begin(); lacking(step); } }));
  }
  bar.append(element("div", "", { className: "key" }));
  bar.hidden = false;
}

function point(event) {
  const row = event.target.closest("tr[data-series]");
  const strip = event.target.closest("td.strip");
  if (!row || !strip) return;
  const { left, width } = strip.querySelector("svg").getBoundingClientRect();
  const n = Math.floor(((event.clientX - left) / width) * seen.marks.length);
  const span = seen.marks[Math.min(seen.marks.length - 1, Math.max(0, n))];
  const place = worst(Number(row.dataset.series), span);
  if (place >= 0) go(Number(row.dataset.series), place);
}

async function start() {
  const names = ["reason", "source", "rows", "time", "fallback"];
  const columns = await Promise.all(names.map(column));
  const anomalies = JSON.parse(new TextDecoder().decode(await unpacked(data.anomalies)));
  cells = new Cells(Object.fromEntries(names.map((name, n) => [name, columns[n]])), anomalies);
  controls();
  map.tabIndex = 0;
  map.setAttribute("role", "group");
  map.setAttribute("aria-label", "Map of sessions");
  map.setAttribute("aria-describedby", "keys");
  document.getElementById("keys").hidden = false;
  map.addEventListener("focus", begin);
  map.addEventListener("click", point);
  map.addEventListener("keydown", (event) => {
    const key = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    begin();
    if (seen.series >= 0) key();
  });
  for (const row of document.querySelectorAll("#odd tr[data-date]")) {
    const cell = row.cells[1];
    const text = cell.textContent;
    const place = data.dates.findIndex((_, n) => day(n) === text);
    cell.replaceChildren(element("button", text, { type: "button", onclick: () => go(Number(row.dataset.series), place) }));
  }
  window.addEventListener("beforeprint", () => rows.filter(isStale).forEach(draw));
  show(null);
  for (const row of rows) watcher.observe(row);
  performance.mark("ready");
  document.documentElement.dataset.ready = "yes";
}

start();
