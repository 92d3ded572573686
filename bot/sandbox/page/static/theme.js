// Runs before the page is drawn: a theme that was chosen here must not come a moment late.
// Without one, the style sheet follows what the system prefers.
try {
  const chosen = localStorage.getItem("askwell-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // A browser that keeps nothing: the system's theme, then.
}
