"use strict";
// One item at a time. Texts of the pool only ever become text nodes; nothing is built from strings of HTML.
const sheet = JSON.parse(document.getElementById("sheet").textContent);
const at = (id) => document.getElementById(id);
const IMAGE = /^(?!https?:|\/\/)[^\n]+\.(png|jpe?g|gif|webp|bmp|avif)$/i;
const PICTURE = /^data:image\/(png|jpeg|gif|webp|bmp|avif);base64,/i;
const KEPT = "alcli " + sheet.key;
let answers = {};
let given = [];
let here = 0;

function keep() {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ answers, given, here }));
  } catch {
    at("notice").textContent = "This browser keeps nothing: save the answers before you close the page.";
  }
}

function remember() {
  for (const [row, [label, comment]] of Object.entries(sheet.before)) answers[row] = { label, comment };
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(KEPT));
  } catch {
    kept = null;
  }
  if (kept !== null && typeof kept === "object") {
    answers = Object.assign(answers, kept.answers);
    given = kept.given ?? [];
    here = Math.min(kept.here ?? 0, sheet.rows.length - 1);
  } else {
    here = Math.max(0, sheet.rows.findIndex((row, number) => !answered(number)));
  }
}

const answered = (row) => Boolean(answers[row]?.label);
const count = () => sheet.rows.filter((row, number) => answered(number)).length;

function part(name, text) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  return element;
}

function shownValue(text) {
  const place = part("dd");
  if (IMAGE.test(text) || PICTURE.test(text)) {
    const image = part("img");
    image.src = text;
    image.alt = PICTURE.test(text) ? "picture" : text;
    image.addEventListener("error", () => place.replaceChildren(document.createTextNode(text)), { once: true });
    place.append(image);
  } else {
    place.textContent = text;
  }
  return place;
}

function show() {
  const row = sheet.rows[here];
  const done = count();
  at("where").textContent = `${here + 1} of ${sheet.rows.length}; ${done} answered, ${sheet.rows.length - done} left`;
  at("bar").max = sheet.rows.length;
  at("bar").value = done;
  at("shown").replaceChildren(
    ...sheet.shown.flatMap((name, number) => [part("dt", name), shownValue(row[number + 1])]),
  );
  if (sheet.shown.length === 0) at("shown").replaceChildren(part("dt", sheet.header[0]), part("dd", row[0]));
  const guess = sheet.guesses[here];
  at("guess").hidden = !guess;
  if (guess) at("guess").textContent = `The model's guess: ${guess[0]}` + (guess[1] ? ` (${guess[1]})` : "");
  at("why").hidden = !sheet.why;
  if (sheet.why) {
    const [chosen, nearest] = sheet.why[here];
    at("why").replaceChildren(
      ...[chosen && `Chosen by ${chosen}`, nearest && "Labelled rows that are most like it:", ...nearest.split("\n")]
        .filter(Boolean)
        .map((line) => part("p", line)),
    );
  }
  const said = answers[here]?.label;
  for (const button of at("labels").children) {
    button.setAttribute("aria-pressed", String(button.dataset.label === said));
  }
  at("skip").setAttribute("aria-pressed", String(sheet.skip !== "" && said === sheet.skip));
  at("comment").value = answers[here]?.comment ?? "";
  at("back").disabled = here === 0;
  at("next").disabled = here === sheet.rows.length - 1;
  at("undo").disabled = given.length === 0;
  window.scrollTo(0, 0);
}

// Instructions come as blocks of text, never as HTML.
function styled(spans = []) {
  return spans.map((span) => {
    let piece = document.createTextNode(span.text);
    for (const [style, name] of [["code", "code"], ["italic", "em"], ["bold", "strong"]]) {
      if (!span[style]) continue;
      const around = part(name);
      around.append(piece);
      piece = around;
    }
    if (!/^(https?:\/\/|mailto:)/i.test(span.link ?? "")) return piece;
    const link = part("a");
    Object.assign(link, { href: span.link, target: "_blank", rel: "noopener noreferrer" });
    link.append(piece);
    return link;
  });
}

function withText(name, spans) {
  const element = part(name);
  element.append(...styled(spans));
  return element;
}

function tabled(rows) {
  const table = part("table");
  table.style.setProperty("--columns", rows[0].length);
  rows.forEach((cells, number) => {
    const row = part("tr");
    row.append(...cells.map((cell) => withText(number === 0 ? "th" : "td", cell)));
    table.append(row);
  });
  return table;
}

const NAMED = { paragraph: "p", quote: "blockquote", code: "pre" };

function instruct() {
  const guide = at("guide");
  let lists = []; // those that are open, from the outermost in
  for (const block of sheet.instructions) {
    if (block.kind !== "item") lists = [];
    if (block.kind === "item") {
      const level = block.level ?? 0;
      const kind = block.mark === "•" ? "UL" : "OL";
      lists = lists.slice(0, level + 1);
      if (lists[level]?.tagName !== kind) {
        const list = part(kind);
        const around = level > 0 ? lists[level - 1]?.lastElementChild : null;
        (around ?? guide).append(list);
        lists[level] = list;
      }
      const item = withText("li", block.spans);
      if (kind === "OL") item.value = Number.parseInt(block.mark, 10);
      lists[level].append(item);
    } else if (block.kind === "heading") guide.append(withText(`h${Math.min(4, block.level + 1)}`, block.spans));
    else if (block.kind === "table") guide.append(tabled(block.rows));
    else if (block.kind === "rule") guide.append(part("hr"));
    else guide.append(withText(NAMED[block.kind], block.spans));
  }
  at("instructions").hidden = sheet.instructions.length === 0;
  // who begins reads them first; whoever goes on has them at hand
  at("instructions").open = count() === 0;
}

