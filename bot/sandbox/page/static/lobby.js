// The lobby: channels, people and what to try, around a frame that shows one channel to one person.
// The server holds the truth; this draws it, and asks for it again every now and then.

const TOKEN = document.querySelector('meta[name="askwell-token"]').content;
const POLL = 900; // milliseconds
const CALM = 3000; // milliseconds
// Times are shown as this clock shows them.
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const CLOSED = "The sandbox has been closed. Start it again, then open the address it prints.";

const SIGNS = {
  // Drawn on a grid of 24.
  text: "M5.9 21a.5.5 0 0 1-.5-.6L6.2 16H3a.5.5 0 0 1-.5-.6l.2-1a.5.5 0 0 1 .5-.4h3.4l1-6H4.400a.5.5 0 0 1-.5-.6l.2-1a.5.5 0 0 1 .5-.4H8l.8-4.600a.5.5 0 0 1 .5-.4h1a.5.5 0 0 1 .5.6L10 6h6l.8-4.600a.5.5 0 0 1 .5-.4h1a.5.5 0 0 1 .5.6L18 6h3a.5.5 0 0 1 .5.6l-.2 1a.5.5 0 0 1-.5.4h-3.200l-1 6h3.200a.5.5 0 0 1 .5.6l-.2 1a.5.5 0 0 1-.5.4h-3.400l-.8 4.600a.5.5 0 0 1-.5.4h-1a.5.5 0 0 1-.5-.6l.8-4.400H8.200l-.8 4.600a.5.5 0 0 1-.5.4zM9.600 8l-1 6h6l1-6z",
  sun: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM11 1h2v4h-2zm0 18h2v4h-2zM1 11h4v2H1zm18 0h4v2h-4zM3.500 4.900l1.400-1.400 2.900 2.900-1.400 1.400zm12.700 12.700 1.400-1.400 2.900 2.900-1.400 1.400zM3.500 19.100l2.900-2.900 1.400 1.400-2.900 2.900zM16.200 6.400l2.900-2.900 1.400 1.400-2.900 2.900z",
  moon: "M20.700 14.600A9 9 0 0 1 9.400 3.300a9 9 0 1 0 11.300 11.300z",
  forum: "M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-7l-5 4.500V17H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm2.500 4v1.800h11V7zm0 4v1.800h7.500V11z",
};

const $ = (id) => document.getElementById(id);
let state = null;
let drawn = "";
let shown = ""; // the address in the frame
let busy = 0;
let hideNotice = null;
let calmUntil = 0;

// --- small helpers --------------------------------------------------------------------------

function make(tag, className, ...inside) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...inside);
  return element;
}

/** A few words with `code`, **bold** and *italics*, as in Discord. */
function words(text) {
  const fragment = document.createDocumentFragment();
  for (const part of text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)/)) {
    if (part.startsWith("`")) fragment.append(make("code", "", part.slice(1, -1)));
    else if (part.startsWith("**")) fragment.append(make("strong", "", part.slice(2, -2)));
    else if (part.startsWith("*")) fragment.append(make("em", "", part.slice(1, -1)));
    else fragment.append(part);
  }
  return fragment;
}

function sign(kind) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "sign");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SIGNS[kind]);
  path.setAttribute("fill", "currentColor");
  svg.append(path);
  return svg;
}

function avatar(key, size) {
  const image = make("img");
  image.src = `/avatars/${key}.png`;
  image.alt = "";
  image.width = image.height = size;
  return image;
}

function notify(text, stays = false) {
  clearTimeout(hideNotice);
  $("notice-text").textContent = text;
  $("notice").hidden = false;
  if (!stays) hideNotice = setTimeout(() => { $("notice").hidden = true; }, 9000);
}
$("notice-close").addEventListener("click", () => { $("notice").hidden = true; });

// --- talking to the server -------------------------------------------------------------------

async function request(path, body) {
  const response = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    headers: { "X-Askwell-Token": TOKEN, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    cache: "no-store",
  });
  if (!response.ok) throw new Error((await response.text()).trim());
  return response.json();
}

async function act(action, body) {
  busy += 1;
  try {
    const answer = await request(`/api/${action}`, body);
    const { refused, ...next } = answer;
    if (next.making) sayMaking();
    else draw(next);
    if (refused) notify(refused);
    return !refused;
  } catch (error) {
    notify(error instanceof TypeError ? CLOSED : error.message);
    return false;
  } finally {
    busy -= 1;
  }
}

