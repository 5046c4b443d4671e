// Every text that can be seen: what it says, its size in px, and its contrast by WCAG 2.
() => {
  const numbers = colour => (colour.match(/[\d.]+/g) || []).map(Number);
  const light = colour => {
    const [r, g, b] = numbers(colour).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor, [, , , alpha = 1] = numbers(colour);
      if (alpha > .99) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const told = [];
  for (const element of document.querySelectorAll("main *")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest("svg,noscript,.ticket") || !element.checkVisibility({ checkVisibilityCSS: true })) continue;
    const style = getComputedStyle(element), a = light(style.color), b = light(ground(element));
    told.push([element.textContent, parseFloat(style.fontSize), (Math.max(a, b) + .05) / (Math.min(a, b) + .05)]);
  }
  return told;
}
