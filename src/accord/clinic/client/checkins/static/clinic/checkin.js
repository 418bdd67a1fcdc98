// One question a screen. Without this file the form is one page and is sent as any form is;
// with it nothing is kept anywhere but in the page itself, and nothing once it has arrived.

const PATIENCE = 20_000; // milliseconds; sending the same form twice is harmless

const form = document.querySelector("form.checkin");
if (form) start(form);

function start(form) {
  const screens = [...form.querySelectorAll(".screen")];
  const progress = form.querySelector(".progress");
  const status = form.querySelector(".status");
  const sender = form.querySelector(".send");
  const retry = form.querySelector(".retry");
  let at = 0;
  let waiting = false; // a sending did not get through
  let busy = false;
  let sent = false;

  const id = form.elements.namedItem("checkin_id");
  if (id && !id.value) id.value = crypto.randomUUID();
  form.classList.add("stepwise");
  for (const step of form.querySelectorAll(".steps, .back, .leave-out")) step.hidden = false;

  form.addEventListener("click", (event) => {
    if (event.target.closest(".back")) move(-1);
    else if (event.target.closest(".next")) move(1);
    else if (event.target.closest(".leave-out")) leaveOut();
    else if (event.target.closest(".retry")) send();
  });
  form.addEventListener("change", tidy);
  form.addEventListener("keydown", enterGoesOn);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  addEventListener("online", () => waiting && send());
  addEventListener("beforeunload", (event) => waiting && !sent && event.preventDefault());
  // A page brought back from the browser's memory must not show answers that were sent.
  addEventListener("pageshow", (event) => event.persisted && sent && form.reset());
  tidy();
  show(Math.max(0, screens.findIndex((screen) => screen.querySelector(".errors"))), false);

  function asked(screen) {
    const condition = screen.dataset.askedIf;
    if (!condition) return true;
    const answer = form.querySelector(`input[name="${condition}"]:checked`);
    return answer !== null && Number(answer.value) > 0;
  }

  function move(by) {
    let next = at + by;
    while (screens[next] && !asked(screens[next])) next += by;
    if (screens[next]) show(next, true);
  }

  function show(next, withFocus) {
    at = next;
    screens.forEach((screen, place) => (screen.hidden = place !== at));
    tell();
    if (!withFocus) return;
    scrollTo(0, 0);
    screens[at].querySelector("legend, h2").focus({ preventScroll: true });
  }

  function tell() {
    const questions = screens.filter((screen) => screen.matches(".question") && asked(screen));
    const place = questions.indexOf(screens[at]);
    progress.hidden = place < 0;
    progress.textContent = place < 0 ? "" : form.dataset.progress
      .replace("{n}", place + 1).replace("{total}", questions.length);
  }

  function leaveOut() {
    for (const input of screens[at].querySelectorAll("input:checked")) input.checked = false;
    tidy();
    move(1);
  }

  // What is no longer asked is not answered either.
  function tidy() {
    for (const screen of screens) {
      if (asked(screen)) continue;
      for (const input of screen.querySelectorAll("input:checked")) input.checked = false;
    }
    tell();
  }

  function enterGoesOn(event) {
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault();
    move(1);
  }

  async function send() {
    if (sent || busy) return;
    busy = true;
    say(form.dataset.sending);
    const answer = await answered();
    busy = false;
    if (answer && answer.status === 503) return notYet(form.dataset.notSaved);
    if (!answer || answer.status >= 500 || answer.status === 429) return notYet(form.dataset.notSent);
    waiting = false;
    if (answer.ok && answer.redirected) return arrived(answer.url);
    sent = true; // the server's own page says what is the matter; the same id makes sending twice harmless
    form.submit();
  }

  async function answered() {
    try {
      return await fetch(form.action, {
        method: "POST", body: new FormData(form), signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      return null;
    }
  }

  function arrived(address) {
    sent = true;
    form.reset();
    location.replace(address);
  }

  function notYet(words) {
    waiting = true;
    say(words);
    sender.hidden = true;
    retry.hidden = false;
    retry.focus();
  }

  function say(words) {
    status.textContent = words;
  }
}