function move(to) {
  // The view that is open will be closed: take it away before it notices.
  clearFrame();
  $("notice").hidden = true;
  showPanel("");
  return act("move", to);
}

async function poll() {
  if (!busy && !document.hidden) {
    try {
      const next = await request("/api/state");
      if (next.making) sayMaking();
      else if (!busy) {
        if (!state) await act("hello", { zone: ZONE });
        else follow(next);
      }
    } catch (error) {
      notify(error instanceof TypeError ? CLOSED : error.message);
    }
  }
  setTimeout(poll, state && state.telling === null ? POLL : 250);
}

/** Draw what another tab of this page may have changed. */
function follow(next) {
  if (state && next.who !== state.who) {
    const person = next.people.find(({ key }) => key === next.who);
    notify(`You are ${person.name} now: another tab of this page chose that. All tabs are the same person.`, true);
  }
  draw(next);
}

// --- drawing ------------------------------------------------------------------------------

function sayMaking() {
  $("loading").textContent = "The server is being made. It takes a few seconds…";
}

/** While the story plays, one watches: only the frame's text can be scrolled. */
function drawTelling({ telling, skipping }) {
  const told = telling !== null;
  if (told) calmUntil = Date.now() + CALM;
  $("telling").hidden = !told;
  $("telling-step").textContent = telling || "A short story begins…";
  $("frame").inert = $("sidebar").inert = $("guide").inert = told;
  drawSkipping(skipping);
}

/** What is left of the story still has to be played, which takes a slow machine some seconds. */
function drawSkipping(skipping) {
  $("skip").disabled = skipping;
  $("skip").textContent = skipping ? "Skipping…" : "Skip the story";
}
$("skip").addEventListener("click", () => {
  drawSkipping(true);
  void act("skip", {}).then((skipped) => { if (!skipped) drawSkipping(false); });
});

function draw(next) {
  state = next;
  $("loading").textContent = "Opening…";
  drawTelling(next);
  showFrame();
  const print = JSON.stringify({ ...next, frame: "" });
  if (print === drawn) return;
  drawn = print;
  const focused = document.activeElement?.dataset?.key;
  $("server").textContent = next.server;
  drawServers(next);
  drawChannels(next);
  drawPeople(next);
  drawForum(next);
  drawCard(next.card);
  drawGuide(next.guide);
  drawBar(next);
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function goButton(key, label, target, options = {}) {
  const button = make("button", options.unread ? "go unread" : "go");
  button.type = "button";
  button.dataset.key = key;
  button.title = label;
  if (options.icon) button.append(options.icon);
  button.append(make("span", "name", label));
  if (options.unread) {
    const dot = make("span", "dot");
    dot.setAttribute("role", "img");
    dot.setAttribute("aria-label", "unread");
    button.append(dot);
  }
  if (options.current) button.setAttribute("aria-current", "page");
  button.addEventListener("click", () => move(target));
  return button;
}

function drawServers({ servers }) {
  $("servers").hidden = servers.length < 2;
  $("servers").replaceChildren(...servers.map(({ key, name, here }) => {
    const button = make("button", "to-server", name);
    button.type = "button";
    button.dataset.key = `server:${key}`;
    if (here) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => { if (!here) { clearFrame(); showPanel(""); void act("visit", { server: key }); } });
    return make("li", "", button);
  }));
}

function drawChannels({ channels, direct, place, kind }) {
  $("channels").replaceChildren(...channels.map((channel) => {
    const item = make("li", "", goButton(`channel:${channel.id}`, channel.name, { channel: channel.id }, {
      icon: sign(channel.kind === "forum" ? "forum" : "text"),
      current: place === channel.id, unread: channel.unread,
    }));
    if (channel.threads.length) {
      const threads = make("ul", "threads", ...channel.threads.map((thread) => make("li", "",
        goButton(`thread:${thread.id}`, thread.name, { channel: thread.id }, { current: place === thread.id, unread: thread.unread }))));
      threads.setAttribute("aria-label", `${channel.kind === "forum" ? "Posts" : "Threads"} in ${channel.name}`);
      item.append(threads);
    }
    return item;
  }));
  $("direct").replaceChildren(make("li", "", goButton("direct", "Askwell", { channel: direct.id }, {
    icon: avatar("askwell", 20), current: kind === "direct", unread: direct.unread,
  })));
}

