// The control: a page that says something after as long as the tagger took (`idle.html?ms=500`), and does nothing else.

const waitMs = Number(new URLSearchParams(location.search).get("ms"));
setTimeout(() => (document.querySelector("output")!.textContent = "waited"), waitMs);
