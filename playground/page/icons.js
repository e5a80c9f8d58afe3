// The page's own line icons, as path data on a 20 by 20 grid.

const PATHS = {
  hash: "M8 3 6.5 17M13.5 3 12 17M3.5 7.500h13M3 12.500h13",
  lock: "M5 9h10v8H5zM7 9V6.500a3 3 0 0 1 6 0V9",
  home: "M3.5 9.5 10 4l6.5 5.500M5.5 8.500V16h9V8.500M8.5 16v-4h3v4",
  reply: "M4 5h12v8H9l-3.5 3v-3H4zM7 8.200h6M7 10.500h3.5",
  more: "M10 5.200v.1M10 10v.1M10 14.800v.1",
  close: "M5 5l10 10M15 5 5 15",
  chevron: "M5.5 8 10 12.5 14.5 8",
  updown: "M6.5 7.5 10 4l3.5 3.500M6.5 12.5 10 16l3.5-3.5",
  left: "M12 4.5 6.5 10l5.5 5.5",
  send: "M4 16.5 17 10 4 3.5 6 10zM6 10h5",
  bolt: "M11 2.5 4.5 11.500H9.500L8.5 17.5 15.5 8.500H10.500z",
  plus: "M10 4v12M4 10h12",
  clip: "M14.5 9 9.2 14.300a3 3 0 0 1-4.3-4.300l6-6a2 2 0 0 1 2.9 2.900l-5.6 5.600a1 1 0 0 1-1.4-1.400l5-5",
  at: "M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM13 7v3.800a1.9 1.9 0 0 0 3.7 0V10a6.7 6.7 0 1 0-2.7 5.4",
  smile: "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0zM7 11.800a3.6 3.6 0 0 0 6 0M7.6 8v.1M12.4 8v.1",
  search: "M13.5 8.700a4.8 4.8 0 1 1-9.6 0 4.8 4.8 0 0 1 9.6 0zM12.2 12.2 16.5 16.5",
  menu: "M3.5 5.500h13M3.5 10h13M3.5 14.500h13",
  eye: "M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5zM12 10a2 2 0 1 1-4 0 2 2 0 0 1 4 0z",
  check: "M4.5 10.5 8.3 14 15.5 6",
  clock: "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0zM10 6v4l2.8 1.8",
  down: "M10 4v11M5.5 10.5 10 15l4.5-4.5",
  file: "M5.5 3h6l3.5 3.500V17h-9.500zM11.5 3v3.500H15",
  people: "M10 8a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM3 16c0-3 2-4.5 4.5-4.500S12 13 12 16M13 5.700a2.3 2.3 0 0 1 0 4.500M14 11.700c2 .3 3.2 1.8 3.2 4.3",
  alert: "M10 3.5 2.8 16h14.400zM10 8v4M10 13.900v.1",
  info: "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0zM10 9.200v4.300M10 6.600v.1",
  external: "M8 5H4.500v10.500H15V12M11 4.500h4.500V9M15.5 4.5 9 11",
  copy: "M7.5 7.500h8v9h-8zM4.5 12.500v-9h8",
};

const SVG = "http://www.w3.org/2000/svg";

/**
 * One decorative icon.
 * @param {keyof typeof PATHS} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.info);
  svg.append(path);
  return svg;
}