const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language" });

/** Each person's Discord is in a language of its own: a click takes the next one. */
function languageButton({ key, name, locale }, locales) {
  const next = locales[(locales.indexOf(locale) + 1) % locales.length];
  const [now, then] = [locale, next].map((each) => LANGUAGES.of(each.split("-")[0]));
  const button = make("button", "look language", locale.split("-")[0].toUpperCase());
  button.type = "button";
  button.dataset.key = `language:${key}`;
  button.title = `${name}’s Discord is in ${now}. Switch it to ${then}.`;
  button.setAttribute("aria-label", button.title);
  button.addEventListener("click", () => void act("speak", { person: key, locale: next }));
  return button;
}

function drawPeople({ people, who, personMenus, locales }) {
  $("people").replaceChildren(...people.map((person) => {
    const be = make("button", "be", avatar(person.key, 32),
      make("span", "", make("b", "", person.name), make("small", "", person.part)));
    be.type = "button";
    be.dataset.key = `be:${person.key}`;
    be.setAttribute("aria-pressed", String(person.key === who));
    be.addEventListener("click", () => { if (person.key !== state.who) void move({ who: person.key }); });
    const row = make("li", "person", be, languageButton(person, locales));
    for (const menu of personMenus.slice(0, 1)) {
      const look = make("button", "look", "Profile");
      look.type = "button";
      look.dataset.key = `look:${person.key}`;
      look.title = `${menu} of ${person.name}`;
      look.setAttribute("aria-label", `${menu} of ${person.name}`);
      look.addEventListener("click", () => { showPanel(""); void act("person-menu", { person: person.key, name: menu }); });
      row.append(look);
    }
    return row;
  }));
}

function drawForum({ kind, posts, channels, place }) {
  const forum = kind === "forum";
  $("forum").hidden = !forum;
  $("frame").hidden = forum;
  if (!forum) return;
  $("forum-sign").replaceChildren(sign("forum"));
  $("forum-title").textContent = channels.find((channel) => channel.id === place)?.name || "Forum";
  $("no-posts").hidden = posts.length > 0;
  $("posts").replaceChildren(...posts.map((post) => {
    const button = make("button", "post");
    button.type = "button";
    button.dataset.key = `post:${post.id}`;
    if (post.tags.length) button.append(make("span", "tags", ...post.tags.map((tag) => make("span", "tag", tag))));
    button.append(make("h3", "", post.name), make("p", "", post.excerpt));
    const footer = make("footer", "", make("span", "", `${post.replies} ${post.replies === 1 ? "message" : "messages"}`));
    for (const { emoji, count } of post.reactions) footer.append(make("span", "", `${emoji} ${count}`));
    button.append(footer);
    button.addEventListener("click", () => move({ channel: post.id }));
    return make("li", "", button);
  }));
}

/** A text channel's thread begins with a message that is in the channel. */
function drawCard(card) {
  $("card").hidden = !card;
  $("card").textContent = card ? `↑ The question’s card, with its buttons and votes, is in #${card.name}` : "";
}
$("card").addEventListener("click", () => move({ channel: state.card.channel, message: state.card.message }));

function drawGuide({ steps, more }) {
  $("steps").replaceChildren(...steps.map((step, index) => {
    const item = make("li", "step", make("b", "", step.title));
    item.dataset.number = index + 1;
    if (step.done) item.classList.add("done");
    if (step.current) {
      item.classList.add("current");
      item.setAttribute("aria-current", "step");
    }
    item.append(make("p", "", words(step.how)));
    const follow = make("button", "follow", "Take me there");
    follow.type = "button";
    follow.dataset.key = `follow:${step.key}`;
    follow.addEventListener("click", () => { clearFrame(); showPanel(""); void act("follow", { step: step.key }); });
    item.append(follow);
    if (step.done) item.append(make("span", "visually-hidden", " (done)"));
    return item;
  }));
  $("more").replaceChildren(...more.map((hint) => make("li", "", words(hint))));
}

// --- light and dark ---------------------------------------------------------------------------

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");

/** Say on the button what it does, and tell the frame, which is a page of its own. */
function drawTheme() {
  const other = theme() === "dark" ? "light" : "dark";
  $("theme").replaceChildren(sign(other === "light" ? "sun" : "moon"));
  $("theme").title = `Use the ${other} theme`;
  $("theme").setAttribute("aria-label", $("theme").title);
  tellTheme();
}

