// Block Kit's file input: files are given to the workspace when they are picked, and sent with the form.

import { give } from "./api.js";
import { h } from "./dom.js";
import { keyOf } from "./form.js";
import { toastError } from "./toasts.js";

const MOST_FILES = 10;

/**
 * @param {any} item
 * @param {any} block
 * @param {import("./blocks.js").Surface} surface
 * @param {import("./elements.js").About} [about]
 * @returns {HTMLElement}
 */
export function fileElement(item, block, surface, about) {
  const most = item.max_files ?? MOST_FILES;
  const given = () => surface.form.get(block.block_id, item) ?? [];
  const keep = (files) => {
    surface.form.set(block.block_id, item, files);
    draw();
  };
  const picker = h("input", {
    id: about?.id,
    type: "file",
    multiple: most > 1,
    accept: item.filetypes?.map((kind) => `.${kind}`).join(",") || null,
    "aria-label": about ? null : "Add a file",
    "aria-describedby": about?.describedBy,
    "aria-invalid": about?.invalid || null,
    dataset: { key: keyOf(block.block_id, item), actionId: item.action_id },
    onchange: () => take([...picker.files]),
  });
  const status = h("p.file-status", { role: "status" });
  const list = h("ul.file-list");
  const field = h("div.file-field", {}, picker, status, list);

  async function take(files) {
    picker.value = "";
    status.textContent = "";
    const wrong = files.find((file) => !fits(item, file.name));
    if (wrong) {
      status.textContent = `“${wrong.name}” is not one of: ${item.filetypes.join(", ")}.`;
      return;
    }
    if (given().length + files.length > most) {
      status.textContent = most === 1 ? "Only one file can be added. Remove the other first." : `At most ${most} files can be added.`;
      return;
    }
    for (const file of files) {
      status.textContent = `Uploading ${file.name}…`;
      try {
        const { file: described } = await give(file);
        keep([...given(), described]);
      } catch (error) {
        toastError(error);
      }
    }
    status.textContent = "";
  }

  function draw() {
    picker.hidden = given().length >= most;
    list.replaceChildren(
      ...given().map((file) =>
        h("li", {}, h("span", {}, file.name),
          h("button.file-remove", { type: "button", "aria-label": `Remove ${file.name}`, onclick: () => keep(given().filter((one) => one.id !== file.id)) }, "Remove")),
      ),
    );
  }
  draw();
  return field;
}

function fits(item, name) {
  const kind = name.includes(".") ? name.split(".").pop().toLowerCase() : "";
  return !item.filetypes?.length || item.filetypes.includes(kind);
}
