// Makes pages quicker; nothing depends on it.
"use strict";

// Double clicks: a form is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) { event.preventDefault(); return; }
  if (form.method === "post") {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(() => { delete form.dataset.sent; }, 4000);
  }
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

// After a refused form the summary gets the focus.
const summary = document.querySelector(".error-summary");
if (summary) summary.focus();

// Select all in a table.
document.querySelectorAll("[data-select-all]").forEach((box) => box.addEventListener("change", () =>
  box.closest("form").querySelectorAll(`input[name="${box.dataset.selectAll}"]`).forEach((one) => { one.checked = box.checked; })));

// Long work: ask every second, then go where the answer says.
document.querySelectorAll("[data-poll]").forEach((box) => {
  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.poll, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      const bar = box.querySelector("progress");
      bar.max = Math.max(now.total, 1); bar.value = now.done;
      box.querySelector("[data-done]").textContent = now.done.toLocaleString();
      box.querySelector("[data-total]").textContent = now.total.toLocaleString();
      if (now.label) box.querySelector(".progress-label").textContent = now.label;
      if (now.url) { window.location.assign(now.url); return; }
    } catch { /* asked again below */ }
    window.setTimeout(ask, 1000);
  };
  window.setTimeout(ask, 700);
});

// Codes by typeahead: an ARIA combobox over an ordinary text field; several codes are separated by commas.
document.querySelectorAll("[data-typeahead]").forEach((input) => {
  const many = input.dataset.typeahead.includes("many=1");
  // What is sent are codes, in a hidden field; what is seen are their names, each with a button to take it away.
  const names = JSON.parse(input.dataset.names || "{}");
  const sent = document.createElement("input"), picked = document.createElement("ul");
  sent.type = "hidden"; sent.name = input.name; input.removeAttribute("name"); picked.className = "picked";
  let codes = input.value.split(/[\s,，]+/).filter((code) => code && names[code]);
  const told = () => { const typed = input.value.trim(); sent.value = many ? [...codes, typed].filter(Boolean).join(", ") : typed || codes[0] || ""; };
  const draw = () => {
    picked.replaceChildren(...codes.map((code) => {
      const row = document.createElement("li"), off = document.createElement("button");
      row.textContent = names[code]; off.type = "button"; off.textContent = "×"; off.setAttribute("aria-label", `${input.dataset.remove} ${names[code]}`);
      off.addEventListener("click", () => { codes = codes.filter((one) => one !== code); draw(); input.focus(); });
      row.append(off); return row;
    }));
    picked.hidden = !codes.length; told(); sent.dispatchEvent(new Event("change", { bubbles: true }));
  };
  input.value = input.value.split(/[\s,，]+/).filter((code) => code && !names[code]).join(", ");
  input.closest(".field").querySelector(".picked-names")?.remove();
  input.after(sent); input.closest(".with-unit").after(picked);
  const list = document.createElement("ul");
  list.className = "typeahead"; list.id = `${input.id}-list`; list.setAttribute("role", "listbox"); list.hidden = true;
  input.after(list);
  Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })
    .forEach(([name, value]) => input.setAttribute(name, value));
  let entries = [], at = -1, asked = 0;
  const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const last = () => (many ? input.value.split(/[,，]\s*/).pop() : input.value).trim();
  const choose = (entry) => {
    names[entry.code] = entry.label;
    codes = many ? [...codes.filter((one) => one !== entry.code), entry.code] : [entry.code];
    input.value = many ? input.value.split(/[,，]\s*/).slice(0, -1).filter(Boolean).map((one) => `${one}, `).join("") : "";
    draw(); close(); input.focus();
  };
  const mark = (next) => {
    const rows = list.children; if (!rows.length) return;
    if (rows[at]) rows[at].setAttribute("aria-selected", "false");
    at = (next + rows.length) % rows.length;
    rows[at].setAttribute("aria-selected", "true"); rows[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", rows[at].id);
  };
  draw();
  input.addEventListener("input", () => {
    told();
    const query = last(), turn = ++asked;
    if (!query) { close(); return; }
    window.setTimeout(async () => {
      if (turn !== asked) return;
      const url = new URL(input.dataset.typeahead, window.location.href);
      url.searchParams.set("q", query);
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (!answer.ok || turn !== asked) return;
      entries = await answer.json(); list.replaceChildren();
      entries.forEach((entry, number) => {
        const row = document.createElement("li");
        row.id = `${list.id}-${number}`; row.setAttribute("role", "option"); row.setAttribute("aria-selected", "false");
        row.textContent = entry.label;
        const hint = document.createElement("small"); hint.textContent = ` ${entry.hint || ""}`; row.append(hint);
        row.addEventListener("mousedown", (event) => { event.preventDefault(); choose(entry); });
        list.append(row);
      });
      list.hidden = !entries.length; at = -1; input.setAttribute("aria-expanded", String(!list.hidden));
    }, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); mark(at + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); mark(at - 1); }
    else if (event.key === "Enter" && at >= 0) { event.preventDefault(); choose(entries[at]); }
    else if (event.key === "Escape") close();
  });
  input.addEventListener("blur", () => window.setTimeout(close, 150));
});

// Live fragments: fetched again while a form is being filled; without a form once, and gone where there is nothing to say.
document.querySelectorAll("[data-live]").forEach((box) => {
  if (!box.dataset.form) {
    fetch(box.dataset.live).then(async (answer) => { if (answer.ok && !answer.redirected) { box.innerHTML = await answer.text(); box.hidden = !box.innerHTML.trim(); } }).catch(() => {});
    return;
  }
  const form = document.querySelector(box.dataset.form), asked = (box.dataset.fields || "").split(" "); let turn = 0;
  if (!form) return;
  const refresh = () => { const mine = ++turn; window.setTimeout(async () => {
    if (mine !== turn) return;
    const fields = new URLSearchParams([...new FormData(form)].filter(([name, v]) => asked.includes(name) && typeof v === "string" && v));
    const answer = await fetch(`${box.dataset.live}?${fields}`);
    if (answer.ok && mine === turn) box.innerHTML = await answer.text();
  }, 400); };
  form.addEventListener("input", refresh); form.addEventListener("change", refresh); refresh();
});

// Figures that move while a page is open: asked again every half minute, as long as somebody looks.
document.querySelectorAll("[data-demands]").forEach((box) => window.setInterval(async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(box.dataset.demands, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const now = await answer.json();
    document.querySelectorAll("[data-demand]").forEach((one) => { if (now[one.dataset.demand]) one.textContent = now[one.dataset.demand]; });
  } catch { /* asked again in half a minute */ }
}, 30000));