function tellTheme() {
  const frame = $("frame").querySelector("iframe");
  frame?.contentWindow.postMessage({ askwell: "theme", theme: theme() }, new URL(shown).origin);
}

$("theme").addEventListener("click", () => {
  const chosen = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = chosen;
  try {
    localStorage.setItem("askwell-theme", chosen);
  } catch {
    // A browser that keeps nothing: it lasts as long as the page.
  }
  drawTheme();
});
dark.addEventListener("change", drawTheme);

// --- the panels of a narrow window ------------------------------------------------------------

const narrow = window.matchMedia("(max-width: 900px)");
const openers = [...document.querySelectorAll(".bar [data-panel]")];

function drawBar({ people, who, place, kind, channels, guide }) {
  const person = people.find(({ key }) => key === who);
  const all = channels.flatMap((channel) => [channel, ...channel.threads]);
  const name = kind === "direct" ? "@Askwell" : `#${all.find(({ id }) => id === place)?.name ?? ""}`;
  $("bar-person").replaceChildren(avatar(person.key, 28));
  $("bar-place").textContent = `${person.name} in ${name}`;
  const current = guide.steps.find((step) => step.current);
  $("bar-step").textContent = current ? `Try: ${current.title}` : "Try more";
}

/** Show one panel over the channel, or with "" none: what lies below it cannot be reached then. */
function showPanel(panel) {
  const before = document.body.dataset.panel;
  document.body.dataset.panel = panel;
  $("view").inert = narrow.matches && panel !== "";
  for (const opener of openers) opener.setAttribute("aria-expanded", String(opener.dataset.panel === panel));
  if (panel) $(panel).querySelector("button")?.focus();
  else if (before && narrow.matches) openers.find((opener) => opener.dataset.panel === before)?.focus();
}

for (const opener of openers) {
  const { panel } = opener.dataset;
  opener.addEventListener("click", () => showPanel(document.body.dataset.panel === panel ? "" : panel));
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.dataset.panel) showPanel("");
});
narrow.addEventListener("change", () => showPanel(""));

// --- the frame ------------------------------------------------------------------------------

function clearFrame() {
  shown = "";
  $("frame").replaceChildren();
  $("loading").hidden = false;
}

function showFrame() {
  if (state.frame === null) {
    shown = "";
    $("frame").replaceChildren();
    $("loading").hidden = true;
    return;
  }
  if (state.frame === shown) return;
  shown = state.frame;
  const frame = make("iframe");
  const person = state.people.find(({ key }) => key === state.who);
  frame.title = `The channel as ${person.name} sees it`;
  frame.name = `askwell-${theme()}`; // which it can read before it draws anything
  frame.src = shown;
  $("frame").replaceChildren(frame);
  frame.addEventListener("load", () => { $("loading").hidden = true; tellTheme(); });
}

/** The frame asks for what simcord's page cannot do itself. */
window.addEventListener("message", (event) => {
  const frame = $("frame").querySelector("iframe");
  if (!frame || event.source !== frame.contentWindow || event.origin !== new URL(shown).origin) return;
  const { askwell, message, emoji, name, channel } = event.data || {};
  if (askwell === "react") void act("react", { message, emoji });
  else if (askwell === "dismiss") void act("dismiss", { message });
  else if (askwell === "pin") void act("pin", { message });
  else if (askwell === "menu") void act("menu", { message, name });
  else if (askwell === "go") void move({ channel, message });
  else if (askwell === "thread") void goToNamed(name);
  else if (askwell === "trouble") void tellTrouble(name);
});

/**
 * What the frame calls an interrupted connection is mostly a sandbox that has ended, or another tab
 * that has chosen another person: say which.
 */
async function tellTrouble(text) {
  if (Date.now() < calmUntil) return; // the story closes views by itself
  const address = shown;
  try {
    const next = await request("/api/state");
    if (next.frame === address) notify(text);
    else if (!busy) follow(next);
  } catch (error) {
    notify(error instanceof TypeError ? CLOSED : error.message);
  }
}

/** A channel mention carries only the name: the newest of that name is meant. */
function goToNamed(name) {
  const all = state.channels.flatMap((channel) => [channel, ...channel.threads]);
  const found = all.filter((channel) => `#${channel.name}` === name).sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1))[0];
  return found ? move({ channel: found.id }) : undefined;
}

drawTheme();
void poll();
