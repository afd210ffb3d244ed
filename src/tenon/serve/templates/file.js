const SHOWN = 10, LETTERS = 200;  // rows of a file that are shown, and letters of a cell
const part = document.getElementById("file"), told = part.querySelector(".told"), table = part.querySelector("table");
const link = part.querySelector("a"), done = part.querySelector(".done");

function rowsOf(csv) {
  const cell = /(?:"([^"]*(?:""[^"]*)*)"|([^,\n]*))(,|\n|$)/y, rows = [[]];
  while (cell.lastIndex < csv.length) {
    const [, quoted, plain, end] = cell.exec(csv);
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\n") rows.push([]);
  }
  return rows.slice(0, -1);  // the last line has an end, too
}

function brief(cell) {
  if (/^-?\d+\.\d{5,}(e-?\d+)?$/.test(cell)) return String(Number(Number(cell).toPrecision(4)));
  return cell.length > LETTERS ? cell.slice(0, LETTERS) + "…" : cell;
}

function line(cells, tag, first) {
  const row = document.createElement("tr");
  for (const text of [...cells.slice(first), ...cells.slice(0, first)]) row.appendChild(document.createElement(tag)).textContent = brief(text);
  return row;
}

function show(csv) {
  const [names, ...rows] = rowsOf(csv), first = names.indexOf("prediction");  // what was predicted stands in front
  told.textContent = words.n_rows.replace("{name}", rows.length.toLocaleString("en"));
  table.tHead.replaceChildren(line(names, "th", first));
  table.tBodies[0].replaceChildren(...rows.slice(0, SHOWN).map((cells) => line(cells, "td", first)));
}

async function takeRows(file) {
  const input = part.querySelector("input");
  if (input.disabled) return;  // the file before is not answered yet
  input.disabled = true;
  done.hidden = true;
  told.className = "told";
  told.textContent = words.rows_wait.replace("{name}", file.name);
  try {
    const answer = await sent("predict/" + encodeURIComponent(file.name), { method: "PUT", body: file, headers: { Accept: "text/csv" } });
    const written = await answer.blob();
    show(await written.text());
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(written);
    link.download = file.name.replace(/\.[^.]*$/, "") + "-predictions.csv";
    link.textContent = link.download;
    done.hidden = false;
  } catch (error) {
    told.textContent = reason(error);
    told.className = "told wrong";
  }
  input.disabled = false;
  input.value = "";  // so that the same file may be chosen again
}

receive(part.querySelector(".drop"), takeRows);
