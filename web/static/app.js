"use strict";
// Enhancements only: every form works without this file.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // --- keys: shown with "?", never while typing or while an input method composes ---------------------------
  const dialog = document.getElementById("keys");
  const FIELDS = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable=true]";
  const isTyping = (target) => target instanceof Element && target.closest(FIELDS) !== null;

  const openKeys = () => {
    if (dialog && !dialog.open) dialog.showModal();
  };
  const act = (element) => (element.matches(FIELDS) ? element.focus() : element.click());

  const move = (list, step) => {
    const here = list.findIndex((one) => one.contains(document.activeElement) || one === document.activeElement);
    const next = list[Math.min(Math.max(here + step, 0), list.length - 1)];
    if (next) next.focus();
  };

  // Digits decide the finding that has the focus; the first undecided one where none has.
  const choose = (digit) => {
    const findings = all("fieldset[data-finding]:not(:disabled)");
    const current = findings.find((one) => one.contains(document.activeElement)) || findings.find((one) => !one.querySelector(":checked"));
    const choice = current && current.querySelector(`[data-choice="${digit}"]`);
    if (!choice) return false;
    choice.checked = true;
    current.querySelector("input[name^=reason-]").focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && isTyping(event.target)) return event.target.blur();
    if (isTyping(event.target) || (dialog && dialog.open)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "?") openKeys();
    else if (key === "j" || key === "k") move(all("[data-row], fieldset[data-finding]"), key === "j" ? 1 : -1);
    else if (/^[1-3]$/.test(key) && choose(key)) { /* decided */ }
    else {
      const element = all("[data-key]").find((one) => one.dataset.key.split(" ").includes(key) && !one.disabled);
      if (!element) return;
      act(element);
    }
    event.preventDefault();
  });

  // --- the message box: judged while typing, findings underlined in place -----------------------------------
  const PAUSE = 300; // milliseconds without a key before a draft is judged

  const paint = (box) => {
    const backdrop = box.previousElementSibling;
    const points = Array.from(box.value); // spans count code points, not UTF-16 units
    const nodes = [];
    let at = 0;
    for (const [start, end, decision] of [...(box.marks || [])].sort((a, b) => a[0] - b[0])) {
      if (end <= at || start >= points.length) continue;
      const from = Math.max(start, at);
      nodes.push(points.slice(at, from).join(""));
      const mark = document.createElement("mark");
      mark.className = decision;
      mark.textContent = points.slice(from, end).join("");
      nodes.push(mark);
      at = end;
    }
    nodes.push(`${points.slice(at).join("")}\n`);
    backdrop.replaceChildren(...nodes);
    backdrop.scrollTop = box.scrollTop;
  };

  // Until the next judgement, marks outside the edited stretch keep their place and the others go.
  const shift = (box, before) => {
    const [old, now] = [Array.from(before), Array.from(box.value)];
    let head = 0;
    while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
    let tail = 0;
    while (tail < old.length - head && tail < now.length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
    const grown = now.length - old.length;
    box.marks = (box.marks || []).flatMap(([start, end, decision]) => {
      if (end <= head) return [[start, end, decision]];
      return start >= old.length - tail ? [[start + grown, end + grown, decision]] : [];
    });
  };

  const judge = async (box) => {
    const text = box.value;
    const panel = document.getElementById("judgement");
    if (!text.trim()) { panel.replaceChildren(); box.marks = []; return paint(box); }
    const body = new FormData(box.form);
    body.set("text", text);
    let answer;
    try {
      answer = await fetch(box.dataset.judge, { method: "POST", body, headers: { "HX-Request": "true" } });
    } catch {
      return; // offline: what is sent is judged again by the server in any case
    }
    const html = await answer.text();
    if (box.value !== text || !box.isConnected) return;
    panel.innerHTML = html;
    takeMarks(box);
  };

  const takeMarks = (box) => {
    const found = document.querySelector("#judgement [data-marks]");
    box.marks = found && found.dataset.text.replace(/\r\n/g, "\n") === box.value ? JSON.parse(found.dataset.marks) : [];
    paint(box);
  };

  const prepare = (box) => {
    let before = box.value;
    let timer = 0;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(() => judge(box), PAUSE);
    };
    box.addEventListener("input", (event) => {
      shift(box, before);
      before = box.value;
      paint(box);
      const count = box.form.querySelector("[data-count]");
      if (count) count.textContent = box.value ? `${Array.from(box.value).length} ${count.dataset.count}` : "";
      if (!event.isComposing) later();
    });
    box.addEventListener("compositionend", later);
    box.addEventListener("scroll", () => { box.previousElementSibling.scrollTop = box.scrollTop; });
    takeMarks(box);
    // What was typed before this script ran, or what the browser put back, nobody has judged yet.
    if (box.value !== box.defaultValue) box.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const fill = (text) => {
    const box = document.getElementById("text");
    if (!box) return;
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-open-keys], [data-use], [data-insert]");
    if (!target) return;
    if (target.matches("[data-open-keys]")) return openKeys();
    if (!document.getElementById("text")) return; // let the form do it
    event.preventDefault();
    fill(target.dataset.use || target.dataset.insert);
  });

  // Another contact point or channel: the page again, with the text kept.
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-redraw]")) return;
    const form = event.target.form;
    const name = event.target.name;
    const value = event.target.value;
    const sent = Object.fromEntries(new FormData(form));
    let meanwhile = null; // what was typed and where, while the page was on its way
    const keep = ({ detail }) => {
      if (detail.target.id !== "case") return;
      document.removeEventListener("htmx:beforeSwap", keep);
      const box = document.getElementById("text");
      if (box && (box.value !== sent.text || box === document.activeElement)) meanwhile = { text: box.value, at: box.selectionEnd };
    };
    document.addEventListener("htmx:beforeSwap", keep);
    htmx.ajax("POST", form.getAttribute("action").replace(/send$/, "draft"), { source: form, values: sent, target: "#case", select: "#case", swap: "outerHTML show:none" })
      .then(() => {
        document.removeEventListener("htmx:beforeSwap", keep);
        if (meanwhile) {
          fill(meanwhile.text);
          return document.getElementById("text")?.setSelectionRange(meanwhile.at, meanwhile.at);
        }
        const again = document.querySelector(`[data-redraw][name="${name}"][value="${CSS.escape(value)}"]`);
        if (again) again.focus();
      });
  });

  // Scripts by the words in them.
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-filter=script]")) return;
    const wanted = event.target.value.trim().toLowerCase();
    for (const script of all("[data-script]")) script.hidden = !script.textContent.toLowerCase().includes(wanted);
  });

  // --- swaps: what came in is prepared; what went wrong is said ---------------------------------------------
  const ready = (from) => {
    for (const box of all("textarea[data-judge]", from)) prepare(box);
    const result = from.querySelector("[data-focus]");
    if (result) result.focus({ preventScroll: true });
  };
  document.addEventListener("htmx:afterSettle", (event) => ready(event.target));
  document.addEventListener("htmx:responseError", (event) => {
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const notice = page.querySelector("[role=alert]");
    const place = document.getElementById("case") || document.getElementById("main");
    for (const old of all(".zy-notice")) old.remove();
    if (!notice) return location.reload();
    notice.classList.add("zy-notice");
    place.prepend(notice);
    notice.scrollIntoView({ block: "nearest" });
    for (const old of all("[data-wrong]")) { old.classList.remove("is-invalid"); old.removeAttribute("aria-invalid"); delete old.dataset.wrong; }
    const form = event.detail.elt.closest("form");
    const wrong = notice.dataset.field && form && form.querySelector(`[name="${CSS.escape(notice.dataset.field)}"]:not([type=hidden])`);
    if (!wrong || !wrong.matches("input, select, textarea")) return;
    wrong.dataset.wrong = "";
    wrong.classList.add("is-invalid");
    wrong.setAttribute("aria-invalid", "true");
    wrong.focus();
  });
  ready(document);
})();
