// Locks a page that nobody looks at. With something typed on it the page is covered and keeps it; otherwise the
// locked page takes its place. The server locks by its own clock, whether or not this file runs.

const CHECK = 5_000; // milliseconds between two looks at the clock
const PING = 120_000; // milliseconds after which somebody who types without sending is told to the server

const patience = Number(document.body.dataset.idle) * 1000;
const cover = document.querySelector("#cover");
if (patience && cover) start(cover.dataset);

function start(to) {
  let seen = Date.now();
  let told = seen;
  let typed = false;
  let covered = false;

  const others = new BroadcastChannel("accord-awake"); // the same person's other pages
  others.onmessage = () => covered || (seen = Date.now());
  for (const name of ["pointerdown", "keydown", "wheel", "touchstart"]) addEventListener(name, here, { passive: true });
  addEventListener("input", () => covered || (typed = true));
  addEventListener("submit", () => covered || (typed = false));
  // A page brought back from the browser's memory may belong to a sign-in that has ended.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("visibilitychange", look);
  setInterval(look, CHECK);

  function here() {
    if (covered) return;
    if (Date.now() - seen >= CHECK) others.postMessage("");
    seen = Date.now();
  }

  function look() {
    if (covered) return;
    const now = Date.now();
    if (now - seen >= patience) return typed ? hide() : leave();
    if (seen > told && now - told >= PING) {
      told = now;
      send(to.awake).catch(() => {});
    }
  }

  function leave() {
    covered = true;
    location.replace(`${to.locked}?next=${encodeURIComponent(location.pathname + location.search)}`);
  }

  function hide() {
    covered = true;
    const behind = [...document.body.children].filter((part) => !part.hidden && part !== cover && !part.matches(".urgent, .leave"));
    const title = document.title;
    const front = cover.content.firstElementChild.cloneNode(true);
    for (const part of behind) part.hidden = true;
    document.body.append(front);
    document.title = front.querySelector("h1").textContent;
    send(to.lock, new URLSearchParams({ here: "1" })).catch(() => {});
    front.querySelector("[type=password]").focus();
    front.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      ask(front, () => {
        front.remove();
        document.title = title;
        for (const part of behind) part.hidden = false;
        covered = false;
        seen = told = Date.now();
      });
    });
  }

  async function ask(front, open) {
    const form = front.querySelector("form");
    const answer = await send(form.action, new FormData(form)).catch(() => null);
    if (answer?.status === 204) return open();
    if (answer?.redirected) return location.replace(answer.url);
    form.reset();
    front.querySelector(".errors").textContent = answer ? front.dataset.wrong : front.dataset.away;
  }
}

function send(address, body) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  return fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token } });
}
