// Runs inside simcord's page, in the lobby's frame. Adds to each message what a Discord client has
// and simcord's page has not: new reactions, the bot's context menus, and links that lead somewhere.
// It does nothing itself: it tells the lobby, which asks the server.

const { menus = [], votes = [] } = /*{{given}}*/ {};
const EMOJI = [...votes, "👍", "❤️", "🙏", "💡", "🎉", "😊", "🤗", "😢", "👀", "✅"];
const list = document.getElementById("channel-message-list");
const timeline = document.getElementById("channel-timeline");
let popover = null;

// The lobby's theme: in the frame's name at first, and told whenever it changes.
function wear(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}
wear(window.name.replace(/^askwell-/, ""));
window.addEventListener("message", (event) => {
  if (event.source === window.parent && event.data?.askwell === "theme") wear(event.data.theme);
});

// Only the lobby can have us in a frame (frame-ancestors), and nothing here is a secret.
function tell(askwell, rest = {}) { window.parent.postMessage({ askwell, ...rest }, "*"); }

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// --- a menu or a set of emoji beside a message ----------------------------------------------

function close(restore = false) {
  if (!popover) return;
  const { node, article, opener } = popover;
  popover = null;
  node.remove();
  article.classList.remove("askwell-open");
  opener?.setAttribute("aria-expanded", "false");
  if (restore) opener?.focus();
}

function open(node, article, opener, x, y) {
  close();
  document.body.append(node);
  const { width, height } = node.getBoundingClientRect();
  node.style.left = `${Math.max(8, Math.min(x, window.innerWidth - width - 8))}px`;
  node.style.top = `${Math.max(8, Math.min(y, window.innerHeight - height - 8))}px`;
  article.classList.add("askwell-open");
  opener?.setAttribute("aria-expanded", "true");
  popover = { node, article, opener };
  node.querySelector("button")?.focus();
}

function item(label, run, role = "menuitem") {
  const button = element("button", "", label);
  button.type = "button";
  button.setAttribute("role", role);
  button.addEventListener("click", () => { close(true); run(); });
  return button;
}

function messageMenu(article) {
  const message = article.dataset.messageId;
  const node = element("div", "askwell-popover");
  node.setAttribute("role", "menu");
  node.setAttribute("aria-label", "Message menu");
  const pinned = Boolean(article.querySelector('[data-control-key$=":action:pin"][aria-label="Unpin"]'));
  for (const emoji of votes) node.append(item(`React with ${emoji}`, () => tell("react", { message, emoji })));
  node.append(item(pinned ? "Unpin message" : "Pin message", () => tell("pin", { message })));
  if (menus.length) {
    node.append(element("hr"), element("div", "askwell-heading", "Apps · Askwell"));
    for (const name of menus) node.append(item(name, () => tell("menu", { message, name })));
  }
  return node;
}

function emojiPicker(article) {
  const message = article.dataset.messageId;
  const node = element("div", "askwell-popover askwell-emoji");
  node.setAttribute("role", "menu");
  node.setAttribute("aria-label", "Add a reaction");
  for (const emoji of EMOJI) {
    const button = item(emoji, () => tell("react", { message, emoji }));
    button.setAttribute("aria-label", `React with ${emoji}`);
    node.append(button);
  }
  return node;
}

/** Discord shows the address of a message as a small chip. */
function shortenLinks(article) {
  for (const link of article.querySelectorAll('a[href^="https://discord.com/channels/"]')) {
    if (link.textContent !== link.href) continue;
    link.textContent = "💬 Go to the message";
    link.classList.add("askwell-jump");
  }
}

// --- each message's own buttons ---------------------------------------------------------------

/** A smile with a plus, as Discord draws it. */
function smile() {
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  shape.setAttribute("viewBox", "0 0 24 24");
  shape.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M18.500 3v5M16 5.500h5M13.500 4.200A8 8 0 1 0 19.800 11M7.500 14c1.800 3.200 6.200 3.200 8 0M8.500 9.800v.400M14.500 9.800v.400");
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "2");
  path.setAttribute("stroke-linecap", "round");
  shape.append(path);
  return shape;
}

function tool(label, content, className, run) {
  const button = element("button", `message-action-button ${className}`);
  button.append(content);
  button.type = "button";
  button.title = label;
  button.setAttribute("aria-label", label);
  button.addEventListener("click", run);
  return button;
}

function popping(label, content, className, article, build) {
  const button = tool(label, content, className, () => {
    const { left, bottom } = button.getBoundingClientRect();
    open(build(article), article, button, left - 150, bottom + 6);
  });
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  return button;
}

