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
  // A skill may carry a level, as in plc:3; what is kept apart here is sent together.
  const steps = JSON.parse(input.dataset.levels || "[]"), levels = {};
  const bare = (code) => { const level = steps.length && /^(.+):([0-9])$/.exec(code); if (!level) return code; levels[level[1]] = level[2]; return level[1]; };
  const whole = (code) => (levels[code] ? `${code}:${levels[code]}` : code);
  let codes = input.value.split(/[\s,，]+/).map(bare).filter((code) => code && names[code]);
  const told = () => { const typed = input.value.trim(); sent.value = many ? [...codes.map(whole), typed].filter(Boolean).join(", ") : typed || codes[0] || ""; };
  const draw = () => {
    picked.replaceChildren(...codes.map((code) => {
      const row = document.createElement("li"), off = document.createElement("button");
      row.textContent = names[code]; off.type = "button"; off.textContent = "×"; off.setAttribute("aria-label", `${input.dataset.remove} ${names[code]}`);
      off.addEventListener("click", () => { codes = codes.filter((one) => one !== code); draw(); input.focus(); });
      if (steps.length) {
        const level = document.createElement("select");
        level.setAttribute("aria-label", `${input.dataset.levelLabel} ${names[code]}`);
        level.append(...steps.map(([value, word]) => new Option(word, value)));
        level.value = levels[code] = levels[code] || "2";
        level.addEventListener("change", () => { levels[code] = level.value; told(); sent.dispatchEvent(new Event("change", { bubbles: true })); });
        row.append(level);
      }
      row.append(off); return row;
    }));
    picked.hidden = !codes.length; told(); sent.dispatchEvent(new Event("change", { bubbles: true }));
  };
  input.value = input.value.split(/[\s,，]+/).filter((code) => code && !names[bare(code)]).join(", ");
  input.closest(".field").querySelector(".picked-names")?.remove();
  input.after(sent); (input.closest(".with-unit") || input).after(picked);
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
    if (event.key === "Enter" && at < 0 && input.value.trim() && input.closest("form[data-autosave]")) event.preventDefault();
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
    const whole = new FormData(form);
    let answer;
    try {
      if ("post" in box.dataset) { whole.delete("form_key"); answer = await fetch(box.dataset.live, { method: "POST", body: whole }); }
      else answer = await fetch(`${box.dataset.live}?${new URLSearchParams([...whole].filter(([name, v]) => asked.includes(name) && typeof v === "string" && v))}`);
    } catch { return; }
    if (answer.ok && !answer.redirected && mine === turn) { box.innerHTML = await answer.text(); box.dispatchEvent(new Event("live", { bubbles: true })); }
  }, 400); };
  form.addEventListener("input", refresh); form.addEventListener("change", refresh); refresh();
});

// A step that something stops: the button stays, says why, and leads to the reasons. The server judges again.
document.addEventListener("live", (event) => {
  const told = event.target.querySelector("[data-stops]"), form = event.target.closest("form");
  const button = form && form.querySelector("button[name=publish]"), said = form && form.querySelector("#publish-said");
  if (!told || !button) return;
  if (told.dataset.stops === "0") button.removeAttribute("aria-disabled"); else button.setAttribute("aria-disabled", "true");
  if (said.textContent !== told.dataset.said) said.textContent = told.dataset.said;
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[aria-disabled=true]");
  if (!button) return;
  event.preventDefault();
  const first = document.querySelector(".stops a");
  if (first) first.focus();
});

// Drafts are kept while they are written: every five seconds, if something changed.
document.querySelectorAll("form[data-autosave]").forEach((form) => {
  const said = form.querySelector("#saved-said");
  const now = () => { const all = new FormData(form); ["csrf_token", "form_key", "version", "position"].forEach((name) => all.delete(name)); return new URLSearchParams([...all].filter(([, v]) => typeof v === "string")).toString(); };
  let last = now(), running = null, over = false;
  const hidden = (name, value) => {
    let field = form.querySelector(`input[type=hidden][name=${name}]`);
    if (!field) { field = document.createElement("input"); field.type = "hidden"; field.name = name; form.append(field); }
    field.value = value;
  };
  const save = async () => {
    const what = now(), body = new FormData(form);
    if (over || what === last) return;
    if (form.querySelector("input[name=version]")) body.delete("form_key");
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { Accept: "application/json" } });
      if (answer.status === 409) { over = true; said.textContent = form.dataset.stale; said.className = "over"; return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const kept = await answer.json();
      last = what;
      hidden("version", kept.version); hidden("position", kept.id); hidden("form_key", kept.form_key);
      form.dataset.autosave = kept.draft_url;
      if (form.getAttribute("action") !== kept.edit_url) { form.setAttribute("action", kept.edit_url); window.history.replaceState(null, "", kept.edit_url); form.dispatchEvent(new Event("change")); }
      said.textContent = [kept.saved, kept.left_out].filter(Boolean).join(" · "); said.className = "quiet";
    } catch { said.textContent = form.dataset.unsaved; said.className = "over"; }
  };
  const turn = () => { if (!running) running = save().finally(() => { running = null; }); return running; };
  window.setInterval(turn, 5000);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") turn(); });
  // A button pressed while a draft is on its way waits for it, so that there is one draft and one version.
  form.addEventListener("submit", (event) => {
    over = true;
    if (!running) return;
    event.preventDefault(); event.stopPropagation();
    const { submitter } = event;
    running.then(() => form.requestSubmit(submitter));
  });
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
