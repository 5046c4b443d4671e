// The ink: a round mark at the place and angle of the stamp, drawn from the touches alone. It does not show where the
// tips are: a photograph of the screen must not give the pattern away.
const shape = (parent, name, attributes) => {
  const made = parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name));
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  return made;
};

// Centre, size and angle. The angle is that of the third moment of the tips: it turns with the stamp, is the same
// for the same stamp whatever the order of its tips, and does not jump when noise moves them a little.
function pose(touches) {
  let x = 0, y = 0, right = 0, down = 0, radius = 0;
  for (const touch of touches) {
    x += touch[0] / touches.length;
    y += touch[1] / touches.length;
  }
  for (const touch of touches) {
    const dx = touch[0] - x, dy = touch[1] - y, reach = Math.hypot(dx, dy);
    right += dx * reach * reach;
    down += dy * reach * reach;
    radius = Math.max(radius, reach);
  }
  return { x, y, angle: Math.atan2(down, right), radius };
}

class Ink {
  constructor(element) {
    if (getComputedStyle(element).position === "static") element.style.position = "relative";
    this.element = element;
    this.svg = shape(element, "svg", { "aria-hidden": true, class: "stamp-ink", width: "100%", height: "100%" });
    Object.assign(this.svg.style, { position: "absolute", left: 0, top: 0, overflow: "visible", pointerEvents: "none" });
  }

  // `touches` are viewport pixels, as the browser reports them. Drawing again replaces what was there.
  draw(touches, state) {
    const { left, top } = this.svg.getBoundingClientRect(), { x, y, angle, radius } = pose(touches);
    this.clear();
    const turn = (angle * 180) / Math.PI, bean = radius * 0.6;
    const transform = `translate(${x - left} ${y - top}) rotate(${turn})`;
    this.mark = shape(this.svg, "g", { transform, fill: "none", stroke: "currentColor" });
    Object.assign(this, { inner: radius + 13, outer: radius + 46 });
    // Two circles a little apart: a hand never presses quite evenly.
    for (const [r, cx, width] of [[this.outer, 0, 4], [this.outer, 1, 3], [this.inner, 0, 2], [this.inner, 0.6, 1]])
      shape(this.mark, "circle", { r, cx, "stroke-width": width });
    shape(this.mark, "ellipse", { rx: bean, ry: bean * 0.66, "stroke-width": 6, fill: "currentColor", "fill-opacity": 0.14 });
    shape(this.mark, "path", { d: `M${-bean} 0C${-bean * 0.3} ${bean * 0.7} ${bean * 0.3} ${-bean * 0.7} ${bean} 0`, "stroke-width": 6 });
    this.state(state);
  }

  // touching -> pending -> accepted, held or refused; the words around the rim come with the server's answer.
  state(state, words) {
    if (!this.mark) return;
    const opacity = { touching: 0.35, pending: 0.5, accepted: 1, held: 0.75, refused: 0.25 }[state];
    this.svg.dataset.state = state;
    this.motion?.cancel();
    this.mark.setAttribute("opacity", opacity);
    if (state === "pending" && !matchMedia("(prefers-reduced-motion:reduce)").matches)
      this.motion = this.mark.animate({ opacity: [opacity, 0.72] }, { duration: 700, direction: "alternate", iterations: Infinity });
    words?.forEach((line, below) => this.write(line, below));
  }

  // Shop along the upper rim, date along the lower one, as on a postmark.
  write(line, below) {
    const size = Math.min(21, (2.6 * this.inner) / line.length), id = "stamp-rim-" + Math.random();
    const r = (this.inner + this.outer) / 2 + size * (below ? 0.36 : -0.36);
    shape(this.mark, "path", { id, stroke: "none", d: `M${-r} 0A${r} ${r} 0 0 ${1 - below} ${r} 0` });
    const text = shape(this.mark, "text", { fill: "currentColor", stroke: "none", "font-size": size, "font-weight": 700, "text-anchor": "middle" });
    shape(text, "textPath", { href: "#" + id, startOffset: "50%" }).textContent = line;
  }

  clear() {
    this.motion?.cancel();
    this.svg.replaceChildren();
    this.mark = null;
  }
}