/** A private reply goes when one dismisses it. */
function equipPrivate(article, note) {
  if (note.querySelector("button")) return;
  const dismiss = element("button", "askwell-dismiss", "Dismiss message");
  dismiss.type = "button";
  dismiss.addEventListener("click", () => tell("dismiss", { message: article.dataset.messageId }));
  note.append(" · ", dismiss);
}

function equip(article) {
  shortenLinks(article);
  const note = article.querySelector(".message-ephemeral-note");
  if (note) { equipPrivate(article, note); return; }
  if (article.querySelector(".askwell-tools, .message-system")) return;
  let toolbar = article.querySelector(".message-context-actions");
  if (!toolbar) {
    toolbar = element("div", "message-context-actions");
    toolbar.setAttribute("role", "toolbar");
    toolbar.setAttribute("aria-label", "Actions for this message");
    article.append(toolbar);
  }
  const message = article.dataset.messageId;
  toolbar.prepend(
    ...votes.map((emoji) => tool(`React with ${emoji}`, emoji, "askwell-react askwell-tools", () => tell("react", { message, emoji }))),
    popping("Add a reaction", smile(), "askwell-smile askwell-tools", article, emojiPicker),
  );
  toolbar.append(popping("Message menu", "⋯", "askwell-tools", article, messageMenu));
  for (const mention of article.querySelectorAll(".mention")) {
    if (!mention.textContent.startsWith("#")) continue;
    mention.setAttribute("role", "link");
    mention.tabIndex = 0;
  }
  const thread = article.querySelector(".thread-summary");
  if (thread) {
    thread.setAttribute("role", "link");
    thread.tabIndex = 0;
  }
}

// A private reply comes at the end, wherever one was reading: go there, or it would not be seen.
const known = new Set();
let opened = false;

function showNewReplies() {
  const replies = [...list.querySelectorAll(".message-ephemeral-note")].map((note) => note.closest("article").dataset.messageId);
  const fresh = replies.filter((id) => !known.has(id));
  for (const id of fresh) known.add(id);
  if (fresh.length && opened) requestAnimationFrame(() => timeline.scrollTo({ top: timeline.scrollHeight }));
  opened ||= list.childElementCount > 0 || document.getElementById("preview-app").getAttribute("aria-busy") === "false";
}

function equipAll() {
  for (const article of list.querySelectorAll("article.channel-message")) equip(article);
  showNewReplies();
}
new MutationObserver(equipAll).observe(list, { childList: true, subtree: true });
equipAll();

// --- links, right clicks, keys ----------------------------------------------------------------

function follow(target) {
  const link = target.closest?.('a[href^="https://discord.com/channels/"]');
  if (link) {
    const [, , , channel, message] = new URL(link.href).pathname.split("/");
    tell("go", { channel, message });
    return true;
  }
  const thread = target.closest?.(".thread-summary");
  if (thread) {
    // A thread made from a message has the message's id.
    tell("go", { channel: thread.closest("article").dataset.messageId });
    return true;
  }
  const mention = target.closest?.('.mention[role="link"]');
  if (mention) tell("thread", { name: mention.textContent });
  return Boolean(mention);
}

document.addEventListener("click", (event) => {
  if (popover && !popover.node.contains(event.target) && !popover.opener?.contains(event.target)) close();
  if (follow(event.target)) event.preventDefault();
}, true);

document.addEventListener("contextmenu", (event) => {
  const article = event.target.closest?.("article.channel-message");
  if (!article?.querySelector(".askwell-tools") || event.target.closest("a, input, textarea")) return;
  event.preventDefault();
  open(messageMenu(article), article, null, event.clientX, event.clientY);
});

document.addEventListener("keydown", (event) => {
  if (popover) {
    const buttons = [...popover.node.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") { close(true); event.stopPropagation(); }
    else if (event.key === "Tab") close(true);
    else if (step) {
      event.preventDefault();
      buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
    }
  } else if ((event.key === "Enter" || event.key === " ") && follow(event.target)) event.preventDefault();
}, true);
timeline.addEventListener("scroll", () => close(), { passive: true });

// Enter on a command whose options are all optional runs it in Discord; simcord's page would open
// the first option. Closing its list first makes the same key run the command.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.isTrusted || !event.target.matches?.(".command-chip")) return;
  event.target.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
}, true);

// --- what went wrong --------------------------------------------------------------------------

// simcord says so in the toolbar, which is not shown here.
const status = document.getElementById("action-status");
const TROUBLE = /not completed|uncertain|interrupted|unavailable|session ended/i;
new MutationObserver(() => {
  const text = status.textContent.trim();
  if (TROUBLE.test(text)) tell("trouble", { name: text });
}).observe(status, { childList: true, characterData: true, subtree: true });
