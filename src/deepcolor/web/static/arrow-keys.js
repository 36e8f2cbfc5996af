// Places on the picture, moved by the arrow keys.

const STEP = 0.01; // of the side, for an arrow key; with Shift, five times as much
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export const isArrow = ({ key }) => key in ARROWS;

export const within = (share) => Math.min(Math.max(share, 0), 0.99999);

// Returns where an arrow key moves a point, which stays in the picture.
export function movePoint({ row, column }, { key, shiftKey }) {
  const [down, right] = ARROWS[key].map((way) => way * STEP * (shiftKey ? 5 : 1));
  return { row: within(row + down), column: within(column + right) };
}
