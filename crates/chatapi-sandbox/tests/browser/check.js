// What must hold on every page for people with a keyboard, a screen reader or weak eyes. Gives back a
// list of complaints.
const complaints = [];
const name = (e) => `<${e.tagName.toLowerCase()}${e.id ? ` id=${e.id}` : ""} class="${e.getAttribute("class") ?? ""}">`;
const all = (selector) => [...document.querySelectorAll(selector)];

const ids = new Set();
for (const e of all("[id]")) {
  if (ids.has(e.id)) complaints.push(`id ${e.id} is there twice`);
  ids.add(e.id);
}
for (const e of all("[aria-labelledby]")) {
  for (const id of e.getAttribute("aria-labelledby").split(" ")) {
    if (!ids.has(id)) complaints.push(`${name(e)} is labelled by ${id}, which is not there`);
  }
}
for (const e of all("input:not([type=hidden]), select, textarea")) {
  const label = e.getAttribute("aria-label") ?? [...(e.labels ?? [])].map((l) => l.textContent).join("");
  if (!label.trim()) complaints.push(`${name(e)} has no label`);
}
for (const e of all("button, a[href], summary")) {
  const text = e.getAttribute("aria-label") ?? e.textContent;
  if (!text.trim()) complaints.push(`${name(e)} has no name`);
}
for (const e of all("button")) if (!e.type) complaints.push(`${name(e)} has no type`);
for (const e of all("img")) if (!e.hasAttribute("alt")) complaints.push(`${name(e)} has no alt`);
for (const e of all("svg")) {
  if (e.getAttribute("aria-hidden") !== "true" && !e.getAttribute("aria-label")) complaints.push(`${name(e)} is neither hidden nor named`);
}
for (const [selector, count] of [["main", 1], ["header", 1], ["nav[aria-label=Main]", 1], ["h1", 1], [".skip", 1]]) {
  const there = all(selector).filter((e) => selector !== "header" || e.classList.contains("top")).length;
  if (there !== count) complaints.push(`there are ${there} of ${selector}, not ${count}`);
}
let level = 1;
for (const e of all("h1, h2, h3, h4")) {
  if (e.closest("dialog")) continue;
  const here = Number(e.tagName[1]);
  if (here > level + 1) complaints.push(`${name(e)} skips a level after h${level}`);
  level = here;
}
if (!document.documentElement.lang) complaints.push("the document has no language");
if (all("[style], [onclick], style, script:not([src])").length) complaints.push("there is inline code");
if (document.documentElement.scrollWidth > innerWidth) complaints.push(`the page is ${document.documentElement.scrollWidth} px wide in a window of ${innerWidth}`);
for (const e of all(".scroll")) {
  if (e.scrollWidth > e.clientWidth) complaints.push(`${name(e)} hides ${e.scrollWidth - e.clientWidth} px of what stands in it`);
}

// What stands side by side stands beside each other.
for (const row of all(".pane-head, .head, .control, .card .bar, .composer, .top, .tools, .steps li, .log tbody tr")) {
  const boxes = [...row.children].filter((e) => e.checkVisibility() && !e.matches(".sr, details")).map((e) => [e, e.getBoundingClientRect()]);
  for (const [i, [e, a]] of boxes.entries()) {
    for (const [other, b] of boxes.slice(i + 1)) {
      const [wide, high] = [Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
      if (wide > 1 && high > 1 && getComputedStyle(other).position === "static") complaints.push(`${name(e)} lies over ${name(other)}`);
    }
  }
  if (row.scrollWidth > row.clientWidth + 1) complaints.push(`${name(row)} is too narrow for what stands in it`);
}
for (const e of all("button, .badge, .tag, .tabs a")) {
  if (e.checkVisibility() && e.scrollWidth > e.clientWidth + 1) complaints.push(`${name(e)} is too narrow for its text`);
}

// Contrast of every text that can be seen: 4.5 to 1.
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const color = (text) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = text;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
const luminance = (c) => {
  const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (e) => {
  const layers = [];
  for (let at = e; at; at = at.parentElement) {
    const layer = color(getComputedStyle(at).backgroundColor);
    layers.push(layer);
    if (layer[3] === 1) break;
  }
  return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
};
const seen = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const e = node.parentElement;
  if (!node.data.trim() || seen.has(e) || e.closest(".sr, .skip, noscript, :disabled")) continue;
  seen.add(e);
  if (!e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
  const below = ground(e);
  const ink = over(color(getComputedStyle(e).color), below);
  const [dark, light] = [luminance(ink), luminance(below)].sort((a, b) => a - b);
  const ratio = (light + 0.05) / (dark + 0.05);
  if (ratio < 4.5) complaints.push(`"${node.data.trim().slice(0, 40)}" in ${name(e)} has a contrast of ${ratio.toFixed(2)}`);
}
return complaints;