function go(row) {
  here = Math.max(0, Math.min(sheet.rows.length - 1, row));
  keep();
  show();
}

function answer(label) {
  given.push([here, answers[here]?.label ?? ""]);
  answers[here] = { label, comment: answers[here]?.comment ?? "" };
  const after = sheet.rows.findIndex((row, number) => number > here && !answered(number));
  const open = after >= 0 ? after : sheet.rows.findIndex((row, number) => !answered(number));
  const told = `${label} for item ${here + 1}.`;
  if (open < 0) {
    at("said").textContent = `${told} All are answered: save the answers.`;
    at("notice").textContent = "All are answered. Save the answers and send the file back.";
    keep();
    show();
    at("save").focus();
  } else {
    at("said").textContent = told;
    go(open);
  }
}

function undo() {
  const last = given.pop();
  if (last === undefined) return;
  const [row, before] = last;
  answers[row] = { label: before, comment: answers[row]?.comment ?? "" };
  at("notice").textContent = "";
  at("said").textContent = `Item ${row + 1} is open again.`;
  go(row);
}

// As in every sheet: what a spreadsheet would run gets an apostrophe, which is taken off on the way back.
function harmless(text) {
  const bare = text.replace(/^'+/, "");
  if (/^-\d+([.,]\d+)?([eE][-+]?\d+)?$/.test(bare) || bare === "") return text;
  if (/^[\t\r\n]/.test(bare) || /^[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(bare.trimStart())) return "'" + text;
  return text;
}

const cell = (text) => (/[",\r\n;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function save() {
  const lines = [sheet.header];
  sheet.rows.forEach((row, number) => {
    const said = answers[number] ?? { label: "", comment: "" };
    lines.push([...row.slice(0, -1), said.label, said.comment.trim(), row.at(-1)].map(harmless));
  });
  // the mark at the beginning tells a spreadsheet that this is UTF-8
  const text = "\ufeff" + lines.map((line) => line.map(cell).join(",") + "\n").join("");
  const link = part("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = sheet.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  const done = count();
  at("notice").textContent = `${done} of ${sheet.rows.length} answers saved as ${sheet.file}: send that file back.`;
}

function labels() {
  sheet.classes.forEach((name, number) => {
    const button = part("button");
    button.type = "button";
    button.dataset.label = name;
    const key = sheet.keys.classes[number];
    if (key !== "") {
      button.append(part("kbd", key));
      button.dataset.key = key;
      button.setAttribute("aria-keyshortcuts", key);
    }
    button.append(document.createTextNode(name));
    button.addEventListener("click", () => answer(name));
    at("labels").append(button);
  });
  at("find-line").hidden = sheet.classes.length <= 12;
  at("find").addEventListener("input", () => {
    const wanted = at("find").value.trim().toLowerCase();
    for (const button of at("labels").children) {
      button.hidden = !button.dataset.label.toLowerCase().includes(wanted);
    }
  });
  at("find").addEventListener("keydown", (event) => {
    const open = [...at("labels").children].filter((button) => !button.hidden);
    if (event.key === "Enter" && open.length === 1) {
      at("find").value = "";
      at("find").dispatchEvent(new Event("input"));
      open[0].click();
    }
  });
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const writing = event.target === at("comment") || event.target === at("find");
  if (writing) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const key = event.key.toLowerCase();
  const button = [...at("labels").children].find((each) => each.dataset.key === key);
  if (button) button.click();
  else if (key === sheet.keys.skip) at("skip").click();
  else if (key === sheet.keys.undo) undo();
  else if (key === sheet.keys.comment) at("comment").focus();
  else if (event.key === "ArrowRight") go(here + 1);
  else if (event.key === "ArrowLeft") go(here - 1);
  else return;
  event.preventDefault();
}

function actionKeys() {
  for (const action of ["skip", "undo", "comment"]) {
    at(`${action}-key`).textContent = sheet.keys[action];
    at(action).title = sheet.keys[action];
    at(action).setAttribute("aria-keyshortcuts", sheet.keys[action]);
  }
}

labels();
actionKeys();
remember();
instruct();
at("skip").hidden = sheet.skip === "";
at("skip").addEventListener("click", () => answer(sheet.skip));
at("back").addEventListener("click", () => go(here - 1));
at("next").addEventListener("click", () => go(here + 1));
at("undo").addEventListener("click", undo);
at("save").addEventListener("click", save);
at("comment").addEventListener("input", () => {
  answers[here] = { label: answers[here]?.label ?? "", comment: at("comment").value };
  keep();
});
document.addEventListener("keydown", pressed);
document.title = sheet.title;
show();
