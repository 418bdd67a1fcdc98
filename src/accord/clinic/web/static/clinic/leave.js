// The quick way out: the page is empty at once, the sign-in ends, and this place in the history is another page's.

for (const form of document.querySelectorAll("form.leave")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    document.title = "";
    document.body.replaceChildren();
    fetch(form.action, { method: "POST", keepalive: true, redirect: "manual" }).catch(() => {});
    location.replace(form.action);
  });
}
