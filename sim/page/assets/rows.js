// The data of the page: the rows of all tables at a step, and steps forward and back.
//
// A step holds the rows that went, came and changed, as sim/page/cells.h writes them. A changed row holds what was and
// what is, so that a step can be taken back exactly.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);
const steps = data.steps;
const tables = new Map();  // by name: { at: { column: index }, rows: Map of row number to cells }
const numbers = [];        // counters, then gauges
let now = 0;               // index into steps

for (const [name, ...columns] of data.tables) {
  tables.set(name, { at: Object.fromEntries(columns.map((column, index) => [column, index])), columns, rows: new Map() });
}
const tableList = [...tables.values()];
const numberNames = [...data.counters, ...data.gauges];
steps.forEach((step, index) => { if (index === 0) step.n = 0; });

// A value that counts on from row to row stands in an array.
function cell(value, k) {
  if (!Array.isArray(value)) return value;
  return value.length === 1 ? value[0] + k : value[0] + (value[1] + k);
}

function put(rows, run) {
  const [first, count, ...values] = run;
  for (let k = 0; k < count; ++k) rows.set(first + k, values.map((value) => cell(value, k)));
}

function drop(rows, run) {
  for (let k = 0; k < run[1]; ++k) rows.delete(run[0] + k);
}

// Calls visit(column, was, is, added) for each column of a run of changed rows; `added` is a number, or undefined.
function forEachChange(run, visit) {
  for (let i = 2; i < run.length; i += 3) {
    const added = run[i + 1] !== null && typeof run[i + 1] === 'object' ? run[i + 1]['+'] : undefined;
    visit(run[i], run[i + 1], run[i + 2], added);
  }
}

function change(rows, run, forward) {
  for (let k = 0; k < run[1]; ++k) {
    const row = rows.get(run[0] + k).slice();
    forEachChange(run, (column, was, is, added) => {
      if (added !== undefined) row[column] += forward ? added : -added;
      else row[column] = cell(forward ? is : was, k);
    });
    rows.set(run[0] + k, row);
  }
}

function apply(step, forward) {
  for (let i = 0; i < step.r.length; i += 2) {
    const rows = tableList[step.r[i]].rows;
    const [gone, came, changed] = step.r[i + 1];
    for (const run of forward ? gone : came) drop(rows, run);
    for (const run of forward ? came : gone) put(rows, run);
    for (const run of changed) change(rows, run, forward);
  }
  for (let i = 0; i < step.c.length; i += 2) {
    numbers[step.c[i]] += forward ? step.c[i + 1] : -step.c[i + 1];
  }
}

// Stands before the first step: nothing is there.
function rewind() {
  for (const table of tableList) table.rows.clear();
  numbers.length = 0;
  for (const name of numberNames) numbers.push(0);
  apply(steps[0], true);
  now = 0;
}

// Moves the rows to a step, by its index, on the shortest way.
function moveTo(index) {
  if (index < now - index) rewind();
  while (now < index) apply(steps[++now], true);
  while (now > index) apply(steps[now--], false);
}

// Rows of a table as objects, in the order of its keys, which `keys` names.
function sorted(name, keys) {
  const { at, rows } = tables.get(name);
  const columns = keys.map((key) => at[key]);
  return [...rows].sort(([, a], [, b]) => {
    for (const column of columns) {
      if (a[column] !== b[column]) return a[column] - b[column];
    }
    return 0;
  }).map(([number, cells]) => ({ number, cells }));
}

// How this step has changed a table: a Map of row number to { came } or { was: Map of column to its value before }.
function marks(name) {
  const found = new Map();
  const index = tableList.indexOf(tables.get(name));
  const step = steps[now];
  for (let i = 0; i < step.r.length && now > 0; i += 2) {
    if (step.r[i] !== index) continue;
    const [, came, changed] = step.r[i + 1];
    for (const run of came) {
      for (let k = 0; k < run[1]; ++k) found.set(run[0] + k, { came: true });
    }
    for (const run of changed) {
      for (let k = 0; k < run[1]; ++k) {
        const was = new Map();
        const cells = tableList[index].rows.get(run[0] + k);
        forEachChange(run, (column, before, is, added) => {
          was.set(column, added !== undefined ? cells[column] - added : cell(before, k));
        });
        found.set(run[0] + k, { was });
      }
    }
  }
  return found;
}

// What a row has in a column.
const get = (name, row, column) => row.cells[tables.get(name).at[column]];

// `file:5` as [`file:`, 5]; others as [text, null].
const splitDisks = new Map();
function splitDisk(text) {
  let parts = splitDisks.get(text);
  if (parts === undefined) {
    const match = /^(.*:)(\d+)$/.exec(text ?? '');
    parts = match ? [match[1], Number(match[2])] : [text, null];
    splitDisks.set(text, parts);
  }
  return parts;
}

// Where counters moved: a list of [step index, value] for each number that the run changes after its start.
function series() {
  const found = new Map();
  steps.forEach((step, index) => {
    for (let i = 0; i < step.c.length; i += 2) {
      const points = found.get(step.c[i]) ?? [[0, 0]];
      const value = points[points.length - 1][1] + step.c[i + 1];
      if (index === 0) points[0][1] = value;
      else points.push([index, value]);
      found.set(step.c[i], points);
    }
  });
  return [...found].filter(([, points]) => points.length > 1).sort(([a], [b]) => a - b);
}

// Steps in which something of a kind happened, ascending.
function stepsOf(kind) {
  const counters = {
    fault: ['trap.fetch_fault', 'trap.load_fault', 'trap.store_fault', 'vfault.total', 'pfault.total'],
    copy: ['pfault.copied', 'fork.pages_copied'],
    steal: ['stealer.stolen'],
  }[kind];
  const wanted = new Set((counters ?? []).map((name) => numberNames.indexOf(name)));
  const found = [];
  steps.forEach((step, index) => {
    if (index === 0) return;
    const moved = () => { for (let i = 0; i < step.c.length; i += 2) if (wanted.has(step.c[i])) return true; return false; };
    if (kind === 'expectation' ? step.x : moved()) found.push(index);
  });
  return found;
}
