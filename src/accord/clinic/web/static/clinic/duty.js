// Nobody is shown as on duty after their shift, also on a page that stays open. Counted from when the page was
// opened, because the clock of a telephone may be wrong.

const opened = Date.now();

function look() {
  for (const line of document.querySelectorAll("[data-seconds-left]")) {
    const ended = Date.now() - opened >= 1000 * Number(line.dataset.secondsLeft);
    line.hidden = ended;
    line.nextElementSibling.hidden = !ended;
  }
}

look();
setInterval(look, 10_000);
document.addEventListener("visibilitychange", look);
addEventListener("pageshow", look);
