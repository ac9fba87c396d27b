"use strict";
// Enhancements only: every form works without this file.
(() => {
  document.documentElement.classList.add("js");

  // --- keys: shown with "?", never while typing or while an input method composes -------------------------------
  const dialog = document.getElementById("keys");
  const openKeys = () => dialog && !dialog.open && dialog.showModal();
  const isTyping = (target) =>
    target instanceof Element && target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable=true]") !== null;

  const actOn = (element) => {
    if (element.matches("input:not([type=radio]):not([type=checkbox]), textarea, select")) element.focus();
    else element.click();
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && isTyping(event.target)) return event.target.blur();
    if (isTyping(event.target) || (dialog && dialog.open)) return;
    if (event.key === "?") { event.preventDefault(); return openKeys(); }
    const wanted = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const element = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === wanted && !one.disabled);
    if (element) { event.preventDefault(); actOn(element); }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-keys]")) openKeys();
  });
})();
