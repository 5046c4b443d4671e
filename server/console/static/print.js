// The card's one button. A file of its own, since no page admits inline scripts.
document.getElementById("print").addEventListener("click", () => window.print());
