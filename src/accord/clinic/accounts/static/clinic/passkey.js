// A passkey that was refused or cancelled is told on the page, calmly, and nowhere else.

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const note of document.querySelectorAll("[data-passkey-trouble]")) note.hidden = false;
});
