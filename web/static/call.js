"use strict";
// The page of a call: what the stream sends takes the place of what it shows. Every form works without this file.
(() => {
  const call = document.getElementById("call");
  const words = document.getElementById("words");

  let taken = ""; // the words of a suggestion as they were put into the box

  // Enter adds the turn; the Enter that ends a composition does not. A digit before words that were taken and are
  // untouched takes another suggestion.
  if (words) {
    words.addEventListener("keydown", (event) => {
      if (event.shiftKey || event.isComposing || event.keyCode === 229) return;
      if (event.key === "Enter") {
        event.preventDefault();
        words.form.requestSubmit();
      } else if (/^[1-9]$/.test(event.key) && taken && words.value === taken && words.selectionEnd === 0) {
        const another = document.querySelector(`[data-words][data-key="${event.key}"]`);
        if (another) another.click();
        event.preventDefault();
      }
    });
  }
  if (!call) return;

  const toEnd = () => {
    const turns = document.getElementById("call-turns");
    if (turns) turns.scrollTop = turns.scrollHeight;
  };

  // Regions that differ are replaced; the focus stays where it was, and the transcript at its end.
  const put = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    for (const region of fresh.querySelectorAll("[data-region]")) {
      const old = document.getElementById(region.id);
      if (!old || old.innerHTML === region.innerHTML) continue;
      const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
      const open = old.querySelector("details") && old.querySelector("details").open;
      const atEnd = old.scrollHeight - old.scrollTop - old.clientHeight < 80;
      const now = document.importNode(region, true);
      const folded = now.querySelector("details");
      if (folded && open) folded.open = true;
      old.replaceWith(now);
      htmx.process(now);
      if (focused) (document.getElementById(focused) || now).focus({ preventScroll: true });
      if (region.id === "call-turns" && atEnd) toEnd();
    }
  };

  // The browser takes a broken stream up again by itself, unless something between it and the server answered in its
  // place. What stands on the page meanwhile may be old, and that is said once it lasts.
  const LOST_MS = 3000;
  const lost = document.getElementById("call-lost");
  let source = null;
  let doubt = 0;
  const isBack = () => {
    clearTimeout(doubt);
    doubt = 0;
    lost.hidden = true;
  };
  const follow = () => {
    source = new EventSource(`${call.dataset.stream}?after=${call.dataset.revision}`);
    source.addEventListener("open", isBack);
    source.addEventListener("state", (event) => {
      call.dataset.revision = event.lastEventId;
      put(event.data);
    });
    source.addEventListener("closed", () => {
      source.close();
      location.reload();
    });
    source.addEventListener("error", () => {
      if (!doubt) doubt = setTimeout(() => { lost.hidden = false; }, LOST_MS);
      if (source.readyState === EventSource.CLOSED) setTimeout(again, LOST_MS);
    });
  };

  const refresh = async () => {
    const answer = await fetch(call.dataset.live, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer && answer.ok) put(await answer.text());
    return answer;
  };
  const again = async () => {
    const answer = await refresh();
    if (!answer || answer.status >= 500) return setTimeout(again, LOST_MS);
    const over = !answer.ok || document.querySelector("#call-hint[data-over]");
    return over ? location.reload() : follow(); // closed elsewhere, or to be signed in to again
  };
  if (!("closed" in call.dataset)) follow();

  // A suggestion that is taken goes into the box, to be said; a speaker that is chosen is about to be written down.
  document.addEventListener("click", (event) => {
    const offered = event.target.closest("[data-words]");
    if (!offered || !words) return;
    document.querySelector("[data-speaks][value=collector]").checked = true;
    words.value = offered.dataset.words;
    taken = words.value;
    words.focus();
    words.setSelectionRange(0, 0);
    words.scrollTop = 0;
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-speaks]") || !words) return;
    if (event.target.value !== "collector") words.value = ""; // what was taken is ours to say
    words.focus();
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful, xhr, requestConfig } = event.detail;
    if (!successful) return;
    if (elt.id === "say") {
      const said = requestConfig.formData.get("text");
      if (words.value.startsWith(said)) words.value = words.value.slice(said.length); // what was typed since stays
      elt.elements.key.value = xhr.responseText; // the next one is another turn
      if (elt.contains(document.activeElement)) words.focus(); // whoever has left the box meanwhile is pressing keys
    }
    if (source && source.readyState !== EventSource.OPEN) refresh();
  });
  toEnd();
})();
